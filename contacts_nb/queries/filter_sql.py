"""A filter as SQL: one condition on the id of a contact, whose opposite is true wherever it isn't.

Every condition is true or false, never NULL, so that NOT is the exact complement. All values are bound.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    and_,
    false,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
)

from contacts_nb.model.days import day_end, day_start, today
from contacts_nb.model.emails import email_key
from contacts_nb.model.fields import Field
from contacts_nb.model.filter_criteria import FIELD_VALUE_TYPES, Operator, ValueType
from contacts_nb.model.filters import And, Criterion, Filter, Not, criteria_of, parts_of
from contacts_nb.model.phones import phone_starts, same_phone
from contacts_nb.model.search_text import number_spellings
from contacts_nb.model.text import folded
from contacts_nb.queries.terms import Terms
from contacts_nb.store.constructs import position
from contacts_nb.store.schema import (
    channels,
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    field_values,
    team_members,
)

Condition = ColumnElement[bool]
_TEXTS: dict[str, tuple[Column[str], Callable[[str], str]]] = {
    "first_name": (contacts.c.first_name_key, folded),
    "last_name": (contacts.c.last_name_key, folded),
    "email": (contacts.c.email_key, email_key),
}
_MOMENTS = {
    "created_at": contacts.c.created_at,
    "last_interaction": contact_states.c.last_interaction,
    "conversation_opened": contact_states.c.conversation_opened,
}
_OF_CONTACTS = {"first_name", "last_name", "phone", "email", "country", "language", "created_at"}
_OF_STATES = {
    "assignee", "team", "conversation", "conversation_opened", "last_interaction", "last_incoming", "last_channel",
}  # fmt: skip
MILLISECONDS = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
NEGATIVE = {
    Operator.IS_NOT: Operator.IS,
    Operator.IS_NONE_OF: Operator.IS_ANY_OF,
    Operator.DOES_NOT_CONTAIN: Operator.CONTAINS,
    Operator.HAS_NONE: Operator.HAS_ANY,
    Operator.IS_NOT_EMPTY: Operator.IS_EMPTY,
    Operator.IS_FALSE: Operator.IS_TRUE,
    Operator.IS_CLOSED: Operator.IS_OPEN,
}
"""Operators that are the exact opposite of another."""


def asks_contacts(tree: Filter) -> bool:
    """Whether the condition needs a row of `contacts` beside the id."""
    return any(criterion.name in _OF_CONTACTS for criterion in criteria_of(tree))


def asks_states(tree: Filter) -> bool:
    """Whether the condition needs a row of `contact_states` beside the id."""
    return any(criterion.name in _OF_STATES for criterion in criteria_of(tree))


def condition(tree: Filter, terms: Terms, contact_id: ColumnElement[Any]) -> Condition:
    """SQL for whether a contact is meant by `tree`, which `resolved` has given with `terms`."""
    if isinstance(tree, Criterion):
        return _criterion(tree, terms, contact_id)
    parts = [condition(part, terms, contact_id) for part in parts_of(tree)]
    if isinstance(tree, Not):
        return not_(parts[0])
    return and_(true(), *parts) if isinstance(tree, And) else or_(false(), *parts)


def _criterion(criterion: Criterion, terms: Terms, contact_id: ColumnElement[Any]) -> Condition:
    positive = NEGATIVE.get(criterion.operator)
    if positive is not None:
        return not_(_positive(criterion, positive, terms, contact_id))
    return _positive(criterion, criterion.operator, terms, contact_id)


def _positive(criterion: Criterion, operator: Operator, terms: Terms, contact_id: ColumnElement[Any]) -> Condition:
    slug = criterion.definition.slug
    if slug is None:
        return _STANDARD[criterion.definition.type](criterion, operator, terms, contact_id)
    return _of_field(terms.fields[slug], criterion, operator, terms, contact_id)


def _given(column: ColumnElement[Any], *conditions: Condition) -> Condition:
    """One of `conditions` holds, of a column that isn't empty."""
    return and_(column.is_not(None), or_(false(), *conditions))


def _text(criterion: Criterion, operator: Operator, terms: Terms, _contact_id: ColumnElement[Any]) -> Condition:
    if criterion.name == "phone":
        return _phone(criterion, operator, terms)
    column, key = _TEXTS[criterion.name]
    if operator is Operator.IS_EMPTY:
        return column.is_(None)
    return _given(column, compared(column, operator, key(criterion.values[0])))


