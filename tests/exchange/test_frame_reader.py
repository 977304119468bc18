from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from contacts_nb.exchange.frame_reader import frame_source
from contacts_nb.exchange.sources import Record
from contacts_nb.model.errors import UnreadableFile


def texts(values: object, dtype: str | None = None) -> list[str]:
    """The cells of a column beside one that isn't blank."""
    frame = pd.DataFrame({"name": "Ann", "value": pd.Series(values, dtype=dtype)})
    return [record.cells[1] for record in frame_source(frame).records()]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (["Ann", None, " x "], "str", ["Ann", "", " x "]),
        (["Ann", None, float("nan"), pd.NA, pd.NaT], "object", ["Ann", "", "", "", ""]),
        ([442079460958, None], "float64", ["442079460958", ""]),
        ([442079460958, None], "Int64", ["442079460958", ""]),
        ([12345678901234567], "int64", ["12345678901234567"]),
        ([1.5, -0.0, float("inf")], "float64", ["1.5", "0", "inf"]),
        ([1.5], "float32", ["1.5"]),
        ([True, False], "bool", ["true", "false"]),
        ([True, None], "boolean", ["true", ""]),
        (["b", None, "a"], "category", ["b", "", "a"]),
        (["2026-01-31", None], "datetime64[s]", ["2026-01-31", ""]),
        (["2026-01-31T12:30:00.25"], "datetime64[ns]", ["2026-01-31T12:30:00.250000"]),
        (["2026-01-31"], "datetime64[ns, UTC]", ["2026-01-31T00:00:00+00:00"]),
        ([date(2026, 1, 31), time(9, 5), datetime(2026, 1, 31, tzinfo=UTC)], "object",
         ["2026-01-31", "09:05:00", "2026-01-31T00:00:00+00:00"]),
        ([Decimal("12.50"), np.int64(7), np.float64(7.0), np.bool_(True), np.datetime64("2026-01-31")],
         "object", ["12.50", "7", "7", "true", "2026-01-31"]),
        ([["vip", "Paris, France"], (), np.array(["new"], dtype=object)], "object",
         ['vip, "Paris, France"', "", "new"]),
    ],
)  # fmt: skip
def test_values_become_the_text_that_loses_nothing(values, dtype, expected):
    assert texts(values, dtype) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            {"a": 1},
            "The value {'a': 1} in column 'value' is of the type dict, which is no text. Turn it into text",
        ),
        ([1, 2], "is of the type list, which is no text"),
        (b"x", "is of the type bytes, which is no text"),
        (1e17, "keeps its first 15 digits only. Make its column text, write it anew and import it again."),
        (10**5000, "The value of int in column 'value' has too many digits"),
    ],
    ids=["dict", "numbers", "bytes", "float", "int"],
)
def test_a_value_that_is_no_text_is_a_problem_of_its_row(value, words):
    frame = pd.DataFrame({"name": ["Ann", "Bob"], "value": pd.Series(["x", value], dtype="object")})
    ann, bob = frame_source(frame).records()
    assert ann == Record(1, ["Ann", "x"])
    assert (bob.line, bob.cells[0]) == (2, "Bob")
    assert words in (bob.problem or "")


def test_rows_are_numbered_by_position_and_blank_ones_passed_over():
    frame = pd.DataFrame({"name": ["Ann", None, "Bob"], "phone": ["", " ", None]}, index=[7, 7, 9])
    assert [(record.line, list(record.cells)) for record in frame_source(frame).records()] == [
        (1, ["Ann", ""]),
        (3, ["Bob", ""]),
    ]


def test_names_of_columns_are_texts_and_may_be_the_same():
    frame = pd.DataFrame([["Ann", "1", "2"]], columns=["name", "phone", "phone"])
    source = frame_source(frame)
    assert source.header == ("name", "phone", "phone")
    assert [list(record.cells) for record in source.records()] == [["Ann", "1", "2"]]
    assert frame_source(pd.DataFrame([[1, 2]])).header == ("0", "1")
    assert frame_source(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("home", "phone")]))).header == (
        "home phone",
    )


def test_an_index_is_a_column_where_it_has_a_name():
    frame = pd.DataFrame({"name": ["Ann"]}, index=pd.Index([42], name="id"))
    source = frame_source(frame)
    assert source.header == ("id", "name")
    assert [list(record.cells) for record in source.records()] == [["42", "Ann"]]


def test_many_rows_come_part_by_part_again_and_again():
    source = frame_source(pd.DataFrame({"number": range(25_000)}))
    for _ in range(2):
        assert [(record.line, record.cells[0]) for record in source.records()] == [
            (number + 1, str(number)) for number in range(25_000)
        ]


def test_what_happens_to_the_frame_later_changes_nothing():
    frame = pd.DataFrame({"name": ["Ann"]})
    source = frame_source(frame)
    frame.loc[0, "name"] = "Bob"
    frame["phone"] = "1"
    assert [list(record.cells) for record in source.records()] == [["Ann"]]


def test_a_frame_without_columns_or_rows_or_with_too_many_is_refused():
    with pytest.raises(UnreadableFile, match="The DataFrame has no columns"):
        frame_source(pd.DataFrame())
    with pytest.raises(UnreadableFile, match="has columns but no rows"):
        frame_source(pd.DataFrame({"name": []}))
    with pytest.raises(UnreadableFile, match="DataFrame has 1,001 columns"):
        frame_source(pd.DataFrame([range(1_001)]))
