import copy
import pickle
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts_nb import EVERYONE, F
from contacts_nb.model.errors import InvalidValue, NotFound
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.filter_criteria import (
    CRITERIA,
    FIELD_PREFIX,
    FIELD_VALUE_TYPES,
    OPERATORS,
    Arity,
    Operator,
    UnknownCriterion,
    ValueType,
    definition_of,
)
from contacts_nb.model.filter_references import checked, references
from contacts_nb.model.filters import NO_ONE, And, Criterion, Filter, Not, Or, all_of, any_of, criteria_of
from tests.filter_strategies import EXAMPLE, asked, criteria, criterion, filters

FIELDS = EXAMPLE.by_slug
QUESTIONS = asked(EXAMPLE)
A, B, C = F.tags.has_any("a"), F.country == "GB", F.conversation.is_open()


def evaluated(source: str) -> Filter:
    made = eval(source, {"__builtins__": {}, "F": F, "EVERYONE": EVERYONE})  # noqa: S307 - that is what repr is for
    assert isinstance(made, Filter)
    return made


# The tree


@given(filters(EXAMPLE, max_leaves=30))
def test_the_python_of_a_filter_gives_it_back(tree):
    assert evaluated(repr(tree)) == tree
    assert hash(evaluated(repr(tree))) == hash(tree)


@given(filters(EXAMPLE))
def test_a_checked_filter_stays_as_it_is(tree):
    assert checked(tree, FIELDS) == tree


@given(filters(EXAMPLE), filters(EXAMPLE), filters(EXAMPLE))
def test_equal_questions_are_equal_trees(one, two, three):
    for joined in (and_, or_):
        assert joined(joined(one, two), three) == joined(one, joined(two, three))
    assert ~~one == one
    assert one & EVERYONE == one == one | NO_ONE
    assert all_of([one]) == one == any_of([one])
    assert all_of([one, two]) == one & two
    assert any_of([one, two]) == one | two
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    assert copy.deepcopy(one) == one


@given(filters(EXAMPLE))
def test_no_group_holds_its_own_kind_or_a_single_part(tree):
    def look(node: Filter) -> None:
        if isinstance(node, And | Or):
            assert len(node.parts) != 1
            assert not any(type(part) is type(node) for part in node.parts)
            for part in node.parts:
                look(part)
        if isinstance(node, Not):
            assert not isinstance(node.part, Not)
            assert node.part not in (EVERYONE, NO_ONE)
            look(node.part)

    look(tree)
    assert tree.size == len(list(criteria_of(tree)))


def test_groups_of_one_kind_are_one_and_opposites_cancel_out():
    assert (A & B) & C == A & (B & C) == And((A, B, C)) == And((A, And((B, C))))
    assert Or((A, B, C)) == A | B | C
    assert ~~A is A
    assert (And(()), Or(())) == (EVERYONE, NO_ONE)
    assert (~EVERYONE, ~NO_ONE, ~Or(())) == (NO_ONE, EVERYONE, EVERYONE)
    assert (all_of([]), any_of([])) == (EVERYONE, NO_ONE)
    assert len({A, F.tags.has_any("a"), B}) == 2
    assert (A == B) is False
    assert (A & B) != (A | B)


def test_what_has_a_shorter_form_cannot_be_made_by_hand():
    for made in (lambda: And((A,)), lambda: Or((A,)), lambda: Not(~A), lambda: Not(EVERYONE), lambda: Not(NO_ONE)):
        with pytest.raises(InvalidValue, match="use "):
            made()


@pytest.mark.parametrize("value", [None, "tags", 5, F.tags, [A], {"and": []}])
def test_only_filters_are_parts(value):
    for kind in (And, Or, all_of, any_of):
        with pytest.raises(InvalidValue, match="is not a filter"):
            kind((A, value))
    with pytest.raises(InvalidValue, match="is not a filter"):
        Not(value)


def test_a_filter_cannot_be_changed():
    for tree, name in ((A, "values"), (A & B, "parts"), (~A, "part"), (A, "depth")):
        with pytest.raises(FrozenInstanceError):
            setattr(tree, name, ())
        assert not hasattr(tree, "__dict__")


