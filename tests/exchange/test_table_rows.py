from collections import Counter

from contacts_nb.exchange.headers import table_columns
from contacts_nb.exchange.table_rows import TableRows


def read(
    header: str, *cells: str, mapping: dict[str, str] | None = None
) -> tuple[dict[str, str], tuple[str, ...], Counter[str]]:
    rows = TableRows(table_columns("f.csv", header.split("|"), mapping))
    row = rows.row(2, cells)
    return dict(row.values), row.tags, rows.left_out


def test_a_full_name_is_parted_unless_its_parts_are_there():
    assert read("name", "Ann Marie Smith")[0] == {"first_name": "Ann Marie", "last_name": "Smith"}
    assert read("name", "Smith, Ann")[0] == {"first_name": "Ann", "last_name": "Smith"}
    assert read("name", "Acme, Inc.")[0] == {"first_name": "Acme, Inc."}
    assert read("name", "山田 太郎")[0] == {"first_name": "山田 太郎"}
    assert read("name|first name", "Dr Ann S", "Ann")[0] == {"first_name": "Ann"}


def test_mobile_comes_first_and_other_numbers_are_counted():
    values, _, left_out = read("Business Phone|Mobile Phone|Home Phone", "111 111", "222 222", "111111")
    assert values == {"phone": "222 222"}
    assert left_out == Counter({"Home Phone": 1})


def test_a_number_that_cannot_be_used_gives_way_to_the_next():
    values, _, left_out = read("mobile|phone", "none", "020 7946 0958")
    assert values == {"phone": "020 7946 0958"}
    assert left_out == Counter(mobile=1)


def test_a_single_bad_value_stays_so_that_the_row_is_rejected_with_a_reason():
    assert read("name|phone", "Ann", "none")[0]["phone"] == "none"


def test_values_without_a_field_are_counted_by_column():
    _, _, left_out = read("name|Notes|Birthday|", "Ann", "likes tea", "", "x")
    assert left_out == Counter({"Notes": 1, "column 4": 1})


def test_google_contacts_of_today():
    header = (
        "First Name|Middle Name|Last Name|Labels|E-mail 1 - Label|E-mail 1 - Value|Phone 1 - Label|"
        "Phone 1 - Value|Phone 2 - Label|Phone 2 - Value|Phone 3 - Label|Phone 3 - Value|Address 1 - Country"
    )
    values, tags, left_out = read(
        header, "Ann", "Marie", "Smith", "* myContacts ::: Book club, old ::: * friends", "* Work",
        "ann@example.org ::: a@example.org", "Work Fax", "020 7000 0000", "Work", "020 7946 0958", "Mobile",
        "07700 900123", "United Kingdom",
    )  # fmt: skip
    assert values == {
        "first_name": "Ann Marie",
        "last_name": "Smith",
        "email": "ann@example.org",
        "phone": "07700 900123",
        "country": "United Kingdom",
    }
    assert tags == ("Book club, old", "friends")
    assert left_out == Counter({"E-mail 1 - Value": 1, "Phone 1 - Value": 1, "Phone 2 - Value": 1})


def test_google_contacts_of_before():
    header = (
        "Name|Given Name|Additional Name|Family Name|Group Membership|E-mail 1 - Type|E-mail 1 - Value|"
        "Phone 1 - Type|Phone 1 - Value|Address 1 - Country"
    )
    values, tags, left_out = read(
        header, "Ann Smith", "Ann", "", "Smith", "* myContacts ::: vip", "*", "ann@example.org", "Mobile",
        "12345 ::: 67890", "GB",
    )  # fmt: skip
    assert values == {
        "first_name": "Ann",
        "last_name": "Smith",
        "email": "ann@example.org",
        "phone": "12345",
        "country": "GB",
    }
    assert tags == ("vip",)
    assert left_out == Counter({"Phone 1 - Value": 1})


def test_outlook():
    header = (
        "First Name|Middle Name|Last Name|Company|Business Fax|Business Phone|Mobile Phone|Primary Phone|"
        "Home Country/Region|Business Country/Region|E-mail Address|E-mail 2 Address|Categories"
    )
    values, tags, left_out = read(
        header, "Ann", "", "Smith", "Acme", "999999", "222222", "", "111111", "", "Germany", "ann@example.org",
        "ANN@example.org", "Red, really;VIP",
    )  # fmt: skip
    assert values == {
        "first_name": "Ann",
        "last_name": "Smith",
        "phone": "111111",
        "country": "Germany",
        "email": "ann@example.org",
    }
    assert tags == ("Red, really", "VIP")
    assert left_out == Counter({"Company": 1, "Business Fax": 1, "Business Phone": 1})


def test_a_mapped_column_goes_before_one_that_is_known():
    values, _, left_out = read("mobile|kontakt", "111111", "222222", mapping={"kontakt": "phone"})
    assert values == {"phone": "222222"}
    assert left_out == Counter(mobile=1)
