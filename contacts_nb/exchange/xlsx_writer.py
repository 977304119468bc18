"""Tables as XLSX in which every text is a text: nothing is a formula, and no character is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from contacts_nb.exchange.guarded import guarded
from contacts_nb.model.errors import UnwritableFile
from contacts_nb.model.fields import FieldType, value_of

MOST_ROWS = 1_048_576  # with the header
MOST_CHARACTERS = 32_767  # of a cell

# What XML has no way to say, and what looks like the escape for it.
_UNSAYABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_EXACT = 10**15  # spreadsheets show 15 digits of a number
_NARROWEST, _WIDEST = 8, 48  # of columns, in characters

XlsxCells = Sequence[str | float | None]


def check_rows(count: int) -> None:
    """Raise `UnwritableFile` where `count` rows and a header don't fit."""
    if count >= MOST_ROWS:
        raise UnwritableFile(
            f"{count:,} contacts don't fit into XLSX, which has room for {MOST_ROWS - 1:,}. "
            "Export them as CSV, or narrow them with a filter."
        )


def exact_number(text: str) -> str | float:
    """The number that the canonical `text` stands for, where a spreadsheet shows all of it; else `text`.

    >>> exact_number("12"), exact_number("0.5"), exact_number("9007199254740991")
    (12, 0.5, '9007199254740991')
    """
    number = value_of(FieldType.NUMBER, text)
    if isinstance(number, int):
        return number if abs(number) < _EXACT else text
    if isinstance(number, float) and float(f"{number:.15g}") == number and 1e-300 < abs(number) < 1e300:
        return number
    return text


def xlsx_text(text: str) -> str:
    r"""`text` as a cell holds it: what XML can't say as `_xHHHH_` (ST_Xstring of ISO 29500).

    >>> print(xlsx_text("a\x01b"), xlsx_text("_x0041_"))
    a_x0001_b _x005F_x0041_
    """
    return _UNSAYABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def write_xlsx(
    path: Path, header: Sequence[str], parts: Iterable[Sequence[XlsxCells]], *, raw: bool = False
) -> None:
    """Write a table that comes by the column, a part of its rows at a time, to the file at `path`.

    Cells that a spreadsheet would run once somebody edits them are marked as texts for good, unless `raw`.
    Raises `UnwritableFile` for a cell that is too long.
    """
    book = Workbook(write_only=True)
    # What such a sheet can do isn't all in the types of openpyxl.
    sheet: Any = book.create_sheet("Contacts")
    try:
        _fill(sheet, header, parts, raw=raw)
        book.save(path)
    finally:
        _remove_draft(sheet)


def _fill(sheet: Any, header: Sequence[str], parts: Iterable[Sequence[XlsxCells]], *, raw: bool) -> None:
    remaining = iter(parts)
    first = next(remaining, [[] for _ in header])
    # Both have to be known before the first row is written.
    sheet.freeze_panes = "A2"
    for number, (name, cells) in enumerate(zip(header, first, strict=True), start=1):
        longest = max(map(len, map(str, (name, *(cell for cell in cells if cell is not None)))))
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, _NARROWEST), _WIDEST)
    sheet.append([_bold(sheet, name) for name in header])
    rows = 1
    for part in chain([first], remaining):
        for row in zip(*part, strict=True):
            rows += 1
            sheet.append([
                _cell(sheet, cell, header[place], rows, raw=raw) if isinstance(cell, str) else cell
                for place, cell in enumerate(row)
            ])  # fmt: skip
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{rows}"


def _remove_draft(sheet: Any) -> None:
    """Remove the file that openpyxl gathers rows in; it does so itself only once all went well."""
    if not sheet.closed:
        with suppress(Exception):  # half a table may be no table to it
            sheet.close()
    writer = sheet._writer  # noqa: SLF001 - there is no other way
    if writer is not None and Path(writer.out).exists():
        writer.cleanup()


def _bold(sheet: Any, name: str) -> Cell:
    cell = _text_cell(sheet, xlsx_text(name))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, text: str, column: str, row: int, *, raw: bool) -> str | Cell:
    said = xlsx_text(text)
    # Counted as Excel does, in UTF-16.
    if len(said) * 2 > MOST_CHARACTERS and len(said.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
        raise UnwritableFile(
            f"{column} in row {row:,} has {len(said):,} characters, and a cell of XLSX holds {MOST_CHARACTERS:,}. "
            "Export as CSV, or leave that column out."
        )
    # openpyxl takes a text that begins with = for a formula, and some with # for errors.
    if text >= "A":
        return said
    cell = _text_cell(sheet, said)
    if not raw and guarded(text) != text:
        cell.quotePrefix = True
    return cell


def _text_cell(sheet: Any, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell
