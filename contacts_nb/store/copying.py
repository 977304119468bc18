"""Copies of a workspace as a file: written beside its place, and given its name once it is whole.

A copy is never there in part, nor in the place of something else. It is for its owner's eyes only, since it holds
what nobody but the users of the workspace may see.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from contacts_nb.model.errors import WorkspaceExists, WorkspaceUnavailable
from contacts_nb.store import sqlite

_BESIDE = ("-wal", "-shm", "-journal")


@contextmanager
def new_copy(path: Path) -> Iterator[Path]:
    """An empty file beside `path`, to be filled; it is at `path` once the block has ended, and gone if that fails.

    Raises `WorkspaceExists` if anything is at `path`, and `WorkspaceUnavailable` if no file can be made there.
    """
    _check_free(path)
    draft = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with _explained(path):
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield draft
        with _explained(path):
            _flush(draft)
            _check_free(path)
            _name(draft, path)
            _flush(path.parent)
    finally:
        for suffix in ("", *_BESIDE):
            Path(f"{draft}{suffix}").unlink(missing_ok=True)


def copy_file(source: Path, target: Path, shown: Path, told: Callable[[int, int], None]) -> None:
    """Write the workspace in the file `source`, as it is now, to the empty file `target`; others may use it.

    `shown` is what messages call the target. `told` is called with the bytes that are done and, about, their
    total. Raises `WorkspaceUnavailable`.
    """
    try:
        sqlite.snapshot(source, target, told)
    except sqlite3.Error as error:
        place = source if "malformed" in str(error) else shown
        translated = sqlite.translated(DBAPIError(None, None, error), str(place))
        if translated is None:
            raise
        raise translated from error


def _check_free(path: Path) -> None:
    if _is_there(path):
        raise WorkspaceExists(
            f"{path} already exists, and nothing is ever written over. Choose another name, or move it away first."
        )
    for suffix in _BESIDE:
        # SQLite would take what it says for changes of the copy.
        left = Path(f"{path}{suffix}")
        if _is_there(left):
            raise WorkspaceExists(
                f"{left} is left of another workspace that was here, and would damage this one. Choose another "
                "name, or move it away first."
            )


def _is_there(path: Path) -> bool:
    with _explained(path):
        try:
            path.lstat()
        except FileNotFoundError:
            return False
    return True


def _name(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)  # unlike a renaming, it never replaces a file
    except FileExistsError:
        _check_free(path)
        raise
    except OSError:
        # Sticks and some network drives know no links.
        draft.rename(path)


def _flush(path: Path) -> None:
    """Have what is at `path` outlive a power cut."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise WorkspaceUnavailable(
            f"There is no folder {path.parent}. Make it first, or choose another path."
        ) from None
    except OSError as error:
        raise WorkspaceUnavailable(
            f"{path} can't be written ({error.strerror or error}). Check the rights and the space left, or choose "
            "another path."
        ) from error
