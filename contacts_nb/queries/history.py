"""What was done in a workspace: operations, and the old and new value of each cell they changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from contacts_nb.queries.groups import group_of
from contacts_nb.store.cells import (
    ABSORBED,
    BY_CODE,
    CONTACT,
    FIELD,
    MERGED,
    MESSAGES,
    ROWS_OF_CONTACTS,
    SETTINGS,
    STATUSES,
    TAG,
)
from contacts_nb.store.schema import changes, channels, fields, operations, tags, teams, users


@dataclass(frozen=True, slots=True)
class OperationRecord:
    """One operation: who did what when (UTC), on how many contacts; `undone_by` is the one that undid it."""

    id: int
    at: datetime
    user: str | None
    kind: str
    contacts: int
    details: Mapping[str, Any]
    undoes: int | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class CellChange:
    """The old and new value of one cell, as text; `contact_id` is 0 for what belongs to no contact.

    `code` is the cell's number in history, `cell` its name.
    """

    operation: OperationRecord
    contact_id: int
    code: int
    cell: str
    old: str | None
    new: str | None


_AT_ONCE = 10_000
_NAMES = (
    {cell.code: cell.name for cell in BY_CODE.values()}
    | {kind.anchor: kind.name for kind in (CONTACT, *ROWS_OF_CONTACTS, *SETTINGS)}
    | {TAG: "tag", FIELD: "field", MESSAGES: "messages", STATUSES: "message statuses", MERGED: "merged into"}
)
# Of which a value is the id, by the name of the cell.
_MEANT = {
    "assignee": users.c.email,
    "opened_by": users.c.email,
    "closed_by": users.c.email,
    "user": users.c.email,
    "team": teams.c.name,
    "channel": channels.c.name,
}


def version_of(connection: Connection, *, before: int | None = None) -> int:
    """The newest operation there is, or the newest `before` one."""
    statement = select(func.coalesce(func.max(operations.c.id), 0))
    if before is not None:
        statement = statement.where(operations.c.id < before)
    newest: int = connection.execute(statement).scalar_one()
    return newest


def moment_of(connection: Connection, operation_id: int) -> datetime | None:
    """When the operation of this number was done; None where there is none."""
    return connection.execute(select(operations.c.at).where(operations.c.id == operation_id)).scalar()


def operation_with(connection: Connection, operation_id: int) -> OperationRecord | None:
    """The operation of this number, or None."""
    row = connection.execute(_operations().where(operations.c.id == operation_id)).one_or_none()
    return None if row is None else _record(row)


def operations_with(connection: Connection, ids: Sequence[int]) -> list[OperationRecord]:
    """The operations of these numbers, in ascending order."""
    statement = _operations().order_by(operations.c.id)
    return [
        _record(row)
        for start in range(0, len(ids), _AT_ONCE)
        for row in connection.execute(statement.where(operations.c.id.in_(ids[start : start + _AT_ONCE])))
    ]


def last_operations(connection: Connection, limit: int, contact_id: int | None = None) -> list[OperationRecord]:
    """The newest operations first; only those that changed a contact or its group, where one is given."""
    statement = _operations().order_by(operations.c.id.desc()).limit(limit)
    if contact_id is not None:
        changed = select(changes.c.operation_id).where(changes.c.contact_id.in_(group_of(contact_id)))
        statement = statement.where(operations.c.id.in_(changed))
    return [_record(row) for row in connection.execute(statement)]


def cell_changes(
    connection: Connection,
    limit: int,
    *,
    operation_id: int | None = None,
    contact_id: int | None = None,
    after: int = 0,
) -> list[CellChange]:
    """The changes of an operation or of a contact's group, the newest first, with names instead of ids.

    Only those of operations `after` that number.
    """
    statement = select(changes).order_by(
        changes.c.operation_id.desc(), changes.c.contact_id, changes.c.cell, changes.c.subject
    )
    if after:
        statement = statement.where(changes.c.operation_id > after)
    if operation_id is not None:
        statement = statement.where(changes.c.operation_id == operation_id)
    if contact_id is not None:
        statement = statement.where(changes.c.contact_id.in_(group_of(contact_id)))
    rows = connection.execute(statement.limit(limit)).all()
    numbers = sorted({row.operation_id for row in rows})
    by_id = {row.id: _record(row) for row in connection.execute(_operations().where(operations.c.id.in_(numbers)))}
    name = _Namer(connection)
    return [
        CellChange(
            by_id[row.operation_id],
            row.contact_id,
            row.cell,
            name.cell(row.cell, row.subject),
            name.value(row.cell, row.old),
            name.value(row.cell, row.new),
        )
        for row in rows
    ]


class _Namer:
    """Names for ids, each looked up once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, int], str] = {}

    def cell(self, code: int, subject: int) -> str:
        if code == TAG:
            return f"tag {self._looked_up(tags.c.name, subject)}"
        if code == FIELD:
            return f"field {self._looked_up(fields.c.slug, subject)}"
        if code == ABSORBED:
            return f"merged from {subject}"
        return _NAMES[code]

    def value(self, code: int, value: str | None) -> str | None:
        cell = BY_CODE.get(code)
        if value is None or cell is None or not cell.is_integer or cell.name not in _MEANT:
            return value
        return self._looked_up(_MEANT[cell.name], int(value))

    def _looked_up(self, column: Any, row_id: int) -> str:
        key = (column.table.name, row_id)
        if key not in self._known:
            found = self._connection.execute(select(column).where(column.table.c.id == row_id)).scalar()
            self._known[key] = str(row_id) if found is None else found
        return self._known[key]


def _operations() -> Select[Any]:
    return select(operations, users.c.email).outerjoin(users, users.c.id == operations.c.user_id)


def _record(row: Any) -> OperationRecord:
    return OperationRecord(
        row.id, row.at, row.email, row.kind, row.contacts, json.loads(row.details), row.undoes, row.undone_by
    )
