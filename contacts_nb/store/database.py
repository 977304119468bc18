"""A database that holds a workspace: `read()` gives a stable snapshot, `write()` one transaction.

Errors of the driver that a person can do something about come out as `WorkspaceUnavailable`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from contacts_nb.model.errors import WorkspaceUnavailable
from contacts_nb.store import postgres, sqlite
from contacts_nb.store.address import Address, shown_address
from contacts_nb.store.backend import backend_named
from contacts_nb.store.opened_file import OpenedFile


class Database:
    """The workspace at `address`: a file, which must exist, or a PostgreSQL database."""

    def __init__(self, address: Address) -> None:
        self.path = address if isinstance(address, Path) else None
        self.address = shown_address(address)
        self._reader, self._writer = (
            sqlite.engines(address) if isinstance(address, Path) else postgres.engines(address)
        )
        self._backend = backend_named(self._reader.dialect.name)
        self._file = None if self.path is None else OpenedFile(self.path, self._dispose)

    @property
    def generation(self) -> int:
        """How often another file was put where the workspace is, such as a backup copy of it."""
        return 0 if self._file is None else self._file.generation

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees the database as it is now, all along, and can't write."""
        with self._readable_errors(), self._connected(self._reader) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back by any exception.

        Of several writers, whatever their program, one writes at a time; the others wait.
        """
        is_done = False
        with self._readable_errors():
            try:
                with self._connected(self._writer) as connection:
                    yield connection
                    is_done = True
            except DBAPIError as error:
                if is_done and error.connection_invalidated:
                    # The answer to COMMIT never came; the server may have done it all the same.
                    raise WorkspaceUnavailable(
                        f"The connection to {self.address} was lost just when a change was to be saved, so "
                        "whether it was saved isn't known. Look at ws.history() before you make it again."
                    ) from error
                raise

    @contextmanager
    def reshape(self) -> Iterator[Connection]:
        """As `write()`, for changes of the tables themselves: what refers to what is checked at the end."""
        with self._readable_errors():
            generation = self._file.begin() if self._file else 0
            with self._backend.reshaping(self._writer) as connection:
                yield connection
                if self._file:
                    self._file.check_commit(generation)
                    self._file.reshaped()

    def close(self) -> None:
        """Give all connections back; reading or writing opens new ones."""
        if self._file:
            self._file.close()
        self._dispose()

    def _dispose(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        generation = self._file.begin() if self._file else 0
        if self._file and not self._file.is_known:
            # By a reader: a writer changes whatever file it is, by connecting to it.
            with self._reader.begin() as connection:
                self._file.check_workspace(connection, generation)
        with engine.begin() as connection:
            yield connection
            if self._file and engine is self._writer:
                self._file.check_commit(generation)

    @contextmanager
    def _readable_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            translated = self._backend.translated(error, self.address)
            if translated is None:
                raise
            raise translated from error
