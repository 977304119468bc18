import codecs

import pytest

from contacts_nb.exchange.encodings import TextEncoding, decoded, known_encoding, legacy_encoding, text_encoding
from contacts_nb.exchange.files import file_content
from contacts_nb.model.errors import UnreadableFile

NAMES = "Sören,Nüßlebaum\nJosé,Peña\nFrançois,Besançon\n"


def read(data: bytes, encoding: str | None = None) -> tuple[str, TextEncoding]:
    """The text of an upload, and what it was read as."""
    found = text_encoding(file_content(("names.csv", data)), encoding)
    return data.decode(found.codec, "replace").removeprefix("\ufeff"), found


@pytest.mark.parametrize(
    ("data", "label"),
    [
        (NAMES.encode(), "utf-8"),
        (codecs.BOM_UTF8 + NAMES.encode(), "utf-8"),
        (NAMES.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + NAMES.encode("utf-16-be"), "utf-16"),
        (NAMES.encode("utf-32"), "utf-32"),
        (codecs.BOM_UTF32_BE + NAMES.encode("utf-32-be"), "utf-32"),
        (NAMES.encode("utf-16-le"), "utf-16-le"),
        (NAMES.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_unicode_is_read_without_a_note(data, label):
    text, found = read(data)
    assert (text, found.label, found.note) == (NAMES, label, None)


def test_utf_16_without_a_mark_is_seen_behind_an_ascii_header():
    text = "first_name,last_name,phone\r\n小明,王,+8613800138000\r\n"
    assert read(text.encode("utf-16-le"))[0] == text
    assert read(text.encode("utf-16-le"), "utf-16")[0] == text
    assert read(text.encode("utf-16-be"), "utf-16")[0] == text


@pytest.mark.parametrize(
    ("encoding", "label", "text"),
    [
        ("cp1252", "windows-1252", NAMES),
        ("cp1250", "windows-1250", "Michał,Łódź\nMałgorzata,Wójcik\nŁukasz,Żak\n"),
        ("cp1251", "windows-1251", "Виталий,Киев\nПётр,Иванов\nСергей,Москва\n"),
        ("cp1253", "windows-1253", "Ευάγγελος,Αθήνα\nΓιώργος,Παπαδόπουλος\n"),
        ("cp932", "shift_jis", "山田,太郎\n鈴木,花子\n佐藤,さくら\n"),
        ("gb18030", "gb18030", "王,小明\n李,娜\n张,伟\n刘,洋\n"),
    ],
)
def test_a_guess_is_told_with_the_way_to_correct_it(encoding, label, text):
    data = ("name,city\n" + text).encode(encoding)
    read_text, found = read(data)
    assert read_text.endswith(text)
    assert found.label == label
    assert found.note == f"names.csv was read as {label}; if names look wrong, give the right encoding."
    # What is shown can be given back.
    assert read(data, label) == (read_text, TextEncoding(encoding))


def test_shift_jis_is_read_with_the_signs_of_windows():
    assert known_encoding("Shift_JIS") == "cp932"
    assert read("name\n髙橋①\n".encode("cp932"), "shift_jis")[0] == "name\n髙橋①\n"


def test_one_accented_name_is_windows_1252():
    assert legacy_encoding("Zoë".encode("cp1252")) == "cp1252"


def test_one_accented_name_far_down_in_a_file_is_enough():
    data = b"name\n" + b"Ann\n" * 500_000 + "Zoë\n".encode("cp1252")
    assert read(data)[1].label == "windows-1252"
    assert read(b"name\n" + b"Ann\n" * 500_000 + "Zoë\n".encode())[1].label == "utf-8"


@pytest.mark.parametrize("before", [0, 700_000])
def test_a_file_of_two_encodings_is_refused_with_its_first_bad_line(before):
    data = "name\nZoë\n".encode() + b"Ann\n" * before + "José\n".encode("cp1252") + "Åsa\n".encode()
    with pytest.raises(UnreadableFile) as refusal:
        read(data)
    assert "names.csv mixes encodings" in str(refusal.value)
    assert f"line {3 + before:,} is not" in str(refusal.value)


def test_a_told_encoding_overrides_everything():
    data = "name\nZoë\n".encode() + "José\n".encode("cp1252")
    text, found = read(data, "Windows-1252")
    assert text == "name\nZoÃ«\nJosé\n"
    assert found.note is None


@pytest.mark.parametrize("encoding", ["blabla", "", "hex", "\x00", "é", "punycode", "unicode_escape"])
def test_an_unknown_encoding_is_said_to_be_unknown(encoding):
    with pytest.raises(UnreadableFile, match="is not a known encoding"):
        read(b"name\nAnn\n", encoding)
    with pytest.raises(UnreadableFile, match="is not a known encoding"):
        decoded("names.csv", b"name\nAnn\n", encoding)


@pytest.mark.parametrize("before", [0, 700_000])
def test_a_told_encoding_that_does_not_fit_is_refused_with_the_line(before):
    data = b"name\n" + b"Ann\n" * before + "José\n".encode("cp1252")
    words = rf"names\.csv is not in the encoding utf-8: line {before + 2:,} has bytes"
    with pytest.raises(UnreadableFile, match=words):
        read(data, "utf-8")
    with pytest.raises(UnreadableFile, match=words):
        decoded("names.csv", data, "utf-8")


def test_half_a_utf_16_character_is_refused():
    with pytest.raises(UnreadableFile, match="is not in the encoding utf-16"):
        read(codecs.BOM_UTF16_LE + b"a\x00b")
    with pytest.raises(UnreadableFile, match="is not in the encoding utf-16"):
        decoded("names.vcf", codecs.BOM_UTF16_LE + b"a\x00b", "utf-16")
