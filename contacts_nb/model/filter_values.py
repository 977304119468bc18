"""The values of a filter's criterion: checked, and brought to the one text that stands for each.

Amounts of time are two texts, a number and a unit; days that need no unit are the number alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum
from types import UnionType

from contacts_nb.model.channels import CHANNEL_NAME_LENGTH
from contacts_nb.model.contact import Source
from contacts_nb.model.draft import TAG_LENGTH
from contacts_nb.model.emails import EMAIL_LENGTH
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import TEXT_LENGTH, Field, FieldType, checked_value
from contacts_nb.model.filter_criteria import FIELD_VALUE_TYPES, OPERATORS, Arity, Definition, Operator, ValueType
from contacts_nb.model.people import TEAM_NAME_LENGTH, listed, member_named, refusal, text_required
from contacts_nb.model.places import country_code, language_code

VALUE_COUNT = 1_000
DAYS = 36_500  # a hundred years


class Unit(StrEnum):
    """What the time since a message is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


_IN_A_DAY = {Unit.MINUTES: 24 * 60, Unit.HOURS: 24, Unit.DAYS: 1}
_LENGTHS = {
    ValueType.TEXT: TEXT_LENGTH,
    ValueType.USER: EMAIL_LENGTH,
    ValueType.TEAM: TEAM_NAME_LENGTH,
    ValueType.TAGS: TAG_LENGTH,
    ValueType.CHANNELS: CHANNEL_NAME_LENGTH,
    ValueType.CHANNEL: CHANNEL_NAME_LENGTH,
}
_FIELD_TYPES = {
    ValueType.CHOICE: FieldType.LIST,
    ValueType.NUMBER: FieldType.NUMBER,
    ValueType.DAY: FieldType.DATE,
    ValueType.TIME: FieldType.TIME,
}
# What Python has for the types that are compared, in the order in which a value is tried as one of them.
_COMPARED: dict[ValueType, type | UnionType] = {
    ValueType.DAY: date,
    ValueType.TIME: time,
    ValueType.NUMBER: int | float,
}
_PLACES = {ValueType.COUNTRY: country_code, ValueType.LANGUAGE: language_code}


