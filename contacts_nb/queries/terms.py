"""What the words of a filter mean in a workspace at a moment: ids for names, fields for slugs, today for days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import InvalidValue, NotFound
from contacts_nb.model.fields import Field
from contacts_nb.model.filter_references import Reference, checked, references, without
from contacts_nb.model.filters import Criterion, Filter, criteria_of
from contacts_nb.model.text import name_key
from contacts_nb.queries.settings import all_fields
from contacts_nb.store.schema import channels, tags, teams, users, workspace
from contacts_nb.store.types import to_milliseconds

_KEYS = {
    "tag": (tags.c.name_key, name_key),
    "user": (users.c.email_key, email_key),
    "team": (teams.c.name_key, name_key),
    "channel": (channels.c.name_key, name_key),
}
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """The meaning of a filter's words.

    `now` is in milliseconds since 1970, `user_id` who "me" is. `ids` has what is named, by kind ("tag", "user",
    "team", "channel") and name, `fields` the custom fields by slug, `broken` the criteria that name what isn't
    there.
    """

    now: int
    zone: ZoneInfo
    region: str | None
    user_id: int | None
    ids: Mapping[tuple[str, str], int]
    fields: Mapping[str, Field]
    broken: frozenset[Criterion]


def resolved(
    connection: Connection, tree: Filter, user_id: int | None, *, missing_ok: bool, now: datetime | None = None
) -> tuple[Filter, Terms]:
    """`tree` as it can be answered, without what is broken, and what its words mean.

    Raises `NotFound` for what isn't there and `InvalidValue` for what a custom field's type lacks, unless
    `missing_ok`: such criteria are broken then, and neither they nor their opposites match anyone.
    """
    settings = connection.execute(select(workspace.c.time_zone, workspace.c.phone_region)).one()
    fields = {field.slug: field for field in all_fields(connection)}
    named = references(tree)
    ids = _ids(connection, named)
    broken: set[Criterion] = set()
    for reference in named:
        if reference.kind != "field" and (reference.kind, reference.name) not in ids:
            if not missing_ok:
                rule = f"doesn't exist; ws.{reference.kind}s lists those that do"
                raise NotFound(reference.kind, reference.name, rule)
            broken.add(reference.criterion)
    for criterion in criteria_of(tree):
        try:
            checked(criterion, fields)
        except (NotFound, InvalidValue):
            if not missing_ok:
                raise
            broken.add(criterion)
    answerable = checked(without(tree, broken), fields)
    terms = Terms(
        to_milliseconds(now or datetime.now(UTC)),
        ZoneInfo(settings.time_zone),
        settings.phone_region,
        user_id,
        ids,
        fields,
        frozenset(broken),
    )
    return answerable, terms


def _ids(connection: Connection, named: tuple[Reference, ...]) -> dict[tuple[str, str], int]:
    by_kind: defaultdict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind, name, _ in named:
        if kind in _KEYS:
            by_kind[kind][_KEYS[kind][1](name)].append(name)
    found: dict[tuple[str, str], int] = {}
    for kind, names in by_kind.items():
        column = _KEYS[kind][0]
        table, keys = column.table, list(names)
        for start in range(0, len(keys), _AT_ONCE):
            statement = select(column, table.c.id).where(
                column.in_(keys[start : start + _AT_ONCE]), table.c.removed_at.is_(None)
            )
            for key, row_id in connection.execute(statement):
                found.update(((kind, name), row_id) for name in names[key])
    return found
