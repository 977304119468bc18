"""Details that are worked in: fields, assignment, tags and status; what is wrong, and what others did."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

import pytest
from ipywidgets.widgets.widget import _instances

from contacts_nb.model.errors import NotAllowed
from contacts_nb.widgets import ContactDetails
from contacts_nb.workspace import Contact, Workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation
from tests.widgets.gesturing import gesture

ANA, BO = "ana@acme.example", "bo@acme.example"
CONTROL = r'<(?:input|select|textarea)(?=[^>]* name="{name}")[^>]*>'


@dataclass
class Ground:
    """A workspace opened by Ana, with a contact Ann, and what the details of Ann have told."""

    workspace: Workspace
    ann: Contact
    details: ContactDetails
    told: list[tuple[str, Operation]] = field(default_factory=list)

    @property
    def now(self) -> Contact:
        return self.workspace.contacts[self.ann.id]

    @property
    def shown(self) -> str:
        return str(self.details._profile.content)

    def do(self, action: str, name: str = "", value: object = "", **values: str) -> None:
        gesture(self.details._profile, action, name, value, **values)

    def save(self, name: str, value: object) -> None:
        """Type a value and leave the field."""
        saved = re.findall(r'data-saved="([^"]*)"', self.control(name))
        self.do("save", name, value, **({"was": unescape(saved[0])} if saved else {}))

    def control(self, name: str) -> str:
        (found,) = re.findall(CONTROL.format(name=name), self.shown)
        return str(found)

    def value(self, name: str) -> str:
        control = self.control(name)
        if control.startswith("<input"):
            return unescape(re.findall(r' value="([^"]*)"', control)[0])
        rest = self.shown[self.shown.index(control) + len(control) :]
        if control.startswith("<select"):
            return unescape(re.findall(r'value="([^"]*)" selected', rest.split("</select>")[0])[0])
        return unescape(rest.split("</textarea>")[0])

    def problem(self, name: str) -> str:
        found = re.findall(rf'-{name}-problem">(.*?)(?:<span|</p>)', self.shown, re.DOTALL)
        return unescape(found[0]) if found else ""

    def sentences(self) -> list[str]:
        return [sentence for sentence, _ in self.told]


@pytest.fixture
def ground(workspace: Workspace) -> Ground:
    workspace.users.add(ANA, role="owner", name="Ana")
    ana = Workspace(Access(workspace._database, 1))
    ana.users.add(BO, role="manager", name="Bo Example")
    ana.teams.add("Sales")
    for name, kind in (("Note", "text"), ("Seats", "number"), ("Paid", "checkbox"), ("Mail", "email")):
        ana.fields.add(name, kind)
    for name, kind in (("Site", "url"), ("Born", "date"), ("Lunch", "time")):
        ana.fields.add(name, kind)
    ana.fields.add("Plan", "list", allowed=["Gold", "Silver"])
    ana.update(phone_region="GB")
    ann = ana.add_contact(
        first_name="Ann", last_name="Smith", phone="020 7946 0958", country="GB", tags=["vip"], assignee=BO
    )
    told: list[tuple[str, Operation]] = []
    details = ContactDetails(ana, ann, on_change=lambda *one: told.append(one))
    return Ground(ana, ann, details, told)


STANDARD = [
    ("first_name", "Anna", "Anna", "First name of Anna Smith changed"),
    ("last_name", " Jones ", "Jones", "Last name of Ann Jones changed"),
    ("phone", "020 7946 0000", "020 7946 0000", "Phone of Ann Smith changed"),
    ("email", "ann@example.org", "ann@example.org", "Email of Ann Smith changed"),
    ("country", "uk", "GB", None),
    ("country", "Deutschland", "DE", "Country of Ann Smith changed"),
    ("country", "", None, "Country of Ann Smith changed"),
    ("language", "French", "fr", "Language of Ann Smith changed"),
    ("picture", "https://example.org/a.png", "https://example.org/a.png", "Picture of Ann Smith changed"),
]


@pytest.mark.parametrize(("name", "typed", "kept", "said"), STANDARD)
def test_a_field_is_saved_by_itself_and_told(ground, name, typed, kept, said):
    before = vars(ground.now)
    ground.save(name, typed)
    assert getattr(ground.now, name) == kept
    assert ground.sentences() == ([] if said is None else [said])
    own = {name, "name", "phone_e164", "read", "_access"}
    assert {k: v for k, v in vars(ground.now).items() if k not in own} == {
        k: v for k, v in before.items() if k not in own
    }


def test_what_was_done_can_be_undone_by_what_was_told(ground):
    ground.save("phone", "020 7946 0000")
    ((_, operation),) = ground.told
    operation.undo()
    assert ground.now.phone == "020 7946 0958"


CUSTOM = [
    ("note", "Two\nlines"),
    ("seats", "12.5"),
    ("mail", "ann@example.org"),
    ("site", "https://example.org/"),
    ("born", "1980-02-03"),
    ("lunch", "12:30:00"),
    ("plan", "Gold"),
]


@pytest.mark.parametrize(("slug", "typed"), CUSTOM)
def test_custom_fields_of_every_type_are_saved_and_emptied(ground, slug, typed):
    ground.save(f"field-{slug}", typed)
    assert slug in ground.now.fields
    assert ground.value(f"field-{slug}") == typed
    assert ContactDetails(ground.workspace, ground.ann.id)._profile.content.count("<input") > 0
    ground.save(f"field-{slug}", "")
    assert slug not in ground.now.fields
    assert len(ground.told) == 2


def test_a_checkbox_is_saved_as_it_is_ticked(ground):
    for ticked in (True, False):
        ground.do("save", "field-paid", ticked)
        assert ground.now.fields["paid"] is ticked
        assert (" checked" in ground.control("field-paid")) is ticked


WRONG = [
    ("email", "not a mail", "not an e-mail address"),
    ("country", "Atlantis", "not a country"),
    ("language", "Klingonish", "not a language"),
    ("picture", "a.png", "not a web address"),
    ("field-seats", "many", "not a number"),
    ("field-plan", "Bronze", "not in the list"),
    ("field-born", "1980-02-31", "not a date"),
    ("first_name", "a" * 256, "at most 255"),
]


@pytest.mark.parametrize(("name", "typed", "rule"), WRONG)
def test_a_wrong_value_stays_with_what_is_wrong_beside_it(ground, name, typed, rule):
    saved = ground.now
    ground.save(name, typed)
    assert rule in ground.problem(name)
    assert 'aria-invalid="true"' in ground.control(name)
    assert f'-{name}-problem"' in ground.control(name)
    if not ground.control(name).startswith("<select"):
        assert ground.value(name) == typed
    assert (ground.now.first_name, ground.now.email, ground.now.fields) == (saved.first_name, saved.email, {})
    assert ground.told == []
    ground.do("unsaved", name)
    assert ground.problem(name) == ""
    assert "data-held" not in ground.control(name)


def test_one_wrong_value_leaves_others_alone(ground):
    ground.save("email", "not a mail")
    ground.save("last_name", "Jones")
    assert (ground.value("email"), ground.now.last_name) == ("not a mail", "Jones")
    assert "not an e-mail" in ground.problem("email")
    ground.save("email", "ann@example.org")
    assert (ground.problem("email"), ground.now.email) == ("", "ann@example.org")


def test_half_a_date_is_not_taken_for_none(ground):
    ground.save("field-born", "1980-02-03")
    ground.do("save", "field-born", "", was="1980-02-03", unfinished="")
    assert "Only a part" in ground.problem("field-born")
    assert str(ground.now.fields["born"]) == "1980-02-03"


def test_what_another_person_changed_is_not_overwritten_unknowingly(ground):
    ground.workspace.contacts[ground.ann.id].update(country="FR")
    ground.save("country", "Germany")
    assert ground.now.country == "FR"
    assert ground.problem("country") == "Somebody else has changed this meanwhile: it is “France” now."
    assert ground.value("country") == "Germany"
    ground.do("overwrite", "country")
    assert (ground.now.country, ground.problem("country")) == ("DE", "")
    assert ground.sentences() == ["Country of Ann Smith changed"]


def test_what_another_person_changed_can_be_kept(ground):
    ground.workspace.contacts[ground.ann.id].assign(ANA)
    ground.save("assignee", "")
    assert "“Ana” now" in ground.problem("assignee")
    ground.do("keep", "assignee")
    assert (ground.now.assignee, ground.value("assignee"), ground.problem("assignee")) == (ANA, ANA, "")


def test_what_changed_while_somebody_typed_is_not_overwritten_either(ground):
    ground.workspace.contacts[ground.ann.id].update(first_name="Annabel")
    ground.details.refresh()
    ground.do("save", "first_name", "Anna", was="Ann")
    assert ground.now.first_name == "Annabel"
    assert "“Annabel” now" in ground.problem("first_name")


def test_a_refused_overwriting_says_why(ground):
    ground.workspace.contacts[ground.ann.id].update(country="FR")
    ground.save("country", "Atlantis")
    ground.do("overwrite", "country")
    assert "not a country" in ground.problem("country")


def test_assignee_and_team_are_saved_at_once(ground):
    assert ground.value("assignee") == BO
    ground.save("assignee", ANA)
    ground.save("team", "Sales")
    assert (ground.now.assignee, ground.now.team) == (ANA, "Sales")
    ground.save("assignee", "")
    ground.save("team", "")
    assert (ground.now.assignee, ground.now.team) == (None, None)
    assert ground.sentences() == [
        "Ann Smith assigned to Ana",
        "Ann Smith assigned to the team Sales",
        "Ann Smith assigned to nobody",
        "Ann Smith assigned to no team",
    ]


def test_tags_are_added_made_and_taken_off(ground):
    ground.do("tag", tag=" spring ")
    ground.do("untag", "vip")
    assert ground.now.tags == ("spring",)
    assert "spring" in ground.workspace.tags.names()
    assert ground.sentences() == ["“spring” given to Ann Smith", "“vip” taken off Ann Smith"]
    assert 'aria-label="Remove tag spring"' in ground.shown
    ground.details.refresh()
    assert '<option value="vip">' in ground.shown
    assert '<option value="spring">' not in ground.shown


@pytest.mark.parametrize(
    ("typed", "said"), [("", "is missing|is empty|give"), ("a" * 256, "255"), ("vip", "already")]
)
def test_tags_that_cannot_be_given_are_told_beside_the_box(ground, typed, said):
    ground.do("tag", tag=typed)
    assert re.search(said, ground.problem("tag"))
    assert 'aria-invalid="true"' in ground.control("tag")
    assert ground.told == []
    ground.do("tag", tag="fine")
    assert ground.problem("tag") == ""


def test_a_tag_that_was_removed_meanwhile_is_told(ground):
    ground.workspace.tags.remove("vip")
    ground.do("untag", "vip")
    assert "vip" in ground.problem("tag")


def test_conversations_are_opened_and_closed_with_what_is_said_of_them(ground):
    assert "No conversation yet" in ground.shown
    ground.do("open")
    assert ground.now.conversation_open
    assert "</strong> since today " in ground.shown
    ground.do("closing")
    assert 'aria-label="Close conversation"' in ground.shown
    ground.do("escape")
    assert 'aria-label="Close conversation"' not in ground.shown
    ground.do("closing")
    ground.do("close", category="Sale", summary="Sent the offer")
    assert not ground.now.conversation_open
    frame = ground.now.conversations()
    assert frame[["category", "summary"]].to_numpy().tolist() == [["Sale", "Sent the offer"]]
    assert ground.sentences() == ["Conversation with Ann Smith opened", "Conversation with Ann Smith closed"]


def test_a_category_that_is_too_long_is_told_beside_the_status(ground):
    ground.do("open")
    ground.do("closing")
    ground.do("close", category="a" * 256, summary="")
    assert "255" in ground.problem("status")
    assert ground.now.conversation_open


def test_whoever_may_no_longer_change_is_told_beside_the_control(ground):
    bo = Workspace(Access(ground.workspace._database, 2))
    details = ContactDetails(bo, ground.ann.id)
    ground.workspace.users.update(BO, role="agent")
    theirs = Ground(ground.workspace, ground.ann, details)
    theirs.save("first_name", "Anna")
    theirs.do("tag", tag="new")
    theirs.do("open")
    for name in ("first_name", "tag", "status"):
        assert "owners and managers" in theirs.problem(name)
    assert ground.now.first_name == "Ann"
    with pytest.raises(NotAllowed):
        details.refresh()


def test_a_deleted_contact_is_said_to_be_deleted(ground):
    ground.now.delete()
    ground.details.refresh()
    assert [type(child).__name__ for child in ground.details.children] == ["HTML", "HTML"]
    assert "This contact was deleted." in ground.details.children[-1].value


def test_a_contact_deleted_under_ones_hands_is_said_to_be_deleted(ground):
    ground.now.delete()
    ground.save("first_name", "Anna")
    assert "This contact was deleted." in ground.details.children[-1].value


def test_of_a_merged_contact_the_survivor_is_shown(ground):
    elder = ground.workspace.add_contact(first_name="Annie")
    ground.save("email", "not a mail")
    ground.workspace.plan_merge(elder.id, ground.ann.id, survivor=elder.id).apply()
    ground.details.refresh()
    assert ground.details.contact_id == elder.id
    assert f"Contact {elder.id}<" in ground.shown
    assert "Merged from <bdi>Ann Smith</bdi>" in ground.shown
    assert ground.problem("email") == ""
    ground.save("last_name", "Jones")
    assert ground.workspace.contacts[elder.id].last_name == "Jones"


def test_refreshing_keeps_what_is_wrong_and_shows_what_is_new(ground):
    ground.save("email", "not a mail")
    ground.workspace.contacts[ground.ann.id].update(last_name="Jones")
    ground.workspace.fields.add("Shoe size", "number")
    ground.workspace.teams.add("Care")
    ground.details.refresh()
    assert (ground.value("email"), ground.value("last_name")) == ("not a mail", "Jones")
    assert "Shoe size" in ground.shown
    assert '<option value="Care"' in ground.shown


@pytest.mark.parametrize("is_gone", [False, True])
def test_closed_details_leave_no_widgets_behind(ground, is_gone):
    before = set(_instances)
    details = ContactDetails(ground.workspace, ground.ann.id)
    assert len(_instances) > len(before)
    if is_gone:
        ground.now.delete()
        details.refresh()
    details.close()
    assert set(_instances) == before
    details.close()


def test_every_control_has_a_name(ground):
    ground.do("open")
    ground.do("closing")
    labelled = set(re.findall(r'<label for="([^"]+)"', ground.shown))
    for control in re.findall(r"<(?:input|select|textarea)[^>]*>", ground.shown):
        name = re.findall(r' name="([^"]+)"', control)[0]
        ids = re.findall(r' id="([^"]+)"', control)
        inside = name in ("category", "summary")
        assert inside or "aria-label=" in control or ids[0] in labelled, control
    assert all(" " not in one for one in re.findall(r'id="([^"]+)"', ground.shown))


def test_removed_channels_are_said_to_be_removed(ground):
    ground.workspace.channels.add("Shop", "sms")
    ground.workspace.channels.add("Web", "custom")
    for channel, identifier in (("Shop", "+442079460958"), ("Web", "ann")):
        ground.workspace.record_messages(
            [
                {
                    "channel": channel,
                    "identifier": identifier,
                    "direction": "incoming",
                    "text": "Hi",
                    "sent_at": "2026-03-02T12:00:00Z",
                    "profile_name": f"ann on {channel}",
                }
            ]
        )
    ground.workspace.channels.remove("Shop")
    for contact in ground.workspace.contacts.ids():
        if contact != ground.ann.id:
            ground.workspace.plan_merge(ground.ann.id, contact).apply()
    ground.details.refresh()
    rows = re.findall(r"<li><p><strong>.*?</li>", ground.shown)
    assert len(rows) == 2
    assert {"removed</small>" in row for row in rows if "Shop" in row} == {True}
    assert {"removed</small>" in row for row in rows if ">Web<" in row} == {False}
    assert all("ann on " in row and "Last message" in row for row in rows)
