import re
import tempfile
import tracemalloc
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb.exchange.xlsx_writer import check_rows, exact_number, write_xlsx, xlsx_text
from contacts_nb.model.errors import UnwritableFile
from contacts_nb.model.fields import Field, FieldType, checked_value

TEXT = st.text(st.characters(codec="utf-8"), min_size=1) | st.text("=+-@#_x0041F\t\r\n\x01'<&\ufffe ", min_size=1)
SEATS = Field(1, "seats", "Seats", FieldType.NUMBER)


def unescaped(text: str) -> str:
    """A text as Excel takes it; openpyxl leaves the escapes in place."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def cells(path: Path) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(TEXT | st.none(), TEXT | st.none()), min_size=1, max_size=5), st.booleans())
def test_every_text_comes_back_as_a_text(tmp_path_factory, rows, raw):
    path = tmp_path_factory.getbasetemp() / "round_trip.xlsx"
    write_xlsx(path, ["name", "phone"], [list(zip(*rows, strict=True))], raw=raw)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    for row, expected in zip(sheet.iter_rows(min_row=2, max_col=2), rows, strict=False):
        for cell, text in zip(row, expected, strict=True):
            assert cell.data_type == ("n" if text is None else "s")
            assert (None if cell.value is None else unescaped(str(cell.value))) == text


@given(TEXT)
def test_the_escape_is_undone(text):
    assert unescaped(xlsx_text(text)) == text


def test_nothing_is_a_formula_or_an_error(tmp_path):
    texts = ["=1+1", "#N/A", "@SUM(A1)", "+1 (2)", "-1", "2026-01-01", "12", "TRUE"]
    write_xlsx(tmp_path / "out.xlsx", ["name"], [[texts]])
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    written = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in written] == [(text, "s") for text in texts]
    # Those stay texts when somebody edits them.
    assert [cell.value for cell in written if cell.quotePrefix] == ["=1+1", "@SUM(A1)", "+1 (2)", "-1"]
    write_xlsx(tmp_path / "raw.xlsx", ["name"], [[texts]], raw=True)
    raw = openpyxl.load_workbook(tmp_path / "raw.xlsx").active
    assert raw is not None
    assert not any(row[0].quotePrefix for row in raw.iter_rows(min_row=2))


def test_the_header_is_bold_and_stays_in_sight_and_columns_are_as_wide_as_what_is_in_them(tmp_path):
    write_xlsx(tmp_path / "out.xlsx", ["id", "name"], [[[1, 2], ["Ann Example Smith", None]], [[3], ["x" * 500]]])
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    assert [cell.font.b for cell in sheet[1]] == [True, True]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B4")
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [8, 19]
    assert cells(tmp_path / "out.xlsx")[1:] == [(1, "Ann Example Smith"), (2, None), (3, "x" * 500)]


def test_a_table_without_rows_has_its_header(tmp_path):
    write_xlsx(tmp_path / "out.xlsx", ["id", "name"], [])
    assert cells(tmp_path / "out.xlsx") == [("id", "name")]


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_numbers_only_where_nothing_is_lost(number):
    try:
        text = checked_value(SEATS, number)
    except Exception:  # noqa: BLE001 - too large for the field
        return
    assert text is not None
    exact = exact_number(text)
    assert checked_value(SEATS, exact) == text
    assert isinstance(exact, str) or float(f"{exact:.15g}") == exact


def test_too_many_contacts_are_refused_at_once():
    check_rows(1_048_575)
    with pytest.raises(UnwritableFile, match="1,048,576 contacts don't fit"):
        check_rows(1_048_576)


def test_a_cell_that_is_too_long_is_refused_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    write_xlsx(tmp_path / "out.xlsx", ["tags"], [[["x" * 32_767]]])
    with pytest.raises(UnwritableFile, match="tags in row 3 has 32,768 characters"):
        write_xlsx(tmp_path / "out2.xlsx", ["tags"], [[["Ann", "x" * 32_768]]])
    with pytest.raises(UnwritableFile, match="tags in row 2"):
        write_xlsx(tmp_path / "out2.xlsx", ["tags"], [[["😀" * 20_000]]])
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(parts: int) -> int:
        tracemalloc.start()
        write_xlsx(tmp_path / "out.xlsx", ["name"], ([["x" * 50] * 100] for _ in range(parts)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # what is loaded once
    assert peak(50) < peak(5) + 200_000
