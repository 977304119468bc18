"""Held columns answer what the database answers, after any operations and undos, by whomever they are done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb import F
from contacts_nb.model.errors import ContactsError
from contacts_nb.model.filters import EVERYONE, Filter
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.queries.finder import Finder
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access
from tests.workspace.test_changes import message
from tests.workspace.test_undo_sequences import STEPS

FILTERS: list[Filter] = [
    EVERYONE,
    F.tags.has_any("t1", "t2"),
    F.tags.has_all("t1", "t2"),
    ~F.tags.has_any("t0"),
    F.tags.is_empty(),
    F.channels.has_any("Shop") | F.sources.has_any("sms"),
    F.first_name.contains("nn1"),
    F.email.is_not_empty() & ~F.conversation.is_open(),
    F.last_incoming.is_empty() | F.last_incoming.more_than_ago(days=10),
    F.last_interaction.within(days=5_000) & ~F.created_at.before("2026-01-01"),
    F.team == "Sales",
    F.assignee.is_unassigned() & F.last_channel.is_any_of("Shop"),
    F["visits"].between(0, 1) | F["visits"].is_empty(),
    F.country != "GB",
]
SORTS = ["id", "name", "email", "last_interaction", "last_incoming", "created_at", "team", "visits",
         "last_interacted_channel", "conversation_status", "country"]  # fmt: skip
WORDS = ["", "ann", "a", "t1", "shop", "smith1", "example"]


def step_delete(ws: Workspace, n: int) -> object:
    found = ws.contacts.search(f"ann{n}")
    return found.delete(confirm=found.count()) if found.count() else None


def step_undo(ws: Workspace, n: int) -> object:
    return ws.history[int(ws.history(n + 1)["id"].iloc[-1])].undo(overwrite="all")


MORE = {
    "delete": step_delete,
    "undo": step_undo,
    "rename tag": lambda ws, n: ws.tags.update("t1", new_name=f"u{n}") if "t1" in ws.tags else None,
    "rename team": lambda ws, n: ws.teams.update("Sales", new_name="SALES" if n else "Sales"),
    "country": lambda ws, n: ws.contacts.search("ann").update(country=("GB", "FR", None)[n]),
}


@contextmanager
def with_columns_held(ws: Workspace) -> Iterator[Workspace]:
    """The same workspace, opened by somebody who holds columns however few contacts there are."""
    access = Access(ws._database)
    access.finder = Finder(ws._database.read, fewest=0)
    access.finder.load()
    yield Workspace(access)
    access.finder.close()


def queries(ws: Workspace) -> Iterator[ContactQuery]:
    sorts = [sort for sort in SORTS if sort != "visits" or "visits" in ws.fields]
    for number, filter_ in enumerate(FILTERS):
        sort, word = sorts[number % len(sorts)], WORDS[number % len(WORDS)]
        yield ws.contacts.where(filter_, missing_ok=True).search(word).sort_by(sort, descending=number % 2 == 0)
    for number, sort in enumerate(sorts):
        yield ws.contacts.sort_by(sort, descending=number % 2 == 1)
    for word in WORDS:
        yield ws.contacts.search(word)


def compare(held: Workspace, asked: Workspace) -> None:
    for ours, theirs in zip(queries(held), queries(asked), strict=True):
        expected = theirs.ids().tolist()
        assert ours.count() == len(expected), ours.selection
        assert ours.ids().tolist() == expected, ours.selection
        assert [row.id for row in ours.rows(1, 2)] == expected[1:3]


@settings(deadline=None, max_examples=6)
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS | MORE)), st.integers(0, 2)), min_size=1, max_size=8))
def test_columns_follow_every_operation(new_workspace, steps):
    with new_workspace() as ws:
        ws.teams.add("Sales")
        ws.channels.add("Shop", "custom")
        ws.fields.add("Visits", "number")
        ws.add_contact(first_name="Ann", phone="+44 20 7946 0958", tags=["t0"])
        with with_columns_held(ws) as held:
            compare(held, ws)
            for name, number in steps:
                # An undo may have taken away what the step needs.
                with suppress(ContactsError):
                    (STEPS | MORE)[name](ws, number)
                compare(held, ws)
            assert held._access.finder.held is not None


def test_many_changes_at_once_are_read_anew(workspace, monkeypatch):
    monkeypatch.setattr("contacts_nb.queries.held_refresh._MOST", 3)
    workspace.channels.add("Shop", "custom")
    with with_columns_held(workspace) as held:
        workspace.record_messages([message(1, identifier=f"id {number}") for number in range(9)])
        assert held.contacts.count() == 9  # of the database, while columns are read in the background
        held._access.finder.load()
        workspace.contacts.tag("t1")
        held._access.finder.load()
        assert held.contacts.where(F.tags.has_any("t1")).count() == 9


def test_an_id_that_comes_back_in_the_midst_is_found_again(workspace):
    first = workspace.add_contact(first_name="Ann")
    undone = workspace.history[1].undo()
    workspace.add_contact(first_name="Bo")
    with with_columns_held(workspace) as held:
        assert held.contacts.count() == 1
        undone.undo()
        assert held.contacts.ids().tolist() == [first.id, 2]


@pytest.mark.parametrize("gone", [1, 5, 40])
def test_deleted_contacts_are_not_found_any_more(workspace, monkeypatch, gone):
    monkeypatch.setattr("contacts_nb.queries.held_refresh._MOST", 4)
    for number in range(40):
        workspace.add_contact(first_name=f"Ann{number}", tags=["gone"] if number < gone else [])
    with with_columns_held(workspace) as held:
        assert held.contacts.count() == 40
        workspace.contacts.search("gone").delete(confirm=gone)
        assert held.contacts.ids().tolist() == list(range(gone + 1, 41))
        assert held._access.finder.held is not None
