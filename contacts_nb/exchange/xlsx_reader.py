"""Tables from Excel workbooks, row by row: the first sheet that has a header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contacts_nb.exchange.files import FileContent
from contacts_nb.exchange.sources import Record, TableSource, checked_header, fitted, without_rows
from contacts_nb.exchange.xlsx_parts import Parts, Sheet, opened_parts
from contacts_nb.exchange.xlsx_sheets import Cells, Row, sheet_rows
from contacts_nb.model.errors import UnreadableFile, shown


@dataclass(slots=True)
class XlsxSource(TableSource):
    """The table in one `sheet` of a workbook, below its `header_row`-th row that isn't blank."""

    content: FileContent
    sheet: Sheet
    header_row: int

    def records(self) -> Iterator[Record]:
        """The rows below the header that aren't blank; raises `UnreadableFile` if there are none."""
        empty = True
        with opened_parts(self.content) as parts:
            for position, row in enumerate(sheet_rows(parts, self.sheet, Cells(parts))):
                if position <= self.header_row:
                    continue
                empty = False
                if row.problem is not None:
                    yield Record(row.number, row.cells, f"{row.problem} and import it again.")
                else:
                    # A sheet doesn't store the empty cells at the end of a row.
                    yield fitted(row.number, row.cells, self.header, may_be_short=True)
        if empty:
            raise without_rows(self.name)


def xlsx_source(content: FileContent) -> XlsxSource:
    """The table in the workbook `content`: its first sheet with a header, which is the first row with a text.

    Sheets that are shown go before hidden ones. Raises `UnreadableFile`.
    """
    name = content.name
    with opened_parts(content) as parts:
        cells = Cells(parts)
        sheets = sorted(parts.sheets(), key=lambda sheet: sheet.hidden)
        found = [(sheet, header) for sheet in sheets if (header := _header(parts, sheet, cells))]
    if not found:
        raise UnreadableFile(
            f"{name} has no sheet with a header row. "
            "Give a workbook with a header row and one row for each contact."
        )
    sheet, (position, row) = found[0]
    width = max(number for number, cell in enumerate(row.cells, start=1) if cell.strip())
    return XlsxSource(
        name=name,
        header=checked_header(name, row.cells[:width]),
        notes=[_other_sheets(name, [sheet.title for sheet, _ in found])] if len(found) > 1 else [],
        encoding=None,
        size=content.size,
        content=content,
        sheet=sheet,
        header_row=position,
    )


def _header(parts: Parts, sheet: Sheet, cells: Cells) -> tuple[int, Row] | None:
    rows = enumerate(sheet_rows(parts, sheet, cells))
    return next(((position, row) for position, row in rows if row.has_text), None)


def _other_sheets(name: str, titles: Sequence[str]) -> str:
    others = ", ".join(shown(title) for title in titles[1:])
    return f"Only the sheet {shown(titles[0])} of {name} was read; {others} may hold contacts too."
