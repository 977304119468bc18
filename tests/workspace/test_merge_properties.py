"""What merging and unmerging leave in the tables: nothing that wasn't there, in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import contacts_nb as cn
from contacts_nb.store.schema import merge_values, merges, metadata
from contacts_nb.workspace import Workspace
from tests.conftest import Workspaces

ANA = "ana@acme.example"
HISTORY = {"operations", "changes", "merges", "merge_values"}
CHOICES: dict[str, list[Any]] = {
    "first_name": ["Ann", "Zoë"],
    "last_name": ["Smith"],
    "phone": ["+44 20 7946 0911", "+442079460911"],
    "email": ["ann@example.org", "ANN@Example.org"],
    "country": ["GB", "FR"],
    "language": ["en"],
    "picture": ["https://example.org/ann.png"],
    "assignee": [ANA, "bo@acme.example"],
    "team": ["Sales", "Care"],
    "note": ["alpha", "beta"],
    "plan": ["gold", "silver"],
    "member": [True, False],
}
PEOPLE = st.fixed_dictionaries(
    {
        "values": st.fixed_dictionaries({}, optional={name: st.sampled_from(c) for name, c in CHOICES.items()}),
        "tags": st.sets(st.sampled_from(["vip", "new"])),
        "identities": st.integers(0, 2),
        "messages": st.lists(st.tuples(st.integers(0, 1), st.booleans(), st.integers(0, 3)), max_size=3),
        "comments": st.integers(0, 1),
        "conversation": st.sampled_from([None, "open", "closed"]),
    }
)
GROUPS = st.lists(PEOPLE, min_size=4, max_size=4)
KEEPS = st.dictionaries(st.sampled_from(list(CHOICES)), st.sampled_from(["survivor", "other", "given", None]))
WAYS: dict[str, Callable[[Workspace, Any], Any]] = {
    "by the contact": lambda ws, merged: ws.plan_unmerge(merged.absorbed).apply(),
    "by the operation": lambda ws, merged: ws.plan_unmerge(ws.history[merged.id]).apply(),
    "by undo": lambda ws, merged: ws.history[merged.id].undo(),
}

Rows = dict[str, list[tuple[Any, ...]]]


class Merged:
    """A merge that was made: its number and the contact that is no longer seen."""

    def __init__(self, number: int, absorbed: int) -> None:
        self.id, self.absorbed = number, absorbed


@contextmanager
def owned(new_workspace: Workspaces) -> Iterator[Workspace]:
    """A workspace that has users, as its owner has opened it."""
    with new_workspace() as made:
        made.users.add(ANA, name="Ana", role="owner")
        with cn.open(made.address, user=ANA) as ws:
            yield ws


def populate(ws: Workspace, people: Sequence[dict[str, Any]]) -> list[int]:
    """Contacts as they were drawn; gives their ids, the oldest first."""
    ws.users.add("bo@acme.example", name="Bo", role="manager")
    for team in ("Sales", "Care"):
        ws.teams.add(team)
    ws.channels.add("Web", "custom")
    for name, kind in (("Note", "text"), ("Plan", "list"), ("Member", "checkbox")):
        ws.fields.add(name, kind, allowed=["gold", "silver"] if kind == "list" else [])
    names = [[f"p{number} {n}" for n in range(one["identities"])] for number, one in enumerate(people)]
    table = [
        {name: str(value) for name, value in ({"first_name": "Bo"} | one["values"]).items()}
        | {"tags": ",".join(sorted(one["tags"])), "channel:Web": " ::: ".join(own)}
        for one, own in zip(people, names, strict=True)
    ]
    frame = pd.DataFrame(table, dtype="str").fillna("")
    ws.plan_import(frame, purpose="add_all", progress=False).apply(progress=False)
    ids: list[int] = sorted(ws.contacts.ids().tolist())
    assert len(ids) == len(people)
    for contact_id, one in zip(ids, people, strict=True):
        contact = ws.contacts[contact_id]
        for number in range(one["comments"]):
            contact.comment(f"Comment {number}")
        if one["conversation"]:
            contact.open_conversation()
        if one["conversation"] == "closed":
            contact.close_conversation("solved")
    records = [
        {
            "channel": "Web",
            "identifier": own[which % len(own)],
            "direction": "incoming" if incoming else "outgoing",
            "text": f"Text {year}",
            "sent_at": f"{2020 + year}-03-02T12:00:00Z",
            "profile_name": f"Friend {own[0]}",
        }
        for one, own in zip(people, names, strict=True)
        for which, incoming, year in one["messages"]
        if own
    ]
    if records:
        ws.record_messages(records)
    return ids


def rows(ws: Workspace) -> Rows:
    """Every row of every table that isn't history, in order."""
    found = {}
    with ws._database.read() as connection:
        for table in metadata.sorted_tables:
            if table.name not in HISTORY:
                statement = select(table).order_by(*table.primary_key.columns)
                found[table.name] = [tuple(row) for row in connection.execute(statement)]
    return found


def lasting(ws: Workspace) -> Rows:
    """The same without the times at which things were done, to compare one workspace with another."""
    when = {"created_at", "opened_at", "closed_at", "conversation_opened"}
    found = {}
    for name, all_rows in rows(ws).items():
        kept = [index for index, column in enumerate(metadata.tables[name].columns) if column.name not in when]
        found[name] = [tuple(row[index] for index in kept) for row in all_rows]
    return found


