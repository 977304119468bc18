import pytest
from hypothesis import given
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
