"""A contact's timeline: what happened to it, when and by whom, in words that people use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Row, and_, or_, select

from contacts_nb.model.fields import FieldType
from contacts_nb.model.places import country_name, language_name
from contacts_nb.queries.groups import group_of, present_id
from contacts_nb.queries.history import CellChange, operations_with
from contacts_nb.store.cells import ABSORBED, BY_CODE, CELL_NAMED, CONTACT, FIELD, IDENTITY, MERGED, TAG
from contacts_nb.store.constructs import given_ids
from contacts_nb.store.schema import (
    changes,
    comments,
    contacts,
    conversations,
    fields,
    tags,
    teams,
    users,
)


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
_MERGING = {ABSORBED: ("merged", "unmerged"), MERGED: ("merged into", "unmerged from")}
_NAMED: dict[int, Callable[[str], str]] = {
    CELL_NAMED["country"].code: country_name,
    CELL_NAMED["language"].code: language_name,
}
_TICKED = {"1": "yes", "0": "no"}


def events_of(connection: Connection, contact_id: int, limit: int) -> list[Event]:
    """The newest `limit` events of a contact and of all that were merged into it, oldest first."""
    found = [
        *_creation(connection, contact_id, limit),
        *_conversations(connection, contact_id, limit),
        *_comments(connection, contact_id, limit),
        *(
            event
            for change in reversed(_changes(connection, contact_id, limit))
            if (event := _merging_of(change) or event_of(change))
        ),
    ]
    found.sort(key=lambda event: event.at)
    return found[max(0, len(found) - limit) :]


def _creation(connection: Connection, contact_id: int, limit: int) -> Iterator[Event]:
    statement = (
        select(contacts.c.created_at)
        .where(contacts.c.id.in_(group_of(contact_id)))
        .order_by(contacts.c.created_at.desc(), contacts.c.id.desc())
        .limit(limit)
    )
    for created_at in reversed(connection.execute(statement).scalars().all()):
        yield Event(created_at, "created", None, None)


def _conversations(connection: Connection, contact_id: int, limit: int) -> Iterator[Event]:
    opener, closer = users.alias(), users.alias()
    statement = (
        select(conversations, opener.c.email.label("opener"), closer.c.email.label("closer"))
        .outerjoin(opener, opener.c.id == conversations.c.opened_by_id)
        .outerjoin(closer, closer.c.id == conversations.c.closed_by_id)
        .where(conversations.c.contact_id.in_(group_of(contact_id)))
        .order_by(conversations.c.opened_at.desc(), conversations.c.id.desc())
        .limit(limit)
    )
    for row in reversed(connection.execute(statement).all()):
        message = None if row.opened_by == "user" else f"{row.opened_by} message"
        yield Event(row.opened_at, "conversation opened", row.opener, message)
        if row.closed_at is not None:
            said = ": ".join(text for text in (row.category, row.summary) if text)
            yield Event(row.closed_at, "conversation closed", row.closer, said or None)


def _comments(connection: Connection, contact_id: int, limit: int) -> Iterator[Event]:
    statement = (
        select(comments.c.created_at, users.c.email, comments.c.text)
        .outerjoin(users, users.c.id == comments.c.user_id)
        .where(comments.c.contact_id.in_(group_of(contact_id)))
        .order_by(comments.c.created_at.desc(), comments.c.id.desc())
        .limit(limit)
    )
    for at, user, text in reversed(connection.execute(statement).all()):
        yield Event(at, "commented", user, text)


def _changes(connection: Connection, contact_id: int, limit: int) -> list[CellChange]:
    """The newest `limit` changes of a contact's group that are events, the newest first.

    A contact may have a change for each of its many messages, so that others aren't even looked at.
    """
    # Of one who is there for others, those say what they were merged into; it is told of itself only.
    told = or_(
        changes.c.cell.in_([TAG, FIELD, ABSORBED, *_ASSIGNED, *_PROFILE, *_IDENTITY_CELLS]),
        and_(
            changes.c.cell == MERGED,
            changes.c.contact_id == present_id(contact_id),
            or_(changes.c.old.is_(None), changes.c.new.is_(None)),
        ),
    )
    statement = (
        select(changes)
        .where(changes.c.contact_id.in_(group_of(contact_id)), told)
        .order_by(changes.c.operation_id.desc(), changes.c.contact_id, changes.c.cell, changes.c.subject)
        .limit(limit)
    )
    rows = connection.execute(statement).all()
    by_id = {
        record.id: record for record in operations_with(connection, sorted({row.operation_id for row in rows}))
    }
    name = _Names(connection, rows)
    return [
        CellChange(
            by_id[row.operation_id],
            row.contact_id,
            row.cell,
            name.cell(row.cell, row.subject),
            name.value(row.cell, row.subject, row.old),
            name.value(row.cell, row.subject, row.new),
        )
        for row in rows
    ]


class _Names:
    """The names of what some changes are about."""

    def __init__(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        self._connection = connection
        self._tags = self._all(tags.c.name, {row.subject for row in rows if row.cell == TAG})
        self._fields = self._all(fields.c.slug, {row.subject for row in rows if row.cell == FIELD})
        self._types = self._all(fields.c.type, self._fields)
        self._people = {
            CELL_NAMED[cell].code: self._all(
                column,
                {
                    int(value)
                    for row in rows
                    if row.cell == CELL_NAMED[cell].code
                    for value in (row.old, row.new)
                    if value is not None
                },
            )
            for cell, column in (("assignee", users.c.email), ("team", teams.c.name))
        }
        others = {row.subject for row in rows if row.cell == ABSORBED}
        others |= {int(row.old or row.new) for row in rows if row.cell == MERGED}
        self._contacts = self._all(contacts.c.profile_name, others)

    def cell(self, code: int, subject: int) -> str:
        if code == TAG:
            return f"tag {self._tags.get(subject, subject)}"
        if code == FIELD:
            return f"field {self._fields.get(subject, subject)}"
        if code == ABSORBED:
            return f"merged from {self._contact(subject)}"
        return "merged into" if code == MERGED else BY_CODE[code].name

    def value(self, code: int, subject: int, value: str | None) -> str | None:
        if value is None:
            return None
        if code in self._people:
            return self._people[code].get(int(value), value)
        if code == FIELD and self._types.get(subject) == FieldType.CHECKBOX:
            return _TICKED.get(value, value)
        return self._contact(int(value)) if code == MERGED else value

    def _contact(self, contact_id: int) -> str:
        name = self._contacts.get(contact_id)
        return f"{name} (contact {contact_id})" if name else f"contact {contact_id}"

    def _all(self, column: Column[str], ids: Collection[int]) -> dict[int, str]:
        if not ids:
            return {}
        key = column.table.c.id
        wanted = given_ids(",".join(map(str, ids)))
        return {row[0]: row[1] for row in self._connection.execute(select(key, column).where(key.in_(wanted)))}


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
        old, new = (_shown(change.code, value) for value in (change.old, change.new))
        detail = f"{name}: {old} → {new}"
    else:
        return None
    return Event(change.operation.at, event, change.operation.user, detail)


def _merging_of(change: CellChange) -> Event | None:
    if change.code not in _MERGING:
        return None
    merged, unmerged = _MERGING[change.code]
    other = change.new or change.old if change.code == MERGED else change.cell.removeprefix("merged from ")
    return Event(change.operation.at, unmerged if change.new is None else merged, change.operation.user, other)


def _shown(code: int, value: str | None) -> str:
    return _NAMED.get(code, str)(value) if value else "empty"
