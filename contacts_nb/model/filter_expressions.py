"""`F`, with which filters are written in Python; `filter_source` writes the Python of one that is there.

>>> (F.country == "GB") & F.tags.has_any("vip") & ~F.last_incoming.within(days=30)
(F.country == 'GB') & F.tags.has_any('vip') & ~F.last_incoming.within(days=30)
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NoReturn

from contacts_nb.model.errors import InvalidValue, shown
from contacts_nb.model.filter_criteria import (
    CRITERIA,
    FIELD_PREFIX,
    Definition,
    Operator,
    UnknownCriterion,
    ValueType,
    definition_of,
    field_slug,
)
from contacts_nb.model.filter_source import name_of
from contacts_nb.model.filter_values import VALUE_COUNT, Unit, canonical_values
from contacts_nb.model.filters import HOW_TO_JOIN, Criterion, Filter


class Asked:
    """What can be asked of one criterion; `F.country` and `F["plan"]` are such.

    Only the operators of `filter_criteria` work, which says which criterion has which.
    """

    __slots__ = ("_definition",)
    __array_ufunc__ = None  # so that numpy's numbers leave comparing to this class
    __hash__ = None  # type: ignore[assignment]  # == doesn't say whether two are the same

    def __init__(self, definition: Definition) -> None:
        self._definition = definition

    def __repr__(self) -> str:
        return name_of(self._definition)

    def __bool__(self) -> bool:
        raise TypeError(f"{self!r} is neither true nor false; {HOW_TO_JOIN}")

    def __and__(self, other: object) -> NoReturn:
        raise TypeError(f"{self!r} is not a filter, and {shown(other)} can't be joined to it; {HOW_TO_JOIN}")

    __rand__ = __or__ = __ror__ = __and__

    def __invert__(self) -> NoReturn:
        raise TypeError(f"{self!r} is not a filter; ask something of it, then {HOW_TO_JOIN}")

    def __eq__(self, value: object) -> Filter:  # type: ignore[override]
        return self._ask(Operator.IS, value)

    def __ne__(self, value: object) -> Filter:  # type: ignore[override]
        return self._ask(Operator.IS_NOT, value)

    def __lt__(self, value: object) -> Filter:
        return self._ask(Operator.LESS_THAN, value)

    def __le__(self, value: object) -> Filter:
        return self._ask(Operator.AT_MOST, value)

    def __gt__(self, value: object) -> Filter:
        return self._ask(Operator.GREATER_THAN, value)

    def __ge__(self, value: object) -> Filter:
        return self._ask(Operator.AT_LEAST, value)

    def is_any_of(self, *values: object) -> Filter:
        """It is one of `values`, given one by one or as one list.

        >>> F.country.is_any_of("GB", "France")
        F.country.is_any_of('GB', 'FR')
        """
        return self._ask(Operator.IS_ANY_OF, *_items(values))

    def is_none_of(self, *values: object) -> Filter:
        """It is none of `values`, or empty.

        >>> print(F.language.is_none_of(["en", "fr"]))
        Language is none of English or French
        """
        return self._ask(Operator.IS_NONE_OF, *_items(values))

    def contains(self, text: object) -> Filter:
        """`text` is somewhere in it.

        >>> print(F.email.contains("@example.org"))
        E-mail contains “@example.org”
        """
        return self._ask(Operator.CONTAINS, text)

    def does_not_contain(self, text: object) -> Filter:
        """`text` is nowhere in it; so it is where it is empty.

        >>> print(F.email.does_not_contain("@example.org"))
        E-mail does not contain “@example.org”
        """
        return self._ask(Operator.DOES_NOT_CONTAIN, text)

    def starts_with(self, text: object) -> Filter:
        """It begins with `text`.

        >>> print(F.phone.starts_with("+44"))
        Phone starts with “+44”
        """
        return self._ask(Operator.STARTS_WITH, text)

    def is_empty(self) -> Filter:
        """It has no value; of `last_incoming`, that no message was ever received.

        >>> print(F.last_incoming.is_empty())
        Last incoming message was never received
        """
        return self._ask(Operator.IS_EMPTY)

    def is_not_empty(self) -> Filter:
        """It has a value.

        >>> print(F.phone.is_not_empty())
        Phone is not empty
        """
        return self._ask(Operator.IS_NOT_EMPTY)

    def between(self, first: object, last: object, unit: str | None = None) -> Filter:
        """It is `first`, `last` or between them; `last_incoming` needs a unit: minutes, hours or days.

        >>> print(F["seats"].between(1, 10) | F.last_incoming.between(2, 5, "days"))
        Seats is between 1 and 10 or last incoming message is between 2 and 5 days ago
        """
        return self._ask(Operator.BETWEEN, first, last, *([] if unit is None else [unit]))

    def on(self, day: object) -> Filter:
        """It is on that day, a `datetime.date` or a text such as 2026-03-01.

        >>> print(F.created_at.on("2026-03-01"))
        Creation date is on 1 March 2026
        """
        return self._ask(Operator.ON, day)

    def before(self, value: object) -> Filter:
        """It is before that day or time of day.

        >>> print(F["lunch"].before("12:30"))
        Lunch is before 12:30
        """
        return self._ask(Operator.BEFORE, value)

    def after(self, value: object) -> Filter:
        """It is after that day or time of day.

        >>> print(F.last_interaction.after("2026-03-01"))
        Last interaction is after 1 March 2026
        """
        return self._ask(Operator.AFTER, value)

    def within(self, *, days: object = None, hours: object = None, minutes: object = None) -> Filter:
        """It is in the last so many days; of `last_incoming`, less than so many days, hours or minutes ago.

        >>> print(F.created_at.within(days=7) & F.last_incoming.within(hours=2))
        Creation date is in the last 7 days and last incoming message is less than 2 hours ago
        """
        return self._ask_ago(Operator.WITHIN, {Unit.DAYS: days, Unit.HOURS: hours, Unit.MINUTES: minutes})

    def more_than_ago(self, *, days: object = None, hours: object = None, minutes: object = None) -> Filter:
        """It is longer ago than so many days; of `last_incoming`, hours and minutes are also possible.

        >>> print(F.last_incoming.more_than_ago(days=1))
        Last incoming message is more than 1 day ago
        """
        return self._ask_ago(Operator.MORE_THAN_AGO, {Unit.DAYS: days, Unit.HOURS: hours, Unit.MINUTES: minutes})

    def is_true(self) -> Filter:
        """The checkbox is ticked.

        >>> F["newsletter"].is_true()
        F['newsletter'].is_true()
        """
        return self._ask(Operator.IS_TRUE)

    def is_false(self) -> Filter:
        """The checkbox isn't ticked, or empty.

        >>> F["newsletter"].is_false()
        F['newsletter'].is_false()
        """
        return self._ask(Operator.IS_FALSE)

    def is_unassigned(self) -> Filter:
        """There is no assignee, or no team.

        >>> print(F.assignee.is_unassigned())
        There is no assignee
        """
        return self._ask(Operator.IS_UNASSIGNED)

    def is_me(self) -> Filter:
        """It is the user who asks, or a team of that user.

        >>> print(F.assignee.is_me() | F.team.is_me())
        Assignee is me or team is mine
        """
        return self._ask(Operator.IS_ME)

    def has_any(self, *values: object) -> Filter:
        """At least one of `values`, given one by one or as one list, is there.

        >>> print(F.sources.has_any("whatsapp", "sms"))
        Channel sources have any of WhatsApp or SMS
        """
        return self._ask(Operator.HAS_ANY, *_items(values))

    def has_all(self, *values: object) -> Filter:
        """All of `values` are there.

        >>> print(F.tags.has_all(["vip", "press"]))
        Tags have all of vip and press
        """
        return self._ask(Operator.HAS_ALL, *_items(values))

    def has_none(self, *values: object) -> Filter:
        """None of `values` is there.

        >>> print(F.channels.has_none("Shop London"))
        Channels have none of “Shop London”
        """
        return self._ask(Operator.HAS_NONE, *_items(values))

    def is_open(self) -> Filter:
        """The conversation is open.

        >>> print(F.conversation.is_open())
        Conversation is open
        """
        return self._ask(Operator.IS_OPEN)

    def is_closed(self) -> Filter:
        """The conversation is closed, or there was never one.

        >>> print(F.conversation.is_closed())
        Conversation is closed
        """
        return self._ask(Operator.IS_CLOSED)

    def _ask(self, operator: Operator, *values: object) -> Filter:
        return Criterion(self._definition.name, operator, canonical_values(self._definition, operator, values))

    def _ask_ago(self, operator: Operator, amounts: dict[Unit, object]) -> Filter:
        given = [(amount, unit) for unit, amount in amounts.items() if amount is not None]
        has_units = self._definition.type is ValueType.ELAPSED
        if len(given) != 1 or not (has_units or given[0][1] is Unit.DAYS):
            shape = f"one of {operator}(days=…), (hours=…) or (minutes=…)" if has_units else f"{operator}(days=…)"
            called = ", ".join(f"{unit}={shown(amount)}" for amount, unit in given)
            raise InvalidValue(self._definition.label, f"{operator}({called})", f"is not possible; write {shape}")
        return self._ask(operator, *given[0][: 2 if has_units else 1])


def _items(values: tuple[object, ...]) -> tuple[object, ...]:
    """`values`, or the items of the one list that was given; a set's are sorted, to ask the same each time."""
    if len(values) != 1 or isinstance(values[0], str | bytes) or not isinstance(values[0], Iterable):
        return values
    items = tuple(islice(values[0], VALUE_COUNT + 1))
    return tuple(sorted(items, key=repr)) if isinstance(values[0], set | frozenset) else items


class Criteria:
    """What can be asked about: the standard criteria by name, custom fields as `F[slug]`.

    >>> F.country == "United Kingdom"
    F.country == 'GB'
    >>> (F["plan"] == "gold") | (F["seats"] >= 5)
    (F['plan'] == 'gold') | (F['seats'] >= 5)
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Asked:
        if name not in CRITERIA:
            raise UnknownCriterion(name)
        return Asked(CRITERIA[name])

    def __getitem__(self, slug: str) -> Asked:
        return Asked(definition_of(FIELD_PREFIX + field_slug(slug)))

    def __dir__(self) -> list[str]:
        return list(CRITERIA)

    def __repr__(self) -> str:
        return "F"


F = Criteria()
