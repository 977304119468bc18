"""Columns of all contacts, held in memory as arrays: filters become masks and sorts become orders in milliseconds.

A contact has one place in every array, in the order of ids, and keeps it when it goes: `alive` says who is there
and wasn't merged away.
What is seldom asked for is read when it is, and the longest unused is let go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, func, literal, select, type_coerce

from contacts_nb.store.backend import backend_of
from contacts_nb.store.constructs import CodePoint
from contacts_nb.store.schema import contact_states, contacts

Mask = NDArray[np.bool_]
Places = NDArray[np.int32]
Kept = TypeVar("Kept")

EMPTY = np.iinfo(np.int64).min  # of a moment
NOBODY = 0  # of an id, a country or a language
_AT_ONCE = 100_000
_SPARE = 4_096  # places for contacts to come, before arrays are copied
_MASKS, _ORDERS, _FIELDS = 32, 6, 3

MOMENTS = ("created_at", "conversation_opened", "last_interaction", "last_incoming")
_IDS = {"assignee": "assignee_id", "team": "team_id", "last_channel": "last_channel_id"}
_DTYPES: dict[str, Any] = (
    {"country": np.int16, "language": np.int16, "conversation": np.bool_}
    | dict.fromkeys(_IDS, np.int32)
    | dict.fromkeys(MOMENTS, np.int64)
)


class Latest(OrderedDict[Any, Kept], Generic[Kept]):
    """The `most` things that were asked for last."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def found(self, key: object) -> Kept | None:
        """What is kept under `key`, if anything."""
        if key in self:
            self.move_to_end(key)
        return self.get(key)

    def keep(self, key: object, value: Kept) -> Kept:
        """Keep `value`, and let go of what was unused the longest."""
        self[key] = value
        self.move_to_end(key)
        while len(self) > self.most:
            self.popitem(last=False)
        return value


