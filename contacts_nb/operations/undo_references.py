"""What an undo would leave pointing at nothing: values that name what was removed, and what others use by now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, exists, select

from contacts_nb.model.errors import Conflict
from contacts_nb.operations.recording import Recording
from contacts_nb.store.cells import (
    BY_CODE,
    CELL_NAMED,
    CHANNEL,
    FIELD,
    FIELDS,
    MEMBER,
    TAG,
    TAGS,
    TEAM,
    USER,
    Cell,
    Kind,
)
from contacts_nb.store.schema import (
    changes,
    contact_channels,
    contact_states,
    contact_tags,
    field_values,
    fields,
    tags,
    team_members,
)

AT_MOST = 10_000  # a list that nobody reads needn't be whole
_mine, _anchor = changes.alias("mine"), changes.alias("anchor")


def dead_references(recording: Recording) -> Iterator[Conflict]:
    """Values that name what was removed from the workspace since."""
    for code, kind, row_id, wanted in (
        (TAG, TAGS, tags.c.id == _mine.c.subject, tags.c.removed_at.is_not(None)),
        (FIELD, FIELDS, fields.c.id == _mine.c.subject, fields.c.removed_at.is_not(None)),
        *(
            (cell.code, kind, kind.table.c.id == cell.from_text(_mine.c.new), kind.table.c.removed_at.is_not(None))
            for cell, kind in ((CELL_NAMED["assignee"], USER), (CELL_NAMED["team"], TEAM))
        ),
    ):
        statement = (
            select(_mine)
            .join(kind.table, row_id)
            .where(
                _mine.c.operation_id == recording.id,
                _mine.c.cell == code,
                _mine.c.new.is_not(None),
                wanted,
                ~_coming(recording, kind),
            )
        )
        for row in recording.connection.execute(statement.limit(AT_MOST)):
            what = BY_CODE[code].name if code in BY_CODE else kind.name
            name = f"{what} ({kind.name} removed since)"
            yield Conflict(
                row.contact_id,
                name,
                row.new,
                row.old,
                row.old,
                code,
                row.subject,
                overwritable=False,
                cells=(code,),
            )
    for column in (team_members.c.team_id, team_members.c.user_id):
        yield from _dead_memberships(recording, column)


def _dead_memberships(recording: Recording, column: Column[int]) -> Iterator[Conflict]:
    (cell,) = (cell for cell in MEMBER.cells if cell.column is column)
    kind = TEAM if column is team_members.c.team_id else USER
    statement = (
        select(_mine.c.subject)
        .join(kind.table, kind.table.c.id == cell.from_text(_mine.c.new))
        .where(
            _mine.c.operation_id == recording.id,
            _mine.c.cell == cell.code,
            _mine.c.new.is_not(None),
            kind.table.c.removed_at.is_not(None),
            ~_coming(recording, kind),
        )
    )
    for subject in recording.connection.execute(statement.limit(AT_MOST)).scalars():
        name = f"{MEMBER.name} ({kind.name} removed since)"
        yield Conflict(0, name, "1", None, None, MEMBER.anchor, subject, overwritable=False, cells=MEMBER.codes)


def _coming(recording: Recording, kind: Kind) -> ColumnElement[bool]:
    return exists().where(
        _anchor.c.operation_id == recording.id,
        _anchor.c.cell == kind.anchor,
        _anchor.c.subject == kind.key,
        _anchor.c.new.is_not(None),
    )


def keep_what_is_used(recording: Recording) -> None:
    """A tag, field, team … that the operation made, and that others use by now, stays."""
    uses: tuple[tuple[Kind, ColumnElement[bool]], ...] = (
        (TAGS, _used_but_for(recording, contact_tags.c.tag_id, contact_tags.c.contact_id, TAG)),
        (FIELDS, _used_but_for(recording, field_values.c.field_id, field_values.c.contact_id, FIELD)),
        (USER, _assigned_but_for(recording, contact_states.c.assignee_id, CELL_NAMED["assignee"])),
        (TEAM, _assigned_but_for(recording, contact_states.c.team_id, CELL_NAMED["team"])),
        (USER, _in_teams_but_for(recording, team_members.c.user_id)),
        (TEAM, _in_teams_but_for(recording, team_members.c.team_id)),
        (CHANNEL, exists().where(contact_channels.c.channel_id == changes.c.subject)),
    )
    for kind, used in uses:
        recording.connection.execute(
            delete(changes).where(
                changes.c.operation_id == recording.id,
                changes.c.cell == kind.anchor,
                changes.c.new.is_(None),
                used,
            )
        )


def _used_but_for(
    recording: Recording, thing: ColumnElement[int], contact: ColumnElement[int], code: int
) -> ColumnElement[bool]:
    freed = exists().where(
        _mine.c.operation_id == recording.id,
        _mine.c.contact_id == contact,
        _mine.c.cell == code,
        _mine.c.subject == thing,
        _mine.c.new.is_(None),
    )
    return exists().where(thing == changes.c.subject, ~freed)


def _in_teams_but_for(recording: Recording, thing: ColumnElement[int]) -> ColumnElement[bool]:
    freed = exists().where(
        _mine.c.operation_id == recording.id,
        _mine.c.cell == MEMBER.anchor,
        _mine.c.subject == team_members.c.id,
        _mine.c.new.is_(None),
    )
    return exists().where(thing == changes.c.subject, ~freed)


def _assigned_but_for(recording: Recording, thing: ColumnElement[Any], cell: Cell) -> ColumnElement[bool]:
    freed = exists().where(
        _mine.c.operation_id == recording.id,
        _mine.c.contact_id == contact_states.c.contact_id,
        _mine.c.cell == cell.code,
    )
    return exists().where(thing == changes.c.subject, ~freed)
