import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import (
    STANDARD_FIELDS,
    Field,
    FieldType,
    checked_allowed,
    checked_field_name,
    checked_field_type,
    checked_slug,
    checked_value,
    number_of,
    slug_of,
    value_of,
)

ALLOWED = ("Gold", "Silver", "Größe 3")
FIELDS = {
    kind: Field(1, f"my_{kind}", kind.title(), kind, ALLOWED if kind is FieldType.LIST else ())
    for kind in FieldType
}
TEXT, LIST, CHECKBOX, EMAIL = FieldType.TEXT, FieldType.LIST, FieldType.CHECKBOX, FieldType.EMAIL
NUMBER, URL, DATE, TIME = FieldType.NUMBER, FieldType.URL, FieldType.DATE, FieldType.TIME

WRITTEN = (
    "gold", "GROSSE 3", "yes", "OFF", "Ann@Example.org", " 12.50", "1e3", "-0", "HTTP://Example.org/a?b#c",
    "2026-03-31", "09:30",
)  # fmt: skip
ANYTHING = st.one_of(
    st.sampled_from(WRITTEN), st.text(), st.emails(), st.none(), st.booleans(), st.integers(), st.floats(),
    st.decimals(), st.fractions(), st.complex_numbers(), st.dates(), st.datetimes(), st.times(), st.timedeltas(),
    st.binary(), st.lists(st.text()), st.dictionaries(st.text(), st.text()), st.builds(object),
    st.floats().map(np.float64), st.floats(width=32).map(np.float32), st.integers(0, 2**63).map(np.uint64),
    st.dates().map(str), st.times().map(str), st.integers().map(str), st.floats().map(repr),
    st.integers(-(2**60), 2**60).map(float),
)  # fmt: skip
KINDS = st.sampled_from(FieldType)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (TEXT, " two\nlines ", "two\nlines"),
        (TEXT, "x" * 2000, "x" * 2000),
        (TEXT, np.str_("a"), "a"),
        (LIST, "GOLD", "Gold"),
        (LIST, " grosse  3", "Größe 3"),
        *((CHECKBOX, value, "1") for value in (True, 1, 1.0, "yes", "TRUE", " On ", "1", np.True_, np.int8(1))),
        *((CHECKBOX, value, "0") for value in (False, 0, 0.0, -0.0, "No", "false", "off", "0", np.False_)),
        (EMAIL, " Ann@Example.org ", "Ann@Example.org"),
        (NUMBER, 12, "12"),
        (NUMBER, " 12.50 ", "12.5"),
        (NUMBER, "-007", "-7"),
        (NUMBER, "+5.", "5"),
        (NUMBER, ".5", "0.5"),
        (NUMBER, "1E3", "1000"),
        (NUMBER, "1e22", "1e+22"),
        (NUMBER, -0.0, "0"),
        (NUMBER, "-0", "0"),
        (NUMBER, 0.1, "0.1"),
        (NUMBER, 1e300, "1e+300"),
        (NUMBER, 2**53, "9007199254740992"),
        (NUMBER, float(-(2**53)), "-9007199254740992"),
        (NUMBER, Decimal("12.50"), "12.5"),
        (NUMBER, Decimal("1E+3"), "1000"),
        (NUMBER, np.int64(7), "7"),
        (NUMBER, np.float64(0.1), "0.1"),
        (NUMBER, np.float32(0.5), "0.5"),
        (NUMBER, np.longdouble(2), "2"),
        (URL, " HTTPS://Example.org:8080/a?b=ü#c ", "HTTPS://Example.org:8080/a?b=ü#c"),
        (URL, "http://[::1]/", "http://[::1]/"),
        (DATE, date(2026, 3, 31), "2026-03-31"),
        (DATE, datetime(2026, 3, 31), "2026-03-31"),  # noqa: DTZ001
        (DATE, pd.Timestamp("2026-03-31"), "2026-03-31"),
        (DATE, np.datetime64("2026-03-31T00:00", "ns"), "2026-03-31"),
        (DATE, " 0001-01-01 ", "0001-01-01"),
        (TIME, time(9, 30), "09:30:00"),
        (TIME, "09:30", "09:30:00"),
        (TIME, "23:59:59", "23:59:59"),
    ],
)
def test_a_value_is_stored_in_one_form(kind, value, text):
    stored = checked_value(FIELDS[kind], value)
    assert stored == text
    assert type(stored) is str


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize(
    "value",
    [
        None, "", " \t\n", math.nan, np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("nan"),
        Decimal("snan"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_empty_is_none_in_every_type(kind, value):
    assert checked_value(FIELDS[kind], value) is None


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize(
    "value",
    [
        b"1", ["1"], ("1",), {"a": 1}, {1}, object(), 1j, Fraction(1, 2), timedelta(1), np.timedelta64(1, "s"),
        np.array([1, 2]), pd.Series([1.0]), pd.Timedelta(1), str, 10**5000, [10**5000],
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused_in_every_type(kind, value):
    with pytest.raises(InvalidValue) as refused:
        checked_value(FIELDS[kind], value)
    assert refused.value.field == f"my_{kind}"


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "1\udfff", "\x00", "x" * 3000, "9" * 5000], ids=ascii)
def test_what_no_column_can_hold_is_refused_in_every_type(kind, value):
    with pytest.raises(InvalidValue) as refused:
        checked_value(FIELDS[kind], value)
    assert refused.value.field == f"my_{kind}"


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (TEXT, 5, "not a text"),
        (TEXT, "x" * 2001, "2,000"),
        (LIST, "Bronze", "choose one of its values, such as Gold, Silver"),
        (CHECKBOX, "maybe", "neither yes nor no"),
        (CHECKBOX, 2, "neither yes nor no"),
        (CHECKBOX, 0.5, "neither yes nor no"),
        (EMAIL, "ann", "not an e-mail address"),
        (EMAIL, "a" * 250 + "@example.org", "254"),
        (NUMBER, True, "not a number"),
        (NUMBER, np.True_, "not a number"),
        (NUMBER, "1,000", "not a number"),
        (NUMBER, "1_000", "not a number"),
        (NUMBER, "0x10", "not a number"),
        (NUMBER, "nan", "not a number"),
        (NUMBER, "inf", "not a number"),
        (NUMBER, math.inf, "not finite"),
        (NUMBER, Decimal("-inf"), "not finite"),
        (NUMBER, Decimal("9e99999999"), "not finite"),
        (NUMBER, "1e400", "not finite"),
        (NUMBER, 2**53 + 1, "too many digits"),
        (NUMBER, str(-(2**53) - 1), "too many digits"),
        (NUMBER, Decimal(2**53 + 1), "too many digits"),
        (NUMBER, np.uint64(2**63), "too many digits"),
        (NUMBER, date(2026, 3, 31), "not a number"),
        (NUMBER, np.datetime64("2026-03-31", "ns"), "not a number"),
        (URL, "example.org", "not a web address"),
        (URL, "javascript:alert(1)", "not a web address"),
        (URL, "http://", "not a web address"),
        (URL, "http://:80/", "not a web address"),
        (URL, "http://.../", "not a web address"),
        (URL, "http://example.org:port/", "not a web address"),
        (URL, "http://[::1", "not a web address"),
        (URL, "http://exa mple.org", "not a web address"),
        (URL, "java\nscript://example.org", "not a web address"),
        (URL, "http://example.org/\u202egpj", "not a web address"),
        (URL, "http://example.org/" + "x" * 2048, "2,048"),
        (DATE, "2026-02-30", "not a date"),
        (DATE, "31.03.2026", "not a date"),
        (DATE, "20260331", "not a date"),
        (DATE, "2026-W14-2", "not a date"),
        (DATE, "２０２６-03-31", "not a date"),
        (DATE, 20260331, "not a date"),
        (DATE, datetime(2026, 3, 31, 9, 30, tzinfo=UTC), "time of day"),
        (DATE, pd.Timestamp("2026-03-31 09:30"), "time of day"),
        (DATE, time(9, 30), "not a date"),
        (TIME, "24:00", "not a time"),
        (TIME, "9:30", "not a time"),
        (TIME, "09:30:15.5", "not a time"),
        (TIME, "09:30+01:00", "not a time"),
        (TIME, 930, "not a time"),
        (TIME, time(9, 30, tzinfo=UTC), "time zone"),
        (TIME, time(9, 30, 0, 1), "parts of a second"),
        (TIME, datetime(2026, 3, 31, 9, 30, tzinfo=UTC), "not a time"),
    ],
)
def test_a_value_that_breaks_the_rule_of_its_type_is_refused_with_the_reason(kind, value, reason):
    with pytest.raises(InvalidValue, match=reason) as refused:
        checked_value(FIELDS[kind], value)
    assert refused.value.field == f"my_{kind}"


@given(KINDS, ANYTHING)
def test_anything_is_either_refused_under_the_slug_or_stored_as_a_text_that_stands_for_itself(kind, value):
    try:
        text = checked_value(FIELDS[kind], value)
    except InvalidValue as error:
        refused = error
    else:
        assert text is None or (type(text) is str and text == text.strip() != "")
        assert text is None or checked_value(FIELDS[kind], text) == text
        assert text is None or checked_value(FIELDS[kind], value_of(kind, text)) == text
        return
    assert refused.field == f"my_{kind}"
    assert len(refused.rule) > 20


@given(st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value(number):
    text = checked_value(FIELDS[NUMBER], number)
    assert text is not None
    assert value_of(NUMBER, text) == number
    assert number_of(NUMBER, text) == number


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (TEXT, "1", "1"),
        (CHECKBOX, "1", True),
        (CHECKBOX, "0", False),
        (NUMBER, "12", 12),
        (NUMBER, "0.5", 0.5),
        (NUMBER, "1e+22", 1e22),
        (URL, "http://example.org", "http://example.org"),
        (DATE, "2026-03-31", date(2026, 3, 31)),
        (TIME, "09:30:00", time(9, 30)),
    ],
)
def test_a_stored_text_becomes_the_value_of_its_type(kind, text, value):
    assert value_of(kind, text) == value
    assert type(value_of(kind, text)) is type(value)
    assert number_of(kind, text) == (value if kind in (NUMBER, CHECKBOX) else None)


