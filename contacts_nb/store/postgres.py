"""What PostgreSQL does its own way: connections, locking, ids, bulk loads, the trigram index.

Readers have one snapshot of their own (REPEATABLE READ, READ ONLY) and wait for nobody. Writers wait in line
for one lock of the database, as they do on SQLite, so that what a writer has read stays true until it commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    Engine,
    LargeBinary,
    Select,
    Table,
    Text,
    cast,
    create_engine,
    event,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles

from contacts_nb.model.errors import WorkspaceError, WorkspaceUnavailable
from contacts_nb.store import arrow_postgres
from contacts_nb.store.arrow import ReadTable
from contacts_nb.store.constructs import CodePoint, DocumentsWith, Explained, GivenIds, Position
from contacts_nb.store.patience import patience

LOCK_TIMEOUT_MS = 30_000
CONNECT_TIMEOUT_S = 10
# Of one database's writers; any number will do that no other program locks.
_WRITERS_LOCK = 0x636F6E7461637473
# A search of many words is as many joins: to try their orders would take seconds, to compile them too.
_SETTINGS = ("join_collapse_limit = 1", "jit = off")
_INDEX_MEMORY = "256MB"
_CREATE_INDEX = (
    "CREATE INDEX ix_search_documents_text_trigrams ON search_documents USING gin (text gin_trgm_ops)"
    # Pending entries would be looked through one by one by every search until the next vacuum.
    " WITH (fastupdate = off)"
)


def engines(url: URL) -> tuple[Engine, Engine]:
    """A reader that can't write and a writer, which share their connections to the database at `url`."""
    query = {"connect_timeout": str(CONNECT_TIMEOUT_S), "application_name": "contacts_nb", **url.query}
    try:
        engine = create_engine(url.set(query=query), pool_pre_ping=True)
    except ImportError as error:
        raise WorkspaceUnavailable(
            "PostgreSQL needs a driver that isn't installed. Install it with: pip install 'contacts_nb[postgres]'"
        ) from error
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    writer = engine.execution_options(isolation_level="READ COMMITTED")

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        for setting in _SETTINGS:
            connection.execute(f"SET {setting}")
        connection.commit()

    @event.listens_for(writer, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(
            f"SELECT set_config('lock_timeout', '{patience(LOCK_TIMEOUT_MS)}', true),"
            f" pg_advisory_xact_lock({_WRITERS_LOCK})"
        )

    return reader, writer


@contextmanager
def reshaping(writer: Engine) -> Iterator[Connection]:
    """A transaction of `writer`; tables are altered in place, so nothing that refers to them is in the way."""
    with writer.begin() as connection:
        yield connection


# By SQLSTATE, what a person should read.
_READABLE = {
    "25006": "{address} can't be written here: the server, or this connection, is read-only.",
    "42501": "{address} can't be used: the server gives this user too few rights ({said}). Ask its administrator.",
    "53100": "The disk of {address} is full. Nothing was changed; free some space, then try again.",
    "53300": "{address} has too many connections. Close some programs that use it, then try again.",
    "55P03": (
        "{address} is locked by another program, or a large change to it is going on. Nothing was changed; "
        "try again in a moment."
    ),
    "57P03": "The server of {address} is starting, stopping or recovering. Try again in a moment.",
}
# The driver gives no state where no connection came about: only what the server says, if it says it in English.
_STATES_BY_WORDS = {
    "too many clients": "53300",
    "too many connections": "53300",
    "connection slots": "53300",
    "starting up": "57P03",
    "shutting down": "57P03",
    "not yet accepting connections": "57P03",
    "in recovery mode": "57P03",
}


def translated(error: DBAPIError, address: str) -> WorkspaceError | None:
    """What a person can do about `error`, or None if it is ours to mend."""
    state = getattr(error.orig, "sqlstate", None)
    said = str(error.orig).strip().splitlines()
    if state is None and type(error.orig).__name__ in _NO_CONNECTION:
        state = next((known for words, known in _STATES_BY_WORDS.items() if words in str(error.orig)), None)
    if state in _READABLE:
        return WorkspaceUnavailable(_READABLE[state].format(address=address, said=said[0] if said else ""))
    if error.connection_invalidated or (state or "").startswith(("08", "57P")):
        return WorkspaceUnavailable(
            f"The connection to {address} was lost. Nothing that was unfinished was saved; try again."
        )
    # The driver gives no state where no connection came about; what it says then never has the password.
    if state is None and error.orig is not None and type(error.orig).__name__ in _NO_CONNECTION:
        # What is indented goes on about the line before it; of several attempts the last says most.
        reasons = [line for line in said if not line[:1].isspace()]
        return WorkspaceUnavailable(
            f"{address} can't be opened. Check its name, user and password, and that the server runs. "
            f"It was said: {reasons[-1] if reasons else 'nothing'}"
        )
    return None


_NO_CONNECTION = ("OperationalError", "ConnectionTimeout")


def tables(connection: Connection) -> set[str]:
    """The names of all tables that this connection sees without naming their schema."""
    statement = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid)")
    return set(connection.execute(statement).scalars())


def create_search_index(connection: Connection) -> None:
    """Create the trigram index of `search_documents`; the database keeps it in step itself."""
    try:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DBAPIError as error:
        raise WorkspaceUnavailable(
            "Search needs the extension pg_trgm, which this database doesn't have and you may not add. "
            "Ask its administrator for: CREATE EXTENSION pg_trgm"
        ) from error
    connection.exec_driver_sql(_CREATE_INDEX)


