from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from contacts_nb.model.columns import COLUMNS, SORTABLE
from contacts_nb.model.draft import drafted
from contacts_nb.model.errors import ContactNotFound, ContactsError, InvalidValue, NotFound
from contacts_nb.model.places import country_name, language_name
from contacts_nb.model.text import folded
from contacts_nb.store.schema import channels, contact_channels, contact_states, contacts
from tests.adding import added

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHANNELS = ("zebra SMS", "Ärger mail", "Übersee", "bo")
TIMES = st.none() | st.integers(0, 5).map(lambda days: NOW - timedelta(days=days))
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": st.sampled_from(["Ann", "ann", "Élodie", "Zoë", "bo", "王小明", "Ægir"]),
            "phone": st.sampled_from([None, "+442079460958", "+12025550143", "112"]),
            "email": st.sampled_from([None, "Ann@Example.org", "ann@example.org", "bo@example.org"]),
            "country": st.sampled_from([None, "GB", "DE", "AX", "ZW", "CI"]),
            "language": st.sampled_from([None, "en", "de", "zu", "ga"]),
            "last_interaction": TIMES,
            "last_incoming": TIMES,
            "last_channel_id": st.none() | st.integers(1, len(CHANNELS)),
            "created_at": st.integers(0, 3).map(lambda days: NOW - timedelta(days=days)),
        }
    ),
    max_size=12,
)
DRAFTED = ("first_name", "phone", "email", "country", "language")


def value_of(person: dict[str, Any], key: str) -> Any:
    """What a person sorts by, in plain Python; None is empty."""
    return {
        "id": person["id"],
        "name": folded(person["first_name"]),
        "phone": person["phone"],
        "email": person["email"] and person["email"].casefold(),
        "country": person["country"] and folded(country_name(person["country"])),
        "language": person["language"] and folded(language_name(person["language"])),
        "last_interaction": person["last_interaction"],
        "last_interacted_channel": person["last_channel_id"] and folded(CHANNELS[person["last_channel_id"] - 1]),
        "last_incoming": person["last_incoming"] and NOW - person["last_incoming"],
        "created_at": person["created_at"],
        # Nobody has opened a conversation or assigned anyone.
        "conversation_status": False,
        "assignee": None,
        "team": None,
    }[key]


def sorted_ids(people: list[dict[str, Any]], key: str, descending: bool) -> list[int]:
    turn = -1 if descending else 1

    def compared(one: dict[str, Any], other: dict[str, Any]) -> int:
        left, right = value_of(one, key), value_of(other, key)
        if left != right:
            if left is None or right is None:
                return 1 if left is None else -1
            return turn if left > right else -turn
        return turn if one["id"] > other["id"] else -turn

    return [person["id"] for person in sorted(people, key=cmp_to_key(compared))]


@settings(deadline=None, max_examples=20)
@given(PEOPLE)
def test_every_order_is_that_of_plain_python_with_empty_values_last(new_workspace, people):
    with new_workspace() as workspace:
        with workspace._database.write() as connection:
            connection.execute(
                insert(channels),
                [
                    {"name": name, "name_key": folded(name), "source": "sms", "created_at": NOW}
                    for name in CHANNELS
                ],
            )
            drafts = [drafted(**{key: person[key] for key in DRAFTED}) for person in people]
            for person, contact_id in zip(people, added(connection, drafts, NOW), strict=True):
                person["id"] = contact_id
                others = {key: value for key, value in person.items() if key not in DRAFTED}
                created = {"created_at": others.pop("created_at")}
                del others["id"]
                connection.execute(update(contacts).where(contacts.c.id == contact_id).values(created))
                state = update(contact_states).where(contact_states.c.contact_id == contact_id)
                connection.execute(state.values(others))
        for key in ("id", *SORTABLE):
            for descending in (False, True):
                ids = workspace.contacts.sort_by(key, descending=descending).ids().tolist()
                assert ids == sorted_ids(people, key, descending), (key, descending)


@settings(deadline=None, max_examples=15)
@given(PEOPLE, st.sampled_from(SORTABLE), st.booleans(), st.integers(1, 13))
def test_pages_of_any_size_put_together_are_the_whole(new_workspace, people, key, descending, size):
    with new_workspace() as workspace:
        with workspace._database.write() as connection:
            added(connection, [drafted(**{name: person[name] for name in DRAFTED}) for person in people], NOW)
        query = workspace.contacts.sort_by(key, descending=descending)
        ids = query.ids().tolist()
        offsets = range(0, len(people) + size, size)
        assert [contact_id for offset in offsets for contact_id in query.page(offset, size)["id"]] == ids
        assert [row.id for offset in offsets for row in query.rows(offset, size)] == ids
        assert query.to_frame()["id"].tolist() == ids


