"""What follows from the rest of a contact, computed anew: to be written where it changed, and to be checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, literal_column, or_, select

from contacts_nb.model.emails import email_key
from contacts_nb.model.names import profile_name
from contacts_nb.model.phones import phone_key
from contacts_nb.model.text import folded
from contacts_nb.queries.groups import anyone_merged, members
from contacts_nb.store.schema import (
    contact_channels,
    contact_states,
    contacts,
    conversations,
    field_values,
    messages,
)
from contacts_nb.store.search_documents import contact_document


class DerivedTexts(NamedTuple):
    """What a contact's own values, identities and field values make of it.

    It is found by those of all that were merged into it too. One that was merged away keeps its own document, so
    that merging needn't index it again; whoever searches leaves it out.
    """

    contact_id: int
    profile_name: str
    sort_name: str
    email_key: str | None
    first_name_key: str | None
    last_name_key: str | None
    phone_key: str | None
    document: str


def derived_texts(connection: Connection, ids: Sequence[int]) -> Iterator[DerivedTexts]:
    """Those of the contacts with these ids, which must not be more than one statement takes (some thousands)."""
    merged = anyone_merged(connection)
    identities: defaultdict[int, list[tuple[str | None, str]]] = defaultdict(list)
    keys: defaultdict[int, list[str]] = defaultdict(list)
    there = contact_channels.c
    mine = there.contact_id.in_(ids)
    identity = select(
        there.contact_id, there.origin_id, there.profile_name, there.identifier, there.identifier_key
    ).where(or_(mine, there.origin_id.in_(ids)) if merged else mine)
    for contact_id, origin_id, name, identifier, key in connection.execute(identity.order_by(there.id)):
        # One that was merged away goes on by the name that its own identities give it.
        for whose in {contact_id, origin_id or contact_id}:
            identities[whose].append((name, identifier))
            keys[whose].append(key)
    absorbed = _absorbed(connection, ids) if merged else {}
    values: defaultdict[int, list[str]] = defaultdict(list)
    everyone = [*ids, *absorbed]
    value = select(field_values.c.contact_id, field_values.c.value).where(field_values.c.contact_id.in_(everyone))
    for contact_id, text in connection.execute(value.order_by(field_values.c.field_id, field_values.c.contact_id)):
        values[contact_id].append(text)
    known_by: defaultdict[int, _KnownBy] = defaultdict(lambda: _KnownBy([], []))
    for contact_id, (survivor_id, words, phones) in absorbed.items():
        known_by[survivor_id].words.extend([*words, *values[contact_id]])
        known_by[survivor_id].phones.extend(phones)
    for contact_id, first, last, email, phone, e164 in connection.execute(
        select(*_OWN).where(contacts.c.id.in_(ids))
    ):
        of_contact = identities[contact_id]
        name = profile_name(
            first,
            last,
            [name for name, _ in of_contact],
            phone,
            email,
            [identifier for _, identifier in of_contact],
        )
        words = [first, last, email, *values[contact_id]]
        phones = [phone, e164]
        if contact_id in known_by:
            words += known_by[contact_id].words
            phones += known_by[contact_id].phones
        document = contact_document(words, phones, of_contact, keys[contact_id])
        yield DerivedTexts(
            contact_id,
            name,
            folded(name),
            email_key(email) if email else None,
            folded(first) if first else None,
            folded(last) if last else None,
            phone_key(phone, e164),
            document,
        )


_OWN = (
    contacts.c.id,
    contacts.c.first_name,
    contacts.c.last_name,
    contacts.c.email,
    contacts.c.phone,
    contacts.c.phone_e164,
)


class _KnownBy(NamedTuple):
    """What a contact is found by because of those that were merged into it."""

    words: list[str | None]
    phones: list[str | None]


def _absorbed(
    connection: Connection, ids: Sequence[int]
) -> dict[int, tuple[int, list[str | None], list[str | None]]]:
    """Those that were merged into contacts of `ids`: into whom, and their own words and phones."""
    statement = (
        select(contacts.c.survivor_id, *_OWN).where(contacts.c.survivor_id.in_(ids)).order_by(contacts.c.id)
    )
    return {
        contact_id: (survivor_id, [first, last, email], [phone, e164])
        for survivor_id, contact_id, first, last, email, phone, e164 in connection.execute(statement)
    }


def derived_states(*, merged: bool = False) -> dict[str, ColumnElement[Any]]:
    """By column of `contact_states`, SQL for what it should hold, for one row of that table.

    `merged` says whether anyone was merged: the conversations of those are looked for, too.
    """
    mine = contact_channels.c.contact_id == contact_states.c.contact_id
    met = contact_channels.c.last_message_at
    conversation = (
        conversations.c.contact_id.in_(members(contact_states.c.contact_id))
        if merged
        else conversations.c.contact_id == contact_states.c.contact_id
    )
    return {
        "conversation_open": _scalar(
            func.coalesce(func.max(literal_column("1")), 0), conversation, conversations.c.closed_at.is_(None)
        ),
        "conversation_opened": _scalar(func.max(conversations.c.opened_at), conversation),
        "last_interaction": _scalar(func.max(met), mine),
        "last_incoming": _scalar(func.max(contact_channels.c.last_incoming_at), mine),
        "last_channel_id": select(contact_channels.c.channel_id)
        .where(mine, met.is_not(None))
        .order_by(met.desc(), contact_channels.c.id)
        .limit(1)
        .scalar_subquery(),
    }


def derived_times() -> dict[str, ColumnElement[Any]]:
    """By column of `contact_channels`, SQL for what it should hold, for one row of that table."""
    mine = messages.c.contact_channel_id == contact_channels.c.id
    return {
        "last_message_at": _scalar(func.max(messages.c.sent_at), mine),
        "last_incoming_at": _scalar(func.max(messages.c.sent_at), mine, messages.c.incoming == 1),
    }


def _scalar(value: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(value).where(*conditions).scalar_subquery()
