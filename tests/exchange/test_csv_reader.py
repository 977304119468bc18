import csv
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.exchange.csv_reader import CsvSource, csv_source
from contacts_nb.exchange.files import file_content
from contacts_nb.exchange.guarded import guarded
from contacts_nb.exchange.sources import Record
from contacts_nb.model.errors import UnreadableFile


def table(content, **options) -> CsvSource:
    data = content if isinstance(content, bytes) else content.encode()
    return csv_source(file_content(("people.csv", data)), **options)


def cells(source: CsvSource) -> list[list[str]]:
    return [list(record.cells) for record in source.records()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_parts_the_header(delimiter):
    source = table("first_name,last_name,phone\nAnn,Smith,020 7946 0958\n".replace(",", delimiter))
    assert source.header == ("first_name", "last_name", "phone")
    assert cells(source) == [["Ann", "Smith", "020 7946 0958"]]


def test_everything_stays_the_text_that_it_is():
    assert cells(table("name,phone,tags\n Null ,0044207946,007\n")) == [[" Null ", "0044207946", "007"]]


def test_lines_are_those_of_the_file_even_behind_quoted_line_ends_and_blank_lines():
    source = table('\r\nname,note\r\nAnn,"one\r\ntwo"\r\n\r\n,\r\nBob,"x\ry\n\nz"\r\nCy,\r\n')
    assert list(source.records()) == [
        Record(3, ["Ann", "one\r\ntwo"]), Record(7, ["Bob", "x\ry\n\nz"]), Record(11, ["Cy", ""]),
    ]  # fmt: skip


def test_lines_are_right_beyond_what_is_read_at_once():
    text, expected, line = "name,note\n", [], 2
    for person in range(1_000):
        note = "x" + "\n" * (0, 0, 0, 1, 3)[person % 5] * (person % 300 > 100)
        text += f'{person},"{note}"\n'
        expected.append(Record(line, [str(person), note]))
        line += 1 + note.count("\n")
    assert list(table(text).records()) == expected


def test_records_can_be_gone_through_again_and_at_the_same_time():
    source = table("name\n" + "\n".join(map(str, range(500))))
    one, other = source.records(), source.records()
    assert [next(one).cells, next(one).cells, next(other).cells] == [["0"], ["1"], ["0"]]
    assert len(list(one)) == 498
    assert len(list(source.records())) == 500


def test_line_ends_of_old_macs_are_line_ends():
    assert list(table("name\rAnn\rBob").records()) == [Record(2, ["Ann"]), Record(3, ["Bob"])]


def test_excels_line_about_the_delimiter_is_no_header():
    source = table("\r\nsep=;\r\nname;phone\r\nAnn;12345\r\n")
    assert source.header == ("name", "phone")
    assert list(source.records()) == [Record(4, ["Ann", "12345"])]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff", "\ufeff\r\n"])
def test_an_empty_file_is_refused(text):
    with pytest.raises(UnreadableFile, match=r"people\.csv is empty"):
        table(text)


def test_a_file_of_delimiters_is_refused():
    with pytest.raises(UnreadableFile, match=r"people\.csv holds only delimiters"):
        table(",,\n, ,\n")


def test_a_header_alone_is_refused_when_it_is_read():
    with pytest.raises(UnreadableFile, match="has a header line but no contacts"):
        list(table("name,phone\n\n , \n").records())


def test_a_row_of_another_length_is_a_problem_of_that_row():
    source = table("name,city,phone\nAnn,Paris,123\nBob,Paris, France,123\nCy,Rome\n")
    assert list(source.records()) == [
        Record(2, ["Ann", "Paris", "123"]),
        Record(
            3, ["Bob", "Paris", " France", "123"],
            "This row has 4 cells, but the header has 3; most likely a value with a comma in it is not in quotes. "
            "Correct it and import it again.",
        ),
        Record(
            4, ["Cy", "Rome"],
            "This row has 2 cells, but the header has 3; most likely a comma is missing. "
            "Correct it and import it again.",
        ),
    ]  # fmt: skip


def test_empty_cells_at_the_end_and_nameless_columns_are_no_difference():
    source = table("name,phone,\nAnn,1234\nBob,1234,,,\nCy,1234,x\n")
    assert list(source.records()) == [
        Record(2, ["Ann", "1234", ""]), Record(3, ["Bob", "1234", ""]), Record(4, ["Cy", "1234", "x"]),
    ]  # fmt: skip


def test_more_columns_than_a_list_of_contacts_has_are_refused():
    assert len(table(",".join(["x"] * 1_000) + "\ny").header) == 1_000
    with pytest.raises(UnreadableFile, match=r"has 1,001 columns; at most 1,000 are read"):
        table(",".join(["x"] * 1_001) + "\ny")


@pytest.mark.parametrize("before", ["", "x,1\n" * 250])
def test_a_quote_that_is_never_closed_is_refused_with_its_line(before):
    line = 3 + before.count("\n")
    with pytest.raises(UnreadableFile, match=f"record that begins in line {line} and is never closed"):
        list(table(f'name,phone\n{before}Ann,1\nBob,"2\nCy,3\n').records())


def test_a_cell_over_ten_million_characters_is_refused_and_the_limit_of_others_stays():
    limit = csv.field_size_limit()
    with pytest.raises(
        UnreadableFile, match="line 2 and is never closed, or a cell of it is longer than 10,000,000"
    ):
        list(table('name,phone\nBob,"' + "2" * 10_000_001 + '"\n').records())
    assert cells(table("name\n" + "x" * 200_000 + "\n")) == [["x" * 200_000]]
    assert csv.field_size_limit() == limit


def test_a_line_over_twenty_million_characters_is_refused_before_it_is_read():
    with pytest.raises(UnreadableFile, match=r"Line 2 of people\.csv is longer than 20,000,000 characters"):
        table("name,phone\n" + "x" * 22_000_000)


def test_readers_in_several_threads_leave_the_limit_of_others_as_it_was():
    limit = csv.field_size_limit()
    text = "name,note\n" + f"Ann,{'x' * 150_000}\n" * 300
    lengths: list[int] = []
    threads = [threading.Thread(target=lambda: lengths.append(len(cells(table(text))))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths == [300] * 4
    assert csv.field_size_limit() == limit


def test_a_limit_that_somebody_sets_between_records_stays():
    limit = csv.field_size_limit()
    try:
        for _ in table("name\n" + "x\n" * 300).records():
            csv.field_size_limit(123_456)
        assert csv.field_size_limit() == 123_456
    finally:
        csv.field_size_limit(limit)


def test_nul_characters_are_kept_for_the_field_to_refuse():
    assert cells(table("name\nA\0nn\n")) == [["A\0nn"]]


def test_the_apostrophe_of_a_safe_export_is_taken_away_once():
    source = table("'=name,phone\n'=1+1,'+44 20\n''x,1\n's Gravenhage,1\n")
    assert source.header == ("=name", "phone")
    assert [record.cells[0] for record in source.records()] == ["=1+1", "'x", "'s Gravenhage"]


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_what_a_writer_guards_and_quotes_is_read_back(rows):
    # Half a surrogate pair has no UTF-8; blank rows are passed over.
    kept = [
        row
        for row in rows
        if "".join(row).strip() and "".join(row).encode("utf-8", "ignore").decode() == "".join(row)
    ]
    lines = ["name,note"]
    lines += [",".join('"' + guarded(cell).replace('"', '""') + '"' for cell in row) for row in kept]
    if kept:
        assert cells(table("\r\n".join(lines))) == [list(row) for row in kept]


def test_a_guessed_encoding_is_noted_and_can_be_changed():
    data = "name\nJosé\n".encode("cp1252")
    guessed, told = table(data), table(data, encoding="cp1251")
    assert (cells(guessed), guessed.encoding) == ([["José"]], "windows-1252")
    assert "windows-1252" in guessed.notes[0]
    assert (cells(told), told.encoding, told.notes) == ([["Josй"]], "windows-1251", [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_of_any_width_gives_the_same_table(encoding):
    text = 'name,note\r\nZoë,"a\r\nb"\r\n小明,x\r\n'
    source = table(text.encode(encoding))
    assert source.header == ("name", "note")
    assert list(source.records()) == [Record(2, ["Zoë", "a\r\nb"]), Record(4, ["小明", "x"])]
    assert source.notes == []


def test_a_mark_before_a_quoted_header_is_no_part_of_it():
    assert table('\ufeff"name, full",phone\nAnn,1\n').header == ("name, full", "phone")


def test_the_size_is_that_of_the_file(tmp_path):
    (tmp_path / "people.csv").write_text("name\nAnn\n")
    assert csv_source(file_content(tmp_path / "people.csv")).size == 9


def test_a_file_that_changed_after_it_was_opened_is_refused(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("name\nAnn\n")
    source = csv_source(file_content(path))
    path.write_text("name\nBob and Cy\n")
    with pytest.raises(UnreadableFile, match="was changed since it was first read"):
        list(source.records())
