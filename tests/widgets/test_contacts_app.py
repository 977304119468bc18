import asyncio

import pytest

from contacts_nb.model.columns import SORTABLE
from contacts_nb.model.errors import ContactNotFound
from contacts_nb.widgets import ContactsApp, contacts_app
from contacts_nb.workspace import Workspace


@pytest.fixture
def app(workspace):
    for name in ("Cy", "Ann", "Anna"):
        workspace.add_contact(first_name=name)
    opened = ContactsApp(workspace)
    opened.state.sort_by("name", descending=False)
    return opened


def forget(workspace: Workspace, contact_id: int) -> None:
    workspace.contacts[contact_id].delete()


def click(app: ContactsApp, row: int) -> None:
    app._table._grid._handle_custom_msg(
        {"event_type": "cell-click", "region": "body", "row": row, "column": "Name", "column_index": 0}, []
    )


def is_open(app: ContactsApp) -> bool:
    return app._drawer in app._body.children


def test_the_app_begins_with_the_last_interaction_first(workspace):
    app = ContactsApp(workspace)
    assert (app._order.value, app._direction.description) == ("last_interaction", "Descending")
    assert "Acme" in app.children[1].children[0].value


def test_the_name_of_a_workspace_is_shown_as_text(workspace):
    workspace.update(name="<script>alert(1)</script>")
    assert "<script>" not in ContactsApp(workspace).children[1].children[0].value


def test_typing_narrows_the_results_and_clearing_widens_them(app):
    assert "3 contacts" in app._count.value
    assert app._clear.layout.display == "none"
    app._search.value = "ann"
    assert app.state.results.count == 2
    assert "2 of 3 contacts found" in app._count.value
    assert app._clear.layout.display is None
    app._clear.click()
    assert (app._search.value, app.state.search, app.state.results.count) == ("", "", 3)
    assert app._clear.layout.display == "none"


def test_typing_asks_once_when_it_pauses(app):
    seen = []
    app.state.observe(lambda change: seen.append(change["new"].count), "results")

    async def typed() -> None:
        for length in range(1, 4):
            app._search.value = "ann"[:length]
            await asyncio.sleep(0.01)
        assert seen == []
        await asyncio.sleep(0.4)

    asyncio.run(typed())
    assert seen == [2]


def test_order_and_direction_are_in_step_with_the_headers(app):
    app._table._grid.set_state({"_transforms": [{"type": "sort", "column": "Created", "desc": True}]})
    assert (app._order.value, app._direction.description) == ("created_at", "Descending")
    app._order.value = "name"
    assert app.state.sort == "name"
    assert [(mark["column"], mark["desc"]) for mark in app._table._grid._transforms] == [("Name", True)]
    app._direction.click()
    assert (app.state.descending, app._direction.description) == (False, "Ascending")
    assert [(mark["column"], mark["desc"]) for mark in app._table._grid._transforms] == [("Name", False)]
    app._table._grid.set_state({"_transforms": []})
    assert (app._order.value, app._direction.description) == ("id", "Ascending")


@pytest.mark.parametrize("key", ["id", *SORTABLE])
def test_every_order_that_is_offered_can_be_chosen(app, key):
    app._order.value = key
    assert (app.state.sort, app.state.problem, len(app.state.results.query.ids())) == (key, "", 3)


def test_the_drawer_opens_with_a_click_on_a_name_and_closes(app):
    assert not is_open(app)
    click(app, 1)
    assert is_open(app)
    assert "Anna" in app._drawer.children[-1].children[-1].value
    close = app._drawer._bar.children[-1]
    close.click()
    assert (is_open(app), app.state.opened) == (False, None)


def test_the_first_contact_is_opened_without_a_mouse(app):
    app._first.click()
    assert app.state.opened == 2
    app.state.search = "nobody"
    assert app._first.disabled


def test_previous_and_next_walk_the_rows_and_end_with_them(app):
    previous, following = app._drawer._previous, app._drawer._next
    app._first.click()
    walked = [(app.state.opened, previous.disabled, following.disabled)]
    for button in (following, following, previous):
        button.click()
        walked.append((app.state.opened, previous.disabled, following.disabled))
    assert walked == [(2, True, False), (3, False, False), (1, False, True), (3, False, False)]
    app.state.search = "ann"
    assert (previous.disabled, following.disabled) == (True, True)


