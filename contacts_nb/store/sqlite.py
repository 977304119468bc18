"""What SQLite does its own way: connections, locking, copies, ids, bulk loads, the trigram index.

pysqlite's own transaction handling is switched off: with it, two writers that read before they write lose
each other's updates. Writers here begin with BEGIN IMMEDIATE and so wait in line; readers begin a deferred
transaction, which under WAL is a stable snapshot that waits for nobody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import URL, Connection, Engine, Select, create_engine, event, func, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles

from contacts_nb.model.errors import NotAWorkspace, WorkspaceError, WorkspaceUnavailable
from contacts_nb.store.arrow import ReadTable, rows_as_table
from contacts_nb.store.constructs import CodePoint, DocumentsWith, Explained, GivenIds, Position
from contacts_nb.store.patience import patience

BUSY_TIMEOUT_MS = 30_000
_CACHE_KIB = 32 * 1024
# The unique index of contact channels grows in random order and can't be made after a load; it has to fit.
_LOADING_CACHE_KIB = 128 * 1024
# Of postings that the trigram index gathers before it writes a segment; the second is FTS5's own default.
_SEARCH_BUFFER, _SEARCH_BUFFER_OTHERWISE = 32 * 1024 * 1024, 1024 * 1024
_STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's own machine; some hundredths of a second


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
            f"PRAGMA busy_timeout = {patience(BUSY_TIMEOUT_MS)}",
            "PRAGMA foreign_keys = ON",
            f"PRAGMA cache_size = -{_CACHE_KIB}",
            "PRAGMA temp_store = MEMORY",
            *more,
        ):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        wait = patience(BUSY_TIMEOUT_MS)
        if connection.info.get("busy_timeout") != wait:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
            connection.info["busy_timeout"] = wait
        connection.exec_driver_sql(begin)


@contextmanager
def reshaping(writer: Engine) -> Iterator[Connection]:
    """A transaction of `writer` in which a table may be replaced while others refer to it.

    Foreign keys aren't enforced inside, which has to be said before it begins, but hold at the end.
    """
    with writer.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise WorkspaceUnavailable(
                        f"The table {broken[0]} refers to rows of {broken[2]} that don't exist, so this workspace "
                        "can't be upgraded. Put a backup copy in its place."
                    )
        finally:
            raw.execute("PRAGMA foreign_keys = ON")


def backed_up(source: Path, target: Path) -> None:
    """Copy the database at `source`, with what its log still holds, to a new file `target`."""
    with sqlite3.connect(source) as origin, sqlite3.connect(target) as copy:
        origin.backup(copy)
    origin.close()
    copy.close()


def snapshot(source: Path, target: Path, told: Callable[[int, int], None]) -> None:
    """Write the database at `source`, as it is now, to the empty file `target`; who reads or writes it goes on.

    Rows are written anew, so what was deleted isn't in the copy even as the rest of a free page, and it needs no
    files beside it to be read. It takes twice the time of a copy of pages, which is a tenth of that of a check.
    `told` is called with the bytes that are there and, about, their total. Raises the driver's errors.
    """
    stopped: BaseException | None = None
    connection = sqlite3.connect(_url(source), uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)

    def still_wanted() -> int:
        # SQLite drops what is raised here.
        nonlocal stopped
        try:
            told(target.stat().st_size, total)
        except BaseException as error:  # noqa: BLE001 - Ctrl-C above all
            stopped = error
        return stopped is not None

    try:
        (total,) = connection.execute(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        ).fetchone()
        connection.set_progress_handler(still_wanted, _STEPS_BETWEEN_LOOKS)
        connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            # Only Ctrl-C can come before the function above has begun to look.
            raise stopped or KeyboardInterrupt from None
        raise
    finally:
        connection.close()


def settled(path: Path, *, for_use: bool) -> None:
    """Have all of the database at `path`, which nobody has open, in its one file, which can then be moved.

    Unless it is `for_use`, it can also be read where nothing can be written; otherwise it is ready for readers and
    writers at the same time, which the first writer could bring about only while nobody reads.
    """
    connection = sqlite3.connect(_url(path), uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
        if for_use:
            connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _url(path: Path) -> str:
    return f"file:{quote(path.as_posix())}?mode=rw"


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
    connection.exec_driver_sql(_REBUILD)


def stop_search_index(connection: Connection) -> None:
    """Stop keeping the trigram index in step, within this transaction, before a load."""
    for name in ("insert", "delete", "update"):
        connection.exec_driver_sql(f"DROP TRIGGER search_documents_{name}")


def restart_search_index(connection: Connection) -> None:
    """Read the trigram index anew from all documents, and keep it in step from here on.

    Where most rows are new, this is faster than the triggers.
    """
    set_buffer = "INSERT INTO search_index(search_index, rank) VALUES ('hashsize', ?)"
    connection.exec_driver_sql(set_buffer, (_SEARCH_BUFFER,))
    connection.exec_driver_sql(_REBUILD)
    connection.exec_driver_sql(set_buffer, (_SEARCH_BUFFER_OTHERWISE,))
    for statement in _SEARCH_TRIGGERS:
        connection.exec_driver_sql(statement)


def check_search_index(connection: Connection) -> bool:
    """Whether the trigram index has what the documents have, no more, and triggers keep it so.

    FTS5 compares the two itself, by a statement that looks like writing and so needs a connection that may.
    """
    needed = {"search_index", *(f"search_documents_{name}" for name in ("insert", "delete", "update"))}
    if not needed <= set(connection.execute(text("SELECT name FROM sqlite_master")).scalars()):
        return False
    try:
        connection.exec_driver_sql("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)")
    except DBAPIError as error:
        if "malformed" in str(error.orig):
            return False
        raise
    return True


def check_pages(connection: Connection) -> None:
    """Raise the driver's error if a page of the file is lost: of an index, queries may never come to it.

    It takes a twentieth of the time of all else that a check looks at.
    """
    statement = "PRAGMA quick_check(1)"
    (said,) = connection.exec_driver_sql(statement).scalars()
    # Other lines are of values, not of pages.
    if said.startswith("*** "):
        raise DBAPIError(statement, None, sqlite3.DatabaseError(f"database disk image is malformed: {said}"))


_REBUILD = "INSERT INTO search_index(search_index) VALUES ('rebuild')"
_UNINDEX = "INSERT INTO search_index(search_index, rowid, text) VALUES ('delete', old.contact_id, old.text);"
_INDEX = "INSERT INTO search_index(rowid, text) VALUES (new.contact_id, new.text);"
_SEARCH_TRIGGERS = (
    f"CREATE TRIGGER search_documents_insert AFTER INSERT ON search_documents BEGIN {_INDEX} END",
    f"CREATE TRIGGER search_documents_delete AFTER DELETE ON search_documents BEGIN {_UNINDEX} END",
    f"CREATE TRIGGER search_documents_update AFTER UPDATE ON search_documents BEGIN {_UNINDEX} {_INDEX} END",
)


def tables(connection: Connection) -> set[str]:
    """The names of all tables in the database; raises the driver's error if the file is no database."""
    return set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())


