from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.exchange.reading import read_contacts
from contacts_nb.exchange.rows import SourceRow
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


def outcome(path: Path, encoding: str | None) -> list[SourceRow] | str:
    """The rows in a file, or the sentence that refuses it."""
    try:
        return list(read_contacts(path, encoding=encoding).rows)
    except UnreadableFile as refusal:
        return str(refusal) if str(refusal).endswith(".") else ""


@pytest.fixture
def read(tmp_path):
    def source(name, data):
        (tmp_path / name).write_bytes(data)
        return [dict(row.values) for row in read_contacts(tmp_path / name).rows]

    return source


@pytest.mark.parametrize("name", ["a.vcf", "a.VCARD", "a.txt", "a.csv", "a"])
def test_cards_are_known_by_their_content(read, name):
    assert read(name, CARD) == [{"first_name": "Ann"}]
    assert read(name, CARD.decode().encode("utf-16")) == [{"first_name": "Ann"}]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a"])
def test_everything_else_that_is_text_is_a_table(read, name):
    assert read(name, b"name\tphone\nAnn\t12345\n") == [{"first_name": "Ann", "phone": "12345"}]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"PK\x03\x04...", "a.xlsx is an Excel workbook; save it as CSV and import that"),
        ("a.csv", b"PK\x03\x04...xl/workbook.xml", "is an Excel workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "is an Excel workbook"),
        ("a.xls", b"name\tphone\n", "is an Excel workbook"),
        ("a.zip", b"PK\x03\x04", "is a ZIP archive"),
        ("a.csv", b"%PDF-1.7", "is a PDF"),
        ("a.csv", b"\x89PNG\r\n", "is a picture"),
        ("a.csv", b"\xef\xbb\xbf <!DOCTYPE html>", "is a web page"),
        ("a.csv", bytes(range(32)) * 10, "is not text"),
    ],
)
def test_other_kinds_of_file_are_named_with_what_to_do(read, name, data, words):
    with pytest.raises(UnreadableFile, match=words):
        read(name, data)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(UnreadableFile, match="There is no file"):
        read_contacts(tmp_path / "no.vcf")


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