def layers(ws: Workspace) -> list[tuple[Any, ...]]:
    """What the merges in force have changed, by whom they concern."""
    columns = (merges.c.survivor_id, merges.c.absorbed_id, merge_values.c.cell, merge_values.c.subject)
    statement = (
        select(*columns, merge_values.c.before, merge_values.c.after)
        .join(merge_values, merge_values.c.merge_id == merges.c.id)
        .where(merges.c.ended_by.is_(None), merge_values.c.unmerge_id == 0)
        .order_by(*columns)
    )
    with ws._database.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def merge(ws: Workspace, survivor: int, other: int, keep: dict[str, Any] | None = None) -> Merged:
    sides = {"survivor": survivor, "other": other}
    given = {
        name: CHOICES[name][-1] if side == "given" else sides.get(side) for name, side in (keep or {}).items()
    }
    done = ws.plan_merge(survivor, other, survivor=survivor, keep=given).apply()
    assert done.id is not None
    return Merged(done.id, other)


@settings(max_examples=4)
@given(people=GROUPS, keep=KEEPS, swap=st.booleans(), way=st.sampled_from(sorted(WAYS)), again=st.booleans())
def test_a_merge_and_its_unmerge_leave_every_row_as_it_was(new_workspace, people, keep, swap, way, again):
    with owned(new_workspace) as ws:
        one, other, *_ = reversed(populate(ws, people)) if swap else populate(ws, people)
        before = rows(ws)
        merged = merge(ws, one, other, keep)
        after, of_merge = rows(ws), layers(ws)
        assert after != before
        unmerged = WAYS[way](ws, merged)
        assert rows(ws) == before
        assert layers(ws) == []
        # Merging again gives what the first time gave: as a new merge, or as the undo of the unmerge.
        if again:
            merged = merge(ws, one, other, keep)
        else:
            ws.history[unmerged.id].undo()
        assert rows(ws) == after
        assert layers(ws) == of_merge
        WAYS[way](ws, merged)
        assert rows(ws) == before
        assert ws.check() == []


@settings(max_examples=4)
@given(
    people=GROUPS,
    keeps=st.tuples(KEEPS, KEEPS, KEEPS),
    chain=st.sampled_from(["A<B<C<D", "A<B, A<C<D", "A<B<C, B<D"]),
    way=st.sampled_from(sorted(WAYS)),
    back=st.booleans(),
)
def test_a_merge_inside_a_chain_is_taken_back_as_exactly(new_workspace, people, keeps, chain, way, back):
    """The last of several merges, whoever of them it is between, and then those before it too."""
    steps = {
        "A<B<C<D": [(2, 3), (1, 2), (0, 1)],
        "A<B, A<C<D": [(2, 3), (0, 1), (0, 2)],
        "A<B<C, B<D": [(1, 2), (1, 3), (0, 1)],
    }[chain]
    with owned(new_workspace) as ws:
        ids = populate(ws, people)
        ids = ids[::-1] if back else ids
        states, done = [(rows(ws), layers(ws))], []
        for (survivor, other), keep in zip(steps, keeps, strict=True):
            done.append(merge(ws, ids[survivor], ids[other], keep))
            states.append((rows(ws), layers(ws)))
        assert ws.check() == []
        for merged in reversed(done):
            assert (rows(ws), layers(ws)) == states.pop()
            WAYS[way](ws, merged)
        assert (rows(ws), layers(ws)) == states.pop()
        assert ws.check() == []


# Who is merged into whom, by position: any tree is made of some of these, one after the other.
PAIRS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] != pair[1]), max_size=6
)


def merge_all(
    ws: Workspace, ids: Sequence[int], pairs: Sequence[tuple[int, int]], left_out: set[int]
) -> list[Merged | None]:
    """The merges of a forest; those that are left out of it aren't made."""
    absorbed: set[int] = set()
    done: list[Merged | None] = []
    for survivor, other in pairs:
        if survivor in absorbed or other in absorbed:
            continue
        absorbed.add(other)
        is_made = len(done) not in left_out
        done.append(merge(ws, ids[survivor], ids[other]) if is_made else None)
    return done


@settings(max_examples=5)
@given(people=GROUPS, pairs=PAIRS, order=st.permutations(range(3)), count=st.integers(0, 3))
def test_what_is_unmerged_might_as_well_never_have_been_merged(new_workspace, people, pairs, order, count):
    """Some of the merges of any tree, taken apart in any order, leave what only the others would have given."""
    out = set(order[:count])
    with owned(new_workspace) as ws, owned(new_workspace) as without:
        ids = populate(ws, people)
        done = merge_all(ws, ids, pairs, left_out=set())
        out = {number for number in out if number < len(done)}
        for merged in (done[number] for number in order if number in out):
            assert merged is not None
            ws.plan_unmerge(ws.history[merged.id]).apply()
        assert ws.check() == []
        assert populate(without, people) == ids
        merge_all(without, ids, pairs, left_out=out)
        assert lasting(ws) == lasting(without)
        assert layers(ws) == layers(without)
