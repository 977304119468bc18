"""A database that holds a workspace: `read()` gives a stable snapshot, `write()` one transaction.

Errors of the driver that a person can do something about come out as `WorkspaceUnavailable`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from contacts_nb.model.errors import NotAWorkspace, WorkspaceError, WorkspaceUnavailable
from contacts_nb.store import sqlite


class Database:
    """The workspace file at `path`, which must exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader, self._writer = sqlite.engines(path)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees the database as it is now, all along, and can't write."""
        with self._readable_errors(), self._connected(self._reader) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back by any exception."""
        with self._readable_errors(), self._connected(self._writer) as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back; reading or writing opens new ones."""
        self._reader.dispose()
        self._writer.dispose()

    @staticmethod
    @contextmanager
    def _connected(engine: Engine) -> Iterator[Connection]:
        with engine.begin() as connection:
            yield connection

    @contextmanager
    def _readable_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            translated = _translated(error, self.path)
            if translated is None:
                raise
            raise translated from error


# What SQLite says, and what a person should read instead.
_READABLE = {
    "file is not a database": (
        NotAWorkspace,
        "{path} is not a contacts workspace. Choose another file, or make a workspace with: contacts-nb init",
    ),
    "database is locked": (
        WorkspaceUnavailable,
        "{path} has been locked by another program for too long. Close that program or wait, then try again.",
    ),
    "readonly database": (
        WorkspaceUnavailable,
        "{path} can't be written. Check the rights of the file and of its folder.",
    ),
    "unable to open database": (
        WorkspaceUnavailable,
        "{path} can't be opened. Check that the file exists and that you may read and write it and its folder.",
    ),
    "database or disk is full": (
        WorkspaceUnavailable,
        "The disk of {path} is full. Nothing was changed; free some space, then try again.",
    ),
    "disk i/o error": (
        WorkspaceUnavailable,
        "The disk of {path} gave an error. Nothing was changed; check the disk, then try again.",
    ),
    "malformed": (
        WorkspaceUnavailable,
        "{path} is damaged. Put a backup copy in its place.",
    ),
}  # fmt: skip


def _translated(error: DBAPIError, path: Path) -> WorkspaceError | None:
    said = str(error.orig).lower()
    for part, (kind, sentence) in _READABLE.items():
        if part in said:
            return kind(sentence.format(path=path))
    return None
