"""Contacts to a CSV file that a spreadsheet opens safely and that can be imported again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from contacts_nb.exchange.csv_writer import tags_cell, write_csv
from contacts_nb.model.errors import UnwritableFile
from contacts_nb.queries.entries import Entry

_TOLD_EVERY = 1_000


def exported_csv(
    path: str | os.PathLike[str], entries: Iterable[Entry], progress: Callable[[int], None] | None = None
) -> int:
    """Write `entries` as rows of a CSV file at `path`; gives how many there were.

    Raises `UnwritableFile`, also for a name that promises another format.
    """
    if Path(path).suffix.lower() not in {".csv", ".txt", ""}:
        raise UnwritableFile(
            f"{path} can't be written: contacts are exported as CSV. Give a name that ends with .csv."
        )
    written = 0

    def rows() -> Iterator[list[str]]:
        nonlocal written
        for entry in entries:
            written += 1
            if progress is not None and written % _TOLD_EVERY == 0:
                progress(written)
            yield [_cell(value) for value in entry]

    write_csv(path, Entry._fields, rows())
    return written


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return tags_cell(value) if isinstance(value, tuple) else str(value)
