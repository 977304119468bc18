import re

import pandas as pd
import pytest

import contacts_nb as cn
from contacts_nb.widgets import UnmergePanel
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.history import Operation

ANN, ANNA, ANNIE = 1, 2, 3


@pytest.fixture
def merged(workspace):
    """A workspace in which Ann absorbed Anna."""
    return with_merged(workspace)


@pytest.fixture
def panel(merged):
    return UnmergePanel(merged, ANN)


@pytest.fixture
def in_file(tmp_path):
    """A workspace with the two for what doesn't depend on the database."""
    with cn.create(tmp_path / "contacts.db") as made:
        yield with_merged(made)


def with_merged(workspace: Workspace) -> Workspace:
    workspace.channels.add("Shop", "whatsapp")
    workspace.channels.add("Desk", "email")
    say(workspace, "Shop", "+442079460958")
    say(workspace, "Desk", "anna@example.org")
    workspace.contacts[ANN].update(first_name="Ann", last_name="Lee", country="GB")
    workspace.contacts[ANNA].update(first_name="Anna", last_name="Lee", country="FR", email="anna@example.org")
    workspace.contacts[ANN].tag("vip")
    workspace.contacts[ANNA].tag("press")
    workspace.plan_merge(ANN, ANNA).apply()
    return workspace


def say(workspace: Workspace, channel: str, identifier: str, at: str = "2026-03-02T10:00Z") -> None:
    workspace.record_messages(
        pd.DataFrame(
            {
                "channel": [channel], "identifier": identifier, "direction": "incoming", "text": "Hi",
                "sent_at": pd.Timestamp(at),
            }
        )
    )  # fmt: skip


def choose(panel: UnmergePanel, absorbed: int | str) -> None:
    """What the browser tells when one of the merges is chosen."""
    panel._merges._handle_custom_msg({"name": "merge", "value": str(absorbed)}, [])


def text(html: str) -> str:
    return " ".join(re.sub("<[^>]*(>|$)", " ", html).replace("&#39;", "'").split())


def row(panel: UnmergePanel, label: str) -> str:
    """The text of one row of the review."""
    rows = panel._table.value.split('role="group" aria-label="')
    return text(next(one for one in rows if one.startswith(f'{label}"')).partition(">")[2])


def merges(panel: UnmergePanel) -> list[str]:
    return [text(one) for one in re.findall("<label.*?</label>", panel._merges.content)]


def back(panel: UnmergePanel) -> int:
    """The id of the contact that would come back."""
    assert panel.plan is not None
    return panel.plan.other.id


def is_shown(widget) -> bool:
    display: str | None = widget.layout.display
    return display is None


def said(panel: UnmergePanel) -> str:
    return text(panel._said.value) if is_shown(panel._said) else ""


def test_both_contacts_are_told_as_they_will_be(panel):
    heads = text(panel._table.value.partition('role="group"')[0])
    assert "Now AL Ann Lee Contact 1 2 messages · 0 comments" in heads
    assert "Stays AL Ann Lee Contact 1 1 message · 0 comments" in heads
    assert "Comes back AL Anna Lee Contact 2 1 message · 0 comments" in heads


def test_what_changes_comes_before_what_stays(panel):
    assert row(panel, "Email").startswith("Email Now: anna@example.org Stays: empty given back Comes back: anna@")
    assert row(panel, "Tags").startswith("Tags Now: press vip Stays: vip given back Comes back: press")
    assert row(panel, "Channels") == (
        "Channels Now: Shop +442079460958 Desk anna@example.org Stays: Shop +442079460958 "
        "Comes back: Desk anna@example.org What stays as it is"
    )
    assert row(panel, "Country").startswith("Country Now: United Kingdom Stays: United Kingdom Comes back: France")
    content = panel._table.value
    assert content.index('"Email"') < content.index("What stays as it is") < content.index('"Country"')


def test_what_happened_since_is_listed_with_where_it_goes(merged):
    assert "Nothing has happened since." in UnmergePanel(merged, ANN)._table.value
    merged.contacts[ANN].comment("Likes tea")
    say(merged, "Desk", "anna@example.org", "2027-03-02T10:00Z")
    since = text(UnmergePanel(merged, ANN)._table.value.partition("What happened since")[2])
    assert "When What By Where it goes" in since
    assert re.search(r"commented .*stays on Ann Lee", since)
    assert re.search(r"1 message .*Anna Lee", since)


def test_of_much_that_happened_the_first_hundred_are_shown(in_file):
    for number in range(102):
        in_file.contacts[ANN].comment(f"Call {number}")
    assert "And 2 more." in UnmergePanel(in_file, ANN)._table.value


def test_a_merge_is_taken_apart_and_both_are_back(panel, merged):
    panel._unmerge.click()
    assert text(panel._outcome.value) == (
        "Unmerged: Anna Lee (contact 2) is a contact of its own again, apart from Ann Lee (contact 1)."
    )
    assert (is_shown(panel._review), is_shown(panel._foot)) == (False, False)
    assert panel.operation is not None
    assert panel.operation.kind == "unmerge"
    assert [(merged.contacts[one].id, merged.contacts[one].email) for one in (ANN, ANNA)] == [
        (ANN, None), (ANNA, "anna@example.org"),
    ]  # fmt: skip


def test_a_second_click_does_nothing_more(panel, merged):
    panel._unmerge.click()
    number = len(merged.history())
    panel._unmerge.click()
    assert (len(merged.history()), said(panel)) == (number, "")


