"""The app as a whole: what is pressed changes what is looked at, and what is looked at is told everywhere."""

import asyncio

import pytest
from ipywidgets.widgets.widget import _instances

from contacts_nb import F
from contacts_nb.model.columns import SORTABLE
from contacts_nb.model.errors import ContactNotFound, WorkspaceUnavailable
from contacts_nb.widgets import ContactDetails, ContactsApp
from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.state import PanelKind
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access


@pytest.fixture
def app(workspace):
    for name in ("Cy", "Ann", "Anna"):
        workspace.add_contact(first_name=name)
    opened = ContactsApp(workspace)
    opened.state.sort_by("name", descending=False)
    return opened


def press(form: GestureForm, action: str) -> None:
    """Press a button that is there."""
    assert f'data-do="{action}"' in form.content
    form.do(Gesture(action))


def click(app: ContactsApp, row: int, column: str = "Name") -> None:
    app.table._grid._handle_custom_msg(
        {"event_type": "cell-click", "region": "body", "row": row, "column": column, "column_index": 0}, []
    )


def is_open(app: ContactsApp) -> bool:
    return app.drawer in app._body.children


def test_the_app_begins_with_the_last_interaction_first(workspace):
    app = ContactsApp(workspace)
    assert (app.toolbar.order.value, app.toolbar.direction.description) == ("last_interaction", "Descending")
    assert "Acme" in app._header.content


def test_names_are_shown_as_text(workspace):
    workspace.update(name="<script>alert(1)</script>")
    workspace.add_contact(first_name="<script>alert(2)</script>")
    app = ContactsApp(workspace)
    press(app.rows, "first")
    press(app.rows, "details")
    assert "<script>" not in app._header.content + app.rows.content + app.drawer._bar.content


def test_typing_narrows_the_results_and_clearing_widens_them(app):
    assert "3 contacts" in app._status.value
    assert "Clear search" not in app.toolbar.clear.content
    app.toolbar.search.value = "ann"
    assert app.state.results.count == 2
    assert "2 of 3 contacts: “ann” is found" in app._status.value
    press(app.toolbar.clear, "clear")
    assert (app.toolbar.search.value, app.state.search, app.state.results.count) == ("", "", 3)
    assert "Clear search" not in app.toolbar.clear.content


def test_typing_asks_once_when_it_pauses(app):
    seen = []
    app.state.observe(lambda change: seen.append(change["new"].count), "results")

    async def typed() -> None:
        for length in range(1, 4):
            app.toolbar.search.value = "ann"[:length]
            await asyncio.sleep(0.01)
        assert seen == []
        await asyncio.sleep(0.4)

    asyncio.run(typed())
    assert seen == [2]


def test_order_and_direction_are_in_step_with_the_headers(app):
    order, direction, grid = app.toolbar.order, app.toolbar.direction, app.table._grid
    grid.set_state({"_transforms": [{"type": "sort", "column": "Created", "desc": True}]})
    assert (order.value, direction.description) == ("created_at", "Descending")
    order.value = "name"
    assert app.state.sort == "name"
    assert [(mark["column"], mark["desc"]) for mark in grid._transforms] == [("Name", True)]
    direction.click()
    assert (app.state.descending, direction.description) == (False, "Ascending")
    assert [(mark["column"], mark["desc"]) for mark in grid._transforms] == [("Name", False)]
    grid.set_state({"_transforms": []})
    assert (order.value, direction.description) == ("id", "Ascending")


@pytest.mark.parametrize("key", ["id", *SORTABLE])
def test_every_order_that_is_offered_can_be_chosen(app, key):
    app.toolbar.order.value = key
    assert (app.state.sort, app.state.problem, len(app.state.results.query.ids())) == (key, "", 3)


def test_the_drawer_opens_with_a_click_on_a_name_and_closes(app):
    assert not is_open(app)
    click(app, 1)
    assert is_open(app)
    assert isinstance(app.drawer.content, ContactDetails)
    assert app.drawer.content.contact_id == 3
    press(app.drawer._bar, "close")
    assert (is_open(app), app.state.opened) == (False, None)


