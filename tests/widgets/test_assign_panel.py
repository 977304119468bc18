"""Assigning many: whom there is to be chosen, and that what isn't chosen stays as it is."""

import pytest

import contacts_nb as cn
from contacts_nb.model.errors import NotFound
from contacts_nb.widgets.assign_panel import AssignPanel
from contacts_nb.workspace import Workspace


@pytest.fixture
def done() -> list[object]:
    return []


@pytest.fixture
def acme(workspace: Workspace) -> Workspace:
    for team in ("Sales", "none", "keep"):
        workspace.teams.add(team)
    return workspace


def panel_of(workspace: Workspace, done: list[object], **options) -> AssignPanel:
    given = {"on_confirm": done.append, "on_cancel": lambda: done.append("cancelled")}
    return AssignPanel(workspace, 1_204, **(given | options))


def told(panel: AssignPanel, **message: object) -> str:
    panel._form._handle_custom_msg(message, [])
    return str(panel._form.content)


def options_of(content: str) -> list[str]:
    return [part.partition("<")[0].partition(">")[2] for part in content.split("<option ")[1:]]


def test_it_says_how_many_and_offers_everybody(tmp_path, done):
    path = tmp_path / "contacts.db"
    cn.create(path, owner="ana@acme.example").close()
    with cn.open(path, user="ana@acme.example") as workspace:
        workspace.users.add("bo@acme.example", name="Bo <b>")
        workspace.users.add("bo@example.org", name="Ana")
        workspace.users.add("ana@example.org", name="Ana")
        workspace.teams.add("Sales")
        content = panel_of(workspace, done)._form.content
    assert "<h4>Assign 1,204 contacts</h4>" in content
    assert options_of(content) == [
        "Leave as it is", "Nobody", "ana", "Ana (ana@example.org)", "Bo &lt;b&gt;", "Ana (bo@example.org)",
        "Leave as it is", "No team", "Sales",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "assigned"),
    [
        ({"user": ["none"], "team": ["keep"]}, {"user": None}),
        ({"user": ["to:bo@acme.example"], "team": ["keep"]}, {"user": "bo@acme.example"}),
        ({"user": ["keep"], "team": ["to:Sales"]}, {"team": "Sales"}),
        ({"user": ["none"], "team": ["none"]}, {"user": None, "team": None}),
        ({"user": ["keep"], "team": ["to:none"]}, {"team": "none"}),
        ({"user": ["keep"], "team": ["to:keep"]}, {"team": "keep"}),
        ({"user": ["keep"], "team": ["to:to:x"]}, {"team": "to:x"}),
    ],
)
def test_what_is_chosen_is_told_and_the_rest_left_out(acme, done, values, assigned):
    panel = panel_of(acme, done)
    told(panel, action="submit", values=values)
    assert (done, panel.is_over, panel.layout.display) == ([assigned], True, "none")


def test_its_answer_is_what_contacts_are_assigned_by(acme):
    acme.add_contact(first_name="Ann")
    AssignPanel(
        acme, 1, on_confirm=lambda assigned: acme.contacts.assign(**assigned), on_cancel=lambda: None
    ).confirm(user=None, team="Sales")
    assert (acme.contacts[1].assignee, acme.contacts[1].team) == (None, "Sales")


@pytest.mark.parametrize("values", [{}, {"user": ["keep"], "team": ["keep"]}])
def test_where_nothing_is_chosen_it_says_so_beside_the_lists(acme, done, values):
    panel = panel_of(acme, done)
    content = told(panel, action="submit", values=values)
    assert (done, panel.is_over) == ([], False)
    assert "Nothing is chosen yet." in content
    assert content.count('aria-invalid="true"') == 2
    told(panel, action="submit", values={"user": ["none"]})
    assert done == [{"user": None}]


def test_it_is_done_once_however_often_it_is_pressed(acme, done):
    panel = panel_of(acme, done)
    assert panel.confirm(user=None)
    panel.confirm(user=None)
    panel.cancel()
    assert done == [{"user": None}]


@pytest.mark.parametrize("gesture", ["escape", "cancel"])
def test_it_can_be_left(acme, done, gesture):
    panel = panel_of(acme, done)
    told(panel, action=gesture)
    assert (done, panel.layout.display) == (["cancelled"], "none")


def test_somebody_who_is_gone_by_then_is_told_and_it_can_be_tried_again(acme, done):
    def attempt(assigned: dict[str, str | None]) -> None:
        if assigned.get("user"):
            raise NotFound("user", assigned["user"], "is not a user of this workspace")
        done.append(assigned)

    panel = panel_of(acme, done, on_confirm=attempt)
    assert not panel.confirm(user="bo@acme.example")
    assert "is not a user of this workspace" in panel._form.content
    assert panel.confirm(user=None)
