import pytest

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.model.filters import EVERYONE
from contacts_nb.widgets import FilterDrawer
from contacts_nb.workspace import Workspace
from tests.widgets.test_filter_drawer import Person

ANA, BO = "ana@acme.example", "bo@acme.example"
BRITISH = F.country == "GB"


@pytest.fixture
def ana(tmp_path):
    """A workspace with a colleague and a team, as its owner opens it."""
    path = tmp_path / "contacts.db"
    cn.create(path, owner=ANA).close()
    with cn.open(path, user=ANA) as workspace:
        workspace.users.add(BO, role="manager", name="Bo Li")
        workspace.teams.add("Sales")
        workspace.add_contact(first_name="Ann", country="GB")
        yield workspace


def at(workspace: Workspace, *args, **named) -> Person:
    return Person(FilterDrawer(workspace, *args, **named))


def begin(person: Person, name: str) -> None:
    person.press("drawer:new")
    person.tell("input", "save:name", name)


def test_a_filter_is_saved_for_oneself_unless_it_is_shared(ana):
    person = at(ana, BRITISH)
    begin(person, "British")
    assert person.focused() == "save:name"
    person.press("save:confirm")
    saved = ana.inboxes["British"]
    assert (saved.filter, str(saved.sharing)) == (BRITISH, "private")
    assert "Inbox “British” saved." in person.text("cnb-filter-outcome")
    assert person.drawer.inbox is not None
    assert person.drawer.inbox.id == saved.id
    assert person.focused() == "drawer:new"


def test_everybody_or_named_users_and_teams_see_it(ana):
    person = at(ana, BRITISH)
    begin(person, "For all")
    person.tell("input", "save:sharing", "public")
    person.press("save:confirm")
    assert str(ana.inboxes["For all"].sharing) == "public"
    begin(person, "For some")
    person.tell("input", "save:sharing", "shared")
    assert person.offered("save:names", "bo") == [BO]
    person.tell("choose", "save:names", BO)
    assert BO not in person.offered("save:names")
    person.tell("type", "save:names", "sales")
    person.press("save:confirm")
    saved = ana.inboxes["For some"]
    assert (saved.users, saved.teams) == ((BO,), ("Sales",))


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(ana):
    person = at(ana, BRITISH)
    person.press("drawer:new")
    person.tell("input", "save:sharing", "shared")
    person.press("save:confirm")
    assert "Give the inbox a name" in person.text()
    assert "Choose at least one user or team" in person.text()
    assert person.focused() == "save:name"
    person.tell("input", "save:name", "Team / Sales")
    person.tell("type", "save:names", "nobody")
    assert "“nobody” is no user or team" in person.text()
    person.tell("choose", "save:names", "Sales")
    person.press("save:confirm")
    assert "“Team / Sales” is the name of an inbox that is always there; choose another" in person.text()
    person.tell("choose", "save:names", BO)
    person.press("save:drop0")
    person.tell("input", "save:name", "Mine too")
    person.press("save:confirm")
    assert ana.inboxes["Mine too"].users == (BO,)


def test_a_name_that_is_taken_is_refused(ana):
    ana.inboxes.save("British", BRITISH)
    person = at(ana, EVERYONE)
    begin(person, "british")
    person.press("save:confirm")
    assert "“british” is taken" in person.text()
    assert len([inbox for inbox in ana.inboxes if inbox.name == "British"]) == 1


def test_a_broken_filter_is_not_saved_as_new(ana):
    person = at(ana, F.tags.has_any("gone"))
    begin(person, "Gone")
    person.press("save:confirm")
    assert "tag 'gone' doesn't exist" in person.text()
    assert "Gone" not in ana.inboxes


def test_incomplete_criteria_are_counted_before_saving(ana):
    person = at(ana, BRITISH)
    person.add("first_name")
    person.press("drawer:new")
    assert "1 criterion is incomplete and not saved." in person.text()
    person.tell("input", "save:name", "British")
    person.press("save:confirm")
    assert ana.inboxes["British"].filter == BRITISH


def test_cancel_saves_nothing_and_forgets_the_form(ana):
    person = at(ana, BRITISH)
    begin(person, "British")
    person.press("save:cancel")
    assert "British" not in ana.inboxes
    assert person.focused() == "drawer:new"
    person.press("drawer:new")
    assert 'value="British"' not in person.html


def test_an_inbox_is_opened_with_its_filter_and_changes_can_be_saved_to_it(ana):
    inbox = ana.inboxes.save("British", BRITISH)
    person = at(ana, inbox=inbox)
    assert person.drawer.filter == BRITISH
    assert "Save changes" not in person.text()
    person.ask(person.add("assignee"), "is_unassigned")
    assert "Save changes" in person.text()
    person.press("drawer:changes")
    assert ana.inboxes["British"].filter == BRITISH & F.assignee.is_unassigned()
    assert "Changes to “British” saved." in person.text("cnb-filter-outcome")
    assert "drawer:changes" not in person.html


def test_inboxes_of_others_and_standard_ones_are_not_changed(ana):
    ana.inboxes.save("British", BRITISH, share="public")
    with cn.open(ana.path, user=BO) as bos:
        for name in ("British", "Unassigned"):
            person = at(bos, EVERYONE, inbox=bos.inboxes[name])
            assert "Save changes" not in person.text()


def test_an_inbox_that_is_gone_is_told(ana):
    person = at(ana, EVERYONE, inbox=ana.inboxes.save("British", BRITISH))
    ana.inboxes.remove("British")
    person.press("drawer:changes")
    assert "doesn't exist" in person.text()


def test_a_user_who_lost_the_right_is_told(ana):
    with cn.open(ana.path, user=BO) as bos:
        person = at(bos, BRITISH)
        ana.users.remove(BO)
        person.add("conversation")
        assert "not a user of this workspace any more" in person.text()
