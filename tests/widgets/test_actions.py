"""What is done to the selected contacts: beside the page, told, undone, and again in Python."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from contacts_nb import F
from contacts_nb.widgets import ContactsApp
from contacts_nb.widgets.actions import FileKind
from contacts_nb.widgets.doing import Deed
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.import_background import Told
from contacts_nb.widgets.python_code import code_of_action
from contacts_nb.widgets.state import PanelKind
from contacts_nb.workspace import Workspace, changes
from contacts_nb.workspace.access import Access


@pytest.fixture
def app(workspace):
    for number in range(1, 7):
        workspace.add_contact(first_name=f"No {number}", country="GB" if number % 2 else None)
    workspace.teams.add("Sales")
    return ContactsApp(workspace)


def said(app: ContactsApp) -> str:
    """The line of what was done last."""
    outcome = app.doing.outcome
    return outcome.sentence if outcome else app.state.problem


def saved(app: ContactsApp) -> bytes:
    """What the browser puts together, asking for one piece after the other."""
    download, pieces = app.download, list[bytes]()
    told: list[dict[str, Any]] = []

    def send(content: dict[str, Any], buffers: list[bytes]) -> None:
        told.append(content)
        pieces.extend(buffers)

    download.send = send
    download._send_piece(0)
    while not told[-1]["last"]:
        download._told(download, {"next": told[-1]["piece"] + 1}, [])
    download._told(download, {"saved": True}, [])
    return b"".join(pieces)


def test_tags_are_given_to_the_selected_taken_off_and_undone(app, workspace):
    app.state.tick([1, 2])
    app.state.show(PanelKind.TAG)
    app.drawer.content._on_confirm(("spring", "vip"))
    assert said(app) == "“spring” and “vip” given to 2 contacts"
    assert (app.state.panel, app.state.ticked.tolist()) == (None, [1, 2])
    assert [workspace.contacts[one].tags for one in (1, 3)] == [("spring", "vip"), ()]
    app.notices.do(Gesture("undo"))
    assert said(app) == "Undone: “spring” and “vip” given to 2 contacts"
    app.notices.do(Gesture("undo"))
    assert workspace.contacts[2].tags == ("spring", "vip")
    app.actions.untag(("spring",))
    assert said(app) == "“spring” taken off 2 contacts"
    app.actions.untag(("spring",))
    assert said(app) == "Nothing had to be changed"
    assert "Undo" not in app.notices.content


def test_the_selected_are_assigned(app, workspace):
    app.state.tick([5])
    app.actions.assign({"team": "Sales"})
    assert (said(app), workspace.contacts[5].team) == ("1 contact assigned to Sales", "Sales")
    app.actions.assign({"team": None})
    assert (said(app), workspace.contacts[5].team) == ("1 contact assigned to nobody", None)


def test_whom_the_selected_are_assigned_to_is_told_by_name(workspace):
    workspace.add_contact(first_name="Ann")
    workspace.users.add("ana@acme.example", name="Ana Ample", role="owner")
    app = ContactsApp(Workspace(Access(workspace._access.database, 1)))
    app.state.tick([1])
    app.actions.assign({"user": "ana@acme.example"})
    assert said(app) == "1 contact assigned to Ana Ample"


def test_deleting_many_needs_their_number_and_empties_the_selection(app, workspace):
    app.state.filter = F.country == "GB"
    app.state.tick_all()
    app.state.show(PanelKind.DELETE)
    question = app.drawer.content.question
    assert not question.confirm("2")
    assert question.confirm("3")
    assert said(app) == "3 contacts deleted for ever"
    assert 'data-do="undo"' not in app.notices.content
    assert (workspace.contacts.count(), len(app.state.ticked), app.state.panel) == (3, 0, None)


def test_deleting_one_names_it(app, workspace):
    app.row_actions.do("delete", SimpleNamespace(contact=4, row=0))
    assert "No 4" in app.drawer.content.question._form.content
    assert app.drawer.content.question.confirm()
    assert workspace.contacts.get(4) is None


def test_a_selection_lives_on_through_searches_sorts_and_deletions_by_others(app, workspace):
    app.state.tick([1, 2, 6])
    app.state.look_for("no 2")
    app.state.sort_by("name", descending=True)
    assert app.state.ticked.tolist() == [1, 2, 6]
    assert "3 contacts selected, 2 of them not shown here" in app.selection.content
    workspace.contacts[6].delete()
    app.state.keep_up()
    assert "2 contacts selected, 1 of them not shown here" in app.selection.content
    app.state.look_for("no 3")
    assert "2 contacts selected, none of them shown here" in app.selection.content
    app.state.tick([2], on=False)
    assert "1 contact selected, not shown here" in app.selection.content


def test_all_that_match_are_selected_with_those_from_before(app):
    app.state.tick([2])
    app.state.filter = F.country == "GB"
    app.selection.do(Gesture("all"))
    assert app.state.ticked.tolist() == [1, 2, 3, 5]
    app.selection.do(Gesture("none"))
    assert "No contact is selected" in app.selection.content


@pytest.mark.parametrize("kind", FileKind)
def test_a_file_of_the_selected_is_saved_by_the_browser(app, monkeypatch, kind):
    monkeypatch.setattr("contacts_nb.widgets.download._PIECE", 50)
    app.state.tick([2, 3])
    app.actions.export(kind)
    assert said(app).startswith("2 contacts exported to contacts-")
    content = saved(app)
    assert content
    if kind is FileKind.CSV:
        assert b"No 2" in content
        assert b"No 4" not in content
    elif kind is FileKind.VCARD:
        assert content.count(b"BEGIN:VCARD") == 2


def test_without_a_selection_what_is_shown_is_exported_in_its_order(app, tmp_path):
    app.state.filter = F.country == "GB"
    app.state.sort_by("name", descending=True)
    app.actions.export(FileKind.CSV)
    (tmp_path / "x.csv").write_bytes(saved(app))
    assert pd.read_csv(tmp_path / "x.csv")["first_name"].tolist() == ["No 5", "No 3", "No 1"]


def test_what_was_done_runs_again_as_python(app, workspace, tmp_path):
    app.state.filter = F.country == "GB"
    app.state.tick_all()
    app.actions.tag(("it's “spring”",))
    last = app.doing.outcome
    code = code_of_action(workspace, last.query, f"contacts.{last.call}")
    assert "F.country == 'GB'" in code
    last.operation.undo()
    app.state.show(PanelKind.PYTHON)
    assert len(app.drawer.content.children) == 2
    if workspace.path is not None:
        exec(code, {})  # noqa: S102 - what a person would paste
        assert workspace.contacts.where(F.tags.has_any("it's “spring”")).ids().tolist() == [1, 3, 5]


def test_selected_one_by_one_is_written_as_ids(app):
    app.state.filter = F.country == "GB"
    app.state.tick_all()
    app.state.tick([1], on=False)
    assert app.state.as_chosen().selection.ids.tolist() == [3, 5]


def test_long_work_tells_how_far_it_is_and_the_page_goes_on(app, workspace, monkeypatch):
    monkeypatch.setattr(changes, "_AT_ONCE", 1)
    monkeypatch.setattr("contacts_nb.widgets.import_background._TELLING_PAUSE", 0.0)
    app.state.tick(range(1, 7))
    seen = []
    app.doing.observe(lambda change: seen.append(change["new"]), "work")

    async def work() -> None:
        app.actions.tag(("spring",))
        assert "Tagging 6 contacts" in app.notices.content
        app.state.look_for("no 1")  # meanwhile
        for _ in range(500):
            await asyncio.sleep(0.01)
            if app.doing.work is None:
                return

    asyncio.run(work())
    assert [(one.done, one.total) for one in seen if one and one.total] == [(number, 6) for number in range(1, 7)]
    assert said(app) == "“spring” given to 6 contacts"
    assert app.state.results.count == 1


def test_long_work_is_cancelled_and_has_changed_nothing(app, workspace, monkeypatch):
    monkeypatch.setattr(changes, "_AT_ONCE", 1)
    app.state.tick(range(1, 7))

    def slowly(contacts: object, told: Told) -> object:
        def slow(done: int, total: int | None) -> None:
            time.sleep(0.02)
            told(done, total)

        return workspace.contacts.tag("spring", progress=slow)

    async def work() -> None:
        app.actions._change("Tagging", slowly, lambda _operation: "done", "")
        await asyncio.sleep(0.03)
        app.notices.do(Gesture("stop"))
        assert "Cancelling…" in app.notices.content
        app.actions.tag(("other",))
        assert "still going on" in app.state.problem
        for _ in range(500):
            await asyncio.sleep(0.01)
            if app.doing.work is None:
                return

    asyncio.run(work())
    assert said(app) == "Cancelled; nothing was changed."
    assert "spring" not in workspace.tags


def test_what_fails_is_told_and_the_next_thing_can_be_done(app, caplog):
    def fail(_told: Told) -> None:
        raise RuntimeError("disk on fire")

    app.doing.do(Deed("Failing", fail, str))
    assert "Something went wrong" in app.notices.content
    assert "disk on fire" in caplog.text
    app.state.tick([1])
    app.actions.tag(("spring",))
    assert (said(app), app.state.problem) == ("“spring” given to 1 contact", "")
