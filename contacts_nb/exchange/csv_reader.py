"""Tables from CSV files of any delimiter, read in one pass as a stream of records.

Whatever is wrong with a single row is the problem of that row; only what leaves the rows themselves in doubt,
such as a quote that is never closed, refuses the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from threading import Lock

from contacts_nb.exchange.encodings import text_encoding
from contacts_nb.exchange.files import FileContent
from contacts_nb.exchange.guarded import unguarded
from contacts_nb.exchange.sources import Record, TableSource, checked_header, fitted, without_rows
from contacts_nb.model.errors import UnreadableFile

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_CELL_LENGTH = 10_000_000
_RECORD_LENGTH = 20_000_000
_AT_ONCE = 100  # records, each of which may be megabytes
# Excel's own first line that names the delimiter.
_DELIMITER_LINE = re.compile(r'[ \t]*+"?sep=([,;\t|])"?[ \t]*+[\r\n]*+', re.IGNORECASE)
# Follows the last line: found inside a cell, it shows that a quote was never closed.
_END = "\x1eend of file\x1e"
_LIMIT_LENT = Lock()


@dataclass(slots=True)
class CsvSource(TableSource):
    """The table in a CSV file: `skipped` lines stand before its header."""

    content: FileContent
    codec: str
    delimiter: str
    skipped: int

    def records(self) -> Iterator[Record]:
        """The records below the header; raises `UnreadableFile` if there are none, or the file was changed."""
        width, empty = len(self.header), True
        with _lines(self.content, self.codec) as lines:
            parsed = _parsed(self.name, lines, self.delimiter, self.skipped)
            next(parsed, None)
            for line, cells in parsed:
                empty = False
                if len(cells) == width:
                    yield Record(line, cells)
                else:
                    yield fitted(line, cells, self.header, _DELIMITERS[self.delimiter])
        if empty:
            raise without_rows(self.name)


def csv_source(content: FileContent, *, encoding: str | None = None) -> CsvSource:
    r"""The table in `content`; `encoding` is needed only where the guess is wrong.

    Raises `UnreadableFile`.

    >>> from contacts_nb.exchange.files import file_content
    >>> source = csv_source(file_content(("people.csv", b"name;phone\nAnn;112\n")))
    >>> source.header, [record.cells for record in source.records()]
    (('name', 'phone'), [['Ann', '112']])
    """
    name = content.name
    text = text_encoding(content, encoding)
    told, skipped = _delimiter_line(content, text.codec)
    headers: dict[str, list[str]] = {}
    problem: UnreadableFile | None = None
    for delimiter in told or _DELIMITERS:
        try:
            with _lines(content, text.codec) as lines:
                _, header = next(_parsed(name, lines, delimiter, skipped))
        except UnreadableFile as error:
            problem = error
            continue
        except StopIteration:
            continue
        if "".join(header).strip("".join(_DELIMITERS) + " "):
            headers[delimiter] = header
    if not headers:
        raise problem or _without_header(content, text.codec)
    delimiter = max(headers, key=lambda one: len(headers[one]))
    return CsvSource(
        name=name,
        header=checked_header(name, headers[delimiter]),
        notes=[text.note] if text.note else [],
        encoding=text.label,
        size=content.size,
        content=content,
        codec=text.codec,
        delimiter=delimiter,
        skipped=skipped,
    )


def _delimiter_line(content: FileContent, codec: str) -> tuple[str, int]:
    """The delimiter that a line before the header names, or "", and the number of lines up to it."""
    with _lines(content, codec) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                named = _DELIMITER_LINE.fullmatch(line)
                followed = named and any(line.strip() and line != _END for line in lines)
                return (named[1], number) if named and followed else ("", 0)
    return "", 0


def _without_header(content: FileContent, codec: str) -> UnreadableFile:
    with _lines(content, codec) as lines:
        blank = not any(line.strip() and line != _END for line in lines)
    holds = "is empty" if blank else "holds only delimiters"
    return UnreadableFile(f"{content.name} {holds}. Give a file with a header line and one line for each contact.")


@contextmanager
def _lines(content: FileContent, codec: str) -> Iterator[Iterator[str]]:
    """The lines as they are, without the byte order mark and with `_END` behind them."""
    # What the encoding doesn't know was looked for before; only a guess leaves something to replace.
    with (
        content.opened() as stream,
        io.TextIOWrapper(stream, encoding=codec, errors="replace", newline="") as text,
    ):
        yield chain([text.readline().removeprefix("\ufeff")], text, [_END])


def _parsed(name: str, lines: Iterator[str], delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """The records behind the `skipped` lines that aren't blank, with the line where each begins."""
    reader = csv.reader(islice(lines, skipped, None), delimiter=delimiter)
    complete = True
    while complete:
        before = reader.line_num
        batch, complete = _batch(reader)
        line = skipped + before + 1
        ended = bool(batch and batch[-1] and batch[-1][-1].endswith(_END))
        last = batch.pop() if ended else []
        # Where each record has a line of its own there is nothing to count.
        plain = complete and reader.line_num - before == len(batch) + ended
        for cells in batch:
            begin = line
            line += 1
            if not plain and sum(map(len, cells)) > _RECORD_LENGTH:
                raise _long_record(name, begin)
            text = "".join(cells)
            if not plain:
                line += _line_ends(cells)
            if "'" in text:
                cells = [unguarded(cell) for cell in cells]  # noqa: PLW2901 - one for another
                text = "".join(cells)
            if text and not text.isspace():
                yield begin, cells
        if not complete or (ended and last != [_END]):
            raise _open_quote(name, line)
        if ended:
            return


def _batch(reader: Iterator[list[str]]) -> tuple[list[list[str]], bool]:
    """The next records, and whether they could all be read."""
    batch: list[list[str]] = []
    try:
        with _long_cells():
            # What came before an error stays in the list.
            batch.extend(islice(reader, _AT_ONCE))
    except csv.Error:
        return batch, False
    return batch, True


@contextmanager
def _long_cells() -> Iterator[None]:
    """Lends the limit of cells, of which there is one for all who read CSV in this process, to the block."""
    with _LIMIT_LENT:
        limit = csv.field_size_limit(_CELL_LENGTH)
        try:
            yield
        finally:
            # Somebody else may have set another one in the meantime.
            if csv.field_size_limit() == _CELL_LENGTH:
                csv.field_size_limit(limit)


def _line_ends(cells: list[str]) -> int:
    text = "\x1f".join(cells)
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _long_record(name: str, line: int) -> UnreadableFile:
    return UnreadableFile(
        f"The record of {name} that begins in line {line:,} is longer than {_RECORD_LENGTH:,} characters. Leave "
        "out the columns with the long values, and import the file again."
    )


def _open_quote(name: str, line: int) -> UnreadableFile:
    return UnreadableFile(
        f'In {name} a quote (") is opened in the record that begins in line {line:,} and is never closed, or a '
        f"cell of it is longer than {_CELL_LENGTH:,} characters. Correct that; a quote inside a value is written "
        "as two."
    )