JOINED_WRONGLY = {
    "if": lambda: 1 if A else 2,
    "and": lambda: A and B,
    "or": lambda: A or B,
    "not": lambda: not A,
    "chain": lambda: 1 < F["seats"] < 5,
    "asked and": lambda: F.tags and A,
    "asked not": lambda: not F.tags,
    "in": lambda: F.country in ["GB", "FR"],
    "no parentheses": lambda: F.country == "GB" & A,
    "no parentheses right": lambda: A & F.country == "GB",
    "no parentheses both": lambda: F["a"] == 1 | F["b"] == 2,
    "asked & filter": lambda: F.tags & A,
    "asked | asked": lambda: F.tags | F.country,
    "~ asked": lambda: ~F.tags,
    "filter & text": lambda: A & "GB",  # type: ignore[operator]
    "filter | none": lambda: A | None,  # type: ignore[operator]
    "number | filter": lambda: 1 | A,
}


@pytest.mark.parametrize("wrong", JOINED_WRONGLY.values(), ids=JOINED_WRONGLY)
def test_filters_joined_the_wrong_way_say_how_to_join_them(wrong):
    with pytest.raises(TypeError, match=r"& \| ~ .* parentheses"):
        wrong()


def nested(levels: int) -> Filter:
    """A tree as deep as `levels`."""
    tree = A
    for level in range(levels - 1):
        tree = (tree | B) if level % 2 else (tree & C)
    return tree


def test_a_filter_is_usable_at_its_bounds_and_refused_beyond():
    deep = nested(100)
    opposites = reduce(lambda tree, _: ~(A & tree), range(48), ~(A & B))
    wide = reduce(and_, [F.tags.has_any(f"tag {number}") for number in range(1000)])
    both = reduce(lambda tree, level: (tree | any_of([B] * 10)) if level % 2 else (tree & all_of([C] * 10)),
                  range(99), A)  # fmt: skip
    for tree in (deep, opposites, wide, both):
        assert evaluated(repr(tree)) == tree
        assert Filter.from_json(tree.to_json()) == tree
        assert str(tree)
        assert checked(tree, {}) == tree
        assert hash(copy.deepcopy(tree)) == hash(pickle.loads(pickle.dumps(tree)))  # noqa: S301 - our own
        assert len(references(tree)) <= 1000
    assert (deep.depth, wide.size, both.size) == (100, 1000, 991)
    with pytest.raises(InvalidValue, match="at most 100 levels"):
        Not(deep)
    with pytest.raises(InvalidValue, match="at most 100 levels"):
        reduce(lambda tree, level: (tree | B) if level % 2 else (tree & C), range(10_000), A)
    with pytest.raises(InvalidValue, match="at most 1,000"):
        wide & A
    with pytest.raises(InvalidValue, match="at most 1,000"):
        Or((wide, A))
    with pytest.raises(InvalidValue, match="at most 1,000"):
        all_of([A] * 1001)


# The registry


def test_every_operator_is_asked_of_something_and_has_its_own_name():
    assert {operator for kind in OPERATORS.values() for operator in kind} == set(Operator)
    assert set(OPERATORS) == set(ValueType)
    assert set(FIELD_VALUE_TYPES) == set(FieldType)
    assert len({operator.spelling for operator in Operator}) == len(Operator)
    for definition in CRITERIA.values():
        labels = [definition.label_of(operator) for operator in definition.operators]
        assert len(set(labels)) == len(labels)
    assert len({definition.label for definition in CRITERIA.values()}) == len(CRITERIA)


def test_the_strategies_ask_every_question_there_is():
    kinds = {name: (definition.type, definition.operators) for name, definition in CRITERIA.items()}
    for field in EXAMPLE.fields:
        kind = FIELD_VALUE_TYPES[field.type]
        kinds[FIELD_PREFIX + field.slug] = (kind, OPERATORS[kind])
    assert {field.type for field in EXAMPLE.fields} == set(FieldType)
    assert {question[:3] for question in QUESTIONS} == {
        (name, kind, operator) for name, (kind, operators) in kinds.items() for operator in operators
    }


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question[0]} {question[2]}")
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_question_has_all_four_forms(question, data):
    tree = data.draw(criterion(EXAMPLE, *question))
    assert isinstance(tree, Criterion)
    assert (tree.name, tree.operator) == (question[0], question[2])
    assert evaluated(repr(tree)) == tree == Filter.from_json(tree.to_json())
    assert checked(tree, FIELDS) == tree
    assert tree.definition.name == tree.name


