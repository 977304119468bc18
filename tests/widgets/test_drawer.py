"""The drawer: whose it is stands in its bar, and what couldn't be shown comes when it can be."""

import pytest

from contacts_nb.model.errors import WorkspaceUnavailable
from contacts_nb.widgets import ContactDetails, ContactsApp, ImportPanel
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.state import PanelKind


@pytest.fixture
def app(workspace):
    for name in ("Ann", "<b>Bo</b>"):
        workspace.add_contact(first_name=name)
    opened = ContactsApp(workspace)
    opened.state.sort_by("id", descending=False)
    return opened


def test_the_bar_says_whose_details_and_messages_these_are(app, workspace):
    app.state.open_at(1)
    bar = app.drawer._bar
    assert "&lt;b&gt;Bo&lt;/b&gt;</bdi></p>" in bar.content
    workspace.contacts[2].update(first_name="Bob")
    app.state.keep_up()
    assert ">Bob</bdi></p>" in bar.content
    app.state.open(1, 0, PanelKind.MESSAGES)
    assert ">Ann</bdi></p>" in bar.content
    assert 'aria-label="Previous"' in bar.content


def test_the_bar_says_who_is_merged_and_unmerged(app, workspace):
    app.state.show(PanelKind.MERGE, 1)
    assert "Merge <bdi>Ann</bdi> with…</h2>" in app.drawer._bar.content
    app.state.show(PanelKind.MERGE, 1, 2)
    assert "Merge contacts</h2>" in app.drawer._bar.content
    workspace.plan_merge(1, 2).apply()
    app.state.show(PanelKind.UNMERGE, 1)
    assert "Unmerge <bdi>Ann</bdi></h2>" in app.drawer._bar.content


def test_a_merge_that_somebody_else_has_done_can_be_taken_apart_at_once(app, workspace):
    app.state.open_at(0)
    assert "Unmerge" not in app.drawer._bar.content
    workspace.plan_merge(1, 2).apply()
    app.state.keep_up()
    assert "Unmerge" in app.drawer._bar.content


def test_what_could_not_be_read_is_shown_when_it_can_be(app, monkeypatch):
    def lost(*_args, **_kwargs):
        raise WorkspaceUnavailable("The database can't be reached.")

    app.state.show(PanelKind.FILTER)
    with monkeypatch.context() as broken:
        broken.setitem(app.drawer._made, PanelKind.DETAILS, lost)
        app.rows.do(Gesture("first"))
        app.rows.do(Gesture("details"))
        assert app.state.problem == "The database can't be reached."
        app.state.refresh()
        assert (app.drawer.content, "Details</p>" in app.drawer._bar.content) == (None, True)
    app.state.refresh()
    assert isinstance(app.drawer.content, ContactDetails)
    assert ">Ann</bdi></p>" in app.drawer._bar.content


def test_a_contact_that_is_gone_leaves_no_empty_drawer(app):
    app.state.opened = 999
    assert "There is no contact 999" in app.state.problem
    assert (app.state.panel, app.drawer in app._body.children) == (None, False)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (PanelKind.TAG, "Assign tags to"),
        (PanelKind.UNTAG, "Remove tags from"),
        (PanelKind.ASSIGN, "Assign"),
    ],
)
def test_what_is_asked_of_the_selected_follows_the_selection(app, kind, said):
    app.state.tick([1])
    app.state.show(kind)
    app.state.tick([2])
    assert f"{said} 2 contacts</h4>" in app.drawer.content._form.content
    app.state.untick_all()
    assert app.state.panel is None


def test_what_is_half_filled_in_is_there_again_while_the_drawer_is_open(app):
    app.state.show(PanelKind.ADD)
    form = app.drawer.content
    app.state.open_at(0)
    assert isinstance(app.drawer.content, ContactDetails)
    assert (form in app.drawer.children, form.layout.display) == (True, "none")
    app.state.show(PanelKind.IMPORT)
    importing = app.drawer.content
    assert isinstance(importing, ImportPanel)
    importing._opened(("people.csv", b"name\nDee\n"))
    app.drawer._bar.do(Gesture("add"))
    assert (app.drawer.content, form.layout.display) == (form, None)
    assert app.drawer.children == (app.drawer._bar, form, importing)
    app.state.show(PanelKind.IMPORT)
    assert app.drawer.content is importing
    app.state.close()
    assert (form.comm, importing.comm, app.drawer.children) == (None, None, (app.drawer._bar,))


def test_a_form_is_empty_again_when_its_contact_was_added(app):
    app.state.show(PanelKind.ADD)
    form = app.drawer.content
    form.submit(first_name="Dee")
    assert isinstance(app.drawer.content, ContactDetails)
    assert form.comm is None
    app.state.show(PanelKind.ADD)
    assert app.drawer.content.is_begun


def test_a_comment_that_was_begun_is_gone_on_with(app):
    app.state.open_at(0)
    app.drawer.content._activity.do(Gesture("typed", "comment", "Prefers <tea>"))
    app.state.open_at(1)
    assert "Prefers" not in app.drawer.content._activity.content
    app.state.close()
    app.state.open_at(0)
    activity = app.drawer.content._activity
    assert ">Prefers &lt;tea&gt;</textarea>" in activity.content
    activity.do(Gesture("comment", values={"comment": ["Prefers <tea>"]}))
    assert "></textarea>" in activity.content
    app.state.open_at(1)
    app.state.open_at(0)
    assert "></textarea>" in app.drawer.content._activity.content


def test_what_was_refused_and_is_left_is_told(app):
    app.state.open_at(0)
    app.drawer.content._profile.do(Gesture("save", "email", "no address"))
    app.rows.do(Gesture("first"))
    assert app.state.problem == ""
    app.drawer._bar.do(Gesture("next"))
    assert app.state.problem == "What was typed was not saved: Email of Ann."
    app.drawer._bar.do(Gesture("previous"))
    assert app.state.problem == ""


def test_what_was_done_before_a_merge_is_told_no_more(app, workspace):
    app.state.open_at(0)
    app.drawer.content._profile.do(Gesture("save", "email", "ann@example.org"))
    assert "Email of Ann changed." in app.notices.content
    app.state.show(PanelKind.MERGE, 1, 2)
    app.drawer.content._merge.click()
    app.drawer.content._confirm.click()
    assert "Email of Ann changed." not in app.notices.content
