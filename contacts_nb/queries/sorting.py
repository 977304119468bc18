"""What contacts are sorted by: for each sortable column, the SQL of its value and where that is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Table, case, func, literal, select

from contacts_nb.model.columns import SORT_KEYS, checked_sort_key, is_standard_sort
from contacts_nb.model.errors import NotFound
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.places import countries, languages
from contacts_nb.model.text import folded
from contacts_nb.store.constructs import position
from contacts_nb.store.schema import channels, contact_states, contacts, field_values, teams, users


class SortKey(NamedTuple):
    """`value` is what contacts are sorted by, None for the id alone.

    It is read from `table`: one row for each contact, or, where `field` is given, the row of `field_values` that
    is its, if any.
    """

    value: ColumnElement[Any] | None
    table: Table
    field: Field | None = None
    never_empty: bool = False


def sort_key(connection: Connection, key: str, fields: Mapping[str, Field]) -> SortKey:
    """That of the column `key`; raises `NotFound` for a custom field that isn't there."""
    if not is_standard_sort(checked_sort_key(key)):
        if key not in fields:
            rule = f"doesn't exist, so it can't be sorted by; use another, or one of {', '.join(SORT_KEYS)}"
            raise NotFound("field", key, rule)
        return SortKey(_value_of(fields[key]), field_values, fields[key])
    if key in _PLAIN:
        return _PLAIN[key]
    column, names = NAMED[key]
    return SortKey(_ranked(connection, column, names), contact_states)


_PLAIN = {
    "id": SortKey(None, contacts, never_empty=True),
    "name": SortKey(contacts.c.sort_name, contacts, never_empty=True),
    "created_at": SortKey(contacts.c.created_at, contacts, never_empty=True),
    "phone": SortKey(func.coalesce(contacts.c.phone_e164, contacts.c.phone), contacts),
    "email": SortKey(contacts.c.email_key, contacts),
    "last_interaction": SortKey(contact_states.c.last_interaction, contact_states),
    # The longer ago, the greater: the column shows a time span.
    "last_incoming": SortKey(-contact_states.c.last_incoming, contact_states),
    "conversation_status": SortKey(contact_states.c.conversation_open, contact_states, never_empty=True),
}
NAMED: dict[str, tuple[Column[Any], Column[Any]]] = {
    "last_interacted_channel": (contact_states.c.last_channel_id, channels.c.name),
    "assignee": (contact_states.c.assignee_id, users.c.name),
    "team": (contact_states.c.team_id, teams.c.name),
}


def _ranked(connection: Connection, column: Column[Any], names: Column[Any]) -> ColumnElement[Any]:
    """Where what `column` is the id of stands in the order of `names`; those are few."""
    by_id = {row_id: folded(name) for row_id, name in connection.execute(select(names.table.c.id, names))}
    ranks = {name: rank for rank, name in enumerate(sorted(set(by_id.values())))}
    return case({row_id: ranks[name] for row_id, name in by_id.items()}, value=column) if by_id else column


def _value_of(field: Field) -> ColumnElement[Any]:
    if field.type in (FieldType.NUMBER, FieldType.CHECKBOX):
        return field_values.c.number
    if field.type is FieldType.LIST:
        # In the order in which they are offered; those that aren't any more come after.
        offered = {choice: rank for rank, choice in enumerate(field.allowed)}
        rank = case(offered, value=field_values.c.value, else_=len(offered))
        return case((field_values.c.value.is_not(None), rank))
    return field_values.c.value if field.type in (FieldType.DATE, FieldType.TIME) else field_values.c.value_key


def _position(code: ColumnElement[str], codes_by_name: Sequence[str]) -> ColumnElement[Any]:
    """Where a two-letter `code` stands among the codes in the order of their names, or NULL for none."""
    return position(literal("".join(f" {other}" for other in codes_by_name)), literal(" ").concat(code))


_PLAIN |= {
    "country": SortKey(_position(contacts.c.country, list(countries())), contacts),
    "language": SortKey(_position(contacts.c.language, list(languages())), contacts),
}
