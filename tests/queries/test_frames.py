from datetime import UTC, datetime, timedelta

import pandas as pd
from sqlalchemy import insert, update

from contacts_nb.queries.contact import Contact
from contacts_nb.store.schema import channels, contact_channels, contact_states, contacts, messages
from contacts_nb.workspace import Workspace

TEXT_COLUMNS = [
    *("name", "first_name", "last_name", "phone", "phone_e164", "email", "country", "language"),
    "last_interacted_channel",
]
TIME_COLUMNS = ["last_interaction", "last_incoming", "created_at"]
AT = datetime(2026, 3, 2, 12, 0, 0, 123_000, UTC)


def types_of(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


EXPECTED = (
    {"id": "int64", "tags": "object", "channels": "object"}
    | dict.fromkeys(TEXT_COLUMNS, "str")
    | dict.fromkeys(TIME_COLUMNS, "datetime64[ms, UTC]")
    | {"assignee": "str", "team": "str", "conversation_open": "bool", "conversation_opened": "datetime64[ms, UTC]"}
)


def test_a_frame_has_the_same_types_with_and_without_contacts(workspace):
    empty = workspace.contacts.to_frame()
    empty_page = workspace.contacts.page(0, 10)
    workspace.add_contact(phone="112")
    one = workspace.contacts.to_frame()
    assert types_of(empty) == types_of(empty_page) == types_of(one) == EXPECTED
    assert list(empty.columns) == list(one.columns)
    assert (len(empty), len(empty_page), len(one)) == (0, 0, 1)


def test_a_frame_holds_every_value_of_a_contact(workspace):
    contact = workspace.add_contact(
        first_name="Zoë",
        last_name="Smith",
        phone="+44 20 7946 0958",
        email="Zoe@Example.org",
        country="United Kingdom",
        language="English",
        tags=["vip", "Anglers"],
    )
    with workspace._database.write() as connection:
        connection.execute(
            insert(channels).values(id=1, name="Shop", name_key="shop", source="sms", created_at=AT)
        )
        connection.execute(
            insert(contact_channels).values(
                contact_id=contact.id, channel_id=1, identifier="a", identifier_key="a"
            )
        )
        connection.execute(update(contacts).values(created_at=AT))
        connection.execute(update(contact_states).values(last_interaction=AT, last_channel_id=1))
    (row,) = workspace.contacts.to_frame().to_dict("records")
    for name in ("last_incoming", "conversation_opened", "assignee", "team"):
        assert pd.isna(row.pop(name))
    assert row == {
        "id": contact.id,
        "name": "Zoë Smith",
        "first_name": "Zoë",
        "last_name": "Smith",
        "phone": "+44 20 7946 0958",
        "phone_e164": "+442079460958",
        "email": "Zoe@Example.org",
        "country": "GB",
        "language": "en",
        "tags": ["Anglers", "vip"],
        "channels": ["sms"],
        "last_interacted_channel": "Shop",
        "last_interaction": pd.Timestamp(AT),
        "created_at": pd.Timestamp(AT),
        "conversation_open": False,
    }


def test_missing_texts_are_missing_and_missing_lists_are_empty(workspace):
    workspace.add_contact(phone="112")
    frame = workspace.contacts.to_frame()
    assert frame["first_name"].isna().all()
    assert frame["last_interacted_channel"].isna().all()
    assert frame[["tags", "channels"]].to_numpy().tolist() == [[[], []]]


def test_a_page_is_a_part_of_the_frame(workspace):
    for name in ("Ann", "Bo", "Cy", "Dee"):
        workspace.add_contact(first_name=name, tags=[name])
    query = workspace.contacts.sort_by("name", descending=True)
    whole = query.to_frame()
    pd.testing.assert_frame_equal(query.page(1, 2), whole.iloc[1:3].reset_index(drop=True))


def thread(workspace: Workspace) -> Contact:
    """A contact with two channels and messages that come in turn on them."""
    contact = workspace.add_contact(first_name="Ann")
    with workspace._database.write() as connection:
        for number, source in ((1, "sms"), (2, "line")):
            connection.execute(
                insert(channels).values(id=number, name=source, name_key=source, source=source, created_at=AT)
            )
            connection.execute(
                insert(contact_channels).values(
                    id=number, contact_id=contact.id, channel_id=number, identifier="a", identifier_key="a"
                )
            )
        connection.execute(
            insert(messages),
            [
                {
                    "contact_channel_id": 1 + step % 2,
                    "sent_at": AT + timedelta(milliseconds=step // 4),
                    "number": step,
                    "incoming": int(step % 3 == 0),
                    "text": f"message {step}",
                }
                for step in range(12)
            ],
        )
    return contact


def test_a_frame_of_many_chosen_contacts_has_their_own_tags(workspace):
    names = [f"Person {number}" for number in range(2_400)]
    tags = [[f"tag {number % 5}"] if number % 3 else [] for number in range(2_400)]
    plan = workspace.plan_import(pd.DataFrame({"first_name": names, "tags": tags}))
    plan.apply()
    chosen = workspace.contacts.ids()[1::2]

    frame = workspace.contacts.with_ids(chosen).to_frame()

    everyone = workspace.contacts.to_frame()
    expected = everyone[everyone["id"].isin(chosen.tolist())].reset_index(drop=True)
    pd.testing.assert_frame_equal(frame, expected)


def test_messages_of_all_channels_come_oldest_first(workspace):
    contact = thread(workspace)
    told = contact.last_messages(100)
    assert [message.sent_at for message in told] == sorted(message.sent_at for message in told)
    assert {message.text for message in told} == {f"message {step}" for step in range(12)}
    assert contact.message_count() == 12


def test_the_last_messages_are_the_newest_across_channels(workspace):
    contact = thread(workspace)
    everything = contact.last_messages(100)
    assert [contact.last_messages(limit) for limit in (1, 5, 12, 13)] == [
        everything[-1:],
        everything[-5:],
        everything,
        everything,
    ]
    assert contact.last_messages(0) == ()


def test_messages_as_a_frame_have_the_same_types_with_and_without_messages(workspace):
    types = {
        "sent_at": "datetime64[ms, UTC]",
        "channel": "str",
        "source": "str",
        "incoming": "bool",
        "text": "str",
        "sender": "str",
        "status": "str",
    }
    empty = workspace.add_contact(first_name="Bo").messages()
    frame = thread(workspace).messages()
    assert types_of(empty) == types_of(frame) == types
    assert (len(empty), len(frame)) == (0, 12)
    assert frame["sent_at"].iloc[0] == pd.Timestamp(AT)
    assert set(frame.loc[frame["source"] == "sms", "text"]) == {f"message {step}" for step in range(0, 12, 2)}
