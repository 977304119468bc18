"""Results as Arrow tables: for a million rows at once, a column each, without Python objects left behind.

Arrow is loaded with the first of them only; most sessions read none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Double, Integer, Select, String
from sqlalchemy.exc import DBAPIError

from contacts_nb.store.types import UtcMilliseconds

if TYPE_CHECKING:
    import pyarrow as pa

ReadTable = Callable[[Select[Any]], "pa.Table"]

# Rows turned into columns while they are still in the processor's cache; and how many of those batches are
# put together at a time, so that the many small ones don't take more room than what they hold.
_AT_ONCE, _TOGETHER = 500, 100


def types_of(statement: Select[Any]) -> list[pa.DataType]:
    """The Arrow type of each column of `statement`, as its table declares it and whatever is in it.

    int64 for whole numbers and for times, in milliseconds since 1970; float64; large_string.
    """
    import pyarrow as pa  # noqa: PLC0415 - see above

    known = (
        (Integer, pa.int64()),
        (UtcMilliseconds, pa.int64()),
        (Double, pa.float64()),
        (String, pa.large_string()),
    )
    return [
        next(arrow for ours, arrow in known if isinstance(column.type, ours))
        for column in statement.selected_columns
    ]


def rows_as_table(
    connection: Connection, statement: Select[Any], utf8: AbstractContextManager[object] | None = None
) -> pa.Table:
    """What `statement` gives on `connection`, through the driver's rows, with the types of `types_of`.

    In the block of `utf8`, if there is one, texts come as bytes.
    """
    import pyarrow as pa  # noqa: PLC0415 - see above

    types = types_of(statement)
    schema = pa.schema([pa.field(str(number), kind) for number, kind in enumerate(types)])
    done: list[pa.Table] = []
    batches: list[pa.RecordBatch] = []
    with utf8 or nullcontext(), connection.execute(statement) as result:
        for rows in _in_batches(connection, result.cursor):
            columns = zip(zip(*rows, strict=True), types, strict=True)
            batches.append(pa.record_batch([pa.array(cells, kind) for cells, kind in columns], schema=schema))
            if len(batches) == _TOGETHER:
                done.append(pa.Table.from_batches(batches, schema).combine_chunks())
                batches = []
    return pa.concat_tables([*done, pa.Table.from_batches(batches, schema)])


def _in_batches(connection: Connection, cursor: Any) -> Iterator[Sequence[Sequence[Any]]]:
    try:
        while rows := cursor.fetchmany(_AT_ONCE):
            yield rows
    except connection.dialect.loaded_dbapi.Error as error:
        # SQLAlchemy, which this goes past, would have wrapped it.
        raise DBAPIError(None, None, error) from error
