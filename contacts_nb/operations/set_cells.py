"""Giving contacts other cells, each its own: history is written first, and is then applied in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, update

from contacts_nb.model.fields import number_of, value_key
from contacts_nb.operations.recording import COLUMNS
from contacts_nb.queries.merges import E164, PHONE, Cells, Key, phone_of
from contacts_nb.queries.settings import all_fields
from contacts_nb.store.backend import backend_of
from contacts_nb.store.cells import BY_CODE, FIELD, STATE_CELLS, TAG
from contacts_nb.store.schema import changes, contact_states, contact_tags, contacts, field_values


class CellsUpdate(NamedTuple):
    """The cells of a contact are `old` and become `new` by an operation."""

    operation_id: int
    contact_id: int
    old: Cells
    new: Cells

    def changed(self) -> dict[Key, tuple[str | None, str | None]]:
        """By cell, the old and the new value of those that differ."""
        keys = {*self.old, *self.new}
        return {
            key: (self.old.get(key), self.new.get(key)) for key in keys if self.old.get(key) != self.new.get(key)
        }


class _CellChange(NamedTuple):
    operation_id: int
    contact_id: int
    cell: int
    subject: int
    old: str | None
    new: str | None


def set_cells(connection: Connection, updates: Sequence[CellsUpdate]) -> None:
    """Carry out updates, of which no two are of one contact; what differs is recorded."""
    rows = [row for one in updates for row in _changes(one)]
    if not rows:
        return
    backend_of(connection).inserted(connection, changes.name, COLUMNS, rows)
    _set_columns(connection, rows)
    _set_tags(connection, [row for row in rows if row.cell == TAG])
    _set_values(connection, [row for row in rows if row.cell == FIELD])


def _changes(one: CellsUpdate) -> Iterator[_CellChange]:
    for (code, subject), (old, new) in one.changed().items():
        if code != PHONE:
            yield _CellChange(one.operation_id, one.contact_id, code, subject, old, new)
            continue
        for cell, before, after in zip((PHONE, E164), phone_of(old), phone_of(new), strict=True):
            if before != after:
                yield _CellChange(one.operation_id, one.contact_id, cell, 0, before, after)


def _set_columns(connection: Connection, rows: Sequence[_CellChange]) -> None:
    by_code: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row.cell in BY_CODE:
            value = int(row.new) if row.new is not None and BY_CODE[row.cell].is_integer else row.new
            by_code[row.cell].append({"contact": row.contact_id, "value": value})
    for code, values in by_code.items():
        cell = BY_CODE[code]
        key = contact_states.c.contact_id if cell in STATE_CELLS else contacts.c.id
        connection.execute(
            update(key.table).where(key == bindparam("contact")).values({cell.column.name: bindparam("value")}),
            values,
        )


def _set_tags(connection: Connection, rows: Sequence[_CellChange]) -> None:
    gone = [{"contact": row.contact_id, "tag": row.subject} for row in rows if row.new is None]
    come = [{"contact_id": row.contact_id, "tag_id": row.subject} for row in rows if row.new is not None]
    if gone:
        mine = contact_tags.c.contact_id == bindparam("contact"), contact_tags.c.tag_id == bindparam("tag")
        connection.execute(delete(contact_tags).where(*mine), gone)
    if come:
        connection.execute(insert(contact_tags), come)


def _set_values(connection: Connection, rows: Sequence[_CellChange]) -> None:
    replaced = [{"contact": row.contact_id, "field": row.subject} for row in rows if row.old is not None]
    if replaced:
        mine = field_values.c.contact_id == bindparam("contact"), field_values.c.field_id == bindparam("field")
        connection.execute(delete(field_values).where(*mine), replaced)
    given = [(row.contact_id, row.subject, row.new) for row in rows if row.new is not None]
    if given:
        types = {field.id: field.type for field in all_fields(connection)}
        connection.execute(
            insert(field_values),
            [
                {
                    "contact_id": contact_id,
                    "field_id": field_id,
                    "value": value,
                    "number": number_of(types[field_id], value),
                    "value_key": value_key(types[field_id], value),
                }
                for contact_id, field_id, value in given
            ],
        )
