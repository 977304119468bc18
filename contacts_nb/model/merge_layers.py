"""What merges have changed of their survivors, a layer each, and what is there once one of them is taken away.

A layer says of one cell of a survivor what it held before the merge and after it. Whoever edits the cell later
covers the layer; another merge may lie on top. To take a merge out of the midst of others, each of its layers is
taken out of that stack: what lies on top stays, and what lies bare becomes what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Merge(NamedTuple):
    """A merge in force: the contact `absorbed` became part of `survivor`; later ones have greater numbers."""

    id: int
    survivor: int
    absorbed: int


class Layer(NamedTuple):
    """What a merge made of a cell of its survivor; None is empty."""

    before: str | None
    after: str | None


@dataclass(slots=True)
class MergeLayers(Generic[Key]):
    """The merges of one group of contacts, the layers of each, and the `cells` of every contact of the group.

    `possible` tells whether a cell can still have a value: what it names may have been removed meanwhile.
    Taking a merge out changes `merges`, `layers` and `cells`.

    >>> merges = {1: Merge(1, survivor=10, absorbed=20)}
    >>> layers = {1: {"email": Layer(None, "bo@acme.example")}}
    >>> group = MergeLayers(merges, layers, {10: {"email": "bo@acme.example"}, 20: {}})
    >>> group.take_out(1)
    >>> group.cells[10]
    {}
    """

    merges: dict[int, Merge]
    layers: dict[int, dict[Key, Layer]]
    cells: dict[int, dict[Key, str]]
    possible: Callable[[Key, str], bool] = field(default=lambda _key, _value: True)

    def take_out(self, merge_id: int) -> None:
        """End a merge: its survivor gets back what the merge has changed and nobody has changed since."""
        merge = self.merges.pop(merge_id)
        for key, layer in self.layers.pop(merge_id, {}).items():
            self._replace(merge.survivor, key, merge_id, layer.after, layer.before)

    def _replace(self, contact: int, key: Key, merge_id: int, old: str | None, new: str | None) -> None:
        """The merge `merge_id` into `contact` gives `new` where it gave `old`."""
        later = [merge for merge in self._into(contact) if merge.id > merge_id]
        for merge in later:
            layer = self.layers[merge.id].get(key) if merge.id in self.layers else None
            if layer is not None:
                if layer.before == old:
                    self.layers[merge.id][key] = Layer(new, layer.after)
                return
        if self.cells[contact].get(key) != old:
            return
        if new is not None and not self.possible(key, new):
            new = None
        if new is None:
            new = self._given_by(later, key)
        if new is None:
            self.cells[contact].pop(key, None)
        else:
            self.cells[contact][key] = new
        self._pass_on(contact, key, old, new)

    def _given_by(self, merges: list[Merge], key: Key) -> str | None:
        """What the first of `merges` would have given, had the cell been empty; it has a layer from now on."""
        for merge in merges:
            value = self.cells[merge.absorbed].get(key)
            if value is not None and self.possible(key, value):
                self.layers.setdefault(merge.id, {})[key] = Layer(None, value)
                return value
        return None

    def _pass_on(self, contact: int, key: Key, old: str | None, new: str | None) -> None:
        """`contact` may have been merged away itself, and its survivor may have got the value from it."""
        for merge in self.merges.values():
            if merge.absorbed != contact:
                continue
            layer = self.layers.get(merge.id, {}).get(key)
            if layer is None or layer.after != old:
                return
            if new is None:
                del self.layers[merge.id][key]
                self._replace(merge.survivor, key, merge.id, old, layer.before)
            else:
                self.layers[merge.id][key] = Layer(layer.before, new)
                self._replace(merge.survivor, key, merge.id, old, new)
            return

    def _into(self, contact: int) -> list[Merge]:
        return sorted(merge for merge in self.merges.values() if merge.survivor == contact)

    def part_of(self, contact: int) -> set[int]:
        """`contact` and all that were merged into it, and into those.

        >>> chain = {1: Merge(1, 20, 30), 2: Merge(2, 10, 20)}
        >>> sorted(MergeLayers(chain, {}, {}).part_of(20))
        [20, 30]
        """
        found = {contact}
        for merge in self._into(contact):
            found |= self.part_of(merge.absorbed)
        return found
