"""Merges taken out of a group in any order: cells come back, edits stay, the rest is as if built without it.

The model builds groups as merges do: the survivor's value, or the other's where it has none, unless one is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb.model.merge_layers import Layer, Merge, MergeLayers

Cells = dict[int, dict[str, str]]
Step = tuple[str, int, int, dict[str, str | None]]
Steps = st.SearchStrategy[Step]

PEOPLE = (10, 20, 30, 40, 50)
KEYS = ("email", "country")
VALUES = ("a", "b", "c")
n_th = st.integers(0, 19)
OWN = st.lists(st.sampled_from([None, *VALUES]), min_size=10, max_size=10).map(
    lambda drawn: {
        person: {key: drawn[2 * n + m] for m, key in enumerate(KEYS) if drawn[2 * n + m]}
        for n, person in enumerate(PEOPLE)
    }
)
# A choice of a merge is the value of a cell, None for none, or the other's.
CHOICES = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([*VALUES, None, "the other's"]), max_size=2)
MERGING: Steps = st.tuples(st.just("merge"), n_th, n_th, CHOICES)
PLAIN_MERGING: Steps = st.tuples(st.just("merge"), n_th, n_th, st.just({}))
TAKING_OUT: Steps = st.tuples(st.just("take out"), n_th, st.just(0), st.just({}))
EDITING: Steps = st.tuples(st.just("edit"), n_th, n_th, st.just({}))


def steps(merging: Steps, *others: Steps) -> st.SearchStrategy[list[Step]]:
    """Some merges first, then anything."""
    return st.tuples(
        st.lists(merging, min_size=2, max_size=4), st.lists(st.one_of(merging, *others), max_size=6)
    ).map(lambda drawn: [*drawn[0], *drawn[1]])


class Group(MergeLayers[str]):
    """A group that merges can be added to, too; `own` are everybody's cells without any merge."""

    def __init__(self, own: Cells) -> None:
        super().__init__({}, {}, {person: dict(cells) for person, cells in own.items()})
        self.own = {person: dict(cells) for person, cells in own.items()}
        self.newest = 0

    def living(self) -> list[int]:
        absorbed = {merge.absorbed for merge in self.merges.values()}
        return [person for person in self.cells if person not in absorbed]

    def merge(self, survivor: int, other: int, chosen: dict[str, str | None] | None = None) -> int:
        self.newest += 1
        mine, theirs, layers = self.cells[survivor], self.cells[other], {}
        for key in KEYS:
            before = mine.get(key)
            after = theirs.get(key) if before is None else before
            if chosen and key in chosen:
                after = theirs.get(key) if chosen[key] == "the other's" else chosen[key]
            if after != before:
                layers[key] = Layer(before, after)
                set_cell(mine, key, after)
        self.merges[self.newest] = Merge(self.newest, survivor, other)
        self.layers[self.newest] = layers
        return self.newest

    def edit(self, person: int, key: str, value: str | None) -> None:
        """A change by somebody, which stays."""
        set_cell(self.cells[person], key, value)
        set_cell(self.own[person], key, value)

    def do(self, steps: Iterable[Step]) -> None:
        for number, (what, one, other, chosen) in enumerate(steps):
            living = self.living()
            first = living[one % len(living)]
            if what == "merge" and len(living) > 1:
                others = [person for person in living if person != first]
                self.merge(first, others[other % len(others)], chosen)
            elif what == "take out" and self.merges:
                self.take_out(sorted(self.merges)[one % len(self.merges)])
            elif what == "edit":
                self.edit(first, KEYS[other % len(KEYS)], f"edit {number}")


def set_cell(cells: dict[str, str], key: str, value: str | None) -> None:
    if value is None:
        cells.pop(key, None)
    else:
        cells[key] = value


def take_out_all(group: Group, order: Sequence[int]) -> None:
    while group.merges:
        group.take_out(sorted(group.merges)[order[len(group.merges)] % len(group.merges)])


ORDERS = st.lists(n_th, min_size=len(PEOPLE), max_size=len(PEOPLE))


@given(OWN, steps(MERGING, TAKING_OUT), ORDERS)
def test_everybody_has_their_own_again_once_all_merges_are_taken_out(own, done, order):
    group = Group(own)
    group.do(done)
    take_out_all(group, order)
    assert (group.cells, group.merges, group.layers) == (own, {}, {})


@given(OWN, steps(MERGING, TAKING_OUT, EDITING), ORDERS)
def test_an_edit_stays_on_whom_it_was_made_whatever_is_taken_out(own, done, order):
    group = Group(own)
    group.do(done)
    take_out_all(group, order)
    assert group.cells == group.own


@settings(max_examples=200)
@given(OWN, steps(PLAIN_MERGING, TAKING_OUT))
def test_what_is_left_is_as_if_the_merge_had_never_been(own, done):
    group, without = Group(own), Group(own)
    group.do(done)
    for merge in sorted(group.merges.values()):
        without.newest = merge.id - 1
        without.merge(merge.survivor, merge.absorbed)
    assert group.cells == without.cells
    assert {number: layers for number, layers in group.layers.items() if layers} == {
        number: layers for number, layers in without.layers.items() if layers
    }