def test_the_first_row_is_reached_without_a_mouse_and_each_other_from_there(app):
    press(app.rows, "first")
    assert "Row 1 of 3: <strong><bdi>Ann</bdi></strong>" in app.rows.content
    press(app.rows, "below")
    press(app.rows, "below")
    press(app.rows, "below")
    assert "Row 3 of 3" in app.rows.content
    press(app.rows, "above")
    press(app.rows, "tick")
    assert app.state.ticked.tolist() == [3]
    press(app.rows, "messages")
    assert (app.state.panel.kind, app.state.opened) == (PanelKind.MESSAGES, 3)
    app.state.search = "nobody"
    assert "There is no row" in app.rows.content


def ways(app: ContactsApp) -> tuple[bool, bool]:
    """Whether the ways to the previous and to the next contact are closed."""
    content = app.drawer._bar.content
    ends = [content.split(f'data-do="{way}"')[1].split(">")[0] for way in ("previous", "next")]
    return 'aria-disabled="true"' in ends[0], 'aria-disabled="true"' in ends[1]


def test_previous_and_next_walk_the_rows_and_end_with_them(app):
    click(app, 0)
    walked = [(app.state.opened, *ways(app))]
    for way in ("next", "next", "previous"):
        press(app.drawer._bar, way)
        walked.append((app.state.opened, *ways(app)))
    assert walked == [(2, True, False), (3, False, False), (1, False, True), (3, False, False)]
    app.state.search = "ann"
    assert ways(app) == (True, True)


def test_a_contact_deleted_since_it_was_painted_is_nothing_or_a_problem(app, workspace, caplog):
    for contact_id in (1, 2, 3):
        workspace.contacts[contact_id].delete()
    click(app, 0)
    app.state.open_at(2)
    assert (app.state.opened, is_open(app)) == (None, False)
    assert "There is no contact 2" in app.notices.content
    assert "Exception in callback" not in caplog.text


def test_an_id_that_is_gone_is_told_as_a_problem(app):
    app.state.opened = 999
    assert "There is no contact 999" in app.notices.content


@pytest.mark.parametrize("gesture", ["a name", "the next"])
def test_details_that_cannot_be_read_are_told_as_a_problem(app, monkeypatch, gesture):
    click(app, 0)

    def gone(*_args, **_kwargs):
        raise ContactNotFound(3)

    monkeypatch.setattr(ContactDetails, "__init__", gone)
    if gesture == "a name":
        click(app, 1)
    else:
        press(app.drawer._bar, "next")
    assert "There is no contact 3" in app.state.problem


def test_a_problem_is_shown_as_text_and_goes_away_with_the_next_good_step(app):
    app.state.problem = "<b>broken</b>"
    assert "&lt;b&gt;broken" in app.notices.content
    app.toolbar.direction.click()
    assert (app.state.problem, "broken" in app.notices.content) == ("", False)


def test_a_header_that_cannot_be_sorted_by_is_told_as_a_problem(app):
    app.table._grid.set_state({"_transforms": [{"type": "sort", "column": "Tags", "desc": False}]})
    assert "can't be sorted by" in app.notices.content.replace("&#39;", "'")
    assert (app.toolbar.order.value, app.toolbar.direction.description) == ("name", "Ascending")


