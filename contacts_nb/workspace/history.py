"""`ws.history`: what was done, and how to take it back."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, SupportsIndex

import pandas as pd

from contacts_nb.model.errors import CannotUndo, Conflict, NotFound
from contacts_nb.operations.undo import undo
from contacts_nb.queries.history import (
    CellChange,
    OperationRecord,
    cell_changes,
    last_operations,
    operation_with,
)
from contacts_nb.queries.rows import LARGEST_INTEGER, checked_count
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.listing import moments, texts, whole_numbers


class Operation:
    """What one call has done: its number in the history, on how many contacts, and the way back.

    One that changed nothing has no number, because history keeps only changes. `details` say how it was done, such
    as the format of an export and the fields it was filtered by, and hold nothing personal.
    """

    def __init__(self, access: Access, record: OperationRecord | None) -> None:
        self._access = access
        self.id: int | None = None
        self.kind: str | None = None
        self.at: datetime | None = None
        self.user: str | None = None
        self.contacts = 0
        self.undone_by: int | None = None
        self.details: Mapping[str, Any] = {}
        if record is not None:
            self.details = record.details
            self.id, self.kind, self.at, self.user = record.id, record.kind, record.at, record.user
            self.contacts, self.undone_by = record.contacts, record.undone_by

    def undo(self, *, overwrite: Iterable[Conflict] | Literal["all"] | None = None) -> Operation:
        """Set every cell that this operation changed back to its old value; gives the operation that did it.

        Raises `UndoConflict` where later changes would be overwritten, and does nothing then. Its `conflicts`, or
        some of them, may be given as `overwrite`: those are overwritten and the others left as they are; "all"
        overwrites all. Raises `CannotUndo` for what can't be undone, such as a deletion.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> _ = ws.contacts.tag("vip").undo()
        >>> ws.contacts[ann.id].tags
        ()
        """
        if self.id is None or self.kind is None:
            raise CannotUndo("Nothing was changed, so there is nothing to undo.")
        told = None if overwrite is None else overwrite if overwrite == "all" else tuple(overwrite)
        with self._access.operation("undo", {"kind": self.kind}, undoes=self.id) as recording:
            # Whoever may not do it may not undo it either.
            self._access.check(recording.connection, self.kind)
            undo(recording, self.id, told)
        return Operation(self._access, recording.record)

    def changes(self, limit: int = 1_000) -> pd.DataFrame:
        """The cells that it changed, at most `limit`, as `ws.contacts[…].history()` gives them."""
        if self.id is None:
            return changes_frame([])
        with self._access.read() as connection:
            return changes_frame(cell_changes(connection, checked_count("limit", limit), operation_id=self.id))

    def __repr__(self) -> str:
        if self.id is None:
            return "<nothing changed>"
        undone = f", undone by {self.undone_by}" if self.undone_by else ""
        return f"<operation {self.id}: {self.kind}, {self.contacts:,} contacts{undone}>"


class History:
    """All operations of a workspace: called, it lists them; `[17]` is the one with that number."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def __call__(self, limit: int = 1_000) -> pd.DataFrame:
        """The newest `limit` operations, newest first.

        Columns: `id` (int64), `at` (datetime, UTC), `user` (str, e-mail), `operation` (str), `contacts` (int64),
        `undoes`, `undone_by` (Int64), `details` (str: how it was done).
        """
        with self._access.read() as connection:
            records = last_operations(connection, checked_count("limit", limit))
        return pd.DataFrame(
            {
                "id": whole_numbers(record.id for record in records),
                "at": moments(record.at for record in records),
                "user": texts(record.user for record in records),
                "operation": texts(record.kind for record in records),
                "contacts": whole_numbers(record.contacts for record in records),
                "undoes": pd.array([record.undoes for record in records], dtype="Int64"),
                "undone_by": pd.array([record.undone_by for record in records], dtype="Int64"),
                "details": texts(_said(record.details) for record in records),
            }
        )

    def __getitem__(self, operation_id: SupportsIndex) -> Operation:
        number = operator.index(operation_id)
        with self._access.read() as connection:
            record = operation_with(connection, number) if 0 < number <= LARGEST_INTEGER else None
        if record is None:
            raise NotFound("operation", number, "doesn't exist; ws.history() lists those that do")
        return Operation(self._access, record)

    # Python would try 0, 1, 2 … of `__getitem__`.
    __iter__ = None

    def __repr__(self) -> str:
        return f"<history: {len(self()):,} operations>"


def _said(details: Mapping[str, Any]) -> str | None:
    said = {
        name.replace("_", " "): ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in details.items()
        if value is not None and value is not False and value not in ("", [])
    }
    return "; ".join(f"{name}: {value}" for name, value in said.items()) or None


def changes_frame(found: list[CellChange]) -> pd.DataFrame:
    """One row a cell.

    Columns: `operation` (int64), `at` (datetime, UTC), `user`, `what` (str), `contact_id` (int64), `cell`, `old`,
    `new` (str).
    """
    return pd.DataFrame(
        {
            "operation": whole_numbers(change.operation.id for change in found),
            "at": moments(change.operation.at for change in found),
            "user": texts(change.operation.user for change in found),
            "what": texts(change.operation.kind for change in found),
            "contact_id": whole_numbers(change.contact_id for change in found),
            "cell": texts(change.cell for change in found),
            "old": texts(change.old for change in found),
            "new": texts(change.new for change in found),
        }
    )