@given(OWN, steps(MERGING, TAKING_OUT, EDITING), n_th)
def test_nobody_outside_the_group_of_a_merge_is_touched_by_taking_it_out(own, done, which):
    group = Group(own)
    group.do(done)
    if not group.merges:
        return
    merge = group.merges[sorted(group.merges)[which % len(group.merges)]]
    (root,) = (person for person in group.living() if merge.absorbed in group.part_of(person))
    inside, part = group.part_of(root), group.part_of(merge.absorbed)
    before = {person: dict(cells) for person, cells in group.cells.items()}
    others = {
        n: dict(layers) for n, layers in group.layers.items() if group.merges[n].survivor not in inside - part
    }
    group.take_out(merge.id)
    untouched = [person for person in before if person not in inside - part]
    assert merge.absorbed in untouched
    assert {person: group.cells[person] for person in untouched} == {
        person: before[person] for person in untouched
    }
    assert {n: group.layers.get(n, {}) for n in others} == others
    assert (group.part_of(root), group.part_of(merge.absorbed)) == (inside - part, part)


def group_of(**cells: dict[str, str]) -> Group:
    """One contact a name, in alphabetical order: 1, 2, 3 …"""
    return Group({number: dict(cells[name]) for number, name in enumerate(sorted(cells), 1)})


def test_a_value_goes_to_the_next_who_would_have_given_one():
    group = group_of(a={}, b={"email": "b"}, c={}, d={"email": "d"})
    first, _, third = (group.merge(1, other) for other in (2, 3, 4))
    group.take_out(first)
    assert group.cells[1] == {"email": "d"}
    assert group.layers[third] == {"email": Layer(None, "d")}
    group.take_out(third)
    assert group.cells[1] == {}


def test_the_merge_below_is_covered_by_the_one_above():
    group = group_of(a={"email": "a"}, b={"email": "b"}, c={"email": "c"})
    below = group.merge(1, 2, {"email": "b"})
    above = group.merge(1, 3, {"email": "c"})
    group.take_out(below)
    assert group.cells[1] == {"email": "c"}
    assert group.layers[above] == {"email": Layer("a", "c")}
    group.take_out(above)
    assert group.cells[1] == {"email": "a"}


def test_a_value_that_came_through_several_contacts_leaves_all_of_them():
    group = group_of(a={}, b={}, c={}, d={"email": "d"})
    deepest, _, _ = (group.merge(survivor, survivor + 1) for survivor in (3, 2, 1))
    assert [group.cells[person] for person in (1, 2, 3)] == [{"email": "d"}] * 3
    group.take_out(deepest)
    assert group.cells == {1: {}, 2: {}, 3: {}, 4: {"email": "d"}}
    assert group.part_of(1) == {1, 2, 3}


def test_a_value_that_came_through_another_is_replaced_by_that_ones_own():
    group = group_of(a={}, b={"email": "b"}, c={"email": "c"})
    deepest = group.merge(2, 3, {"email": "c"})
    outer = group.merge(1, 2)
    group.take_out(deepest)
    assert group.cells == {1: {"email": "b"}, 2: {"email": "b"}, 3: {"email": "c"}}
    assert group.layers[outer] == {"email": Layer(None, "b")}


@pytest.mark.parametrize("edit", ["e", None])
def test_an_edit_of_what_came_through_another_stays(edit):
    group = group_of(a={}, b={}, c={"email": "c"})
    deepest, outer = group.merge(2, 3), group.merge(1, 2)
    group.edit(1, "email", edit)
    for merge in (deepest, outer):
        group.take_out(merge)
        assert group.cells[1].get("email") == edit
    assert group.cells[2] == {}


def test_a_value_that_was_chosen_to_be_empty_comes_back():
    group = group_of(a={"email": "a"}, b={"email": "b"})
    merge = group.merge(1, 2, {"email": None})
    assert group.cells[1] == {}
    group.take_out(merge)
    assert group.cells[1] == {"email": "a"}


def test_what_can_not_be_any_more_does_not_come_back_and_the_next_is_asked():
    own = {"a": {"country": "a"}, "b": {"country": "b"}, "c": {"country": "c"}, "d": {"country": "d"}}
    group = group_of(**own)
    group.possible = lambda key, value: (key, value) not in {("country", "a"), ("country", "c")}
    first = group.merge(1, 2, {"country": "b"})
    group.merge(1, 3)
    last = group.merge(1, 4)
    group.take_out(first)
    assert group.cells[1] == {"country": "d"}
    group.take_out(last)
    assert group.cells[1] == {}


def test_a_merge_without_layers_is_taken_out():
    group = MergeLayers({7: Merge(7, 1, 2)}, {}, {1: {"email": "a"}, 2: {}})
    group.take_out(7)
    assert (group.cells, group.merges) == ({1: {"email": "a"}, 2: {}}, {})
    with pytest.raises(KeyError):
        group.take_out(7)


def test_a_group_is_whoever_was_merged_into_a_contact_and_into_those():
    group = group_of(a={}, b={}, c={}, d={}, e={})
    for survivor, other in ((2, 3), (2, 4), (1, 2)):
        group.merge(survivor, other)
    assert [group.part_of(person) for person in (1, 2, 3, 5)] == [{1, 2, 3, 4}, {2, 3, 4}, {3}, {5}]