def test_a_tie_goes_by_id_in_the_direction_of_the_sort(workspace):
    ids = [workspace.add_contact(first_name="Ann").id for _ in range(3)]
    assert workspace.contacts.sort_by("name").ids().tolist() == ids
    assert workspace.contacts.sort_by("name", descending=True).ids().tolist() == ids[::-1]


@pytest.mark.parametrize(
    "column", ["channels", "tags", "nonsense", "", "Name", "sort_name", "id; DROP TABLE contacts"]
)
def test_a_column_without_an_order_is_refused_with_those_that_have_one(workspace, column):
    with pytest.raises((InvalidValue, NotFound), match="can't be sorted by") as refused:
        workspace.contacts.sort_by(column)
    assert all(key in str(refused.value) for key in ("id", *SORTABLE))


def test_every_column_but_channels_and_tags_can_be_sorted_by():
    assert {column.key for column in COLUMNS} - set(SORTABLE) == {"channels", "tags"}


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, -1), (-5, -5)])
def test_a_negative_window_is_refused(workspace, offset, limit):
    for read in (workspace.contacts.page, workspace.contacts.rows):
        with pytest.raises(InvalidValue, match="is negative"):
            read(offset, limit)


def test_a_window_past_the_end_or_of_no_length_is_empty(workspace):
    workspace.add_contact(first_name="Ann")
    assert workspace.contacts.rows(1, 10) == workspace.contacts.rows(0, 0) == []
    assert workspace.contacts.page(7, 10).empty
    assert len(workspace.contacts.page(0, 0)) == 0


def test_a_window_of_any_length_ends_with_the_contacts(workspace):
    workspace.add_contact(first_name="Ann")
    assert len(workspace.contacts.page(0, 2**62)) == 1
    assert workspace.contacts.rows(0, 10**30)[0].name == "Ann"


def test_a_query_never_changes(workspace):
    workspace.add_contact(first_name="Ann")
    everyone = workspace.contacts
    assert everyone.search("bo").sort_by("name").count() == 0
    assert everyone.count() == 1
    assert repr(everyone.search("bo").sort_by("name")) == "<0 contacts matching “bo”, sorted by name>"


def test_a_query_is_read_when_it_is_asked(workspace):
    found = workspace.contacts.search("ann")
    workspace.add_contact(first_name="Ann")
    assert (found.count(), len(found), found.ids().tolist()) == (1, 1, [1])
    assert found


def test_one_contact_is_looked_up_by_its_id(workspace):
    added = workspace.add_contact(first_name="Ann", tags=["vip", "Anglers"])
    assert workspace.contacts[added.id] == added == workspace.contacts.search("nobody")[added.id]
    assert (added.name, added.tags, added.channels) == ("Ann", ("Anglers", "vip"), ())


@pytest.mark.parametrize("contact_id", [42, 0, -1, 10**30])
def test_a_contact_that_is_not_there_is_said_to_be_so(workspace, contact_id):
    assert workspace.contacts.get(contact_id) is None
    with pytest.raises(KeyError) as missing:
        workspace.contacts[contact_id]
    assert isinstance(missing.value, ContactNotFound | ContactsError)
    assert str(missing.value).startswith(f"There is no contact {contact_id}. ")


def test_a_row_tells_channels_last_interacted_first_and_tags_by_name(workspace):
    contact = workspace.add_contact(first_name="Ann", tags=["zoo", "Älter", "b"])
    with workspace._database.write() as connection:
        connection.execute(
            insert(channels),
            [
                {"id": number, "name": source, "name_key": source, "source": source, "created_at": NOW}
                for number, source in enumerate(("sms", "line", "viber"), 1)
            ],
        )
        connection.execute(
            insert(contact_channels),
            [
                {
                    "contact_id": contact.id,
                    "channel_id": number,
                    "identifier": "ann",
                    "identifier_key": "ann",
                    "last_message_at": at,
                }
                for number, at in ((1, None), (2, NOW - timedelta(days=1)), (3, NOW))
            ],
        )
        connection.execute(update(contact_states).values(last_channel_id=3, last_interaction=NOW))
    (row,) = workspace.contacts.rows(0, 10)
    assert row.tags == ("Älter", "b", "zoo")
    assert [source.value for source in row.channels] == ["viber", "line", "sms"]
    assert (row.last_interacted_channel, row.last_interaction) == ("viber", NOW)


def test_more_messages_than_a_database_can_count_are_all_messages(workspace):
    contact = workspace.add_contact(first_name="Ann")

    assert contact.last_messages(10**30) == ()
