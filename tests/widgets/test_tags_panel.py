"""Tags for many: what is offered, what is chosen, and that new ones are made only when they are meant."""

import pytest

from contacts_nb.model.errors import NotAllowed
from contacts_nb.widgets.tags_panel import TagsPanel
from contacts_nb.workspace import Workspace

TRICKY = ("Spring 🌷", "مهم", "a, b", "<b>", "x" * 255, "tag", "0")


@pytest.fixture
def acme(workspace: Workspace) -> Workspace:
    for name in ("press", "spring", "spring sale", "VIP"):
        workspace.tags.add(name)
    return workspace


@pytest.fixture
def done() -> list[object]:
    return []


def panel_of(workspace: Workspace, done: list[object], **options) -> TagsPanel:
    count = options.pop("count", 3)
    given = {"on_confirm": done.append, "on_cancel": lambda: done.append("cancelled")}
    return TagsPanel(workspace, count, **(given | options))


def told(panel: TagsPanel, **message: object) -> str:
    panel._form._handle_custom_msg(message, [])
    return str(panel._form.content)


def offered(content: str) -> list[str]:
    return [part.partition('"')[0] for part in content.split('data-do="offer" data-name="')[1:]]


@pytest.mark.parametrize(
    ("count", "removing", "title"),
    [(1, False, "Assign tags to 1 contact"), (1_204, True, "Remove tags from 1,204 contacts")],
)
def test_it_says_what_will_happen_to_how_many(acme, done, count, removing, title):
    assert f"<h4>{title}</h4>" in panel_of(acme, done, count=count, removing=removing)._form.content


def test_what_begins_like_what_is_typed_comes_first_in_any_case(acme, done):
    acme.tags.add("offspring")
    assert offered(told(panel_of(acme, done, removing=True), action="typed", name="tag", value="SPR")) == [
        "spring",
        "spring sale",
        "offspring",
    ]


def test_a_new_name_is_offered_as_a_new_tag_only_where_tags_are_given(acme, done):
    assert "Create tag “<bdi>summer</bdi>”" in told(
        panel_of(acme, done), action="typed", name="tag", value=" summer "
    )
    content = told(panel_of(acme, done, removing=True), action="typed", name="tag", value="summer")
    assert "Create tag" not in content
    assert "No tag fits “summer”" in content


def test_a_tag_that_is_there_is_not_offered_as_a_new_one(acme, done):
    assert offered(told(panel_of(acme, done), action="typed", name="tag", value="vip")) == ["VIP"]


def test_few_of_many_are_offered_and_the_rest_is_counted(acme, done):
    for number in range(20):
        acme.tags.add(f"number {number}")
    content = panel_of(acme, done)._form.content
    assert len(offered(content)) == 8
    assert "16 more; type to find them" in content


@pytest.mark.parametrize("name", TRICKY)
@pytest.mark.parametrize("gesture", ["choose", "offer"])
def test_names_of_every_kind_are_chosen_as_they_are(acme, done, name, gesture):
    panel = panel_of(acme, done)
    told(panel, action=gesture, **({"name": "tag", "value": name} if gesture == "choose" else {"name": name}))
    assert panel.chosen == (name,)
    assert "<b>" not in panel._form.content.replace("<bdi>", "")
    assert panel.confirm()
    assert done == [(name,)]


def test_a_tag_is_chosen_once_and_by_its_own_spelling(acme, done):
    panel = panel_of(acme, done)
    for typed in ("vip", "VIP ", "Vip"):
        told(panel, action="choose", name="tag", value=typed)
    assert panel.chosen == ("VIP",)


def test_chosen_tags_can_be_dropped_by_a_press_and_by_backspace(acme, done):
    panel = panel_of(acme, done)
    for name in ("VIP", "press", "new"):
        panel.choose(name)
    assert panel._form.content.count("<small>new</small>") == 1
    told(panel, action="drop", name="VIP")
    assert list(panel.chosen) == ["press", "new"]
    for left in (["press"], [], []):
        told(panel, action="back", name="tag", value="")
        assert list(panel.chosen) == left