def test_a_contact_deleted_since_it_was_painted_is_nothing_or_a_problem(app, workspace, caplog):
    for contact_id in (1, 2, 3):
        forget(workspace, contact_id)
    click(app, 0)
    app._first.click()
    app.state.open_at(2)
    assert (app.state.opened, is_open(app)) == (None, False)
    assert "Exception in callback" not in caplog.text


def test_an_id_that_is_gone_is_told_as_a_problem(app):
    app.state.opened = 999
    assert "There is no contact 999" in app.state.problem
    assert "There is no contact 999" in app._problem.value
    assert app._problem.layout.display is None


@pytest.mark.parametrize("gesture", ["a name", "the first", "the next"])
def test_details_that_cannot_be_read_are_told_as_a_problem(app, monkeypatch, gesture):
    click(app, 0)

    def gone(*_args, **_kwargs):
        raise ContactNotFound(3)

    monkeypatch.setattr(contacts_app, "ContactDetails", gone)
    if gesture == "a name":
        click(app, 1)
    elif gesture == "the first":
        app._drawer._bar.children[-1].click()
        app._first.click()
    else:
        app._drawer._next.click()
    assert "There is no contact 3" in app.state.problem


def test_a_problem_is_shown_as_text_and_goes_away_with_the_next_good_step(app):
    app.state.problem = "<b>broken</b>"
    assert "&lt;b&gt;broken" in app._problem.value
    app._direction.click()
    assert (app.state.problem, app._problem.layout.display) == ("", "none")


def test_a_header_that_cannot_be_sorted_by_is_told_as_a_problem(app):
    app._table._grid.set_state({"_transforms": [{"type": "sort", "column": "Tags", "desc": False}]})
    assert "can't be sorted by" in app._problem.value.replace("&#39;", "'")
    assert (app._order.value, app._direction.description) == ("name", "Ascending")


def test_a_contact_is_merged_with_one_that_is_searched_for_and_unmerged_again(app, workspace):
    workspace.contacts[3].update(phone="+442079460958")
    click(app, 0)
    drawer = app._drawer
    assert drawer._unmerge.layout.display == "none"
    drawer._merge.click()
    chooser = drawer.children[-1]
    assert "Search for the other contact" in chooser._status.value
    chooser.search.value = "nobody"
    assert "Nobody else is found for “nobody”" in chooser._status.value
    chooser.search.value = "ann"
    assert [label for label, _ in chooser.found.options] == ["Anna · +442079460958 · contact 3"]
    chooser.found.value = 3
    comparison = chooser.children[-1]
    comparison._merge.click()
    comparison._confirm.click()
    assert app.state.results.count == 2
    drawer._back.click()
    assert drawer._unmerge.layout.display is None
    assert "Merged from" in drawer.children[-1].children[-1].value
    app.state.look_for("+44 20 7946 0958")
    assert app.state.results.query.ids().tolist() == [2]
    drawer._unmerge.click()
    panel = drawer.children[-1]
    panel._unmerge.click()
    app.state.look_for("")
    assert app.state.results.count == 3
    drawer._back.click()
    assert drawer._unmerge.layout.display == "none"


def test_typing_again_leads_back_from_a_comparison_to_whom_it_finds(app):
    click(app, 0)
    app._drawer._merge.click()
    chooser = app._drawer.children[-1]
    chooser.search.value = "anna"
    chooser.found.value = 3
    chooser.search.value = "cy"
    assert chooser.children[-1] is chooser.found
    assert [contact_id for _, contact_id in chooser.found.options] == [1]


def test_a_custom_field_can_be_sorted_by_until_somebody_removes_it(app, workspace):
    workspace.fields.add("Seats", "number")
    workspace.contacts[2].update(fields={"seats": 7})
    app.state.sort_by("seats", descending=True)
    assert (app._order.value, app._order.label) == ("seats", "Seats")
    assert app.state.results.query.ids().tolist()[0] == 2
    workspace.fields.remove("seats")
    app.state.keep_up()
    assert (app._order.value, app.state.problem) == ("id", "")
    assert app.state.results.query.ids().tolist() == [1, 2, 3]
