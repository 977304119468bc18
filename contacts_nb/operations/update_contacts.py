"""Giving many contacts new values, each its own: history is written first, and is then applied in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from contacts_nb.model.draft import DraftIdentity
from contacts_nb.model.fields import Field, number_of, value_key
from contacts_nb.model.text import name_key
from contacts_nb.operations.derived import refresh_texts
from contacts_nb.operations.identities import insert_identities
from contacts_nb.operations.recording import Change, Recording
from contacts_nb.operations.tag import tag_ids
from contacts_nb.store.cells import CELL_NAMED, FIELD, NAMING_CELLS, STATE_CELLS, TAG
from contacts_nb.store.schema import contact_states, contact_tags, contacts, field_values


@dataclass(frozen=True, slots=True)
class ContactUpdate:
    """What one contact gets: `cells` and `fields` with old and new text, `tags` and `identities` it lacks."""

    contact_id: int
    cells: tuple[tuple[str, str | None, str | None], ...] = ()
    fields: tuple[tuple[Field, str | None, str], ...] = ()
    tags: tuple[str, ...] = ()
    identities: tuple[DraftIdentity, ...] = ()


def update_contacts(recording: Recording, updates: Sequence[ContactUpdate]) -> None:
    """Carry out updates, of which no two are of one contact; the old values must be those that are there."""
    if not updates:
        return
    by_key = tag_ids(recording, [tag for one in updates for tag in one.tags])
    recording.add(_changes(updates, by_key))
    _set_cells(recording, updates)
    _set_values(recording, updates)
    tagged = [
        {"contact_id": one.contact_id, "tag_id": by_key[name_key(tag)]} for one in updates for tag in one.tags
    ]
    if tagged:
        recording.connection.execute(insert(contact_tags), tagged)
    insert_identities(recording, [(one.contact_id, identity) for one in updates for identity in one.identities])
    named = {cell.name for cell in NAMING_CELLS}
    renamed = [
        one.contact_id
        for one in updates
        if one.fields or one.identities or any(name in named for name, _, _ in one.cells)
    ]
    if renamed:
        refresh_texts(recording.connection, select(contacts.c.id).where(contacts.c.id.in_(renamed)))


def _changes(updates: Sequence[ContactUpdate], tag_ids_by_key: dict[str, int]) -> Iterator[Change]:
    for one in updates:
        for name, old, new in one.cells:
            yield Change(one.contact_id, CELL_NAMED[name].code, 0, old, new)
        for field, old, value in one.fields:
            yield Change(one.contact_id, FIELD, field.id, old, value)
        for tag in one.tags:
            yield Change(one.contact_id, TAG, tag_ids_by_key[name_key(tag)], None, "1")


def _set_cells(recording: Recording, updates: Sequence[ContactUpdate]) -> None:
    by_name: defaultdict[str, list[dict[str, int | str | None]]] = defaultdict(list)
    for one in updates:
        for name, _, new in one.cells:
            value = int(new) if new is not None and CELL_NAMED[name].is_integer else new
            by_name[name].append({"contact": one.contact_id, "new": value})
    for name, rows in by_name.items():
        cell = CELL_NAMED[name]
        table = contact_states if cell in STATE_CELLS else contacts
        key = contact_states.c.contact_id if cell in STATE_CELLS else contacts.c.id
        recording.connection.execute(
            update(table).where(key == bindparam("contact")).values({cell.column.name: bindparam("new")}), rows
        )


def _set_values(recording: Recording, updates: Sequence[ContactUpdate]) -> None:
    rows = [
        {
            "contact_id": one.contact_id,
            "field_id": field.id,
            "value": value,
            "number": number_of(field.type, value),
            "value_key": value_key(field.type, value),
        }
        for one in updates
        for field, _, value in one.fields
    ]
    if not rows:
        return
    replaced = [
        {"contact": one.contact_id, "field": field.id}
        for one in updates
        for field, old, _ in one.fields
        if old is not None
    ]
    if replaced:
        mine = (field_values.c.contact_id == bindparam("contact"), field_values.c.field_id == bindparam("field"))
        recording.connection.execute(delete(field_values).where(*mine), replaced)
    recording.connection.execute(insert(field_values), rows)
