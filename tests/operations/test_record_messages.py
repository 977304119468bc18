import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Connection, Select, func, insert, or_, select, type_coerce, update

from contacts_nb.model.errors import InvalidValue, NotFound
from contacts_nb.model.messages import MessageDraft, message_drafted
from contacts_nb.operations.record_messages import Recorded, record_messages
from contacts_nb.operations.recording import recorded
from contacts_nb.queries.derived import DerivedTexts, derived_states, derived_texts, derived_times
from contacts_nb.store.cells import CONTACT, CONVERSATION, IDENTITY, MESSAGES, STATUSES
from contacts_nb.store.schema import (
    changes,
    channels,
    contact_channels,
    contact_states,
    contacts,
    conversations,
    messages,
    operations,
    search_documents,
    users,
)
from contacts_nb.workspace import Workspace

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SMS, MAIL, CHAT = 1, 2, 3
BO = 1


@pytest.fixture
def shop(workspace):
    with workspace._database.write() as connection:
        set_up(connection)
    return workspace


def set_up(connection: Connection) -> None:
    rows = [(SMS, "Text", "sms"), (MAIL, "Mail", "email"), (CHAT, "Chat", "webchat")]
    connection.execute(
        insert(channels),
        [
            {"id": number, "name": name, "name_key": name.lower(), "source": source, "created_at": NOW}
            for number, name, source in rows
        ],
    )
    connection.execute(
        insert(users).values(
            id=BO,
            email="bo@example.org",
            email_key="bo@example.org",
            name="Bo",
            role="agent",
            restrict_data_export=0,
            restrict_contact_deletion=0,
            restrict_workspace_settings=0,
            created_at=NOW,
        )
    )


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def incoming(
    minute: int, text: str = "Hi", identifier: str = "ann", channel: str = "Chat", **more: str
) -> MessageDraft:
    record = {"channel": channel, "identifier": identifier, "direction": "incoming", "text": text, **more}
    return message_drafted({"sent_at": at(minute), **record})


def outgoing(
    minute: int, text: str = "Hello", identifier: str = "ann", channel: str = "Chat", **more: str
) -> MessageDraft:
    record = {"channel": channel, "identifier": identifier, "direction": "outgoing", "text": text, **more}
    return message_drafted({"sent_at": at(minute), **record})


def record(shop: Workspace, *drafts: MessageDraft, region: str | None = None) -> Recorded:
    with (
        shop._database.write() as connection,
        recorded(connection, "record_messages", None, NOW) as recording,
    ):
        return record_messages(recording, drafts, region)


def rows(shop: Workspace, statement: Select[Any]) -> list[tuple[Any, ...]]:
    with shop._database.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def thread(shop: Workspace) -> list[tuple[Any, ...]]:
    return rows(
        shop,
        select(messages.c.sent_at, messages.c.number, messages.c.text).order_by(
            messages.c.contact_channel_id, messages.c.sent_at, messages.c.number
        ),
    )


def history(shop: Workspace, *cells: int) -> list[tuple[Any, ...]]:
    columns = (changes.c.contact_id, changes.c.cell, changes.c.subject, changes.c.old, changes.c.new)
    statement = select(*columns).where(changes.c.cell.in_(cells))
    return rows(shop, statement.order_by(changes.c.operation_id, changes.c.contact_id, changes.c.cell))


def check_derived(shop: Workspace) -> None:
    """That everything derived is what it would be if computed anew."""
    for table, columns in ((contact_states, derived_states()), (contact_channels, derived_times())):
        stale = or_(*(table.c[name].is_distinct_from(value) for name, value in columns.items()))
        assert rows(shop, select(func.count()).select_from(table).where(stale)) == [(0,)]
    with shop._database.read() as connection:
        derived = list(derived_texts(connection, connection.execute(select(contacts.c.id)).scalars().all()))
    names = [name for name in DerivedTexts._fields if name in contacts.c]
    found = select(contacts.c.id, *(contacts.c[name] for name in names))
    found = found.add_columns(search_documents.c.text).join(search_documents)
    assert sorted(rows(shop, found)) == sorted(tuple(row) for row in derived)


