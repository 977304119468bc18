import csv
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest

from contacts_nb.exchange.export_columns import column_name, export_columns
from contacts_nb.exchange.exporting import Format, check_name, format_of, write_export
from contacts_nb.exchange.vcard_writer import PLACELESS
from contacts_nb.model.channels import Channel
from contacts_nb.model.contact import Source
from contacts_nb.model.errors import InvalidValue, NotFound, UnwritableFile
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.store.types import from_milliseconds

FIELDS = [Field(1, "plan", "Plan", FieldType.TEXT), Field(2, "seats", "Seats", FieldType.NUMBER)]
SHOP = Channel(1, "Shop SMS", Source.SMS, from_milliseconds(0))
TICKED = Field(3, "ticked", "Ticked", FieldType.CHECKBOX)


def chosen(columns, placeless=()) -> list[str]:
    return [column_name(column) for column in export_columns(columns, FIELDS, [SHOP], placeless)]


def test_without_a_choice_all_that_makes_up_a_contact_is_exported():
    standard = [
        *("id", "first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture"),
        *("tags", "assignee", "team"),
    ]
    assert chosen(None) == [*standard, "plan", "seats", "channel:Shop SMS", "last_interaction", "created_at"]
    assert chosen(None, PLACELESS) == [*standard, "plan", "seats", "channel:Shop SMS"]


def test_columns_come_in_the_order_chosen():
    assert chosen(iter(["seats", "channel:shop  sms", "id", "conversation_status"])) == [
        *("seats", "channel:Shop SMS", "id", "conversation_status")
    ]


@pytest.mark.parametrize(
    ("columns", "error", "says"),
    [
        (["nmae"], NotFound, "did you mean name\\? There are id, name, .*seats, channel:Shop SMS"),
        (["channel:Gone"], NotFound, "channel:Gone"),
        (["channels"], NotFound, "is not a column of exports"),
        ([7], InvalidValue, "not the name of a column"),
        ([10**5000], InvalidValue, "not the name of a column"),
        (["id", "id"], InvalidValue, "given twice"),
        (["channel:Shop SMS", "channel:SHOP SMS"], InvalidValue, "given twice"),
        ([], InvalidValue, "at least one"),
        ("id", InvalidValue, "not a list"),
        (7, InvalidValue, "not a list"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns, error, says):
    with pytest.raises(error, match=says):
        chosen(columns)


def test_what_has_no_place_in_a_card_is_said():
    with pytest.raises(InvalidValue, match="no place in a vCard"):
        chosen(["created_at"], PLACELESS)


def test_the_name_of_a_file_says_its_format():
    named = {name: format_of(name) for name in ("a.csv", "a", "A.XLSX", "a.vcf", "a.vcard")}
    assert list(named.values()) == [Format.CSV, Format.CSV, Format.XLSX, Format.VCARD3, Format.VCARD3]
    for name, kind in named.items():
        check_name(name, kind)
    with pytest.raises(UnwritableFile, match="CSV, XLSX or vCard"):
        format_of("a.pdf")
    with pytest.raises(UnwritableFile, match=r"vCard 4\.0"):
        check_name("a.csv", Format.VCARD4)


COLUMNS = ("id", "first_name", "phone", "phone_e164", "tags", "last_interaction", FIELDS[1], TICKED, SHOP)
PARTS: list[list[Sequence[Any]]] = [
    [
        *([1, 2], ["=1+1", None], ["+44 20 7946 0958", "112"], ["+442079460958", None]),
        *([("b", "c, d"), ()], [1_500, None], ["-12.5", "9007199254740991"], ["1", "0"], [("x", "y"), ()]),
    ]
]
HEADER = [*COLUMNS[:6], "seats", "ticked", "channel:Shop SMS"]
FIRST = ["+44 20 7946 0958", "+442079460958", 'b, "c, d"', "1970-01-01T00:00:01.500+00:00"]


@pytest.mark.parametrize("raw", [False, True])
def test_the_cells_of_a_csv_file_are_safe_unless_raw(tmp_path, raw):
    seen: list[int] = []
    write_export(tmp_path / "out.csv", Format.CSV, COLUMNS, PARTS, total=2, raw=raw, told=seen.append)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    mark = "" if raw else "'"
    assert rows == [
        HEADER,
        ["1", f"{mark}=1+1", mark + FIRST[0], *FIRST[1:], f"{mark}-12.5", "yes", "x ::: y"],
        ["2", "", "112", "", "", "", "9007199254740991", "no", ""],
    ]
    assert seen == [2]


def test_the_cells_of_an_xlsx_file_are_texts_but_for_exact_numbers(tmp_path):
    write_export(tmp_path / "out.xlsx", Format.XLSX, COLUMNS, PARTS, total=2, raw=False, told=lambda _: None)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        HEADER,
        [1, "=1+1", *FIRST, -12.5, "yes", "x ::: y"],
        [2, None, "112", None, None, None, "9007199254740991", "no", None],
    ]