def test_enter_in_the_empty_box_confirms_what_is_chosen(acme, done):
    panel = panel_of(acme, done)
    panel.choose("press")
    told(panel, action="choose", name="tag", value=" ")
    assert (done, panel.is_over, panel.layout.display) == ([("press",)], True, "none")


def test_the_button_says_what_it_does_and_why_it_does_not(acme, done):
    panel = panel_of(acme, done)
    assert 'aria-disabled="true"' in panel._form.content
    assert "Choose at least one tag." in panel._form.content
    panel.choose("VIP")
    assert ">Assign 1 tag<" in panel._form.content
    panel.choose("press")
    assert ">Assign 2 tags<" in panel._form.content
    assert 'aria-disabled="true"' not in panel._form.content
    assert "Choose at least one tag." not in panel._form.content


@pytest.mark.parametrize("gesture", [{"action": "submit", "values": {}}, {"action": "choose", "value": ""}])
def test_without_a_tag_nothing_is_done_and_it_is_said_beside_the_box(acme, done, gesture):
    panel = panel_of(acme, done)
    content = told(panel, **gesture)
    assert (done, panel.is_over) == ([], False)
    assert content.count("Choose at least one tag.") == 1


def test_what_still_stands_in_the_box_counts_when_it_is_a_tag(acme, done):
    panel = panel_of(acme, done)
    told(panel, action="submit", values={"tag": ["vip"]})
    assert done == [("VIP",)]


def test_what_still_stands_in_the_box_is_shown_before_it_becomes_a_new_tag(acme, done):
    panel = panel_of(acme, done)
    assert "“spr” is a new tag" in told(panel, action="submit", values={"tag": ["spr"]})
    assert (done, panel.chosen) == ([], ("spr",))
    told(panel, action="submit", values={"tag": [""]})
    assert done == [("spr",)]


def test_only_tags_that_there_are_can_be_removed(acme, done):
    panel = panel_of(acme, done, removing=True)
    content = told(panel, action="choose", name="tag", value="winter")
    assert "No tag is called “winter”" in content
    assert 'aria-invalid="true"' in content
    assert 'value="winter"' in content, "what was typed is given back"
    told(panel, action="choose", name="tag", value="pre")
    assert panel.chosen == ("press",), "the only one that fits is meant"


@pytest.mark.parametrize("name", ["x" * 256, "a\0b"])
def test_a_name_that_no_tag_can_have_is_refused_beside_the_box(acme, done, name):
    panel = panel_of(acme, done)
    assert 'aria-invalid="true"' in told(panel, action="choose", name="tag", value=name)
    assert panel.chosen == ()
    assert 'aria-invalid="true"' not in told(panel, action="typed", name="tag", value="spring")


@pytest.mark.parametrize("gesture", ["escape", "cancel"])
def test_it_can_be_left(acme, done, gesture):
    panel = panel_of(acme, done)
    panel.choose("VIP")
    told(panel, action=gesture)
    told(panel, action="submit", values={})
    assert (done, panel.layout.display) == (["cancelled"], "none")


def test_what_goes_wrong_is_told_and_what_was_chosen_stays(acme, done):
    failures = [NotAllowed("Bo may not tag contacts.")]

    def attempt(names: tuple[str, ...]) -> None:
        if failures:
            raise failures.pop()
        done.append(names)

    panel = panel_of(acme, done, on_confirm=attempt)
    panel.choose("VIP")
    assert not panel.confirm()
    assert "Bo may not tag contacts." in panel._form.content
    assert panel.confirm()
    assert done == [("VIP",)]


def test_the_contacts_of_tags_are_not_counted_for_it(acme, done, monkeypatch):
    monkeypatch.setattr("contacts_nb.workspace.settings.all_tags", lambda _connection: pytest.fail("counted"))
    assert offered(panel_of(acme, done)._form.content) == ["press", "spring", "spring sale", "VIP"]
