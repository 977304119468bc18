"""What has happened to two contacts since they were merged, and with whom of the two it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator

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


def since_merge(
    connection: Connection, merge: MergeRecord, part: Collection[int], named: Callable[[int], str], present: int
) -> tuple[SinceRow, ...]:
    """What has happened since `merge`, oldest first; `part` are those that go with the absorbed contact.

    Everything keeps the contact it was made on, so that says with whom it goes.
    """
    found = cell_changes(connection, _AT_MOST, contact_id=merge.absorbed_id, after=merge.id)
    standing = [one for one in found if one.operation.undone_by is None and one.operation.undoes is None]
    rows = [*_told(standing, part, named, merge, present), *_messages(standing, part, named, merge, present)]
    return tuple(sorted(rows, key=lambda row: row.at))


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


def _goes_to(contact_id: int, part: Collection[int], named: Callable[[int], str], other: int, present: int) -> str:
    return named(other) if contact_id in part else f"stays on {named(present)}"


def _told(
    found: Collection[CellChange],
    part: Collection[int],
    named: Callable[[int], str],
    merge: MergeRecord,
    present: int,
) -> Iterator[SinceRow]:
    for change in found:
        goes_to = _goes_to(change.contact_id, part, named, merge.absorbed_id, present)
        operation = change.operation
        if change.code == ABSORBED:
            what = "taken apart" if change.new is None else "merged"
            yield SinceRow(operation.at, what, operation.user, change.cell, goes_to)
        elif change.code in _ROWS:
            came, went = _ROWS[change.code]
            yield SinceRow(operation.at, went if change.new is None else came, operation.user, None, goes_to)
        elif (event := event_of(change)) is not None:
            yield SinceRow(event.at, event.event, event.user, event.detail, goes_to)


def _messages(
    found: Collection[CellChange],
    part: Collection[int],
    named: Callable[[int], str],
    merge: MergeRecord,
    present: int,
) -> Iterator[SinceRow]:
    counts: Counter[int] = Counter()
    latest: dict[int, CellChange] = {}
    for change in found:
        if change.code == MESSAGES and change.new is not None:
            counts[change.contact_id] += int(change.new)
            latest.setdefault(change.contact_id, change)
    for contact_id, count in counts.items():
        goes_to = _goes_to(contact_id, part, named, merge.absorbed_id, present)
        of_channels = f"through the channels of {named(contact_id)}"
        what = f"{count:,} {'message' if count == 1 else 'messages'}"
        yield SinceRow(
            latest[contact_id].operation.at, what, latest[contact_id].operation.user, of_channels, goes_to
        )