@pytest.mark.parametrize("name", [*CRITERIA, *(FIELD_PREFIX + slug for slug in FIELDS)])
def test_an_operator_that_a_criterion_lacks_is_refused_with_those_it_has(name):
    kinds = {question[1] for question in QUESTIONS if question[0] == name}
    has = OPERATORS[kinds.pop()]
    for operator in set(Operator) - set(has):
        values = {Arity.NONE: (), Arity.TWO: ("1", "2")}.get(operator.arity, ("1",))
        with pytest.raises(InvalidValue) as refused:
            checked(Criterion(name, operator, values), FIELDS)
        label = CRITERIA[name].label if name in CRITERIA else FIELDS[name.removeprefix(FIELD_PREFIX)].name
        slug = name.removeprefix(FIELD_PREFIX)
        assert refused.value.field in (label, slug)
        if refused.value.value == operator.spelling:
            assert all(one.spelling in refused.value.rule for one in has)
        else:
            # Refused before the type of the field was known, because no type has that operator with such a value.
            assert name not in CRITERIA
    with pytest.raises(InvalidValue):
        Criterion(name, "equals")  # type: ignore[arg-type]


def test_names_can_be_completed_and_a_wrong_one_suggests_the_right_one():
    assert dir(F) == sorted(CRITERIA)
    assert hasattr(F, "country")
    assert not hasattr(F, "contry")
    with pytest.raises(UnknownCriterion, match="did you mean country"):
        F.contry  # noqa: B018
    with pytest.raises(AttributeError, match="there are first_name"):
        F.zzz  # noqa: B018
    with pytest.raises(InvalidValue, match=r"write F\.country"):
        F["country"]
    with pytest.raises(InvalidValue, match=r"write F\.last_channel"):
        F["last_interacted_channel"]
    hostile: tuple[Any, ...] = ("Plan", "", None, 0, "a b", "x\x00", "field:plan")
    for slug in hostile:
        with pytest.raises(InvalidValue):
            F[slug]
    hostile = (*hostile[:-1], "contry", "", None, 5, [], "field:", "field:Plan", "field:country", "plan")
    for name in hostile:
        with pytest.raises(InvalidValue):
            Criterion(name, Operator.IS, ("a",))
    assert (repr(F), repr(F.country), repr(F["plan"])) == ("F", "F.country", "F['plan']")
    assert definition_of("field:plan").operators == OPERATORS[ValueType.FIELD]


# Values


@pytest.mark.parametrize(
    ("made", "values"),
    [
        (F.country == "United Kingdom", ("GB",)),
        (F.country.is_any_of(["gb", "UK", "France"]), ("GB", "FR")),
        (F.language != "en-GB", ("en",)),
        (F.first_name == " Ann ", ("Ann",)),
        (F.first_name == np.str_("Ann"), ("Ann",)),
        (F.tags.has_any("vip"), ("vip",)),
        (F.tags.has_any("b", "a", "b"), ("b", "a")),
        (F.tags.has_all(["b", "a"]), ("b", "a")),
        (F.tags.has_none(("b", "a")), ("b", "a")),
        (F.tags.has_any({"b", "a"}), ("a", "b")),
        (F.tags.has_any(pd.Series(["b", "a"])), ("b", "a")),
        (F.tags.has_any(name for name in "ba"), ("b", "a")),
        (F.sources.has_any("WhatsApp", "Web chat"), ("whatsapp", "webchat")),
        (F.created_at.on(date(2026, 3, 1)), ("2026-03-01",)),
        (F.created_at.between("2026-03-01", date(2026, 3, 1)), ("2026-03-01", "2026-03-01")),
        (F.created_at.within(days=0), ("0",)),
        (F.created_at.within(days=np.int64(36_500)), ("36500",)),
        (F.last_incoming.within(minutes=5), ("5", "minutes")),
        (F.last_incoming.more_than_ago(hours=5.0), ("5", "hours")),
        (F.last_incoming.between(2, 5, "Days"), ("2", "5", "days")),
        (F["seats"] > 5, ("5",)),
        (5 < F["seats"], ("5",)),  # noqa: SIM300
        (np.int64(5) < F["seats"], ("5",)),
        (F["seats"] <= Decimal("12.50"), ("12.5",)),
        (F["seats"] == 5, ("5",)),
        (F["seats"].between(-1.5, "1e3"), ("-1.5", "1000")),
        (F["seats"].between(9, 10), ("9", "10")),
        (F["lunch"].before(time(9, 30)), ("09:30:00",)),
        (F["lunch"].between("09:30", "09:30:01"), ("09:30:00", "09:30:01")),
        (F["birthday"].after("2026-03-01"), ("2026-03-01",)),
        (F["birthday"] == date(2026, 3, 1), ("2026-03-01",)),
        (F["plan"].is_any_of("gold", "Silver"), ("gold", "Silver")),
        (F.assignee == "Bo@Example.org", ("Bo@Example.org",)),
        (F.phone.starts_with("+44 20"), ("+44 20",)),
        (F.tags.is_empty(), ()),
    ],
    ids=repr,
)
def test_values_are_held_in_one_form(made, values):
    assert made.values == values
    assert all(type(value) is str for value in made.values)


