"""The two sides of a merge as they are now: cells, identities and counts, and names for what cells say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, and_, func, or_, select

from contacts_nb.model.contact import FIELD_LABELS
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.people import Team, User
from contacts_nb.model.places import country_name, language_name
from contacts_nb.queries.merges import NAMES, PHONE, Cells, Key, cells_of, phone_of
from contacts_nb.queries.settings import all_fields, all_teams, all_users
from contacts_nb.store.cells import CELL_NAMED, FIELD, TAG
from contacts_nb.store.schema import (
    channels,
    comments,
    contact_channels,
    contacts,
    messages,
    tags,
    teams,
    users,
    workspace,
)

_PLACES = {CELL_NAMED["country"].code: country_name, CELL_NAMED["language"].code: language_name}
_ASSIGNEE, _TEAM = CELL_NAMED["assignee"].code, CELL_NAMED["team"].code


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a workspace has set up, for telling and reading the values of cells; `region` is that of its phones."""

    fields: tuple[Field, ...]
    users: tuple[User, ...]
    teams: tuple[Team, ...]
    tag_names: Mapping[int, str]
    user_names: Mapping[int, str]
    team_names: Mapping[int, str]
    region: str | None

    def choices(self) -> list[tuple[str, str, Key]]:
        """Name, label and cell of every field that is chosen from either side, in order."""
        standard = [(name, FIELD_LABELS[name], (CELL_NAMED[name].code, 0)) for name in NAMES]
        return [*standard, *((field.slug, field.name, (FIELD, field.id)) for field in self.fields)]

    def text(self, key: Key, value: str | None) -> str | None:
        """The value of a cell as people read it."""
        code, subject = key
        if value is None:
            return None
        if code == PHONE:
            return phone_of(value)[0]
        if code == FIELD and any(
            field.id == subject and field.type is FieldType.CHECKBOX for field in self.fields
        ):
            return "yes" if value == "1" else "no"
        names = {_ASSIGNEE: self.user_names, _TEAM: self.team_names}.get(code)
        if names is not None:
            return names.get(int(value), value)
        return _PLACES[code](value) if code in _PLACES else value

    def tags(self, cells: Cells) -> tuple[str, ...]:
        """The names of the tags among `cells`, alphabetically."""
        names = (self.tag_names[tag_id] for code, tag_id in cells if code == TAG)
        return tuple(sorted(names, key=str.casefold))


def vocabulary_of(connection: Connection) -> Vocabulary:
    """That of the workspace now; names also of users and teams that were removed."""
    return Vocabulary(
        tuple(all_fields(connection)),
        tuple(all_users(connection)),
        tuple(all_teams(connection)),
        _names(connection, tags.c.name),
        _names(connection, users.c.email),
        _names(connection, teams.c.name),
        connection.execute(select(workspace.c.phone_region)).scalar_one(),
    )


def _names(connection: Connection, column: Column[str]) -> dict[int, str]:
    return {row_id: name for row_id, name in connection.execute(select(column.table.c.id, column)).all()}  # noqa: C416


@dataclass(frozen=True, slots=True)
class Sides:
    """Two contacts by id: their cells, identities (channel, identifier), and of whom each is made."""

    cells: Mapping[int, Cells]
    identities: Mapping[int, tuple[tuple[str, str], ...]]
    groups: Mapping[int, frozenset[int]]


def sides_of(connection: Connection, ids: Sequence[int]) -> Sides:
    """Those of the contacts with these ids, which are there."""
    identities: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    statement = (
        select(contact_channels.c.contact_id, channels.c.name, contact_channels.c.identifier)
        .join(channels, channels.c.id == contact_channels.c.channel_id)
        .where(contact_channels.c.contact_id.in_(ids))
        .order_by(contact_channels.c.id)
    )
    for contact_id, channel, identifier in connection.execute(statement):
        identities[contact_id].append((channel, identifier))
    groups: defaultdict[int, set[int]] = defaultdict(set)
    absorbed = select(contacts.c.survivor_id, contacts.c.id).where(contacts.c.survivor_id.in_(ids))
    for survivor_id, contact_id in connection.execute(absorbed):
        groups[survivor_id].add(contact_id)
    return Sides(
        cells_of(connection, ids),
        {contact_id: tuple(identities[contact_id]) for contact_id in ids},
        {contact_id: frozenset(groups[contact_id]) for contact_id in ids},
    )


def counts_of(connection: Connection, made_on: Sequence[int]) -> tuple[int, int]:
    """How many messages and comments hang on contacts with these ids, by what they were made on."""
    identity = contact_channels.c
    mine = or_(
        identity.origin_id.in_(made_on), and_(identity.origin_id.is_(None), identity.contact_id.in_(made_on))
    )
    of_messages = (
        select(func.count())
        .select_from(messages)
        .join(contact_channels, contact_channels.c.id == messages.c.contact_channel_id)
        .where(mine)
    )
    of_comments = select(func.count()).select_from(comments).where(comments.c.contact_id.in_(made_on))
    return connection.execute(of_messages).scalar_one(), connection.execute(of_comments).scalar_one()
