import csv
from collections import Counter

import pytest

from contacts_nb.exchange.csv_reader import read_csv
from contacts_nb.exchange.rows import SourceFile
from contacts_nb.model.errors import UnreadableFile


@pytest.fixture
def table(tmp_path):
    def source(content, **options):
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_csv(path, **options)

    return source


def values(source: SourceFile) -> list[dict[str, str]]:
    return [dict(row.values) for row in source.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_parts_the_header(table, delimiter):
    text = "first_name,last_name,phone\nAnn,Smith,020 7946 0958\n".replace(",", delimiter)
    assert values(table(text)) == [{"first_name": "Ann", "last_name": "Smith", "phone": "020 7946 0958"}]


def test_everything_stays_text(table):
    (row,) = table("name,phone,tags\nNull,0044207946,007\n").rows
    assert dict(row.values) == {"first_name": "Null", "phone": "0044207946"}
    assert row.tags == ("007",)


def test_lines_are_those_of_the_file_even_behind_quoted_line_ends_and_blank_lines(table):
    text = '\r\nname,note\r\nAnn,"one\r\ntwo"\r\n\r\n,\r\nBob,x\r\n'
    source = table(text)
    assert [(row.line, row.original) for row in source.rows] == [(3, ("Ann", "one\r\ntwo")), (7, ("Bob", "x"))]
    assert source.left_out == Counter(note=2)


def test_line_ends_of_old_macs_are_line_ends(table):
    assert values(table("name\rAnn\rBob")) == [{"first_name": "Ann"}, {"first_name": "Bob"}]


def test_excels_line_about_the_delimiter_is_no_header(table):
    source = table("sep=;\r\nname;phone\r\nAnn;12345\r\n")
    assert [(row.line, dict(row.values)) for row in source.rows] == [(3, {"first_name": "Ann", "phone": "12345"})]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff"])
def test_an_empty_file_is_refused(table, text):
    with pytest.raises(UnreadableFile, match=r"people\.csv is empty"):
        table(text)


def test_a_header_alone_is_refused(table):
    with pytest.raises(UnreadableFile, match="has a header line but no contacts"):
        table("name,phone\n\n , \n")


def test_one_row_of_another_length_refuses_the_file_before_any_row(table):
    with pytest.raises(UnreadableFile) as refusal:
        table("name,city,phone\nAnn,Paris,123\nBob,Paris, France,123\nCy,Rome\n")
    assert str(refusal.value) == (
        "Line 3 of people.csv has 4 cells, but the header has 3; there are 2 such lines. Most likely a value with "
        "a comma in it is not in quotes, or a comma is missing; correct that and import the file again."
    )


def test_empty_cells_at_the_end_are_no_difference(table):
    assert len(values(table("name,phone,\nAnn,1234\nBob,1234,,,\nCy,1234,x\n"))) == 3


def test_a_quote_that_is_never_closed_is_refused_with_its_line(table):
    with pytest.raises(UnreadableFile, match="record that begins in line 3 and is never closed"):
        table('name,phone\nAnn,1\nBob,"2\nCy,3\n')


def test_a_quote_over_ten_million_characters_is_refused_and_the_limit_of_others_stays(table):
    limit = csv.field_size_limit()
    with pytest.raises(UnreadableFile, match="never closed"):
        table('name,phone\nBob,"' + "2" * 10_000_001 + '"\n')
    assert len(values(table("name\n" + "x" * 200_000 + "\n"))) == 1
    assert csv.field_size_limit() == limit


def test_nul_characters_are_kept_for_the_field_to_refuse(table):
    assert values(table("name\nA\0nn\n")) == [{"first_name": "A\0nn"}]


def test_the_apostrophe_of_a_safe_export_is_taken_away_once(table):
    source = table("name,phone\n'=1+1,'+44 20\n''x,1\n's Gravenhage,1\n")
    assert [row.original[0] for row in source.rows] == ["=1+1", "'x", "'s Gravenhage"]


def test_reasons_of_an_earlier_rejection_are_passed_over(table):
    source = table("name,rejected because\nAnn,had no phone\n")
    assert values(source) == [{"first_name": "Ann"}]
    assert not source.left_out


def test_a_guessed_encoding_is_noted(table):
    source = table("name\nJosé\n".encode("cp1252"))
    assert values(source) == [{"first_name": "José"}]
    assert "windows-1252" in source.notes[0]
