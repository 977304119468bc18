"""Loading so many rows that indexes are better made at once, from the finished tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import Connection, Table

from contacts_nb.store.backend import backend_of

Stage = Literal["indexes", "search"]


@contextmanager
def loaded_in_bulk(
    connection: Connection, tables: Sequence[Table], told: Callable[[Stage], None] = lambda _stage: None
) -> Iterator[None]:
    """Have no indexes of `tables`, and no search index, while a block inserts; they are made at its end.

    `told` is called before each stage of that. Nobody else can use the tables meanwhile.
    """
    backend = backend_of(connection)
    with backend.loading(connection):
        backend.stop_search_index(connection)
        for table in tables:
            for index in table.indexes:
                index.drop(connection)
        yield
        told("indexes")
        for table in tables:
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                index.create(connection)
        told("search")
        backend.restart_search_index(connection)
