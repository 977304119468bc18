"""Contacts that were chosen one by one, or all at once: their ids as a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from operator import index
from typing import Self, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from contacts_nb.model.errors import InvalidValue

_DENSE = 20  # numbers up to the largest, for each of many ids


class ContactIds:
    """Distinct ids in ascending order; a million take eight megabytes.

    >>> ids = ContactIds([42, 7, 42])
    >>> ids, len(ids), 7 in ids
    (ContactIds([7, 42]), 2, True)
    >>> ids | ContactIds([8]), ids - ContactIds([42])
    (ContactIds([7, 8, 42]), ContactIds([7]))
    """

    def __init__(self, ids: Iterable[SupportsIndex] = ()) -> None:
        try:
            array = ids if isinstance(ids, np.ndarray) else np.fromiter(map(index, ids), np.int64)
        except (TypeError, ValueError, OverflowError):
            array = None
        if array is None or (array.size and array.dtype.kind not in "iu"):
            raise InvalidValue("ids", None, "must be whole numbers, such as [41, 42]")
        self.array: NDArray[np.int64] = _ascending(array.astype(np.int64))
        self.array.flags.writeable = False

    @classmethod
    def _of(cls, ascending: NDArray[np.int64]) -> Self:
        """Those of an array that needs no sorting."""
        ids = cls()
        ids.array = ascending
        ids.array.flags.writeable = False
        return ids

    def tolist(self) -> list[int]:
        """The ids as numbers of Python.

        >>> ContactIds([2, 1]).tolist()
        [1, 2]
        """
        numbers: list[int] = self.array.tolist()
        return numbers

    def text(self) -> str:
        """The ids with commas between them.

        >>> ContactIds([2, 1]).text()
        '1,2'
        """
        return ",".join(map(str, self.array.tolist()))

    def parts(self, length: int) -> Iterator[ContactIds]:
        """The ids in stretches of at most `length`.

        >>> list(ContactIds([1, 2, 3]).parts(2))
        [ContactIds([1, 2]), ContactIds([3])]
        """
        return (self._of(self.array[start : start + length]) for start in range(0, len(self), length))

    def __len__(self) -> int:
        return len(self.array)

    def __contains__(self, contact_id: int) -> bool:
        place = int(np.searchsorted(self.array, contact_id))
        return place < len(self.array) and int(self.array[place]) == contact_id

    def __or__(self, other: ContactIds) -> ContactIds:
        if not len(self):
            return other
        places, known = self._places(other)
        return self._of(np.insert(self.array, places[~known], other.array[~known]))

    def __and__(self, other: ContactIds) -> ContactIds:
        few, many = sorted((self, other), key=len)
        _, known = many._places(few)
        return self._of(few.array[known])

    def __sub__(self, other: ContactIds) -> ContactIds:
        places, known = self._places(other)
        return self._of(np.delete(self.array, places[known]))

    def _places(self, other: ContactIds) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where each of `other` stands here or would stand, and whether it does."""
        places = np.searchsorted(self.array, other.array)
        known = np.zeros(len(other), np.bool_)
        inside = places < len(self)
        known[inside] = self.array[places[inside]] == other.array[inside]
        return places, known

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ContactIds) and np.array_equal(self.array, other.array)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.array.tobytes())

    def __repr__(self) -> str:
        if len(self) > 20:
            return f"<{len(self):,} contact ids>"
        return f"ContactIds({self.tolist()})"


def _ascending(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distinct ids in order; many that lie close together are marked off, which is quicker than sorting them."""
    if len(ids) > 10_000 and ids.min() >= 0 and ids.max() < _DENSE * len(ids):
        marks = np.zeros(int(ids.max()) + 1, np.bool_)
        marks[ids] = True
        return np.flatnonzero(marks)
    return np.unique(ids)
