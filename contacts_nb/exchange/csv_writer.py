"""Tables as CSV (RFC 4180, UTF-8) that any spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from contacts_nb.exchange.guarded import guarded
from contacts_nb.exchange.new_files import new_file

# A tag in quotes (with quotes in it doubled), or all up to the next separator.
_TAG = re.compile(r'\s*+(?:"((?:[^"]++|"")*+)"\s*+(?=[,;]|\Z)|([^,;]*+))([,;]|\Z)')
_NEEDS_QUOTES = re.compile(r'[,;"]|:::')
# The same of identifiers, between which there are three colons.
_IDENTIFIER = re.compile(r'\s*+(?:"((?:[^"]++|"")*+)"\s*+(?=:::|\Z)|((?:[^:]++|:(?!::))*+))(:::|\Z)')
_IDENTIFIER_NEEDS_QUOTES = re.compile(r'^"|:::')

_LINE_END = "\r\n"
_SPECIAL = re.compile('[",\r\n]')

Cells = Sequence[str | None]


def write_csv(path: str | os.PathLike[str], header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to the file at `path`, row by row; it is there when all rows are, or not at all.

    Raises `UnwritableFile`.
    """
    with new_file(path) as stream:
        writer = csv.writer(stream, lineterminator=_LINE_END)
        writer.writerow([guarded(cell) for cell in header])
        writer.writerows([guarded(cell) for cell in row] for row in rows)


def write_columns(stream: TextIO, header: Sequence[str], parts: Iterable[Sequence[Cells]]) -> None:
    """Write a table that comes by the column, a part of its rows at a time, with cells as they are."""
    if len(header) == 1:
        # A row that is one empty cell isn't an empty line.
        writer = csv.writer(stream, lineterminator=_LINE_END)
        writer.writerow(header)
        writer.writerows([cell] for (cells,) in parts for cell in cells)
        return
    stream.write(",".join(_in_csv(header)) + _LINE_END)
    for columns in parts:
        rows = map(",".join, zip(*map(_in_csv, columns), strict=True))
        stream.write(_LINE_END.join(rows) + _LINE_END)


def _in_csv(cells: Cells) -> list[str]:
    """A column as it stands in a file; in a third of the time that the csv module takes cell by cell."""
    texts = [cell or "" for cell in cells]
    together = "\n".join(texts)
    if '"' in together or "," in together or "\r" in together or together.count("\n") >= len(texts):
        return ['"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text for text in texts]
    return texts


def guarded_cells(cells: Iterable[str | None]) -> Cells:
    """`cells`, each as `guarded` gives it.

    >>> guarded_cells(["Ann", None, "=1+1"])
    ['Ann', None, "'=1+1"]
    """
    # All that a spreadsheet could run begins with a character before "A"; most texts need no closer look.
    return [guarded(cell) if cell and cell < "A" else cell for cell in cells]


def tags_cell(tags: Iterable[str]) -> str:
    """Tags in one cell, divided by commas; tags that hold a comma, semicolon or quote are in quotes.

    >>> tags_cell(["vip", "Paris, France"])
    'vip, "Paris, France"'
    """
    return ", ".join(_quoted(tag, _NEEDS_QUOTES) for tag in tags)


def tags_of_cell(text: str) -> tuple[str, ...]:
    """The tags in a cell that `tags_cell` or a person wrote, divided by commas or semicolons.

    >>> tags_of_cell('vip, "Paris, France"'), tags_of_cell("a; b;")
    (('vip', 'Paris, France'), ('a', 'b'))
    """
    return _divided(_TAG, text)


def identifiers_cell(identifiers: Iterable[str]) -> str:
    """Identifiers in one cell, divided by ` ::: `; one that could be taken for several is in quotes.

    >>> identifiers_cell(["+442079460958", "ann@example.org"])
    '+442079460958 ::: ann@example.org'
    """
    return " ::: ".join(_quoted(one, _IDENTIFIER_NEEDS_QUOTES) for one in identifiers)


def identifiers_of_cell(text: str) -> tuple[str, ...]:
    """The identifiers in a cell that `identifiers_cell` or a person wrote.

    >>> identifiers_of_cell('a ::: "b ::: c" ::: ')
    ('a', 'b ::: c')
    """
    return _divided(_IDENTIFIER, text)


def _divided(item: re.Pattern[str], text: str) -> tuple[str, ...]:
    found = []
    for match in item.finditer(text):
        if match[1] is not None:
            found.append(match[1].replace('""', '"'))
        elif match[2].strip():
            found.append(match[2].strip())
    return tuple(found)


def _quoted(text: str, needs_quotes: re.Pattern[str]) -> str:
    if text and text == text.strip() and not needs_quotes.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'
