import io
import re

from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.exchange.vcard_writer import Cards, escaped, folded_line, quoted_parameter
from contacts_nb.model.channels import Channel
from contacts_nb.model.contact import Source
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.places import countries, country_code
from contacts_nb.store.types import from_milliseconds

TEXT = st.text(st.characters(codec="utf-8")) | st.text("\\;,:\n\r\t\"^'nN \x01é漢😀")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

PLAN = Field(1, "plan", "Plan", FieldType.TEXT)
TICKED = Field(2, "ticked", "Ticked", FieldType.CHECKBOX)
SHOP = Channel(1, 'Shop "A"; B', Source.SMS, from_milliseconds(0))
COLUMNS = (
    *("id", "first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture", "tags"),
    *("assignee", "team", PLAN, TICKED, SHOP),
)


def sayable(text: str) -> str:
    """What a card can say of a text."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def parts(value: str, separator: str) -> list[str]:
    found = re.findall(rf"((?:[^\\{separator}]|\\.)*){separator}", value + separator)
    return [unescaped(part) for part in found]


def parsed(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Name, parameters and raw value of each line, read by the letter of RFC 6350."""
    content = text.encode()
    assert content.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n)", content)
    found = []
    for line in content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]:
        head = re.match(r'([A-Z0-9-]+)((?:;[A-Z]+=(?:"[^"]*"|[^";:,]*))*):', line)
        assert head, line
        parameters = {
            name: re.sub(r"\^([n'^])", lambda caret: {"n": "\n", "'": '"', "^": "^"}[caret[1]], setting.strip('"'))
            for name, setting in re.findall(r';([A-Z]+)=("[^"]*"|[^";:,]*)', head[2])
        }
        found.append((head[1], parameters, line[head.end() :]))
    return found


def card(version: str = "3.0", columns=COLUMNS, **values) -> str:
    """A card of a contact with these values; those of custom columns are named after them."""
    row = []
    for column in columns:
        name = column if isinstance(column, str) else getattr(column, "slug", "shop")
        row.append(values.get(name, () if name in ("tags", "shop") else None))
    return Cards(version, columns).card(row)


@given(TEXT)
def test_a_text_comes_back_but_for_what_no_card_can_say(text):
    assert unescaped(escaped(text)) == sayable(text)
    assert parts(escaped(text), ";") == [sayable(text)]
    assert parts(escaped(text), ",") == [sayable(text)]


@given(TEXT.map(lambda text: text.replace("\n", "").replace("\r", "")))
def test_folding_is_undone_by_taking_line_ends_and_one_space_away(text):
    folded = folded_line(text)
    assert folded.endswith("\r\n")
    stretches = folded[:-2].split("\r\n")
    assert all(len(stretch.encode()) <= 75 for stretch in stretches)
    assert all(stretch.startswith(" ") for stretch in stretches[1:])
    assert stretches[0] + "".join(stretch[1:] for stretch in stretches[1:]) == text


@given(TEXT)
def test_a_parameter_never_ends_early(text):
    quoted = quoted_parameter(text)
    assert '"' not in quoted[1:-1]
    assert "\n" not in quoted


