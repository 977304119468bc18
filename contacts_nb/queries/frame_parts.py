"""What hangs on the contacts of a frame: tags, channels and custom values, put where their contact stands.

Numbers throughout: which row of the frame, which tag, which channel. Only the lists at the end are Python's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import Column, ColumnElement, Select, select

from contacts_nb.model.fields import Field, FieldType
from contacts_nb.queries.rows import Ids
from contacts_nb.store.arrow import ReadTable
from contacts_nb.store.schema import channels, contact_channels, contact_tags, field_values, tags

if TYPE_CHECKING:
    import pyarrow as pa

_NUMBERS = (FieldType.NUMBER, FieldType.CHECKBOX)
_NEVER = -(2**62)  # a time before all others, where there is none

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]


class Parts:
    """Of the contacts with these `ids`, each once, which are the rows of a frame in that order.

    `members` are the same, in any order, as they are said in SQL; None for every contact there is.
    """

    def __init__(self, read: ReadTable, ids: Integers, members: Ids | None) -> None:
        self._read = read
        self._count = len(ids)
        self._members = members
        # Most frames come by id already.
        self._order = None if bool(np.all(ids[1:] > ids[:-1])) else np.argsort(ids)
        self._ids = ids if self._order is None else ids[self._order]

    def tags(self) -> pd.Series[Any]:
        """For each row the names of its tags, alphabetically, as a list of its own."""
        named = self._read(select(tags.c.id, tags.c.name).order_by(tags.c.name_key))
        places, tag_ids = self._placed(contact_tags.c.contact_id, contact_tags.c.tag_id)
        ranks = _places_of(tag_ids, named.column(0).to_numpy())
        sorting = np.lexsort((ranks, places))
        return self._lists(places[sorting], ranks[sorting], named.column(1).to_pylist())

    def sources(self) -> pd.Series[Any]:
        """For each row the sources of its channels, each once, last-interacted first, as a list of its own."""
        known = self._read(select(channels.c.id, channels.c.source))
        columns = contact_channels.c
        places, channel_ids, last, row_ids = self._placed(
            columns.contact_id, columns.channel_id, columns.last_message_at, columns.id
        )
        names, codes = np.unique(np.array(known.column(1).to_pylist(), dtype=object), return_inverse=True)
        of_rows = codes[_places_of(channel_ids, known.column(0).to_numpy())]
        sorting = np.lexsort((row_ids, -last, places))
        places, of_rows = places[sorting], of_rows[sorting]
        _, first = np.unique(places * max(len(names), 1) + of_rows, return_index=True)
        first.sort()
        return self._lists(places[first], of_rows[first], names.tolist())

    def values(self, fields: Sequence[Field]) -> Iterator[tuple[Field, pa.ChunkedArray]]:
        """Each of `fields` with a value for each row: float64 where it is compared as a number, else text."""
        import pyarrow as pa  # noqa: PLC0415 - loaded with the first frame only

        for column in (field_values.c.number, field_values.c.value):
            mine = [field for field in fields if (field.type in _NUMBERS) == (column is field_values.c.number)]
            if not mine:
                continue
            statement = select(field_values.c.contact_id, field_values.c.field_id, column)
            # Of several texts it is faster to read the table once than to go through an index for each of them.
            field_id: ColumnElement[int] = field_values.c.field_id
            if column is field_values.c.value and len(mine) > 1:
                field_id += 0
            statement = statement.where(field_id.in_([field.id for field in mine]))
            table = self._read(self._narrowed(statement, field_values.c.contact_id))
            places, of_rows = self._places(table.column(0).to_numpy()), table.column(1).to_numpy()
            found = table.column(2).combine_chunks()
            for field in mine:
                (rows,) = np.nonzero(of_rows == field.id)
                wanted = np.full(self._count, -1, dtype=np.int64)
                wanted[places[rows]] = rows
                yield field, pa.chunked_array([found.take(pa.array(wanted, mask=wanted < 0))])

    def _placed(self, contact_id: Column[Any], *columns: Column[Any]) -> list[Integers]:
        table = self._read(self._narrowed(select(contact_id, *columns), contact_id))
        ids, *others = table.columns
        return [self._places(ids.to_numpy()), *(column.fill_null(_NEVER).to_numpy() for column in others)]

    def _narrowed(self, statement: Select[Any], contact_id: Column[Any]) -> Select[Any]:
        return statement if self._members is None else statement.where(contact_id.in_(self._members))

    def _places(self, contact_ids: Integers) -> Integers:
        """In which row each of `contact_ids` stands."""
        found = np.searchsorted(self._ids, contact_ids)
        return found if self._order is None else self._order[found]

    def _lists(self, places: Integers, codes: Integers, names: list[str]) -> pd.Series[Any]:
        """For each row the `names` of its `codes`; `places` are rows, ascending."""
        counts = np.bincount(places, minlength=self._count)
        ends = np.cumsum(counts)
        flat = [names[code] for code in codes.tolist()]
        bounds = zip((ends - counts).tolist(), ends.tolist(), strict=True)
        return pd.Series([flat[start:end] for start, end in bounds], dtype="object")


def _places_of(ids: Integers, known: Integers) -> Integers:
    """At which place in `known`, in no order, each of `ids` is."""
    order = np.argsort(known)
    return order[np.searchsorted(known, ids, sorter=order)]
