import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.model.filter_criteria import CRITERIA, OPERATORS, Arity, ValueType
from contacts_nb.model.filters import EVERYONE, NO_ONE, Filter, all_of, any_of, criteria_of
from contacts_nb.widgets import FilterDrawer
from contacts_nb.widgets.filter_drafts import Group, Line, Whole, filter_of
from contacts_nb.workspace import Workspace
from tests.filter_strategies import EXAMPLE, filters

OWNER = "ana@acme.example"


class Person:
    """Somebody at the drawer: what the browser tells of gestures, and what is to be seen."""

    def __init__(self, drawer: FilterDrawer) -> None:
        self.drawer = drawer
        self.sent: list[dict[str, object]] = []
        drawer._form.send = self.sent.append

    @property
    def draft(self) -> Group:
        return self.drawer._editing.draft

    def tell(self, what: str, at: str, value: str = "") -> None:
        self.drawer._form._handle_custom_msg({"do": what, "at": at, "value": value}, [])

    def add(self, name: str, group: Group | None = None) -> str:
        """Add a criterion and give the key of its line."""
        group = group or self.draft
        self.tell("choose", f"{group.key}:add", name)
        return group.parts[-1].key

    def choose(self, key: str, *values: str) -> None:
        for value in values:
            self.tell("choose", f"{key}:names", value)

    def enter(self, key: str, *values: str) -> None:
        for place, value in enumerate(values):
            self.tell("input", f"{key}:value{place}", value)

    def ask(self, key: str, operator: str) -> None:
        self.tell("input", f"{key}:operator", operator)

    def press(self, at: str) -> None:
        self.tell("press", at)

    def offered(self, at: str, typed: str = "") -> list[str]:
        self.tell("suggest", at, typed)
        offers = self.sent[-1]["offers"]
        assert isinstance(offers, list)
        return [offer["value"] for offer in offers]

    def focused(self) -> object:
        return next((message["at"] for message in reversed(self.sent) if message["do"] == "focus"), None)

    @property
    def html(self) -> str:
        content: str = self.drawer._form.content
        return content

    def text(self, css_class: str = "") -> str:
        html = self.html
        if css_class:
            found = re.search(rf'class="{css_class}[ "].*?</p>', html, re.DOTALL)
            html = found[0].partition(">")[2] if found else ""
        return " ".join(re.sub("<[^>]*>", " ", html).replace("&#39;", "'").split())


def acme(workspace: Workspace) -> Workspace:
    """Contacts of two countries, and everything that the drawn filters name."""
    for name, country in (("Ann", "GB"), ("Bo", "GB"), ("Cy", "FR")):
        workspace.add_contact(first_name=name, country=country)
    for tag in EXAMPLE.tags:
        workspace.tags.add(tag)
    for team in EXAMPLE.teams:
        workspace.teams.add(team)
    for channel in EXAMPLE.channels:
        workspace.channels.add(channel, "whatsapp")
    for field in EXAMPLE.fields:
        workspace.fields.add(field.name, field.type, allowed=field.allowed, slug=field.slug)
    return workspace


@pytest.fixture
def at(workspace) -> Callable[..., Person]:
    """Makes somebody at a drawer, on each database."""
    acme(workspace)
    return lambda *args, **named: Person(FilterDrawer(workspace, *args, **named))


@pytest.fixture(scope="module")
def in_file(tmp_path_factory):
    """A workspace for what doesn't depend on the database."""
    path = tmp_path_factory.mktemp("filter") / "contacts.db"
    cn.create(path, owner=OWNER).close()
    with cn.open(path, user=OWNER) as opened:
        yield acme(opened)


@pytest.fixture
def person(in_file):
    return Person(FilterDrawer(in_file))


def test_an_empty_drawer_counts_everyone(at):
    person = at()
    assert person.drawer.filter == EVERYONE
    assert person.text("cnb-filter-count") == "3 contacts"
    assert "No criteria" in person.text()


