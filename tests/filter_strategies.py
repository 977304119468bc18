"""Filters to test with: trees of every criterion and operator, over what a workspace has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from contacts_nb.model.contact import Source
from contacts_nb.model.fields import Field, FieldType, checked_value
from contacts_nb.model.filter_criteria import (
    CRITERIA,
    FIELD_PREFIX,
    FIELD_VALUE_TYPES,
    OPERATORS,
    Arity,
    Operator,
    ValueType,
)
from contacts_nb.model.filter_values import DAYS, Unit
from contacts_nb.model.filters import Criterion, Filter, all_of, any_of
from contacts_nb.model.places import countries, languages

WRITABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TRICKY = (
    "a",
    "Ann",
    "é",
    "or",
    "x” or “y",
    "a, b",
    "not (a)",
    "%",
    "_",
    "\\",
    "'",
    '"',
    "王",
    "  b  c",
    "5",
    "{it}",
)


@dataclass(frozen=True)
class References:
    """What the drawn filters name; `texts` are those that contacts may have, to be asked for often."""

    tags: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    texts: tuple[str, ...] = TRICKY

    @property
    def by_slug(self) -> Mapping[str, Field]:
        return {field.slug: field for field in self.fields}


def asked(references: References) -> list[tuple[str, ValueType, Operator, Field | None]]:
    """Every question there is: the name and type of a criterion, one of its operators, its custom field."""
    names = {
        ValueType.TAGS: references.tags,
        ValueType.USER: references.users,
        ValueType.TEAM: references.teams,
        ValueType.CHANNELS: references.channels,
        ValueType.CHANNEL: references.channels,
    }
    kinds: list[tuple[str, ValueType, Field | None]] = [
        (name, definition.type, None) for name, definition in CRITERIA.items()
    ]
    kinds += [(FIELD_PREFIX + field.slug, FIELD_VALUE_TYPES[field.type], field) for field in references.fields]
    return [
        (name, kind, operator, field)
        for name, kind, field in kinds
        for operator in OPERATORS[kind]
        if operator.arity is Arity.NONE or names.get(kind, ("any",))
    ]


def criteria(references: References) -> st.SearchStrategy[Filter]:
    """One criterion, its values canonical."""
    return st.sampled_from(asked(references)).flatmap(lambda question: criterion(references, *question))


def criterion(
    references: References, name: str, kind: ValueType, operator: Operator, field: Field | None
) -> st.SearchStrategy[Filter]:
    """That question with some values."""
    return values(references, kind, operator, field).map(lambda drawn: Criterion(name, operator, drawn))


def filters(references: References, max_leaves: int = 12) -> st.SearchStrategy[Filter]:
    """Trees of criteria and of groups, also empty ones, that are checked against the fields of `references`."""

    def joined(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
        several = st.lists(parts, max_size=4)
        return st.one_of(several.map(all_of), several.map(any_of), parts.map(lambda part: ~part))

    return st.recursive(criteria(references), joined, max_leaves=max_leaves)


def values(
    references: References, kind: ValueType, operator: Operator, field: Field | None
) -> st.SearchStrategy[tuple[str, ...]]:
    """Values for `operator`, as many as it takes, as the criterion will hold them."""
    if operator.arity is Arity.NONE:
        return st.just(())
    if kind is ValueType.ELAPSED:
        return st.sampled_from(Unit).flatmap(
            lambda unit: _some(operator, st.integers(0, 120), str).map(lambda amounts: (*amounts, unit.value))
        )
    if operator in (Operator.WITHIN, Operator.MORE_THAN_AGO):
        return _some(operator, st.integers(0, 60) | st.integers(0, DAYS), str)
    if kind in (ValueType.NUMBER, ValueType.DAY, ValueType.TIME):
        assert field is not None or kind is ValueType.DAY
        example = field or Field(0, "day", "Day", FieldType.DATE)
        drawn = {ValueType.NUMBER: NUMBERS, ValueType.DAY: st.dates(), ValueType.TIME: TIMES}[kind]
        return _some(operator, drawn, lambda value: checked_value(example, value) or "")
    offered = {
        ValueType.COUNTRY: tuple(countries()),
        ValueType.LANGUAGE: tuple(languages()),
        ValueType.SOURCES: tuple(source.value for source in Source),
        ValueType.TAGS: references.tags,
        ValueType.USER: references.users,
        ValueType.TEAM: references.teams,
        ValueType.CHANNELS: references.channels,
        ValueType.CHANNEL: references.channels,
        ValueType.CHOICE: field.allowed if field else (),
    }
    if kind in offered:
        return _some(operator, st.sampled_from(offered[kind]), str)
    texts = st.sampled_from(references.texts) | st.text(WRITABLE, max_size=5)
    return _some(operator, texts.map(str.strip).filter(bool), str)


NUMBERS = st.integers(-3, 3) | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.times().map(lambda at: at.replace(microsecond=0))


def _some(
    operator: Operator, drawn: st.SearchStrategy, text: Callable[..., str]
) -> st.SearchStrategy[tuple[str, ...]]:
    if operator.arity is Arity.ONE:
        return drawn.map(lambda value: (text(value),))
    if operator.arity is Arity.TWO:
        return st.tuples(drawn, drawn).map(lambda pair: tuple(text(value) for value in sorted(pair)))
    several = st.lists(drawn.map(text), min_size=1, max_size=3, unique=True)
    return several.map(tuple)


EXAMPLE = References(
    tags=("vip", "press", "or", "a or b", "Spring 🌷", "x”", "everyone", "is any"),
    users=("ana@acme.example", "me", "bo@acme.example"),
    teams=("Sales", "Sales and Support", "mine"),
    channels=("Shop London", "Shop, Paris", "Help"),
    fields=(
        Field(1, "note", "Note", FieldType.TEXT),
        Field(2, "plan", "Plan", FieldType.LIST, ("Gold", "Silver", "Gold or Silver")),
        Field(3, "newsletter", "Newsletter?", FieldType.CHECKBOX),
        Field(4, "billing", "Billing e-mail", FieldType.EMAIL),
        Field(5, "seats", "Seats", FieldType.NUMBER),
        Field(6, "site", "Site", FieldType.URL),
        Field(7, "birthday", "Birthday", FieldType.DATE),
        Field(8, "lunch", "Lunch", FieldType.TIME),
        Field(9, "conversation", "Country", FieldType.LIST, ("open", "United Kingdom")),
    ),
)
"""Names that are hard to tell from words of a sentence, and a field of every type."""
