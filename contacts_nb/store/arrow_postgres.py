"""Arrow tables from PostgreSQL: through ADBC, on a connection that shares the snapshot of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError

from contacts_nb.model.errors import WorkspaceUnavailable
from contacts_nb.store.arrow import ReadTable, types_of
from contacts_nb.store.types import to_milliseconds

if TYPE_CHECKING:
    import pyarrow as pa


@contextmanager
def reader(connection: Connection, settings: Sequence[str]) -> Iterator[ReadTable]:
    """What reads statements as Arrow tables, all of them in the snapshot of `connection`, a reader's.

    Raises `WorkspaceUnavailable` where ADBC isn't installed, and its errors as those of the usual driver.
    """
    try:
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - loaded with the first frame only
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - as above
    except ImportError as error:
        raise WorkspaceUnavailable(
            "Frames from PostgreSQL need a driver that isn't installed. Install it with: "
            "pip install 'contacts_nb[postgres]'"
        ) from error
    # The same SQL as ever, casts included, but with the server's own marks of what is bound, `$1`.
    kind: Any = type(connection.dialect)
    dialect = kind(paramstyle="numeric_dollar")
    snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    used: Any = connection.connection.driver_connection
    # As it was opened, with the password from wherever it came.
    secret = {"password": used.info.password} if used.info.password else {}
    with _wrapped(dbapi.Error):
        raw = dbapi.connect(make_conninfo(used.info.dsn, **secret), autocommit=True)
    # Cursors are closed before their connection: it would be gone from under them.
    with closing(raw), _wrapped(dbapi.Error, connected=True):
        for statement in (
            *(f"SET {setting}" for setting in settings),
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            f"SET TRANSACTION SNAPSHOT '{snapshot}'",  # a name given by the server itself
        ):
            with raw.cursor() as cursor:
                cursor.execute(statement)
        yield lambda statement: _table(raw, statement, dialect, dbapi.Error)


def _table(raw: Any, statement: Select[Any], dialect: Dialect, errors: type[Exception]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - loaded with the first frame only

    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    bound = compiled.params
    values = [_plain(bound[name]) for name in compiled.positiontup or ()]
    with _wrapped(errors, connected=True), raw.cursor() as cursor:
        cursor.execute(compiled.string, values or None)
        table = cursor.fetch_arrow_table()
    columns = zip(table.columns, types_of(statement), strict=True)
    return pa.table({str(number): column.cast(kind) for number, (column, kind) in enumerate(columns)})


def _plain(value: object) -> object:
    return to_milliseconds(value) if isinstance(value, datetime) else value


@contextmanager
def _wrapped(errors: type[Exception], *, connected: bool = False) -> Iterator[None]:
    """Errors of ADBC as SQLAlchemy has those of other drivers, without what was bound."""
    try:
        yield
    except errors as error:
        # ADBC gives no SQLSTATE where the server didn't say anything any more.
        is_lost = connected and getattr(error, "sqlstate", None) is None
        raise DBAPIError(None, None, error, connection_invalidated=is_lost) from error
