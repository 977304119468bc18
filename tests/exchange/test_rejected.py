from pathlib import Path

import pytest

from contacts_nb.exchange.headers import table_columns
from contacts_nb.exchange.reading import open_source
from contacts_nb.exchange.rejected import Rejected, rejected_path, write_rejected
from contacts_nb.exchange.sources import CardSource, Source
from contacts_nb.exchange.table_rows import TableRows


def rejected_again(
    tmp_path: Path, name: str, content: bytes, reason: str = "phone 'x' is wrong;\nuse digits, please"
) -> Path:
    (tmp_path / name).write_bytes(content)
    source = open_source(tmp_path / name)
    out = rejected_path(tmp_path / name, tmp_path)
    with out.open("w", encoding="utf-8", newline="") as stream:
        write_rejected(stream, source.header, [Rejected(0, original, reason) for original in originals(source)])
    return out


def originals(source: Source) -> list[tuple[str, ...]]:
    if isinstance(source, CardSource):
        return [row.original for row in source.rows()]
    return [tuple(record.cells) for record in source.records()]


def values(path: Path) -> list[dict[str, str]]:
    source = open_source(path)
    if isinstance(source, CardSource):
        return [dict(row.values) for row in source.rows()]
    rows = TableRows(table_columns(path.name, source.header))
    found = [dict(rows.row(record.line, record.cells).values) for record in source.records()]
    assert not rows.left_out
    return found


def test_rows_come_back_with_their_reason_in_a_last_column(tmp_path):
    out = rejected_again(tmp_path, "p.csv", b"name;phone;city\r\nAnn;'=x;\r\n")
    assert out.read_bytes() == (
        b"name,phone,city,rejected because\r\nAnn,'=x,,\"phone 'x' is wrong; use digits, please\"\r\n"
    )


def test_corrected_rows_can_be_imported_and_rejected_again(tmp_path):
    out = rejected_again(tmp_path, "p.csv", b"name,phone\nAnn,x\n")
    again = rejected_again(tmp_path, out.name, out.read_bytes(), "still wrong")
    assert again.name == "p.rejected-2.csv"
    assert again.read_bytes() == b"name,phone,rejected because\r\nAnn,x,still wrong\r\n"
    assert values(again) == [{"first_name": "Ann", "phone": "x"}]


def test_cards_come_back_with_their_reason_in_one_line(tmp_path):
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:x\r\nEND:VCARD\r\n"
    out = rejected_again(tmp_path, "p.vcf", card + b"BEGIN:VCARD\r\nNOTE:cropped")
    assert out.read_bytes() == (
        b"BEGIN:VCARD\r\nX-REJECTED-BECAUSE:phone 'x' is wrong\\; use digits\\, please\r\nVERSION:3.0\r\n"
        b"NOTE:x\r\nEND:VCARD\r\nBEGIN:VCARD\r\nX-REJECTED-BECAUSE:phone 'x' is wrong\\; use digits\\, please\r\n"
        b"NOTE:cropped\r\nEND:VCARD\r\n"
    )
    again = rejected_again(tmp_path, out.name, out.read_bytes(), "still wrong")
    assert again.read_bytes().count(b"X-REJECTED-BECAUSE") == 2
    assert again.read_bytes().count(b"still wrong") == 2


def test_cards_of_an_old_encoding_come_back_as_utf_8(tmp_path):
    out = rejected_again(tmp_path, "p.vcf", b"BEGIN:VCARD\nN:M\xfcller\nEND:VCARD\n")
    assert values(out) == [{"last_name": "Müller"}]
    assert open_source(out).notes == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("p.csv", "p.rejected.csv"),
        ("p.txt", "p.rejected.csv"),
        ("p.VCF", "p.rejected.vcf"),
        ("p.rejected.csv", "p.rejected-2.csv"),
        ("p.rejected-2.csv", "p.rejected-3.csv"),
    ],
)
def test_the_rejected_never_go_into_the_source(source, name):
    assert rejected_path(source, "out") == Path("out") / name


def test_what_the_source_holds_can_be_told():
    assert rejected_path("p.txt", "out", cards=True).name == "p.rejected.vcf"


def test_what_stood_beyond_the_last_column_is_not_lost(tmp_path):
    out = rejected_again(tmp_path, "p.csv", b"name,phone\nAnn,112,x,y\n", "too long")
    assert out.read_bytes().splitlines()[1] == b"Ann,112,too long Beyond the last column: x | y"
