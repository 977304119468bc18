"""Lists in an undo: no contact may be left with a value that its field doesn't offer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import exists, select

from contacts_nb.model.errors import Conflict
from contacts_nb.model.fields import FieldType
from contacts_nb.operations.recording import Recording
from contacts_nb.store.cells import FIELD, FIELDS
from contacts_nb.store.schema import changes, field_values, fields

_AT_MOST = 10_000
_mine = changes.alias("mine")
(_ALLOWED,) = (cell.code for cell in FIELDS.cells if cell.name == "allowed")


def choice_conflicts(recording: Recording) -> Iterator[Conflict]:
    """Choices that would go though contacts have them, and values to come back that aren't offered any more."""
    connection = recording.connection
    touched = (
        select(_mine.c.subject)
        .where(_mine.c.operation_id == recording.id, _mine.c.cell.in_([_ALLOWED, FIELD]))
        .distinct()
    )
    statement = select(fields.c.id, fields.c.slug, fields.c.allowed, _mine.c.new.label("planned")).outerjoin(
        _mine,
        (_mine.c.operation_id == recording.id) & (_mine.c.cell == _ALLOWED) & (_mine.c.subject == fields.c.id),
    )
    lists = statement.where(fields.c.type == FieldType.LIST.value, fields.c.id.in_(touched))
    for field_id, slug, allowed, planned in connection.execute(lists).all():
        offered = json.loads(planned or allowed)
        if planned is not None and (used := _used_beside(recording, field_id, offered)):
            yield Conflict(
                0, f"values of {slug}", planned, None, f"{used} in use", _ALLOWED, field_id,
                overwritable=False, cells=(_ALLOWED,),
            )  # fmt: skip
            offered = json.loads(allowed)
        yield from _not_offered(recording, field_id, slug, offered)


def _used_beside(recording: Recording, field_id: int, offered: Sequence[str]) -> str | None:
    """A value of the field that isn't among those `offered` and that this undo leaves with a contact."""
    changed = exists().where(
        _mine.c.operation_id == recording.id,
        _mine.c.cell == FIELD,
        _mine.c.subject == field_id,
        _mine.c.contact_id == field_values.c.contact_id,
    )
    statement = select(field_values.c.value).where(
        field_values.c.field_id == field_id, field_values.c.value.not_in(offered), ~changed
    )
    return recording.connection.execute(statement.limit(1)).scalar()


def _not_offered(recording: Recording, field_id: int, slug: str, offered: Sequence[str]) -> Iterator[Conflict]:
    statement = select(_mine).where(
        _mine.c.operation_id == recording.id,
        _mine.c.cell == FIELD,
        _mine.c.subject == field_id,
        _mine.c.new.is_not(None),
        _mine.c.new.not_in(offered),
    )
    for row in recording.connection.execute(statement.limit(_AT_MOST)):
        yield Conflict(
            row.contact_id, f"{slug} (not offered any more)", row.new, row.old, row.old, FIELD, field_id,
            overwritable=False, cells=(FIELD,),
        )  # fmt: skip
