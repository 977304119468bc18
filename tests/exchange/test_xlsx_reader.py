import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from contacts_nb.exchange.files import file_content
from contacts_nb.exchange.sources import Record
from contacts_nb.exchange.xlsx_reader import XlsxSource, xlsx_source
from contacts_nb.model.errors import UnreadableFile
from tests.exchange.workbooks import BOOK, RELATIONS, SHEET, saved, with_part, with_shared_texts, workbook


def opened(book: Workbook) -> XlsxSource:
    return xlsx_source(file_content(("people.xlsx", saved(book))))


def table(*rows: list[object]) -> XlsxSource:
    return opened(workbook(People=list(rows)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ann", "Ann"),
        ("  two  spaces ", "  two  spaces "),
        ("007", "007"),
        ("=1+1", "=1+1"),
        ("true", "true"),
        ("line\nend", "line\nend"),
        (442079460958, "442079460958"),
        (442079460958.0, "442079460958"),
        (1.5, "1.5"),
        (0, "0"),
        (True, "true"),
        (False, "false"),
        (datetime.fromisoformat("2026-01-31"), "2026-01-31"),
        (datetime.fromisoformat("2026-01-31T12:30"), "2026-01-31T12:30:00"),
        (date(2026, 1, 31), "2026-01-31"),
        (time(9, 5), "09:05:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        (None, ""),
        ("#N/A", ""),
    ],
)
def test_values_become_the_text_that_loses_nothing(value, text):
    book = workbook(People=[["name", "value"], ["Ann", value]])
    if value == "=1+1":
        book.worksheets[0]["B2"].data_type = "s"
    assert [record.cells for record in opened(book).records()] == [["Ann", text]]


def test_a_number_that_lost_digits_is_a_problem_of_its_row():
    source = table(["name", "account"], ["Ann", 1.2e17], ["Bob", 1])
    ann, bob = source.records()
    assert ann.problem == (
        "The value '1.2e+17' in column 2 was read as a number by a spreadsheet or program, which "
        "keeps its first 15 digits only. Make its column text, write it anew and import it again."
    )
    assert bob == Record(3, ["Bob", "1"])


def test_a_number_that_is_written_with_all_its_digits_keeps_them():
    data = saved(workbook(People=[["name", "account"], ["Ann", 7]]))
    data = with_part(data, SHEET, lambda xml: xml.replace(b"<v>7</v>", b"<v>12345678901234567890</v>"))
    (record,) = xlsx_source(file_content(("people.xlsx", data))).records()
    assert record.cells == ["Ann", "12345678901234567890"]


def test_texts_that_cells_share_are_read():
    data = with_shared_texts(saved(workbook(People=[["name", "city"], ["Ann", " a\nb "], ["Bob_x000D_", "Ann"]])))
    records = xlsx_source(file_content(("people.xlsx", data))).records()
    assert [record.cells for record in records] == [["Ann", " a\nb "], ["Bob\r", "Ann"]]


def test_texts_that_cells_share_are_found_where_nobody_says_that_they_are():
    data = with_shared_texts(saved(workbook(People=[["name"], ["Ann"]])))
    data = with_part(data, RELATIONS, lambda xml: xml.replace(b"relationships/sharedStrings", b"x"))
    assert [record.cells for record in xlsx_source(file_content(("people.xlsx", data))).records()] == [["Ann"]]


def test_the_stored_value_of_a_formula_is_read():
    data = saved(workbook(People=[["name", "sum"], ["Ann", 7]]))
    data = with_part(data, SHEET, lambda xml: xml.replace(b"<v>7</v>", b"<f>3+4</f><v>7</v>"))
    (record,) = xlsx_source(file_content(("people.xlsx", data))).records()
    assert record.cells == ["Ann", "7"]


def test_the_header_is_the_first_row_with_a_text_and_rows_keep_their_numbers():
    source = table([None], [2026], ["name", None, "phone", None], [], ["Ann"], [" "], [None, None, "1", None, ""])
    assert source.header == ("name", "", "phone")
    assert list(source.records()) == [Record(5, ["Ann", "", ""]), Record(7, ["", "", "1"])]
    assert list(source.records()) == list(source.records())


def test_a_value_beyond_the_header_is_a_problem_of_its_row():
    ann, bob = table(["name", "phone"], ["Ann", "1", None, "x"], ["Bob", "2"]).records()
    assert (ann.problem or "").startswith("This row has 4 cells, but the header has 2.")
    assert bob.problem is None


def test_the_first_sheet_with_a_header_is_read_and_the_others_are_named():
    book = workbook(Empty=[], Numbers=[[1], [2]], Hidden=[["x"], ["y"]], People=[["name"], ["Ann"]], More=[["a"]])
    book["Hidden"].sheet_state = "hidden"
    source = opened(book)
    assert [record.cells for record in source.records()] == [["Ann"]]
    assert source.notes == [
        "Only the sheet 'People' of people.xlsx was read; 'More', 'Hidden' may hold contacts too."
    ]
    assert table(["name"], ["Ann"]).notes == []


def test_a_chart_is_no_sheet():
    book = workbook(People=[["name"], ["Ann"]])
    book.create_chartsheet("Chart", 0).add_chart(BarChart())
    assert opened(book).header == ("name",)


def test_a_workbook_without_a_header_and_one_without_rows_are_refused():
    with pytest.raises(UnreadableFile, match=r"people\.xlsx has no sheet with a header row"):
        table([1, 2], [3, 4])
    with pytest.raises(UnreadableFile, match="has a header line but no contacts below it"):
        list(table(["name"], [None]).records())


def test_more_columns_than_a_list_of_contacts_has_are_refused():
    with pytest.raises(UnreadableFile, match="has 1,001 columns"):
        table(["x"] * 1_001, ["y"])


@pytest.mark.parametrize(
    "dimension", [b"", b'<dimension ref="A1"/>', b'<dimension ref="A1:XFD1048576"/>', b'<dimension ref="C7:D9"/>']
)
def test_what_a_sheet_says_about_its_size_is_not_believed(dimension):
    data = saved(workbook(People=[["name", "phone"], ["Ann", "1"]]))
    data = with_part(data, SHEET, lambda xml: xml.replace(b'<dimension ref="A1:B2" />', dimension))
    source = xlsx_source(file_content(("people.xlsx", data)))
    assert list(source.records()) == [Record(2, ["Ann", "1"])]


def test_empty_rows_between_others_cost_none_of_them():
    book = workbook(People=[["name"], ["Ann"]])
    book.worksheets[0]["A30000"] = "Bob"
    assert [(record.line, record.cells) for record in opened(book).records()] == [(2, ["Ann"]), (30_000, ["Bob"])]


def test_what_a_sheet_says_about_the_place_of_a_row_makes_no_rows():
    data = saved(workbook(People=[["name"], ["Ann"], ["Bob"]]))
    data = with_part(data, SHEET, lambda xml: xml.replace(b'r="3"', b'r="99999999999"').replace(b'r="A3"', b""))
    source = xlsx_source(file_content(("people.xlsx", data)))
    assert list(source.records()) == [Record(2, ["Ann"]), Record(99_999_999_999, ["Bob"])]


def test_cells_without_a_place_follow_each_other():
    data = saved(workbook(People=[["name", "phone"], ["Ann", "1"]]))
    data = with_part(data, SHEET, lambda xml: re.sub(rb' r="[A-B]?[12]"', b"", xml))
    assert list(xlsx_source(file_content(("people.xlsx", data))).records()) == [Record(2, ["Ann", "1"])]


def test_names_of_elements_may_have_a_prefix_and_days_count_from_1904():
    data = saved(workbook(People=[["name", "day"], ["Ann", datetime.fromisoformat("2026-01-31")]]))
    data = with_part(
        data,
        SHEET,
        lambda xml: re.sub(rb"<(/?)", rb"<\1x:", xml).replace(b"worksheet xmlns=", b"worksheet xmlns:x="),
    )
    data = with_part(data, BOOK, lambda xml: re.sub(rb"<workbookPr[^>]*>", b'<workbookPr date1904="1"/>', xml))
    assert [record.cells for record in xlsx_source(file_content(("people.xlsx", data))).records()] == [
        ["Ann", "2030-02-01"]
    ]


def test_how_a_name_is_pronounced_is_no_part_of_it():
    data = saved(workbook(People=[["name"], ["Ann"]]))
    spoken = b'<is><r><t>\xe8\x8a\xb1</t></r><r><t>\xe5\xad\x90</t></r><rPh sb="0" eb="1"><t>hana</t></rPh></is>'
    data = with_part(data, SHEET, lambda xml: xml.replace(b"<is><t>Ann</t></is>", spoken))
    assert [record.cells for record in xlsx_source(file_content(("people.xlsx", data))).records()] == [["花子"]]


def test_characters_that_xml_cannot_hold_are_read_as_excel_means_them():
    assert [record.cells for record in table(["name"], ["a_x000D_\nb _x0041_"]).records()] == [["a\r\nb _x0041_"]]


def test_a_file_at_a_path_is_read_as_an_upload_is(tmp_path: Path):
    path = tmp_path / "people.xlsx"
    path.write_bytes(saved(workbook(People=[["name"], ["Ann"]])))
    source = xlsx_source(file_content(path))
    assert next(source.records()) == Record(2, ["Ann"])
    assert (source.name, source.encoding, source.size) == ("people.xlsx", None, path.stat().st_size)


def test_a_day_that_does_not_exist_is_empty_as_errors_are():
    data = saved(workbook(People=[["name", "day"], ["Ann", datetime.fromisoformat("2026-01-31")]]))
    data = with_part(data, SHEET, lambda xml: xml.replace(b"<v>46053</v>", b"<v>99999999999</v>"))
    (record,) = xlsx_source(file_content(("people.xlsx", data))).records()
    assert record.cells == ["Ann", ""]
