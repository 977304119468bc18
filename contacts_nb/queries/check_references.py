"""Checks that every id names a row, that rows which go together are there, and that nothing is there twice.

The database sees to most of this as long as its constraints are in force and its indexes are whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Table,
    UniqueConstraint,
    and_,
    exists,
    func,
    or_,
    select,
    type_coerce,
)

from contacts_nb.model.contact import Source
from contacts_nb.model.fields import FieldType
from contacts_nb.model.people import Role
from contacts_nb.queries.check_findings import Rule
from contacts_nb.store.cells import CONTACT
from contacts_nb.store.schema import (
    changes,
    channels,
    contact_states,
    contacts,
    fields,
    messages,
    metadata,
    operations,
    search_documents,
    users,
    withdrawn_messages,
)


def reference_rules() -> Iterator[Rule]:
    """Every id names a row, in history too, where the database doesn't look."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            yield _refers(key.parent, key.column)
    for column in (messages.c.operation_id, withdrawn_messages.c.operation_id):
        yield _refers(column, operations.c.id)
    yield _refers(withdrawn_messages.c.sender_id, users.c.id)
    yield Rule(
        "reference changes.operation_id",
        select(changes.c.operation_id)
        .where(~exists().where(operations.c.id == changes.c.operation_id))
        .distinct()
        .order_by(changes.c.operation_id),
        "operation {0}",
        "changes but no row",
        "a row of operations",
    )
    yield _contacts_of_history()
    yield from _undos()


def presence_rules() -> Iterator[Rule]:
    """Every contact has its other halves, and what can be one of a few values is."""
    for table in (contact_states, search_documents):
        yield Rule(
            table.name,
            select(contacts.c.id)
            .where(~exists().where(table.c.contact_id == contacts.c.id))
            .order_by(contacts.c.id),
            "contact {0}",
            "no row",
            "one row",
        )
    for column, known in ((channels.c.source, Source), (fields.c.type, FieldType), (users.c.role, Role)):
        yield Rule(
            f"{column.table.name}.{column.name}",
            select(column.table.c.id).where(column.not_in([member.value for member in known])),
            f"{column.table.name[:-1]} {{0}}",
            "an unknown one",
            "a known one",
        )


def uniqueness_rules() -> Iterator[Rule]:
    """Nothing is there twice that has a unique index, even if that index was lost."""
    for table in metadata.sorted_tables:
        for constraint in (*table.constraints, *table.indexes):
            if isinstance(constraint, UniqueConstraint):
                yield _unique(table, list(constraint.columns), None)
            elif isinstance(constraint, Index) and constraint.unique:
                yield _unique(table, list(constraint.columns), constraint.dialect_options["sqlite"]["where"])


def _refers(column: Column[Any], target: Column[Any]) -> Rule:
    table = column.table
    keys = [type_coerce(key, BigInteger) for key in table.primary_key]
    # Under another name, because a table may refer to itself.
    named = target.table.alias()
    places = ", ".join(f"{key.name} {{{position}}}" for position, key in enumerate(table.primary_key, 1))
    return Rule(
        f"reference {table.name}.{column.name}",
        select(column, *keys)
        .where(column.is_not(None), ~exists().where(named.c[target.name] == column))
        .order_by(*table.primary_key),
        f"the row with {places}",
        "{0}",
        f"the id of a row of {target.table.name}",
    )


def _contacts_of_history() -> Rule:
    gone, later = changes.alias(), changes.alias()
    taken_away_last = exists().where(
        gone.c.contact_id == changes.c.contact_id,
        gone.c.cell == CONTACT.anchor,
        gone.c.new.is_(None),
        ~exists().where(
            later.c.contact_id == gone.c.contact_id,
            later.c.cell == CONTACT.anchor,
            later.c.operation_id > gone.c.operation_id,
        ),
    )
    return Rule(
        "reference changes.contact_id",
        select(changes.c.contact_id)
        .where(changes.c.contact_id != 0, ~exists().where(contacts.c.id == changes.c.contact_id), ~taken_away_last)
        .distinct()
        .order_by(changes.c.contact_id),
        "contact {0}",
        "changes but no row",
        "a row of contacts, or an undo that took it away",
    )


def _undos() -> Iterator[Rule]:
    other = operations.alias()
    # An undo that was itself undone has left the operation as if it had never been undone.
    for column, agrees in (
        (operations.c.undoes, or_(other.c.undone_by == operations.c.id, operations.c.undone_by.is_not(None))),
        (operations.c.undone_by, other.c.undoes == operations.c.id),
    ):
        yield Rule(
            f"operations.{column.name}",
            select(operations.c.id, column)
            .where(column.is_not(None), ~exists().where(other.c.id == column, agrees))
            .order_by(operations.c.id),
            "operation {0}",
            "{1}",
            "an operation that says the same",
        )
    undo = and_(operations.c.id == withdrawn_messages.c.undo_id, operations.c.undoes.is_not(None))
    yield Rule(
        "withdrawn_messages.undo_id",
        select(withdrawn_messages.c.undo_id, func.count())
        .where(~exists().where(undo))
        .group_by(withdrawn_messages.c.undo_id)
        .order_by(withdrawn_messages.c.undo_id),
        "operation {0}",
        "{1} withdrawn messages but undoes nothing",
        "undoing an operation",
    )


def _unique(table: Table, columns: list[Column[Any]], where: ColumnElement[bool] | None) -> Rule:
    names = ", ".join(column.name for column in columns)
    statement = select(func.min(table.c.id), func.count()).group_by(*columns).having(func.count() > 1)
    return Rule(
        f"unique {table.name} ({names})",
        (statement if where is None else statement.where(where)).order_by(func.min(table.c.id)),
        "what row {0} is of",
        "{1} rows",
        "one",
    )
