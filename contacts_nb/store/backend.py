"""The choice between `sqlite.py` and `postgres.py`: the functions both have, and which of them to call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Select
from sqlalchemy.exc import DBAPIError

from contacts_nb.model.errors import WorkspaceError
from contacts_nb.store import postgres, sqlite
from contacts_nb.store.arrow import ReadTable


class Backend(Protocol):
    """What a database does its own way, on a connection to it; the modules say more."""

    def translated(self, error: DBAPIError, address: str) -> WorkspaceError | None:
        """What a person can do about `error`, or None if it is ours to mend."""

    def reshaping(self, writer: Engine) -> AbstractContextManager[Connection]:
        """A transaction of `writer` in which tables may be taken apart and put together again."""

    def tables(self, connection: Connection) -> set[str]:
        """The names of all tables in the database."""

    def create_search_index(self, connection: Connection) -> None:
        """Create the trigram index of `search_documents`, fill it, and have it kept in step."""

    def stop_search_index(self, connection: Connection) -> None:
        """Stop keeping the trigram index in step, within this transaction, before a load."""

    def restart_search_index(self, connection: Connection) -> None:
        """Make the trigram index anew from all documents, and keep it in step from here on."""

    def check_search_index(self, connection: Connection) -> bool:
        """Whether the trigram index is there, kept in step, and whole; `connection` must be able to write."""

    def check_pages(self, connection: Connection) -> None:
        """Raise the driver's error if a part of the database is lost that a query might never come to."""

    def next_id(self, connection: Connection, table: str) -> int:
        """The id that the next row of `table` would get."""

    def new_ids(self, connection: Connection, table: str, count: int) -> list[int]:
        """`count` ascending ids that no row of `table` has or had."""

    def continue_ids(self, connection: Connection, table: str) -> None:
        """Let new ids of `table` follow on those of rows that came with their own."""

    def set_next_id(self, connection: Connection, table: str, following: int) -> None:
        """Let the next row of `table` get the id `following`, which no row has or is beyond."""

    def inserted(
        self, connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> int:
        """Insert `rows` as plain tuples, one by one as they come; gives how many there were."""

    def loading(self, connection: Connection) -> AbstractContextManager[None]:
        """What makes a load of very many rows faster, while it goes on."""

    def joined(self, connection: Connection, statement: Select[Any]) -> list[str]:
        """Each column of `statement` as one text, with commas between its values, of which none is NULL."""

    def integers(self, connection: Connection, statement: Select[Any]) -> list[NDArray[np.int64]]:
        """The columns of `statement`, all of them whole numbers and none of them NULL, in its order."""

    def arrow(self, connection: Connection) -> AbstractContextManager[ReadTable]:
        """What reads very many rows as an Arrow table, all of them as `connection`, a reader's, sees them."""


_BACKENDS: dict[str, Backend] = {"sqlite": sqlite, "postgresql": postgres}


def backend_of(connection: Connection) -> Backend:
    """That of the database `connection` leads to."""
    return _BACKENDS[connection.dialect.name]


def backend_named(dialect: str) -> Backend:
    """That of the databases which SQLAlchemy calls `dialect`."""
    return _BACKENDS[dialect]
