"""Contacts as rows of the table: a window of a selection, with tags and channels filled in.

Two steps: the ids of the window in order, then everything else by those ids. Only the window is ever read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Select, select

from contacts_nb.model.contact import ContactRow, Source
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import FieldType, Value, value_of
from contacts_nb.queries.selection import ResolvedSelection
from contacts_nb.store.schema import (
    channels,
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    field_values,
    fields,
    tags,
    teams,
    users,
)

# Ids given one by one, or as the SQL that selects them.
Ids = Sequence[int] | Select[int]

_AT_ONCE = 5_000
LARGEST_INTEGER = 2**63 - 1  # of a database


def checked_count(name: str, value: int) -> int:
    """`value` as far as a database can count; raises `InvalidValue` if it is negative."""
    if value < 0:
        raise InvalidValue(name, value, "is negative; positions and lengths begin at 0")
    return min(value, LARGEST_INTEGER)


def rows_between(
    connection: Connection, selection: ResolvedSelection, offset: int, limit: int
) -> list[ContactRow]:
    """At most `limit` rows of `selection` from position `offset` (the first is 0) on."""
    ids = list(connection.execute(selection.ids().offset(offset).limit(limit)).scalars())
    return rows_of(connection, ids)


def rows_of(connection: Connection, ids: Sequence[int]) -> list[ContactRow]:
    """The rows of the contacts with these ids that are there, in the order of `ids`."""
    stretches = (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
    return [row for some in stretches for row in _rows_of(connection, some)]


def _rows_of(connection: Connection, ids: Sequence[int]) -> Iterator[ContactRow]:
    tags_of = tags_by_contact(connection, ids)
    sources_of = sources_by_contact(connection, ids)
    values_of = values_by_contact(connection, ids)
    statement = (
        select(
            contacts.c.id,
            contacts.c.profile_name,
            contacts.c.phone,
            contacts.c.email,
            contacts.c.country,
            contacts.c.language,
            contact_states.c.last_interaction,
            channels.c.name.label("last_channel"),
            contact_states.c.last_incoming,
            contacts.c.created_at,
            contact_states.c.conversation_open,
            users.c.name.label("assignee"),
            teams.c.name.label("team"),
        )
        .join(contact_states, contact_states.c.contact_id == contacts.c.id)
        .outerjoin(channels, channels.c.id == contact_states.c.last_channel_id)
        .outerjoin(users, users.c.id == contact_states.c.assignee_id)
        .outerjoin(teams, teams.c.id == contact_states.c.team_id)
        .where(contacts.c.id.in_(ids), contacts.c.survivor_id.is_(None))
    )
    found = {row.id: row for row in connection.execute(statement).all()}
    for contact_id in ids:
        row = found.get(contact_id)
        if row is not None:
            yield ContactRow(
                id=contact_id,
                name=row.profile_name,
                channels=tuple(sources_of[contact_id]),
                phone=row.phone,
                email=row.email,
                tags=tuple(tags_of[contact_id]),
                country=row.country,
                language=row.language,
                last_interaction=row.last_interaction,
                last_interacted_channel=row.last_channel,
                last_incoming=row.last_incoming,
                created_at=row.created_at,
                conversation_open=bool(row.conversation_open),
                assignee=row.assignee,
                team=row.team,
                fields=values_of[contact_id],
            )


def values_by_contact(connection: Connection, ids: Ids) -> defaultdict[int, dict[str, Value]]:
    """By contact id, the values of its custom fields by slug, in the order of the fields."""
    statement = (
        select(field_values.c.contact_id, fields.c.slug, fields.c.type, field_values.c.value)
        .join(fields, fields.c.id == field_values.c.field_id)
        .where(field_values.c.contact_id.in_(ids))
        .order_by(field_values.c.contact_id, field_values.c.field_id)
    )
    values: defaultdict[int, dict[str, Value]] = defaultdict(dict)
    for contact_id, slug, kind, text in connection.execute(statement).all():
        values[contact_id][slug] = value_of(FieldType(kind), text)
    return values


def tags_by_contact(connection: Connection, ids: Ids) -> defaultdict[int, list[str]]:
    """By contact id, the names of its tags in alphabetical order."""
    statement = (
        select(contact_tags.c.contact_id, tags.c.name)
        .join(tags, tags.c.id == contact_tags.c.tag_id)
        .where(contact_tags.c.contact_id.in_(ids))
        .order_by(contact_tags.c.contact_id, tags.c.name_key)
    )
    names: defaultdict[int, list[str]] = defaultdict(list)
    for contact_id, name in connection.execute(statement).all():
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
    for contact_id, value in connection.execute(statement).all():
        source = Source(value)
        if source not in sources[contact_id]:
            sources[contact_id].append(source)
    return sources
