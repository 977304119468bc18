"""What nobody means to import, or means no good: each gives a sentence or rejected records."""

import io
import subprocess
import sys
import zlib
from pathlib import Path
from zipfile import ZIP_BZIP2, ZipFile

import pytest

from contacts_nb.exchange.reading import open_source
from contacts_nb.exchange.sources import CardSource, Record
from contacts_nb.model.errors import UnreadableFile
from tests.exchange.workbooks import BOOK, SHEET, STYLES, TEXTS, saved, with_part, with_shared_texts, workbook

MEGABYTE = 1024 * 1024
# Prints what comes of a file, and the most memory that the process had, in bytes.
READ_IN_A_CHILD = """
import resource, sys
from contacts_nb.exchange.reading import open_source
from contacts_nb.exchange.sources import CardSource
from contacts_nb.model.errors import UnreadableFile
try:
    source = open_source(sys.argv[1])
    problems = [row.problem for row in (source.rows() if isinstance(source, CardSource) else source.records())]
    print(len(problems), "records", sum(problem is not None for problem in problems), "problems")
except UnreadableFile as refusal:
    print(refusal)
if sys.platform == "darwin":
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
else:
    # Not ru_maxrss, which on Linux begins with that of the program which started this one.
    print(next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM:")))
"""


def outcome(name: str, data: bytes) -> list[Record] | str:
    """The records of an uploaded table, or the sentence that refuses the file."""
    try:
        source = open_source((name, data))
        assert not isinstance(source, CardSource)
        return list(source.records())
    except UnreadableFile as refusal:
        return str(refusal)


def outcome_in_a_child(path: Path) -> str:
    """The first line that a process of its own says about the file at `path`, which takes less than a gigabyte."""
    done = subprocess.run(
        [sys.executable, "-c", READ_IN_A_CHILD, str(path)], capture_output=True, text=True, check=True
    )
    said, memory = done.stdout.splitlines()
    assert int(memory) < 1024 * MEGABYTE
    return said


def broken(part: str = "", content: bytes = b"") -> bytes:
    """A workbook of two contacts, with other content in one of its parts."""
    data = with_shared_texts(saved(workbook(People=[["name", "phone"], ["Ann", "112"], ["Bob", "113"]])))
    return with_part(data, part, lambda _: content) if part else data


def test_a_sound_workbook_is_read():
    assert outcome("people.xlsx", broken()) == [Record(2, ["Ann", "112"]), Record(3, ["Bob", "113"])]


def test_a_workbook_that_was_cut_off_is_refused_wherever_that_was():
    data = broken()
    for length in range(4, len(data) - 1, 97):
        said = outcome("people.xlsx", data[:length])
        assert isinstance(said, str)
        assert "it is damaged or cut off. Open it in a spreadsheet and save it anew as XLSX or CSV." in said


def test_a_workbook_with_a_broken_byte_gives_records_or_one_sentence():
    data = broken()
    for place in range(0, len(data), 61):
        other = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        said = outcome("people.xlsx", other)
        assert said
        assert not isinstance(said, str) or said.endswith(".")


@pytest.mark.parametrize("part", [SHEET, TEXTS, STYLES, BOOK])
def test_parts_that_are_no_xml_are_refused(part):
    for content in (b"", b"\x00\x01", b"<", b"<?xml version='1.0'?><worksheet><row", b"\xff\xfe<\x00a\x00"):
        said = outcome("people.xlsx", broken(part, content))
        assert isinstance(said, str)
        assert said.startswith("people.xlsx ")
        assert said.endswith(".")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", [SHEET, TEXTS, STYLES, BOOK])
def test_entities_that_unfold_to_gigabytes_are_refused(part, encoding):
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a0 "lol">{levels}]><x>&a9;</x>'
    said = outcome("people.xlsx", broken(part, xml.encode(encoding)))
    assert "people.xlsx holds definitions of XML entities" in str(said)


@pytest.mark.parametrize(
    ("part", "start", "words"),
    [
        (STYLES, b"<a>", "unpacks to 64 MB in 'xl/styles.xml'"),
        (SHEET, b"<worksheet><c><v>", "has a cell with more than 1,000,000 characters"),
        (TEXTS, b"<sst><si><t>", "has a cell with more than 1,000,000 characters"),
        (SHEET, b"<worksheet><!--", "holds an element of many megabytes in 'xl/worksheets/sheet1.xml'"),
        (SHEET, b'<worksheet a="', "holds an element of many megabytes"),
        (SHEET, b"<worksheet>", "bomb.xlsx can't be read as an Excel workbook"),
    ],
)
def test_a_small_archive_that_unpacks_to_much_is_refused(tmp_path, part, start, words):
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(broken(part, start + b"a" * 64 * MEGABYTE))
    assert path.stat().st_size < MEGABYTE
    assert words in outcome_in_a_child(path)


