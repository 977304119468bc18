from pathlib import Path

import pytest

from contacts_nb.exchange.reading import read_contacts
from contacts_nb.exchange.rejected import rejected_path, write_rejected


def rejected_again(
    tmp_path: Path, name: str, content: bytes, reason: str = "phone 'x' is wrong;\nuse digits, please"
) -> Path:
    (tmp_path / name).write_bytes(content)
    source = read_contacts(tmp_path / name)
    out = rejected_path(tmp_path / name, tmp_path)
    write_rejected(out, source, [(row, reason) for row in source.rows])
    return out


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
    source = read_contacts(again)
    assert [dict(row.values) for row in source.rows] == [{"first_name": "Ann", "phone": "x"}]
    assert not source.left_out


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
    source = read_contacts(out)
    assert [dict(row.values) for row in source.rows] == [{"last_name": "Müller"}]
    assert source.notes == []


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
