"""Filling an empty workspace with a whole prepared population, as fast as SQLite takes it, or not at all.

Rows come ready, derived columns and search documents included, and are inserted as plain tuples in the order
of their keys. Indexes that can be made at once from the finished tables are dropped before and made after.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from contacts_nb.model.errors import WorkspaceError
from contacts_nb.store import schema, sqlite
from contacts_nb.store.database import Database

Row = tuple[Any, ...]
Phase = Literal["rows", "indexes", "search"]

# The unique index of contact channels grows in random order and can't be made afterwards; it has to fit.
_CACHE_KIB = 128 * 1024
# Of postings that the trigram index gathers before it writes a segment; the second is FTS5's own default.
_SEARCH_BUFFER, _SEARCH_BUFFER_OTHERWISE = 32 * 1024 * 1024, 1024 * 1024


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
    with database.write() as connection, _large_cache(connection):
        _check_empty(connection, database.path)
        sqlite.drop_search_triggers(connection)
        for table in _filled_tables():
            for index in table.indexes:
                index.drop(connection)
        _insert(connection, "channels", channels)
        _insert(connection, "tags", tags)
        contacts = 0
        for batch in batches:
            contacts += _insert(connection, "contacts", batch.contacts)
            for field in fields(Batch)[1:]:
                _insert(connection, field.name, getattr(batch, field.name))
            told("rows", contacts)
        told("indexes", contacts)
        for table in _filled_tables():
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                index.create(connection)
        told("search", contacts)
        _index_documents(connection)
        sqlite.create_search_triggers(connection)


def _filled_tables() -> list[Table]:
    return [schema.metadata.tables[name] for name in COLUMNS]


def _check_empty(connection: Connection, path: Path) -> None:
    # Ids that were given once count too: rows come with their own, and no id may ever name two things.
    for table in _filled_tables():
        if table.dialect_options["sqlite"]["autoincrement"] and sqlite.next_id(connection, table.name) != 1:
            raise WorkspaceError(
                f"{path} has or had {table.name.replace('_', ' ')} already, and only a new workspace can be "
                "filled. Make one at another path."
            )


def _insert(connection: Connection, table: str, rows: Iterable[Row]) -> int:
    """How many rows were inserted."""
    columns = COLUMNS[table]
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - ours
    try:
        # Each row is bound as it comes; SQLAlchemy would want a list of them all first.
        return sqlite.driver_connection(connection).executemany(statement, rows).rowcount
    except sqlite3.Error as error:
        raise DBAPIError(statement, None, error) from error


def _index_documents(connection: Connection) -> None:
    set_buffer = "INSERT INTO search_index(search_index, rank) VALUES ('hashsize', ?)"
    connection.exec_driver_sql(set_buffer, (_SEARCH_BUFFER,))
    sqlite.rebuild_search_index(connection)
    connection.exec_driver_sql(set_buffer, (_SEARCH_BUFFER_OTHERWISE,))


@contextmanager
def _large_cache(connection: Connection) -> Iterator[None]:
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")
