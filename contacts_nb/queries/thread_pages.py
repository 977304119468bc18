"""The thread of one contact across its channels, a page at a time, and what is found in it.

Messages lie in the order of their identity and time, so that the newest of each identity are one short stretch of
the table; a page is the newest of those stretches. Nothing before a page is read to get to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, literal, select, tuple_

from contacts_nb.model.contact import Message, Source, Status
from contacts_nb.model.people import text_required
from contacts_nb.model.search_text import SEARCH_LENGTH
from contacts_nb.model.text import folded
from contacts_nb.queries.groups import present_id
from contacts_nb.queries.rows import LARGEST_INTEGER
from contacts_nb.store.schema import channels, contact_channels, messages, users
from contacts_nb.store.types import UtcMilliseconds

_AT_ONCE = 2_000


class MessagePlace(NamedTuple):
    """Where a message stands in the thread; places compare as messages follow one another."""

    sent_at: datetime
    identity: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMessage(Message):
    """A message of a thread, and its place there."""

    place: MessagePlace


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A stretch of a thread, oldest message first; `older` is the `before` of the page before it, or None."""

    messages: tuple[ThreadMessage, ...]
    older: MessagePlace | None


@dataclass(frozen=True, slots=True)
class FoundMessages:
    """The newest messages that were found, newest first; `count` is how many there are."""

    messages: tuple[ThreadMessage, ...]
    count: int


@dataclass(frozen=True, slots=True)
class _Identity:
    id: int
    channel: str
    source: Source
    last_message_at: datetime | None


def message_page(connection: Connection, contact_id: int, before: MessagePlace | None, limit: int) -> MessagePage:
    """The newest `limit` messages of a contact that stand before a place, or of all."""
    identities = _identities(connection, contact_id)
    # Whose messages are older than all that was read needn't be looked at. Nothing is known of one without a time.
    identities.sort(key=lambda one: (one.last_message_at is not None, _reversed(one.last_message_at)))
    found: list[ThreadMessage] = []
    at_most = min(limit + 1, LARGEST_INTEGER)  # one more tells whether there are older ones
    for identity in identities:
        full = len(found) > limit
        if full and identity.last_message_at is not None and identity.last_message_at < found[-1].sent_at:
            break
        newest = _messages(identity).order_by(messages.c.sent_at.desc(), messages.c.number.desc()).limit(at_most)
        if before is not None:
            newest = newest.where(_stands_before(identity.id, before))
        found += [_message(identity, row) for row in connection.execute(newest)]
        found.sort(key=lambda message: message.place, reverse=True)
        del found[at_most:]
    page = found[:limit]
    older = page[-1].place if len(found) > limit and page else None
    return MessagePage(tuple(reversed(page)), older)


def found_messages(connection: Connection, contact_id: int, typed: str, limit: int) -> FoundMessages:
    """The newest `limit` messages of a contact that have all words of what was `typed`; raises `InvalidValue`.

    Case and accents don't matter, and words may be parts of others. Databases can't fold text, so all messages of
    this contact are looked through here, a few at a time.
    """
    words = words_of(typed)
    count = 0

    def matching() -> Iterator[tuple[MessagePlace, _Identity, Row[Any]]]:
        nonlocal count
        for identity in _identities(connection, contact_id):
            statement = _messages(identity).execution_options(yield_per=_AT_ONCE)
            for row in connection.execute(statement):
                text = folded(row.text)
                if all(word in text for word in words):
                    count += 1
                    yield MessagePlace(row.sent_at, identity.id, row.number), identity, row

    newest = nlargest(limit, matching(), key=lambda match: match[0])
    return FoundMessages(tuple(_message(identity, row) for _, identity, row in newest), count)


def words_of(typed: str) -> tuple[str, ...]:
    """The words of a search as they are compared; raises `InvalidValue` if there are none, or too many letters.

    >>> words_of(" Café  bill ")
    ('cafe', 'bill')
    """
    return tuple(dict.fromkeys(folded(text_required("search", typed, SEARCH_LENGTH)).split()))


def _reversed(moment: datetime | None) -> float:
    return 0.0 if moment is None else -moment.timestamp()


def _identities(connection: Connection, contact_id: int) -> list[_Identity]:
    # Merging gives the identities of both to the survivor, so that those of the whole group are found here.
    statement = (
        select(contact_channels.c.id, channels.c.name, channels.c.source, contact_channels.c.last_message_at)
        .join(channels, channels.c.id == contact_channels.c.channel_id)
        .where(contact_channels.c.contact_id == present_id(contact_id))
    )
    return [
        _Identity(row.id, row.name, Source(row.source), row.last_message_at)
        for row in connection.execute(statement)
    ]


def _messages(identity: _Identity) -> Select[Any]:
    return (
        select(
            messages.c.sent_at,
            messages.c.number,
            messages.c.incoming,
            messages.c.text,
            messages.c.status,
            users.c.email,
        )
        .outerjoin(users, users.c.id == messages.c.sender_id)
        .where(messages.c.contact_channel_id == identity.id)
    )


def _stands_before(identity: int, place: MessagePlace) -> ColumnElement[bool]:
    if identity > place.identity:
        return messages.c.sent_at < place.sent_at
    if identity < place.identity:
        return messages.c.sent_at <= place.sent_at
    # In a row of values, what is compared with a column doesn't get its type by itself.
    sent_at = literal(place.sent_at, UtcMilliseconds)
    return tuple_(messages.c.sent_at, messages.c.number) < tuple_(sent_at, place.number)


def _message(identity: _Identity, row: Row[Any]) -> ThreadMessage:
    return ThreadMessage(
        identity.channel,
        identity.source,
        bool(row.incoming),
        row.text,
        row.sent_at,
        row.email,
        Status(row.status) if row.status else None,
        place=MessagePlace(row.sent_at, identity.id, row.number),
    )
