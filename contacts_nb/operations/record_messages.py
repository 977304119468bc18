"""Recording messages: each new one once, with the contact it comes from or goes to, a set at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    bindparam,
    func,
    select,
    type_coerce,
    update,
)

from contacts_nb.model.messages import Direction, MessageDraft
from contacts_nb.model.names import profile_name
from contacts_nb.model.text import folded
from contacts_nb.operations.derived import refresh_states, refresh_texts
from contacts_nb.operations.message_batches import (
    Identity,
    NewMessage,
    find_known,
    find_stored,
    find_withdrawn,
    identities_of,
    senders_of,
)
from contacts_nb.operations.recording import Change, Recording
from contacts_nb.queries.groups import anyone_merged, members_of, with_survivors
from contacts_nb.store.backend import backend_of
from contacts_nb.store.cells import CONTACT, CONVERSATION, IDENTITY, MESSAGES, STATUSES
from contacts_nb.store.schema import (
    contact_channels,
    contact_states,
    contacts,
    conversations,
    messages,
    search_documents,
)
from contacts_nb.store.search_documents import contact_document
from contacts_nb.store.types import to_milliseconds

_temporary = MetaData()
_last_times = Table(
    "last_times",
    _temporary,
    Column("contact_channel_id", BigInteger, primary_key=True),
    Column("last_message_at", BigInteger),
    Column("last_incoming_at", BigInteger),
    prefixes=["TEMPORARY"],
)


class Recorded(NamedTuple):
    """How many messages were recorded or were already there, and how many contacts were created for them."""

    messages: int
    already_there: int
    contacts: int


def record_messages(recording: Recording, drafts: Sequence[MessageDraft], region: str | None) -> Recorded:
    """Record those of `drafts` that aren't there yet; `region` is that of phones without `+`.

    Whoever isn't known on a channel becomes a new contact. Raises `NotFound` for a channel or sender that doesn't
    exist and `InvalidValue` for an identifier that breaks its rule, both before anything is written.
    """
    connection = recording.connection
    senders = senders_of(connection, drafts)
    identities = identities_of(connection, drafts, region)
    find_known(connection, identities)
    known = [identity for identity in identities if identity.id]
    created = [identity for identity in identities if not identity.id]
    find_stored(connection, known)
    find_withdrawn(connection, known)
    profiles = [(identity, profile) for identity in identities if (profile := identity.compare_profile())]
    for identity in identities:
        identity.compare(senders)
    _change_profiles(recording, [(identity, profile) for identity, profile in profiles if identity.id])
    for identity, profile in profiles:
        identity.profile_name = profile.get("profile_name", identity.profile_name)
        identity.picture = profile.get("picture", identity.picture)
    _create(recording, created)
    _change_statuses(recording, known)
    _insert_messages(recording, identities)
    _write_last_times(connection, [identity for identity in known if identity.new])
    _open_conversations(recording, identities)
    refresh_states(connection, recording.changed(MESSAGES))
    count = sum(len(identity.new) for identity in identities)
    return Recorded(count, len(drafts) - count, len(created))


def _change_profiles(recording: Recording, profiles: Sequence[tuple[Identity, Mapping[str, str]]]) -> None:
    """Give known identities the profile names and pictures that their channels have for them now."""
    if not profiles:
        return
    codes = {cell.column.name: cell.code for cell in IDENTITY.cells}
    recording.add(
        Change(identity.origin_id, codes[name], identity.id, getattr(identity, name), value)
        for identity, profile in profiles
        for name, value in profile.items()
    )
    for name in ("profile_name", "picture"):
        values = [
            {"identity": identity.id, "value": profile[name]} for identity, profile in profiles if name in profile
        ]
        if values:
            recording.connection.execute(
                update(contact_channels)
                .where(contact_channels.c.id == bindparam("identity"))
                .values({name: bindparam("value")}),
                values,
            )
    refresh_texts(recording.connection, recording.changed(codes["profile_name"]))


def _create(recording: Recording, created: Sequence[Identity]) -> None:
    """Make a contact of each of these identities, with that identity."""
    if not created:
        return
    connection, backend = recording.connection, backend_of(recording.connection)
    ids = backend.new_ids(connection, contacts.name, len(created))
    identity_ids = backend.new_ids(connection, contact_channels.name, len(created))
    for identity, contact_id, identity_id in zip(created, ids, identity_ids, strict=True):
        identity.contact_id = identity.origin_id = contact_id
        identity.id = identity_id
    now = to_milliseconds(recording.now)
    names = [profile_name(None, None, [made.profile_name], identifiers=[made.identifier]) for made in created]
    backend.inserted(
        connection,
        contacts.name,
        ("id", "created_at", "profile_name", "sort_name"),
        ((made.contact_id, now, name, folded(name)) for made, name in zip(created, names, strict=True)),
    )
    backend.inserted(
        connection, contact_states.name, ("contact_id", "conversation_open"), ((number, 0) for number in ids)
    )
    columns = (
        "id", "contact_id", "channel_id", "identifier", "identifier_key", "profile_name", "picture",
        "last_message_at", "last_incoming_at",
    )  # fmt: skip
    backend.inserted(
        connection,
        contact_channels.name,
        columns,
        (
            (
                made.id, made.contact_id, made.channel_id, made.identifier, made.key, made.profile_name,
                made.picture, made.last_message_at, made.last_incoming_at,
            )
            for made in created
        ),
    )  # fmt: skip
    backend.inserted(
        connection,
        search_documents.name,
        ("contact_id", "text"),
        (
            (made.contact_id, contact_document((), (), [(made.profile_name, made.identifier)], [made.key]))
            for made in created
        ),
    )
    recording.add(Change(made.contact_id, CONTACT.anchor, 0, None, "1") for made in created)
    recording.add(Change(made.contact_id, IDENTITY.anchor, made.id, None, "1") for made in created)


def _change_statuses(recording: Recording, known: Iterable[Identity]) -> None:
    """Give stored messages the status they have now."""
    changed: list[dict[str, int | str | None]] = []
    history: list[Change] = []
    for identity in known:
        mine = [message for message in identity.stored if message.status != message.stored_status]
        if not mine:
            continue
        old = [[message.sent_at, message.number, message.stored_status] for message in mine]
        new = [[message.sent_at, message.number, message.status] for message in mine]
        history.append(Change(identity.origin_id, STATUSES, identity.id, json.dumps(old), json.dumps(new)))
        changed += [
            {"identity": identity.id, "at": message.sent_at, "of": message.number, "now": message.status}
            for message in mine
        ]
    if not changed:
        return
    recording.add(history)
    recording.connection.execute(
        update(messages)
        .where(
            messages.c.contact_channel_id == bindparam("identity"),
            type_coerce(messages.c.sent_at, BigInteger) == bindparam("at"),
            messages.c.number == bindparam("of"),
        )
        .values(status=bindparam("now")),
        changed,
    )


def _insert_messages(recording: Recording, identities: Iterable[Identity]) -> None:
    touched = sorted((identity for identity in identities if identity.new), key=lambda identity: identity.id)
    backend_of(recording.connection).inserted(
        recording.connection,
        messages.name,
        ("contact_channel_id", "sent_at", "number", "incoming", "text", "sender_id", "status", "operation_id"),
        (
            (
                identity.id, message.sent_at, message.number, int(message.incoming), message.text,
                message.sender_id, message.status, recording.id,
            )
            for identity in touched
            for message in identity.new
        ),
    )  # fmt: skip
    recording.add(
        Change(identity.origin_id, MESSAGES, identity.id, None, str(len(identity.new))) for identity in touched
    )


def _write_last_times(connection: Connection, known: Sequence[Identity]) -> None:
    if not known:
        return
    last, there = _last_times, contact_channels.c
    last.create(connection)
    backend_of(connection).inserted(
        connection,
        last.name,
        ("contact_channel_id", "last_message_at", "last_incoming_at"),
        ((identity.id, identity.last_message_at, identity.last_incoming_at) for identity in known),
    )
    connection.execute(
        update(contact_channels)
        .where(there.id == last.c.contact_channel_id)
        .values(last_message_at=last.c.last_message_at, last_incoming_at=last.c.last_incoming_at)
    )
    last.drop(connection)


def _open_conversations(recording: Recording, identities: Iterable[Identity]) -> None:
    """Open a conversation with each contact that has none open, by the first message after its latest one."""
    connection, backend = recording.connection, backend_of(recording.connection)
    closed_at = type_coerce(conversations.c.closed_at, BigInteger)
    told = func.max(closed_at), func.count() - func.count(conversations.c.closed_at)
    written_to = recording.changed(MESSAGES)
    if anyone_merged(connection):
        present = func.coalesce(contacts.c.survivor_id, contacts.c.id)
        groups = members_of(connection, with_survivors(connection, written_to))
        statement = (
            select(present, *told)
            .join_from(conversations, contacts, contacts.c.id == conversations.c.contact_id)
            .where(conversations.c.contact_id.in_(groups))
            .group_by(present)
        )
    else:
        statement = (
            select(conversations.c.contact_id, *told)
            .where(conversations.c.contact_id.in_(written_to))
            .group_by(conversations.c.contact_id)
        )
    closed: dict[int, int] = {}
    still_open = set()
    for contact_id, latest, are_open in connection.execute(statement):
        if are_open:
            still_open.add(contact_id)
        else:
            closed[contact_id] = latest
    first: dict[int, NewMessage] = {}
    for identity in identities:
        contact_id = identity.contact_id
        if contact_id in still_open:
            continue
        after = closed.get(contact_id)
        opening = next((new for new in identity.new if after is None or new.sent_at > after), None)
        if opening is not None and (contact_id not in first or opening.sent_at < first[contact_id].sent_at):
            first[contact_id] = opening
    if not first:
        return
    ids = backend.new_ids(connection, conversations.name, len(first))
    backend.inserted(
        connection,
        conversations.name,
        ("id", "contact_id", "opened_at", "opened_by", "opened_by_id"),
        (
            (number, contact_id, opening.sent_at, _direction(opening).value, opening.sender_id)
            for number, (contact_id, opening) in zip(ids, first.items(), strict=True)
        ),
    )
    recording.add(
        Change(contact_id, CONVERSATION.anchor, number, None, "1")
        for number, contact_id in zip(ids, first, strict=True)
    )


def _direction(message: NewMessage) -> Direction:
    return Direction.INCOMING if message.incoming else Direction.OUTGOING
