import codecs

import pytest

from contacts_nb.exchange.encodings import decoded, legacy_encoding
from contacts_nb.model.errors import UnreadableFile

NAMES = "Sören,Nüßlebaum\nJosé,Peña\nFrançois,Besançon\n"


@pytest.mark.parametrize(
    "data",
    [
        NAMES.encode(),
        codecs.BOM_UTF8 + NAMES.encode(),
        NAMES.encode("utf-16"),
        codecs.BOM_UTF16_BE + NAMES.encode("utf-16-be"),
        NAMES.encode("utf-32"),
        codecs.BOM_UTF32_BE + NAMES.encode("utf-32-be"),
        NAMES.encode("utf-16-le"),
        NAMES.encode("utf-16-be"),
    ],
)
def test_unicode_is_read_without_a_note(data):
    result = decoded("names.csv", data)
    assert result.text == NAMES
    assert result.note is None


def test_utf_16_without_a_mark_is_seen_behind_an_ascii_header():
    text = "first_name,last_name,phone\r\n小明,王,+8613800138000\r\n"
    assert decoded("names.csv", text.encode("utf-16-le")).text == text


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
    result = decoded("old.csv", ("name,city\n" + text).encode(encoding))
    assert result.text.endswith(text)
    assert result.note == f"old.csv was read as {label}; if names look wrong, give the right one with --encoding."


def test_one_accented_name_is_windows_1252():
    assert legacy_encoding("Zoë".encode("cp1252")) == "cp1252"


def test_a_file_of_two_encodings_is_refused_with_its_first_bad_line():
    data = "name\nZoë\n".encode() + "José\n".encode("cp1252") + "Åsa\n".encode()
    with pytest.raises(UnreadableFile) as refusal:
        decoded("mixed.csv", data)
    assert "mixed.csv mixes encodings" in str(refusal.value)
    assert "line 3 is not" in str(refusal.value)
    assert "--encoding" in str(refusal.value)


def test_a_told_encoding_overrides_everything():
    data = "name\nZoë\n".encode() + "José\n".encode("cp1252")
    result = decoded("mixed.csv", data, "Windows-1252")
    assert result.text == "name\nZoÃ«\nJosé\n"
    assert result.note is None


@pytest.mark.parametrize("encoding", ["blabla", "", "hex", "\x00", "é", "punycode", "unicode_escape"])
def test_an_unknown_encoding_is_said_to_be_unknown(encoding):
    with pytest.raises(UnreadableFile, match="is not a known encoding"):
        decoded("names.csv", b"name\nAnn\n", encoding)


def test_a_told_encoding_that_does_not_fit_is_refused_with_the_line():
    with pytest.raises(UnreadableFile, match=r"names\.csv is not in the encoding utf-8: line 2 has bytes"):
        decoded("names.csv", "name\nJosé\n".encode("cp1252"), "utf-8")


def test_half_a_utf_16_character_is_refused():
    with pytest.raises(UnreadableFile, match="is not in the encoding utf-16"):
        decoded("names.csv", codecs.BOM_UTF16_LE + b"a\x00b")
