"""Operations on the plain model, and what undoing one of them leads to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tests.workspace.plain_model import KEPT, THERE, Cells, PlainWorkspace, Row


class Operation:
    """What one operation did: each cell with its old and its new value."""

    def __init__(self, number: int, kind: str, before: Cells, after: Cells, undoes: Operation | None) -> None:
        self.id, self.kind, self.after, self.undoes = number, kind, after, undoes
        self.undone_by: Operation | None = None
        made = {cell[:2] for cell in after.keys() - before.keys() if cell[2] == THERE and cell[0] in KEPT}
        self.changes = {
            cell: (before.get(cell), after.get(cell))
            for cell in before.keys() | after.keys()
            if before.get(cell) != after.get(cell) and (cell[:2] not in made or cell[2] == THERE)
        }

    def mark_undone(self, by: Operation) -> None:
        """It is undone, what it had undone stands again, and so on."""
        undone: Operation | None = self
        mark: Operation | None = by
        while undone is not None:
            undone.undone_by = mark
            undone, mark = undone.undoes, None if mark else undone


class Way(NamedTuple):
    """The way back from an operation: the cells after it, and why it is refused or, at least, may be."""

    cells: Cells
    refused: str | None
    doubtful: bool


def way_back(ws: PlainWorkspace, undone: Operation, later: Iterable[Operation], *, overwrite: bool) -> Way:
    """What undoing an operation leads to, and whether it may be undone.

    Doubtful are two cases. What would be lost because something was changed since and changed back by hand: there
    is no difference to be seen, but there is in history. And overwriting, as far as something is overwritten.
    """
    if undone.kind == "delete" or undone.undone_by is not None:
        return Way(ws.cells, "for ever, or undone already", doubtful=False)
    result = PlainWorkspace()
    result.cells, result.owners = dict(ws.cells), ws.owners
    anchors = {cell[:2]: new is None for cell, (_, new) in undone.changes.items() if cell[2] == THERE}
    going = {row for row, comes in anchors.items() if not comes and (*row, THERE) in ws.cells}
    coming = {row for row, comes in anchors.items() if comes and (*row, THERE) not in ws.cells}
    conflict = None
    for (kind, number, column), (old, new) in undone.changes.items():
        row, now = (kind, number), ws.get(kind, number, column)
        if row in coming:
            result.put(kind, number, column, old)
        elif row not in going and now != old and (kind in KEPT or (*row, THERE) in ws.cells):
            conflict = conflict or (None if now == new else f"{column} was changed since")
            result.put(kind, number, column, old)
    lost = {row for row in going if row[0] not in KEPT}
    for row in lost:
        result.drop(*row)
        if _hanging(ws, ws.cells, row) != _hanging(ws, undone.after, row):
            conflict = f"{row[0]} was changed since"
    # What the operation set up stays if others use it by now; its members go first.
    for kind, number in sorted(going - lost):
        if not result.is_used(kind, number):
            result.drop(kind, number)
    fault = result.fault() or ("nothing is left to undo" if result.cells == ws.cells else None)
    touched = any(
        lost.intersection(ws.chain(cell[:2])) for other in later if stands(other, undone) for cell in other.changes
    )
    return Way(
        result.cells,
        fault or (None if overwrite else conflict),
        doubtful=touched or conflict is not None,
    )


def stands(other: Operation, undone: Operation) -> bool:
    """Whether a later operation is neither undone nor itself the undo of one that came later too."""
    is_later = other.id > undone.id and other.undone_by is None
    return is_later and (other.undoes is None or other.undoes.id < undone.id)


def _hanging(ws: PlainWorkspace, cells: Cells, row: Row) -> Cells:
    """A row with all that hangs on it, as far as it is there."""
    return {
        cell: value for cell, value in cells.items() if (*cell[:2], THERE) in cells and row in ws.chain(cell[:2])
    }
