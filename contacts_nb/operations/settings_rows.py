"""Rows of what is set up in a workspace: added, changed and removed one at a time, each with its history."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from sqlalchemy import Column, delete, insert, select, update

from contacts_nb.model.errors import InvalidValue
from contacts_nb.operations.recording import Change, Recording
from contacts_nb.store.backend import backend_of
from contacts_nb.store.cells import Kind


class Keep(Enum):
    """The type of `KEEP`, which stands for an argument that wasn't given: None may mean "empty"."""

    KEEP = "as it is"

    def __repr__(self) -> str:
        return self.name


KEEP: Final = Keep.KEEP


def added(recording: Recording, kind: Kind, values: Mapping[str, object]) -> int:
    """Add a row with these values, by column; gives its id."""
    (row_id,) = backend_of(recording.connection).new_ids(recording.connection, kind.table.name, 1)
    recording.connection.execute(insert(kind.table).values({"id": row_id, **values}))
    recording.add([Change(0, kind.anchor, row_id, None, "1")])
    return row_id


def changed(recording: Recording, kind: Kind, row_id: int, values: Mapping[str, object]) -> None:
    """Give the row these values, by column, none of which is a moment; what is so already is no change."""
    old = _texts(recording, kind, row_id)
    codes = {cell.column.name: cell.code for cell in kind.cells}
    new = {name: value for name, value in values.items() if old[name] != _text(value)}
    recording.add(Change(0, codes[name], row_id, old[name], _text(value)) for name, value in new.items())
    if new:
        recording.connection.execute(update(kind.table).where(kind.key == row_id).values(new))


def removed(recording: Recording, kind: Kind, row_id: int) -> None:
    """Remove the row: it keeps its place and says since when, or, where its table can't say so, is gone."""
    if kind.removable:
        statement = update(kind.table).where(kind.key == row_id).values(removed_at=recording.now)
        recording.connection.execute(statement)
    else:
        old = _texts(recording, kind, row_id)
        recording.add(Change(0, cell.code, row_id, old[cell.column.name], None) for cell in kind.cells)
        recording.connection.execute(delete(kind.table).where(kind.key == row_id))
    recording.add([Change(0, kind.anchor, row_id, "1", None)])


def refuse_taken(
    recording: Recording, column: Column[str], key: str, field: str, value: str, row_id: int | None = None
) -> None:
    """Raise `InvalidValue` about `field` if a row that wasn't removed, other than `row_id`, has `key`."""
    table = column.table
    statement = select(table.c.id).where(column == key, table.c.removed_at.is_(None))
    holder = recording.connection.execute(statement).scalar_one_or_none()
    if holder not in (None, row_id):
        raise InvalidValue(field, value, "is taken; choose another, or change the one that is there")


def _texts(recording: Recording, kind: Kind, row_id: int) -> dict[str, str | None]:
    columns = [cell.as_text().label(cell.column.name) for cell in kind.cells]
    row = recording.connection.execute(select(*columns).where(kind.key == row_id)).one()
    return dict(row._mapping)  # noqa: SLF001 - public, in spite of its name


def _text(value: object) -> str | None:
    return None if value is None else str(value)
