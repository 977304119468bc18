"""Places in the table: who is open and who was pressed last are found again when rows have moved."""

import pytest

from contacts_nb.widgets import ContactDetails, ContactsApp
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.row_finding import row_of
from contacts_nb.widgets.state import Focus, Panel, PanelKind, ViewState


@pytest.fixture
def state(workspace):
    for name in ("Ann", "Bo", "Cy", "Dee"):
        workspace.add_contact(first_name=name)
    return ViewState(workspace.contacts, sort="name")


def test_a_contact_is_found_near_its_row_and_at_the_top(workspace, monkeypatch):
    monkeypatch.setattr("contacts_nb.widgets.row_finding._AROUND", 1)
    for name in "ABCDEFGHIJ":
        workspace.add_contact(first_name=name)
    contacts = workspace.contacts
    assert [row_of(contacts, 5, before) for before in (3, 4, 5)] == [4, 4, 4]
    assert (row_of(contacts, 2, 9), row_of(contacts, 5, 9), row_of(contacts, 99, 0)) == (1, None, None)


def test_whoever_is_open_keeps_the_way_to_the_next_when_rows_move(state, workspace):
    state.open_at(2)
    workspace.add_contact(first_name="Abe")
    state.keep_up()
    assert (state.opened, state.position) == (3, 3)
    workspace.contacts[3].update(first_name="Aa")
    state.keep_up()
    assert (state.opened, state.position) == (3, 0)
    workspace.contacts[3].delete()
    state.keep_up()
    assert state.position is None


def test_the_row_bar_follows_a_contact_to_another_row_and_name(state, workspace):
    state.focus_at(1)
    workspace.contacts[2].update(first_name="Zoe")
    state.keep_up()
    assert state.focused == Focus(3, 2, "Zoe")


def test_a_row_stays_when_its_contact_is_gone(state, workspace):
    state.focus_at(3)
    workspace.contacts[4].delete()
    state.keep_up()
    assert state.focused == Focus(2, 3, "Cy")
    for contact_id in (1, 2, 3):
        workspace.contacts[contact_id].delete()
    state.keep_up()
    assert state.focused is None


def test_next_after_an_edit_is_the_next(workspace):
    for name in ("Ann", "Bo", "Cy", "Dee"):
        workspace.add_contact(first_name=name)
    app = ContactsApp(workspace)
    app.state.sort_by("name", descending=False)
    app.state.open_at(2)
    details = app.drawer.content
    assert isinstance(details, ContactDetails)
    details._profile.do(Gesture("save", "email", "cy@example.org"))
    assert workspace.contacts[3].email == "cy@example.org"
    app.drawer._bar.do(Gesture("next"))
    assert app.state.opened == 4


def test_nobody_is_opened_where_the_row_is_not_known(workspace):
    for name in ("Ann", "Bo", "Cy"):
        workspace.add_contact(first_name=name)
    app = ContactsApp(workspace)
    app.state.open(3)
    app.drawer._bar.do(Gesture("next"))
    app.state.open_at(-1)
    assert app.state.opened == 3


def test_details_come_back_to_the_row_they_were_asked_for_in(workspace):
    for name in ("Ann", "Bo", "Cy"):
        workspace.add_contact(first_name=name)
    app = ContactsApp(workspace)
    app.state.sort_by("name", descending=False)
    app.state.open_at(0)
    app.state.focus_at(1)
    app.rows.do(Gesture("merge"))
    assert app.state.panel == Panel(PanelKind.MERGE, 2)
    app.drawer._bar.do(Gesture("back"))
    assert (app.state.opened, app.state.position) == (2, 1)
