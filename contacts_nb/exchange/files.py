"""Files as a whole: all bytes of one that is read, and one that is written whole or not at all.

What is written goes to a neighbour first, which takes the name at the end; so nobody meets half a file.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from contacts_nb.model.errors import UnreadableFile, UnwritableFile


def file_bytes(path: str | os.PathLike[str]) -> bytes:
    """Everything in the file at `path`; raises `UnreadableFile` unless it is a file that can be read."""
    file = Path(path)
    try:
        if file.is_dir():
            raise UnreadableFile(f"{file} is a folder. Give the path of a CSV or vCard file in it.")
        if file.exists() and not file.is_file():
            raise UnreadableFile(f"{file} is a device, not a file. Give the path of a CSV or vCard file.")
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise UnreadableFile(f"There is no file {file}. Check the path.") from None
    except OSError as error:
        raise UnreadableFile(f"{file} can't be read ({error.strerror}). Check its path and rights.") from error
    except ValueError:
        raise UnreadableFile(f"{str(file)!r} is not a path. Give the path of a CSV or vCard file.") from None


@contextmanager
def new_file(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """A text file to write to, UTF-8 with line ends as written; it is at `path` once all went well.

    Raises `UnwritableFile`. A file that is already at `path` is replaced at the end,
    unless it is a database.
    """
    file = Path(path)
    draft = file.parent / f".{uuid.uuid4().hex}.part"
    try:
        if file.is_dir():
            raise UnwritableFile(f"{file} is a folder. Give the path of a file to write.")
        if file.is_file() and _is_database(file):
            raise UnwritableFile(f"{file} is a database, which would be lost. Give another name.")
        # Half a surrogate pair has no UTF-8; a question mark loses one letter instead of the whole file.
        with draft.open("x", encoding="utf-8", errors="replace", newline="") as stream:
            yield stream
        draft.replace(file)
    except (FileNotFoundError, NotADirectoryError):
        raise UnwritableFile(
            f"The folder {file.parent} does not exist. Make it first, or choose another path."
        ) from None
    except OSError as error:
        raise UnwritableFile(
            f"{file} can't be written ({error.strerror}). Check the rights and the space left, "
            "or choose another path."
        ) from error
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise UnwritableFile(f"{str(file)!r} is not a path. Give the path of a file to write.") from None
    finally:
        _removed(draft)


def same_file(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether two paths lead to one file that is there."""
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        return False


def _is_database(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\x00"


def _removed(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except (OSError, ValueError):
        return
