"""Bringing held columns up to date with what was done since, from history: what changed, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, func, select

from contacts_nb.queries.filter_sql import condition
from contacts_nb.queries.groups import merged_away, with_survivors
from contacts_nb.queries.held import Held
from contacts_nb.queries.held_masks import Masks, documents_among, having, is_coded, put_values
from contacts_nb.queries.held_orders import filled_of, sort_values
from contacts_nb.queries.history import moment_of, version_of
from contacts_nb.queries.selection import Selection
from contacts_nb.queries.sorting import NAMED
from contacts_nb.queries.terms import Terms
from contacts_nb.store.cells import CHANNEL, CONTACT, FIELD, IDENTITY, MERGED, TAG, TEAM, USER
from contacts_nb.store.schema import (
    changes,
    contact_states,
    contact_tags,
    contacts,
    operations,
)

_MOST = 2_000  # contacts; beyond, reading everything anew is faster
# What names, texts and values of a contact are in; and the identities, by which it is found too.
_OWN, _IDENTITIES = {*CONTACT.codes, FIELD, MERGED}, {*IDENTITY.codes, CONTACT.anchor, MERGED}
_COMING = {CONTACT.anchor, MERGED}
_TEXT_ORDERS = {"name", "phone", "email"}


def refreshed(connection: Connection, held: Held, terms: Terms) -> bool:
    """Bring `held` up to date; False if it has to be read anew instead."""
    newest = version_of(connection)
    if newest < held.version or moment_of(connection, held.version) != held.moment:
        return False  # a copy was put back, and what was done there since is something else
    if newest == held.version:
        return True
    since = operations.c.id > held.version
    kinds = set(connection.execute(select(operations.c.kind).where(since).distinct()).scalars())
    if "fill" in kinds:
        return False
    changed = select(changes.c.contact_id).where(changes.c.operation_id > held.version).distinct()
    ids = list(connection.execute(changed.limit(_MOST + 2)).scalars())
    if len(ids) > _MOST:
        return False
    cells = {
        (cell, subject)
        for cell, subject in connection.execute(
            select(changes.c.cell, changes.c.subject).where(changes.c.operation_id > held.version).distinct()
        )
    }
    codes = {cell for cell, _ in cells}
    gone = _deleted(connection, held) if "delete" in kinds else np.zeros(0, np.int64)
    held.bury(gone)
    # What hangs on one that was merged away is seen in its survivor.
    touched = [
        contact_id
        for contact_id in connection.execute(with_survivors(connection, changed)).scalars()
        if contact_id
    ]
    if touched and not _reread(connection, held, terms, sorted(touched), cells, codes):
        return False
    if codes & {*CHANNEL.codes, *USER.codes, *TEAM.codes}:
        _forget_names(held)
    held.version, held.moment = newest, moment_of(connection, newest)
    return True


def _forget_names(held: Held) -> None:
    """What was sorted by names may have another order."""
    for key in [key for key in held.orders if key[0] in NAMED]:
        del held.orders[key]


def _reread(
    connection: Connection,
    held: Held,
    terms: Terms,
    ids: Sequence[int],
    cells: Collection[tuple[int, int]],
    codes: Collection[int],
) -> bool:
    before = held.count
    known = held.known(ids)
    old = {name: held.column(name)[held.places_of(known)].copy() for name in ORDERED_COLUMNS}
    if not held.reread(connection, ids):
        return False
    there = held.known(ids)
    places = held.places_of(there)
    came_or_went = not _COMING.isdisjoint(codes)
    _reread_masks(connection, held, terms, there, places, cells, codes)
    fields = {field.id: field for field in terms.fields.values()}
    for field_id in list(held.fields):
        if field_id not in fields or not is_coded(fields[field_id].type):
            del held.fields[field_id]
        elif came_or_went or (FIELD, field_id) in cells:
            held.fields[field_id][places] = np.nan
            put_values(connection, held, fields[field_id], held.fields[field_id], ids)
    now = held.places_of(known)
    changed = {name for name, values in old.items() if not np.array_equal(values, held.column(name)[now])}
    _reorder(connection, held, terms, places, changed, cells, codes, added=held.count > before)
    return True


ORDERED_COLUMNS = (
    "country", "language", "assignee", "team", "last_channel", "conversation", "created_at", "last_interaction",
    "last_incoming",
)  # fmt: skip
_SORTED_BY = {
    "country": "country",
    "language": "language",
    "assignee": "assignee",
    "team": "team",
    "last_interacted_channel": "last_channel",
    "conversation_status": "conversation",
    "created_at": "created_at",
    "last_interaction": "last_interaction",
    "last_incoming": "last_incoming",
}


def _reread_masks(
    connection: Connection,
    held: Held,
    terms: Terms,
    ids: NDArray[np.int64],
    places: NDArray[np.int64],
    cells: Collection[tuple[int, int]],
    codes: Collection[int],
) -> None:
    among = ids.tolist()
    own, identities = bool(_OWN & set(codes)), bool(_IDENTITIES & set(codes))
    came_or_went = not _COMING.isdisjoint(codes)
    for key, mask in list(held.masks.items()):
        kind = key[0]
        if kind == "documents":
            statement, touched = documents_among(key[1], among), own or identities
        elif kind == "criterion":
            criterion, region = key[1], key[2]
            slug = criterion.definition.slug
            if region != terms.region or (slug is not None and slug not in terms.fields):
                del held.masks[key]
                continue
            meant = condition(criterion, terms, contacts.c.id)
            statement, touched = select(contacts.c.id).where(contacts.c.id.in_(among), meant), own
        elif kind == "any tag":
            statement = select(contact_tags.c.contact_id).where(contact_tags.c.contact_id.in_(among))
            touched = came_or_went or TAG in codes
        else:
            found = having(key)
            statement = found.where(next(iter(found.selected_columns)).in_(among))
            touched = came_or_went or ((TAG, key[1]) in cells if kind == "tag" else identities)
        if touched:
            mask[places] = False
            mask[held.places_of(np.fromiter(connection.execute(statement).scalars(), np.int64))] = True


def _reorder(
    connection: Connection,
    held: Held,
    terms: Terms,
    places: NDArray[np.int64],
    changed: Collection[str],
    cells: Collection[tuple[int, int]],
    codes: Collection[int],
    *,
    added: bool,
) -> None:
    names_changed = bool({*CONTACT.codes, *IDENTITY.codes, MERGED} & set(codes))
    for key in list(held.orders):
        sort, field_id, _ = key
        if field_id is not None:
            moved = added or (FIELD, field_id) in cells
        elif sort in _TEXT_ORDERS:
            moved = added or names_changed
        else:
            moved = added or _SORTED_BY[sort] in changed
        if not moved:
            continue
        values = None
        if field_id is None or any(field.id == field_id for field in terms.fields.values()):
            selection = Selection(sort=sort).resolved(connection)
            values = sort_values(connection, held, selection, Masks(connection, held, terms))
        if values is None:
            del held.orders[key]
            continue
        order, _ = held.orders[key]
        held.orders[key] = (_moved(order, values, places, held.count), filled_of(values))


def _moved(
    order: NDArray[np.int32], values: NDArray[Any], places: NDArray[np.int64], count: int
) -> NDArray[np.int32]:
    """`order` with `places` put where they belong by now."""
    moving = np.zeros(count, np.bool_)
    moving[places] = True
    staying = order[~moving[order]]
    sorted_values = values[staying]
    coming = places[np.lexsort((places, values[places]))]
    where = []
    for place in coming:
        value = values[place]
        first = np.searchsorted(sorted_values, value, "left")
        last = np.searchsorted(sorted_values, value, "right")
        where.append(first + np.searchsorted(staying[first:last], place))
    return np.insert(staying, where, coming.astype(np.int32))


def _deleted(connection: Connection, held: Held) -> NDArray[np.int64]:
    """The ids that are held and not there any more, found by counting ever smaller stretches."""
    alive = held.ids[held.alive]
    found: list[NDArray[np.int64]] = []
    stretches = [(0, len(alive))]
    while stretches:
        first, last = stretches.pop()
        if first == last:
            continue
        low, high = int(alive[first]), int(alive[last - 1])
        within = and_(
            contact_states.c.contact_id.between(low, high), contact_states.c.contact_id.not_in(merged_away())
        )
        if last - first <= _MOST:
            there = np.fromiter(
                connection.execute(select(contact_states.c.contact_id).where(within)).scalars(), np.int64
            )
            mine = alive[first:last]
            found.append(mine[~np.isin(mine, there)])
            continue
        there_are = connection.execute(select(func.count()).select_from(contact_states).where(within)).scalar_one()
        if there_are != last - first:
            step = -(-(last - first) // 16)
            stretches += [(start, min(start + step, last)) for start in range(first, last, step)]
    return np.concatenate(found) if found else np.zeros(0, np.int64)