class Held:
    """The columns as they were after the operation `version` of that `moment`; `count` is the number of places."""

    def __init__(self, version: int, moment: datetime | None) -> None:
        self.version = version
        self.moment = moment
        self.count = 0
        self._ids = np.zeros(_SPARE, np.int64)
        self._alive = np.zeros(_SPARE, np.bool_)
        self._columns = {name: np.zeros(_SPARE, dtype) for name, dtype in _DTYPES.items()}
        self.masks: Latest[Mask] = Latest(_MASKS)
        self.orders: Latest[tuple[Places, int]] = Latest(_ORDERS)
        self.fields: Latest[NDArray[np.float64]] = Latest(_FIELDS)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The id of the contact at each place; they ascend."""
        return self._ids[: self.count]

    @property
    def alive(self) -> Mask:
        """Whether the contact at each place is there."""
        return self._alive[: self.count]

    def column(self, name: str) -> NDArray[np.int64]:
        """The values of a column: moments in milliseconds or `EMPTY`, ids and codes of places or `NOBODY`."""
        values: NDArray[np.int64] = self._columns[name][: self.count]  # or of a narrower type
        return values

    @property
    def megabytes(self) -> float:
        """What all arrays take."""
        arrays = [
            self._ids, self._alive, *self._columns.values(), *self.masks.values(), *self.fields.values(),
            *(order for order, _ in self.orders.values()),
        ]  # fmt: skip
        return sum(array.nbytes for array in arrays) / 1e6

    def load(self, connection: Connection, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Read everything; False if it was `stopped` on the way."""
        total, last = connection.execute(
            select(func.count(), func.coalesce(func.max(contact_states.c.contact_id), 0))
        ).one()
        self._grow(total)
        # A stretch at a time: the threads that answer meanwhile get their turns.
        for after in range(0, last, _AT_ONCE):
            if stopped():
                return False
            within = contacts.c.id > after, contacts.c.id <= after + _AT_ONCE
            columns = backend_of(connection).integers(connection, _rows().where(*within).order_by(contacts.c.id))
            self._put(slice(self.count, self.count + len(columns[0])), columns, append=True)
        return True

    def places_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of contacts that are known; others must have been left out."""
        known = self.ids
        dense = self.count and known[-1] - known[0] + 1 == self.count
        places: NDArray[np.int64] = ids - known[0] if dense else np.searchsorted(known, ids)
        return places

    def known(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """Those of `ids` that have a place, in ascending order."""
        wanted = np.unique(np.array(ids, np.int64))
        wanted = wanted[: np.searchsorted(wanted, self.ids[-1], "right")] if self.count else wanted[:0]
        known: NDArray[np.int64] = wanted[self.ids[np.searchsorted(self.ids, wanted)] == wanted]
        return known

    def mask_of(self, ids: NDArray[np.int64]) -> Mask:
        """Who of all is among `ids`."""
        mask = np.zeros(self.capacity, np.bool_)
        mask[self.places_of(ids)] = True
        return mask

    @property
    def capacity(self) -> int:
        """The length of the arrays, some of which is for contacts to come."""
        return len(self._ids)

    def reread(self, connection: Connection, ids: Sequence[int]) -> bool:
        """Bring the columns of these contacts up to date; False if one belongs where there is no place."""
        known = self.known(ids)
        self._alive[self.places_of(known)] = False
        for some in _parts(ids):
            columns = backend_of(connection).integers(
                connection, _rows().where(contacts.c.id.in_(some)).order_by(contacts.c.id)
            )
            is_known = np.isin(columns[0], known)
            self._put(self.places_of(columns[0][is_known]), [values[is_known] for values in columns], append=False)
            new = [values[~is_known] for values in columns]
            if not len(new[0]):
                continue
            if self.count and new[0][0] < self.ids[-1]:
                return False
            self._grow(self.count + len(new[0]))
            self._put(slice(self.count, self.count + len(new[0])), new, append=True)
        return True

    def bury(self, ids: NDArray[np.int64]) -> None:
        """These contacts are gone."""
        self._alive[self.places_of(ids)] = False

    def _put(
        self, places: slice | NDArray[np.int64], columns: Sequence[NDArray[np.int64]], *, append: bool
    ) -> None:
        ids, merged, *others = columns
        if append:
            self._ids[places] = ids
            self.count += len(ids)
        self._alive[places] = merged == 0
        for name, values in zip(_DTYPES, others, strict=True):
            self._columns[name][places] = values

    def _grow(self, count: int) -> None:
        if count <= self.capacity:
            return
        length = count + max(_SPARE, count // 50)
        self._ids = _longer(self._ids, length)
        self._alive = _longer(self._alive, length)
        self._columns = {name: _longer(array, length) for name, array in self._columns.items()}
        for kept, fill in ((self.masks, 0), (self.fields, np.nan)):
            for key in list(kept):
                kept[key] = _longer(kept[key], length, fill)


def code_of(place: str | None) -> int:
    """A number for the two letters of a country or language, `NOBODY` for none.

    >>> code_of("GB"), code_of(None)
    (18242, 0)
    """
    return NOBODY if place is None else (ord(place[0]) << 8) + ord(place[1])


def ids_found(connection: Connection, statement: Select[int]) -> NDArray[np.int64]:
    """The ids that `statement` finds, in its order."""
    # Past SQLAlchemy's rows, which would take most of the time.
    result = connection.execute(statement)
    rows: Iterable[tuple[int]] = result.cursor.fetchall() if result.cursor is not None else ()
    result.close()
    return np.fromiter(chain.from_iterable(rows), np.int64)


def _rows() -> Select[Any]:
    """Id, survivor (0 for none) and the columns of `_DTYPES`, in their order, all of them as whole numbers."""
    empty = literal(int(EMPTY), BigInteger)
    moments: list[ColumnElement[Any]] = [
        func.coalesce(type_coerce((contacts if name in contacts.c else contact_states).c[name], BigInteger), empty)
        for name in MOMENTS
    ]
    return select(
        contacts.c.id,
        func.coalesce(contacts.c.survivor_id, 0).label("survivor"),
        *(_code(contacts.c[name]) for name in ("country", "language")),
        contact_states.c.conversation_open,
        *(func.coalesce(contact_states.c[column], NOBODY) for column in _IDS.values()),
        *moments,
    ).join(contact_states, contact_states.c.contact_id == contacts.c.id)


def _code(place: ColumnElement[str]) -> ColumnElement[int]:
    """SQL for what `code_of` gives."""
    second = CodePoint(func.substr(place, 2, 1))
    return func.coalesce(CodePoint(place) * 256 + second, NOBODY)


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


def _longer(array: NDArray[Any], length: int, fill: float = 0) -> NDArray[Any]:
    longer = np.full(length, fill, array.dtype)
    longer[: len(array)] = array
    return longer
