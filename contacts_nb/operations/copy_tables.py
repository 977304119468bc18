"""Copying all that a workspace holds into the empty tables of another, on whichever databases the two are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import DBAPIError

from contacts_nb.model.errors import WorkspaceError
from contacts_nb.operations.bulk import loaded_in_bulk
from contacts_nb.store.backend import backend_of
from contacts_nb.store.schema import contacts, metadata

_ROWS = 2_000  # in memory at once; each of them may be a long e-mail


def copy_tables(source: Connection, target: Connection, told: Callable[[int, int], None]) -> None:
    """Insert every row of `source` into the tables of `target`, which must be new, each with its own id.

    Ids go on where they would have in `source`, so that none that was given up ever names something else. `told`
    is called with the number of rows that are done, and their total. Raises `WorkspaceError` for rows that
    `target` can't hold.
    """
    origin, backend = backend_of(source), backend_of(target)
    tables = metadata.sorted_tables
    total = sum(source.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
    done = 0
    driver = target.dialect.loaded_dbapi
    try:
        with loaded_in_bulk(target, tables):
            for table in tables:
                with closing(_rows(source, table)) as parts:
                    for rows in parts:
                        # Each part is a statement of its own: what a server has to check at its end stays little.
                        done += backend.inserted(target, table.name, table.columns.keys(), rows)
                        told(done, total)
            for table in tables:
                if table.dialect_options["sqlite"]["autoincrement"]:
                    backend.set_next_id(target, table.name, origin.next_id(source, table.name))
    except DBAPIError as error:
        if not isinstance(error.orig, (driver.IntegrityError, driver.DataError)):
            raise
        said = (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
        raise WorkspaceError(
            f"The workspace holds something that can't be stored there ({said}), so nothing was copied. "
            "Look at it with: contacts-nb check"
        ) from error


def _rows(source: Connection, table: Table) -> Generator[Sequence[Any], None, None]:
    """The rows of `table`, as the database has them, in parts; each comes after what it refers to."""
    # By primary key, because that is how SQLite stores them; whoever was merged away after the survivors.
    order = [*([contacts.c.survivor_id.is_not(None)] if table is contacts else []), *table.primary_key]
    statement = select(table).order_by(*order).compile(dialect=source.dialect)
    streamed = {"stream_results": True, "max_row_buffer": _ROWS}
    # Closed at once if what is done with the rows fails: a server keeps what they are read from until then.
    with source.exec_driver_sql(str(statement), execution_options=streamed) as found:
        yield from found.partitions(_ROWS)
