"""What has happened to two contacts since they were merged, and with whom of the two it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from contacts_nb.model.merging import MergeRecord, SinceRow
from contacts_nb.queries.events import event_of
from contacts_nb.queries.groups import group_of
from contacts_nb.queries.history import CellChange, cell_changes
from contacts_nb.store.cells import ABSORBED, COMMENT, CONVERSATION, IDENTITY, MESSAGES, STATUSES
from contacts_nb.store.schema import changes

_AT_MOST = 1_000
_CLOSED = {cell.name: cell.code for cell in CONVERSATION.cells}["closed_at"]
_ROWS = {
    COMMENT.anchor: ("commented", "a comment was taken away"),
    CONVERSATION.anchor: ("conversation opened", "a conversation was taken away"),
    _CLOSED: ("conversation closed", "conversation open again"),
    IDENTITY.anchor: ("channel added", "a channel was taken away"),
}
# What may come at any time and goes with whom it came through changes nothing of a plan.
_PASSING = (MESSAGES, STATUSES, *COMMENT.codes, *CONVERSATION.codes)


class _Whither(NamedTuple):
    """With whom of the two something goes: everything keeps the contact it was made on, and that says it.

    `part` are those that go with the contact `other`; all else stays on the contact `present`.
    """

    part: Collection[int]
    other: int
    present: int
    named: Callable[[int], str]

    def of(self, contact_id: int) -> str:
        return self.named(self.other) if contact_id in self.part else f"stays on {self.named(self.present)}"


def since_merge(
    connection: Connection, merge: MergeRecord, part: Collection[int], present: int, named: Callable[[int], str]
) -> tuple[SinceRow, ...]:
    """What has happened since `merge`, oldest first.

    `part` are the contacts that go with the absorbed one, `present` is whom the others belong to, and `named`
    tells what they are called.
    """
    found = cell_changes(connection, _AT_MOST, contact_id=merge.absorbed_id, after=merge.id)
    standing = [one for one in found if one.operation.undone_by is None and one.operation.undoes is None]
    whither = _Whither(part, merge.absorbed_id, present, named)
    return tuple(sorted([*_told(standing, whither), *_messages(standing, whither)], key=lambda row: row.at))


def last_change(connection: Connection, contact_id: int) -> int:
    """The newest operation that changed the group of a contact, but for what merely passes by."""
    statement = select(func.coalesce(func.max(changes.c.operation_id), 0)).where(
        changes.c.contact_id.in_(group_of(contact_id)), changes.c.cell.not_in(_PASSING)
    )
    newest: int = connection.execute(statement).scalar_one()
    return newest


def changed_since(connection: Connection, contact_id: int, operation_id: int) -> CellChange | None:
    """The newest change of the group of a contact after that operation, but for what merely passes by."""
    newest = last_change(connection, contact_id)
    if newest <= operation_id:
        return None
    found = cell_changes(connection, _AT_MOST, operation_id=newest, contact_id=contact_id)
    return next(change for change in found if change.code not in _PASSING)


def _told(found: Collection[CellChange], whither: _Whither) -> Iterator[SinceRow]:
    for change in found:
        operation, goes_to = change.operation, whither.of(change.contact_id)
        if change.code == ABSORBED:
            what = "taken apart" if change.new is None else "merged"
            yield SinceRow(operation.at, what, operation.user, change.cell, goes_to)
        elif change.code in _ROWS:
            came, went = _ROWS[change.code]
            yield SinceRow(operation.at, went if change.new is None else came, operation.user, None, goes_to)
        elif (event := event_of(change)) is not None:
            yield SinceRow(event.at, event.event, event.user, event.detail, goes_to)


def _messages(found: Collection[CellChange], whither: _Whither) -> Iterator[SinceRow]:
    counts: Counter[int] = Counter()
    latest: dict[int, CellChange] = {}
    for change in found:
        if change.code == MESSAGES and change.new is not None:
            counts[change.contact_id] += int(change.new)
            latest.setdefault(change.contact_id, change)
    for contact_id, count in counts.items():
        operation = latest[contact_id].operation
        what = f"{count:,} {'message' if count == 1 else 'messages'}"
        detail = f"through the channels of {whither.named(contact_id)}"
        yield SinceRow(operation.at, what, operation.user, detail, whither.of(contact_id))
