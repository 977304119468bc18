"""The inboxes that a user sees: those that are always there, one for each team, and saved ones."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, or_, select, true

from contacts_nb.model.errors import NotFound
from contacts_nb.model.filter_json import read
from contacts_nb.model.filter_references import renamed
from contacts_nb.model.filters import Filter
from contacts_nb.model.inboxes import STANDARD, InboxKind, SavedInbox, Sharing, team_inbox
from contacts_nb.model.text import name_key
from contacts_nb.queries.settings import all_teams
from contacts_nb.store.schema import channels, inbox_shares, inboxes, tags, team_members, teams, users

_NAMES = {"tag": tags.c.name, "user": users.c.email, "team": teams.c.name, "channel": channels.c.name}


def all_inboxes(connection: Connection, user_id: int | None) -> list[SavedInbox]:
    """The standard ones, those of the teams by name, one's own by name, and those of others that one sees."""
    saved = saved_inboxes(connection, user_id)
    return [
        *STANDARD,
        *(team_inbox(team.name) for team in all_teams(connection)),
        *(inbox for inbox in saved if inbox.mine),
        *(inbox for inbox in saved if not inbox.mine),
    ]


def saved_inboxes(connection: Connection, user_id: int | None, inbox_id: int | None = None) -> list[SavedInbox]:
    """The custom inboxes that a user sees, by name; without users, all that there are."""
    statement = (
        select(inboxes, users.c.email)
        .outerjoin(users, users.c.id == inboxes.c.creator_id)
        .where(inboxes.c.removed_at.is_(None), _visible(user_id))
        .order_by(inboxes.c.name_key, inboxes.c.id)
    )
    if inbox_id is not None:
        statement = statement.where(inboxes.c.id == inbox_id)
    rows = connection.execute(statement).all()
    shared = _shares(connection, [row.id for row in rows])
    names = _present_names(connection, [json.loads(row.named) for row in rows])
    return [
        SavedInbox(
            row.id,
            row.name,
            InboxKind.CUSTOM,
            _filter_of(row, names),
            row.email,
            row.creator_id == user_id,
            Sharing(row.sharing),
            tuple(shared[row.id]["user"]),
            tuple(shared[row.id]["team"]),
        )
        for row in rows
    ]


def inbox_with(connection: Connection, user_id: int | None, name: object) -> SavedInbox:
    """The inbox of that name, in any case, or of that id: one's own before those of others; raises `NotFound`."""
    key = name_key(name) if isinstance(name, str) else None
    for inbox in all_inboxes(connection, user_id):
        if name_key(inbox.name) == key or (inbox.id and inbox.id == name):
            return inbox
    raise NotFound("inbox", name, "doesn't exist, or isn't shared with you; ws.inboxes lists those you see")


def _visible(user_id: int | None) -> ColumnElement[bool]:
    if user_id is None:
        return true()
    my_teams = select(team_members.c.team_id).where(team_members.c.user_id == user_id)
    with_me = exists().where(
        inbox_shares.c.inbox_id == inboxes.c.id,
        or_(inbox_shares.c.user_id == user_id, inbox_shares.c.team_id.in_(my_teams)),
    )
    shared = (inboxes.c.sharing == Sharing.SHARED.value) & with_me
    return or_(inboxes.c.creator_id == user_id, inboxes.c.sharing == Sharing.PUBLIC.value, shared)


def _shares(connection: Connection, ids: list[int]) -> dict[int, dict[str, list[str]]]:
    found: defaultdict[int, dict[str, list[str]]] = defaultdict(lambda: {"user": [], "team": []})
    for kind, column, name in (
        ("user", inbox_shares.c.user_id, users.c.email),
        ("team", inbox_shares.c.team_id, teams.c.name),
    ):
        statement = (
            select(inbox_shares.c.inbox_id, name)
            .join(name.table, name.table.c.id == column)
            .where(inbox_shares.c.inbox_id.in_(ids), name.table.c.removed_at.is_(None))
            .order_by(name)
        )
        for inbox_id, spelled in connection.execute(statement):
            found[inbox_id][kind].append(spelled)
    return found


def _present_names(
    connection: Connection, named: Iterable[list[tuple[str, str, int]]]
) -> dict[tuple[str, int], str]:
    """What things are called now that filters named, by kind and id; not those that were removed."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for of_inbox in named:
        for kind, _, thing_id in of_inbox:
            wanted[kind].add(thing_id)
    return {
        (kind, row.id): row[1]
        for kind, ids in wanted.items()
        for row in connection.execute(
            select(_NAMES[kind].table.c.id, _NAMES[kind]).where(
                _NAMES[kind].table.c.id.in_(ids), _NAMES[kind].table.c.removed_at.is_(None)
            )
        )
    }


def _filter_of(row: Any, names: dict[tuple[str, int], str]) -> Filter:
    """The filter of a saved inbox, with the names that what it names has by now."""
    return renamed(
        read(row.filter),
        {
            (kind, name): names[kind, thing_id]
            for kind, name, thing_id in json.loads(row.named)
            if (kind, thing_id) in names
        },
    )
