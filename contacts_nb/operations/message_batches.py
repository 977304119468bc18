"""A batch of messages sorted out: whom each is from or to, and which of them are there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    select,
    type_coerce,
)

from contacts_nb.model.channels import Channel, checked_identifier, identifier_key
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.messages import Direction, MessageDraft
from contacts_nb.operations.recording import parts
from contacts_nb.queries.settings import channel_with, user_with
from contacts_nb.store.backend import backend_of
from contacts_nb.store.schema import (
    contact_channels,
    messages,
    withdrawn_messages,
)
from contacts_nb.store.table_parts import sorted_text
from contacts_nb.store.types import from_milliseconds

_IDS_IN_ONE_STATEMENT = 10_000
_MOST_AT_ONE_TIME = 32_768  # what the numbers within one millisecond can tell apart

# What would be too much for the parameters of one statement is joined.
_temporary = MetaData()
_sought_identities = Table(
    "sought_identities",
    _temporary,
    Column("number", Integer),
    Column("channel_id", BigInteger),
    Column("identifier_key", sorted_text(Text())),
    prefixes=["TEMPORARY"],
)
_sought_messages = Table(
    "sought_messages",
    _temporary,
    Column("contact_channel_id", BigInteger),
    Column("sent_at", BigInteger),
    prefixes=["TEMPORARY"],
)


@dataclass(slots=True)
class NewMessage:
    """A message as it is to be stored; `stored_status` is the one that the database has by now."""

    sent_at: int
    number: int
    incoming: bool
    text: str
    sender_id: int | None
    status: str | None
    stored_status: str | None = None


@dataclass(slots=True)
class Identity:
    """Who is on the other side of some drafts; `id` is 0 until it is known or created.

    `contact_id` is whose it is now; `origin_id` the contact it was made on, where history has it.
    """

    channel_id: int
    key: str
    identifier: str
    id: int = 0
    contact_id: int = 0
    origin_id: int = 0
    profile_name: str | None = None
    picture: str | None = None
    last_message_at: int | None = None
    last_incoming_at: int | None = None
    drafts: list[MessageDraft] = field(default_factory=list)
    stored: list[NewMessage] = field(default_factory=list)
    new: list[NewMessage] = field(default_factory=list)
    next_numbers: dict[int, int] = field(default_factory=dict)

    def compare_profile(self) -> dict[str, str]:
        """What the latest drafts that have them say of profile name and picture, unless it is older news."""
        found: dict[str, str] = {}
        for name in ("profile_name", "picture"):
            latest = None
            for draft in self.drafts:
                if getattr(draft, name) and (latest is None or draft.sent_at_ms >= latest.sent_at_ms):
                    latest = draft
            if latest is None or getattr(self, name) == getattr(latest, name):
                continue
            is_older = self.last_message_at is not None and latest.sent_at_ms < self.last_message_at
            if getattr(self, name) is None or not is_older:
                found[name] = getattr(latest, name)
        return found

    def compare(self, senders: Mapping[str, int]) -> None:
        """Find out which of the drafts are new, and which of the `stored` messages have another status."""
        there = {(message.sent_at, message.incoming, message.text): message for message in reversed(self.stored)}
        next_numbers = self.next_numbers
        for message in self.stored:
            next_numbers[message.sent_at] = max(next_numbers.get(message.sent_at, 0), message.number + 1)
        for draft in self.drafts:
            sent_at = draft.sent_at_ms
            key = (sent_at, draft.incoming, draft.text)
            status = None if draft.status is None else draft.status.value
            found = there.get(key)
            if found is not None:
                found.status = status or found.status
                continue
            number = next_numbers.get(sent_at, 0)
            if number == _MOST_AT_ONE_TIME:
                rule = f"is the time of more than {number:,} messages of one contact; give the true times"
                raise InvalidValue("sent_at", from_milliseconds(sent_at).isoformat(), rule)
            next_numbers[sent_at] = number + 1
            sender_id = None if draft.sender is None else senders[draft.sender]
            there[key] = message = NewMessage(sent_at, number, draft.incoming, draft.text, sender_id, status)
            self.new.append(message)
        self.new.sort(key=_order)
        self.last_message_at = _latest(self.last_message_at, self.new)
        self.last_incoming_at = _latest(self.last_incoming_at, [new for new in self.new if new.incoming])


def _order(message: NewMessage) -> tuple[int, int]:
    return message.sent_at, message.number


def _latest(at: int | None, ordered: Sequence[NewMessage]) -> int | None:
    if not ordered:
        return at
    return ordered[-1].sent_at if at is None else max(at, ordered[-1].sent_at)


def senders_of(connection: Connection, drafts: Iterable[MessageDraft]) -> dict[str, int]:
    """The ids of the users who sent something, by address as it was given."""
    senders: dict[str, int] = {}
    for draft in drafts:
        if draft.sender is None:
            continue
        if draft.incoming:
            rule = f"can't have sent an {Direction.INCOMING} message; leave the sender empty, or give outgoing"
            raise InvalidValue("sender", draft.sender, rule)
        if draft.sender not in senders:
            senders[draft.sender] = user_with(connection, draft.sender).id
    return senders


def identities_of(connection: Connection, drafts: Iterable[MessageDraft], region: str | None) -> list[Identity]:
    """Whom the drafts come from or go to, each once, in the order they first come."""
    channels: dict[str, Channel] = {}
    by_key: dict[tuple[int, str], Identity] = {}
    by_spelling: dict[tuple[str, str], Identity] = {}
    for draft in drafts:
        spelling = (draft.channel, draft.identifier)
        identity = by_spelling.get(spelling)
        if identity is None:
            channel = channels.get(draft.channel)
            if channel is None:
                channel = channels[draft.channel] = channel_with(connection, draft.channel)
            identifier = checked_identifier(channel.source, draft.identifier)
            key = identifier_key(channel.source, identifier, region)
            identity = by_key.setdefault((channel.id, key), Identity(channel.id, key, identifier))
            by_spelling[spelling] = identity
        identity.drafts.append(draft)
    return list(by_key.values())


def find_known(connection: Connection, identities: Sequence[Identity]) -> None:
    """Fill in what the database knows of `identities`."""
    sought, there = _sought_identities, contact_channels.c
    statement = select(
        sought.c.number,
        there.id,
        there.contact_id,
        func.coalesce(there.origin_id, there.contact_id),
        there.profile_name,
        there.picture,
        type_coerce(there.last_message_at, BigInteger),
        type_coerce(there.last_incoming_at, BigInteger),
    ).where(there.channel_id == sought.c.channel_id, there.identifier_key == sought.c.identifier_key)
    rows = sorted((identity.channel_id, identity.key, number) for number, identity in enumerate(identities))
    sought.create(connection)
    backend_of(connection).inserted(connection, sought.name, ("channel_id", "identifier_key", "number"), rows)
    for number, *values in connection.execute(statement):
        identity = identities[number]
        (
            identity.id, identity.contact_id, identity.origin_id, identity.profile_name, identity.picture,
            identity.last_message_at, identity.last_incoming_at,
        ) = values  # fmt: skip
    sought.drop(connection)


def find_stored(connection: Connection, known: Sequence[Identity]) -> None:
    """Fill in the messages that `known` identities have at the times of their drafts."""
    # What is later than the last message can't be there.
    times = {
        (identity.id, draft.sent_at_ms)
        for identity in known
        if identity.last_message_at is not None
        for draft in identity.drafts
        if draft.sent_at_ms <= identity.last_message_at
    }
    if not times:
        return
    by_id = {identity.id: identity for identity in known}
    sought = _sought_messages
    sent_at = type_coerce(messages.c.sent_at, BigInteger)
    statement = (
        select(
            messages.c.contact_channel_id,
            sent_at,
            messages.c.number,
            messages.c.incoming,
            messages.c.text,
            messages.c.sender_id,
            messages.c.status,
        )
        .where(messages.c.contact_channel_id == sought.c.contact_channel_id, sent_at == sought.c.sent_at)
        .order_by(messages.c.contact_channel_id, messages.c.sent_at, messages.c.number)
    )
    sought.create(connection)
    backend_of(connection).inserted(connection, sought.name, ("contact_channel_id", "sent_at"), sorted(times))
    for identity_id, at, number, incoming, text, sender_id, status in connection.execute(statement):
        by_id[identity_id].stored.append(NewMessage(at, number, bool(incoming), text, sender_id, status, status))
    sought.drop(connection)


def find_withdrawn(connection: Connection, known: Sequence[Identity]) -> None:
    """Fill in the numbers that messages withdrawn by an undo had: they may come back."""
    there = withdrawn_messages.c
    if connection.execute(select(there.undo_id).limit(1)).first() is None:
        return
    by_id = {identity.id: identity for identity in known}
    sent_at = type_coerce(there.sent_at, BigInteger)
    for some in parts(list(by_id), _IDS_IN_ONE_STATEMENT):
        statement = (
            select(there.contact_channel_id, sent_at, func.max(there.number) + 1)
            .where(there.contact_channel_id.in_(some))
            .group_by(there.contact_channel_id, there.sent_at)
        )
        for identity_id, at, number in connection.execute(statement):
            by_id[identity_id].next_numbers[at] = number