def test_an_archive_that_says_it_unpacks_to_more_than_there_is_room_for_is_refused():
    stream = io.BytesIO(broken())
    with ZipFile(stream, "a") as archive:
        archive.writestr("other", b"")
        archive.getinfo(TEXTS).file_size = 3_000 * MEGABYTE
    assert "unpacks to 3,000 MB in 'xl/sharedStrings.xml'" in str(outcome("people.xlsx", stream.getvalue()))


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path):
    small = b"<worksheet/>" + b" " * 100
    data = broken(SHEET, b"<worksheet>" + b" " * 200 * MEGABYTE + b"</worksheet>")
    place = data.rindex(b"PK\x01\x02", 0, data.rindex(SHEET.encode()))
    size, lie = place + 24, len(small).to_bytes(4, "little")
    path = tmp_path / "liar.xlsx"
    path.write_bytes(data[:size] + lie + data[size + 4 :])
    assert "liar.xlsx can't be read as an Excel workbook" in outcome_in_a_child(path)


def test_a_compression_that_can_unpack_to_gigabytes_at_once_is_refused():
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(broken())) as old, ZipFile(stream, "w", ZIP_BZIP2) as new:
        for part in old.namelist():
            new.writestr(part, old.read(part))
    assert "people.xlsx can't be read as an Excel workbook" in str(outcome("people.xlsx", stream.getvalue()))


def test_cells_without_end_in_one_row_are_refused(tmp_path):
    path = tmp_path / "people.xlsx"
    path.write_bytes(broken(SHEET, b"<worksheet><sheetData><row>" + b"<c/>" * 10_000_000))
    assert "has a row with more than 16,384 cells" in outcome_in_a_child(path)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("people.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "people.xlsx is protected by a password"),
        ("people.xls", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
        ("people.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "people.xls is an Excel workbook of the old kind"),
        ("people.csv", b"<!DOCTYPE html><html>", "people.csv is a web page"),
        ("people.csv", b"\n <HTML>\n<table><tr><td>name</td>", "people.csv is a web page"),
        ("people.csv", b"", "people.csv is empty"),
        ("people.csv", b"\xef\xbb\xbf", "people.csv is empty"),
        ("people.vcf", b"", "people.vcf holds no vCard"),
        ("people.xlsx", b"", "people.xlsx is empty"),
        ("people.csv", bytes(range(256)) * 40, "people.csv is not text"),
        ("people.csv", zlib.compress(b"name" * 1_000) * 20, "people.csv"),
        ("people.csv", "name\nAnn\n".encode("utf-16")[:-1], "people.csv is not in the encoding utf-16"),
        ("people.csv", "name\nAnn\n".encode("utf-16-le")[:-1], "people.csv is not in the encoding utf-16-le"),
        ("people.vcf", "BEGIN:VCARD\nFN:Ann\n".encode("utf-16")[:-1], "people.vcf is not in the encoding utf-16"),
        ("people.csv", b'name\n"Ann\n', "in the record that begins in line 2 and is never closed"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_contacts_is_refused_in_one_sentence_or_two(name, data, words):
    said = outcome(name, data)
    assert isinstance(said, str)
    assert words in said


def test_a_hundred_thousand_columns_are_refused():
    header = ",".join(f"column {number}" for number in range(100_000))
    assert outcome("people.csv", f"{header}\n".encode()) == (
        "people.csv has 100,000 columns; at most 1,000 are read. Leave out those that aren't about contacts."
    )


def test_a_row_of_a_hundred_thousand_cells_is_a_problem_of_its_own():
    said = outcome("people.csv", b"name,phone\nAnn" + b",x" * 100_000 + b"\nBob,1\n")
    assert isinstance(said, list)
    ann, bob = said
    assert "This row has 100,001 cells, but the header has 2" in (ann.problem or "")
    assert bob == Record(3, ["Bob", "1"])


@pytest.mark.parametrize("cell", [b"x" * 50 * MEGABYTE, b'"' + b"x\n" * 25 * MEGABYTE + b'"'])
def test_a_cell_of_fifty_megabytes_is_refused(tmp_path, cell):
    path = tmp_path / "people.csv"
    path.write_bytes(b"name,note\nAnn," + cell + b"\nBob,x\n")
    assert "longer than" in outcome_in_a_child(path)


def test_a_file_of_nothing_but_one_line_is_refused(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes(b"x" * 300 * MEGABYTE)
    assert "Line 1 of people.csv is longer than" in outcome_in_a_child(path)


def test_nul_characters_come_through_for_the_fields_to_reject():
    assert outcome("people.csv", b"first name,phone number\nA\x00nn of the many names,1\n\x00,\x00\n") == [
        Record(2, ["A\x00nn of the many names", "1"]),
        Record(3, ["\x00", "\x00"]),
    ]


@pytest.mark.parametrize("line_end", [b"\n", b"\n "])
def test_ten_megabytes_of_picture_in_a_card_are_stepped_over(tmp_path, line_end):
    path = tmp_path / "people.vcf"
    photo = line_end.join([b"A" * 74] * 140_000)
    path.write_bytes(
        b"BEGIN:VCARD\nFN:Ann\nPHOTO;ENCODING=b:" + photo + b"\nTEL:112\nEND:VCARD\n"
        b"BEGIN:VCARD\nFN:Bob\nEND:VCARD\n"
    )
    assert outcome_in_a_child(path) == "2 records 0 problems"
    source = open_source(path)
    assert isinstance(source, CardSource)
    ann, bob = source.rows()
    assert (ann.values, bob.values) == ({"first_name": "Ann", "phone": "112"}, {"first_name": "Bob"})
