"""The Python that stands for a filter: evaluated with `F` and `EVERYONE`, it gives an equal one."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from contacts_nb.model.filter_criteria import Arity, Definition, Operator, ValueType
from contacts_nb.model.filter_values import Unit, is_number
from contacts_nb.model.filters import EVERYONE, NO_ONE, And, Criterion, Filter, Not, Or


class _Binding(IntEnum):
    """How tightly Python holds an expression together."""

    COMPARISON = 0
    OR = 1
    AND = 2
    INVERTED = 3
    CALL = 4


def source(tree: Filter) -> str:
    """The Python expression of `tree`, with the parentheses it needs and no others.

    >>> from contacts_nb import F
    >>> source(F.tags.is_empty() & ((F.country == "GB") | F.last_incoming.within(days=30)))
    "F.tags.is_empty() & ((F.country == 'GB') | F.last_incoming.within(days=30))"
    """
    return _written(tree)[0]


def name_of(definition: Definition) -> str:
    """What Python calls that which `definition` asks about.

    >>> from contacts_nb.model.filter_criteria import definition_of
    >>> name_of(definition_of("country")), name_of(definition_of("field:plan"))
    ('F.country', "F['plan']")
    """
    return f"F.{definition.name}" if definition.slug is None else f"F[{definition.slug!r}]"


def _written(tree: Filter) -> tuple[str, _Binding]:
    if tree == EVERYONE:
        return "EVERYONE", _Binding.CALL
    if tree == NO_ONE:
        return "~EVERYONE", _Binding.INVERTED
    if isinstance(tree, Not):
        return f"~{_within(tree.part, _Binding.INVERTED)}", _Binding.INVERTED
    if isinstance(tree, And):
        return " & ".join(_within(part, _Binding.AND) for part in tree.parts), _Binding.AND
    if isinstance(tree, Or):
        return " | ".join(_within(part, _Binding.OR) for part in tree.parts), _Binding.OR
    if isinstance(tree, Criterion):
        return _criterion(tree)
    raise TypeError(f"{type(tree).__name__} is no kind of filter")


def _within(part: Filter, outer: _Binding) -> str:
    text, binding = _written(part)
    return text if binding >= outer else f"({text})"


def _criterion(criterion: Criterion) -> tuple[str, _Binding]:
    definition, operator, values = criterion.definition, criterion.operator, criterion.values
    name = name_of(definition)
    if operator.is_symbol:
        return f"{name} {operator.spelling} {_literal(operator)(values[0])}", _Binding.COMPARISON
    if operator in (Operator.WITHIN, Operator.MORE_THAN_AGO):
        amount, unit = values if definition.type is ValueType.ELAPSED else (values[0], Unit.DAYS)
        return f"{name}.{operator.spelling}({unit}={amount})", _Binding.CALL
    arguments = ", ".join(map(_literal(operator), values))
    return f"{name}.{operator.spelling}({arguments})", _Binding.CALL


def _literal(operator: Operator) -> Callable[[str], str]:
    """How the values of `operator` are written; only some can be numbers, others just look like them."""
    compared = operator.is_symbol and operator not in (Operator.IS, Operator.IS_NOT)
    if compared or operator.arity is Arity.TWO:
        return lambda value: value if is_number(value) else repr(value)
    return repr
