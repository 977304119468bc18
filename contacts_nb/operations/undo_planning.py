"""The way back from an operation, as changes of the one that undoes it: from what is there now to what was.

Rows that came are to go, with every cell recorded; rows that went are to come back; all other cells get their old
value, where they don't have it already.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, exists, insert, literal, null, select
from sqlalchemy.sql import FromClause

from contacts_nb.operations.recording import COLUMNS, Recording
from contacts_nb.operations.undo_messages import plan_messages, plan_statuses
from contacts_nb.store.cells import (
    BY_CODE,
    CONTACT,
    CONTACT_CELLS,
    FIELD,
    KIND_OF,
    ROWS_OF_CONTACTS,
    SETTINGS,
    STATE_CELLS,
    TAG,
    Kind,
)
from contacts_nb.store.schema import (
    changes,
    contact_states,
    contact_tags,
    contacts,
    field_values,
)

_then = changes.alias("done")
_planned = changes.alias("planned")
_PRESENT = literal("1", Text)


def plan(recording: Recording, operation_id: int, recorded_by: int) -> None:
    """Write the changes that undo the operation, without regard to what came later."""
    for kind in (CONTACT, *ROWS_OF_CONTACTS, *SETTINGS):
        if kind.removable:
            _plan_kept(recording, operation_id, kind)
        else:
            _plan_rows_going(recording, operation_id, kind)
            _plan_rows_coming(recording, operation_id, kind)
    _plan_columns(recording, operation_id)
    _plan_tags(recording, operation_id)
    _plan_values(recording, operation_id)
    plan_messages(recording, operation_id, recorded_by)
    plan_statuses(recording, operation_id)


def _plan_rows_going(recording: Recording, operation_id: int, kind: Kind) -> None:
    key = _then.c.contact_id if kind is CONTACT else _then.c.subject
    added = recording.add_selected(
        recording.select(_then.c.contact_id, kind.anchor, _then.c.subject, _PRESENT, null())
        .select_from(_then.join(kind.table, kind.key == key))
        .where(_then.c.operation_id == operation_id, _then.c.cell == kind.anchor, _then.c.new.is_not(None))
    )
    if not added:
        return
    going = recording.changed(kind.anchor) if kind is CONTACT else recording.subjects(kind.anchor)
    owner = kind.table.c.get("contact_id")
    for cell in kind.cells:
        recording.add_selected(
            recording.select(
                kind.key if kind is CONTACT else literal(0) if owner is None else owner,
                cell.code,
                0 if kind is CONTACT else kind.key,
                cell.as_text(),
                null(),
            ).where(kind.key.in_(going), cell.column.is_not(None))
        )
    if kind is CONTACT:
        _plan_all_of_contacts(recording)


def _plan_all_of_contacts(recording: Recording) -> None:
    going = recording.changed(CONTACT.anchor)
    for cell in STATE_CELLS:
        recording.add_selected(
            recording.select(contact_states.c.contact_id, cell.code, 0, cell.as_text(), null()).where(
                contact_states.c.contact_id.in_(going), cell.column.is_not(None)
            )
        )
    recording.add_selected(
        recording.select(contact_tags.c.contact_id, TAG, contact_tags.c.tag_id, _PRESENT, null()).where(
            contact_tags.c.contact_id.in_(going)
        )
    )
    recording.add_selected(
        recording.select(
            field_values.c.contact_id, FIELD, field_values.c.field_id, field_values.c.value, null()
        ).where(field_values.c.contact_id.in_(going))
    )


def _plan_rows_coming(recording: Recording, operation_id: int, kind: Kind) -> None:
    """Rows that the operation, itself an undo or a removal, took away come back with the cells it recorded."""
    gone = select(_then.c.contact_id if kind is CONTACT else _then.c.subject).where(
        _then.c.operation_id == operation_id, _then.c.cell == kind.anchor, _then.c.new.is_(None)
    )
    mine = changes.c.contact_id.in_(gone) if kind is CONTACT else changes.c.subject.in_(gone)
    codes = (*kind.codes, *(cell.code for cell in STATE_CELLS), TAG, FIELD) if kind is CONTACT else kind.codes
    back = select(
        literal(recording.id),
        changes.c.contact_id,
        changes.c.cell,
        changes.c.subject,
        changes.c.new,
        changes.c.old,
    ).where(changes.c.operation_id == operation_id, changes.c.cell.in_(codes), mine)
    recording.connection.execute(insert(changes).from_select(COLUMNS, back))


def _plan_kept(recording: Recording, operation_id: int, kind: Kind) -> None:
    present = case((kind.table.c.removed_at.is_(None), _PRESENT))
    recording.add_selected(
        recording.select(_then.c.contact_id, kind.anchor, _then.c.subject, present, _then.c.old)
        .select_from(_then.join(kind.table, kind.key == _then.c.subject))
        .where(
            _then.c.operation_id == operation_id,
            _then.c.cell == kind.anchor,
            present.is_distinct_from(_then.c.old),
        )
    )


def _plan_columns(recording: Recording, operation_id: int) -> None:
    codes = recording.connection.execute(
        select(_then.c.cell).distinct().where(_then.c.operation_id == operation_id)
    ).scalars()
    for code in sorted(code for code in codes if code in BY_CODE):
        cell = BY_CODE[code]
        if cell in CONTACT_CELLS:
            key = contact_states.c.contact_id if cell in STATE_CELLS else contacts.c.id
            found = _then.c.contact_id == key
        else:
            found = _then.c.subject == KIND_OF[code].key
        _plan_cells(recording, operation_id, code, _then.join(cell.column.table, found), cell.as_text())


def _plan_tags(recording: Recording, operation_id: int) -> None:
    has = and_(contact_tags.c.contact_id == _then.c.contact_id, contact_tags.c.tag_id == _then.c.subject)
    there = _then.join(contacts, contacts.c.id == _then.c.contact_id).outerjoin(contact_tags, has)
    _plan_cells(recording, operation_id, TAG, there, case((contact_tags.c.tag_id.is_not(None), _PRESENT)))


def _plan_values(recording: Recording, operation_id: int) -> None:
    holds = and_(field_values.c.contact_id == _then.c.contact_id, field_values.c.field_id == _then.c.subject)
    there = _then.join(contacts, contacts.c.id == _then.c.contact_id).outerjoin(field_values, holds)
    _plan_cells(recording, operation_id, FIELD, there, field_values.c.value)


def _plan_cells(
    recording: Recording, operation_id: int, code: int, there: FromClause, present: ColumnElement[Any]
) -> None:
    planned = exists().where(
        _planned.c.operation_id == recording.id,
        _planned.c.contact_id == _then.c.contact_id,
        _planned.c.cell == code,
        _planned.c.subject == _then.c.subject,
    )
    recording.add_selected(
        recording.select(_then.c.contact_id, code, _then.c.subject, present, _then.c.old)
        .select_from(there)
        .where(
            _then.c.operation_id == operation_id,
            _then.c.cell == code,
            present.is_distinct_from(_then.c.old),
            ~planned,
        )
    )
