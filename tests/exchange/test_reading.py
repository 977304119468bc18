import io
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from contacts_nb.exchange.csv_reader import CsvSource
from contacts_nb.exchange.frame_reader import FrameSource
from contacts_nb.exchange.reading import open_source
from contacts_nb.exchange.rows import SourceRow
from contacts_nb.exchange.sources import CardSource, Record
from contacts_nb.model.errors import UnreadableFile

CARD = b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\n"
VCARD_PARTS = st.sampled_from([
    b"BEGIN:VCARD", b"END:VCARD", b"\n", b"\r\n", b"\n ", b"=\n", b":", b";", b",", b"\\", b'"', b"N", b"FN",
    b"TEL", b"EMAIL", b"ADR", b"ORG", b"AGENT:\n", b";ENCODING=QUOTED-PRINTABLE", b";ENCODING=B",
    b";CHARSET=utf-7", b";CHARSET=hex", b";PREF=9", b"=C3", b"item1.", b"\xff", b"\xc3\xa4", b"\x00", b"12345",
    b"a@b.org",
])  # fmt: skip
CSV_PARTS = st.sampled_from([
    b"name", b"phone", b"email", b"tags", b",", b";", b"\t", b"|", b'"', b'""', b"'", b"=", b"\n", b"\r", b"\r\n",
    b"\x00", b"\xe9", b"\xc3\xa9", b" ::: ", b"12345", b"sep=", b"\xef\xbb\xbf",
])  # fmt: skip


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return stream.getvalue()


def outcome(path: Path, encoding: str | None) -> list[Record] | list[SourceRow] | str:
    """The records in a file, or the sentence that refuses it."""
    try:
        source = open_source(path, encoding=encoding)
        return list(source.rows()) if isinstance(source, CardSource) else list(source.records())
    except UnreadableFile as refusal:
        return str(refusal) if str(refusal).endswith(".") else ""


@pytest.fixture
def read(tmp_path):
    def values(name, data):
        (tmp_path / name).write_bytes(data)
        of_path, of_upload = open_source(tmp_path / name), open_source((name, data))
        assert (of_path.name, of_path.size, of_path.encoding) == (name, len(data), of_upload.encoding)
        if isinstance(of_path, CardSource) and isinstance(of_upload, CardSource):
            found = [dict(row.values) for row in of_path.rows()]
            assert found == [dict(row.values) for row in of_upload.rows()]
            return found
        assert not isinstance(of_path, CardSource)
        assert not isinstance(of_upload, CardSource)
        found = [dict(zip(of_path.header, record.cells, strict=True)) for record in of_path.records()]
        assert found == [dict(zip(of_path.header, record.cells, strict=True)) for record in of_upload.records()]
        return found

    return values


@pytest.mark.parametrize("name", ["a.vcf", "a.VCARD", "a.txt", "a.csv", "a"])
def test_cards_are_known_by_their_content(read, name):
    assert read(name, CARD) == [{"first_name": "Ann"}]
    assert read(name, CARD.decode().encode("utf-16")) == [{"first_name": "Ann"}]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a", "a.xls", "a.xlsx"])
def test_everything_else_that_is_text_is_a_table(read, name):
    assert read(name, b"name\tphone\nAnn\t12345\n") == [{"name": "Ann", "phone": "12345"}]


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLSM", "a.zip", "a.csv", "a"])
def test_workbooks_are_known_by_their_content(read, name):
    book = Workbook()
    book.worksheets[0].append(["name", "phone"])
    book.worksheets[0].append(["Ann", 12345])
    stream = io.BytesIO()
    book.save(stream)
    assert read(name, stream.getvalue()) == [{"name": "Ann", "phone": "12345"}]


def test_a_frame_is_a_table():
    source = open_source(pd.DataFrame({"name": ["Ann"]}))
    assert isinstance(source, FrameSource)
    assert (source.name, source.size, source.encoding) == ("DataFrame", None, None)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"PK\x03\x04...", "a.xlsx can't be read as an Excel workbook"),
        ("a.csv", b"PK\x03\x04...xl/workbook.xml", "a.csv can't be read as an Excel workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook of the old kind; save it as XLSX or CSV"),
        ("a.zip", b"PK\x03\x04", "is a ZIP archive; unpack it and import the CSV, XLSX or vCard files in it"),
        ("a.ods", b"PK\x03\x04", "is a spreadsheet of another kind"),
        ("a.csv", zipped("xl/workbook.bin"), "is a ZIP archive"),
        ("a.xlsb", zipped("xl/workbook.bin"), "is a spreadsheet of another kind"),
        ("a.csv", b"%PDF-1.7", "is a PDF"),
        ("a.csv", b"\x89PNG\r\n", "is a picture"),
        ("a.csv", b"\xef\xbb\xbf <!DOCTYPE html>", "is a web page"),
        ("a.json", b"[]", "is a JSON file"),
        ("a.csv", bytes(range(32)) * 10, "is not text"),
    ],
)
def test_other_kinds_of_file_are_named_with_what_to_do(read, name, data, words):
    with pytest.raises(UnreadableFile, match=words):
        read(name, data)


def test_a_missing_file_and_what_is_no_source_are_said(tmp_path):
    with pytest.raises(UnreadableFile, match="There is no file"):
        open_source(tmp_path / "no.vcf")
    with pytest.raises(UnreadableFile, match=r"\[1, 2\] is no source of contacts"):
        open_source([1, 2])  # type: ignore[arg-type]


def test_an_encoding_that_is_told_is_used_for_tables_and_cards():
    table = open_source(("a.csv", b"name\nJos\xe9\n"), encoding="cp1251")
    cards = open_source(("a.vcf", b"BEGIN:VCARD\nFN:Jos\xe9\nEND:VCARD\n"), encoding="cp1251")
    assert isinstance(table, CsvSource)
    assert isinstance(cards, CardSource)
    assert [record.cells for record in table.records()] == [["Josй"]]
    assert [row.values for row in cards.rows()] == [{"first_name": "Josй"}]


@given(st.binary() | st.lists(CSV_PARTS).map(b"".join), st.sampled_from([None, "utf-8", "cp1252", "utf-7"]))
def test_any_bytes_in_a_table_give_rows_or_one_sentence(tmp_path_factory, data, encoding):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for content in (data, b"name,phone\n" + data):
        path.write_bytes(content)
        assert outcome(path, encoding)


@given(st.binary() | st.lists(VCARD_PARTS).map(b"".join), st.sampled_from([None, "utf-8", "cp1252", "utf-16"]))
def test_any_bytes_in_cards_give_rows_or_one_sentence(tmp_path_factory, data, encoding):
    path = tmp_path_factory.getbasetemp() / "any.vcf"
    for content in (data, b"BEGIN:VCARD\n" + data + b"\nEND:VCARD\n" + CARD):
        path.write_bytes(content)
        assert outcome(path, encoding)
