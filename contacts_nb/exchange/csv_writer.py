"""Tables as CSV (RFC 4180, UTF-8) that any spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Sequence

from contacts_nb.exchange.files import new_file
from contacts_nb.exchange.guarded import guarded

# A tag in quotes (with quotes in it doubled), or all up to the next separator.
_TAG = re.compile(r'\s*+(?:"((?:[^"]++|"")*+)"\s*+(?=[,;]|\Z)|([^,;]*+))([,;]|\Z)')
_NEEDS_QUOTES = re.compile(r'[,;"]|:::')


def write_csv(path: str | os.PathLike[str], header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to the file at `path`, row by row; it is there when all rows are, or not at all.

    Raises `UnwritableFile`.
    """
    with new_file(path) as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([guarded(cell) for cell in header])
        writer.writerows([guarded(cell) for cell in row] for row in rows)


def tags_cell(tags: Iterable[str]) -> str:
    """Tags in one cell, divided by commas; tags that hold a comma, semicolon or quote are in quotes.

    >>> tags_cell(["vip", "Paris, France"])
    'vip, "Paris, France"'
    """
    return ", ".join(_quoted(tag) for tag in tags)


def tags_of_cell(text: str) -> tuple[str, ...]:
    """The tags in a cell that `tags_cell` or a person wrote, divided by commas or semicolons.

    >>> tags_of_cell('vip, "Paris, France"'), tags_of_cell("a; b;")
    (('vip', 'Paris, France'), ('a', 'b'))
    """
    tags = []
    for match in _TAG.finditer(text):
        if match[1] is not None:
            tags.append(match[1].replace('""', '"'))
        elif match[2].strip():
            tags.append(match[2].strip())
    return tuple(tags)


def _quoted(tag: str) -> str:
    if tag and tag == tag.strip() and not _NEEDS_QUOTES.search(tag):
        return tag
    return '"' + tag.replace('"', '""') + '"'
