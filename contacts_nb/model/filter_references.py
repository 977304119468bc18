"""What a filter names in a workspace, and whether the workspace's custom fields can answer it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from contacts_nb.model.errors import NotFound
from contacts_nb.model.fields import Field
from contacts_nb.model.filter_criteria import FIELD_PREFIX, FIELD_VALUE_TYPES, Definition, ValueType, suggestion
from contacts_nb.model.filter_values import canonical_values
from contacts_nb.model.filters import (
    EVERYONE,
    NO_ONE,
    And,
    Criterion,
    Filter,
    Not,
    all_of,
    any_of,
    criteria_of,
    parts_of,
)

_REFERENCES = {
    ValueType.USER: "user",
    ValueType.TEAM: "team",
    ValueType.TAGS: "tag",
    ValueType.CHANNELS: "channel",
    ValueType.CHANNEL: "channel",
}


class Reference(NamedTuple):
    """A thing of the workspace that `criterion` names; `kind` is tag, user, team, channel or field."""

    kind: str
    name: str
    criterion: Criterion


def references(tree: Filter) -> tuple[Reference, ...]:
    """What `tree` names in the workspace: tags, teams and channels by name, users by e-mail, fields by slug.

    >>> from contacts_nb import F
    >>> [reference[:2] for reference in references(F.tags.has_any("vip") & F["plan"].is_empty())]
    [('tag', 'vip'), ('field', 'plan')]
    """
    found = []
    for criterion in criteria_of(tree):
        definition = criterion.definition
        if definition.slug is not None:
            found.append(Reference("field", definition.slug, criterion))
        elif definition.type in _REFERENCES:
            found += [Reference(_REFERENCES[definition.type], name, criterion) for name in criterion.values]
    return tuple(found)


def renamed(tree: Filter, names: Mapping[tuple[str, str], str]) -> Filter:
    """`tree` with other names for the things of the workspace that it names, by kind and name.

    >>> from contacts_nb import F
    >>> renamed(~F.tags.has_any("vip", "new"), {("tag", "vip"): "VIPs"})
    ~F.tags.has_any('VIPs', 'new')
    """
    if isinstance(tree, Criterion):
        kind = _REFERENCES.get(tree.definition.type) if tree.definition.slug is None else None
        if kind is None:
            return tree
        return Criterion(tree.name, tree.operator, tuple(names.get((kind, name), name) for name in tree.values))
    parts = [renamed(part, names) for part in parts_of(tree)]
    if isinstance(tree, Not):
        return ~parts[0]
    return all_of(parts) if isinstance(tree, And) else any_of(parts)


def checked(tree: Filter, fields: Mapping[str, Field]) -> Filter:
    """`tree`, with what it asks of custom fields checked against `fields`, by slug, and in canonical form.

    Raises `NotFound` for a field that isn't there, `InvalidValue` for an operator or value that its type lacks.

    >>> from contacts_nb import F
    >>> from contacts_nb.model.fields import FieldType
    >>> checked(F["plan"] == "GOLD", {"plan": Field(1, "plan", "Plan", FieldType.LIST, ("Gold", "Silver"))})
    F['plan'] == 'Gold'
    """
    if isinstance(tree, Criterion):
        return _checked_criterion(tree, fields)
    parts = [checked(part, fields) for part in parts_of(tree)]
    if isinstance(tree, Not):
        return ~parts[0]
    return all_of(parts) if isinstance(tree, And) else any_of(parts)


def without(tree: Filter, broken: Collection[Criterion]) -> Filter:
    """The contacts for which `tree` is true whatever the criteria in `broken` may be.

    Neither a broken criterion nor its opposite matches anyone, so that nothing is done to contacts by mistake.

    >>> from contacts_nb import F
    >>> gone = F.tags.has_any("gone")
    >>> without(gone | (F.country == "GB"), {gone}), without(~gone & (F.country == "GB"), {gone})
    (F.country == 'GB', ~EVERYONE)
    """
    return _surely(tree, broken, opposite=False)


def _surely(tree: Filter, broken: Collection[Criterion], *, opposite: bool) -> Filter:
    if isinstance(tree, Criterion):
        return NO_ONE if tree in broken else ~tree if opposite else tree
    if isinstance(tree, Not):
        return _surely(tree.part, broken, opposite=not opposite)
    parts = [_surely(part, broken, opposite=opposite) for part in parts_of(tree)]
    if isinstance(tree, And) is not opposite:
        return NO_ONE if NO_ONE in parts else all_of(parts)
    return EVERYONE if EVERYONE in parts else any_of(parts)


def field_definition(slug: str, fields: Mapping[str, Field]) -> Definition:
    """What can be asked of the custom field `slug`, one of `fields`; raises `NotFound` if it isn't there.

    >>> from contacts_nb.model.fields import FieldType
    >>> field_definition("seats", {"seats": Field(1, "seats", "Seats", FieldType.NUMBER)}).label
    'Seats'
    """
    if slug not in fields:
        near = suggestion(slug, fields)
        hint = f"did you mean {near}?" if near else "it may have been removed; see ws.fields"
        raise NotFound("field", slug, f"doesn't exist; {hint}")
    name = fields[slug].name
    return Definition(FIELD_PREFIX + slug, name, name, FIELD_VALUE_TYPES[fields[slug].type])


def _checked_criterion(criterion: Criterion, fields: Mapping[str, Field]) -> Criterion:
    slug = criterion.definition.slug
    if slug is None:
        return criterion
    definition = field_definition(slug, fields)
    values = canonical_values(definition, criterion.operator, criterion.values, fields[slug].allowed)
    return Criterion(criterion.name, criterion.operator, values)