def test_a_contact_is_merged_with_one_that_is_searched_for_and_unmerged_again(app, workspace):
    workspace.contacts[3].update(phone="+442079460958")
    click(app, 0)
    bar = app.drawer._bar
    assert "Unmerge" not in bar.content
    press(bar, "merge")
    chooser = app.drawer.content
    assert "Search for the other contact" in chooser.form.content
    chooser.look_for("nobody")
    assert "Nobody else is found for “<bdi>nobody</bdi>”" in chooser.form.content
    chooser.look_for("ann")
    assert [(row.name, row.id) for row in chooser.found] == [("Anna", 3)]
    assert "<bdi>+442079460958</bdi> · contact 3" in chooser.form.content
    chooser.choose(3)
    assert "Compared with <bdi>Anna</bdi>" in chooser.form.content
    comparison = chooser.comparison
    comparison._merge.click()
    comparison._confirm.click()
    assert app.state.results.count == 2
    press(bar, "back")
    app.state.look_for("+44 20 7946 0958")
    assert app.state.results.query.ids().tolist() == [2]
    press(bar, "unmerge")
    app.drawer.content._unmerge.click()
    app.state.look_for("")
    assert app.state.results.count == 3
    press(bar, "back")
    assert "Unmerge" not in bar.content


def test_typing_again_leads_back_from_a_comparison_to_whom_it_finds(app):
    click(app, 0)
    press(app.drawer._bar, "merge")
    chooser = app.drawer.content
    chooser.look_for("anna")
    chooser.choose(3)
    assert chooser.found == []
    chooser.look_for("cy")
    assert chooser.comparison is None
    assert [row.id for row in chooser.found] == [1]
    chooser.choose(3)  # not offered any more
    assert chooser.comparison is None


def test_exactly_two_selected_contacts_are_merged(app):
    app.state.tick([1])
    assert "Select exactly two contacts" in app.selection.content
    app.state.tick([3])
    assert "Select exactly two contacts" not in app.selection.content
    press(app.selection, "merge")
    comparison = app.drawer.content
    comparison._merge.click()
    comparison._confirm.click()
    assert (app.state.results.count, app.state.ticked.tolist()) == (2, [1])


def test_a_custom_field_can_be_sorted_by_until_somebody_removes_it(app, workspace):
    workspace.fields.add("Seats", "number")
    workspace.contacts[2].update(fields={"seats": 7})
    app.state.sort_by("seats", descending=True)
    assert (app.toolbar.order.value, app.toolbar.order.label) == ("seats", "Seats")
    assert app.state.results.query.ids().tolist()[0] == 2
    workspace.fields.remove("seats")
    app.state.keep_up()
    assert (app.toolbar.order.value, app.state.problem) == ("id", "")
    assert app.state.results.query.ids().tolist() == [1, 2, 3]


def test_an_inbox_is_shown_with_its_filter(app, workspace):
    workspace.contacts[2].update(country="GB")
    british = workspace.inboxes.save("British", F.country == "GB")
    app.toolbar.search.value = "a"
    app.inboxes.inbox = british.id
    assert (app.state.results.count, app.state.filter, app.state.search) == (1, F.country == "GB", "")
    assert "British" in app.toolbar.inboxes.content
    assert "Filter, 1 criterion" in app.toolbar.tools.content
    assert "1 of 3 contacts: Country is United Kingdom" in app._status.value
    app.inboxes.inbox = "Unassigned"
    assert (app.state.results.count, str(app.state.filter)) == (3, "everyone")
    press(app.toolbar.tools, "filter")
    app.drawer.content.filter = F.country == "GB"
    app.drawer.content._on_change(F.country == "GB")
    assert "1 of 3 contacts: There is no assignee and country is United Kingdom" in app._status.value


def test_the_filter_drawer_follows_an_inbox_and_saves_what_is_looked_at(app, workspace):
    workspace.contacts[2].update(country="GB")
    app.inboxes.inbox = "Unassigned"
    press(app.toolbar.tools, "filter")
    drawn = app.drawer.content
    drawn.filter = F.country == "GB"
    drawn._saving.begin()
    drawn._saving.name = "British, unassigned"
    drawn._guarded(drawn._save)
    saved = workspace.inboxes["British, unassigned"]
    assert saved.filter == F.assignee.is_unassigned() & (F.country == "GB")
    assert (app.state.inbox, app.inboxes.inbox, app.state.filter) == (saved.id, saved.id, saved.filter)
    assert app.drawer.content.filter == saved.filter
    app.inboxes.inbox = "All"
    assert str(app.drawer.content.filter) == "everyone"


