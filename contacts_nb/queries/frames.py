"""A selection as a pandas DataFrame: one row a contact, every column in its right type.

Everything is read as columns of numbers and texts; where it can be avoided, no cell becomes a Python object.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import Column, ColumnElement, Connection, Select, select

from contacts_nb.model.fields import FieldType
from contacts_nb.model.filters import EVERYONE
from contacts_nb.queries.frame_columns import LISTS, TEXTS, TIMES, chosen_columns
from contacts_nb.queries.frame_parts import Parts
from contacts_nb.queries.rows import Ids
from contacts_nb.queries.selection import ResolvedSelection
from contacts_nb.store.arrow import ReadTable, rows_as_table
from contacts_nb.store.backend import backend_of
from contacts_nb.store.schema import channels, contact_states, contacts, teams, users

if TYPE_CHECKING:
    import pyarrow as pa

Window = tuple[int, int | None]

# How a type is made of Arrow's columns is documented, but not known to the stubs.
_STR: Any = pd.StringDtype(na_value=np.nan)
_BOOLEAN: Any = pd.BooleanDtype()

_FEW = 1_000  # ids that are named one by one rather than selected again


def frame_of(
    connection: Connection,
    selection: ResolvedSelection,
    offset: int = 0,
    limit: int | None = None,
    columns: Iterable[str] | None = None,
) -> pd.DataFrame:
    """The contacts of `selection` from position `offset` on, at most `limit` of them, in order.

    `columns` are the names of columns in the order they are wanted; None means all, first those of every contact:
    `id` (int64); `name`, `first_name`, `last_name`, `phone`, `phone_e164`, `email`, `country`, `language` (str);
    `tags`, `channels` (lists of str); `last_interacted_channel` (str); `last_interaction`, `last_incoming`,
    `created_at` (datetime64[ms, UTC]); `assignee`, `team` (str); `conversation_open` (bool);
    `conversation_opened` (datetime64[ms, UTC]). Then custom fields by slug: numbers are float64, checkboxes
    boolean (which may be missing), dates datetime64[s], everything else str.
    Raises `InvalidValue` as `chosen_columns` does.
    """
    chosen = chosen_columns(columns, tuple(selection.terms.fields.values()))
    if offset > 0 or limit is not None:
        # Of few rows, each statement's time counts, not each cell's: those go by the connection that is there.
        return _frame(partial(rows_as_table, connection), selection, chosen, (offset, limit))
    with backend_of(connection).arrow(connection) as read:
        return _frame(read, selection, chosen)


def _frame(
    read: ReadTable,
    selection: ResolvedSelection,
    chosen: tuple[str, ...],
    window: Window | None = None,
) -> pd.DataFrame:
    plain = {name: _PLAIN[name] for name in chosen if name in _PLAIN}
    ids, *rest = read(
        _within(selection.reading(contacts.c.id, *plain.values()) if plain else selection.ids(), window)
    ).columns
    arrow = dict(zip(plain, rest, strict=True))
    del rest
    numbers = _numbers(ids)
    parts = Parts(read, numbers, _members(selection, numbers, window))
    slugs = [name for name in chosen if name not in _PLAIN and name != "id" and name not in LISTS]
    cells: dict[str, Any] = {}
    for name in chosen:
        # Each column is let go of once it is turned into pandas': two of it would be too many.
        if name == "id":
            cells[name] = numbers
        elif name == "tags":
            cells[name] = parts.tags()
        elif name == "channels":
            cells[name] = parts.sources()
        elif name in _NAMED:
            cells[name] = _texts(_names(read, arrow.pop(name), _NAMED[name][1]))
        elif name == "conversation_open":
            cells[name] = arrow.pop(name).to_numpy() != 0
        elif name in TIMES:
            cells[name] = _moments(arrow.pop(name))
        elif name in plain:
            cells[name] = _texts(arrow.pop(name))
    fields = [selection.terms.fields[slug] for slug in slugs]
    for field, values in parts.values(fields):
        cells[field.slug] = _CUSTOM.get(field.type, _texts)(values)
    # Without copying, which would put columns of one type together.
    return pd.DataFrame({name: cells.pop(name) for name in chosen}, copy=False)


def _members(selection: ResolvedSelection, ids: np.ndarray[Any, Any], window: Window | None) -> Ids | None:
    if len(ids) <= _FEW:
        return [int(contact_id) for contact_id in ids]
    if window is not None:
        return _within(selection.ids(), window)
    chosen = selection.selection
    everyone = selection.tree == EVERYONE and not chosen.searches and chosen.ids is None and not selection.merged
    return None if everyone else selection.ids().order_by(None)


def _within(statement: Select[Any], window: Window | None) -> Select[Any]:
    return statement if window is None else statement.offset(window[0]).limit(window[1])


_NAMED: dict[str, tuple[Column[Any], Column[Any]]] = {
    "assignee": (contact_states.c.assignee_id, users.c.email),
    "team": (contact_states.c.team_id, teams.c.name),
    "last_interacted_channel": (contact_states.c.last_channel_id, channels.c.name),
}
_PLAIN: dict[str, ColumnElement[Any]] = {
    "name": contacts.c.profile_name,
    **{name: contacts.c[name] for name in (*TEXTS, "created_at")},
    **{name: contact_states.c[name] for name in TIMES if name != "created_at"},
    "conversation_open": contact_states.c.conversation_open,
    **{name: column for name, (column, _) in _NAMED.items()},
}


def _names(read: ReadTable, ids: pa.ChunkedArray, names: Column[Any]) -> pa.ChunkedArray:
    """For each of `ids`, which may be missing, its name."""
    import pyarrow.compute as pc  # noqa: PLC0415 - loaded with the first frame only

    known = read(select(names.table.c.id, names)).combine_chunks()
    return known.column(1).take(pc.index_in(ids, value_set=known.column(0)))


def _texts(column: pa.ChunkedArray) -> Any:
    return _STR.__from_arrow__(column)


def _moments(milliseconds: pa.ChunkedArray) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - loaded with the first frame only

    return pd.array(milliseconds.cast(pa.timestamp("ms")).to_numpy(), dtype=pd.DatetimeTZDtype("ms", "UTC"))


def _numbers(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """With NaN or NaT for what is missing, and a copy, as Arrow's own memory can't be written."""
    return np.array(column.to_numpy())


def _ticks(column: pa.ChunkedArray) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - loaded with the first frame only

    return _BOOLEAN.__from_arrow__(column.cast(pa.bool_()))


def _days(column: pa.ChunkedArray) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - loaded with the first frame only

    return _numbers(column.cast(pa.timestamp("s")))


_CUSTOM = {FieldType.NUMBER: _numbers, FieldType.CHECKBOX: _ticks, FieldType.DATE: _days}
