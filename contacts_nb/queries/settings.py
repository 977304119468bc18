"""What is set up in a workspace: its users, teams, channels, tags and fields, listed or found by name."""

from __future__ import annotations

import json
from collections import defaultdict

from sqlalchemy import Connection, Row, Table, exists, func, select

from contacts_nb.model.channels import Channel
from contacts_nb.model.contact import Source
from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import NotFound
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.people import Restriction, Role, Team, User
from contacts_nb.model.tags import Tag
from contacts_nb.model.text import name_key
from contacts_nb.queries.groups import merged_away
from contacts_nb.store.schema import channels, contact_tags, fields, tags, team_members, teams, users


def all_users(connection: Connection) -> list[User]:
    """Those who work here, by e-mail address."""
    statement = select(users).where(users.c.removed_at.is_(None)).order_by(users.c.email_key)
    names = _teams_by_user(connection)
    return [_user(row, names[row.id]) for row in connection.execute(statement)]


def user_with_id(connection: Connection, user_id: int) -> User | None:
    """The user with this id, unless removed."""
    row = connection.execute(
        select(users).where(users.c.id == user_id, users.c.removed_at.is_(None))
    ).one_or_none()
    return None if row is None else _user(row, _teams_by_user(connection)[row.id])


def rights_of(connection: Connection, user_id: int) -> tuple[str, Role, frozenset[Restriction]] | None:
    """E-mail address, role and restrictions of the user with this id, unless removed: what every call asks."""
    columns = [users.c.email, users.c.role, *(users.c[restriction.value] for restriction in Restriction)]
    statement = select(*columns).where(users.c.id == user_id, users.c.removed_at.is_(None))
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    email, role, *flags = row
    return email, Role(role), frozenset(one for one, flag in zip(Restriction, flags, strict=True) if flag)


def has_users(connection: Connection) -> bool:
    """Whether anybody has been named yet; a workspace without users belongs to whoever opens it."""
    found: bool = connection.execute(select(exists().where(users.c.removed_at.is_(None)))).scalar_one()
    return found


def user_with(connection: Connection, email: object) -> User:
    """The user with this e-mail address, in any case; raises `NotFound`."""
    key = email_key(email.strip()) if isinstance(email, str) else None
    statement = select(users).where(users.c.email_key == _storable(key), users.c.removed_at.is_(None))
    row = None if key is None else connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound("user", email, "is not a user of this workspace; see ws.users, or contacts-nb users list")
    return _user(row, _teams_by_user(connection)[row.id])


def all_teams(connection: Connection) -> list[Team]:
    """The teams by name."""
    statement = select(teams).where(teams.c.removed_at.is_(None)).order_by(teams.c.name_key)
    members: defaultdict[int, list[str]] = defaultdict(list)
    of_teams = (
        select(team_members.c.team_id, users.c.email)
        .join(users, users.c.id == team_members.c.user_id)
        .where(users.c.removed_at.is_(None))
        .order_by(users.c.email_key)
    )
    for team_id, email in connection.execute(of_teams):
        members[team_id].append(email)
    return [
        Team(row.id, row.name, tuple(members[row.id]), row.created_at) for row in connection.execute(statement)
    ]


def team_with(connection: Connection, name: object) -> Team:
    """The team of this name, in any case; raises `NotFound`."""
    row = _named(connection, teams, name)
    if row is None:
        raise NotFound("team", name, "doesn't exist; ws.teams lists those that do")
    return next(team for team in all_teams(connection) if team.id == row.id)


def all_channels(connection: Connection) -> list[Channel]:
    """The channels by name."""
    statement = select(channels).where(channels.c.removed_at.is_(None)).order_by(channels.c.name_key)
    return [_channel(row) for row in connection.execute(statement)]


def channel_with(connection: Connection, name: object) -> Channel:
    """The channel of this name, in any case; raises `NotFound`."""
    row = _named(connection, channels, name)
    if row is None:
        rule = "doesn't exist; ws.channels lists those that do, and ws.channels.add makes one"
        raise NotFound("channel", name, rule)
    return _channel(row)


def all_tags(connection: Connection) -> list[Tag]:
    """The tags by name, each with the number of contacts that have it."""
    there = contact_tags.c.contact_id.not_in(merged_away())
    count = select(func.count()).where(contact_tags.c.tag_id == tags.c.id, there).scalar_subquery()
    statement = select(tags, count.label("contacts")).where(tags.c.removed_at.is_(None)).order_by(tags.c.name_key)
    return [
        Tag(row.id, row.name, row.colour, row.description, row.contacts) for row in connection.execute(statement)
    ]


def tag_with(connection: Connection, name: object) -> Tag:
    """The tag of this name, in any case; raises `NotFound`."""
    row = _named(connection, tags, name)
    if row is None:
        raise NotFound("tag", name, "doesn't exist; ws.tags lists those that do")
    there = contact_tags.c.contact_id.not_in(merged_away())
    count = select(func.count()).select_from(contact_tags).where(contact_tags.c.tag_id == row.id, there)
    return Tag(row.id, row.name, row.colour, row.description, connection.execute(count).scalar_one())


def all_fields(connection: Connection) -> list[Field]:
    """The custom fields in the order they were added."""
    statement = select(fields).where(fields.c.removed_at.is_(None)).order_by(fields.c.id)
    return [
        Field(
            row.id,
            row.slug,
            row.name,
            FieldType(row.type),
            tuple(json.loads(row.allowed)) if row.allowed else (),
            row.created_at,
        )
        for row in connection.execute(statement)
    ]


def field_with(connection: Connection, slug: object) -> Field:
    """The custom field of this slug; raises `NotFound`."""
    for field in all_fields(connection):
        if field.slug == slug:
            return field
    raise NotFound("field", slug, "doesn't exist; ws.fields lists those that do, and ws.fields.add makes one")


def _named(connection: Connection, table: Table, name: object) -> Row[tuple[object, ...]] | None:
    if not isinstance(name, str):
        return None
    statement = select(table).where(table.c.name_key == _storable(name_key(name)), table.c.removed_at.is_(None))
    return connection.execute(statement).one_or_none()


def _storable(text: str | None) -> str | None:
    """What no database can hold names nothing."""
    return None if text is None or "\x00" in text else text.encode("utf-8", "replace").decode()


def _teams_by_user(connection: Connection) -> defaultdict[int, tuple[str, ...]]:
    names: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    statement = (
        select(team_members.c.user_id, teams.c.name)
        .join(teams, teams.c.id == team_members.c.team_id)
        .where(teams.c.removed_at.is_(None))
        .order_by(teams.c.name_key)
    )
    for user_id, name in connection.execute(statement):
        names[user_id] = (*names[user_id], name)
    return names


def _user(row: Row[tuple[object, ...]], team_names: tuple[str, ...]) -> User:
    return User(
        row.id,
        row.email,
        row.name,
        Role(row.role),
        frozenset(restriction for restriction in Restriction if getattr(row, restriction.value)),
        team_names,
        row.created_at,
    )


def _channel(row: Row[tuple[object, ...]]) -> Channel:
    return Channel(row.id, row.name, Source(row.source), row.created_at)