def test_what_was_in_the_drawer_leaves_nothing_behind(app, workspace):
    workspace.plan_merge(1, 2).apply()
    app.state.tick([1, 3])
    kinds = [kind for kind in PanelKind if kind not in (PanelKind.DETAILS, PanelKind.MESSAGES)]
    for repeat in range(2):
        for kind in kinds:
            app.state.show(kind, 1 if kind in (PanelKind.MERGE, PanelKind.UNMERGE) else None)
            app.state.close()
        app.state.open(1)
        app.state.close()
        if not repeat:
            before = set(_instances)
    assert set(_instances) == before


def test_columns_that_are_chosen_are_shown_at_once(app):
    press(app.toolbar.tools, "actions")
    app.menu.choose("columns")
    app.drawer.content.show_column("phone", shown=False)
    assert "phone" not in [column["key"] for column in app.table.columns]


def test_a_restricted_user_is_not_offered_what_is_refused(app, workspace):
    workspace.users.add("ana@acme.example", role="owner")
    ana = Workspace(Access(workspace._access.database, 1))
    ana.users.add("bo@acme.example", restrictions=["restrict_data_export", "restrict_contact_deletion"])
    restricted = ContactsApp(Workspace(Access(workspace._access.database, 2)))
    restricted.state.tick([1, 2])
    assert "Assign tags" in restricted.selection.content
    assert "Delete" not in restricted.selection.content
    assert [entry.key for entry in restricted.toolbar._entries()] == ["columns", "python"]
    assert "delete" not in [entry.key for entry in restricted.row_actions._entries(1)]
    click(restricted, 0)
    assert "Delete" not in restricted.drawer._bar.content
    ana.users.update("bo@acme.example", restrictions=[])
    restricted.state.keep_up()
    assert "Delete" in restricted.selection.content


def test_what_is_refused_all_the_same_is_told(app, workspace):
    app.state.tick([1])
    workspace.users.add("ana@acme.example", role="owner")  # nobody may do anything without a name now
    app.actions.tag(("vip",))
    assert "This workspace has users" in app.notices.content


def test_a_lost_database_is_told_and_comes_back_by_itself(app, monkeypatch):
    def lost(_self):
        raise WorkspaceUnavailable("The database can't be reached. Check that its server is running.")

    async def wait() -> None:
        from contacts_nb.widgets import keeping_up

        monkeypatch.setattr(keeping_up, "_SECONDS", 0.01)
        keeping_up.keep_up(app.state)
        with monkeypatch.context() as broken:
            broken.setattr(type(app.state._contacts), "version", lost)
            await asyncio.sleep(0.1)
            assert "can&#39;t be reached" in app.notices.content
            assert "goes on by itself" in app.notices.content
        await asyncio.sleep(0.2)

    asyncio.run(wait())
    assert "reached" not in app.notices.content


def test_what_was_looked_for_while_the_database_was_lost_is_found_when_it_is_back(app, monkeypatch):
    def lost(_self):
        raise WorkspaceUnavailable("The database can't be reached.")

    with monkeypatch.context() as broken:
        broken.setattr(type(app.state._contacts), "count", lost)
        app.toolbar.search.value = "ann"
    assert (app.state.problem, app.state.results.count) == ("The database can't be reached.", 3)
    app.state.keep_up()
    assert app.state.results.count == 2


def test_adding_says_so_and_can_be_undone(app, workspace):
    press(app._header, "add")
    app.drawer._added(workspace.add_contact(first_name="Dee"), workspace.history[4])
    assert "Dee added." in app.notices.content
    assert app.state.opened == 4
    for said, count in (("Undone: Dee added.", 3), ("Done again: Dee added.", 4), ("Undone: Dee added.", 3)):
        press(app.notices, "undo")
        assert f"<span>{said}</span>" in app.notices.content
        assert app.state.results.count == count
