"""Checks history against what it led to: what changed last is what is there now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)

from contacts_nb.queries.check_findings import Rule
from contacts_nb.store.cells import (
    ABSORBED,
    BY_CODE,
    CONTACT,
    FIELD,
    MERGED,
    MESSAGES,
    ROWS_OF_CONTACTS,
    SETTINGS,
    STATE_CELLS,
    TAG,
    Cell,
    Kind,
)
from contacts_nb.store.schema import (
    changes,
    contact_states,
    contact_tags,
    field_values,
    merges,
    messages,
    operations,
    withdrawn_messages,
)
from contacts_nb.store.table_parts import sorted_text

# On PostgreSQL some columns sort in a way of their own, and then can't be compared with others as they are.
_COMPARABLE = sorted_text(Text())
_OF_CONTACT = changes.c.contact_id
_SUBJECT = changes.c.subject


def history_rules() -> Iterator[Rule]:
    """The last change of every cell left it as it is, and operations count what they changed.

    Each rule reads history once, so all cells of a table are in one.
    """
    merged = {MERGED: cast(cast(CONTACT.table.c.survivor_id, BigInteger), _COMPARABLE)}
    yield _left_as_is("contact", CONTACT.table, CONTACT.key == _OF_CONTACT, _present(CONTACT) | merged)
    into = and_(merges.c.survivor_id == _OF_CONTACT, merges.c.absorbed_id == _SUBJECT, merges.c.ended_by.is_(None))
    yield _left_as_is("merge", merges, into, {ABSORBED: _there(merges.c.id.is_not(None))})
    yield _left_as_is(
        "contact state", contact_states, contact_states.c.contact_id == _OF_CONTACT, _values(STATE_CELLS)
    )
    tagging = and_(contact_tags.c.contact_id == _OF_CONTACT, contact_tags.c.tag_id == _SUBJECT)
    yield _left_as_is("tagging", contact_tags, tagging, {TAG: _there(contact_tags.c.tag_id.is_not(None))})
    value = and_(field_values.c.contact_id == _OF_CONTACT, field_values.c.field_id == _SUBJECT)
    yield _left_as_is("field value", field_values, value, {FIELD: field_values.c.value})
    for kind in ROWS_OF_CONTACTS:
        yield _left_as_is(kind.name, kind.table, kind.key == _SUBJECT, _present(kind))
    for kind in SETTINGS:
        rule = _left_as_is(kind.name, kind.table, kind.key == _SUBJECT, _present(kind))
        # All that these are found by; without it, all of history would be read for a few rows.
        statement = rule.statement.where(_OF_CONTACT == 0)
        if kind.removable:
            # Whatever took such a row away may have recorded its cells as empty, but they keep their values.
            kept = or_(kind.table.c.removed_at.is_(None), changes.c.cell == kind.anchor)
            statement = statement.where(or_(changes.c.new.is_not(None), kept))
        yield rule._replace(statement=statement)
    yield _messages()
    yield _counts()


def _left_as_is(
    name: str, table: Table, mine: ColumnElement[bool], present: Mapping[int, ColumnElement[Any]]
) -> Rule:
    """That the last change of each cell has what is `present`, by its number, in the row of `table`, if any."""
    now = case(dict(present), value=changes.c.cell)
    differs = cast(changes.c.new, _COMPARABLE).is_distinct_from(cast(now, _COMPARABLE))
    names = case({code: _name(code) for code in present}, value=changes.c.cell)
    later = changes.alias()
    superseded = exists().where(
        later.c.contact_id == _OF_CONTACT,
        later.c.cell == changes.c.cell,
        later.c.subject == _SUBJECT,
        later.c.operation_id > changes.c.operation_id,
    )
    return Rule(
        f"history of {name}",
        select(_OF_CONTACT, _SUBJECT, names, changes.c.operation_id)
        .select_from(changes.outerjoin(table, mine))
        .where(changes.c.cell.in_(list(present)), differs, ~superseded),
        "{2} of contact {0}, subject {1},",
        "something else",
        "what operation {3} left",
    )


def _present(kind: Kind) -> dict[int, ColumnElement[Any]]:
    """By number, SQL for what history would say of each cell of a row; NULL for all if there is no row."""
    is_there: ColumnElement[bool] = kind.key.is_not(None)
    if kind.removable:
        is_there = and_(is_there, kind.table.c.removed_at.is_(None))
    return {kind.anchor: _there(is_there), **_values(kind.cells)}


def _values(cells: tuple[Cell, ...]) -> dict[int, ColumnElement[Any]]:
    return {cell.code: cast(cell.as_text(), _COMPARABLE) for cell in cells}


def _there(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return case((condition, literal("1", Text)), else_=null())


def _name(code: int) -> str:
    if code in (MERGED, ABSORBED):
        return "merged into" if code == MERGED else "merged from"
    return BY_CODE[code].name if code in BY_CODE else "value" if code == FIELD else "presence"


def _messages() -> Rule:
    """That messages are where the operation recorded them, or where an undo has put them aside."""

    def counted(table: Table) -> Select[int]:
        mine = and_(table.c.contact_channel_id == _SUBJECT, table.c.operation_id == changes.c.operation_id)
        return select(func.count()).select_from(table).where(mine)

    count = counted(messages).scalar_subquery() + counted(withdrawn_messages).scalar_subquery()
    recorded = changes.join(operations, operations.c.id == changes.c.operation_id)
    return Rule(
        "history of messages",
        select(_OF_CONTACT, _SUBJECT, count, changes.c.new, changes.c.operation_id)
        .select_from(recorded)
        .where(
            changes.c.cell == MESSAGES,
            changes.c.new.is_not(None),
            operations.c.undoes.is_(None),  # what an undo gives back belongs to whatever recorded it first
            cast(changes.c.new, _COMPARABLE) != cast(count, _COMPARABLE),
        ),
        "contact channel {1} of contact {0}",
        "{2} messages of operation {4}",
        "{3}",
    )


def _counts() -> Rule:
    touched = (
        select(changes.c.operation_id, func.count(_OF_CONTACT.distinct()).label("contacts"))
        .where(_OF_CONTACT != 0)
        .group_by(changes.c.operation_id)
        .subquery()
    )
    return Rule(
        "operations.contacts",
        select(operations.c.id, operations.c.contacts, cast(touched.c.contacts, BigInteger))
        .join(touched, touched.c.operation_id == operations.c.id)
        .where(operations.c.contacts < touched.c.contacts)
        .order_by(operations.c.id),
        "operation {0}",
        "{1}",
        "at least {2}",
    )
