"""Files that are read, as a whole and as often as needed."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from contacts_nb.model.errors import UnreadableFile

_KINDS = "a CSV, XLSX or vCard"


@dataclass(frozen=True, slots=True)
class FileContent:
    """The content of a file at a path or of an upload, which can be read from its beginning again and again.

    `size` is in bytes. A file that was changed in between is refused, because two readings of it must agree.
    """

    name: str
    size: int
    origin: Path | bytes
    changed_at: int = 0  # nanoseconds, as the file system tells them

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The bytes as a stream; raises `UnreadableFile` if the file is gone, changed or can't be read."""
        if isinstance(self.origin, bytes):
            yield io.BytesIO(self.origin)
            return
        with _readable(self.origin), self.origin.open("rb") as stream:
            if _state(self.origin) != (self.size, self.changed_at):
                raise UnreadableFile(f"{self.origin} was changed since it was first read. Import it anew.")
            yield stream

    def start(self, length: int) -> bytes:
        """The first `length` bytes, or fewer where there are no more."""
        with self.opened() as stream:
            return stream.read(length)

    def whole(self) -> bytes:
        """All bytes."""
        with self.opened() as stream:
            return stream.read()


def file_content(source: str | os.PathLike[str] | tuple[str, bytes]) -> FileContent:
    """The content of the file at a path, or of an upload as its name and bytes.

    Raises `UnreadableFile` unless it is a file that can be read.

    >>> file_content(("people.csv", b"name")).size
    4
    """
    if isinstance(source, tuple):
        name, data = source
        return FileContent(name, len(data), bytes(data))
    path = Path(source)
    with _readable(path):
        if path.is_dir():
            raise UnreadableFile(f"{path} is a folder. Give the path of {_KINDS} file in it.")
        if path.exists() and not path.is_file():
            raise UnreadableFile(f"{path} is a device, not a file. Give the path of {_KINDS} file.")
        size, changed_at = _state(path)
        content = FileContent(path.name, size, path, changed_at)
        content.start(1)
        return content


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise UnreadableFile(f"There is no file {path}. Check the path.") from None
    except OSError as error:
        raise UnreadableFile(
            f"{path} can't be read ({error.strerror or error}). Check its path and rights."
        ) from error
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise UnreadableFile(f"{str(path)!r} is not a path. Give the path of {_KINDS} file.") from None


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def same_file(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether two paths lead to one file that is there."""
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        return False
