"""What a line of the filter drawer means: a criterion, or what is missing or wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.filter_criteria import Arity, Definition, Operator, ValueType
from contacts_nb.model.filter_values import canonical_values
from contacts_nb.model.filters import Criterion
from contacts_nb.widgets.filter_drafts import Line, Shape, shape_of
from contacts_nb.widgets.import_words import cut

_NOUNS = {
    ValueType.COUNTRY: "country",
    ValueType.LANGUAGE: "language",
    ValueType.USER: "user",
    ValueType.TEAM: "team",
    ValueType.TAGS: "tag",
    ValueType.CHANNELS: "channel",
    ValueType.CHANNEL: "channel",
    ValueType.SOURCES: "source",
}
_MISSING = {
    Shape.TEXT: "Type a text",
    Shape.NUMBER: "Type a number",
    Shape.DAY: "Choose a date",
    Shape.TIME: "Choose a time",
    Shape.DAYS: "Type a number of days",
    Shape.ELAPSED: "Type a number",
}
_BOTH = {
    Shape.NUMBER: "Type both numbers",
    Shape.DAY: "Choose both dates",
    Shape.TIME: "Choose both times",
    Shape.ELAPSED: "Type both numbers",
}


class Reading(NamedTuple):
    """What a line means, or what is `missing`; what is `wrong` may stand beside a criterion that is right."""

    criterion: Criterion | None
    missing: str = ""
    wrong: str = ""


def noun_of(definition: Definition) -> str:
    """What one value that can be chosen is called.

    >>> from contacts_nb.model.filter_criteria import CRITERIA
    >>> noun_of(CRITERIA["assignee"])
    'user'
    """
    return _NOUNS.get(definition.type, "value")


def reading(line: Line, definition: Definition, allowed: tuple[str, ...]) -> Reading:
    """What `line` means; `allowed` are the values of a list field.

    >>> from contacts_nb.model.filter_criteria import CRITERIA
    >>> line = Line("first_name", Operator.CONTAINS)
    >>> reading(line, CRITERIA["first_name"], ()).missing
    'Type a text'
    >>> line.values[Shape.TEXT] = ["ann"]
    >>> reading(line, CRITERIA["first_name"], ()).criterion
    F.first_name.contains('ann')
    """
    stray = f"“{cut(line.typed, 40)}” is no {noun_of(definition)}; choose one from the list" if line.typed else ""
    if line.held is not None:
        return Reading(line.held, wrong=stray)
    shape, values = shape_of(definition, line.operator), line.given(definition)
    if missing := _missing(shape, definition, line.operator, values):
        return Reading(None, "" if stray else missing, stray)
    if shape is Shape.ELAPSED:
        values = [*values, line.unit().value]
    try:
        return Reading(_criterion(line, definition, values, allowed), wrong=stray)
    except InvalidValue as error:
        return Reading(None, wrong=_wrong(error))


def _criterion(line: Line, definition: Definition, values: Sequence[str], allowed: tuple[str, ...]) -> Criterion:
    return Criterion(line.name, line.operator, canonical_values(definition, line.operator, values, allowed))


def _missing(shape: Shape, definition: Definition, operator: Operator, values: Sequence[str]) -> str:
    if shape is Shape.NONE:
        return ""
    if shape is Shape.NAMES:
        if values:
            return ""
        return f"Choose {'at least one' if operator.arity is Arity.MANY else 'a'} {noun_of(definition)}"
    if all(value.strip() for value in values):
        return ""
    return _BOTH[shape] if operator.arity is Arity.TWO else _MISSING[shape]


def _wrong(error: InvalidValue) -> str:
    if not isinstance(error.value, str):
        return "The second is less than the first; swap them"
    return f"“{cut(error.value, 40)}” {error.rule}"