def compared(column: ColumnElement[str], operator: Operator, needle: str) -> Condition:
    """How the text in `column` compares with `needle`; without LIKE, so nothing in it has a meaning of its own."""
    if operator is Operator.IS:
        return column == needle
    found = position(column, literal(needle))
    return found == 1 if operator is Operator.STARTS_WITH else found > 0


def _phone(criterion: Criterion, operator: Operator, terms: Terms) -> Condition:
    column = contacts.c.phone_key
    if operator is Operator.IS_EMPTY:
        return column.is_(None)
    needles = phone_needles(operator, criterion.values[0], terms.region)
    return _given(column, *(compared(column, operator, needle) for needle in needles))


def phone_needles(operator: Operator, typed: str, region: str | None) -> tuple[str, ...]:
    """The keys, of which one will do, that `operator` looks for."""
    if operator is Operator.IS:
        return same_phone(typed, region)
    return phone_starts(typed, region) if operator is Operator.STARTS_WITH else number_spellings(typed)


def _place(criterion: Criterion, operator: Operator, _terms: Terms, _contact_id: ColumnElement[Any]) -> Condition:
    column = contacts.c[criterion.name]
    if operator is Operator.IS_EMPTY:
        return column.is_(None)
    return _given(column, column.in_(criterion.values))


def _day(criterion: Criterion, operator: Operator, terms: Terms, _contact_id: ColumnElement[Any]) -> Condition:
    column = type_coerce(_MOMENTS[criterion.name], BigInteger)
    if operator is Operator.IS_EMPTY:
        return column.is_(None)
    first, last = days_meant(criterion, operator, terms)
    bounds = []
    if first is not None:
        bounds.append(column >= day_start(first, terms.zone))
    if last is not None:
        bounds.append(column < day_end(last, terms.zone))
    return _given(column, and_(*bounds))


def days_meant(criterion: Criterion, operator: Operator, terms: Terms) -> tuple[date | None, date | None]:
    """The first and last day that a criterion on days means; None where there is no bound."""
    if operator in (Operator.WITHIN, Operator.MORE_THAN_AGO):
        now = today(terms.now, terms.zone)
        then = now - timedelta(days=int(criterion.values[0]))
        return (then, now) if operator is Operator.WITHIN else (None, then - timedelta(days=1))
    days = [date.fromisoformat(value) for value in criterion.values]
    if operator is Operator.BEFORE:
        # Before the first day of the calendar there is none.
        return (None, days[0] - timedelta(days=1)) if days[0] > date.min else (date.max, date.min)
    if operator is Operator.AFTER:
        return (days[0] + timedelta(days=1), None) if days[0] < date.max else (date.max, date.min)
    return days[0], days[-1]


def _elapsed(criterion: Criterion, operator: Operator, terms: Terms, _contact_id: ColumnElement[Any]) -> Condition:
    column = type_coerce(contact_states.c.last_incoming, BigInteger)
    if operator is Operator.IS_EMPTY:
        return column.is_(None)
    *amounts, unit = criterion.values
    moments = [terms.now - int(amount) * MILLISECONDS[unit] for amount in amounts]
    if operator is Operator.WITHIN:
        return _given(column, column > moments[0])
    if operator is Operator.MORE_THAN_AGO:
        return _given(column, column < moments[0])
    return _given(column, column.between(moments[1], moments[0]))


def _assigned(
    criterion: Criterion, operator: Operator, terms: Terms, _contact_id: ColumnElement[Any]
) -> Condition:
    is_user = criterion.definition.type is ValueType.USER
    column: Column[int] = contact_states.c.assignee_id if is_user else contact_states.c.team_id
    if operator is Operator.IS_UNASSIGNED:
        return column.is_(None)
    if operator is Operator.IS_ME:
        if terms.user_id is None:
            return false()
        mine = select(team_members.c.team_id).where(team_members.c.user_id == terms.user_id)
        return _given(column, column == terms.user_id if is_user else column.in_(mine))
    kind = "user" if is_user else "team"
    return _given(column, column.in_([terms.ids[kind, name] for name in criterion.values]))


def _tags(criterion: Criterion, operator: Operator, terms: Terms, contact_id: ColumnElement[Any]) -> Condition:
    if operator is Operator.IS_EMPTY:
        return contact_id.not_in(select(contact_tags.c.contact_id))
    ids = list(dict.fromkeys(terms.ids["tag", name] for name in criterion.values))
    return _having(
        ids,
        operator,
        contact_id,
        lambda some: select(contact_tags.c.contact_id).where(contact_tags.c.tag_id.in_(some)),
    )


