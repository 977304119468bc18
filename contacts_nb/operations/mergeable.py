"""Whether two contacts can become one: both have to be there, apart, and without an identity in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select

from contacts_nb.model.channels import identity_likeness
from contacts_nb.model.contact import Source
from contacts_nb.model.errors import CannotMerge, ContactNotFound
from contacts_nb.operations.recording import parts
from contacts_nb.store.schema import channels, contact_channels, contacts, workspace

_AT_ONCE = 10_000


class _Identity(NamedTuple):
    channel: str
    likeness: str
    identifier: str


class Mergeable:
    """Tells which of the contacts with these `ids` can become one."""

    def __init__(self, connection: Connection, ids: Iterable[int]) -> None:
        self._survivors: dict[int, int | None] = {}
        self._identities: defaultdict[int, list[_Identity]] = defaultdict(list)
        region = connection.execute(select(workspace.c.phone_region)).scalar_one()
        for some in parts(sorted(set(ids)), _AT_ONCE):
            statement = select(contacts.c.id, contacts.c.survivor_id).where(contacts.c.id.in_(some))
            self._survivors |= {row.id: row.survivor_id for row in connection.execute(statement)}
            identity = contact_channels.c
            statement_of_identities = (
                select(identity.contact_id, identity.identifier, channels.c.name, channels.c.source)
                .join(channels, channels.c.id == identity.channel_id)
                .where(identity.contact_id.in_(some))
                .order_by(identity.id)
            )
            for contact_id, identifier, channel, source in connection.execute(statement_of_identities):
                likeness = identity_likeness(Source(source), identifier, region)
                self._identities[contact_id].append(_Identity(channel, likeness, identifier))

    def error(self, one: int, other: int) -> CannotMerge | ContactNotFound | None:
        """What is against merging these two."""
        return self._apart(one, other) or self._alike(one, other)

    def united(self, survivor: int, other: int) -> None:
        """From here on `other` is a part of `survivor`."""
        self._survivors[other] = survivor
        self._identities[survivor] += self._identities.pop(other, [])

    def _apart(self, one: int, other: int) -> CannotMerge | ContactNotFound | None:
        if one == other:
            return CannotMerge(f"Contact {one} can't be merged with itself. Choose two different contacts.")
        for contact_id in (one, other):
            if contact_id not in self._survivors:
                return ContactNotFound(contact_id)
        present = self._survivors[one] or one
        if present == (self._survivors[other] or other):
            return CannotMerge(
                f"Contacts {one} and {other} are one already: both are seen in contact {present}. There is "
                "nothing to merge."
            )
        for contact_id in (one, other):
            if self._survivors[contact_id] is not None:
                return CannotMerge(
                    f"Contact {contact_id} was merged into contact {self._survivors[contact_id]}. Merge that one "
                    f"instead, or unmerge contact {contact_id} first."
                )
        return None

    def _alike(self, one: int, other: int) -> CannotMerge | None:
        mine = {(channel, likeness): spelled for channel, likeness, spelled in self._identities.get(one, ())}
        for channel, likeness, spelled in self._identities.get(other, ()):
            same = mine.get((channel, likeness))
            if same is not None:
                return CannotMerge(
                    f"Contacts {one} and {other} have one identity on the channel “{channel}” in two spellings, "
                    f"“{same}” and “{spelled}”, and one contact can't have both. Nothing was merged; delete the "
                    "contact with the wrong one, or leave them apart."
                )
        return None


def check_mergeable(connection: Connection, one: int, other: int) -> None:
    """Raise `CannotMerge` or `ContactNotFound` unless two contacts can become one."""
    error = Mergeable(connection, [one, other]).error(one, other)
    if error is not None:
        raise error