@pytest.mark.parametrize(
    ("made", "values"),
    [
        (F["plan"] == "GOLD", ("Gold",)),
        (F["plan"].is_none_of("GOLD", "gold", "silver"), ("Gold", "Silver")),
        (F["seats"] == "12.50", ("12.5",)),
        (F["lunch"] == "09:30", ("09:30:00",)),
        (F["note"] == 5, ("5",)),
        (F["newsletter"].is_true(), ()),
    ],
    ids=repr,
)
def test_values_of_custom_fields_are_in_one_form_once_their_type_is_known(made, values):
    found = checked(~(made & A), FIELDS)
    assert next(criteria_of(found)).values == values


REFUSED_ANYWHERE = [b"1", ["1", 2], {"a": 1}, object(), 1j, True, A, F.phone, "\x00a", "a\ud800", "x" * 3000,
                    None, "", " \t", float("nan"), pd.NA, pd.NaT, np.array([1, 2]), 10**5000, pd.Timedelta(1),
                    datetime(2026, 3, 1, tzinfo=UTC)]  # fmt: skip


@pytest.mark.parametrize(
    "question", [one for one in QUESTIONS if one[2].arity is not Arity.NONE], ids=lambda one: f"{one[0]} {one[2]}"
)
def test_a_bad_value_is_refused_with_the_label_the_value_and_the_rule(question):
    for value in REFUSED_ANYWHERE:
        refuse(value, *question)


