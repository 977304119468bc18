"""Carrying out the changes that an undo has planned, each kind as a set."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, delete, insert, select, type_coerce, update

from contacts_nb.model.fields import FieldType, number_of, value_key
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.undo_messages import bring_back_messages, set_statuses, withdraw_messages
from contacts_nb.store.cells import (
    BY_CODE,
    COMMENT,
    CONTACT,
    CONTACT_CELLS,
    CONVERSATION,
    FIELD,
    IDENTITY,
    KIND_OF,
    MEMBER,
    SETTINGS,
    SHARE,
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
    fields,
    search_documents,
)
from contacts_nb.store.types import UtcMilliseconds, from_milliseconds

_COMING = (CONTACT, IDENTITY, CONVERSATION, COMMENT, MEMBER, SHARE)


def apply(recording: Recording, operation_id: int, recorded_by: int) -> None:
    """Change the workspace as the history of `recording` says; raises the driver's error where rows collide."""
    withdraw_messages(recording, recorded_by)
    for kind in _COMING:
        if kind is not CONTACT:
            recording.connection.execute(
                delete(kind.table).where(kind.key.in_(_anchored(recording, kind, gone=True)))
            )
    for kind in SETTINGS:
        if kind.removable:
            _keep(recording, kind)
    for kind in _COMING:
        _bring_back(recording, kind)
    _set_columns(recording)
    _set_tags(recording)
    _set_values(recording)
    bring_back_messages(recording, operation_id)
    set_statuses(recording)
    gone = _anchored(recording, CONTACT, gone=True)
    for table in (contact_states, search_documents):
        recording.connection.execute(delete(table).where(table.c.contact_id.in_(gone)))
    recording.connection.execute(delete(contacts).where(contacts.c.id.in_(gone)))


def _anchored(recording: Recording, kind: Kind, *, gone: bool) -> Select[int]:
    key = changes.c.contact_id if kind is CONTACT else changes.c.subject
    new = changes.c.new
    return select(key).where(
        changes.c.operation_id == recording.id,
        changes.c.cell == kind.anchor,
        new.is_(None) if gone else new.is_not(None),
    )


def _keep(recording: Recording, kind: Kind) -> None:
    for gone, moment in ((True, recording.now), (False, None)):
        recording.connection.execute(
            update(kind.table).where(kind.key.in_(_anchored(recording, kind, gone=gone))).values(removed_at=moment)
        )


def _bring_back(recording: Recording, kind: Kind) -> None:
    coming = _anchored(recording, kind, gone=False)
    key = changes.c.contact_id if kind is CONTACT else changes.c.subject
    statement = select(changes).where(
        changes.c.operation_id == recording.id, changes.c.cell.in_(kind.codes), key.in_(coming)
    )
    columns = {cell.code: cell for cell in kind.cells}
    blank: dict[str, Any] = {cell.column.name: None for cell in kind.cells}
    rows: defaultdict[int, dict[str, Any]] = defaultdict(lambda: dict(blank))
    for change in recording.connection.execute(statement):
        row = rows[change.contact_id if kind is CONTACT else change.subject]
        row["id"] = change.contact_id if kind is CONTACT else change.subject
        if "contact_id" in kind.table.c:
            row["contact_id"] = change.contact_id
        cell = columns.get(change.cell)
        if cell is not None and change.new is not None:
            value = int(change.new) if cell.is_integer else change.new
            row[cell.column.name] = (
                from_milliseconds(int(value)) if isinstance(cell.column.type, UtcMilliseconds) else value
            )
    if not rows:
        return
    # Names and keys follow; they may not be empty until then.
    derived = {"profile_name": "", "sort_name": ""} if kind is CONTACT else {}
    recording.connection.execute(insert(kind.table), [row | derived for row in rows.values()])
    if kind is CONTACT:
        recording.connection.execute(
            insert(contact_states), [{"contact_id": number, "conversation_open": 0} for number in rows]
        )


def _set_columns(recording: Recording) -> None:
    codes = recording.connection.execute(
        select(changes.c.cell).distinct().where(changes.c.operation_id == recording.id)
    ).scalars()
    for code in sorted(code for code in codes if code in BY_CODE):
        cell = BY_CODE[code]
        table = cell.column.table
        if cell in CONTACT_CELLS:
            key = table.c.contact_id if cell in STATE_CELLS else table.c.id
            found = changes.c.contact_id == key
        else:
            found = changes.c.subject == KIND_OF[code].key
        going = changes.alias("going")
        anchor = CONTACT.anchor if cell in CONTACT_CELLS else KIND_OF[code].anchor
        # What goes as a whole is left as it is: a column may not be empty.
        goes = (
            select(going.c.cell)
            .where(
                going.c.operation_id == recording.id,
                going.c.contact_id == changes.c.contact_id,
                going.c.cell == anchor,
                going.c.new.is_(None),
                *([] if cell in CONTACT_CELLS else [going.c.subject == changes.c.subject]),
            )
            .exists()
        )
        recording.connection.execute(
            update(table)
            .where(found, changes.c.operation_id == recording.id, changes.c.cell == code, ~goes)
            .values({cell.column.name: type_coerce(cell.from_text(changes.c.new), cell.column.type)})
        )


def _set_tags(recording: Recording) -> None:
    mine = select(changes.c.contact_id, changes.c.subject).where(
        changes.c.operation_id == recording.id, changes.c.cell == TAG
    )
    gone = mine.where(changes.c.new.is_(None)).subquery()
    recording.connection.execute(
        delete(contact_tags).where(
            select(gone.c.subject)
            .where(gone.c.contact_id == contact_tags.c.contact_id, gone.c.subject == contact_tags.c.tag_id)
            .exists()
        )
    )
    recording.connection.execute(
        insert(contact_tags).from_select(["contact_id", "tag_id"], mine.where(changes.c.new.is_not(None)))
    )


def _set_values(recording: Recording) -> None:
    mine = changes.c.operation_id == recording.id, changes.c.cell == FIELD
    touched = select(changes.c.contact_id, changes.c.subject).where(*mine).subquery()
    recording.connection.execute(
        delete(field_values).where(
            select(touched.c.subject)
            .where(touched.c.contact_id == field_values.c.contact_id, touched.c.subject == field_values.c.field_id)
            .exists()
        )
    )
    statement = (
        select(changes.c.contact_id, changes.c.subject, changes.c.new, fields.c.type)
        .join(fields, fields.c.id == changes.c.subject)
        .where(*mine, changes.c.new.is_not(None))
    )
    values = [
        {
            "contact_id": contact_id,
            "field_id": field_id,
            "value": text,
            "number": number_of(FieldType(kind), text),
            "value_key": value_key(FieldType(kind), text),
        }
        for contact_id, field_id, text, kind in recording.connection.execute(statement)
    ]
    if values:
        recording.connection.execute(insert(field_values), values)
