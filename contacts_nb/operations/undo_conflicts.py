"""What came later and is in the way of an undo that is planned."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, exists, or_, select

from contacts_nb.model.errors import Conflict
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.undo_choices import choice_conflicts
from contacts_nb.operations.undo_merged import merged_conflicts
from contacts_nb.operations.undo_messages import message_conflicts
from contacts_nb.operations.undo_references import AT_MOST, dead_references, keep_what_is_used
from contacts_nb.store.cells import (
    BY_CODE,
    CONTACT,
    FIELD,
    IDENTITY,
    MEMBER,
    MESSAGES,
    ROWS_OF_CONTACTS,
    SHARE,
    STATUSES,
    TAG,
    Kind,
)
from contacts_nb.store.schema import (
    changes,
    contact_channels,
    messages,
    operations,
)

_mine, _done, _later, _anchor = (changes.alias(name) for name in ("mine", "done", "later", "anchor"))


def conflicts(recording: Recording, operation_id: int, recorded_by: int) -> list[Conflict]:
    """Later changes that the planned undo of the operation would overwrite."""
    keep_what_is_used(recording)
    return [
        *_changed_cells(recording, operation_id),
        *_changed_contacts(recording, operation_id, recorded_by),
        *_changed_rows(recording, operation_id),
        *dead_references(recording),
        *message_conflicts(recording, operation_id),
        *choice_conflicts(recording),
        *merged_conflicts(recording, operation_id),
    ]


def _changed_cells(recording: Recording, operation_id: int) -> Iterator[Conflict]:
    # Cells of rows that go or come as a whole are looked at with them.
    whole = exists().where(
        _anchor.c.operation_id == recording.id,
        _anchor.c.contact_id == _mine.c.contact_id,
        or_(
            _anchor.c.cell == CONTACT.anchor,
            *(
                and_(
                    _anchor.c.cell == kind.anchor,
                    _anchor.c.subject == _mine.c.subject,
                    _mine.c.cell.in_(kind.codes),
                )
                for kind in (*ROWS_OF_CONTACTS, MEMBER, SHARE)
            ),
        ),
    )
    same = and_(
        _done.c.operation_id == operation_id,
        _done.c.contact_id == _mine.c.contact_id,
        _done.c.cell == _mine.c.cell,
        _done.c.subject == _mine.c.subject,
    )
    statement = (
        select(_mine, _done.c.new.label("left"))
        .join(_done, same)
        .where(
            _mine.c.operation_id == recording.id,
            _mine.c.cell.not_in((MESSAGES, STATUSES)),
            _mine.c.old.is_distinct_from(_done.c.new),
            ~whole,
        )
    )
    for row in recording.connection.execute(statement.limit(AT_MOST)):
        yield Conflict(
            row.contact_id, _name(row.cell), row.new, row.left, row.old, row.cell, row.subject, cells=(row.cell,)
        )


def _changed_contacts(recording: Recording, operation_id: int, recorded_by: int) -> Iterator[Conflict]:
    going = _going(CONTACT)
    statement = (
        select(_mine.c.contact_id)
        .distinct()
        .join(_later, _later.c.contact_id == _mine.c.contact_id)
        .join(operations, operations.c.id == _later.c.operation_id)
        .where(_mine.c.operation_id == recording.id, going, _live(recording, operation_id))
    )
    remains = or_(
        *(_remaining(recording, kind) for kind in ROWS_OF_CONTACTS),
        _foreign_messages(recorded_by),
    )
    lost = set(
        recording.connection.execute(
            select(_mine.c.contact_id).where(_mine.c.operation_id == recording.id, going, remains)
        ).scalars()
    )
    found = set(recording.connection.execute(statement.limit(AT_MOST)).scalars())
    for contact_id in sorted(found | lost):
        yield Conflict(
            contact_id, CONTACT.name, None, "1", "changed since", CONTACT.anchor, 0, contact_id not in lost
        )


def _changed_rows(recording: Recording, operation_id: int) -> Iterator[Conflict]:
    whole = exists().where(
        _anchor.c.operation_id == recording.id,
        _anchor.c.contact_id == _mine.c.contact_id,
        _anchor.c.cell == CONTACT.anchor,
    )
    for kind in ROWS_OF_CONTACTS:
        codes = (*kind.codes, MESSAGES) if kind is IDENTITY else kind.codes
        changed = and_(
            _later.c.contact_id == _mine.c.contact_id,
            _later.c.subject == _mine.c.subject,
            _later.c.cell.in_(codes),
        )
        statement = (
            select(_mine.c.contact_id, _mine.c.subject, _later.c.cell)
            .join(_later, changed)
            .join(operations, operations.c.id == _later.c.operation_id)
            .where(_mine.c.operation_id == recording.id, _going(kind), _live(recording, operation_id), ~whole)
        )
        for contact_id, subject, code in recording.connection.execute(statement.limit(AT_MOST)):
            yield Conflict(
                contact_id,
                kind.name,
                None,
                "1",
                "changed since",
                kind.anchor,
                subject,
                code != MESSAGES,
                kind.codes,
            )


def _going(kind: Kind) -> ColumnElement[bool]:
    return and_(_mine.c.cell == kind.anchor, _mine.c.new.is_(None))


def _live(recording: Recording, operation_id: int) -> ColumnElement[bool]:
    """Operations after it that still stand: neither undone, nor an undo of one that came after it too."""
    return and_(
        operations.c.id > operation_id,
        operations.c.id != recording.id,
        operations.c.undone_by.is_(None),
        or_(operations.c.undoes.is_(None), operations.c.undoes < operation_id),
    )


def _remaining(recording: Recording, kind: Kind) -> ColumnElement[bool]:
    """Whether a contact that goes has a row of `kind` that doesn't."""
    goes = exists().where(
        _anchor.c.operation_id == recording.id,
        _anchor.c.contact_id == _mine.c.contact_id,
        _anchor.c.cell == kind.anchor,
        _anchor.c.subject == kind.key,
    )
    return exists().where(kind.table.c.contact_id == _mine.c.contact_id, ~goes)


def _foreign_messages(recorded_by: int) -> ColumnElement[bool]:
    return exists().where(
        contact_channels.c.contact_id == _mine.c.contact_id,
        messages.c.contact_channel_id == contact_channels.c.id,
        messages.c.operation_id.is_distinct_from(recorded_by),
    )


def _name(code: int) -> str:
    return {TAG: "tag", FIELD: "field"}.get(code) or (BY_CODE[code].name if code in BY_CODE else "existence")