def stop_search_index(connection: Connection) -> None:
    """Stop keeping the trigram index in step, within this transaction, before a load."""
    connection.exec_driver_sql("DROP INDEX ix_search_documents_text_trigrams")


def restart_search_index(connection: Connection) -> None:
    """Make the trigram index anew from all documents, and keep it in step from here on."""
    connection.exec_driver_sql(_CREATE_INDEX)


def check_search_index(connection: Connection) -> bool:
    """Whether the trigram index is there and valid; the database itself keeps it in step and whole."""
    statement = text(
        "SELECT indisvalid AND indisready AND indislive FROM pg_index"
        " WHERE indexrelid = to_regclass('ix_search_documents_text_trigrams')"
    )
    return connection.execute(statement).scalar() is True


def check_pages(connection: Connection) -> None:
    """Nothing: whoever looks after the server sees to its files."""


def next_id(connection: Connection, table: str) -> int:
    """The id that the next row of `table` gets, if no other writer takes it first."""
    sequence = _sequence(connection, table)
    following: int = connection.exec_driver_sql(
        f"SELECT last_value + is_called::integer FROM {sequence}"  # noqa: S608 - named by the database
    ).scalar_one()
    return following


def new_ids(connection: Connection, table: str, count: int) -> list[int]:
    """`count` ascending ids that no row of `table` has or had, taken for good."""
    statement = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
    return sorted(connection.execute(statement, {"table": table, "count": count}).scalars())


def continue_ids(connection: Connection, table: str) -> None:
    """Let new ids of `table` follow on those of rows that came with their own."""
    last = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()  # noqa: S608
    # Unlike setval(), this is undone when the transaction is.
    connection.exec_driver_sql(f"ALTER SEQUENCE {_sequence(connection, table)} RESTART WITH {last + 1}")


def set_next_id(connection: Connection, table: str, following: int) -> None:
    """Let the next row of `table` get the id `following`, which no row has or is beyond."""
    connection.exec_driver_sql(f"ALTER SEQUENCE {_sequence(connection, table)} RESTART WITH {following:d}")


def inserted(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert `rows` as plain tuples, one by one as they come; gives how many there were."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    raw: Any = connection.connection.driver_connection
    count = 0
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
    except connection.dialect.loaded_dbapi.Error as error:
        # SQLAlchemy, which this goes past, would have seen whether the connection was lost.
        raise DBAPIError(statement, None, error, connection_invalidated=raw.closed) from error
    return count


@contextmanager
def loading(connection: Connection) -> Iterator[None]:
    """Give indexes more memory to be made in; afterwards the planner knows what came in."""
    connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{_INDEX_MEMORY}'")
    yield
    connection.exec_driver_sql("ANALYZE")


@contextmanager
def arrow(connection: Connection) -> Iterator[ReadTable]:
    """What reads statements as Arrow tables, on a connection of its own that sees what `connection` sees."""
    with arrow_postgres.reader(connection, _SETTINGS) as read:
        yield read


def check_new(connection: Connection, address: str) -> None:
    """Raise `WorkspaceUnavailable` unless the database can hold every name."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise WorkspaceUnavailable(
            f"{address} has the encoding {encoding}, which can't hold every name. Make a database with "
            "ENCODING 'UTF8' TEMPLATE template0."
        )


def removed(connection: Connection, ours: Sequence[Table]) -> None:
    """Drop `ours` and the table of their version."""
    names = ", ".join(["alembic_version", *(table.name for table in ours)])
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {names}")


def _sequence(connection: Connection, table: str) -> str:
    statement = text("SELECT pg_get_serial_sequence(:table, 'id')")
    name: str = connection.execute(statement, {"table": table}).scalar_one()
    return name


def integers(connection: Connection, statement: Select[Any]) -> list[NDArray[np.int64]]:
    """The columns of `statement`, all of them whole numbers; as binary values, much faster than so many rows."""
    columns = [
        func.string_agg(func.int8send(cast(column, BigInteger)), literal(b"", LargeBinary))
        for column in statement.subquery().c
    ]
    found = connection.execute(select(*columns)).one()
    return [np.frombuffer(values or b"", ">i8").astype(np.int64) for values in found]


def joined(connection: Connection, statement: Select[Any]) -> list[str]:
    """Each column of `statement` as one text, with commas between its values."""
    columns = [func.coalesce(func.string_agg(cast(column, Text), ","), "") for column in statement.subquery().c]
    return list(connection.execute(select(*columns)).one())


@compiles(DocumentsWith, "postgresql")
def _documents_with(element: DocumentsWith, compiler: Any, **options: Any) -> str:
    _, *patterns = element.clauses
    conditions = " OR ".join(f"text LIKE {compiler.process(pattern, **options)}" for pattern in patterns)
    return f"(SELECT contact_id FROM search_documents WHERE {conditions})"  # noqa: S608 - patterns are bound


@compiles(GivenIds, "postgresql")
def _given_ids(element: GivenIds, compiler: Any, **options: Any) -> str:
    bound = compiler.process(element.clauses, **options)
    return f"(SELECT unnest(string_to_array({bound}, ',')::bigint[]) AS id)"


@compiles(CodePoint, "postgresql")
def _code_point(element: CodePoint, compiler: Any, **options: Any) -> str:
    return f"ascii({compiler.process(element.clauses, **options)})"


@compiles(Explained, "postgresql")
def _explained(element: Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN {compiler.process(element.statement, **options)}"


@compiles(Position, "postgresql")
def _position(element: Position, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"
