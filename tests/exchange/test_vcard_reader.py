import codecs
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.exchange.files import file_content
from contacts_nb.exchange.rows import SourceRow
from contacts_nb.exchange.vcard_lines import plain
from contacts_nb.exchange.vcard_reader import VcardSource, vcard_source
from contacts_nb.exchange.vcard_writer import escaped, folded_line
from contacts_nb.model.errors import UnreadableFile


def cards(data: bytes, encoding: str | None = None) -> VcardSource:
    return vcard_source(file_content(("people.vcf", data)), encoding=encoding)


def rows_in(data: bytes) -> list[SourceRow]:
    return list(cards(data).rows())


def source(*lines: str, version: str = "3.0", encoding: str = "utf-8") -> VcardSource:
    text = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    return cards(text.encode(encoding))


def card(
    *lines: str, version: str = "3.0", encoding: str = "utf-8"
) -> tuple[dict[str, str], tuple[str, ...], Counter[str]]:
    found = source(*lines, version=version, encoding=encoding)
    (row,) = found.rows()
    return dict(row.values), row.tags, found.left_out


def values(*lines: str, version: str = "3.0", encoding: str = "utf-8") -> dict[str, str]:
    return card(*lines, version=version, encoding=encoding)[0]


def test_a_bad_card_never_costs_the_next_one():
    data = (
        b"BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=nonsense:=ZZ=\nTEL;=;:;;\n\xff\xfe:::\nEND:VCARD\n"
        b"garbage\nBEGIN:VCARD\nPHOTO;ENCODING=B:####\nEND:VCARD\n"
        b"BEGIN:VCARD\nFN:Ann Smith\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\nBEGIN:VCARD\nFN:Cy\nTEL:12345"
    )
    rows = rows_in(data)
    assert [(row.line, row.values.get("first_name")) for row in rows][2:] == [(10, "Ann"), (12, "Bob"), (15, "Cy")]
    assert "no name, phone or e-mail" in (rows[1].problem or "")
    assert rows[4].values["phone"] == "12345"


def test_the_original_is_the_text_of_the_card():
    (row,) = rows_in(b"x\nBEGIN:VCARD\nFN:Ann\nEND:VCARD\ny\n")
    assert row.original == ("BEGIN:VCARD\nFN:Ann\nEND:VCARD",)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["N:Smith;Ann;Marie;Dr.;Jr.", "FN:Dr. Ann Smith"], ("Ann Marie", "Smith")),
        (["N:Smith;Ann;Marie,Eve"], ("Ann Marie Eve", "Smith")),
        (["N:;Ann", "FN:Ann Smith"], ("Ann", None)),
        (["N:;;;;", "FN:Ann Smith"], ("Ann", "Smith")),
        (["FN:Smith\\, Ann"], ("Ann", "Smith")),
        (["N:Smith\\; Sons;A\\\\b"], ("A\\b", "Smith; Sons")),
        (["NICKNAME:Annie", "ORG:Acme;Sales"], ("Annie", None)),
        (["ORG:Acme;Sales"], ("Acme, Sales", None)),
        (["n:Smith;Ann"], ("Ann", "Smith")),
        (["item1.N;LANGUAGE=de:Smith;Ann"], ("Ann", "Smith")),
        (["N:Smi", " th;An", "\tn"], ("Ann", "Smith")),
        (["N:Smith;Ann\\, Marie;;;"], ("Ann, Marie", "Smith")),
        (["N:Smith;Ann  Marie;;;"], ("Ann  Marie", "Smith")),
        (["N:O\\;x\\\\y;Ann\\nMarie\\, jr;;;"], ("Ann\nMarie, jr", "O;x\\y")),
        (["N:;;;;", "FN:12345"], (None, None)),
        (["N:;;;;", "FN:+4420", "TEL;VALUE=uri:tel:+4420"], (None, None)),
        (["N:;;;;", "FN:a@example.org", "EMAIL:a@example.org"], (None, None)),
    ],
)
def test_names(lines, names):
    found = values(*lines, "TEL:12345")
    assert (found.get("first_name"), found.get("last_name")) == names


