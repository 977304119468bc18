"""Every operation x every role x every restriction, from the one table, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.model.errors import (
    CannotMerge,
    CannotUndo,
    InvalidValue,
    NotAllowed,
    NotConfirmed,
    NotFound,
    WorkspaceError,
)
from contacts_nb.model.people import Restriction, Role
from contacts_nb.model.rights import RIGHTS, rights_table
from contacts_nb.store.schema import operations, users
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access

TAGGED = 8  # the operation of `set_up` that can be undone
SETS = [frozenset(some) for some in chain.from_iterable(combinations(Restriction, n) for n in range(4))]
MESSAGE = {
    "channel": "Shop",
    "identifier": "+442079460958",
    "direction": "incoming",
    "text": "Hello",
    "sent_at": "2026-03-02T12:00:00Z",
}


def _imported(ws: Workspace, folder: str) -> object:
    Path(folder, "people.csv").write_text("first_name\nBo\n", encoding="utf-8")
    return ws.plan_import(f"{folder}/people.csv").apply()


CALLS: dict[str, Callable[[Workspace, str], object]] = {
    "read": lambda ws, _: ws.contacts.count(),
    "add": lambda ws, _: ws.add_contact(first_name="Bo"),
    "update": lambda ws, _: ws.contacts.update(country="FR"),
    "tag": lambda ws, _: ws.contacts.tag("new"),
    "untag": lambda ws, _: ws.contacts.untag("vip"),
    "assign": lambda ws, _: ws.contacts.assign("owner@acme.example"),
    "open_conversation": lambda ws, _: ws.contacts.open_conversation(),
    "close_conversation": lambda ws, _: ws.contacts.close_conversation(),
    "comment": lambda ws, _: ws.contacts.comment("Hello"),
    "record_messages": lambda ws, _: ws.record_messages([MESSAGE]),
    "import": _imported,
    "merge": lambda ws, _: ws.plan_merge(1, 2).apply(),
    "unmerge": lambda ws, _: ws.plan_unmerge(4).apply(),
    "save_inbox": lambda ws, _: ws.inboxes.save("New", F.country == "GB"),
    "update_inbox": lambda ws, _: ws.inboxes.update("British", new_name="From Britain"),
    "remove_inbox": lambda ws, _: ws.inboxes.remove("British"),
    "fill": lambda ws, _: ws.fill(settings={}, batches=[]),
    "undo": lambda ws, _: ws.history[TAGGED].undo(),
    "export": lambda ws, folder: ws.contacts.to_csv(f"{folder}/all.csv"),
    "backup": lambda ws, folder: ws.backup(f"{folder}/backup-{len(done(ws))}.db"),
    "delete": lambda ws, _: ws.contacts.delete(confirm=ws.contacts.count()),
    "add_team": lambda ws, _: ws.teams.add("New"),
    "update_team": lambda ws, _: ws.teams.update("Sales", new_name="Shops"),
    "remove_team": lambda ws, _: ws.teams.remove("Sales"),
    "add_channel": lambda ws, _: ws.channels.add("New", "sms"),
    "update_channel": lambda ws, _: ws.channels.update("Shop", new_name="Shops"),
    "remove_channel": lambda ws, _: ws.channels.remove("Shop"),
    "add_tag": lambda ws, _: ws.tags.add("New"),
    "update_tag": lambda ws, _: ws.tags.update("vip", colour="red"),
    "remove_tag": lambda ws, _: ws.tags.remove("vip"),
    "add_field": lambda ws, _: ws.fields.add("New"),
    "update_field": lambda ws, _: ws.fields.update("plan", name="Plans"),
    "remove_field": lambda ws, _: ws.fields.remove("plan"),
    "update_workspace": lambda ws, _: ws.update(name="Acme Ltd"),
    "add_user": lambda ws, _: ws.users.add("new@acme.example"),
    "update_user": lambda ws, _: ws.users.update("third@acme.example", name="Other"),
    "remove_user": lambda ws, _: ws.users.remove("third@acme.example"),
}


def set_up(ws: Workspace) -> Workspace:
    """A workspace with one of everything, opened by `other@acme.example`, who is a manager at first."""
    ws.users.add("owner@acme.example", role="owner")
    owner = Workspace(Access(ws._database, 1))
    owner.users.add("other@acme.example")
    owner.users.add("third@acme.example")
    owner.teams.add("Sales")
    owner.channels.add("Shop", "sms")
    owner.fields.add("Plan")
    owner.add_contact(first_name="Ann", tags=["vip"])
    owner.contacts.tag("big")
    for name in ("Bea", "Cy", "Cyd"):
        owner.add_contact(first_name=name)
    owner.plan_merge(3, 4).apply()
    other = Workspace(Access(ws._database, 2))
    other.inboxes.save("British", F.country == "GB")
    return other


def become(ws: Workspace, role: Role, restrictions: frozenset[Restriction]) -> None:
    with ws._database.write() as connection:
        connection.execute(
            update(users)
            .where(users.c.id == 2)
            .values(role=role.value, **{one.value: int(one in restrictions) for one in Restriction})
        )


def is_allowed(operation: str, role: Role, restrictions: frozenset[Restriction]) -> bool:
    right = RIGHTS[operation]
    return role in right.roles and right.restriction not in restrictions


def done(ws: Workspace) -> list[tuple[Any, ...]]:
    with ws._database.read() as connection:
        return [tuple(row) for row in connection.execute(select(operations).order_by(operations.c.id))]


def test_every_right_is_tried():
    assert CALLS.keys() == RIGHTS.keys()


@pytest.mark.parametrize("operation", [name for name in RIGHTS if name != "fill"])
def test_an_owner_without_restrictions_may_do_everything(workspace, tmp_path, operation):
    ws = set_up(workspace)
    become(ws, Role.OWNER, frozenset())
    CALLS[operation](ws, str(tmp_path))


def test_whoever_lacks_the_right_is_refused_and_nothing_changes(workspace, tmp_path):
    ws = set_up(workspace)
    for role, restrictions in product(Role, SETS):
        become(ws, role, restrictions)
        for operation, call in CALLS.items():
            before = done(ws)
            if is_allowed(operation, role, restrictions):
                # What was done already can't be done again, and that is said.
                with suppress(NotFound, InvalidValue, WorkspaceError, CannotUndo, CannotMerge, NotConfirmed):
                    call(ws, str(tmp_path))
            else:
                with pytest.raises(NotAllowed, match=r"other@acme\.example"):
                    call(ws, str(tmp_path))
                assert done(ws) == before, (operation, role, restrictions)


def test_an_undo_needs_the_right_to_what_is_undone(workspace):
    ws = set_up(workspace)
    become(ws, Role.MANAGER, frozenset({Restriction.WORKSPACE_SETTINGS}))
    made = next(row[0] for row in done(ws) if row[3] == "add_field")
    with pytest.raises(NotAllowed, match="restrict_workspace_settings"):
        ws.history[made].undo()
    assert "plan" in ws.fields


def test_an_agent_is_refused_at_the_door(workspace):
    ws = set_up(workspace)
    become(ws, Role.AGENT, frozenset())
    with pytest.raises(NotAllowed, match="owners and managers"):
        Workspace(Access(ws._database, 2))


def test_a_workspace_with_users_is_not_opened_without_one(tmp_path):
    cn.create(tmp_path / "contacts.db", owner="ana@acme.example").close()
    with pytest.raises(NotAllowed, match="user="):
        cn.open(tmp_path / "contacts.db")
    with pytest.raises(NotFound, match=r"nobody@acme\.example.* ask one of its owners"):
        cn.open(tmp_path / "contacts.db", user="nobody@acme.example")
    with cn.open(tmp_path / "contacts.db", user="ANA@acme.example") as ws:
        assert ws.user is not None
        assert ws.user.email == "ana@acme.example"


def test_a_user_who_was_removed_is_refused_at_once(workspace):
    ws = set_up(workspace)
    Workspace(Access(ws._database, 1)).users.remove("other@acme.example")
    with pytest.raises(NotAllowed, match="any more"):
        ws.contacts.count()


def test_the_readme_prints_the_table():
    assert rights_table() in (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
