"""A selection as plain entries, streamed: for files, where everything is text and memory must not grow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from contacts_nb.queries.rows import tags_by_contact
from contacts_nb.queries.selection import ResolvedSelection
from contacts_nb.store.schema import contacts

_AT_ONCE = 5_000


class Entry(NamedTuple):
    """What a file says of a contact; `created_at` is UTC."""

    id: int
    first_name: str | None
    last_name: str | None
    phone: str | None
    phone_e164: str | None
    email: str | None
    country: str | None
    language: str | None
    created_at: datetime
    tags: tuple[str, ...]


def entries_of(connection: Connection, selection: ResolvedSelection) -> Iterator[Entry]:
    """The entries of all selected contacts, in order; only ids are held for all of them."""
    ids = connection.execute(selection.ids()).scalars().all()
    columns = [contacts.c[name] for name in Entry._fields if name != "tags"]
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        tags = tags_by_contact(connection, some)
        rows = {row.id: row for row in connection.execute(select(*columns).where(contacts.c.id.in_(some)))}
        for contact_id in some:
            yield Entry._make([*rows[contact_id], tuple(tags[contact_id])])