def test_an_unknown_identity_becomes_a_contact(shop):
    picture = "https://example.org/a.png"
    done = record(
        shop, incoming(0, profile_name="Änn"), outgoing(1, picture=picture), incoming(2, identifier="cy")
    )
    assert done == Recorded(messages=3, already_there=0, contacts=2)
    made = select(contacts.c.profile_name, contacts.c.sort_name, contacts.c.phone, contacts.c.created_at)
    assert rows(shop, made.order_by(contacts.c.id)) == [
        ("Änn", "ann", None, NOW),
        ("cy", "cy", None, NOW),
    ]
    identity = contact_channels.c
    met = select(
        identity.identifier,
        identity.profile_name,
        identity.picture,
        identity.last_message_at,
        identity.last_incoming_at,
    )
    assert rows(shop, met.order_by(identity.id)) == [
        ("ann", "Änn", picture, at(1), at(0)),
        ("cy", None, None, at(2), at(2)),
    ]
    check_derived(shop)


def test_history_tells_of_contacts_identities_messages_and_conversations(shop):
    record(shop, incoming(0), incoming(1))
    ((contact_id, identity_id),) = rows(shop, select(contact_channels.c.contact_id, contact_channels.c.id))
    ((conversation_id,),) = rows(shop, select(conversations.c.id))
    assert history(shop, CONTACT.anchor, IDENTITY.anchor, MESSAGES, CONVERSATION.anchor) == [
        (contact_id, CONTACT.anchor, 0, None, "1"),
        (contact_id, MESSAGES, identity_id, None, "2"),
        (contact_id, CONVERSATION.anchor, conversation_id, None, "1"),
        (contact_id, IDENTITY.anchor, identity_id, None, "1"),
    ]
    ((operation_id,),) = rows(shop, select(operations.c.id))
    assert rows(shop, select(messages.c.operation_id).distinct()) == [(operation_id,)]


def test_other_spellings_of_an_identity_are_the_same(shop):
    spellings = [("Text", "020 7946 0958"), ("Mail", "Ann@Example.org")]
    record(
        shop, *(incoming(0, channel=channel, identifier=spelling) for channel, spelling in spellings), region="GB"
    )
    others = [("text", "+44 20 7946 0958"), ("MAIL", " ann@example.ORG "), ("Text", "(020) 79460958")]
    done = record(
        shop, *(incoming(1, channel, channel=channel, identifier=other) for channel, other in others), region="GB"
    )
    assert done == Recorded(messages=3, already_there=0, contacts=0)
    columns = (contact_channels.c.identifier, contact_channels.c.identifier_key)
    assert rows(shop, select(*columns).order_by(contact_channels.c.id)) == [
        ("020 7946 0958", "+442079460958"),
        ("Ann@Example.org", "ann@example.org"),
    ]
    assert rows(shop, select(contacts.c.phone, contacts.c.phone_e164).distinct()) == [(None, None)]
    check_derived(shop)


def test_what_is_recorded_twice_is_there_once(shop):
    drafts = [incoming(0), outgoing(1), incoming(1), incoming(2, "", identifier="cy")]
    assert record(shop, *drafts, *drafts) == Recorded(messages=4, already_there=4, contacts=2)
    before = thread(shop)
    assert record(shop, *reversed(drafts)) == Recorded(messages=0, already_there=4, contacts=0)
    assert thread(shop) == before
    # What changed nothing left no entry.
    assert rows(shop, select(func.count()).select_from(operations)) == [(1,)]


def test_no_drafts_record_nothing(shop):
    assert record(shop) == Recorded(0, 0, 0)
    assert rows(shop, select(operations.c.id)) == []


def test_messages_of_one_millisecond_are_told_apart(shop):
    record(shop, incoming(0, "a"), incoming(0, "b"), outgoing(0, "a"))
    done = record(shop, incoming(0, "c"), incoming(0, "b"), incoming(0, "a", identifier="cy"))
    assert done == Recorded(messages=2, already_there=1, contacts=1)
    assert thread(shop) == [(at(0), number, text) for number, text in [*enumerate("abac"), (0, "a")]]


