"""Commenting on many contacts at once."""

from __future__ import annotations

from sqlalchemy import Select, literal, null, select

from contacts_nb.operations.recording import Recording
from contacts_nb.operations.rows import insert_rows
from contacts_nb.store.cells import COMMENT
from contacts_nb.store.schema import contacts
from contacts_nb.store.types import UtcMilliseconds


def comment(recording: Recording, ids: Select[int], text: str) -> None:
    """Put a comment on each of the contacts `ids`."""
    insert_rows(
        recording,
        COMMENT,
        ["contact_id", "user_id", "text", "created_at"],
        select(
            contacts.c.id,
            null() if recording.user_id is None else literal(recording.user_id),
            literal(text),
            literal(recording.now, UtcMilliseconds),
        ).where(contacts.c.id.in_(ids)),
    )
