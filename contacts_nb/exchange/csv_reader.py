"""Tables from CSV files of any delimiter, checked as a whole before the first row is given.

The file is parsed twice instead of being kept: a row of the wrong length shows that cells have moved, and then
no row of that file can be trusted.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from contacts_nb.exchange.encodings import decoded
from contacts_nb.exchange.files import file_bytes
from contacts_nb.exchange.guarded import unguarded
from contacts_nb.exchange.headers import TableColumns, table_columns
from contacts_nb.exchange.rows import SourceFile, SourceRow
from contacts_nb.exchange.table_rows import table_row
from contacts_nb.model.errors import UnreadableFile

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_CELL_LENGTH = 10_000_000
_LINE = re.compile(r"[^\r\n]*+(?:\r\n?+|\n)|[^\r\n]++")
# Excel's own first line that names the delimiter.
_DELIMITER_LINE = re.compile(r'\s*+"?sep=([,;\t|])"?[ \t]*+\r?\n', re.IGNORECASE)
# Follows the last line: found inside a cell, it shows that a quote was never closed.
_END = "\x1eend of file\x1e"


class _Record(NamedTuple):
    line: int
    cells: list[str]


class _Table(NamedTuple):
    """The parts of a file: its text, where the table begins, its delimiter and header."""

    name: str
    text: str
    start: int
    delimiter: str
    header: _Record

    def records(self) -> Iterator[_Record]:
        """The records below the header that aren't blank."""
        for record in _records(self.name, self.text, self.start, self.delimiter):
            if record.line > self.header.line:
                yield record


def read_csv(
    path: str | os.PathLike[str], *, columns: Mapping[str, str] | None = None, encoding: str | None = None
) -> SourceFile:
    """The contacts of the CSV file at `path`; `columns` says by file column which field it holds.

    Raises `UnreadableFile`, and `InvalidValue` for `columns` that name what doesn't exist.
    """
    return csv_source(Path(path).name, file_bytes(path), columns=columns, encoding=encoding)


def csv_source(
    name: str, data: bytes, *, columns: Mapping[str, str] | None = None, encoding: str | None = None
) -> SourceFile:
    """The contacts in `data`, the content of the CSV file `name`; as `read_csv`."""
    content = decoded(name, data, encoding)
    if not content.text.strip():
        raise UnreadableFile(f"{name} is empty. Give a file with a header line and one line for each contact.")
    table = _table(name, content.text)
    fields = table_columns(name, table.header.cells, columns)
    _check_lengths(table)
    left_out: Counter[str] = Counter()
    notes = [content.note] if content.note else []
    return SourceFile(name, tuple(table.header.cells), _rows(table, fields, left_out), left_out, notes)


def _rows(table: _Table, fields: TableColumns, left_out: Counter[str]) -> Iterator[SourceRow]:
    width = len(table.header.cells)
    for record in table.records():
        yield table_row(record.line, record.cells[:width], fields, left_out)


def _table(name: str, text: str) -> _Table:
    start = 0
    told = _DELIMITER_LINE.match(text)
    if told and text[told.end() :].strip():
        start = told.end()
    delimiters = [told[1]] if told and start else list(_DELIMITERS)
    headers: dict[str, _Record] = {}
    problem: UnreadableFile | None = None
    for delimiter in delimiters:
        try:
            headers[delimiter] = next(_records(name, text, start, delimiter))
        except UnreadableFile as error:
            problem = error
        except StopIteration:
            continue
    if not headers:
        raise problem or UnreadableFile(
            f"{name} holds only delimiters. Give a file with a header line and one line for each contact."
        )
    delimiter = max(headers, key=lambda one: len(headers[one].cells))
    return _Table(name, text, start, delimiter, headers[delimiter])


def _check_lengths(table: _Table) -> None:
    header = table.header.cells
    # Nameless columns at the end may be there or not.
    least = max(index for index, cell in enumerate(header, start=1) if cell.strip())
    count, wrong = 0, 0
    first: _Record | None = None
    for record in table.records():
        count += 1
        if not least <= _length(record.cells, len(header)) <= len(header):
            wrong += 1
            first = first or record
    if first is not None:
        raise UnreadableFile(_wrong_lengths(table, first, wrong))
    if not count:
        raise UnreadableFile(f"{table.name} has a header line but no contacts below it. Add one line for each.")


def _length(cells: list[str], width: int) -> int:
    """The number of cells, without empty ones at the end that are beyond `width`."""
    length = len(cells)
    while length > width and not cells[length - 1].strip():
        length -= 1
    return length


def _wrong_lengths(table: _Table, first: _Record, wrong: int) -> str:
    width = len(table.header.cells)
    length = _length(first.cells, width)
    others = "it is the only such line" if wrong == 1 else f"there are {wrong:,} such lines"
    delimiter = _DELIMITERS[table.delimiter]
    return (
        f"Line {first.line:,} of {table.name} has {length:,} {'cell' if length == 1 else 'cells'}, but the header "
        f"has {width:,}; {others}. Most likely a value with a {delimiter} in it is not in quotes, or a "
        f"{delimiter} is missing; correct that and import the file again."
    )


def _records(name: str, text: str, start: int, delimiter: str) -> Iterator[_Record]:
    """The records from `start` on that aren't blank, with the line where each begins."""
    skipped = text.count("\n", 0, start)
    reader = csv.reader(_lines(text, start), delimiter=delimiter)
    while True:
        line = skipped + reader.line_num + 1
        # The limit is one for all users of the module, so it is lent for one record at a time.
        limit = csv.field_size_limit(_CELL_LENGTH)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise UnreadableFile(_open_quote(name, line)) from None
        finally:
            csv.field_size_limit(limit)
        if cells and cells[-1].endswith(_END):
            if cells != [_END]:
                raise UnreadableFile(_open_quote(name, line))
            return
        cells = [unguarded(cell) for cell in cells]
        if any(cell and not cell.isspace() for cell in cells):
            yield _Record(line, cells)


def _lines(text: str, start: int) -> Iterator[str]:
    for match in _LINE.finditer(text, start):
        yield match.group()
    yield _END


def _open_quote(name: str, line: int) -> str:
    return (
        f'In {name} a quote (") is opened in the record that begins in line {line:,} and is never closed. '
        "Close it, or write a quote inside a value as two."
    )