def test_a_complete_criterion_acts_at_once_with_count_and_sentence(at):
    told: list[Filter] = []
    person = at(on_change=told.append)
    line = person.add("country")
    assert (person.drawer.filter, told) == (EVERYONE, [])
    person.choose(line, "GB")
    assert person.drawer.filter == (F.country == "GB")
    assert told == [F.country == "GB"]
    assert person.text("cnb-filter-count") == "2 of 3 contacts"
    assert person.text("cnb-filter-sentence") == "Country is United Kingdom"


def test_everything_that_can_be_asked_is_offered_in_groups(person):
    key = f"{person.draft.key}:add"
    offered = person.offered(key)
    assert set(offered) == set(CRITERIA) | {f"field:{field.slug}" for field in EXAMPLE.fields}
    assert len(offered) == len(set(offered))
    assert person.offered(key, "SEA") == ["field:seats"]
    groups = {offer["group"] for offer in person.sent[-1]["offers"]}
    assert groups == {"Custom fields"}


@pytest.mark.parametrize("name", CRITERIA)
def test_each_criterion_offers_its_operators_by_their_labels(person, name):
    person.add(name)
    definition = CRITERIA[name]
    shown = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', person.html.partition(":operator")[2])
    count = len(definition.operators)
    labels = [(operator.value, definition.label_of(operator)) for operator in definition.operators]
    assert [(value, label.replace("&gt;", ">").replace("&lt;", "<")) for value, label in shown[:count]] == labels


@pytest.mark.parametrize(
    ("name", "operator", "typed", "meant"),
    [
        ("first_name", "contains", ["an"], F.first_name.contains("an")),
        ("field:seats", "at_least", ["05"], F["seats"] >= 5),
        ("field:seats", "between", ["1", "9"], F["seats"].between(1, 9)),
        ("created_at", "on", ["2026-03-01"], F.created_at.on("2026-03-01")),
        ("created_at", "within", ["7"], F.created_at.within(days=7)),
        ("field:lunch", "before", ["12:30"], F["lunch"].before("12:30")),
        ("last_incoming", "more_than_ago", ["3"], F.last_incoming.more_than_ago(days=3)),
    ],
)
def test_values_are_typed_by_type(person, name, operator, typed, meant):
    line = person.add(name)
    person.ask(line, operator)
    person.enter(line, *typed)
    assert person.drawer.filter == meant


def test_amounts_of_time_have_units(person):
    line = person.add("last_incoming")
    person.ask(line, "between")
    person.enter(line, "2", "5")
    person.tell("input", f"{line}:unit", "hours")
    assert person.drawer.filter == F.last_incoming.between(2, 5, "hours")
    person.ask(line, "is_empty")
    assert person.drawer.filter == F.last_incoming.is_empty()


def test_several_values_are_chips_that_can_be_removed(person):
    line = person.add("tags")
    person.choose(line, "vip", "press", "vip")
    assert person.drawer.filter == F.tags.has_any("vip", "press")
    person.press(f"{line}:drop0")
    assert person.drawer.filter == F.tags.has_any("press")
    assert person.focused() == f"{line}:names"


def test_what_was_chosen_is_kept_while_the_operator_changes(person):
    line = person.add("country")
    person.ask(line, "is_any_of")
    person.choose(line, "GB", "FR")
    person.ask(line, "is")
    assert person.drawer.filter == (F.country == "GB")
    person.ask(line, "is_empty")
    person.ask(line, "is_any_of")
    assert person.drawer.filter == F.country.is_any_of("GB", "FR")
    created = person.add("created_at")
    person.enter(created, "2026-03-01")
    person.ask(created, "within")
    assert "Type a number of days" in person.text()
    person.ask(created, "before")
    assert F.created_at.before("2026-03-01") in person.drawer.filter.parts


def test_a_single_value_is_replaced(person):
    line = person.add("team")
    person.choose(line, "Sales", "mine")
    assert person.drawer.filter == (F.team == "mine")


def test_me_needs_no_value(person):
    line = person.add("assignee")
    person.ask(line, "is_me")
    assert person.drawer.filter == F.assignee.is_me()


def test_names_are_found_without_accents_and_in_other_languages(person):
    tags, country = person.add("tags"), person.add("country")
    assert "Spring 🌷" in person.offered(f"{tags}:names", "SPRING")
    assert person.offered(f"{country}:names", "Deutschland") == ["DE"]
    assert person.offered(f"{country}:names", "turk")[0] in ("TM", "TC", "TR")
    person.choose(tags, "vip")
    assert "vip" not in person.offered(f"{tags}:names")


