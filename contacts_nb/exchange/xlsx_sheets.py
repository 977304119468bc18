"""The cells of a sheet as text, from the XML of its rows: what Excel keeps, not what it shows."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from contacts_nb.exchange.cell_texts import NoText, cell_text
from contacts_nb.exchange.xlsx_parts import MEGABYTE, Parts, Sheet, too_large
from contacts_nb.model.errors import shown

_SHEET_SIZE = 8_192 * MEGABYTE  # never in memory as a whole
_TEXTS_SIZE = 200 * MEGABYTE  # in memory, since any cell may refer to any of them
_MOST_CELLS = 16_384  # of a row, by the format
_LONGEST_TEXT = 1_000_000
_LONGEST_ROW = 10_000_000
_MOST_TEXTS = 5_000_000  # that cells share
# How Excel writes characters that XML can't hold, and what looks like one.
_ESCAPED = re.compile("_x(005[Ff]|00[01][0-9A-Fa-f]|[Ff]{3}[EeFf])_")


class Row(NamedTuple):
    """One row of a sheet that isn't blank; `problem` is the first value that can't be read, as half a sentence."""

    number: int
    cells: list[str]
    problem: str | None
    has_text: bool


class Cells:
    """What the cells of a workbook refer to: texts that they share, and formats of days and times."""

    def __init__(self, parts: Parts) -> None:
        path = parts.of_book("/sharedStrings")
        self.texts = list(_texts(parts, path)) if path else []
        self.days, self.durations = _styles(parts)
        dates = [element.attributes.get("date1904", "0") for element in parts.book if element.name == "workbookPr"]
        self.epoch = CALENDAR_MAC_1904 if dates and dates[0] in {"1", "true"} else CALENDAR_WINDOWS_1900

    def text(self, kind: str, value: str, style: str | None) -> str:
        """The text of a cell of this type with this value. Raises `NoText`, and `ValueError` for broken files."""
        if kind == "s":
            return self.texts[int(value)]
        if kind == "n":
            return self._day(float(value), style) if style in self.days else _number(value)
        other = _OTHER_KINDS.get(kind)
        return other(value) if other else _unescaped(value)

    def _day(self, serial: float, style: str | None) -> str:
        try:
            return cell_text(from_excel(serial, self.epoch, timedelta=style in self.durations))
        except (OverflowError, ValueError):
            return ""  # Excel itself shows an error


def sheet_rows(parts: Parts, sheet: Sheet, cells: Cells) -> Iterator[Row]:
    """The rows of `sheet` that aren't blank."""
    reader = _Rows(parts.name, cells)
    for _ in parts.fed(sheet.path, reader.parser, _SHEET_SIZE):
        yield from reader.rows
        reader.rows.clear()


class _Texts(ABC):
    """Collects the text of elements; in a namespace that has a prefix, all names have it."""

    def __init__(self, name: str) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._first
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self._characters
        self.name = name
        self.phonetic = False  # how a name is pronounced is no part of it
        self.parts: list[str] = []
        self.taking = False
        self._length = 0

    @abstractmethod
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    @abstractmethod
    def end(self, name: str) -> None:
        """An element ends."""

    def taken(self) -> str:
        """The text since the last time."""
        text = self.parts[0] if len(self.parts) == 1 else "".join(self.parts)
        self.parts.clear()
        self._length = 0
        return text

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        before, colon, _ = name.rpartition(":")
        prefix = before + colon
        start: Callable[[str, dict[str, str]], None] = self.start
        if prefix:
            end, cut = self.end, len(prefix)
            self.parser.EndElementHandler = lambda name: end(name[cut:])
            self.parser.StartElementHandler = lambda name, attributes: start(name[cut:], attributes)
        else:
            self.parser.StartElementHandler = start
        start(name[len(prefix) :], attributes)

    def _characters(self, text: str) -> None:
        if self.taking:
            self.parts.append(text)
            self._length += len(text)
            if self._length > _LONGEST_TEXT:
                raise too_large(self.name, f"has a cell with more than {_LONGEST_TEXT:,} characters")


