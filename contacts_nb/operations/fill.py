"""Filling an empty workspace with a whole prepared population, as fast as the database takes it, or not at all.

Rows come ready, derived columns and search documents included, and are inserted as plain tuples in the order
of their keys. Indexes that can be made at once from the finished tables are dropped before and made after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import Connection, Table

from contacts_nb.model.errors import WorkspaceError
from contacts_nb.store import schema
from contacts_nb.store.backend import Backend, backend_of
from contacts_nb.store.database import Database

Row = tuple[Any, ...]
Phase = Literal["rows", "indexes", "search"]


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a population: rows of each table as tuples in the order of `COLUMNS`, gone through once.

    Each table's rows ascend by primary key, within a batch and from batch to batch. Times are milliseconds
    since 1970 in UTC. `profile_name`, `sort_name`, `last_…` and the documents are the caller's to derive.
    """

    contacts: Iterable[Row]
    contact_channels: Iterable[Row]
    messages: Iterable[Row]
    contact_tags: Iterable[Row]
    search_documents: Iterable[Row]


COLUMNS: dict[str, tuple[str, ...]] = {
    "channels": ("id", "name", "name_key", "source", "created_at"),
    "tags": ("id", "name", "name_key"),
    "contacts": (
        "id", "first_name", "last_name", "phone", "phone_e164", "email", "email_key", "country", "language",
        "created_at", "profile_name", "sort_name", "last_interaction", "last_incoming", "last_channel_id",
    ),
    "contact_channels": (
        "id", "contact_id", "channel_id", "identifier", "profile_name", "last_message_at", "last_incoming_at",
    ),
    "messages": ("contact_channel_id", "sent_at", "number", "incoming", "text"),
    "contact_tags": ("contact_id", "tag_id"),
    "search_documents": ("contact_id", "text"),
}  # fmt: skip
"""The values of a row, by table."""


def fill(
    database: Database,
    *,
    channels: Sequence[Row],
    tags: Sequence[Row],
    batches: Iterable[Batch],
    progress: Callable[[Phase, int], None] | None = None,
) -> None:
    """Insert all rows into the empty workspace `database` in one transaction; any exception leaves it empty.

    `progress` is called with the phase that goes on and the number of contacts inserted so far: "rows" after
    each batch, then "indexes" and "search" before these are made. Raises `WorkspaceError` if the workspace
    has, or ever had, contacts, channels or tags.
    """
    told = progress or (lambda _phase, _contacts: None)
    with database.write() as connection, backend_of(connection).loading(connection):
        backend = backend_of(connection)
        _check_empty(connection, backend, database.address)
        backend.stop_search_index(connection)
        for table in _filled_tables():
            for index in table.indexes:
                index.drop(connection)
        backend.inserted(connection, "channels", COLUMNS["channels"], channels)
        backend.inserted(connection, "tags", COLUMNS["tags"], tags)
        contacts = 0
        for batch in batches:
            contacts += backend.inserted(connection, "contacts", COLUMNS["contacts"], batch.contacts)
            for field in fields(Batch)[1:]:
                backend.inserted(connection, field.name, COLUMNS[field.name], getattr(batch, field.name))
            told("rows", contacts)
        for table in _numbered_tables():
            backend.continue_ids(connection, table.name)
        told("indexes", contacts)
        for table in _filled_tables():
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                index.create(connection)
        told("search", contacts)
        backend.restart_search_index(connection)


def _filled_tables() -> list[Table]:
    return [schema.metadata.tables[name] for name in COLUMNS]


def _numbered_tables() -> list[Table]:
    """Those that give their rows new ids."""
    return [table for table in _filled_tables() if table.dialect_options["sqlite"]["autoincrement"]]


def _check_empty(connection: Connection, backend: Backend, address: str) -> None:
    # Ids that were given once count too: rows come with their own, and no id may ever name two things.
    for table in _numbered_tables():
        if backend.next_id(connection, table.name) != 1:
            raise WorkspaceError(
                f"{address} has or had {table.name.replace('_', ' ')} already, and only a new workspace can be "
                "filled. Make one at another path."
            )
