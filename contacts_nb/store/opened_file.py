"""Whether the file at the path of a workspace is still the one that connections were opened on.

SQLite goes on with a file that was moved, deleted or replaced: what is written then is in no file that anybody
finds again. So every transaction looks before it begins, and one that writes also before it commits.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from contacts_nb.model.errors import WorkspaceUnavailable

Identity = tuple[int, int]
"""Device and number of a file: what it keeps wherever it is moved to."""

_COMING_NS = 1_000_000_000  # a file that was changed so lately may still be on its way here


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file and its log, kept open by `connection`, so that their numbers can't become those of others."""

    identity: Identity
    connection: sqlite3.Connection
    beside: dict[Path, Identity] = field(default_factory=dict)


class OpenedFile:
    """The file at `path`; `renew` is called to close all connections when another one has taken its place.

    `generation` counts how often that came about, `is_known` says that the workspace in it is the right one.
    """

    def __init__(self, path: Path, renew: Callable[[], None]) -> None:
        self.generation = 0
        self._path = path
        self._renew = renew
        self._lock = Lock()
        self._opened: _Opened | None = None
        self._workspace: tuple[object, ...] | None = None
        self._changed_at = 0
        self.is_known = False

    def begin(self) -> int:
        """The generation in which a transaction begins; raises `WorkspaceUnavailable` if there is no file."""
        found = self._found()
        identity = None if found is None else _identity_of(found)
        opened = self._opened
        if opened is None or opened.identity != identity:
            with self._lock:
                self._open(identity)
        elif self.generation and found is not None and self._may_have_come_since(found.st_mtime_ns):
            # Pages that were read before they were there stay in memory, even if the file had its size at once.
            self.is_known = False
            self._renew()
        if found is not None:
            self._changed_at = found.st_mtime_ns
        return self.generation

    def check_workspace(self, connection: Connection, generation: int) -> None:
        """Raise `WorkspaceUnavailable` if what took the file's place is no copy of the same workspace.

        Ids that somebody has read before mean something else in another one.
        """
        try:
            row = connection.execute(
                text("SELECT created_at, version_num FROM workspace, alembic_version")
            ).first()
        except DBAPIError as error:
            if "no such table" not in str(error.orig):
                raise
            row = None
        found = None if row is None else tuple(row)
        if self._workspace is None:
            self._workspace = found
        elif found != self._workspace:
            raise WorkspaceUnavailable(
                f"{self._path} isn't the workspace that was opened here any more: another file is in its place. "
                "Put the right one back, or open this one: reload the page, or run cn.open again."
            )
        with self._lock:
            if found is not None and generation == self.generation:
                self._hold()
                self.is_known = True

    def check_commit(self, generation: int) -> None:
        """Raise `WorkspaceUnavailable` if what was written since `begin` would be in no file that can be found."""
        try:
            found = self._found()
            is_same = self._opened is None or (found is not None and self._opened.identity == _identity_of(found))
        except WorkspaceUnavailable:
            is_same = False
        if not is_same or generation != self.generation:
            raise WorkspaceUnavailable(
                f"{self._path} was moved, deleted or replaced while it was written. Nothing was changed; put it "
                "back, then try again."
            )

    def reshaped(self) -> None:
        """The workspace has another schema now."""
        self._workspace, self.is_known = None, False

    def close(self) -> None:
        """Let go of the file; the next transaction looks which workspace is there."""
        with self._lock:
            if self._opened is not None:
                self._opened.connection.close()
            self._opened, self.is_known = None, False

    def _open(self, identity: Identity | None) -> None:
        opened = self._opened
        if opened is not None and opened.identity == identity:
            return
        if opened is not None:
            self._save_log(opened)
        if identity is None:
            raise WorkspaceUnavailable(
                f"{self._path} isn't there any more: it was moved or deleted. Put it, or a backup copy, back in "
                "its place; nothing can be saved until then."
            )
        if opened is not None:
            opened.connection.close()
            self._renew()
            self._opened, self.is_known = None, False
            self.generation += 1
            # Another file must not be read with the log of this one.
            for path, number in opened.beside.items():
                if _identity(path) == number:
                    path.unlink(missing_ok=True)
        with suppress(sqlite3.Error):  # whoever reads next is told the same
            place = f"{self._path.as_uri()}?mode=rw"
            connection = sqlite3.connect(place, uri=True, timeout=0, check_same_thread=False)
            self._opened = _Opened(identity, connection)

    def _hold(self) -> None:
        """Keep the log open too, and know it again."""
        if self._opened is None:
            return
        with suppress(sqlite3.Error):
            self._opened.connection.execute("PRAGMA user_version").fetchone()
        for suffix in ("-wal", "-shm"):
            path = Path(f"{self._path}{suffix}")
            number = _identity(path)
            if number is not None:
                self._opened.beside[path] = number

    def _may_have_come_since(self, changed_at: int) -> bool:
        """Whether the file may hold more than when the last transaction began; clocks of files are coarse."""
        return changed_at != self._changed_at or abs(time.time_ns() - changed_at) < _COMING_NS

    def _found(self) -> os.stat_result | None:
        try:
            return _found(self._path)
        except OSError as error:
            raise WorkspaceUnavailable(
                f"{self._path} can't be reached ({error.strerror}). Check the rights of its folder, and the disk "
                "or network that it is on."
            ) from error

    def _save_log(self, opened: _Opened) -> None:
        """Put what is only in the log, which stays where it was, into the file, wherever that went."""
        if any(_identity(path) == number for path, number in opened.beside.items()):
            with (
                suppress(sqlite3.Error),
                closing(opened.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")) as done,
            ):
                done.fetchone()


def _found(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - half the time of Path.stat, and it is asked all the time
    except (FileNotFoundError, NotADirectoryError):
        return None


def _identity_of(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def _identity(path: Path) -> Identity | None:
    found = _found(path)
    return None if found is None else _identity_of(found)
