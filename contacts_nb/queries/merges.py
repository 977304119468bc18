"""Merges in force, and the cells of contacts as merges see them.

A cell is told by its number in history and its subject. A phone is one cell: as it was typed and in its
international form, which belong together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, select, type_coerce

from contacts_nb.model.merge_layers import Layer, Merge, MergeLayers
from contacts_nb.model.merging import MergeRecord
from contacts_nb.model.text import name_key
from contacts_nb.queries.groups import group_of
from contacts_nb.queries.settings import all_fields
from contacts_nb.store.cells import CELL_NAMED, FIELD, TAG
from contacts_nb.store.schema import (
    contact_states,
    contact_tags,
    contacts,
    field_values,
    fields,
    merge_values,
    merges,
    operations,
    tags,
    teams,
    users,
)

Key = tuple[int, int]
Cells = dict[Key, str]

NAMES = ("first_name", "last_name", "phone", "email", "country", "language", "picture", "assignee", "team")
"""The fields of every contact that are chosen from either side."""
PHONE, E164 = CELL_NAMED["phone"].code, CELL_NAMED["phone_e164"].code
_BETWEEN = "\x1f"  # no phone has it
_COLUMNS = [CELL_NAMED[name] for name in NAMES]


def phone_cell(phone: str | None, international: str | None) -> str | None:
    """A phone in its two forms as one value.

    >>> phone_of(phone_cell("020 7946 0958", None))
    ('020 7946 0958', None)
    """
    return None if phone is None else f"{phone}{_BETWEEN}{international or ''}"


def phone_of(value: str | None) -> tuple[str | None, str | None]:
    """The two forms that `phone_cell` made one value of."""
    phone, _, international = (value or "").partition(_BETWEEN)
    return phone or None, international or None


def cells_of(connection: Connection, ids: Sequence[int]) -> dict[int, Cells]:
    """By contact, its own cells that aren't empty: fields, tags (whose value is "1") and custom fields."""
    statement = (
        select(
            contacts.c.id,
            contacts.c.phone_e164,
            *(type_coerce(cell.column, BigInteger) if cell.is_integer else cell.column for cell in _COLUMNS),
        )
        .join(contact_states, contact_states.c.contact_id == contacts.c.id)
        .where(contacts.c.id.in_(ids))
    )
    found: dict[int, Cells] = {}
    for contact_id, international, *values in connection.execute(statement):
        cells = found[contact_id] = {
            (cell.code, 0): str(value) for cell, value in zip(_COLUMNS, values, strict=True) if value is not None
        }
        if (PHONE, 0) in cells:
            cells[PHONE, 0] = phone_cell(cells[PHONE, 0], international) or ""
    tagged = select(contact_tags.c.contact_id, contact_tags.c.tag_id).where(contact_tags.c.contact_id.in_(ids))
    for contact_id, tag_id in connection.execute(tagged):
        found[contact_id][TAG, tag_id] = "1"
    valued = select(field_values.c.contact_id, field_values.c.field_id, field_values.c.value)
    for contact_id, field_id, value in connection.execute(valued.where(field_values.c.contact_id.in_(ids))):
        found[contact_id][FIELD, field_id] = value
    return found


def merges_in_force(connection: Connection, contact_id: int) -> list[MergeRecord]:
    """Those that made the contact which is there for `contact_id` what it is, newest first."""
    return _records(connection, _records_of().where(merges.c.absorbed_id.in_(group_of(contact_id))))


def merge_of(connection: Connection, contact_id: int) -> list[MergeRecord]:
    """That by which a contact was merged away; of one that is there, those that were merged into it directly."""
    mine = _records(connection, _records_of().where(merges.c.absorbed_id == contact_id))
    return mine or _records(connection, _records_of().where(merges.c.survivor_id == contact_id))


def merge_with(connection: Connection, operation_id: int) -> MergeRecord | None:
    """The merge in force that has this number, or None."""
    found = _records(connection, _records_of().where(merges.c.id == operation_id))
    return found[0] if found else None


def names_of(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The names of contacts, also of those that were merged away."""
    statement = select(contacts.c.id, contacts.c.profile_name).where(contacts.c.id.in_(ids))
    return {row.id: row.profile_name for row in connection.execute(statement)}


def _records_of() -> Select[Any]:
    return (
        select(merges.c.id, operations.c.at, users.c.email, merges.c.survivor_id, merges.c.absorbed_id)
        .join(operations, operations.c.id == merges.c.id)
        .outerjoin(users, users.c.id == operations.c.user_id)
        .where(merges.c.ended_by.is_(None))
        .order_by(merges.c.id.desc())
    )


def _records(connection: Connection, statement: Select[Any]) -> list[MergeRecord]:
    return [MergeRecord(*row) for row in connection.execute(statement)]


def layers_of(connection: Connection, contact_id: int) -> MergeLayers[Key]:
    """All merges of the group of a contact, with their layers and everybody's cells."""
    ids = list(connection.execute(group_of(contact_id)).scalars())
    tree = {
        merge_id: Merge(merge_id, survivor_id, absorbed_id)
        for merge_id, survivor_id, absorbed_id in connection.execute(
            select(merges.c.id, merges.c.survivor_id, merges.c.absorbed_id).where(
                merges.c.absorbed_id.in_(ids), merges.c.ended_by.is_(None)
            )
        )
    }
    layers: defaultdict[int, dict[Key, Layer]] = defaultdict(dict)
    statement = select(merge_values).where(merge_values.c.unmerge_id == 0, merge_values.c.merge_id.in_(tree))
    rows = connection.execute(statement).all()
    spelled = Spelling(connection) if any(row.cell == FIELD for row in rows) else None
    for row in rows:
        values = row.before, row.after
        if spelled is not None:
            values = spelled(row.cell, row.subject, row.before), spelled(row.cell, row.subject, row.after)
        layers[row.merge_id][row.cell, row.subject] = Layer(*values)
    cells = cells_of(connection, ids)
    wanted = any(layer.before is not None for of_merge in layers.values() for layer in of_merge.values())
    group = MergeLayers(tree, dict(layers), cells)
    if wanted:
        group.possible = Possible(connection)
    return group


class Spelling:
    """Spells values of lists as they are offered now: those that contacts have were respelled with the field."""

    def __init__(self, connection: Connection) -> None:
        self._offered = {
            field.id: {name_key(choice): choice for choice in field.allowed}
            for field in all_fields(connection)
            if field.allowed
        }

    def __call__(self, code: int, subject: int, value: str | None) -> str | None:
        if code != FIELD or value is None or subject not in self._offered:
            return value
        return self._offered[subject].get(name_key(value), value)


class Possible:
    """Tells whether a cell can have a value: whether what it names is there, and the field offers it."""

    def __init__(self, connection: Connection) -> None:
        self._fields = {field.id: field for field in all_fields(connection)}
        self._kept = {
            code: _kept(connection, table)
            for code, table in (
                (CELL_NAMED["assignee"].code, users),
                (CELL_NAMED["team"].code, teams),
                (TAG, tags),
                (FIELD, fields),
            )
        }

    def __call__(self, key: Key, value: str) -> bool:
        code, subject = key
        if code not in self._kept:
            return True
        if code not in (TAG, FIELD):
            return int(value) in self._kept[code]
        if subject not in self._kept[code]:
            return False
        field = self._fields[subject] if code == FIELD else None
        return field is None or not field.allowed or value in field.allowed


def _kept(connection: Connection, table: Any) -> Collection[int]:
    return set(connection.execute(select(table.c.id).where(table.c.removed_at.is_(None))).scalars())