def canonical_values(
    definition: Definition, operator: Operator, values: object, allowed: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The texts that stand for `values`, each once; `allowed` are those of a list field.

    Raises `InvalidValue` about the label of `definition` for an operator that it lacks, for too few or too many
    values, and for one that breaks the rule of its type. The values of a custom field of unknown type are
    checked as far as its operator tells the type.

    >>> from contacts_nb.model.filter_criteria import CRITERIA
    >>> canonical_values(CRITERIA["country"], Operator.IS_ANY_OF, ["United Kingdom", "GB", "fr"])
    ('GB', 'FR')
    """
    label = definition.label
    if operator not in definition.operators:
        raise _lacking(definition, operator)
    items = listed(label, values, VALUE_COUNT)
    kind = _implied(operator) if definition.type is ValueType.FIELD else definition.type
    if operator.arity is Arity.NONE:
        if items:
            raise refusal(label, items, f"can't be given to {operator.label!r}, which takes no value")
        return ()
    if operator.arity is Arity.MANY:
        if not items:
            raise InvalidValue(label, items, f"has no value for {operator.label!r}; give at least one")
        return tuple(dict.fromkeys(_canonical(definition, kind, operator, item, allowed) for item in items))
    count = 2 if operator.arity is Arity.TWO else 1
    needs_unit = kind is ValueType.ELAPSED
    if needs_unit and len(items) == count:
        raise refusal(label, items, "has no unit; add minutes, hours or days")
    if len(items) != count + needs_unit:
        raise refusal(label, items, f"has not the {count} value{'s' * (count - 1)} that {operator.label!r} takes")
    amounts, unit = (items[:count], member_named(label, items[count], Unit)) if needs_unit else (items, None)
    if unit is not None or operator in (Operator.WITHIN, Operator.MORE_THAN_AGO):
        texts = tuple(_amount(label, amount, unit or Unit.DAYS) for amount in amounts)
    else:
        texts = tuple(_canonical(definition, kind, operator, item, allowed) for item in items)
    if operator is Operator.BETWEEN:
        _refuse_disorder(label, texts)
    return texts if unit is None else (*texts, unit.value)


def is_number(text: str) -> bool:
    """Whether a canonical text is a number, rather than a day or a time.

    >>> is_number("-1.5"), is_number("1e+22"), is_number("2026-03-01"), is_number("09:30:00")
    (True, True, False, False)
    """
    try:
        float(text)
    except ValueError:
        return False
    return True


def _lacking(definition: Definition, operator: Operator) -> InvalidValue:
    has = ", ".join(one.spelling if one.is_symbol else f"{one.spelling}()" for one in definition.operators)
    return InvalidValue(definition.label, operator.spelling, f"is not one of its operators; use {has}")


def _implied(operator: Operator) -> ValueType:
    """The type that a custom field must have for `operator`; FIELD where there are several."""
    kinds = {kind for kind in FIELD_VALUE_TYPES.values() if operator in OPERATORS[kind]}
    # The allowed values of a list field aren't known here.
    return kinds.pop() if len(kinds) == 1 and ValueType.CHOICE not in kinds else ValueType.FIELD


def _canonical(
    definition: Definition, kind: ValueType, operator: Operator, value: object, allowed: tuple[str, ...]
) -> str:
    label = definition.label
    text: str | None
    if value is None or (isinstance(value, str) and not value.strip()):
        text = None
    elif kind is ValueType.FIELD:
        text = _of_some_type(label, operator, value)
    elif kind in _LENGTHS:
        text = text_required(label, value, _LENGTHS[kind])
    elif kind is ValueType.SOURCES:
        text = member_named(label, value, Source).value
    elif kind in _PLACES:
        text = _place(label, kind, value)
    else:
        text = _of_field_type(label, _FIELD_TYPES[kind], value, allowed)
    if text is None:
        raise InvalidValue(label, value, f"is empty; {_instead_of_empty(definition)}")
    return text


def _instead_of_empty(definition: Definition) -> str:
    for operator in (Operator.IS_EMPTY, Operator.IS_UNASSIGNED):
        if operator in definition.operators:
            return f"give a value, or ask {operator.spelling}()"
    return "give a value"


def _place(label: str, kind: ValueType, value: object) -> str | None:
    try:
        return _PLACES[kind](text_required(label, value, TEXT_LENGTH))
    except InvalidValue as error:
        raise InvalidValue(label, error.value, error.rule) from error


def _of_some_type(label: str, operator: Operator, value: object) -> str | None:
    """The text of a value for a custom field of any type that has `operator`."""
    takes_text = operator in OPERATORS[ValueType.TEXT] or operator in OPERATORS[ValueType.CHOICE]
    if takes_text and isinstance(value, str):
        return text_required(label, value, TEXT_LENGTH)
    if isinstance(value, bool) or _dtype(value) == "b":
        raise refusal(label, value, "is a yes or no; ask is_true() or is_false()")
    kinds = [kind for kind in _COMPARED if takes_text or operator in OPERATORS[kind]]
    refused = []
    for kind in kinds:
        try:
            return _of_field_type(label, _FIELD_TYPES[kind], value)
        except InvalidValue as error:
            if isinstance(value, _COMPARED[kind]) or _dtype(value) == "M":
                raise
            refused.append(error)
    names = " or ".join(("text", *kinds) if takes_text else kinds)
    raise refusal(label, value, f"is no {names} for {operator.label!r}") from refused[0]


def _dtype(value: object) -> object:
    """The kind of numpy's scalars and arrays, known by name so that numpy needn't be loaded."""
    return getattr(getattr(value, "dtype", None), "kind", None)


def _of_field_type(label: str, kind: FieldType, value: object, allowed: tuple[str, ...] = ()) -> str | None:
    if kind is FieldType.DATE and (isinstance(value, datetime) or _dtype(value) == "M"):
        # A day in the workspace's time zone is meant, which a moment elsewhere may not fall on.
        rule = "is a moment, and this asks about days; give the date alone, such as 2026-03-31"
        raise refusal(label, value, rule)
    return checked_value(Field(0, label, label, kind, allowed), value)


def _amount(label: str, value: object, unit: Unit) -> str:
    limit = DAYS * _IN_A_DAY[unit]
    text = _of_field_type(label, FieldType.NUMBER, value)
    if text is None or not text.isdecimal() or int(text) > limit:
        raise refusal(label, value, f"is not a number of whole {unit} from 0 to {limit:,}")
    return text


def _refuse_disorder(label: str, texts: Iterable[str]) -> None:
    first, last = texts
    if is_number(first) != is_number(last) or (":" in first) != (":" in last):
        raise InvalidValue(label, (first, last), "are of two types; give two numbers, two dates or two times")
    # Days and times are ordered as their canonical texts are.
    if float(first) > float(last) if is_number(first) else first > last:
        raise InvalidValue(label, (first, last), f"are in the wrong order; give between({last!r}, {first!r})")
