"""Adding a contact by a form: what is wrong stands beside its field, and who is here already is offered first."""

from html.parser import HTMLParser

import pytest

import contacts_nb as cn
from contacts_nb.model.errors import NotAllowed
from contacts_nb.widgets.add_contact import AddContact
from contacts_nb.workspace import Workspace


class Form(HTMLParser):
    """What is read off a form: its fields with their attributes, texts by id, and buttons by their texts."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.fields: dict[str, dict[str, str | None]] = {}
        self.texts: dict[str, str] = {}
        self.buttons: list[str] = []
        self.options: dict[str, list[str]] = {}
        self._at = self._select = ""
        self._in_button = False
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("input", "select"):
            self.fields[given["name"] or ""] = given
            self._select = given["name"] or ""
        if tag == "option":
            self.options.setdefault(self._select, []).append(given["value"] or "")
        self._at = given.get("id") or "" if tag == "p" else self._at
        self._in_button = tag == "button"

    def handle_data(self, data: str) -> None:
        self.texts[self._at] = self.texts.get(self._at, "") + data
        if self._in_button:
            self.buttons.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._at = "" if tag == "p" else self._at
        self._in_button = False

    def problem(self, name: str) -> str:
        """What is said to be wrong with a field."""
        field = self.fields[name]
        said = self.texts.get(field["aria-describedby"] or "", "")
        assert (field.get("aria-invalid") == "true") == bool(said)
        return said


def read(form: AddContact) -> Form:
    return Form(form._form.content)


def told(form: AddContact, **message: object) -> Form:
    form._form._handle_custom_msg(message, [])
    return read(form)


def left(form: AddContact, name: str, value: str) -> Form:
    """The field of that name is left with this value."""
    return told(form, action=read(form).fields["phone"]["data-left"], name=name, value=value)


def sent(form: AddContact, **values: str) -> Form:
    """The form is submitted as the browser does it: with what it shows of those who were offered."""
    offered = read(form).fields.get("offered", {}).get("value") or ""
    return told(
        form, action="submit", values={"offered": [offered]} | {name: [value] for name, value in values.items()}
    )


@pytest.fixture
def acme(workspace: Workspace) -> Workspace:
    workspace.update(phone_region="GB")
    workspace.teams.add("Sales")
    for name, kind, allowed in (
        ("Plan", "list", ["Gold", "<b>"]), ("Newsletter", "checkbox", ()), ("Seats", "number", ()),
        ("Birthday", "date", ()), ("Lunch", "time", ()), ("Site", "url", ()), ("Billing", "email", ()),
        ("Note", "text", ()),
    ):  # fmt: skip
        workspace.fields.add(name, kind, allowed=allowed)
    return workspace


@pytest.fixture
def done() -> list[object]:
    return []


def names_of(workspace: Workspace) -> list[str]:
    return list(workspace.contacts.to_frame(["name"])["name"])


def test_every_field_is_asked_for_in_its_own_way(acme):
    form = read(AddContact(acme))
    kinds = {name: field.get("type") or "select" for name, field in form.fields.items()}
    assert kinds == {
        "first_name": "text", "last_name": "text", "phone": "tel", "email": "text", "country": "select",
        "language": "select", "team": "select", "field:plan": "select", "field:newsletter": "checkbox",
        "field:seats": "text", "field:birthday": "date", "field:lunch": "time", "field:site": "text",
        "field:billing": "text", "field:note": "text", "tag": "text",
    }  # fmt: skip
    assert form.options["field:plan"] == ["", "Gold", "<b>"]
    assert form.options["team"] == ["", "Sales"]
    assert {"", "GB", "DE"} <= set(form.options["country"])
    assert not any("required" in field for field in form.fields.values())


def test_all_that_was_given_is_in_the_contact_and_the_operation_can_be_undone(acme, done):
    form = AddContact(acme, on_added=lambda contact, operation: done.append((contact, operation)))
    told(form, action="choose", name="tag", value="vip")
    sent(
        form, first_name=" Ann ", last_name="Lee", phone="020 7946 0958", email="Ann@Example.org", country="GB",
        language="en", team="Sales", tag="press, new",
        **{"field:plan": "<b>", "field:newsletter": "yes", "field:seats": "12", "field:birthday": "2001-02-03",
           "field:lunch": "12:30", "field:site": "https://example.org", "field:billing": "b@example.org",
           "field:note": "x"},
    )  # fmt: skip
    ((contact, operation),) = done
    assert (contact.name, contact.phone_e164, contact.email) == ("Ann Lee", "+442079460958", "Ann@Example.org")
    assert (contact.country, contact.language, contact.team, contact.tags) == (
        "GB",
        "en",
        "Sales",
        ("press, new", "vip"),
    )
    assert {slug: str(value) for slug, value in contact.fields.items()} == {
        "plan": "<b>", "newsletter": "True", "seats": "12", "birthday": "2001-02-03", "lunch": "12:30:00",
        "site": "https://example.org", "billing": "b@example.org", "note": "x",
    }  # fmt: skip
    assert operation.kind == "add"
    operation.undo()
    assert acme.contacts.count() == 0


def test_a_user_can_be_chosen_as_assignee(tmp_path, done):
    cn.create(tmp_path / "contacts.db", owner="ana@acme.example").close()
    with cn.open(tmp_path / "contacts.db", user="ana@acme.example") as workspace:
        form = AddContact(workspace, on_added=lambda contact, _operation: done.append(contact.assignee))
        assert read(form).options["assignee"] == ["", "ana@acme.example"]
        assert "team" not in read(form).fields, "there are none"
        sent(form, first_name="Ann", assignee="ana@acme.example")
        assert done == ["ana@acme.example"]


def test_a_tick_that_is_not_set_says_nothing(acme):
    sent(AddContact(acme), first_name="Ann")
    assert acme.contacts[1].fields == {}


@pytest.mark.parametrize("name", ["first_name", "last_name", "phone", "email"])
def test_one_of_name_phone_and_address_is_enough(acme, name):
    value = {"phone": "112", "email": "ann@example.org"}.get(name, "Ann")
    sent(AddContact(acme), **{name: value})
    assert acme.contacts.count() == 1


def test_nothing_at_all_is_refused_beside_the_first_field(acme):
    shown = sent(AddContact(acme), first_name=" ", country="GB", **{"field:seats": "3"})
    assert "one of them is enough" in shown.problem("first_name")
    assert acme.contacts.count() == 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("phone", "none", "is not a phone number"),
        ("email", "ann at example", "is not an e-mail address"),
        ("first_name", "x" * 256, "at most 255"),
        ("field:seats", "many", "is not a number"),
        ("field:site", "example", "'example'"),
        ("field:billing", "b", "is not an e-mail address"),
        ("field:birthday", "2001-02-31", "'2001-02-31'"),
    ],
)
@pytest.mark.parametrize("by", [left, sent])
def test_what_is_wrong_is_said_beside_its_field_when_it_is_left_and_when_it_is_sent(acme, name, value, said, by):
    form = AddContact(acme)
    shown = by(form, name, value) if by is left else sent(form, last_name="Lee", **{name: value})
    assert said in shown.problem(name)
    assert not any(shown.problem(other) for other in shown.fields if other not in (name, "offered"))
    assert acme.contacts.count() == 0
    good = {"phone": "112", "email": "a@example.org", "field:site": "", "field:billing": "", "field:birthday": ""}
    assert left(form, name, good.get(name, "5")).problem(name) == ""


def test_all_that_is_wrong_is_said_at_once(acme):
    shown = sent(AddContact(acme), phone="x", email="y", **{"field:seats": "z"})
    assert all(shown.problem(name) for name in ("phone", "email", "field:seats"))


def test_half_a_date_is_no_date(acme):
    form = AddContact(acme)
    assert "not complete" in told(form, action="incomplete", name="field:birthday", value="").problem(
        "field:birthday"
    )
    assert left(form, "field:birthday", "").problem("field:birthday") == ""


@pytest.mark.parametrize(
    ("name", "value", "given"),
    [("phone", "+44 20 7946 0958", "phone"), ("email", "ANN@example.org", "e-mail")],
)
def test_who_has_it_already_is_offered_when_the_field_is_left(acme, done, name, value, given):
    acme.add_contact(first_name="Ann <b>", phone="020 7946 0958", email="ann@example.org")
    form = AddContact(acme, on_open=done.append)
    shown = left(form, name, value)
    assert f"A contact has this {given} already." in form._form.content
    assert "Ann &lt;b&gt;" in form._form.content
    assert shown.buttons == ["Open", "Add anyway"]
    told(form, action="open", name="1")
    assert done == [1]
    shown = left(form, name, "")
    assert shown.buttons == ["Add contact"]


def test_what_is_wrong_is_not_what_they_have(acme):
    acme.add_contact(first_name="Ann", phone="020 7946 0958")
    form = AddContact(acme)
    left(form, "email", "ann at example")
    left(form, "phone", "020 7946 0958")
    assert "A contact has this phone already." in form._form.content
    left(form, "email", "a@example.org")
    assert "A contact has this phone or e-mail already." in form._form.content


def test_who_wrote_on_a_channel_is_offered_too(acme):
    acme.channels.add("Shop", "whatsapp")
    acme.record_messages([
        {"channel": "Shop", "identifier": "+442079460958", "direction": "incoming", "text": "Hello",
         "sent_at": "2026-03-02T12:00:00Z", "profile_name": "Ann"},
    ])  # fmt: skip
    form = AddContact(acme)
    left(form, "phone", "020 7946 0958")
    assert [row.name for row in form.duplicates] == ["Ann"]


def test_who_was_not_seen_yet_is_offered_first_and_never_for_good(acme):
    acme.add_contact(first_name="Ann", phone="020 7946 0958")
    form = AddContact(acme)
    values = {"first_name": "Bo", "phone": "020 7946 0958"}
    assert sent(form, **values).buttons == ["Add anyway"]
    assert acme.contacts.count() == 1
    # Somebody else adds one meanwhile, who has to be seen as well.
    acme.add_contact(first_name="Cy", phone="020 7946 0958")
    sent(form, **values)
    assert [row.name for row in form.duplicates] == ["Ann", "Cy"]
    assert "2 contacts have this phone already." in form._form.content
    sent(form, **values)
    assert names_of(acme) == ["Ann", "Cy", "Bo"]


def test_a_press_that_came_before_the_offer_was_seen_adds_nobody(acme):
    acme.add_contact(first_name="Ann", phone="020 7946 0958")
    form = AddContact(acme)
    left(form, "phone", "020 7946 0958")
    told(form, action="submit", values={"first_name": ["Bo"], "phone": ["020 7946 0958"]})
    assert acme.contacts.count() == 1


def test_of_many_that_have_it_five_are_shown(acme):
    for number in range(8):
        acme.add_contact(first_name=f"Ann {number}", phone="020 7946 0958")
    form = AddContact(acme, on_open=lambda _id: None)
    shown = left(form, "phone", "020 7946 0958")
    assert shown.buttons.count("Open") == 5
    assert "More than 5 contacts have this phone already." in form._form.content
    sent(form, phone="020 7946 0958")
    assert acme.contacts.count() == 9


def test_after_one_was_added_the_form_is_empty_for_the_next(acme):
    form = AddContact(acme)
    told(form, action="choose", name="tag", value="vip")
    before = read(form).fields["phone"]["data-left"]
    sent(form, first_name="Ann", phone="020 7946 0958")
    assert "Ann</bdi> was added as contact 1." in form._form.content
    assert "cnb-chip" not in form._form.content
    # What the browser tells late of a field that is gone is nothing to this form.
    told(form, action=before, name="phone", value="020 7946 0958")
    assert form.duplicates == ()
    sent(form, first_name="Bo")
    assert names_of(acme) == ["Ann", "Bo"]
    assert acme.contacts[2].tags == ()


@pytest.mark.parametrize("what", ["team", "field", "value"])
def test_what_is_gone_meanwhile_is_told_and_nothing_that_was_typed_is_lost(acme, what):
    form = AddContact(acme)
    told(form, action="choose", name="tag", value="vip")
    if what == "team":
        acme.teams.remove("Sales")
    elif what == "field":
        acme.fields.remove("plan")
    else:
        acme.fields.update("plan", allowed=["Silver"])
    before = read(form).fields["first_name"]
    shown = sent(form, first_name="Ann", team="Sales", **{"field:plan": "Gold"})
    assert acme.contacts.count() == 0
    if what == "field":
        assert "field &#39;plan&#39; doesn&#39;t exist" in form._form.content
    else:
        assert shown.problem("team" if what == "team" else "field:plan")
    assert shown.fields["first_name"] == before, "the browser keeps what is in it"
    assert "cnb-chip" in form._form.content


def test_a_refusal_is_told(acme, monkeypatch):
    def refused(**_values: object) -> None:
        raise NotAllowed("Bo may not add contacts.")

    monkeypatch.setattr(acme, "add_contact", refused)
    form = AddContact(acme)
    sent(form, first_name="Ann")
    assert "Bo may not add contacts." in form._form.content


def test_what_goes_wrong_after_it_was_added_does_not_add_it_again(acme):
    def broken(_contact: object, _operation: object) -> None:
        raise ZeroDivisionError

    form = AddContact(acme, on_added=broken)
    sent(form, first_name="Ann")
    assert "Something went wrong" in form._form.content
    assert "was added as contact 1" in form._form.content


def test_what_is_not_asked_for_can_not_be_pressed(acme, done):
    assert read(AddContact(acme)).buttons == ["Add contact"]
    form = AddContact(acme, on_import=lambda: done.append("import"), on_cancel=lambda: done.append("cancel"))
    assert read(form).buttons == ["One contact", "Many, from a file", "Cancel", "Add contact"]
    told(form, action="import", name="")
    told(form, action="cancel", name="")
    assert done == ["import", "cancel"]
    told(AddContact(acme), action="import", name="")


def test_how_a_phone_is_read_is_said(acme):
    assert "Without +, it is read as a number of United Kingdom." in AddContact(acme)._form.content
    acme.update(phone_region=None)
    assert "Begin with + and the code of the country" in AddContact(acme)._form.content


def test_names_of_fields_are_texts(acme):
    acme.fields.add("<i>Shoe</i> size")
    assert "&lt;i&gt;Shoe&lt;/i&gt; size" in AddContact(acme)._form.content