def next_id(connection: Connection, table: str) -> int:
    """The id that the next row of an autoincrement `table` would get; it stays so until this transaction ends."""
    statement = text("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = :table")
    following: int = connection.execute(statement, {"table": table}).scalar_one()
    return following


def new_ids(connection: Connection, table: str, count: int) -> list[int]:
    """`count` ascending ids that no row of an autoincrement `table` has or had; the caller inserts them all."""
    first = next_id(connection, table)
    return list(range(first, first + count))


def continue_ids(connection: Connection, table: str) -> None:
    """Nothing: autoincrement goes on from the greatest id there ever was."""


def set_next_id(connection: Connection, table: str, following: int) -> None:
    """Let the next row of an autoincrement `table` get the id `following`, which no row has or is beyond."""
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
    connection.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)"),
        {"table": table, "last": following - 1},
    )


def inserted(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert `rows` as plain tuples, one by one as they come; gives how many there were."""
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - ours
    raw: Any = connection.connection.driver_connection
    try:
        # Each row is bound as it comes; SQLAlchemy would want a list of them all first.
        count: int = raw.executemany(statement, rows).rowcount
    except sqlite3.Error as error:
        raise DBAPIError(statement, None, error) from error
    return count


@contextmanager
def loading(connection: Connection) -> Iterator[None]:
    """Have a page cache that indexes fit in."""
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_LOADING_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")


@contextmanager
def arrow(connection: Connection) -> Iterator[ReadTable]:
    """What reads statements on `connection` itself as Arrow tables.

    Not through ADBC: its driver brings a SQLite of its own, and a file must never be opened by two of them in one
    process. Closing it there lets go of the locks that are held here, another program then takes this one for
    gone and removes the log, and what is written here afterwards is lost.
    """
    yield lambda statement: rows_as_table(connection, statement, _as_bytes(connection))


@contextmanager
def _as_bytes(connection: Connection) -> Iterator[None]:
    """Have texts come undecoded: Arrow takes them as they are."""
    raw: Any = connection.connection.driver_connection
    raw.text_factory = bytes
    try:
        yield
    finally:
        raw.text_factory = str


def integers(connection: Connection, statement: Select[Any]) -> list[NDArray[np.int64]]:
    """The columns of `statement`, all of them whole numbers; as texts, in a third of the time of so many rows."""
    return [np.fromstring(text, np.int64, sep=",") for text in joined(connection, statement)]


def joined(connection: Connection, statement: Select[Any]) -> list[str]:
    """Each column of `statement` as one text, with commas between its values."""
    columns = [func.coalesce(func.group_concat(column), "") for column in statement.subquery().c]
    return list(connection.execute(select(*columns)).one())


@compiles(DocumentsWith, "sqlite")
def _documents_with(element: DocumentsWith, compiler: Any, **options: Any) -> str:
    match, *_ = element.clauses
    bound = compiler.process(match, **options)
    return f"(SELECT rowid AS contact_id FROM search_index WHERE search_index MATCH {bound})"  # noqa: S608 - bound


@compiles(GivenIds, "sqlite")
def _given_ids(element: GivenIds, compiler: Any, **options: Any) -> str:
    bound = compiler.process(element.clauses, **options)
    return f"(SELECT value AS id FROM json_each('[' || {bound} || ']'))"  # noqa: S608 - bound


@compiles(CodePoint, "sqlite")
def _code_point(element: CodePoint, compiler: Any, **options: Any) -> str:
    return f"unicode({compiler.process(element.clauses, **options)})"


@compiles(Explained, "sqlite")
def _explained(element: Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN QUERY PLAN {compiler.process(element.statement, **options)}"


@compiles(Position, "sqlite")
def _position(element: Position, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


# What SQLite says, and what a person should read instead.
_DAMAGED = "{address} is damaged. Put a backup copy in its place."
_READABLE = {
    "file is not a database": (
        NotAWorkspace,
        "{address} is not a contacts workspace. Choose another file, or make a workspace with: contacts-nb init",
    ),
    "database is locked": (
        WorkspaceUnavailable,
        "{address} is locked by another program, or a large change to it is going on. Nothing was changed; "
        "try again in a moment.",
    ),
    "readonly database": (
        WorkspaceUnavailable,
        "{address} can't be written. Check the rights of the file, of those beside it that end with -wal and "
        "-shm, and of its folder.",
    ),
    "unable to open database": (
        WorkspaceUnavailable,
        "{address} can't be opened. Check that the file exists and that you may read and write it and its folder.",
    ),
    "database or disk is full": (
        WorkspaceUnavailable,
        "The disk of {address} is full. Nothing was changed; free some space, then try again.",
    ),
    "disk i/o error": (
        WorkspaceUnavailable,
        "The disk of {address} gave an error. Nothing was changed; check the disk and the space left on it, then "
        "try again.",
    ),
    "malformed": (WorkspaceUnavailable, _DAMAGED),
    "vtable constructor failed": (WorkspaceUnavailable, _DAMAGED),  # a page of the search index
}  # fmt: skip


def translated(error: DBAPIError, address: str) -> WorkspaceError | None:
    """What a person can do about `error`, or None if it is ours to mend."""
    said = str(error.orig).lower()
    for part, (kind, sentence) in _READABLE.items():
        if part in said:
            return kind(sentence.format(address=address))
    return None