@pytest.mark.parametrize(
    ("lines", "phone"),
    [
        (["TEL;HOME:111", "TEL;PREF:222", "TEL;CELL:333"], "333"),
        (["TEL;HOME:111", "TEL;TYPE=work,pref:222"], "222"),
        (["TEL;TYPE=home:111", "TEL;PREF=2;TYPE=work:222", "TEL;PREF=1;TYPE=work:333"], "333"),
        (['TEL;TYPE="voice,cell":111', "TEL;PREF:222"], "111"),
        (["TEL;FAX:111", "TEL;PAGER:222"], None),
        (["TEL;CELL:mobile", "TEL;HOME:222 222"], "222 222"),
        (["TEL;VALUE=uri:tel:+1-555-555-5555;ext=5555"], "+1-555-555-5555"),
        (["item1.TEL:111", "item1.X-ABLabel:_$!<HomeFAX>!$_", "TEL:222"], "222"),
        (["TEL:111", "item1.TEL:222", "item1.X-ABLabel:_$!<Mobile>!$_"], "222"),
    ],
)
def test_the_phone_to_call(lines, phone):
    assert values("N:Smith", *lines).get("phone") == phone


def test_what_is_no_phone_or_address_is_counted_and_costs_nothing():
    found, _, left_out = card(
        "N:Smith", "TEL:12", "TEL;FAX:12345", "EMAIL:nobody", "ADR:;;;;;;Atlantis", "LANG:tlh"
    )
    assert found == {"last_name": "Smith"}
    assert left_out == Counter(TEL=2, EMAIL=1, ADR=1, LANG=1)


def test_the_preferred_address_that_is_one_is_taken():
    found, _, left_out = card(
        "EMAIL;TYPE=home:a@example.org", "EMAIL;PREF=2:b@example.org", "EMAIL;PREF=1:b@@x",
        "EMAIL:mailto:A@example.org", version="4.0",
    )  # fmt: skip
    assert found == {"email": "b@example.org"}
    assert left_out == Counter(EMAIL=2)


def test_country_language_and_tags():
    found, tags, left_out = card(
        "N:Smith", "ADR;TYPE=home:;;1 Road;Town;;X1;Deutschland", "LANG:de-AT", "CATEGORIES:a\\,b,c,myContacts"
    )
    assert found == {"last_name": "Smith", "country": "Deutschland", "language": "de-AT"}
    assert tags == ("a,b", "c")
    assert left_out == Counter(ADR=1)


def test_what_a_contact_has_no_place_for_is_counted_by_property():
    _, _, left_out = card(
        "N:Smith", "ORG:Acme", "TITLE:", "NOTE:x", "NOTE:y", "UID:1", "X-THING:1", "PHOTO;ENCODING=B:", " AAAA",
        "TEL:111", "TEL:1 1 1", "TEL:222",
    )  # fmt: skip
    assert left_out == Counter(ORG=1, NOTE=2, PHOTO=1, TEL=1)


def test_quoted_printable_with_soft_line_breaks():
    lines = [
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=",
        "=BCrg",
        "NOTE;QUOTED-PRINTABLE:a=",
        "TEL:1",
    ]
    assert values(*lines, version="2.1") == {"first_name": "Jürg", "last_name": "Müller"}


def test_a_line_has_the_encoding_that_it_says():
    data = (
        b"BEGIN:VCARD\nN;CHARSET=Windows-1251;ENCODING=QUOTED-PRINTABLE:=CA=E8=E5=E2\nEND:VCARD\n"
        b"BEGIN:VCARD\nN;CHARSET=Windows-1253:" + "Αθήνα".encode("cp1253") + b"\nEND:VCARD\n"
        b"BEGIN:VCARD\nN:" + "Zoë".encode() + b"\nEND:VCARD\n"
        b"BEGIN:VCARD\nN;CHARSET=nonsense:" + "Ève".encode("cp1252") + b"\nEND:VCARD\n"
    )
    assert [row.values["last_name"] for row in rows_in(data)[:3]] == [
        "Киев",
        "Αθήνα",
        "Zoë",
    ]


