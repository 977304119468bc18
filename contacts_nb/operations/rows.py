"""Rows that hang on contacts: inserted as a set, each with its anchor in history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Text, func, insert, literal, null, select

from contacts_nb.operations.recording import Recording
from contacts_nb.store.cells import Kind


def insert_rows(recording: Recording, kind: Kind, columns: Sequence[str], rows: Select[Any]) -> None:
    """Insert what `rows` finds into the table of `kind`; the columns include `contact_id`."""
    last = recording.connection.execute(select(func.coalesce(func.max(kind.key), 0))).scalar_one()
    recording.connection.execute(insert(kind.table).from_select(columns, rows))
    # Ids only ever ascend, and nobody else writes meanwhile.
    recording.add_selected(
        recording.select(kind.table.c.contact_id, kind.anchor, kind.key, null(), literal("1", Text)).where(
            kind.key > last
        )
    )
