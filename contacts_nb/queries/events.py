"""A contact's timeline: what happened to it, when and by whom, in words that people use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from contacts_nb.queries.groups import group_of
from contacts_nb.queries.history import CellChange, cell_changes
from contacts_nb.store.cells import CELL_NAMED, CONTACT, FIELD, IDENTITY, TAG
from contacts_nb.store.schema import comments, contacts, conversations, users


class Event(NamedTuple):
    """Something that happened to a contact; `user` is an e-mail address, None where nobody is known."""

    at: datetime
    event: str
    user: str | None
    detail: str | None


_ASSIGNED = {
    CELL_NAMED["assignee"].code: ("assigned", "unassigned"),
    CELL_NAMED["team"].code: ("team assigned", "team unassigned"),
}
_NO_NEWS = {CELL_NAMED["phone_e164"].code, CELL_NAMED["created_at"].code}
_PROFILE = {cell.code for cell in CONTACT.cells} - _NO_NEWS  # without the anchor, which is the creation
_IDENTITY_CELLS = {cell.code for cell in IDENTITY.cells if cell.name in ("profile_name", "picture")}


def events_of(connection: Connection, contact_id: int, limit: int) -> list[Event]:
    """What happened to a contact, oldest first; of its changes the newest `limit` are looked at."""
    changes = cell_changes(connection, limit, contact_id=contact_id)
    found = [
        *_creation(connection, contact_id),
        *_conversations(connection, contact_id),
        *_comments(connection, contact_id),
        *(event for change in reversed(changes) if (event := event_of(change))),
    ]
    return sorted(found, key=lambda event: event.at)


def _creation(connection: Connection, contact_id: int) -> Iterator[Event]:
    statement = select(contacts.c.created_at).where(contacts.c.id.in_(group_of(contact_id)))
    for (created_at,) in connection.execute(statement):
        yield Event(created_at, "created", None, None)


def _conversations(connection: Connection, contact_id: int) -> Iterator[Event]:
    opener, closer = users.alias(), users.alias()
    statement = (
        select(conversations, opener.c.email.label("opener"), closer.c.email.label("closer"))
        .outerjoin(opener, opener.c.id == conversations.c.opened_by_id)
        .outerjoin(closer, closer.c.id == conversations.c.closed_by_id)
        .where(conversations.c.contact_id.in_(group_of(contact_id)))
        .order_by(conversations.c.opened_at, conversations.c.id)
    )
    for row in connection.execute(statement):
        message = None if row.opened_by == "user" else f"{row.opened_by} message"
        yield Event(row.opened_at, "conversation opened", row.opener, message)
        if row.closed_at is not None:
            yield Event(row.closed_at, "conversation closed", row.closer, row.category)


def _comments(connection: Connection, contact_id: int) -> Iterator[Event]:
    statement = (
        select(comments.c.created_at, users.c.email, comments.c.text)
        .outerjoin(users, users.c.id == comments.c.user_id)
        .where(comments.c.contact_id.in_(group_of(contact_id)))
        .order_by(comments.c.created_at, comments.c.id)
    )
    for at, user, text in connection.execute(statement):
        yield Event(at, "commented", user, text)


def event_of(change: CellChange) -> Event | None:
    """The event that a change of one cell is, if people would call it one."""
    if change.code == TAG:
        event = "tag removed" if change.new is None else "tag added"
        detail = change.cell.removeprefix("tag ")
    elif change.code in _ASSIGNED:
        given, taken = _ASSIGNED[change.code]
        event = taken if change.new is None else given
        detail = change.new or change.old or ""
    elif change.code in _PROFILE or change.code in _IDENTITY_CELLS or change.code == FIELD:
        event = "channel profile changed" if change.code in _IDENTITY_CELLS else "changed"
        name = change.cell.removeprefix("field ").replace("_", " ")
        detail = f"{name}: {change.old or 'empty'} → {change.new or 'empty'}"
    else:
        return None
    return Event(change.operation.at, event, change.operation.user, detail)
