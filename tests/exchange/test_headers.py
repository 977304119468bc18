from datetime import UTC, datetime

import pytest

from contacts_nb.exchange.headers import Known, table_columns
from contacts_nb.model.channels import Channel
from contacts_nb.model.contact import Source
from contacts_nb.model.errors import InvalidValue, UnreadableFile
from contacts_nb.model.fields import Field, FieldType


def fields(
    header: list[str],
    mapping: dict[str, str | None] | None = None,
    new_fields: tuple[str, ...] = (),
    known: Known | None = None,
) -> dict[str, str]:
    found = table_columns("f.csv", header, mapping, new_fields, known)
    return {column.name: column.field for column in found.with_field}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("first_name", "first_name"), ("First name", "first_name"), ("firstname", "first_name"),
        ("Given Name", "first_name"), ("surname", "last_name"), ("LAST-NAME", "last_name"),
        ("Family name", "last_name"), ("Name", "name"), ("Full Name", "name"), ("Phone", "phone"),
        ("Mobile", "phone"), ("tel.", "phone"), ("Telephone", "phone"), ("Phone number", "phone"),
        ("cell", "phone"), ("E-mail", "email"), ("e-mail address", "email"), ("Mail", "email"),
        ("Country/Region", "country"), ("Country", "country"), ("language", "language"), ("Labels", "tags"),
        ("Tags", "tags"), ("Categories", "tags"), ("groups", "tags"), ("Prénom", "first_name"),
    ],
)  # fmt: skip
def test_a_header_is_known_in_many_spellings(header, field):
    assert fields([header]) == {header: field}


def test_a_mapping_goes_before_the_names_and_the_rest_is_still_matched():
    header = ["who", "email", "name"]
    assert fields(header, {"who": "first_name", "name": "last_name"}) == {
        "who": "first_name",
        "email": "email",
        "name": "last_name",
    }


def test_a_mapping_to_what_does_not_exist_names_what_does():
    with pytest.raises(InvalidValue, match=r"field 'mail' does not exist; use one of first_name, .*, name"):
        table_columns("f.csv", ["a"], {"a": "mail"})
    with pytest.raises(InvalidValue, match="column 'b' is not in the file; its columns are a, c"):
        table_columns("f.csv", ["a", "", "c"], {"b": "email"})


def test_a_file_without_a_header_line_is_told_to_get_one():
    for line in (["Ann", "Smith", "ann@example.org"], ["Ann", "+44 20 7946 0958"]):
        with pytest.raises(
            UnreadableFile, match=r"seems to have no header line.*first_name,last_name,phone,email"
        ):
            table_columns("f.csv", line)


def test_a_header_without_a_known_name_is_shown_with_what_to_do():
    with pytest.raises(UnreadableFile, match=r"no column with a known name: its first line is 'foo,bar'.*--map"):
        table_columns("f.csv", ["foo", "bar"])


def test_own_fields_and_channels_are_known_by_slug_and_name():
    shop = Channel(1, "Shop: SMS", Source.SMS, datetime(2030, 1, 1, tzinfo=UTC))
    known = Known([Field(7, "plan_2", "Plan (new)", FieldType.TEXT)], [shop])
    header = ["name", "Plan (New)", "plan_2", "channel:shop: sms", "Channel:Nowhere"]
    assert fields(header, known=known) == {
        "name": "name",
        "Plan (New)": "field:plan_2",
        "plan_2": "field:plan_2",
        "channel:shop: sms": "channel:Shop: SMS",
    }
    assert fields(["a", "b"], {"a": "plan_2", "b": "channel:SHOP: sms"}, known=known) == {
        "a": "field:plan_2",
        "b": "channel:Shop: SMS",
    }
    for unknown in ("plan", "channel:Nowhere", "field:plan"):
        with pytest.raises(InvalidValue):
            fields(["a"], {"a": unknown}, known=known)


def test_a_column_is_left_out_or_becomes_a_new_field_by_hand():
    assert fields(["name", "phone", "Size"], {"phone": None}, ("Size",)) == {"name": "name", "Size": "new:Size"}
    assert table_columns("f.csv", ["name", "x"], {"x": None}).without_field == ()


def test_headers_of_hubspot():
    names = ["First Name", "Last Name", "Email", "Phone Number", "Mobile Phone Number", "Country/Region"]
    header = ["Record ID", *names]
    assert fields(header) == {
        "First Name": "first_name",
        "Last Name": "last_name",
        "Email": "email",
        "Phone Number": "phone",
        "Mobile Phone Number": "phone",
        "Country/Region": "country",
    }