def _channels(criterion: Criterion, operator: Operator, terms: Terms, contact_id: ColumnElement[Any]) -> Condition:
    ids = list(dict.fromkeys(terms.ids["channel", name] for name in criterion.values))
    return _having(
        ids,
        operator,
        contact_id,
        lambda some: select(contact_channels.c.contact_id).where(contact_channels.c.channel_id.in_(some)),
    )


def _sources(criterion: Criterion, operator: Operator, _terms: Terms, contact_id: ColumnElement[Any]) -> Condition:
    return _having(
        list(criterion.values),
        operator,
        contact_id,
        lambda some: select(contact_channels.c.contact_id).where(
            contact_channels.c.channel_id.in_(select(channels.c.id).where(channels.c.source.in_(some)))
        ),
    )


def _having(
    things: list[Any],
    operator: Operator,
    contact_id: ColumnElement[Any],
    who_has: Callable[[list[Any]], Select[int]],
) -> Condition:
    if operator is Operator.HAS_ALL:
        return and_(*(contact_id.in_(who_has([thing])) for thing in things))
    return contact_id.in_(who_has(things))


def _last_channel(
    criterion: Criterion, _operator: Operator, terms: Terms, _contact_id: ColumnElement[Any]
) -> Condition:
    column = contact_states.c.last_channel_id
    return _given(column, column.in_([terms.ids["channel", name] for name in criterion.values]))


def _conversation(
    _criterion: Criterion, _operator: Operator, _terms: Terms, _contact_id: ColumnElement[Any]
) -> Condition:
    return contact_states.c.conversation_open == 1


_STANDARD: dict[ValueType, Callable[[Criterion, Operator, Terms, ColumnElement[Any]], Condition]] = {
    ValueType.TEXT: _text,
    ValueType.COUNTRY: _place,
    ValueType.LANGUAGE: _place,
    ValueType.DAY: _day,
    ValueType.ELAPSED: _elapsed,
    ValueType.USER: _assigned,
    ValueType.TEAM: _assigned,
    ValueType.TAGS: _tags,
    ValueType.CHANNELS: _channels,
    ValueType.SOURCES: _sources,
    ValueType.CHANNEL: _last_channel,
    ValueType.CONVERSATION: _conversation,
}


def _of_field(
    field: Field, criterion: Criterion, operator: Operator, terms: Terms, contact_id: ColumnElement[Any]
) -> Condition:
    holding = select(field_values.c.contact_id).where(field_values.c.field_id == field.id)
    if operator is Operator.IS_EMPTY:
        return contact_id.not_in(holding)
    return contact_id.in_(holding.where(field_condition(field, criterion, operator, terms)))


def field_condition(field: Field, criterion: Criterion, operator: Operator, terms: Terms) -> Condition:
    """SQL for whether a row of `field_values` that belongs to `field` is meant."""
    kind, values = FIELD_VALUE_TYPES[field.type], criterion.values
    if kind is ValueType.CHECKBOX:
        return field_values.c.number == 1
    if kind is ValueType.NUMBER:
        return _ordered(field_values.c.number, operator, [float(value) for value in values])
    if kind is ValueType.DAY:
        first, last = days_meant(criterion, operator, terms)
        low, high = (first or date.min).isoformat(), (last or date.max).isoformat()
        return and_(field_values.c.value >= low, field_values.c.value <= high)
    if kind is ValueType.TIME:
        return _ordered(field_values.c.value, operator, list(values))
    if kind is ValueType.CHOICE:
        return field_values.c.value.in_(values)
    return _given(field_values.c.value_key, compared(field_values.c.value_key, operator, folded(values[0])))


def _ordered(column: ColumnElement[Any], operator: Operator, values: list[Any]) -> Condition:
    if operator is Operator.BETWEEN:
        # Not BETWEEN, which PostgreSQL doesn't take with a collation.
        return and_(column >= values[0], column <= values[1])
    comparisons: dict[Operator, Condition] = {
        Operator.IS: column == values[0],
        Operator.GREATER_THAN: column > values[0],
        Operator.AFTER: column > values[0],
        Operator.AT_LEAST: column >= values[0],
        Operator.LESS_THAN: column < values[0],
        Operator.BEFORE: column < values[0],
        Operator.AT_MOST: column <= values[0],
    }
    return comparisons[operator]
