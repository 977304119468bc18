from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.people import (
    Restriction,
    Role,
    checked_person_name,
    checked_restrictions,
    checked_role,
    checked_team_name,
    checked_user_email,
)

ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.lists(st.text()) | st.text()


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_known_in_any_case(role):
    spellings = [role, role.value.upper(), f" {role.value.title()} "]
    assert [checked_role(spelling) for spelling in spellings] == [role] * 3


@pytest.mark.parametrize("value", ["", None, "boss", "ownership", 1, b"owner", ["owner"], [10**5000]])
def test_what_is_no_role_is_refused(value):
    with pytest.raises(InvalidValue) as refused:
        checked_role(value)
    assert refused.value.field == "role"


def test_the_roles_are_named_where_one_is_not_known():
    with pytest.raises(InvalidValue, match="owner, manager, agent"):
        checked_role("boss")


def test_restrictions_are_kept_once_each():
    given_twice = ["restrict_data_export", "RESTRICT_DATA_EXPORT", Restriction.CONTACT_DELETION]
    assert checked_restrictions(given_twice) == {Restriction.DATA_EXPORT, Restriction.CONTACT_DELETION}
    assert checked_restrictions([]) == frozenset()


@pytest.mark.parametrize(
    "values",
    ["restrict_data_export", b"restrict_data_export", None, 5, [5], [None], [""], ["no_lunch"], ["\x00"]],
)
def test_what_is_no_list_of_restrictions_is_refused(values):
    with pytest.raises(InvalidValue) as refused:
        checked_restrictions(values)
    assert refused.value.field == "restrictions"


def test_an_endless_list_is_refused():
    with pytest.raises(InvalidValue, match="too many"):
        checked_restrictions(iter(lambda: "restrict_data_export", None))


@pytest.mark.parametrize("value", [None, "", "  ", "bo", "bo@", 7, b"bo@example.org", "a" * 255, "\ud800@b.org"])
def test_a_user_needs_an_address(value):
    with pytest.raises(InvalidValue) as refused:
        checked_user_email(value)
    assert refused.value.field == "email"


@pytest.mark.parametrize(
    ("value", "name"), [("Bo Li", "Bo Li"), (" Bo ", "Bo"), ("", "bo.li"), (None, "bo.li"), ("x" * 255, "x" * 255)]
)
def test_a_person_without_a_name_goes_by_the_address(value, name):
    assert checked_person_name(value, "bo.li@example.org") == name


@pytest.mark.parametrize("value", [7, b"Bo", ["Bo"], "x" * 256, "B\x00o"])
def test_what_is_no_name_is_refused(value):
    with pytest.raises(InvalidValue) as refused:
        checked_person_name(value, "bo@example.org")
    assert refused.value.field == "name"


@pytest.mark.parametrize("value", [None, "", " ", 7, b"Sales", "x" * 256, "\ud800"])
def test_a_team_needs_a_name(value):
    with pytest.raises(InvalidValue) as refused:
        checked_team_name(value)
    assert refused.value.field == "team"


@given(ANYTHING, st.sampled_from([checked_role, checked_restrictions, checked_user_email, checked_team_name]))
def test_anything_is_either_taken_or_refused(value, check):
    with suppress(InvalidValue):
        assert check(value) is not None