@given(
    first=st.none() | TEXT,
    last=st.none() | TEXT,
    tags=st.lists(TEXT.filter(bool), max_size=3),
    value=st.none() | TEXT,
    identifiers=st.lists(TEXT, max_size=3),
    version=st.sampled_from(["3.0", "4.0"]),
)
def test_any_card_is_read_back_by_the_letter(first, last, tags, value, identifiers, version):
    lines = parsed(
        card(version, first_name=first, last_name=last, tags=tuple(tags), plan=value, shop=tuple(identifiers))
    )
    assert lines[0] == ("BEGIN", {}, "VCARD")
    assert lines[1] == ("VERSION", {}, version)
    assert lines[-1] == ("END", {}, "VCARD")
    by_name: dict[str, list[tuple[dict[str, str], str]]] = {}
    for name, parameters, raw in lines:
        by_name.setdefault(name, []).append((parameters, raw))
    assert parts(by_name["N"][0][1], ";") == [sayable(last or ""), sayable(first or ""), "", "", ""]
    said = [tag for _, raw in by_name.get("CATEGORIES", []) for tag in parts(raw, ",")]
    assert said == [sayable(tag) for tag in tags]
    assert [(one["NAME"], unescaped(raw)) for one, raw in by_name.get("X-CONTACTS-NB-CHANNEL", [])] == [
        (SHOP.name, sayable(identifier)) for identifier in identifiers
    ]
    fields = [(one["SLUG"], unescaped(raw)) for one, raw in by_name.get("X-CONTACTS-NB-FIELD", [])]
    assert fields == ([] if value is None else [("plan", sayable(value))])


def test_everything_of_a_contact_is_in_its_card():
    text = card(
        id=7,
        first_name="Zoë",
        last_name="Li",
        phone="020 7946 0958",
        phone_e164="+442079460958",
        email="zoe@example.org",
        country="GB",
        language="en",
        picture="https://example.org/a,b;c.png",
        tags=("Paris, France", "vip"),
        assignee="bo@acme.example",
        team="Sales",
        plan="gold",
        ticked="1",
        shop=("+442079460958", "+442079460959"),
    )
    assert text.split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "FN:Zoë Li",
        "N:Li;Zoë;;;",
        "TEL:020 7946 0958",
        "X-CONTACTS-NB-E164:+442079460958",
        "EMAIL:zoe@example.org",
        "ADR:;;;;;;United Kingdom",
        "X-LANGUAGE:en",
        "PHOTO;VALUE=uri:https://example.org/a,b;c.png",
        r"CATEGORIES:Paris\, France,vip",
        "X-ASSIGNEE:bo@acme.example",
        "X-TEAM:Sales",
        "X-CONTACTS-NB-FIELD;SLUG=plan;VALUE=text:gold",
        "X-CONTACTS-NB-FIELD;SLUG=ticked;VALUE=text:yes",
        """X-CONTACTS-NB-CHANNEL;NAME="Shop ^'A^'; B";VALUE=text:+442079460958""",
        """X-CONTACTS-NB-CHANNEL;NAME="Shop ^'A^'; B";VALUE=text:+442079460959""",
        "X-CONTACTS-NB-ID:7",
        "END:VCARD",
        "",
    ]


def test_version_4_has_a_property_for_the_language():
    assert "\r\nLANG:en\r\n" in card("4.0", language="en")


def test_a_contact_without_a_name_gets_none():
    assert card(phone="112").split("\r\n")[2:5] == ["FN:", "N:;;;;", "TEL:112"]


def test_a_phone_that_says_it_all_is_not_said_twice():
    assert "E164" not in card(phone="+44 20 7946 0958", phone_e164="+442079460958")
    assert "E164" in card(phone="+44 (0)20 7946 0958", phone_e164="+442079460958")
    assert "TEL:+442079460958\r\n" in card(columns=("phone_e164",), phone_e164="+442079460958")


def test_columns_that_were_not_chosen_are_not_there():
    assert card(columns=("email",), email="a@example.org").split("\r\n")[2:-2] == [
        *("FN:", "N:;;;;", "EMAIL:a@example.org")
    ]
    assert "FN:Profile\r\n" in card(columns=("name",), name="Profile")


def test_every_country_reads_back():
    for code in countries():
        [said] = [raw for name, _, raw in parsed(card(country=code)) if name == "ADR"]
        assert country_code(parts(said, ";")[-1]) == code


def test_cards_are_written_one_after_another():
    stream = io.StringIO()
    Cards("4.0", ("first_name",)).write(stream, [[["Ann", "Bo"]], [["Cy"]]])
    assert [raw for name, _, raw in parsed(stream.getvalue()) if name == "FN"] == ["Ann", "Bo", "Cy"]
