"""What SQLite does its own way: connections, locking, copies, the trigram index.

pysqlite's own transaction handling is switched off: with it, two writers that read before they write lose
each other's updates. Writers here begin with BEGIN IMMEDIATE and so wait in line; readers begin a deferred
transaction, which under WAL is a stable snapshot that waits for nobody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from contacts_nb.model.search_text import trigram_pattern

BUSY_TIMEOUT_MS = 30_000
_CACHE_KIB = 32 * 1024


def engines(path: Path) -> tuple[Engine, Engine]:
    """A reader that can't write and a writer, both on the file at `path`, which must exist."""
    url = URL.create("sqlite", database=f"file:{quote(path.as_posix())}", query={"mode": "rw", "uri": "true"})
    reader = create_engine(url, connect_args={"isolation_level": None})
    writer = create_engine(url, connect_args={"isolation_level": None})
    for engine, begin, more in (
        (reader, "BEGIN", ("PRAGMA query_only = ON",)),
        (writer, "BEGIN IMMEDIATE", ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")),
    ):
        _set_up(engine, begin, more)
    return reader, writer


def _set_up(engine: Engine, begin: str, more: Sequence[str]) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
            "PRAGMA foreign_keys = ON",
            f"PRAGMA cache_size = -{_CACHE_KIB}",
            "PRAGMA temp_store = MEMORY",
            *more,
        ):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def backed_up(source: Path, target: Path) -> None:
    """Copy the database at `source`, with what its log still holds, to a new file `target`."""
    with sqlite3.connect(source) as origin, sqlite3.connect(target) as copy:
        origin.backup(copy)
    origin.close()
    copy.close()


def create_search_index(connection: Connection) -> None:
    """Create the trigram index of `search_documents`, kept in step by triggers, and fill it.

    The index holds no text of its own. The documents are folded before they are stored, so it needs no
    case folding either.
    """
    for statement in (
        "CREATE VIRTUAL TABLE search_index USING fts5(text, content='search_documents',"
        " content_rowid='contact_id', tokenize='trigram case_sensitive 1')",
        *_SEARCH_TRIGGERS,
    ):
        connection.exec_driver_sql(statement)
    rebuild_search_index(connection)


def rebuild_search_index(connection: Connection) -> None:
    """Read the trigram index anew from all documents: faster than the triggers where most rows are new."""
    connection.exec_driver_sql("INSERT INTO search_index(search_index) VALUES ('rebuild')")


def drop_search_triggers(connection: Connection) -> None:
    """Stop keeping the trigram index in step, within this transaction, before a load that rebuilds it."""
    for name in ("insert", "delete", "update"):
        connection.exec_driver_sql(f"DROP TRIGGER search_documents_{name}")


def create_search_triggers(connection: Connection) -> None:
    """Keep the trigram index in step with its documents from here on."""
    for statement in _SEARCH_TRIGGERS:
        connection.exec_driver_sql(statement)


_UNINDEX = "INSERT INTO search_index(search_index, rowid, text) VALUES ('delete', old.contact_id, old.text);"
_INDEX = "INSERT INTO search_index(rowid, text) VALUES (new.contact_id, new.text);"
_SEARCH_TRIGGERS = (
    f"CREATE TRIGGER search_documents_insert AFTER INSERT ON search_documents BEGIN {_INDEX} END",
    f"CREATE TRIGGER search_documents_delete AFTER DELETE ON search_documents BEGIN {_UNINDEX} END",
    f"CREATE TRIGGER search_documents_update AFTER UPDATE ON search_documents BEGIN {_UNINDEX} {_INDEX} END",
)


def search_match(spellings: Sequence[str]) -> str:
    """The full-text expression that finds documents with one of `spellings`; it is bound, not pasted."""
    phrases = (trigram_pattern(spelling).replace('"', '""') for spelling in spellings)
    return " OR ".join(f'"{phrase}"' for phrase in phrases)


def tables(connection: Connection) -> set[str]:
    """The names of all tables in the database; raises the driver's error if the file is no database."""
    return set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())


def next_id(connection: Connection, table: str) -> int:
    """The id that the next row of an autoincrement `table` would get; it stays so until this transaction ends."""
    statement = text("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = :table")
    following: int = connection.execute(statement, {"table": table}).scalar_one()
    return following


def driver_connection(connection: Connection) -> sqlite3.Connection:
    """The `sqlite3` connection underneath, in the same transaction, for bulk inserts of plain tuples."""
    raw: Any = connection.connection.driver_connection
    return raw  # type: ignore[no-any-return]
