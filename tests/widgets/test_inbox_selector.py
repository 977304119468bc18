"""Inboxes as a list: what is in it, what is chosen, how many contacts each holds, and changing one's own."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Callable
from weakref import ref

import pytest

from contacts_nb import F
from contacts_nb.model.errors import NotFound
from contacts_nb.widgets.confirm_panel import ConfirmPanel
from contacts_nb.widgets.inbox_editor import InboxEditor
from contacts_nb.widgets.inbox_list import SEARCHED_FROM
from contacts_nb.widgets.inbox_selector import InboxSelector
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.inboxes import Inbox

ANA, BO, CY = "ana@acme.example", "bo@acme.example", "cy@acme.example"
Opened = Callable[[str], Workspace]


@pytest.fixture
def opened(workspace: Workspace) -> Opened:
    """Opens a workspace of an owner, two managers and a team, as one of them."""
    workspace.users.add(ANA, role="owner", name="Ana")
    access = workspace._access
    ana = Workspace(Access(access.database, 1))
    ana.users.add(BO, role="manager")
    ana.users.add(CY, role="manager")
    ana.teams.add("Sales", members=[CY])
    ana.add_contact(first_name="Ann", country="GB", assignee=ANA)
    ana.add_contact(first_name="Bea", country="FR", team="Sales")
    ana.add_contact(first_name="Cleo", country="FR")
    return lambda email: Workspace(Access(access.database, [ANA, BO, CY].index(email) + 1))


def shown(selector: InboxSelector) -> dict[str, str]:
    """By the names of the inboxes that are seen, what stands for their counts."""
    rows = re.findall(r"<li [^>]*data-row=[^>]*>.*?</li>", selector._list.content)
    return {
        re.findall("<bdi>(.*?)</bdi>", row)[0]: re.findall(r'inbox-count">([\d,]*)', row)[0]
        for row in rows
        if not re.match("<li [^>]*hidden", row)
    }


def sections(selector: InboxSelector) -> list[str]:
    return re.findall("<h4>(.*?)</h4>", selector._list.content)


def press(selector: InboxSelector, action: str, name: object = "") -> None:
    selector._list._handle_custom_msg({"action": action, "name": str(name)}, [])


def panel_of(selector: InboxSelector) -> InboxEditor | ConfirmPanel:
    assert selector._list.layout.display == "none"
    panel: InboxEditor | ConfirmPanel = selector.children[2]
    return panel


def save(selector: InboxSelector, **values: list[str]) -> InboxEditor:
    editor = panel_of(selector)
    editor._handle_custom_msg({"action": "submit", "values": values}, [])
    return editor


def is_listed(selector: InboxSelector) -> bool:
    return selector._list.layout.display is None and len(selector.children) == 2


def test_all_sections_are_there_with_a_count_each(opened):
    opened(BO).inboxes.save("Everybody's", F.country == "FR", share="public")
    ana = opened(ANA)
    ana.inboxes.save("British", F.country == "GB")
    selector = InboxSelector(ana)
    assert shown(selector) == {
        "All": "3", "Mine": "1", "Unassigned": "2", "Sales": "1", "British": "1", "Everybody&#39;s": "2",
    }  # fmt: skip
    assert sections(selector) == ["Teams", "Created by me", "Created by others"]
    assert selector.inbox == "All"
    assert f'by <bdi title="{BO}">bo</bdi>' in selector._list.content


def test_sections_without_inboxes_are_left_out(workspace):
    assert sections(InboxSelector(workspace)) == []


def test_an_inbox_is_chosen_by_a_press_and_told(opened):
    ws = opened(ANA)
    saved = ws.inboxes.save("French", F.country == "FR")
    told: list[Inbox] = []
    selector = InboxSelector(ws, on_choice=told.append)
    assert told == []
    press(selector, "choose", saved.id)
    press(selector, "choose", "Team / Sales")
    press(selector, "choose", "Team / Sales")
    assert [inbox.name for inbox in told] == ["French", "Team / Sales"]
    assert selector.chosen.contacts.ids().tolist() == [2]
    assert selector._list.content.count("aria-current") == 1


@pytest.mark.parametrize("wanted", ["french", "FRENCH", 1])
def test_an_inbox_is_chosen_in_python_by_name_or_id(opened, wanted):
    ws = opened(ANA)
    selector = InboxSelector(ws)
    saved = ws.inboxes.save("French", F.country == "FR")  # after the list was read
    selector.inbox = wanted
    assert (selector.inbox, selector.chosen.name) == (saved.id, "French")
    with pytest.raises(NotFound, match="doesn't exist, or isn't shared with you"):
        selector.inbox = "German"
    assert selector.inbox == saved.id


def test_ones_own_inbox_is_meant_where_another_has_the_same_name(opened):
    theirs = opened(BO).inboxes.save("Britain", F.country == "GB", share="public")
    ws = opened(ANA)
    mine = ws.inboxes.save("Britain", F.country == "FR")
    selector = InboxSelector(ws)
    selector.inbox = "britain"
    assert selector.inbox == mine.id
    selector.inbox = theirs.id
    assert selector.chosen.creator == BO


def test_names_are_text_isolated_and_whole_in_their_title(opened):
    ws = opened(ANA)
    hostile, long = "<img src=x onerror=alert(1)>", "x" * 255
    ws.inboxes.save(hostile, F.country == "GB")
    ws.inboxes.save(long, F.country == "GB")
    content = InboxSelector(ws)._list.content
    assert "<img" not in content
    assert "<bdi>&lt;img src=x onerror=alert(1)&gt;</bdi>" in content
    assert f'title="{long} · ' in content


def test_one_can_search_where_there_are_many(opened):
    ws = opened(ANA)
    for number in range(SEARCHED_FROM - 5):
        ws.inboxes.save(f"Café {number}", F.country == "GB")
    selector = InboxSelector(ws)
    assert len(shown(selector)) == SEARCHED_FROM - 1
    assert 'type="search"' not in selector._list.content
    ws.inboxes.save("Übersee", F.country == "GB")
    selector.step()
    assert 'type="search"' in selector._list.content
    selector._list._handle_custom_msg({"action": "typed", "name": "search", "value": " CAFE "}, [])
    assert len(shown(selector)) == SEARCHED_FROM - 5
    assert selector._list.content.count('tabindex="0"') == 2  # one row: its name and its pencil
    selector._list._handle_custom_msg({"action": "typed", "name": "search", "value": "<b>"}, [])
    assert shown(selector) == {}
    assert "No inbox is called “<bdi>&lt;b&gt;</bdi>”." in selector._list.content
    for inbox in [inbox for inbox in ws.inboxes if inbox.id]:
        ws.inboxes.remove(inbox.id)
    selector.step()
    assert list(shown(selector)) == ["All", "Mine", "Unassigned", "Sales"]


def test_counts_follow_what_others_do(opened):
    selector = InboxSelector(opened(ANA))
    opened(BO).add_contact(first_name="Dee", assignee=ANA)
    assert selector.step() > 0
    assert (shown(selector)["All"], shown(selector)["Mine"]) == ("4", "2")


def test_counting_takes_turns_with_what_a_person_does(opened, monkeypatch):
    ws = opened(ANA)

    async def looked_at() -> list[int]:
        selector = InboxSelector(ws)
        seen = [sum(map(bool, shown(selector).values()))]
        monkeypatch.setattr("contacts_nb.widgets.inbox_selector._DRAWING", -1)
        while selector._to_count:
            await asyncio.sleep(0)
            seen.append(sum(map(bool, shown(selector).values())))
        return seen

    seen = asyncio.run(looked_at())
    assert (seen[0], seen[-1]) == (0, 4)
    assert sorted(set(seen)) == [0, 1, 2, 3, 4]


def test_a_selector_that_nobody_has_any_more_is_not_kept(opened):
    ws = opened(ANA)

    async def left() -> object:
        selector = InboxSelector(ws)
        watched = ref(selector)
        selector.close()
        for child in selector.children:
            child.close()
        del selector, child
        for _ in range(3):
            await asyncio.sleep(0.01)
            gc.collect()
        return watched()

    assert asyncio.run(left()) is None


def test_a_database_that_is_away_is_waited_for(opened, monkeypatch, caplog):
    ws = opened(ANA)
    selector = InboxSelector(ws)

    def away(_query: object) -> int:
        raise OSError("gone")

    with monkeypatch.context() as patched:
        patched.setattr("contacts_nb.workspace.contacts.Contacts.version", away)
        assert [selector.step() > 0, selector.step() > 0] == [True, True]
    assert caplog.text.count("can't be counted") == 1
    ws.add_contact(first_name="Dee")
    selector.step()
    assert shown(selector)["All"] == "4"


def test_a_broken_filter_is_marked_and_the_inbox_still_opens(opened):
    ws = opened(ANA)
    ws.tags.add("vip")
    saved = ws.inboxes.save("VIPs", F.tags.has_any("vip"))
    selector = InboxSelector(ws)
    assert "Part of its filter is gone" not in selector._list.content
    ws.tags.remove("vip")
    selector.step()
    assert "Part of its filter is gone" in selector._list.content
    selector.inbox = "VIPs"
    assert (selector.inbox, selector.chosen.count()) == (saved.id, 0)


def test_ones_own_inbox_is_renamed_and_shared(opened):
    ws = opened(ANA)
    saved = ws.inboxes.save("French", F.country == "FR")
    selector = InboxSelector(ws)
    press(selector, "edit", saved.id)
    assert isinstance(panel_of(selector), InboxEditor)
    save(selector, name=[" From France "], sharing=["shared"], **{"with": ["Sales", BO]})
    assert is_listed(selector)
    inbox = ws.inboxes["From France"]
    assert (inbox.teams, inbox.users) == (("Sales",), (BO,))
    assert "From France" in shown(selector)
    assert f'Shared with <bdi>Sales</bdi>, <bdi title="{BO}">bo</bdi>' in selector._list.content
    assert "From France" in [one.name for one in opened(CY).inboxes]


def test_what_nobody_changed_is_not_saved(opened):
    ws = opened(ANA)
    saved = ws.inboxes.save("French", F.country == "FR", share=[BO])
    selector = InboxSelector(ws)
    press(selector, "edit", saved.id)
    before = ws.contacts.version()
    save(selector, name=["French"], sharing=["shared"], **{"with": [BO]})
    assert is_listed(selector)
    assert ws.contacts.version() == before


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ["British"], "sharing": ["private"]}, "is taken; choose another"),
        ({"name": ["mine"], "sharing": ["private"]}, "always there"),
        ({"name": [" "], "sharing": ["private"]}, "inbox"),
        ({"name": ["French"], "sharing": ["shared"]}, "has nobody chosen"),
        ({"name": ["French"], "sharing": ["shared"], "with": ["Nobody"]}, "neither a user"),
    ],
)
def test_what_cannot_be_saved_is_told_in_the_form(opened, values, said):
    ws = opened(ANA)
    ws.inboxes.save("British", F.country == "GB")
    saved = ws.inboxes.save("French", F.country == "FR")
    selector = InboxSelector(ws)
    press(selector, "edit", saved.id)
    editor = save(selector, **values)
    problems = re.findall(r'role="alert"[^>]*>(.*?)</p>', editor.content)
    assert [said in problem.replace("&#39;", "'") for problem in problems if problem] == [True]
    assert ws.inboxes["French"].sharing == "private"
    press_in(editor, "escape")
    assert is_listed(selector)


def press_in(panel: InboxEditor, action: str) -> None:
    panel._handle_custom_msg({"action": action}, [])


def test_an_inbox_is_deleted_after_a_question(opened):
    ws = opened(ANA)
    saved = ws.inboxes.save("French", F.country == "FR")
    told: list[Inbox] = []
    selector = InboxSelector(ws, on_choice=told.append)
    selector.inbox = saved.id
    press(selector, "edit", saved.id)
    press_in(panel_of(selector), "remove")
    question = panel_of(selector)
    assert isinstance(question, ConfirmPanel)
    question.cancel()
    assert is_listed(selector)
    press(selector, "edit", saved.id)
    press_in(panel_of(selector), "remove")
    assert panel_of(selector).confirm()
    assert is_listed(selector)
    assert "French" not in shown(selector)
    assert "The inbox “French” was deleted." in selector._list.content
    assert ([inbox.name for inbox in told], selector.inbox) == (["French", "All"], "All")
    assert ws.contacts.count() == 3


def test_owners_delete_those_of_others_and_managers_do_not(opened):
    saved = opened(BO).inboxes.save("Bo's", F.country == "FR", share="public")
    manager = InboxSelector(opened(CY))
    assert "cnb-icon-button" not in manager._list.content
    press(manager, "remove", saved.id)
    question = panel_of(manager)
    assert not question.confirm()
    assert "only its creator and owners" in question._form.content
    owner = InboxSelector(opened(ANA))
    assert 'data-do="edit"' not in owner._list.content
    assert "Delete Bo&#39;s" in owner._list.content
    press(owner, "remove", saved.id)
    assert panel_of(owner).confirm()
    assert "Bo&#39;s" not in shown(owner)


def test_an_inbox_that_others_take_away_gives_way_to_all(opened):
    bo = opened(BO)
    saved = bo.inboxes.save("Bo's", F.country == "FR", share="public")
    told: list[Inbox] = []
    selector = InboxSelector(opened(ANA), on_choice=told.append)
    selector.inbox = saved.id
    bo.inboxes.update(saved.id, share="private")
    selector.step()
    assert (selector.inbox, told[-1].name) == ("All", "All")
    assert "isn&#39;t there any more" in selector._list.content


def test_what_goes_wrong_is_told_in_the_list(opened):
    def refuses(_inbox: object) -> None:
        raise RuntimeError("no")

    selector = InboxSelector(opened(ANA), on_choice=refuses)
    press(selector, "choose", "Mine")
    assert "Something went wrong" in selector._list.content
    press(selector, "edit", "999")
    assert "isn&#39;t there any more" in selector._list.content


def test_without_users_everybody_may_change_everything(workspace):
    saved = workspace.inboxes.save("British", F.country == "GB")
    selector = InboxSelector(workspace)
    press(selector, "edit", saved.id)
    assert "Some people and teams" not in panel_of(selector).content
    save(selector, name=["From Britain"], sharing=["public"])
    assert (workspace.inboxes["From Britain"].sharing, is_listed(selector)) == ("public", True)
