"""Filters as JSON, which custom inboxes store: `{"version": 1, "filter": …}`.

Reading is strict, because a filter that is misread shows, counts and perhaps deletes the wrong contacts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.filter_criteria import definition_of, operator_named
from contacts_nb.model.filters import CRITERIA_COUNT, DEPTH, And, Criterion, Filter, Not, Or, all_of, any_of
from contacts_nb.model.people import refusal

VERSION = 1
_LONGEST = 20_000_000  # characters
UPGRADERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""For each earlier version, what turns its whole document into one of the next version."""

# Strings are passed over whole; the last may lack its end.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_KINDS = "give one of and, or, not, criterion"


def written(tree: Filter) -> str:
    """`tree` as a JSON text.

    >>> from contacts_nb import F
    >>> print(written(~F.tags.has_any("vip", "press")))
    {"version": 1, "filter": {"not": {"criterion": "tags", "operator": "has_any", "values": ["vip", "press"]}}}
    """
    return json.dumps({"version": VERSION, "filter": _node(tree)}, ensure_ascii=False)


def read(text: object) -> Filter:
    """The filter that the JSON `text` stands for; raises `InvalidValue` that says where it is wrong.

    >>> read('{"version": 1, "filter": {"and": [{"criterion": "tags", "operator": "is", "values": ["vip"]}]}}')
    Traceback (most recent call last):
    contacts_nb.model.errors.InvalidValue: filter.and[0].operator 'is' is no operator of Tags; \
use has_any, has_all, has_none, is_empty
    """
    if not isinstance(text, str):
        raise refusal("filter", text, "is not a text; give the JSON that to_json() wrote")
    if len(text) > _LONGEST:
        raise InvalidValue("filter", text, f"is {len(text):,} characters long; at most {_LONGEST:,} are read")
    _refuse_deep(text)
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except ValueError as error:
        raise InvalidValue("filter", text, f"is not JSON ({error}); give what to_json() wrote") from error
    if not isinstance(document, dict):
        raise refusal("filter", document, 'is not an object; give {"version": …, "filter": …}')
    return _tree(_upgraded(document), "filter", 1)


def _node(tree: Filter) -> dict[str, Any]:
    if isinstance(tree, Criterion):
        return {"criterion": tree.name, "operator": tree.operator.value, "values": list(tree.values)}
    if isinstance(tree, Not):
        return {"not": _node(tree.part)}
    if isinstance(tree, And | Or):
        return {"and" if isinstance(tree, And) else "or": [_node(part) for part in tree.parts]}
    raise TypeError(f"{type(tree).__name__} is no kind of filter")


def _refuse_deep(text: str) -> None:
    # Parsers of deep JSON run out of stack, each Python at another depth, so brackets are counted first. A level
    # of a group has two, and the outermost object and a criterion have three.
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(bracket[0], 0)
        if depth > 2 * DEPTH + 3:
            raise _too_deep("filter")


def _too_deep(path: str) -> InvalidValue:
    return InvalidValue(path[:100], DEPTH, "levels are exceeded; nest groups less deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InvalidValue("filter", twice, "stands twice in one object; give each key once")
    return found


def _upgraded(document: dict[str, Any]) -> Any:
    version = document.get("version")
    if version is None:
        raise refusal("version", version, f"is missing; give the version of the filter, such as {VERSION}")
    if type(version) is not int or version < 1:
        raise refusal("version", version, "is not a version; give a whole number from 1")
    if version > VERSION:
        raise refusal(
            "version", version, "of the filter was made by a newer contacts_nb; upgrade this one to read it"
        )
    while version < VERSION:
        document = UPGRADERS[version](document)
        version += 1
    _require_keys(document, "", {"version", "filter"})
    return document["filter"]


def _tree(node: Any, path: str, depth: int) -> Filter:
    if depth > DEPTH:
        raise _too_deep(path)
    if not isinstance(node, dict):
        raise refusal(path, node, f"is not an object; {_KINDS}")
    if "criterion" in node:
        return _criterion(node, path)
    kind = next(iter(node), None)
    if kind not in ("and", "or", "not"):
        raise refusal(path, node, f"is no part of a filter; {_KINDS}")
    _require_keys(node, path, {kind})
    if kind == "not":
        return ~_tree(node["not"], f"{path}.not", depth + 1)
    parts = _list(node[kind], f"{path}.{kind}")
    if len(parts) > CRITERIA_COUNT:
        raise InvalidValue(f"{path}.{kind}", len(parts), f"parts are too many; use at most {CRITERIA_COUNT:,}")
    trees = [_tree(part, f"{path}.{kind}[{index}]", depth + 1) for index, part in enumerate(parts)]
    return _at(path, lambda: all_of(trees) if kind == "and" else any_of(trees))


def _criterion(node: dict[str, Any], path: str) -> Filter:
    _require_keys(node, path, {"criterion", "operator", "values"})
    try:
        definition = definition_of(node["criterion"])
    except InvalidValue as error:
        raise InvalidValue(f"{path}.criterion", node["criterion"], error.rule) from error
    operator = operator_named(node["operator"])
    if operator is None or operator not in definition.operators:
        use = ", ".join(definition.operators)
        raise refusal(f"{path}.operator", node["operator"], f"is no operator of {definition.label}; use {use}")
    values = _list(node["values"], f"{path}.values")
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise refusal(f"{path}.values[{index}]", value, "is not a text; write every value in quotes")
    return _at(f"{path}.values", lambda: Criterion(definition.name, operator, tuple(values)))


def _at(path: str, made: Callable[[], Filter]) -> Filter:
    """What `made` gives; an error says where it is and what of."""
    try:
        return made()
    except InvalidValue as error:
        raise InvalidValue(f"{path} ({error.field})", error.value, error.rule) from error


def _require_keys(node: dict[str, Any], path: str, keys: set[str]) -> None:
    for key in node:
        if key not in keys:
            raise refusal(
                f"{path}.{key}" if key.isidentifier() and path else path or "filter",
                key,
                (f"is not known here; give only {', '.join(sorted(keys))}"),
            )
    for key in sorted(keys - set(node)):
        raise InvalidValue(path or "filter", key, "is missing; add it")


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise refusal(path, value, "is not a list; write it in [ ]")
    return value
