"""Filters as English sentences: different filters read differently.

So texts that people chose stand in quotes wherever they could be taken for a part of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from contacts_nb.model.contact import Source
from contacts_nb.model.fields import Field
from contacts_nb.model.filter_criteria import Arity, Definition, Operator, ValueType
from contacts_nb.model.filter_references import field_definition
from contacts_nb.model.filter_values import is_number
from contacts_nb.model.filters import EVERYONE, NO_ONE, And, Criterion, Filter, Not, Or
from contacts_nb.model.places import country_name, language_name

_NO_FIELDS: Mapping[str, Field] = MappingProxyType({})
_WORD = re.compile(r"[^\W\d_][\w.@+'-]*")
# What a sentence says after "is" or between names.
_SAID = frozenset({"all", "and", "any", "everyone", "is", "me", "mine", "no", "none", "not", "of", "one", "or"})
_JOINS = re.compile(", | (?:and|or) ")  # such as Heard and McDonald Islands
_NAMES = (ValueType.USER, ValueType.TEAM, ValueType.TAGS, ValueType.CHANNELS, ValueType.CHANNEL)
_CALLED: Mapping[ValueType, Callable[[str], str]] = MappingProxyType(
    {
        ValueType.COUNTRY: country_name,
        ValueType.LANGUAGE: language_name,
        ValueType.SOURCES: lambda source: Source(source).label,
    }
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def sentence(tree: Filter, fields: Mapping[str, Field] = _NO_FIELDS) -> str:
    """`tree` in words; custom fields are called by their slugs, or by their names where `fields` has them.

    >>> from contacts_nb import F
    >>> print(sentence(F.country.is_any_of("GB", "FR", "DE") & ((F["plan"] == "gold") | F.assignee.is_me())))
    Country is any of United Kingdom, France or Germany and (plan is “gold” or assignee is me)
    """
    text = _said(tree, fields)
    if tree in (EVERYONE, NO_ONE):
        return text
    start = text.lstrip("(")
    return text.removesuffix(start) + start[0].upper() + start[1:]


def _said(tree: Filter, fields: Mapping[str, Field]) -> str:
    if tree == EVERYONE:
        return "everyone"
    if tree == NO_ONE:
        return "no one"
    if isinstance(tree, Not):
        return f"not ({_said(tree.part, fields)})"
    if isinstance(tree, Criterion):
        return _said_criterion(tree, fields)
    if isinstance(tree, And | Or):
        return (" and " if isinstance(tree, And) else " or ").join(_said_part(part, fields) for part in tree.parts)
    raise TypeError(f"{type(tree).__name__} is no kind of filter")


def _said_part(part: Filter, fields: Mapping[str, Field]) -> str:
    text = _said(part, fields)
    # Few readers know that "and" binds tighter than "or".
    return f"({text})" if isinstance(part, And | Or) and part.parts else text


def _said_criterion(criterion: Criterion, fields: Mapping[str, Field]) -> str:
    definition, operator, values = criterion.definition, criterion.operator, criterion.values
    subject = definition.subject
    if definition.slug is not None and definition.slug in fields:
        definition = field_definition(definition.slug, fields)
        subject = _quoted(definition.subject)
    if definition.type is ValueType.ELAPSED and values:
        *amounts, unit = values
        said = [*amounts[:-1], _amount(amounts[-1], unit)]
    elif operator in (Operator.WITHIN, Operator.MORE_THAN_AGO):
        said = [_amount(values[0], "days")]
    else:
        said = [_said_value(definition, operator, value) for value in values]
    if operator.arity is Arity.MANY:
        said = [_listed(said, "and" if operator is Operator.HAS_ALL else "or")]
    return definition.sentence_of(operator).format(*said, it=subject)


def _said_value(definition: Definition, operator: Operator, value: str) -> str:
    kind = definition.type
    if kind in _CALLED:
        name = _CALLED[kind](value)
        return _quoted(name) if _JOINS.search(name) else name
    if kind in _NAMES:
        return value if _WORD.fullmatch(value) and value.casefold() not in _SAID else _quoted(value)
    # Of a custom field, only some operators say that a value isn't a text.
    if kind is ValueType.FIELD and operator in (Operator.IS, Operator.IS_NOT):
        return _quoted(value)
    if kind in (ValueType.NUMBER, ValueType.DAY, ValueType.TIME) or operator in _NEVER_OF_TEXT:
        return _said_amount(value)
    return _quoted(value)


_NEVER_OF_TEXT = frozenset({
    Operator.LESS_THAN, Operator.AT_MOST, Operator.GREATER_THAN, Operator.AT_LEAST, Operator.BETWEEN, Operator.ON,
    Operator.BEFORE, Operator.AFTER,
})  # fmt: skip


def _said_amount(value: str) -> str:
    """A number, a day or a time of day, whichever the canonical text is; other texts stand in quotes."""
    if is_number(value):
        return value
    if re.fullmatch(r"\d\d:\d\d:\d\d", value):
        return value.removesuffix(":00")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        year, month, day = map(int, value.split("-"))
        if 1 <= month <= 12:
            return f"{day} {_MONTHS[month - 1]} {year}"
    return _quoted(value)


def _amount(number: str, unit: str) -> str:
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"


def _listed(said: Iterable[str], last: str) -> str:
    *first, end = said
    return f"{', '.join(first)} {last} {end}" if first else end


def _quoted(text: str) -> str:
    # A quote within is doubled, so that the one that ends the text can be told.
    return f"“{text.replace('”', '””')}”"
