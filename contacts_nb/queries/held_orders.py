"""Sorts over held columns: for each, the places of all contacts in ascending order, empty values at the end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, Connection, func, select

from contacts_nb.model.places import countries, languages
from contacts_nb.model.text import folded
from contacts_nb.queries.held import EMPTY, NOBODY, Held, Mask, Places, code_of
from contacts_nb.queries.held_masks import Masks, is_coded
from contacts_nb.queries.selection import ResolvedSelection, Selection
from contacts_nb.queries.sorting import NAMED
from contacts_nb.store.backend import backend_of

Values = NDArray[np.int64] | NDArray[np.float64]
LAST = np.iinfo(np.int64).max  # of what is compared: where there is nothing
_MOMENTS = ("created_at", "last_interaction", "last_incoming")
_COLUMNS = {"last_interacted_channel": "last_channel", "assignee": "assignee", "team": "team"}


def ordered(connection: Connection, held: Held, selection: ResolvedSelection, mask: Mask) -> Places:
    """The places in `mask`, in the order of `selection`."""
    descending = selection.selection.descending
    if selection.key.value is None:
        places = np.flatnonzero(mask).astype(np.int32)
        return places[::-1] if descending else places
    order, filled = order_of(connection, held, selection)
    if not descending:
        return order[mask[order]]
    full, empty = order[:filled][::-1], order[filled:][::-1]
    return np.concatenate([full[mask[full]], empty[mask[empty]]])


def order_key(selection: ResolvedSelection) -> tuple[object, ...]:
    """What an order is kept under: a list field's changes with what it offers."""
    field = selection.key.field
    return (selection.selection.sort, field and field.id, field and field.allowed)


def order_of(connection: Connection, held: Held, selection: ResolvedSelection) -> tuple[Places, int]:
    """All places in ascending order of what `selection` is sorted by, and how many of them have something."""
    key = order_key(selection)
    kept = held.orders.found(key)
    if kept is None:
        values = sort_values(connection, held, selection, Masks(connection, held, selection.terms))
        if values is None:
            order = _as_the_database_has_it(connection, held, selection)
        else:
            order = np.argsort(values, kind="stable").astype(np.int32), filled_of(values)
        kept = held.orders.keep(key, order)
    return kept


def sort_values(connection: Connection, held: Held, selection: ResolvedSelection, masks: Masks) -> Values | None:
    """What contacts are compared by, `LAST` or NaN where there is nothing; None for what isn't held."""
    sort, field = selection.selection.sort, selection.key.field
    if field is not None:
        return masks.values(field) if is_coded(field.type) else None
    if sort in _MOMENTS:
        at = held.column(sort)
        # The longer ago, the greater: the column shows a time span.
        return np.where(at == EMPTY, LAST, -at if sort == "last_incoming" else at)
    if sort == "conversation_status":
        return held.column("conversation").astype(np.int64)
    if sort in ("country", "language"):
        names = countries() if sort == "country" else languages()
        return _ranked(held.column(sort), {code_of(code): rank for rank, code in enumerate(names)})
    if sort in _COLUMNS:
        return _ranked(held.column(_COLUMNS[sort]), _ranks(connection, NAMED[sort][1]))
    return None


def filled_of(values: Values) -> int:
    """How many of `values` are something."""
    return int(np.count_nonzero(~np.isnan(values) if values.dtype.kind == "f" else values != LAST))


def _ranks(connection: Connection, names: Column[str]) -> dict[int, int]:
    by_id = {row_id: folded(name) for row_id, name in connection.execute(select(names.table.c.id, names))}
    ranks = {name: rank for rank, name in enumerate(sorted(set(by_id.values())))}
    return {row_id: ranks[name] for row_id, name in by_id.items()}


def _ranked(codes: NDArray[np.int64], ranks: Mapping[int, int]) -> NDArray[np.int64]:
    table = np.full(max([NOBODY, *ranks, *([int(codes.max())] if len(codes) else [])]) + 1, LAST)
    for code, rank in ranks.items():
        table[code] = rank
    ranked: NDArray[np.int64] = table[codes]
    return ranked


def _as_the_database_has_it(
    connection: Connection, held: Held, selection: ResolvedSelection
) -> tuple[Places, int]:
    """The order of all contacts by a text, read from its index; those that are gone come first, in any order."""
    everyone = Selection(sort=selection.selection.sort).resolved(connection)
    (ids,) = backend_of(connection).integers(connection, everyone.ids())
    places = held.places_of(ids).astype(np.int32)
    gone = np.flatnonzero(~held.alive).astype(np.int32)
    filled = len(places)
    if not everyone.key.never_empty and everyone.key.value is not None:
        having = everyone.ids().where(everyone.key.value.is_not(None)).order_by(None).subquery()
        filled = connection.execute(select(func.count()).select_from(having)).scalar_one()
    return np.concatenate([gone, places]), filled + len(gone)
