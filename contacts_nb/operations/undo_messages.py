"""Messages in an undo: those that were recorded are withdrawn or come back, and statuses are what they were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    MetaData,
    String,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    type_coerce,
    union_all,
    update,
)

from contacts_nb.model.errors import Conflict
from contacts_nb.operations.recording import Change, Recording
from contacts_nb.store.backend import backend_of
from contacts_nb.store.cells import MESSAGES, STATUSES
from contacts_nb.store.schema import changes, contact_channels, messages, operations, withdrawn_messages

_done, _mine = changes.alias("done"), changes.alias("mine")
_NAMES = [column.name for column in messages.c]
_sought = Table(
    "sought_statuses",
    MetaData(),
    Column("contact_id", BigInteger),
    Column("contact_channel_id", BigInteger),
    Column("sent_at", BigInteger),
    Column("number", BigInteger),
    Column("wanted", String(16)),
    prefixes=["TEMPORARY"],
)


def origin(recording: Recording, operation_id: int) -> int:
    """The operation that did first what this one, an undo of an undo or so on, did again.

    Messages that come back still say who recorded them.
    """
    before = select(operations.c.undoes).where(operations.c.id == operation_id)
    undone = recording.connection.execute(before).scalar_one()
    return operation_id if undone is None else origin(recording, undone)


def plan_messages(recording: Recording, operation_id: int, recorded_by: int) -> None:
    """Plan that messages which were recorded are withdrawn, and those which were withdrawn come back."""
    for table, by in (
        (messages, messages.c.operation_id == recorded_by),
        (withdrawn_messages, withdrawn_messages.c.undo_id == operation_id),
    ):
        count = cast(func.count(), Text)
        identity = table.c.contact_channel_id
        withdrawing = table is messages
        there = _done.join(table, and_(identity == _done.c.subject, by))
        if withdrawing:
            there = there.join(contact_channels, contact_channels.c.id == identity)
        recording.add_selected(
            recording.select(
                _done.c.contact_id,
                MESSAGES,
                _done.c.subject,
                count if withdrawing else null(),
                null() if withdrawing else count,
            )
            .select_from(there)
            .where(
                _done.c.operation_id == operation_id,
                _done.c.cell == MESSAGES,
                _done.c.new.is_not(None) if withdrawing else _done.c.new.is_(None),
            )
            .group_by(_done.c.contact_id, _done.c.subject)
        )


def plan_statuses(recording: Recording, operation_id: int) -> None:
    """Plan that messages have the statuses again which they had before, withdrawn ones too."""
    connection = recording.connection
    statement = select(_done.c.contact_id, _done.c.subject, _done.c.old).where(
        _done.c.operation_id == operation_id, _done.c.cell == STATUSES
    )
    rows = [
        (contact_id, identity, at, number, status)
        for contact_id, identity, old in connection.execute(statement)
        for at, number, status in json.loads(old)
    ]
    if not rows:
        return
    _sought.create(connection)
    backend_of(connection).inserted(connection, _sought.name, [column.name for column in _sought.c], rows)
    there = union_all(
        *(
            select(
                table.c.contact_channel_id,
                type_coerce(table.c.sent_at, BigInteger).label("sent_at"),
                table.c.number,
                table.c.status,
            )
            for table in (messages, withdrawn_messages)
        )
    ).subquery()
    keys = ("contact_channel_id", "sent_at", "number")
    present = (
        select(_sought, there.c.status)
        .join(there, and_(*(there.c[key] == _sought.c[key] for key in keys)))
        .where(there.c.status.is_distinct_from(_sought.c.wanted))
        .order_by(*(_sought.c[key] for key in keys))
    )
    planned: dict[tuple[int, int], tuple[list[Any], list[Any]]] = {}
    for contact_id, identity, at, number, wanted, status in connection.execute(present):
        old, new = planned.setdefault((contact_id, identity), ([], []))
        old.append([at, number, status])
        new.append([at, number, wanted])
    _sought.drop(connection)
    recording.add(
        Change(contact_id, STATUSES, identity, json.dumps(old), json.dumps(new))
        for (contact_id, identity), (old, new) in planned.items()
    )


def message_conflicts(recording: Recording, operation_id: int) -> Iterator[Conflict]:
    """Statuses that have changed again since, and messages to come back that were recorded again."""
    same = and_(_done.c.contact_id == _mine.c.contact_id, _done.c.subject == _mine.c.subject)
    statement = (
        select(_mine, _done.c.new.label("left"))
        .join(_done, same)
        .where(
            _mine.c.operation_id == recording.id,
            _mine.c.cell == STATUSES,
            _done.c.operation_id == operation_id,
            _done.c.cell == STATUSES,
        )
    )
    for row in recording.connection.execute(statement):
        left = {(at, number): status for at, number, status in json.loads(row.left)}
        for (at, number, current), (*_, wanted) in zip(json.loads(row.old), json.loads(row.new), strict=True):
            if left[at, number] != current:
                yield Conflict(
                    row.contact_id,
                    "status of a message",
                    wanted,
                    left[at, number],
                    current,
                    STATUSES,
                    row.subject,
                    cells=(STATUSES,),
                )
                break
    again = exists().where(
        withdrawn_messages.c.undo_id == operation_id,
        withdrawn_messages.c.contact_channel_id == _mine.c.subject,
        *(
            messages.c[name] == withdrawn_messages.c[name]
            for name in ("contact_channel_id", "sent_at", "incoming", "text")
        ),
    )
    coming = select(_mine.c.contact_id, _mine.c.subject, _mine.c.new).where(
        _mine.c.operation_id == recording.id, _mine.c.cell == MESSAGES, _mine.c.new.is_not(None), again
    )
    for contact_id, identity, count in recording.connection.execute(coming):
        yield Conflict(
            contact_id,
            "messages",
            count,
            None,
            "recorded again since",
            MESSAGES,
            identity,
            overwritable=False,
            cells=(MESSAGES,),
        )


def withdraw_messages(recording: Recording, recorded_by: int) -> None:
    """Take away what the plan withdraws, to be kept under this undo."""
    going = select(changes.c.subject).where(
        changes.c.operation_id == recording.id, changes.c.cell == MESSAGES, changes.c.new.is_(None)
    )
    found = messages.c.contact_channel_id.in_(going), messages.c.operation_id == recorded_by
    recording.connection.execute(
        insert(withdrawn_messages).from_select(
            ["undo_id", *_NAMES], select(literal(recording.id), *messages.c).where(*found)
        )
    )
    recording.connection.execute(delete(messages).where(*found))


def bring_back_messages(recording: Recording, operation_id: int) -> None:
    """Put back what the operation, itself an undo, had withdrawn."""
    coming = select(changes.c.subject).where(
        changes.c.operation_id == recording.id, changes.c.cell == MESSAGES, changes.c.new.is_not(None)
    )
    found = withdrawn_messages.c.contact_channel_id.in_(coming), withdrawn_messages.c.undo_id == operation_id
    recording.connection.execute(
        insert(messages).from_select(
            _NAMES, select(*(withdrawn_messages.c[name] for name in _NAMES)).where(*found)
        )
    )
    recording.connection.execute(delete(withdrawn_messages).where(*found))


def set_statuses(recording: Recording) -> None:
    """Give messages, withdrawn ones too, the statuses of the plan."""
    statement = select(changes.c.subject, changes.c.new).where(
        changes.c.operation_id == recording.id, changes.c.cell == STATUSES
    )
    rows = [
        {"identity": identity, "at": at, "of": number, "now": status}
        for identity, new in recording.connection.execute(statement)
        for at, number, status in json.loads(new)
    ]
    if not rows:
        return
    for table in (messages, withdrawn_messages):
        recording.connection.execute(
            update(table)
            .where(
                table.c.contact_channel_id == bindparam("identity"),
                type_coerce(table.c.sent_at, BigInteger) == bindparam("at"),
                table.c.number == bindparam("of"),
            )
            .values(status=bindparam("now")),
            rows,
        )
