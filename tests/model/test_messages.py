from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.contact import Status
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.messages import MESSAGE_LENGTH, MessageDraft, message_drafted, messages_drafted
from contacts_nb.store.types import to_milliseconds

AT = datetime(2026, 3, 2, 12, 0, 0, 123_999, UTC)
RECORD = {"channel": "Shop", "identifier": "ann", "direction": "incoming", "text": "Hi", "sent_at": AT}
SENT = {**RECORD, "direction": "outgoing"}


def test_a_record_becomes_a_draft():
    record = {
        **SENT,
        "profile_name": " Ann ",
        "picture": "https://example.org/a.png",
        "sender": " bo@example.org ",
        "status": "read",
    }
    assert message_drafted(record) == MessageDraft(
        "Shop",
        "ann",
        False,
        "Hi",
        1_772_452_800_123,
        "Ann",
        "https://example.org/a.png",
        "bo@example.org",
        Status.READ,
    )


@pytest.mark.parametrize(
    "sent_at",
    [
        AT,
        AT.astimezone(timezone(timedelta(hours=5, minutes=45))),
        pd.Timestamp(AT),
        pd.Timestamp(AT).as_unit("ns") + pd.Timedelta(7, "ns"),
        pd.Timestamp(AT).tz_convert("Asia/Tokyo"),
        "2026-03-02T12:00:00.123Z",
        " 2026-03-02 13:00:00.123+01:00 ",
    ],
)
def test_every_form_of_one_moment_is_the_same(sent_at):
    assert message_drafted({**RECORD, "sent_at": sent_at}).sent_at_ms == 1_772_452_800_123


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_what_the_store_makes_of_them(at):
    assert message_drafted({**RECORD, "sent_at": at}).sent_at_ms == to_milliseconds(at)


@pytest.mark.parametrize("sent_at", [AT.replace(tzinfo=None), pd.Timestamp("2026-03-02"), "2026-03-02T12:00:00"])
def test_a_time_without_a_zone_is_refused(sent_at):
    with pytest.raises(InvalidValue, match=r"^sent_at .* has no time zone; give one"):
        message_drafted({**RECORD, "sent_at": sent_at})


@pytest.mark.parametrize("sent_at", [None, pd.NaT, "soon", "", 1_772_452_800, AT.date(), float("nan")])
def test_what_is_no_time_is_refused(sent_at):
    with pytest.raises(InvalidValue, match=r"^sent_at .* is not a time; give one such as"):
        message_drafted({**RECORD, "sent_at": sent_at})


def test_a_time_that_utc_can_not_hold_is_refused():
    at = datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))
    with pytest.raises(InvalidValue, match="outside the years 1 to 9999"):
        message_drafted({**RECORD, "sent_at": at})


@pytest.mark.parametrize("key", RECORD)
def test_what_is_missing_is_named(key):
    with pytest.raises(InvalidValue, match=f"has no {key}; give one"):
        message_drafted({name: value for name, value in RECORD.items() if name != key})


def test_an_unknown_key_is_named():
    with pytest.raises(InvalidValue, match=r"^message key 'body' is not known; use channel, identifier"):
        message_drafted({**RECORD, "body": "Hi"})


@pytest.mark.parametrize("empty", [None, float("nan"), np.nan, pd.NA, pd.NaT, "", " "])
@pytest.mark.parametrize("key", ["profile_name", "picture", "sender", "status"])
def test_empty_cells_of_a_table_are_empty(key, empty):
    assert getattr(message_drafted({**RECORD, key: empty}), key) is None


@pytest.mark.parametrize("text", ["", "  Hi\n", "a" * MESSAGE_LENGTH, "👩‍👩‍👧 שלום"])
def test_a_text_stays_as_it_is(text):
    assert message_drafted({**RECORD, "text": text}).text == text


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("text", None, "is not a text"),
        ("text", float("nan"), "is not a text"),
        ("text", "a" * (MESSAGE_LENGTH + 1), "at most 100,000"),
        ("text", "a\x00b", "NUL"),
        ("text", "a\ud800b", "surrogate"),
        ("direction", "sideways", "is none of the choices; give one of incoming, outgoing"),
        ("direction", None, "is none of the choices"),
        ("direction", ["incoming"], "is not a text"),
        ("status", "lost", "is none of the choices; give one of sent, delivered, read, failed"),
        ("status", "read", "is for outgoing messages"),
        ("status", 1, "is not a text"),
        ("channel", None, "is empty"),
        ("channel", 7, "is not a text"),
        ("identifier", 447946095, "is not a text"),
        ("profile_name", "a" * 256, "at most 255"),
        ("profile_name", ["Ann"], "is not a text"),
        ("picture", "a.png", "is not a web address"),
        ("sender", "a" * 300, "at most 254"),
    ],
)
def test_what_breaks_a_rule_is_refused(key, value, rule):
    with pytest.raises(InvalidValue, match=rule):
        message_drafted({**RECORD, key: value})


def test_direction_and_status_may_be_spelled_in_any_case():
    draft = message_drafted({**SENT, "direction": "Outgoing", "status": "Delivered"})
    assert (draft.incoming, draft.status) == (False, Status.DELIVERED)


def test_a_table_gives_the_same_drafts_as_its_records():
    records = [{**RECORD, "status": None}, {**SENT, "status": "sent"}, {**RECORD, "text": "é", "status": None}]
    assert messages_drafted(pd.DataFrame(records)) == messages_drafted(records)
    assert messages_drafted(pd.DataFrame(records).iloc[:0]) == []


def test_a_table_with_one_name_twice_is_refused():
    table = pd.DataFrame([["Shop", "Shop"]], columns=["channel", "channel"])
    with pytest.raises(InvalidValue, match="has a name twice"):
        messages_drafted(table)