def refuse(value: object, name: str, kind: ValueType, operator: Operator, field: Field | None) -> None:
    values = [value] * (2 if operator.arity is Arity.TWO else 1)
    if kind is ValueType.ELAPSED:
        values.append("days")
    with pytest.raises(InvalidValue) as refused:
        checked(Criterion(name, operator, values), FIELDS)  # type: ignore[arg-type]
    label = {CRITERIA[name].label} if field is None else {field.slug, field.name}
    assert refused.value.field in label
    assert len(refused.value.rule) > 15
    assert str(refused.value).startswith(refused.value.field)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda: F.country == "Atlantis", "Country 'Atlantis' is not a country"),
        (lambda: F.language.is_any_of("en", "Klingon!"), "Language 'Klingon!' is not a language"),
        (lambda: F.country == None, r"Country None is empty.*is_empty\(\)"),  # noqa: E711
        (lambda: F.country != "", r"Country '' is empty.*is_empty\(\)"),
        (lambda: F.assignee == None, r"is_unassigned\(\)"),  # noqa: E711
        (lambda: F["plan"] == None, r"plan None is empty.*is_empty\(\)"),  # noqa: E711
        (lambda: F.last_channel == " ", "is empty; give a value"),
        (F.tags.has_any, "at least one"),
        (lambda: F.tags.has_any([]), "at least one"),
        (lambda: F.tags.has_any(map(str, range(1001))), "at most 1,000"),
        (lambda: F.tags.has_any(["a"], ["b"]), "is not a text"),
        (lambda: F.sources.has_any("pigeon"), "none of the choices"),
        (lambda: F.first_name == F.last_name, r"First name F\.last_name is not a text"),
        (lambda: F.created_at.on(datetime(2026, 3, 1, tzinfo=UTC)), "is a moment.*give the date alone"),
        (lambda: F.created_at.before(pd.Timestamp("2026-03-01")), "is a moment"),
        (lambda: F["birthday"].after(np.datetime64("2026-03-01")), "is a moment"),
        (lambda: F.created_at.on("01.03.2026"), "is not a date"),
        (lambda: F.created_at.on("2026-02-30"), "is not a date"),
        (lambda: F.created_at.between("2026-03-02", "2026-03-01"), "wrong order"),
        (lambda: F["seats"].between(10, 9), "wrong order"),
        (lambda: F["lunch"].between("10:00", "09:00"), "wrong order"),
        (lambda: F["x"].between("10:00", 5), "two types"),
        (lambda: F["x"].between("10:00", "2026-03-01"), "two types"),
        (lambda: F.last_incoming.between(5, 2, "days"), "wrong order"),
        (lambda: F.last_incoming.between(2, 5), "no unit"),
        (lambda: F.last_incoming.between(2, 5, "weeks"), "none of the choices"),
        (lambda: F.created_at.between("2026-03-01", "2026-03-02", "days"), "has not the 2 values"),
        (lambda: F.created_at.within(days=-1), "from 0 to 36,500"),
        (lambda: F.created_at.within(days=36_501), "from 0 to 36,500"),
        (lambda: F.created_at.within(days=1.5), "whole days"),
        (lambda: F.created_at.within(days=True), "is not a number"),
        (lambda: F.created_at.within(hours=3), r"within\(days=…\)"),
        (F.created_at.within, r"within\(days=…\)"),
        (lambda: F["birthday"].within(hours=3), r"within\(days=…\)"),
        (lambda: F.last_incoming.within(hours=3, days=1), r"\(hours=…\)"),
        (lambda: F.last_incoming.within(minutes=52_560_001), "from 0 to 52,560,000"),
        (lambda: F["seats"] == True, r"is_true\(\)"),  # noqa: E712
        (lambda: F["seats"] < "many", "is not a number"),
        (lambda: F["seats"] < 2**60, "too many digits"),
        (lambda: F["seats"].before("soon"), "is no day or time for 'before'"),
        (
            lambda: F.country.contains("G"),
            r"Country 'contains' is not one of its operators; use ==, !=, is_any_of\(",
        ),
        (lambda: F.created_at == "2026-03-01", r"use on\(\), before\(\)"),
        (F.conversation.is_empty, r"use is_open\(\), is_closed\(\)"),
        (lambda: Criterion("tags", Operator.IS_EMPTY, ("a",)), "takes no value"),
        (lambda: Criterion("tags", Operator.HAS_ANY, "vip"), "is not a list"),  # type: ignore[arg-type]
        (lambda: Criterion("tags", [], ()), "is not an operator"),  # type: ignore[arg-type]
        (lambda: checked(F["plan"] == "Bronze", FIELDS), "Plan 'Bronze' is not in the list"),
        (lambda: checked(F["plan"].contains("o"), FIELDS), "Plan 'contains' is not one of its operators; use =="),
        (lambda: checked(F["seats"] == "many", FIELDS), "Seats 'many' is not a number"),
        (lambda: checked(F["seats"].between("09:00", "10:00"), FIELDS), "Seats '09:00:00' is not a number"),
        (lambda: checked(A & ~(F["plann"] == "Gold"), FIELDS), "field 'plann' doesn't exist; did you mean plan"),
        (lambda: checked(F["zzz"] == "Gold", {}), "may have been removed"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused_with_the_reason(wrong, reason):
    with pytest.raises(InvalidValue, match=reason):
        wrong()


def test_a_field_that_is_not_there_is_not_found():
    with pytest.raises(NotFound):
        checked(F["seats"] > 5, {"plan": Field(2, "plan", "Plan", FieldType.TEXT)})


@given(criteria(EXAMPLE), st.lists(st.text() | st.none() | st.integers() | st.floats() | st.dates() | st.times()))
def test_anything_is_either_refused_under_the_label_or_held_as_texts_that_stand_for_themselves(
    asked_before, values
):
    assert isinstance(asked_before, Criterion)
    name, operator = asked_before.name, asked_before.operator
    try:
        made = Criterion(name, operator, tuple(values))
    except InvalidValue as error:
        refused = error
    else:
        assert Criterion(name, operator, made.values) == made == evaluated(repr(made))
        return
    assert refused.field == definition_of(name).label


# References


def test_what_a_filter_names_is_listed_with_the_criterion_that_names_it():
    tags, assignee, field = F.tags.has_all("a", "b"), F.assignee.is_any_of("bo@example.org"), F["plan"] == "Gold"
    channels, last, team = F.channels.has_any("Shop"), F.last_channel != "Help", F.team == "Sales"
    other = F.sources.has_any("sms") & (F.country == "GB") & F.assignee.is_me() & F.tags.is_empty()
    assert references(~(tags | assignee) & field & (channels | ~last) & team & other) == (
        ("tag", "a", tags), ("tag", "b", tags), ("user", "bo@example.org", assignee), ("field", "plan", field),
        ("channel", "Shop", channels), ("channel", "Help", last), ("team", "Sales", team),
    )  # fmt: skip
