"""A file that is written whole or not at all: as a draft beside its place, which takes the name at the end."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from contacts_nb.model.errors import UnwritableFile


@contextmanager
def new_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Where to write what shall be at `path`; it is there once the block has ended, and nothing is if it fails.

    Raises `UnwritableFile`. A file that is already at `path` is replaced at the end, unless it is a database.

    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp(), "hello.txt")
    >>> with new_path(place) as draft:
    ...     _ = draft.write_text("Hello")
    >>> place.read_text()
    'Hello'
    """
    file = Path(path)
    draft = file.parent / f".{uuid.uuid4().hex}.part"
    try:
        if file.is_dir():
            raise UnwritableFile(f"{file} is a folder. Give the path of a file to write.")
        if file.is_file() and _is_database(file):
            raise UnwritableFile(f"{file} is a database, which would be lost. Give another name.")
        draft.touch(exist_ok=False)  # before the work, not after it
        yield draft
        draft.replace(file)
    except (FileNotFoundError, NotADirectoryError):
        raise UnwritableFile(
            f"The folder {file.parent} does not exist. Make it first, or choose another path."
        ) from None
    except OSError as error:
        raise UnwritableFile(
            f"{file} can't be written ({error.strerror or error}). Check the rights and the space left, "
            "or choose another path."
        ) from error
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise UnwritableFile(f"{str(file)!r} is not a path. Give the path of a file to write.") from None
    finally:
        with suppress(OSError, ValueError):
            draft.unlink(missing_ok=True)


@contextmanager
def new_file(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """A text file to write to, UTF-8 with line ends as written; otherwise as `new_path`."""
    # Half a surrogate pair has no UTF-8; a question mark loses one letter instead of the whole file.
    with new_path(path) as draft, draft.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        yield stream


def _is_database(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\x00"
