"""A filter as it is edited: lines and groups, of which each is a part of the filter as soon as it is complete.

What nobody touches stays the criterion it was, and what the screen has no form for stays whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count

from contacts_nb.model.filter_criteria import Arity, Definition, Operator, ValueType
from contacts_nb.model.filter_values import Unit
from contacts_nb.model.filters import EVERYONE, And, Criterion, Filter, Not, Or, all_of, any_of

Known = Callable[[str], Definition | None]
"""What the criterion of a name asks about; None for a field that isn't there."""

_keys = count(1)


class Shape(Enum):
    """What the values of an operator are typed or chosen as; each keeps its own while the operator changes."""

    NONE = auto()
    TEXT = auto()
    NUMBER = auto()
    DAY = auto()
    TIME = auto()
    DAYS = auto()  # a number of days
    ELAPSED = auto()  # numbers and a unit
    NAMES = auto()  # chosen from what there is


_SHAPES = {
    ValueType.TEXT: Shape.TEXT,
    ValueType.NUMBER: Shape.NUMBER,
    ValueType.DAY: Shape.DAY,
    ValueType.TIME: Shape.TIME,
    ValueType.ELAPSED: Shape.ELAPSED,
}


def shape_of(definition: Definition, operator: Operator) -> Shape:
    """How the values of `operator` are given.

    >>> from contacts_nb.model.filter_criteria import CRITERIA
    >>> shape_of(CRITERIA["created_at"], Operator.WITHIN), shape_of(CRITERIA["tags"], Operator.HAS_ALL)
    (<Shape.DAYS: 6>, <Shape.NAMES: 8>)
    """
    if operator.arity is Arity.NONE:
        return Shape.NONE
    if definition.type is not ValueType.ELAPSED and operator in (Operator.WITHIN, Operator.MORE_THAN_AGO):
        return Shape.DAYS
    return _SHAPES.get(definition.type, Shape.NAMES)


@dataclass(eq=False)
class Line:
    """A criterion on the screen: `values` as typed, by shape; `held` is what it means until it is touched.

    Its opposite is meant if it is `inverted`. `typed` is what stands in the box of names and is none.
    """

    name: str
    operator: Operator
    values: dict[Shape, list[str]] = field(default_factory=dict)
    inverted: bool = False
    held: Criterion | None = None
    typed: str = ""
    key: str = field(default_factory=lambda: f"line{next(_keys)}")

    def given(self, definition: Definition) -> list[str]:
        """The values for the present operator, as many as it takes; without the unit."""
        shape = shape_of(definition, self.operator)
        values = self.values.get(shape, [])
        if self.operator.arity is Arity.MANY or shape is Shape.NONE:
            return list(values)
        wanted = 2 if self.operator.arity is Arity.TWO else 1
        if shape is Shape.NAMES:
            return values[:wanted]
        return [*values, "", ""][:wanted]

    def unit(self) -> Unit:
        """What an amount of time is counted in."""
        return Unit(self.values[Shape.ELAPSED][2]) if Shape.ELAPSED in self.values else Unit.DAYS


@dataclass(eq=False)
class Whole:
    """A part that is shown as a sentence and can only be removed."""

    tree: Filter
    key: str = field(default_factory=lambda: f"whole{next(_keys)}")


@dataclass(eq=False)
class Group:
    """Parts of which all, or any, have to be true."""

    is_any: bool = False
    parts: list[Line | Whole | Group] = field(default_factory=list)
    key: str = field(default_factory=lambda: f"group{next(_keys)}")

    def lines(self) -> Iterator[Line]:
        """The lines of the group and of the groups in it, from top to bottom."""
        for part in self.parts:
            if isinstance(part, Line):
                yield part
            elif isinstance(part, Group):
                yield from part.lines()

    def groups(self) -> Iterator[Group]:
        """The group and those in it."""
        yield self
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.groups()


def new_line(definition: Definition) -> Line:
    """A criterion that was just chosen, with the first operator and no values."""
    return Line(definition.name, definition.operators[0])


def drafted(tree: Filter, known: Known) -> Group:
    """`tree` as it is edited.

    >>> from contacts_nb import F
    >>> from contacts_nb.model.filter_criteria import CRITERIA
    >>> draft = drafted((F.country == "GB") & (F.tags.is_empty() | F.team.is_me()), CRITERIA.get)
    >>> [type(part).__name__ for part in draft.parts], draft.parts[1].is_any
    (['Line', 'Group'], True)
    """
    if isinstance(tree, Or) and tree.parts:
        return Group(is_any=True, parts=[_part(part, known, nested=False) for part in tree.parts])
    parts = tree.parts if isinstance(tree, And) else (tree,)
    return Group(parts=[_part(part, known, nested=False) for part in parts])


def filter_of(draft: Group, criterion_of: Callable[[Line], Criterion | None]) -> Filter:
    """The filter that `draft` stands for; lines that give no criterion are left out, and so are empty groups."""
    tree = _tree(draft, criterion_of)
    return EVERYONE if tree is None else tree


def _part(tree: Filter, known: Known, *, nested: bool) -> Line | Whole | Group:
    inner = tree.part if isinstance(tree, Not) else tree
    if isinstance(inner, Criterion):
        definition = known(inner.name)
        if definition is not None and inner.operator in definition.operators:
            return _line(inner, definition, inverted=inner is not tree)
    elif not nested and isinstance(tree, And | Or) and tree.parts:
        return Group(isinstance(tree, Or), [_part(part, known, nested=True) for part in tree.parts])
    return Whole(tree)


def _line(criterion: Criterion, definition: Definition, *, inverted: bool) -> Line:
    shape, values = shape_of(definition, criterion.operator), list(criterion.values)
    if shape is Shape.ELAPSED:
        *amounts, unit = values
        values = [*amounts, *([""] if len(amounts) == 1 else []), unit]
    given: dict[Shape, list[str]] = {} if shape is Shape.NONE else {shape: values}
    return Line(criterion.name, criterion.operator, given, inverted, criterion)


def _tree(part: Line | Whole | Group, criterion_of: Callable[[Line], Criterion | None]) -> Filter | None:
    if isinstance(part, Whole):
        return part.tree
    if isinstance(part, Line):
        criterion = criterion_of(part)
        return ~criterion if criterion is not None and part.inverted else criterion
    trees = [tree for inner in part.parts if (tree := _tree(inner, criterion_of)) is not None]
    if not trees:
        return None
    return any_of(trees) if part.is_any else all_of(trees)
