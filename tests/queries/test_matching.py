"""Who has a phone, an e-mail address or a channel identity already."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.errors import InvalidValue, NotAllowed
from contacts_nb.queries.bound_sql import plan_of
from contacts_nb.queries.matching import _with_email, _with_identity, _with_phone
from contacts_nb.workspace import Workspace
from tests.conftest import Workspaces

PHONES = ("020 7946 0958", "+44 20 7946 0958", "+442079460958", "0044 20 7946 0958", "020 7946 0001", "Ext. 4711")
EMAILS = ("Ann@Example.org", "ann@example.ORG", "ann.b@example.org", "straße@example.org", "STRASSE@example.org")
PERSON = st.fixed_dictionaries(
    {"phone": st.none() | st.sampled_from(PHONES), "email": st.none() | st.sampled_from(EMAILS)}
)


def names(workspace: Workspace, **asked) -> list[str]:
    return [row.name for row in workspace.contacts.matching(**asked)]


def heard(workspace: Workspace, channel: str, identifier: str, name: str) -> None:
    workspace.record_messages([
        {"channel": channel, "identifier": identifier, "direction": "incoming", "text": "Hello",
         "sent_at": datetime(2026, 3, 2, tzinfo=UTC), "profile_name": name},
    ])  # fmt: skip


@pytest.fixture
def acme(workspace: Workspace) -> Workspace:
    workspace.update(phone_region="GB")
    workspace.add_contact(first_name="Ann", phone="+44 20 7946 0958", email="Ann@Example.org")
    workspace.add_contact(first_name="Bo", phone="020 7946 0001", email="bo@example.org")
    return workspace


@pytest.mark.parametrize("typed", ["020 7946 0958", "+442079460958", "0044 20 7946 0958", " 020-7946-0958 "])
def test_a_phone_is_known_however_it_is_spelled(acme, typed):
    assert names(acme, phone=typed) == ["Ann"]


def test_an_address_is_known_in_any_case(acme):
    assert names(acme, email=" ann@EXAMPLE.org ") == ["Ann"]


def test_what_is_only_alike_is_not_the_same(acme):
    assert names(acme, phone="020 7946 095", email="ann@example.or") == []
    assert names(acme, phone="+1 207 946 0958") == []


def test_one_of_what_is_asked_is_enough_and_each_is_there_once(acme):
    assert names(acme, phone="020 7946 0958", email="bo@example.org") == ["Ann", "Bo"]
    assert names(acme, phone="020 7946 0958", email="ann@example.org") == ["Ann"]


def test_where_nothing_is_asked_nobody_is_found(acme):
    assert names(acme) == names(acme, phone=" ", email="", identifier=None) == []


def test_the_oldest_come_first_and_no_more_than_were_asked_for(acme):
    for number in range(4):
        acme.add_contact(first_name=f"Cy {number}", phone="020 7946 0958")
    assert names(acme, phone="020 7946 0958", limit=3) == ["Ann", "Cy 0", "Cy 1"]
    assert names(acme, phone="020 7946 0958", limit=0) == []


def test_the_query_it_is_asked_of_does_not_matter(acme):
    assert [row.name for row in acme.contacts.search("nobody").matching(phone="020 7946 0958")] == ["Ann"]


@pytest.mark.parametrize("phone", ["Ext. 4711", "4711", "020 7946 0777"])
def test_phones_that_have_no_international_form_are_known_by_their_digits(workspace, phone):
    workspace.add_contact(first_name="Ann", phone="Ext. 4711")
    workspace.add_contact(first_name="Bo", phone="020 79460777")
    workspace.add_contact(first_name="Cy", phone="+44 20 7946 0777 1")
    assert names(workspace, phone=phone) == (["Bo"] if phone.startswith("0") else ["Ann"])


def test_a_number_that_was_added_before_the_region_was_known_is_found_after(workspace):
    workspace.add_contact(first_name="Ann", phone="020 7946 0958")
    workspace.update(phone_region="GB")
    assert names(workspace, phone="020 7946 0958") == ["Ann"]


def test_without_a_region_an_international_number_may_lack_its_plus(workspace):
    workspace.add_contact(first_name="Ann", phone="+44 20 7946 0958")
    assert names(workspace, phone="44 20 7946 0958") == ["Ann"]


@pytest.mark.parametrize(
    ("source", "identifier", "asked"),
    [
        ("whatsapp", "+442079460111", {"phone": "020 7946 0111"}),
        ("sms", "442079460111", {"phone": "020 7946 0111"}),
        ("sms", "020 7946 0111", {"identifier": "+44 20 7946 0111"}),
        ("email", "Cy@Example.org", {"email": "cy@example.org"}),
        ("webchat", "cy@example.org", {"email": "Cy@example.org"}),
        ("telegram", "Cy_42", {"identifier": "Cy_42"}),
    ],
)
def test_who_wrote_on_a_channel_is_known_by_it(acme, source, identifier, asked):
    acme.channels.add("Shop", source)
    heard(acme, "Shop", identifier, "Cy")
    assert names(acme, **asked) == ["Cy"]


def test_platform_ids_are_no_phones(acme):
    acme.channels.add("Shop", "telegram")
    heard(acme, "Shop", "442079460111", "Cy")
    assert names(acme, phone="020 7946 0111") == []


def test_of_those_that_were_merged_the_survivor_is_found(acme):
    acme.plan_merge(1, 2, survivor=1).apply()
    assert names(acme, phone="020 7946 0001") == names(acme, email="bo@example.org") == ["Ann"]
    acme.plan_unmerge(2).apply()
    assert names(acme, phone="020 7946 0001") == ["Bo"]


def test_those_that_are_gone_are_not_found(acme):
    acme.contacts[1].delete()
    assert names(acme, phone="020 7946 0958") == []


@pytest.mark.parametrize(
    "asked", [{"phone": "none"}, {"email": "ann at example"}, {"identifier": "a\0b"}, {"phone": 42}, {"limit": -1}]
)
def test_what_can_not_be_looked_for_is_refused(acme, asked):
    with pytest.raises(InvalidValue) as refused:
        acme.contacts.matching(**asked)
    assert refused.value.field in asked


def test_who_may_not_read_is_refused(acme):
    acme.users.add("ana@acme.example", role="owner")
    with pytest.raises(NotAllowed):
        acme.contacts.matching(phone="020 7946 0958")


def test_no_table_is_read_from_end_to_end(acme):
    acme.channels.add("Shop", "whatsapp")
    with acme._access.read() as connection:
        plans = [
            plan_of(connection, statement)
            for statement in (
                *_with_phone("020 7946 0958", "GB"),
                *_with_identity(connection, "GB", "020 7946 0958", "ann@example.org", "x"),
                _with_email("ann@example.org"),
            )
        ]
    if acme.path is not None:  # PostgreSQL reads tables as small as these from end to end
        assert not re.search(r"SCAN contact", " ".join(plans)), plans


@given(people=st.lists(PERSON, max_size=8), asked=PERSON)
def test_it_finds_those_whose_normal_form_is_the_same(new_workspace: Workspaces, people, asked):
    with new_workspace() as workspace:
        workspace.update(phone_region="GB")
        added = [workspace.add_contact(first_name="x", **person) for person in people]
        same = workspace.add_contact(first_name="x", **asked)
        expected = [
            one.id
            for one in [*added, same]
            if (one.phone and (one.phone_e164 or one.phone) == (same.phone_e164 or same.phone))
            or (one.email and one.email.casefold() == (same.email or "").casefold())
        ]
        assert [row.id for row in workspace.contacts.matching(**asked)] == expected