def test_an_unmerge_is_undone_and_reviewed_again(merged):
    told: list[Operation] = []
    panel = UnmergePanel(merged, ANN, on_done=told.append)
    panel._unmerge.click()
    panel._undo.click()
    assert text(panel._outcome.value) == "Undone. They are one contact again."
    assert (merged.contacts.count(), is_shown(panel._review), is_shown(panel._undo)) == (1, True, False)
    assert [operation.kind for operation in told] == ["unmerge", "undo"]
    panel._unmerge.click()
    assert merged.contacts.count() == 2


def test_of_several_merges_the_newest_is_reviewed_until_another_is_chosen(merged):
    annie = merged.add_contact(first_name="Annie")
    merged.plan_merge(ANN, annie).apply()
    panel = UnmergePanel(merged, merged.contacts[ANN])
    assert [one.partition(" merged on")[0] for one in merges(panel)] == [
        "Annie (contact 3)", "Anna Lee (contact 2)",
    ]  # fmt: skip
    assert back(panel) == ANNIE
    choose(panel, ANNA)
    assert (back(panel), re.findall('value="(.)" checked', panel._merges.content)) == (ANNA, ["2"])
    assert "cnb-merge-changed" not in panel._table.value
    panel._unmerge.click()
    assert (merged.contacts[ANNA].id, merged.contacts[ANNIE].id) == (ANNA, ANN)


def test_the_id_of_an_absorbed_contact_leads_to_its_own_merge(merged):
    merged.plan_merge(ANN, merged.add_contact(first_name="Annie")).apply()
    assert back(UnmergePanel(merged, ANNA)) == ANNA


def test_what_is_no_merge_is_not_chosen(panel):
    for wrong in ("99", "x", ""):
        choose(panel, wrong)
        assert back(panel) == ANNA


def test_a_contact_that_was_never_merged_has_nothing_to_take_apart(in_file):
    panel = UnmergePanel(in_file, in_file.add_contact(first_name="Bo"))
    assert "No contact is merged into Bo (contact 3)" in text(panel._table.value)
    assert (panel.plan, is_shown(panel._review), is_shown(panel._foot)) == (None, True, False)


def test_what_changed_meanwhile_is_told_and_marked(panel, merged):
    merged.contacts[ANN].update(country="DE")
    panel._unmerge.click()
    assert "changed" in said(panel)
    assert merged.contacts.count() == 1
    assert row(panel, "Country").startswith("Country changed Now: Germany")
    assert "changed" not in row(panel, "Email")
    panel._unmerge.click()
    assert (said(panel), merged.contacts.count(), merged.contacts[ANN].country) == ("", 2, "DE")


def test_a_merge_that_was_taken_apart_meanwhile_is_told(panel, merged):
    merged.plan_unmerge(ANNA).apply()
    panel._unmerge.click()
    assert said(panel) != ""
    assert "No contact is merged into Ann Lee" in text(panel._table.value)
    assert (panel.plan, is_shown(panel._foot)) == (None, False)


def test_a_contact_that_is_gone_is_told(in_file):
    panel = UnmergePanel(in_file, 99)
    assert "There is no contact 99" in said(panel)
    assert (panel.plan, is_shown(panel._review), is_shown(panel._again)) == (None, False, False)
    there = UnmergePanel(in_file, ANN)
    in_file.contacts[ANN].delete()
    there._unmerge.click()
    assert "There is no contact 1" in said(there)
    assert not is_shown(there._review)


def test_an_agent_is_told_that_it_may_not(tmp_path):
    with cn.create(tmp_path / "contacts.db", owner="ana@acme.example") as workspace:
        with_merged(workspace)
        workspace.users.add("bo@acme.example", role="manager")
        with cn.open(tmp_path / "contacts.db", user="bo@acme.example") as opened:
            panel = UnmergePanel(opened, ANN)
            assert "by ana@acme.example" in merges(panel)[0]
            workspace.users.update("bo@acme.example", role="agent")
            panel._unmerge.click()
            assert "may not" in said(panel)
            assert (is_shown(panel._review), workspace.contacts.count()) == (False, 1)


def test_what_breaks_is_told_without_its_details_and_can_be_tried_again(in_file, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("secret")

    with monkeypatch.context() as patched:
        patched.setattr(Workspace, "plan_unmerge", broken)
        panel = UnmergePanel(in_file, ANN)
    assert "Something went wrong" in said(panel)
    assert "secret" not in said(panel)
    assert "ZeroDivisionError: secret" in caplog.text
    panel._again.click()
    assert (said(panel), is_shown(panel._again), is_shown(panel._review)) == ("", False, True)


def test_what_a_contact_holds_is_shown_as_text(in_file):
    hostile = "<script>alert(1)</script>\"'"
    in_file.plan_unmerge(ANNA).apply()
    for one in (ANN, ANNA):
        in_file.contacts[one].update(first_name=f"{hostile}{one}")
        in_file.contacts[one].tag(hostile)
    in_file.plan_merge(ANN, ANNA).apply()
    in_file.contacts[ANN].comment(hostile)
    panel = UnmergePanel(in_file, ANN)
    panel._unmerge.click()
    shown = [panel._table.value, panel._merges.content, panel._outcome.value]
    assert not [html for html in shown if "<script" in html]
    assert all("&lt;script" in html for html in shown)