def test_a_whole_name_that_was_typed_and_left_is_chosen_and_another_is_refused_beside_the_field(person):
    line = person.add("tags")
    person.tell("type", f"{line}:names", "VIP")
    assert person.drawer.filter == F.tags.has_any("vip")
    person.tell("type", f"{line}:names", "nosuch")
    assert "“nosuch” is no tag; choose one from the list" in person.text()
    assert 'aria-invalid="true"' in person.html
    assert person.drawer.filter == F.tags.has_any("vip")
    person.tell("type", f"{line}:names", "")
    assert "nosuch" not in person.html
    person.press(f"{line}:drop0")
    person.tell("type", f"{line}:names", "nosuch")
    assert "“nosuch” is no tag" in person.text()
    assert person.drawer.filter == EVERYONE


@pytest.mark.parametrize(
    ("name", "operator", "typed", "said"),
    [
        ("first_name", "is", [" "], "Type a text"),
        ("country", "is", [], "Choose a country"),
        ("country", "is_any_of", [], "Choose at least one country"),
        ("field:seats", "between", ["1"], "Type both numbers"),
        ("field:seats", "is", ["12 pm"], "“12 pm” is not a number"),
        ("field:seats", "between", ["9", "1"], "The second is less than the first; swap them"),
        ("created_at", "within", ["-5"], "“-5” is not a number of whole days from 0 to 36,500"),
        ("created_at", "on", ["2026-02-31"], "“2026-02-31” is not a date"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_left_out_of_the_filter(person, name, operator, typed, said):
    line = person.add("conversation")
    other = person.add(name)
    person.ask(other, operator)
    person.enter(other, *typed)
    assert said in person.text()
    assert person.drawer.filter == F.conversation.is_open()
    assert [part.key for part in person.draft.parts] == [line, other]


def test_criteria_are_joined_as_chosen_and_grouped(person):
    person.add("conversation")
    person.press(f"{person.draft.key}:group")
    group = person.draft.parts[-1]
    assert isinstance(group, Group)
    assert person.focused() == f"{group.key}:add"
    person.choose(person.add("team", group), "Sales")
    assert person.drawer.filter == F.conversation.is_open() & (F.team == "Sales")
    person.ask(person.add("assignee", group), "is_me")
    inner = (F.team == "Sales") | F.assignee.is_me()
    assert person.drawer.filter == F.conversation.is_open() & inner
    person.tell("input", f"{person.draft.key}:match", "any")
    person.tell("input", f"{group.key}:match", "all")
    assert person.drawer.filter == F.conversation.is_open() | ((F.team == "Sales") & F.assignee.is_me())
    person.press(f"{group.key}:remove")
    assert person.drawer.filter == F.conversation.is_open()


def test_an_empty_group_of_any_leaves_everyone(person):
    person.tell("input", f"{person.draft.key}:match", "any")
    person.press(f"{person.draft.key}:group")
    assert person.drawer.filter == EVERYONE


def test_the_keyboard_goes_to_the_first_input_of_what_is_new_and_beside_what_was_removed(person):
    tags = person.add("tags")
    assert (person.focused(), person.sent[-1]["offering"]) == (f"{tags}:names", True)
    text = person.add("first_name")
    assert (person.focused(), person.sent[-1]["offering"]) == (f"{text}:value0", False)
    status = person.add("conversation")
    assert person.focused() == f"{status}:operator"
    person.press(f"{text}:remove")
    assert person.focused() == f"{status}:remove"
    person.press(f"{status}:remove")
    person.press(f"{tags}:remove")
    assert person.focused() == f"{person.draft.key}:add"


def test_what_the_screen_has_no_form_for_is_a_sentence_that_can_be_removed(person):
    deep = (F.country == "GB") | (F.tags.is_empty() & (F.team.is_me() | F.assignee.is_me()))
    turned = ~(F.tags.is_empty() | F.team.is_me())
    person.drawer.filter = deep & turned & ~F.conversation.is_open()
    group, whole, line = person.draft.parts
    assert isinstance(group, Group)
    assert isinstance(group.parts[1], Whole)
    assert isinstance(whole, Whole)
    assert isinstance(line, Line)
    assert "Not (tags are empty or team is mine)" in person.text()
    person.ask(line.key, "is_closed")
    assert person.drawer.filter == deep & turned & ~F.conversation.is_closed()
    person.press(f"{whole.key}:remove")
    assert person.drawer.filter == deep & ~F.conversation.is_closed()


def test_a_filter_set_from_outside_is_shown_and_not_told_back(in_file):
    told: list[Filter] = []
    person = Person(FilterDrawer(in_file, F.country == "GB", on_change=told.append))
    person.drawer.filter = F.first_name == "Cy"
    assert person.text("cnb-filter-count") == "1 of 3 contacts"
    assert told == []
    person.drawer.filter = EVERYONE
    assert person.draft.parts == []


def test_lines_that_wait_for_values_survive_the_same_filter_being_set(person):
    line = person.add("country")
    person.drawer.filter = EVERYONE
    assert [part.key for part in person.draft.parts] == [line]


def test_clear_empties_the_drawer(in_file):
    person = Person(FilterDrawer(in_file, (F.country == "GB") & ~(F.tags.is_empty() | F.team.is_me())))
    person.press("drawer:clear")
    assert (person.drawer.filter, person.draft.parts) == (EVERYONE, [])
    assert person.text("cnb-filter-count") == "3 contacts"
    assert person.focused() == f"{person.draft.key}:add"


def test_broken_criteria_are_shown_as_such_and_can_be_removed(at):
    person = at(F.tags.has_any("vip", "press") & F["plan"].is_empty() & (F.country == "GB"))
    workspace = person.drawer._workspace
    workspace.tags.remove("press")
    workspace.fields.remove("plan")
    person.drawer.refresh()
    assert "Broken, matches nobody: the tag “press” isn’t there any more." in person.text()
    assert "the field “plan” isn’t there any more" in person.text()
    assert person.text("cnb-filter-count") == "0 of 3 contacts"
    tags, plan, _ = person.draft.parts
    person.press(f"{plan.key}:remove")
    assert person.drawer.filter == F.tags.has_any("vip", "press") & (F.country == "GB")
    person.press(f"{tags.key}:drop1")
    assert person.drawer.filter == F.tags.has_any("vip") & (F.country == "GB")
    assert "Broken" not in person.text()


def test_a_filter_that_is_broken_from_the_start_is_opened_and_kept(in_file):
    tree = F["no_such_field"].is_empty() & F.tags.has_none("gone") & (F["seats"] == "many")
    person = Person(FilterDrawer(in_file, tree))
    assert person.html.count("Broken, matches nobody") == 3
    line = person.add("conversation")
    assert person.drawer.filter == tree & F.conversation.is_open()
    person.press(f"{line}:remove")
    assert person.drawer.filter == tree


def test_a_failure_is_told_and_the_drawer_goes_on(in_file, caplog):
    def fails(_filter: Filter) -> None:
        raise RuntimeError("no")

    person = Person(FilterDrawer(in_file, on_change=fails))
    person.add("conversation")
    assert "Something went wrong" in person.text()
    assert "no" in caplog.text
    person.drawer._on_change = None
    person.add("conversation")
    assert "Something went wrong" not in person.text()


def test_gestures_on_what_is_gone_do_nothing(person):
    line = person.add("country")
    person.press(f"{line}:remove")
    person.choose(line, "GB")
    person.enter(line, "x")
    person.ask(line, "is_not")
    assert (person.drawer.filter, "Something went wrong" in person.text()) == (EVERYONE, False)


def test_names_with_markup_are_shown_as_text(tmp_path):
    hostile = '<img src=x onerror=alert(1)>"'
    with cn.create(tmp_path / "contacts.db") as workspace:
        workspace.tags.add(hostile)
        workspace.fields.add(hostile, "text", slug="odd")
        person = Person(
            FilterDrawer(workspace, F.tags.has_any(hostile) & (F["odd"] == hostile) & ~(F["odd"] == "a"))
        )
        assert "<img" not in person.html
        assert 'alert(1)>"' not in person.html


def test_every_control_has_a_name(in_file):
    tree = F.country.is_any_of("GB", "FR") & F.last_incoming.between(1, 2, "hours") & (
        (F.first_name == "Ann") | (F["lunch"].before("12:00"))
    )  # fmt: skip
    person = Person(FilterDrawer(in_file, tree))
    person.press("drawer:new")
    person.tell("input", "save:sharing", "shared")
    for tag in re.findall(r"<(?:input|select|button)[^>]*>[^<]*", person.html):
        is_said = tag.startswith("<button") and tag.rpartition(">")[2].strip() not in ("", "✕")
        is_in_label = 'type="radio"' in tag or ":match" in tag or '"save:name"' in tag
        assert "aria-label=" in tag or is_said or is_in_label, tag


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=filters(EXAMPLE))
def test_any_filter_comes_back_as_it_was(in_file, tree):
    person = Person(FilterDrawer(in_file, tree))
    assert person.drawer.filter == tree
    person.drawer._apply()
    assert person.drawer.filter == tree
    other = Person(FilterDrawer(in_file))
    other.drawer.filter = tree
    other.drawer._apply()
    assert other.drawer.filter == tree


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(filters(EXAMPLE, 4), min_size=2, max_size=4), is_any=st.booleans(), data=st.data())
def test_only_what_is_touched_is_changed(in_file, parts, is_any, data):
    join = any_of if is_any else all_of
    tree = join(parts)
    person = Person(FilterDrawer(in_file, tree))
    whole_before = list(person.draft.parts)
    place = data.draw(st.integers(0, max(0, len(whole_before) - 1)))
    line = person.add("conversation")
    is_alone = not whole_before
    joined = any_of if person.draft.is_any else all_of
    added = F.conversation.is_open()
    assert person.drawer.filter == (added if is_alone else joined([tree, added]))
    person.press(f"{line}:remove")
    assert person.drawer.filter == tree
    if whole_before:
        criterion = person.drawer._editing.criterion
        rest = [
            filter_of(Group(parts=[part]), criterion) for part in whole_before if part is not whole_before[place]
        ]
        person.press(f"{whole_before[place].key}:remove")
        assert person.drawer.filter == (joined(rest) if rest else EVERYONE)


def test_every_operator_of_every_type_can_be_answered(person):
    offered = {ValueType.TAGS: "vip", ValueType.USER: OWNER, ValueType.TEAM: "Sales", ValueType.SOURCES: "sms"}
    examples = {
        ValueType.TEXT: "a",
        ValueType.NUMBER: "1",
        ValueType.DAY: "2026-03-01",
        ValueType.TIME: "09:30",
        ValueType.ELAPSED: "1",
    }
    names = {definition.type: name for name, definition in CRITERIA.items()}
    names |= {
        ValueType.NUMBER: "field:seats",
        ValueType.TIME: "field:lunch",
        ValueType.CHECKBOX: "field:newsletter",
    }
    names |= {ValueType.CHOICE: "field:plan"}
    for kind, name in names.items():
        for operator in OPERATORS[kind]:
            line = person.add(name)
            person.ask(line, operator.value)
            if kind in examples and operator.arity is not Arity.NONE:
                is_days = kind is ValueType.DAY and operator.value in ("within", "more_than_ago")
                value = "7" if is_days else examples[kind]
                person.enter(line, *[value] * (2 if operator.arity is Arity.TWO else 1))
            elif operator.arity is not Arity.NONE:
                person.choose(line, offered.get(kind) or person.offered(f"{line}:names")[0])
            criterion = next(iter(criteria_of(person.drawer.filter)), None)
            assert criterion is not None, (name, operator)
            assert (criterion.name, criterion.operator) == (name, operator)
            person.press("drawer:clear")


def test_no_one_is_kept_and_can_be_removed(in_file):
    person = Person(FilterDrawer(in_file, NO_ONE))
    assert person.text("cnb-filter-count") == "0 of 3 contacts"
    person.press(f"{person.draft.parts[0].key}:remove")
    assert person.drawer.filter == EVERYONE
