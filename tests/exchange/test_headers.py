import pytest

from contacts_nb.exchange.headers import table_columns
from contacts_nb.model.errors import InvalidValue, UnreadableFile


def fields(header: list[str], mapping: dict[str, str] | None = None) -> dict[str, str]:
    return {column.name: column.field for column in table_columns("f.csv", header, mapping).with_field}


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
