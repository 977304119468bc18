"""One operation while it goes on: what it changes is written to history in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, literal, select, update

from contacts_nb.queries.history import OperationRecord, operation_with
from contacts_nb.store.backend import backend_of
from contacts_nb.store.schema import changes, operations

COLUMNS = ("operation_id", "contact_id", "cell", "subject", "old", "new")


class Change(NamedTuple):
    """A cell and its values as text; `contact_id` is 0 for what belongs to no contact."""

    contact_id: int
    cell: int
    subject: int
    old: str | None
    new: str | None


@dataclass(slots=True)
class Recording:
    """The operation `id` on its `connection`, done `now` by the user `user_id` (None where nobody is known).

    At its end, `record` is what history says of it; None if it changed nothing.
    """

    connection: Connection
    id: int
    user_id: int | None
    now: datetime
    contacts: int = 0
    record: OperationRecord | None = None
    _stretch: tuple[int, int] | None = None

    @contextmanager
    def stretch(self, first: int, last: int) -> Iterator[None]:
        """While a block works on the contacts from `first` to `last`, what was done to others isn't looked at."""
        self._stretch = first, last
        yield
        self._stretch = None

    def mine(self) -> ColumnElement[bool]:
        """SQL condition on the changes of this operation, or of the stretch it is at."""
        mine = changes.c.operation_id == self.id
        return mine if self._stretch is None else and_(mine, changes.c.contact_id.between(*self._stretch))

    def add(self, rows: Iterable[Change]) -> None:
        """Write changes that are known here."""
        backend_of(self.connection).inserted(
            self.connection, changes.name, COLUMNS, ((self.id, *row) for row in rows)
        )

    def select(
        self,
        contact_id: ColumnElement[Any],
        cell: int,
        subject: ColumnElement[Any] | int,
        old: ColumnElement[Any],
        new: ColumnElement[Any],
    ) -> Select[Any]:
        """The start of a statement whose rows are changes, for `add_selected`; the caller says from where."""
        subject = literal(subject) if isinstance(subject, int) else subject
        return select(literal(self.id), contact_id, literal(cell), subject, old, new)

    def add_selected(self, rows: Select[Any]) -> int:
        """Write the changes that `rows` finds in the database; gives how many there were."""
        return self.connection.execute(insert(changes).from_select(COLUMNS, rows)).rowcount

    def changed(self, *cells: int, subject: int | None = None) -> Select[int]:
        """SQL for the ids of contacts of which this operation changes one of `cells`."""
        statement = select(changes.c.contact_id).where(self.mine(), changes.c.cell.in_(cells))
        return statement if subject is None else statement.where(changes.c.subject == subject)

    def subjects(self, cell: int) -> Select[int]:
        """SQL for the subjects of this operation's changes of `cell`."""
        return select(changes.c.subject).where(self.mine(), changes.c.cell == cell)


@contextmanager
def recorded(
    connection: Connection,
    kind: str,
    user_id: int | None,
    now: datetime,
    details: Mapping[str, object] | None = None,
    *,
    undoes: int | None = None,
    kept: bool = False,
) -> Iterator[Recording]:
    """An operation of this `kind`, within the transaction of `connection`.

    Unless it is to be `kept` all the same, one that changed nothing leaves no entry. `details` must hold nothing
    personal.
    """
    (number,) = backend_of(connection).new_ids(connection, operations.name, 1)
    connection.execute(
        insert(operations).values(
            id=number,
            at=now,
            user_id=user_id,
            kind=kind,
            contacts=0,
            details=json.dumps(details or {}, ensure_ascii=False),
            undoes=undoes,
        )
    )
    recording = Recording(connection, number, user_id, now)
    yield recording
    mine = changes.c.operation_id == number
    if not kept and connection.execute(select(changes.c.cell).where(mine).limit(1)).first() is None:
        connection.execute(delete(operations).where(operations.c.id == number))
        return
    if not recording.contacts:
        touched = select(func.count(changes.c.contact_id.distinct())).where(mine, changes.c.contact_id != 0)
        recording.contacts = connection.execute(touched).scalar_one()
    connection.execute(update(operations).where(operations.c.id == number).values(contacts=recording.contacts))
    # Within the transaction: what was saved must not look as if it wasn't because reading it failed.
    recording.record = operation_with(connection, number)


def parts(items: Sequence[Any], length: int) -> Iterator[Sequence[Any]]:
    """`items` in stretches of at most `length`."""
    return (items[start : start + length] for start in range(0, len(items), length))
