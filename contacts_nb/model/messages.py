"""A message that isn't stored yet: its values checked, whoever they come from.

Logs hold millions of messages whose directions, senders and profile names are few, so what was checked once is
remembered.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter

import pandas as pd

from contacts_nb.model.channels import CHANNEL_NAME_LENGTH, IDENTIFIER_LENGTH
from contacts_nb.model.contact import Status
from contacts_nb.model.emails import EMAIL_LENGTH
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import checked_url
from contacts_nb.model.people import member_named, refusal, text_given, text_required

MESSAGE_LENGTH = 100_000
PROFILE_NAME_LENGTH = 255

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


class Direction(StrEnum):
    """Whether a contact wrote a message or got it."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A message to be recorded, on the `channel` of that name with whom `identifier` names there.

    `sent_at_ms` are milliseconds since 1970 UTC. `profile_name` and `picture` are the contact's as the channel
    supplies them; `sender` is the e-mail address of a user.
    """

    channel: str
    identifier: str
    incoming: bool
    text: str
    sent_at_ms: int
    profile_name: str | None = None
    picture: str | None = None
    sender: str | None = None
    status: Status | None = None


_REQUIRED = ("channel", "identifier", "direction", "text", "sent_at")
_OPTIONAL = ("profile_name", "picture", "sender", "status")
_KEYS = frozenset({*_REQUIRED, *_OPTIONAL})
_required_values = itemgetter(*_REQUIRED)
_IS_INCOMING = {direction.value: direction is Direction.INCOMING for direction in Direction}
_NO_TIME = "is not a time; give one such as 2026-03-31T09:30:00+02:00"
_STATUSES = {status.value: status for status in Status}


def message_drafted(record: Mapping[str, object]) -> MessageDraft:
    """The message that `record` describes; raises `InvalidValue` for the first value that breaks its rule.

    >>> message_drafted({"channel": "Shop", "identifier": "ann", "direction": "incoming", "text": "Hi",
    ...                  "sent_at": "2026-03-02T12:00:00Z"}).sent_at_ms
    1772452800000
    """
    if not record.keys() <= _KEYS:
        unknown = next(key for key in record if key not in _KEYS)
        raise refusal(
            "message key",
            unknown,
            f"is not known; use {', '.join(_REQUIRED)}, and if you like {', '.join(_OPTIONAL)}",
        )
    try:
        channel, identifier, direction, text, sent_at = _required_values(record)
    except KeyError:
        missing = next(key for key in _REQUIRED if key not in record)
        raise InvalidValue("message", dict(record), f"has no {missing}; give one") from None
    incoming = _IS_INCOMING.get(direction) if type(direction) is str else None
    if incoming is None:
        incoming = member_named("direction", direction, Direction) is Direction.INCOMING
    if len(record) == len(_REQUIRED) and type(channel) is str and type(identifier) is str:
        return MessageDraft(channel, identifier, incoming, _text(text), _milliseconds(sent_at))
    get = record.get
    return MessageDraft(
        channel if type(channel) is str else text_required("channel", channel, CHANNEL_NAME_LENGTH),
        identifier if type(identifier) is str else text_required("identifier", identifier, IDENTIFIER_LENGTH),
        incoming,
        _text(text),
        _milliseconds(sent_at),
        _profile_name(_optional("profile name", get("profile_name"))),
        _picture(_optional("picture", get("picture"))),
        _sender(_optional("sender", get("sender"))),
        _status(_optional("status", get("status")), incoming=incoming),
    )


def messages_drafted(log: Iterable[Mapping[str, object]] | pd.DataFrame) -> list[MessageDraft]:
    """The messages of a log: records, or a table with a column for each of their keys."""
    if not isinstance(log, pd.DataFrame):
        return [message_drafted(record) for record in log]
    names = [str(name) for name in log.columns]
    if len(set(names)) < len(names):
        raise InvalidValue("columns", ", ".join(names), "has a name twice; give each column its own")
    # Whole columns become Python's own values much faster than rows do.
    columns = [log.iloc[:, index].tolist() for index in range(len(names))]
    return [message_drafted(dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True)]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise refusal("text", value, "is not a text; give one, if only an empty one")
    text = value if type(value) is str else str.__str__(value)
    if len(text) > MESSAGE_LENGTH:
        raise InvalidValue("text", text, f"is {len(text):,} characters long; at most {MESSAGE_LENGTH:,} are kept")
    if "\x00" in text:
        raise InvalidValue("text", text, "contains a NUL character; remove it")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InvalidValue("text", text, "contains half of a Unicode surrogate pair; type it again") from None
    return text


def _milliseconds(value: object) -> int:
    moment = value if type(value) is datetime else _moment(value)
    if moment.utcoffset() is None:
        rule = "has no time zone; give one, such as tzinfo=UTC, or Z at the end of a text"
        raise InvalidValue("sent_at", str(value), rule)
    milliseconds = (moment - _EPOCH) // _MILLISECOND
    if not _FIRST <= milliseconds <= _LAST:
        raise InvalidValue("sent_at", str(value), "is outside the years 1 to 9999 in UTC; give another time")
    return milliseconds


def _moment(value: object) -> datetime:
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip())
        if isinstance(value, pd.Timestamp):
            # Its own arithmetic is much slower; parts of a microsecond are dropped as those of a millisecond are.
            return value.to_pydatetime(warn=False)
    except ValueError as error:
        raise refusal("sent_at", value, _NO_TIME) from error
    if value is not pd.NaT and isinstance(value, datetime):
        return value
    raise refusal("sent_at", value, _NO_TIME)


@lru_cache(maxsize=100_000)
def _profile_name(text: str) -> str | None:
    return text_given("profile name", text, PROFILE_NAME_LENGTH)


@lru_cache(maxsize=100_000)
def _picture(text: str) -> str | None:
    return checked_url("picture", text)


@lru_cache(maxsize=10_000)
def _sender(text: str) -> str | None:
    return text_given("sender", text, EMAIL_LENGTH)


def _status(text: str, *, incoming: bool) -> Status | None:
    if not text.strip():
        return None
    status = _STATUSES.get(text) or member_named("status", text, Status)
    if incoming:
        raise InvalidValue("status", status.value, "is for outgoing messages; leave it empty for incoming ones")
    return status


def _optional(field: str, value: object) -> str:
    """`value` as a text; "" for what marks an empty cell of a table."""
    if type(value) is str:
        return value
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if not isinstance(value, str):
        raise refusal(field, value, f"is not a text but of type {type(value).__name__}; give a text")
    return str.__str__(value)
