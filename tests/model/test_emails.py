import re

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb.model.emails import checked_email, email_key
from contacts_nb.model.errors import InvalidValue


@pytest.mark.parametrize(
    "address",
    ["Ann@Example.org", "ann+tag@mail.example", "o'neil@example.org", "ann@intranet.local", "김@example.kr"],
)
def test_an_address_keeps_its_spelling(address):
    assert checked_email(f" {address}\n") == address


@pytest.mark.parametrize(
    "text",
    ["ann", "ann@", "@example.org", "a b@example.org", "ann@@example.org", "ann@example..org", "a\x00@b.org"],
)
def test_what_is_no_address_is_refused_with_the_reason(text):
    with pytest.raises(InvalidValue) as refused:
        checked_email(text)
    assert refused.value.field == "email"
    assert len(refused.value.rule) > 20


def test_an_address_that_is_too_long_is_refused():
    with pytest.raises(InvalidValue, match="254"):
        checked_email("a" * 250 + "@example.org")


def test_no_address_is_none():
    assert [checked_email(value) for value in (None, "", "  ")] == [None, None, None]


@given(st.emails())
def test_an_address_matches_itself_in_any_case(address):
    assert email_key(address.upper()) == email_key(address.lower()) == email_key(email_key(address))


@given(st.text())
def test_any_text_is_either_an_address_or_refused(text):
    try:
        address = checked_email(text)
    except InvalidValue:
        return
    assert address is None or address == text.strip()


def taken_by_the_validator(text: str) -> bool:
    checked = re.sub(r"\.local$", ".test", text, flags=re.IGNORECASE)
    try:
        validate_email(checked, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def taken(text: str) -> bool:
    try:
        return checked_email(text) == text
    except InvalidValue:
        return False


LABEL = st.text("abZ019-_", max_size=6) | st.sampled_from(["xn--90ae", "xn--a", "ab--c", "a" * 63, "a" * 64, "é"])
ENDING = st.sampled_from(
    ["org", "example", "c", "O2", "2o", "xn--p1ai", "com.", *SPECIAL_USE_DOMAIN_NAMES]
).flatmap(lambda name: st.sampled_from([name, name.upper(), f"x{name}", f"{name}-"]))
LOCAL_PART = st.text("aZ0._+'-!\"(", max_size=9) | st.integers(60, 66).map(lambda length: "a" * length)


@given(st.builds("{}@{}.{}".format, LOCAL_PART, st.lists(LABEL, max_size=4).map(".".join), ENDING))
@settings(max_examples=2_000, deadline=None)
def test_a_nearly_right_address_is_taken_exactly_if_the_validator_takes_it(address):
    assert taken(address) == taken_by_the_validator(address)


@given(st.text("aB1.-_@' \u212aſ", max_size=14).map(str.strip))
@settings(max_examples=1_000, deadline=None)
def test_a_drawn_text_is_taken_exactly_if_the_validator_takes_it(text):
    assert taken(text) == (text != "" and taken_by_the_validator(text))


@pytest.mark.parametrize("ending", sorted({*SPECIAL_USE_DOMAIN_NAMES} - {"test", "local"}))
def test_an_address_that_reaches_nobody_is_refused(ending):
    with pytest.raises(InvalidValue, match="special-use"):
        checked_email(f"ann@example.{ending.upper()}")