class _Rows(_Texts):
    def __init__(self, name: str, cells: Cells) -> None:
        super().__init__(name)
        self.rows: list[Row] = []
        self._text = cells.text
        self._columns: dict[str, int] = {}
        self._number = 0
        self._row: list[str] = []
        self._row_length = 0
        self._problem: str | None = None
        self._has_text = False
        self._kind = "n"
        self._style: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s")
            place = attributes.get("r")
            if place is not None:
                missing = self._column(place.rstrip("0123456789")) - len(self._row)
                if missing:
                    self._row.extend([""] * missing)
            if len(self._row) >= _MOST_CELLS:
                raise too_large(self.name, f"has a row with more than {_MOST_CELLS:,} cells")
        elif name == "v":
            self.taking = self._kind != "inlineStr"
        elif name == "t":
            self.taking = not self.phonetic
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._row, self._row_length, self._problem, self._has_text = [], 0, None, False
        elif name == "rPh":
            self.phonetic = True

    def end(self, name: str) -> None:
        if name == "c":
            text = self._cell(self.taken()) if self.parts else ""
            self._row.append(text)
            # A text that cells share may be in thousands of them.
            self._row_length += len(text)
            if self._row_length > _LONGEST_ROW:
                raise too_large(self.name, f"has a row with more than {_LONGEST_ROW:,} characters")
        elif name in {"v", "t"}:
            self.taking = False
        elif name == "rPh":
            self.phonetic = False
        elif name == "row" and "".join(self._row).strip():
            self.rows.append(Row(self._number, self._row, self._problem, self._has_text))

    def _cell(self, value: str) -> str:
        try:
            text = self._text(self._kind, value, self._style)
        except NoText as reason:
            column = len(self._row) + 1
            self._problem = self._problem or f"The value {shown(value)} in column {column} {reason}"
            return value
        if self._kind in {"s", "inlineStr", "str"} and text and not text.isspace():
            self._has_text = True
        return text

    def _column(self, letters: str) -> int:
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters[:4]:
                column = column * 26 + ord(letter.upper()) - ord("A") + 1
            column = self._columns[letters] = min(column - 1, _MOST_CELLS)
        return column


class _SharedTexts(_Texts):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.texts: list[str] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        if name == "t":
            self.taking = not self.phonetic
        elif name == "rPh":
            self.phonetic = True

    def end(self, name: str) -> None:
        if name == "si":
            self.texts.append(_unescaped(self.taken()) if self.parts else "")
            self._count += 1
            if self._count > _MOST_TEXTS:
                raise too_large(self.name, f"has more than {_MOST_TEXTS:,} texts")
        elif name == "t":
            self.taking = False
        elif name == "rPh":
            self.phonetic = False


def _texts(parts: Parts, path: str) -> Iterator[str]:
    reader = _SharedTexts(parts.name)
    for _ in parts.fed(path, reader.parser, _TEXTS_SIZE):
        yield from reader.texts
        reader.texts.clear()


def _styles(parts: Parts) -> tuple[frozenset[str], frozenset[str]]:
    """The numbers of the styles that show a number as a day or time, and of those among them for durations."""
    path = parts.of_book("/styles")
    formats = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    days, durations, used, inside = set(), set(), 0, False
    for element in parts.elements(path) if path else ():
        if element.name == "numFmt":
            formats[element.attributes["numFmtId"]] = element.attributes["formatCode"]
        elif element.name in {"cellXfs", "cellStyles", "dxfs"}:
            inside = element.name == "cellXfs"
        elif element.name == "xf" and inside:
            code = formats.get(element.attributes.get("numFmtId", "0"), "General")
            if is_date_format(code):
                days.add(str(used))
            if is_timedelta_format(code):
                durations.add(str(used))
            used += 1
    return frozenset(days), frozenset(durations)


def _number(value: str) -> str:
    if value.isdecimal() and value.isascii() and value[0] != "0":
        return value
    return cell_text(int(value) if value.removeprefix("-").isdecimal() else float(value))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text) if "_x" in text else text


_OTHER_KINDS: dict[str, Callable[[str], str]] = {
    "b": lambda value: cell_text(bool(int(value))),
    "d": lambda value: cell_text(datetime.fromisoformat(value)),
    "e": lambda _value: "",  # an error of a formula
}
