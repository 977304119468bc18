"""Inboxes: those that are always there, and filters that were saved, shared, changed and removed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contacts_nb import F
from contacts_nb.model.errors import InvalidValue, NotAllowed, NotFound
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access

ANA, BO, CY, DI = (f"{name}@acme.example" for name in ("ana", "bo", "cy", "di"))


Opened = Callable[[str], Workspace]


@pytest.fixture
def opened(workspace: Workspace) -> Opened:
    """Opens a workspace of two owners, two managers and a team, as one of them."""
    workspace.users.add(ANA, role="owner")
    access = workspace._access
    ana = Workspace(Access(access.database, 1))
    ana.users.add(BO, role="manager")
    ana.users.add(CY, role="manager")
    ana.users.add(DI, role="owner")
    ana.teams.add("Sales", members=[CY])
    ana.add_contact(first_name="Ann", country="GB", tags=["vip"])
    ana.add_contact(first_name="Bea", country="FR")
    ana.contacts.search("bea").assign(BO, team="Sales")
    return lambda email: Workspace(Access(access.database, [ANA, BO, CY, DI].index(email) + 1))


def names(ws: Workspace) -> list[str]:
    return [inbox.name for inbox in ws.inboxes]


def test_standard_and_team_inboxes_are_always_there(opened):
    ws = opened(BO)
    assert names(ws) == ["All", "Mine", "Unassigned", "Team / Sales"]
    assert [inbox.count() for inbox in ws.inboxes] == [2, 1, 1, 1]
    assert ws.inboxes["team / sales"].contacts.page(0, 10)["name"].tolist() == ["Bea"]
    for name in names(ws):
        with pytest.raises(InvalidValue, match="is always there"):
            ws.inboxes.remove(name)
        with pytest.raises(InvalidValue, match="is always there"):
            ws.inboxes.save(name, F.country == "GB")


def test_a_saved_inbox_has_the_filter_of_the_query(opened):
    ws = opened(ANA)
    query = ws.contacts.where(F.tags.has_any("vip") & (F.country == "GB"))
    saved = ws.inboxes.save("GB VIPs", query)
    assert (saved.creator, saved.mine, str(saved.sharing)) == (ANA, True, "private")
    assert ws.inboxes["gb vips"].contacts.ids().tolist() == query.ids().tolist() == [1]
    assert ws.inboxes.to_frame().set_index("name").loc["GB VIPs", "contacts"] == 1
    with pytest.raises(InvalidValue, match="is taken"):
        ws.inboxes.save("gb vips", F.country == "FR")
    with pytest.raises(InvalidValue, match="can't be saved in an inbox"):
        ws.inboxes.save("Searched", ws.contacts.search("ann"))
    with pytest.raises(NotFound, match="'gone'"):
        ws.inboxes.save("Broken", F.tags.has_any("gone"))


def test_an_inbox_is_seen_by_those_it_is_shared_with(opened):
    ws = opened(ANA)
    ws.inboxes.save("Private", F.country == "GB")
    ws.inboxes.save("Public", F.country == "GB", share="public")
    shared = ws.inboxes.save("With Bo and Sales", F.country == "GB", share=[BO, "sales"])
    assert (shared.users, shared.teams) == ((BO,), ("Sales",))
    with pytest.raises(NotFound, match="neither a user's e-mail address nor a team"):
        ws.inboxes.save("With nobody", F.country == "GB", share=["Nobody"])
    with pytest.raises(InvalidValue, match="is not a way to share"):
        ws.inboxes.save("With nobody", F.country == "GB", share="everyone")
    seen = {}
    for user in (BO, CY, DI):
        ws = opened(user)
        seen[user] = names(ws)[4:]
    assert seen == {BO: ["Public", "With Bo and Sales"], CY: ["Public", "With Bo and Sales"], DI: ["Public"]}


def test_only_its_creator_changes_an_inbox_and_owners_may_remove_it(opened):
    ws = opened(BO)
    ws.inboxes.save("Public", F.country == "GB", share="public")
    assert ws.inboxes.update("public", contacts=F.country == "FR").contacts.ids().tolist() == [2]
    assert ws.inboxes.update("public", new_name="French", share="public").name == "French"
    for user in (CY, ANA):
        with pytest.raises(NotAllowed, match="only its creator may change it"):
            opened(user).inboxes.update("French", new_name="Mine now")
    with pytest.raises(NotAllowed, match="only its creator and owners"):
        opened(CY).inboxes.remove("French")
    ws = opened(ANA)
    ws.inboxes.remove("French")
    assert "French" not in ws.inboxes
    ws.history[int(ws.history()["id"][0])].undo()
    assert ws.inboxes["French"].contacts.ids().tolist() == [2]
    assert ws.check() == []


def test_one_of_ones_own_comes_before_those_of_others_with_the_same_name(opened):
    ws = opened(BO)
    theirs = ws.inboxes.save("Britain", F.country == "GB", share="public")
    ws = opened(ANA)
    ws.inboxes.save("Britain", F.country == "FR")
    assert ws.inboxes["Britain"].mine
    assert not ws.inboxes[theirs.id].mine


def test_a_saved_filter_follows_renames_and_says_what_is_broken(opened):
    ws = opened(ANA)
    ws.channels.add("Shop", "sms")
    everything = (
        F.tags.has_any("vip") | F.assignee.is_any_of([BO]) | (F.team == "Sales") | F.channels.has_any("Shop")
    )
    ws.inboxes.save("All four", everything)
    ws.tags.update("vip", new_name="VIPs")
    ws.users.update(BO, new_email="beau@acme.example")
    ws.teams.update("Sales", new_name="Selling")
    ws.channels.update("Shop", "Shop London")
    inbox = ws.inboxes["All four"]
    assert inbox.broken() == ()
    assert inbox.contacts.ids().tolist() == [1, 2]
    ws.tags.remove("VIPs")
    inbox = ws.inboxes["All four"]
    assert [criterion.name for criterion in inbox.broken()] == ["tags"]
    assert inbox.contacts.ids().tolist() == [2]
    assert ws.inboxes.update("All four", new_name="All three").broken() == inbox.broken()


def test_without_users_everybody_has_the_same_inboxes(workspace):
    workspace.inboxes.save("British", F.country == "GB")
    assert names(workspace) == ["All", "Mine", "Unassigned", "British"]
    workspace.inboxes.update("British", new_name="From Britain")
    workspace.inboxes.remove("From Britain")
    assert names(workspace) == ["All", "Mine", "Unassigned"]
    assert workspace.check() == []