def test_more_messages_in_a_millisecond_than_numbers_are_refused(shop):
    record(shop, *(incoming(0, str(number)) for number in range(32_768)))
    with pytest.raises(InvalidValue, match="more than 32,768 messages of one contact"):
        record(shop, incoming(0, "one more"))


def test_messages_that_come_out_of_order_leave_the_last_times_right(shop):
    record(shop, incoming(10), outgoing(20))
    record(shop, incoming(5), outgoing(1))
    check_derived(shop)
    identity = contact_channels.c
    assert rows(shop, select(identity.last_message_at, identity.last_incoming_at)) == [(at(20), at(10))]
    record(shop, outgoing(30))
    record(shop, incoming(15), incoming(40, channel="Mail", identifier="ann@example.org"))
    check_derived(shop)
    assert rows(shop, select(identity.last_message_at, identity.last_incoming_at).order_by(identity.id)) == [
        (at(30), at(15)),
        (at(40), at(40)),
    ]


def test_a_later_profile_replaces_an_earlier_one(shop):
    record(shop, incoming(10, profile_name="Ann"))
    record(shop, incoming(5, profile_name="Old name"))
    assert rows(shop, select(contacts.c.profile_name)) == [("Ann",)]
    record(shop, incoming(30), incoming(20, profile_name="Anna"), incoming(15, profile_name="Annie"))
    assert rows(shop, select(contacts.c.profile_name)) == [("Anna",)]
    (contact_id, identity_id), *_ = rows(shop, select(contact_channels.c.contact_id, contact_channels.c.id))
    code = IDENTITY.anchor + 4
    assert history(shop, code) == [(contact_id, code, identity_id, "Ann", "Anna")]
    check_derived(shop)


def test_a_picture_is_filled_in_and_replaced(shop):
    first, second = "https://example.org/1.png", "https://example.org/2.png"
    record(shop, incoming(10))
    record(shop, incoming(5, picture=first))
    record(shop, incoming(11, picture=second))
    code = IDENTITY.anchor + 5
    assert [row[-2:] for row in history(shop, code)] == [(None, first), (first, second)]
    assert rows(shop, select(contact_channels.c.picture)) == [(second,)]


CONVERSATION_COLUMNS = select(
    conversations.c.opened_at, conversations.c.opened_by, conversations.c.opened_by_id, conversations.c.closed_at
).order_by(conversations.c.opened_at)


def close(shop: Workspace, minute: int) -> None:
    with shop._database.write() as connection:
        connection.execute(
            update(conversations).where(conversations.c.closed_at.is_(None)).values(closed_at=at(minute))
        )


def test_the_first_message_after_the_last_conversation_opens_one(shop):
    record(shop, outgoing(10, sender="Bo@example.org"), incoming(12), outgoing(11))
    assert rows(shop, CONVERSATION_COLUMNS) == [(at(10), "outgoing", BO, None)]
    record(shop, incoming(5), incoming(15))
    assert len(rows(shop, CONVERSATION_COLUMNS)) == 1
    close(shop, 20)
    record(shop, incoming(18), incoming(20))
    assert rows(shop, CONVERSATION_COLUMNS) == [(at(10), "outgoing", BO, at(20))]
    record(shop, incoming(19), outgoing(30), incoming(25))
    assert rows(shop, CONVERSATION_COLUMNS)[1:] == [(at(25), "incoming", None, None)]
    check_derived(shop)


def test_a_conversation_is_with_the_contact_whatever_the_channel(shop):
    record(shop, incoming(10))
    record(shop, incoming(12, identifier="ann2"))
    with shop._database.write() as connection:
        (first, _) = connection.execute(select(contacts.c.id).order_by(contacts.c.id)).scalars()
        connection.execute(update(contact_channels).values(contact_id=first))
    close(shop, 20)
    done = record(shop, incoming(40), incoming(30, identifier="ann2"))
    assert done == Recorded(messages=2, already_there=0, contacts=0)
    statement = CONVERSATION_COLUMNS.where(conversations.c.contact_id == first)
    assert rows(shop, statement)[1:] == [(at(30), "incoming", None, None)]


