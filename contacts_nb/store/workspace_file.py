"""The file a workspace is in: its path, its beginning, and its removal if the beginning fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contacts_nb.model.errors import (
    InvalidValue,
    NotAWorkspace,
    WorkspaceExists,
    WorkspaceNotFound,
    WorkspaceUnavailable,
)


def workspace_path(path: str | os.PathLike[str]) -> Path:
    """The absolute path that `path` means, given as a path or as a `sqlite:///` URL."""
    text = os.fspath(path)
    if text.startswith("sqlite:") and "://" in text:
        if not text.startswith("sqlite:///"):
            raise InvalidValue("workspace", text, "is not a file; give the path of a workspace file")
        text = text.removeprefix("sqlite:///")
    if not text or "\x00" in text:
        raise InvalidValue("workspace", text, "is not a path; give the path of a workspace file")
    return Path(text).expanduser().absolute()


def existing(path: Path) -> Path:
    """`path` itself; raises `WorkspaceNotFound` or `NotAWorkspace` unless a file is there."""
    if not path.exists():
        raise WorkspaceNotFound(
            f"There is no workspace {path}. Check the path, or make one with: contacts-nb init --db {path}"
        )
    if path.is_dir():
        raise NotAWorkspace(f"{path} is a folder. Give the path of a workspace file in it, such as contacts.db.")
    return path


def claim(path: Path) -> None:
    """Make the empty file, so that of two who create the same workspace one is told."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        raise WorkspaceExists(
            f"{path} already exists. Open it, or choose another path for the new workspace."
        ) from None
    except (FileNotFoundError, NotADirectoryError):
        raise WorkspaceUnavailable(
            f"There is no folder {path.parent}. Make it first, or choose another path."
        ) from None
    except OSError as error:
        raise WorkspaceUnavailable(
            f"{path} can't be written ({error.strerror}). "
            "Give yourself write rights in that folder, or choose another one."
        ) from error


@contextmanager
def removed_on_failure(path: Path) -> Iterator[None]:
    """Remove the workspace file at `path` if the block fails: half of one would be in the way of the next try."""
    try:
        yield
    except BaseException:
        for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            part.unlink(missing_ok=True)
        raise
