"""Contacts as rows of the table: a window of a selection, with tags and channels filled in.

Two steps: the ids of the window in order, then everything else by those ids. Only the window is ever read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, Select, select

from contacts_nb.model.contact import ContactRow, Source
from contacts_nb.model.errors import InvalidValue
from contacts_nb.queries.selection import Selection
from contacts_nb.store.schema import channels, contact_channels, contact_states, contact_tags, contacts, tags

# Ids given one by one, or as the SQL that selects them.
Ids = Sequence[int] | Select[int]

LARGEST_INTEGER = 2**63 - 1  # of a database


def checked_count(name: str, value: int) -> int:
    """`value` as far as a database can count; raises `InvalidValue` if it is negative."""
    if value < 0:
        raise InvalidValue(name, value, "is negative; positions and lengths begin at 0")
    return min(value, LARGEST_INTEGER)


def rows_between(connection: Connection, selection: Selection, offset: int, limit: int) -> list[ContactRow]:
    """At most `limit` rows of `selection` from position `offset` (the first is 0) on."""
    ids = list(connection.execute(selection.ids().offset(offset).limit(limit)).scalars())
    return rows_of(connection, ids)


def rows_of(connection: Connection, ids: Sequence[int]) -> list[ContactRow]:
    """The rows of the contacts with these ids, in the order of `ids`."""
    tags_of = tags_by_contact(connection, ids)
    sources_of = sources_by_contact(connection, ids)
    statement = (
        select(
            contacts.c.id,
            contacts.c.profile_name,
            contacts.c.phone,
            contacts.c.email,
            contacts.c.country,
            contacts.c.language,
            contact_states.c.last_interaction,
            channels.c.name,
            contact_states.c.last_incoming,
            contacts.c.created_at,
        )
        .join(contact_states, contact_states.c.contact_id == contacts.c.id)
        .outerjoin(channels, channels.c.id == contact_states.c.last_channel_id)
        .where(contacts.c.id.in_(ids))
    )
    rows = {
        contact_id: ContactRow(
            id=contact_id,
            name=name,
            channels=tuple(sources_of[contact_id]),
            phone=phone,
            email=email,
            tags=tuple(tags_of[contact_id]),
            country=country,
            language=language,
            last_interaction=last_interaction,
            last_interacted_channel=last_channel,
            last_incoming=last_incoming,
            created_at=created_at,
        )
        for (
            contact_id,
            name,
            phone,
            email,
            country,
            language,
            last_interaction,
            last_channel,
            last_incoming,
            created_at,
        ) in connection.execute(statement)
    }
    return [rows[contact_id] for contact_id in ids if contact_id in rows]


def tags_by_contact(connection: Connection, ids: Ids) -> defaultdict[int, list[str]]:
    """By contact id, the names of its tags in alphabetical order."""
    statement = (
        select(contact_tags.c.contact_id, tags.c.name)
        .join(tags, tags.c.id == contact_tags.c.tag_id)
        .where(contact_tags.c.contact_id.in_(ids))
        .order_by(contact_tags.c.contact_id, tags.c.name_key)
    )
    names: defaultdict[int, list[str]] = defaultdict(list)
    for contact_id, name in connection.execute(statement):
        names[contact_id].append(name)
    return names


def sources_by_contact(connection: Connection, ids: Ids) -> defaultdict[int, list[Source]]:
    """By contact id, the sources of its channels, each once, last-interacted first."""
    statement = (
        select(contact_channels.c.contact_id, channels.c.source)
        .join(channels, channels.c.id == contact_channels.c.channel_id)
        .where(contact_channels.c.contact_id.in_(ids))
        .order_by(contact_channels.c.last_message_at.desc().nulls_last(), contact_channels.c.id)
    )
    sources: defaultdict[int, list[Source]] = defaultdict(list)
    for contact_id, value in connection.execute(statement):
        source = Source(value)
        if source not in sources[contact_id]:
            sources[contact_id].append(source)
    return sources