def test_ansi_is_guessed_with_a_note_and_told_without():
    data = b"BEGIN:VCARD\nN:M\xfcller;J\xfcrg\nEND:VCARD\n"
    guessed = cards(data)
    assert [row.values["last_name"] for row in guessed.rows()] == ["Müller"]
    assert "people.vcf was read as windows-1252" in guessed.notes[0]
    told = cards(data, encoding="cp1251")
    assert [row.values["last_name"] for row in told.rows()] == ["Mьller"]
    assert told.notes == []
    assert (guessed.encoding, told.encoding) == ("windows-1252", "windows-1251")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_unicode_of_any_width(encoding):
    assert values("N:Müller", encoding=encoding) == {"last_name": "Müller"}


def test_utf_8_folded_within_a_character():
    data = "BEGIN:VCARD\nN:Mü".encode()[:-1] + b"\n " + "ü".encode()[1:] + b"ller\nEND:VCARD\n"
    (row,) = rows_in(data)
    assert row.values == {"last_name": "Müller"}


def test_base64_without_folds_is_stepped_over():
    found = values("N:Smith", "PHOTO;BASE64:", "AAAA", "TEL=", "", "EMAIL:a@example.org", version="2.1")
    assert found == {"last_name": "Smith", "email": "a@example.org"}


def test_the_card_of_an_agent_is_not_a_contact_and_lends_no_values():
    found = values("N:Smith", "AGENT:", "BEGIN:VCARD", "N:Bond", "TEL:007", "END:VCARD", "EMAIL:a@example.org")
    assert found == {"last_name": "Smith", "email": "a@example.org"}


def test_line_ends_of_old_macs_are_line_ends():
    (row,) = rows_in(b"BEGIN:VCARD\rFN:Ann\rEND:VCARD\r")
    assert row.values == {"first_name": "Ann"}


@pytest.mark.parametrize("data", [b"", codecs.BOM_UTF8, b"name,phone\nAnn,1\n", b"END:VCARD\n"])
def test_a_file_without_cards_is_refused(data):
    with pytest.raises(UnreadableFile, match=r"people\.vcf holds no vCard"):
        cards(data)


@pytest.mark.parametrize(
    "filling",
    [
        b"PHOTO;ENCODING=B:" + b"A" * 10_000_000,
        b"PHOTO;ENCODING=BASE64:\n" + (b"A" * 74 + b"\n") * 130_000,
        b"PHOTO;ENCODING=B:\n" + (b" " + b"A" * 74 + b"\n") * 130_000,
        b"N:" + b"\\" * 2_000_000,
        b'N;X="' + b'":' * 1_000_000,
        b"AGENT:\nBEGIN:VCARD\n" * 50_000,
        b"N;QUOTED-PRINTABLE:" + b"=\n" * 300_000,
    ],
)
def test_time_grows_no_faster_than_the_file(filling):
    data = b"BEGIN:VCARD\nTEL:12345\n" + filling + b"\nEND:VCARD\nBEGIN:VCARD\nN:Next\nEND:VCARD\n"
    start = time.process_time()  # which other work on the machine hardly changes
    rows = rows_in(data)
    assert rows[0].values["phone"] == "12345"
    assert time.process_time() - start < 2