@pytest.mark.parametrize("slug", ["a", "plan_2", "x" * 64, " plan "])
def test_a_slug_is_made_of_small_letters_digits_and_underscores(slug):
    assert checked_slug(slug) == slug.strip()


@pytest.mark.parametrize(
    "value",
    [None, "", "Plan", "2nd", "_a", "a-b", "a b", "größe", "a\n_", "x" * 65, 5, b"plan", *sorted(STANDARD_FIELDS)],
)
def test_what_is_no_slug_is_refused(value):
    with pytest.raises(InvalidValue) as refused:
        checked_slug(value)
    assert refused.value.field == "slug"


@given(st.text() | st.sampled_from(sorted(STANDARD_FIELDS)) | st.text("aZ0_ é", min_size=50))
def test_every_name_makes_a_slug(name):
    assert checked_slug(slug_of(name)) == slug_of(name)


def test_a_field_needs_a_name():
    assert checked_field_name(" Größe ") == "Größe"
    for value in (None, " ", 5, b"Plan", "x" * 256, "\x00"):
        with pytest.raises(InvalidValue) as refused:
            checked_field_name(value)
        assert refused.value.field == "name"


@pytest.mark.parametrize("value", [None, "", "colour", 5, b"text"])
def test_a_type_is_known_in_any_case_and_others_are_refused(value):
    assert [checked_field_type(kind.upper()) for kind in FieldType] == list(FieldType)
    with pytest.raises(InvalidValue) as refused:
        checked_field_type(value)
    assert refused.value.field == "type"


def test_the_values_of_a_list_are_kept_in_their_order():
    assert checked_allowed(LIST, iter([" b", "a ", ""])) == ("b", "a")
    assert len(checked_allowed(LIST, [str(number) for number in range(1000)])) == 1000


@pytest.mark.parametrize("kind", [kind for kind in FieldType if kind is not LIST])
def test_only_lists_have_allowed_values(kind):
    assert checked_allowed(kind, ()) == ()
    with pytest.raises(InvalidValue, match="list fields only"):
        checked_allowed(kind, ["a"])


@pytest.mark.parametrize(
    "values",
    [
        [], ["", " "], ["Gold", "GOLD"], ["é", "e"], "Gold", b"Gold", None, 5, [5], [None, "\x00"], ["x" * 256],
        ["a"] * 1001,
    ],
    ids=lambda values: repr(values)[:20],
)  # fmt: skip
def test_a_list_field_without_good_values_is_refused(values):
    with pytest.raises(InvalidValue) as refused:
        checked_allowed(LIST, values)
    assert refused.value.field == "allowed"
