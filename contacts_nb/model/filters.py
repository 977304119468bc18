"""A filter is data: a tree of AND, OR and NOT over criteria, the same however it was made.

Equal questions built in different steps are equal trees: AND within AND is one AND, a group of one part is that
part, and NOT of NOT is what it held. `filter_expressions` is how people write them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from contacts_nb.model.errors import InvalidValue, shown
from contacts_nb.model.filter_criteria import Definition, Operator, definition_of, operator_named
from contacts_nb.model.filter_values import canonical_values
from contacts_nb.model.people import refusal

DEPTH = 100
CRITERIA_COUNT = 1_000
HOW_TO_JOIN = (
    "join filters with & | ~ instead of and, or, not, and put each comparison in parentheses, "
    'such as (F.country == "GB") & ~F.tags.is_empty()'
)


@dataclass(frozen=True, slots=True, repr=False)
class Filter:
    """Which contacts are meant; made with `F`, joined with `&` and `|`, turned round with `~`.

    `depth` is how deep the tree is and `size` how many criteria it has.

    >>> from contacts_nb import F
    >>> vips = F.tags.has_any("vip") & ~F.conversation.is_open()
    >>> print(vips)
    Tags have any of vip and not (conversation is open)
    >>> vips
    F.tags.has_any('vip') & ~F.conversation.is_open()
    >>> Filter.from_json(vips.to_json()) == vips
    True
    """

    depth: int = field(init=False, compare=False)
    size: int = field(init=False, compare=False)

    def __and__(self, other: Filter) -> Filter:
        return all_of((self, _joinable(other)))

    def __or__(self, other: Filter) -> Filter:
        return any_of((self, _joinable(other)))

    def __rand__(self, other: object) -> NoReturn:
        # Reached only from what is no filter, as in F.country == "GB" & F.tags.is_empty().
        raise TypeError(f"{shown(other)} is not a filter; {HOW_TO_JOIN}")

    __ror__ = __rand__

    def __invert__(self) -> Filter:
        if isinstance(self, Not):
            return self.part
        if self == EVERYONE:
            return NO_ONE
        return EVERYONE if self == NO_ONE else Not(self)

    def __bool__(self) -> bool:
        raise TypeError(f"a filter is neither true nor false; {HOW_TO_JOIN}")

    def __str__(self) -> str:
        from contacts_nb.model.filter_sentence import sentence  # noqa: PLC0415 - it builds on this module

        return sentence(self)

    def __repr__(self) -> str:
        from contacts_nb.model.filter_source import source  # noqa: PLC0415 - as above

        return source(self)

    def to_json(self) -> str:
        """The filter as JSON, which `from_json` of this and later versions reads.

        >>> print(Criterion("country", Operator.IS, ("GB",)).to_json())
        {"version": 1, "filter": {"criterion": "country", "operator": "is", "values": ["GB"]}}
        """
        from contacts_nb.model.filter_json import written  # noqa: PLC0415 - as above

        return written(self)

    @staticmethod
    def from_json(text: str) -> Filter:
        """The filter that `to_json` wrote; raises `InvalidValue` that says where `text` is wrong.

        >>> Filter.from_json('{"version": 1, "filter": {"and": []}}')
        EVERYONE
        """
        from contacts_nb.model.filter_json import read  # noqa: PLC0415 - as above

        return read(text)


@dataclass(frozen=True, slots=True, repr=False)
class Criterion(Filter):
    """One question: what is asked about (see `filter_criteria`), how, and with which values.

    Values are held as canonical text; raises `InvalidValue` for one that breaks its rule.

    >>> Criterion("country", Operator.IS, ("United Kingdom",)).values
    ('GB',)
    """

    name: str
    operator: Operator
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        definition = definition_of(self.name)
        operator = operator_named(self.operator)
        if operator is None:
            rule = f"is not an operator; use {', '.join(definition.operators)}"
            raise refusal(definition.label, self.operator, rule)
        object.__setattr__(self, "name", definition.name)
        object.__setattr__(self, "operator", operator)
        object.__setattr__(self, "values", canonical_values(definition, operator, self.values))
        _set_measures(self, depth=1, size=1)

    @property
    def definition(self) -> Definition:
        """What the registry says about what is asked about.

        >>> Criterion("tags", Operator.IS_EMPTY).definition.label
        'Tags'
        """
        return definition_of(self.name)


@dataclass(frozen=True, slots=True, repr=False)
class And(Filter):
    """All of `parts` are true: none (that is everyone), or two and more; `all_of` takes any number.

    >>> And((And((NO_ONE, ~Criterion("team", Operator.IS_ME))), Criterion("tags", Operator.IS_EMPTY))).parts
    (~EVERYONE, ~F.team.is_me(), F.tags.is_empty())
    """

    parts: tuple[Filter, ...]

    def __post_init__(self) -> None:
        _set_parts(self, self.parts)


@dataclass(frozen=True, slots=True, repr=False)
class Or(Filter):
    """At least one of `parts` is true: none (that is no one), or two and more; `any_of` takes any number.

    >>> Or((Criterion("tags", Operator.IS_EMPTY), Criterion("conversation", Operator.IS_OPEN)))
    F.tags.is_empty() | F.conversation.is_open()
    """

    parts: tuple[Filter, ...]

    def __post_init__(self) -> None:
        _set_parts(self, self.parts)


@dataclass(frozen=True, slots=True, repr=False)
class Not(Filter):
    """The contacts for which `part` is not true; `~` takes any part.

    >>> ~~Criterion("tags", Operator.IS_EMPTY)
    F.tags.is_empty()
    """

    part: Filter

    def __post_init__(self) -> None:
        part = _filter(self.part)
        if isinstance(part, Not) or part in (EVERYONE, NO_ONE):
            raise InvalidValue("filter", part, "is written shorter where it is turned round; use ~ instead of Not")
        _set_measures(self, depth=part.depth + 1, size=part.size)


def all_of(parts: Iterable[Filter]) -> Filter:
    """The contacts for which all `parts` are true; everyone, if there are none.

    >>> all_of([Criterion("tags", Operator.IS_EMPTY)])
    F.tags.is_empty()
    """
    return _group(And, parts)


def any_of(parts: Iterable[Filter]) -> Filter:
    """The contacts for which at least one of `parts` is true; no one, if there are none.

    >>> print(any_of([]))
    no one
    """
    return _group(Or, parts)


def parts_of(tree: Filter) -> tuple[Filter, ...]:
    """What `tree` is made of: the parts of a group, the part of NOT, nothing for a criterion.

    >>> from contacts_nb import F
    >>> parts_of(~F.tags.is_empty())
    (F.tags.is_empty(),)
    """
    if isinstance(tree, And | Or):
        return tree.parts
    return (tree.part,) if isinstance(tree, Not) else ()


def criteria_of(tree: Filter) -> Iterator[Criterion]:
    """The criteria of `tree`, from left to right.

    >>> from contacts_nb import F
    >>> [criterion.name for criterion in criteria_of(F.tags.is_empty() & ~F.team.is_me())]
    ['tags', 'team']
    """
    if isinstance(tree, Criterion):
        yield tree
    for part in parts_of(tree):
        yield from criteria_of(part)


def _group(kind: type[And | Or], parts: Iterable[Filter]) -> Filter:
    flat = _flattened(kind, parts)
    return flat[0] if len(flat) == 1 else kind(flat)


def _flattened(kind: type[And | Or], parts: Iterable[Filter]) -> tuple[Filter, ...]:
    return tuple(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (_filter(part),)))


def _set_parts(group: And | Or, parts: Iterable[Filter]) -> None:
    flat = _flattened(type(group), parts)
    if len(flat) == 1:
        raise InvalidValue(
            "filter", flat[0], "is the only part; use it alone, or make the group with all_of or any_of"
        )
    object.__setattr__(group, "parts", flat)
    _set_measures(
        group, depth=1 + max((part.depth for part in flat), default=0), size=sum(part.size for part in flat)
    )


def _set_measures(tree: Filter, depth: int, size: int) -> None:
    if depth > DEPTH:
        raise InvalidValue("filter", depth, f"levels deep is too deep; nest at most {DEPTH} levels")
    if size > CRITERIA_COUNT:
        raise InvalidValue("filter", size, f"criteria large is too large; use at most {CRITERIA_COUNT:,}")
    object.__setattr__(tree, "depth", depth)
    object.__setattr__(tree, "size", size)


def _joinable(value: object) -> Filter:
    if not isinstance(value, Filter):
        raise TypeError(f"{shown(value)} is not a filter; {HOW_TO_JOIN}")
    return value


def _filter(value: object) -> Filter:
    if not isinstance(value, Filter):
        raise refusal("filter", value, "is not a filter; make one with F, such as F.tags.is_empty()")
    return value


EVERYONE = And(())
NO_ONE = Or(())