def test_what_our_own_cards_hold_beyond_the_standard():
    found, tags, left_out = card(
        "N:Smith;Ann;;;", "X-LANGUAGE:de", "PHOTO;VALUE=uri:https://example.org/ann.png",
        "X-ASSIGNEE:bo@acme.example", "X-TEAM:Sales\\, North", "X-CONTACTS-NB-ID:42",
        "TEL:020 7946 0958", "X-CONTACTS-NB-E164:+442079460958",
        "X-CONTACTS-NB-FIELD;SLUG=plan;VALUE=text:gold\\; silver\\nbronze",
        'X-CONTACTS-NB-CHANNEL;NAME="Shop SMS";VALUE=text:+442079460958',
        'X-CONTACTS-NB-CHANNEL;NAME="The ^\'Shop^\': ^^1^n";VALUE=text:a\\,b',
        'X-CONTACTS-NB-CHANNEL;NAME="Shop SMS";VALUE=text:+442079460959', "CATEGORIES:vip,a\\,b",
    )  # fmt: skip
    assert found == {
        "first_name": "Ann", "last_name": "Smith", "phone": "020 7946 0958", "phone_e164": "+442079460958",
        "language": "de", "picture": "https://example.org/ann.png", "assignee": "bo@acme.example",
        "team": "Sales, North", "id": "42", "field:plan": "gold; silver\nbronze",
        "channel:Shop SMS": "+442079460958 ::: +442079460959", 'channel:The "Shop": ^1\n': "a,b",
    }  # fmt: skip
    assert tags == ("vip", "a,b")
    assert not left_out


def test_a_parameter_that_goes_over_several_lines_is_read():
    name = "Der Laden für alles: Nähe Straße und Köln-Süd, gleich neben der Post"
    line = f'X-CONTACTS-NB-CHANNEL;NAME="{name}";VALUE=text:+4912345'.encode()
    # Between any two bytes, as old programs fold.
    folded = b"\r\n ".join(line[start : start + 40] for start in range(0, len(line), 40))
    (row,) = rows_in(b"BEGIN:VCARD\r\nFN:Ann\r\n" + folded + b"\r\nTEL:12345\r\nEND:VCARD\r\n")
    assert row.values == {"first_name": "Ann", f"channel:{name}": "+4912345", "phone": "12345"}


def test_who_only_has_a_channel_is_a_contact_too():
    found = values("FN:shopper42", "N:;;;;", "X-CONTACTS-NB-CHANNEL;NAME=Shop;VALUE=text:shopper42")
    assert found == {"channel:Shop": "shopper42"}


@pytest.mark.parametrize(
    ("line", "picture"),
    [
        ("PHOTO:https://example.org/ann.png", "https://example.org/ann.png"),
        ("PHOTO;MEDIATYPE=image/gif:http://example.org/ann.gif", "http://example.org/ann.gif"),
        ("PHOTO:data:image/png;base64,AAAA", None),
        ("PHOTO;ENCODING=b;TYPE=JPEG:AAAA", None),
    ],
)
def test_a_picture_is_taken_where_it_is_a_link(line, picture):
    found, _, left_out = card("N:Smith", line, version="4.0")
    assert found.get("picture") == picture
    assert left_out == ({} if picture else {"PHOTO": 1})


def test_rows_can_be_gone_through_again_and_count_anew():
    found = source("N:Smith", "NOTE:x")
    first = list(found.rows())
    counted = found.left_out
    assert list(found.rows()) == first
    assert (counted, found.left_out) == (Counter(NOTE=1), Counter(NOTE=1))


@given(st.text(), st.text())
def test_names_that_our_own_cards_hold_are_read_back(first, last):
    card_text = "".join(folded_line(line) for line in [
        "BEGIN:VCARD", "VERSION:4.0", "FN:", f"N:{escaped(last)};{escaped(first)};;;", "TEL:12345", "END:VCARD",
    ])  # fmt: skip
    (row,) = rows_in(card_text.encode("utf-8", "replace"))
    for key, name in (("first_name", first), ("last_name", last)):
        # Line ends become line feeds, and what no card can hold is left out.
        written = plain(escaped(name)).encode("utf-8", "replace").decode()
        assert row.values.get(key, "") == written.strip()