def test_a_status_follows_later_news(shop):
    record(shop, outgoing(0, status="sent"), outgoing(1), outgoing(2, status="read"))
    assert record(shop, outgoing(0, status="delivered"), outgoing(1, status="failed"), outgoing(2)).messages == 0
    status = select(messages.c.status).order_by(messages.c.sent_at)
    assert rows(shop, status) == [("delivered",), ("failed",), ("read",)]
    ((_, _, _, old, new),) = history(shop, STATUSES)
    first, second = (int(at(minute).timestamp() * 1000) for minute in (0, 1))
    assert json.loads(old) == [[first, 0, "sent"], [second, 0, None]]
    assert json.loads(new) == [[first, 0, "delivered"], [second, 0, "failed"]]


def test_the_last_status_within_a_batch_is_kept(shop):
    record(shop, outgoing(0, status="sent"), outgoing(0, status="read"))
    record(shop, outgoing(0, status="failed"), outgoing(0, status="read"))
    assert rows(shop, select(messages.c.status)) == [("read",)]
    assert history(shop, STATUSES) == []


@pytest.mark.parametrize(
    ("draft", "error", "said"),
    [
        (incoming(1, channel="Fax"), NotFound, "channel 'Fax' doesn't exist"),
        (outgoing(1, sender="cy@example.org"), NotFound, "user 'cy@example.org' is not a user"),
        (incoming(1, sender="bo@example.org"), InvalidValue, "can't have sent an incoming message"),
        (incoming(1, channel="Mail", identifier="ann"), InvalidValue, "is not an e-mail address"),
        (incoming(1, identifier=" "), InvalidValue, "identifier ' ' is empty"),
    ],
)
def test_bad_input_changes_nothing(shop, draft, error, said):
    with pytest.raises(error, match=said):
        record(shop, incoming(0, profile_name="Ann"), draft)
    for table in (contacts, contact_channels, messages, conversations, changes, operations):
        assert rows(shop, select(func.count()).select_from(table)) == [(0,)]


def test_more_than_one_statement_takes_is_recorded(shop):
    drafts = [incoming(number % 7, identifier=f"id {number}") for number in range(33_000)]
    assert record(shop, *drafts) == Recorded(33_000, 0, 33_000)
    assert record(shop, *drafts) == Recorded(0, 33_000, 0)
    again = [incoming(8, identifier=f"id {number}", profile_name="New") for number in range(33_000)]
    assert record(shop, *again) == Recorded(33_000, 0, 0)
    check_states = select(func.count()).where(contact_states.c.last_interaction == at(8))
    assert rows(shop, check_states) == [(33_000,)]


LOG = st.lists(
    st.tuples(
        st.sampled_from(["ann", "cy", "di"]),
        st.booleans(),
        st.integers(0, 4),
        st.sampled_from(["", "a", "b"]),
        st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=LOG)
def test_a_log_in_two_parts_is_the_same_as_at_once(new_workspace, log):
    drafts = [
        (incoming if is_incoming else outgoing)(minute, text, identifier=identifier)
        for identifier, is_incoming, minute, text, _ in log
    ]
    parts = [[draft for draft, row in zip(drafts, log, strict=True) if row[-1] is part] for part in (True, False)]
    identity = contact_channels.c
    contents = select(identity.identifier_key, messages.c.sent_at, messages.c.incoming, messages.c.text)
    contents = contents.join(messages, messages.c.contact_channel_id == identity.id)
    times = select(
        identity.identifier_key,
        type_coerce(identity.last_message_at, BigInteger),
        type_coerce(identity.last_incoming_at, BigInteger),
    ).order_by(identity.identifier_key)
    found = []
    for batches in ([drafts], parts):
        with new_workspace() as shop:
            with shop._database.write() as connection:
                set_up(connection)
            for batch in batches:
                record(shop, *batch)
            check_derived(shop)
            found.append((sorted(rows(shop, contents)), rows(shop, times)))
    assert found[0] == found[1]
