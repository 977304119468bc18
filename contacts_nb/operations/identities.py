"""Giving contacts identities on channels."""

from __future__ import annotations

from collections.abc import Sequence

from contacts_nb.model.draft import DraftIdentity
from contacts_nb.operations.recording import Change, Recording
from contacts_nb.store.backend import backend_of
from contacts_nb.store.cells import IDENTITY
from contacts_nb.store.schema import contact_channels


def insert_identities(recording: Recording, identities: Sequence[tuple[int, DraftIdentity]]) -> None:
    """Add each identity to the contact whose id stands before it; nobody may have it yet."""
    if not identities:
        return
    connection, backend = recording.connection, backend_of(recording.connection)
    ids = backend.new_ids(connection, contact_channels.name, len(identities))
    backend.inserted(
        connection,
        contact_channels.name,
        ("id", "contact_id", "channel_id", "identifier", "identifier_key"),
        (
            (identity_id, contact_id, identity.channel_id, identity.identifier, identity.key)
            for identity_id, (contact_id, identity) in zip(ids, identities, strict=True)
        ),
    )
    recording.add(
        Change(contact_id, IDENTITY.anchor, identity_id, None, "1")
        for identity_id, (contact_id, _) in zip(ids, identities, strict=True)
    )
