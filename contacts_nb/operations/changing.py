"""Setting cells of many contacts at once: history is written first, from what is there, and is then applied."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Select, Text, literal, null, update

from contacts_nb.operations.recording import Recording
from contacts_nb.store.cells import CONTACT, NAMING_CELLS, STATE_CELLS, Cell
from contacts_nb.store.schema import contact_states, contacts


def set_columns(recording: Recording, ids: Select[int], values: Mapping[Cell, str | None]) -> bool:
    """Give the contacts `ids` these values, as history writes them; tells whether names or documents follow."""
    for cell, value in values.items():
        key = contact_states.c.contact_id if cell in STATE_CELLS else CONTACT.key
        # As a bound integer, not a text to be cast, wherever there is one.
        stored = null() if value is None else literal(int(value) if cell.is_integer else value)
        recording.add_selected(
            recording.select(key, cell.code, 0, cell.as_text(), literal(value, Text)).where(
                key.in_(ids), cell.column.is_distinct_from(stored)
            )
        )
    for cell, value in values.items():
        table = contact_states if cell in STATE_CELLS else contacts
        key = contact_states.c.contact_id if cell in STATE_CELLS else CONTACT.key
        recording.connection.execute(
            update(table)
            .where(key.in_(recording.changed(cell.code)))
            .values({cell.column.name: int(value) if value is not None and cell.is_integer else value})
        )
    return not NAMING_CELLS.isdisjoint(values)
