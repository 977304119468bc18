"""Doing something to contacts: beside the page, with progress, a way to stop it, and a line of what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from traitlets import HasTraits, Instance

from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.import_background import Background, Stopped, Told
from contacts_nb.widgets.state import ViewState
from contacts_nb.workspace.history import Operation

_UNDONE, _AGAIN = "Undone: ", "Done again: "


@dataclass(frozen=True)
class Work:
    """What goes on now: `label` says it, `done` of `total` things (None if unknown) are through."""

    label: str
    done: int = 0
    total: int | None = None
    is_stopping: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was done, in a sentence; `operation` can perhaps be undone.

    `call` is what would do it again in Python, on the contacts of `query`.
    """

    sentence: str
    operation: Operation | None = None
    can_undo: bool = False
    query: ContactQuery | None = None
    call: str = ""


@dataclass(frozen=True)
class Deed:
    """Something to be done: `work` gets what its progress is told to, `said` makes a sentence of its result."""

    label: str
    work: Callable[[Told], Any]
    said: Callable[[Any], str]
    can_undo: bool = True
    query: ContactQuery | None = None
    call: str = ""
    then: Callable[[Any], None] | None = None


class Doing(HasTraits):
    """One deed after the other: `work` is what goes on now, `outcome` what was done last."""

    work = Instance(Work, allow_none=True)
    outcome = Instance(Outcome, allow_none=True)

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._state = state
        self._background = Background()

    def do(self, deed: Deed) -> None:
        """Begin a deed; while one goes on, a problem says so instead."""
        state = self._state
        if self.work is not None:
            state.problem = f"{self.work.label} is still going on. Wait until it is done, or cancel it."
            return
        state.problem = ""
        self.outcome = None
        self.work = Work(deed.label)
        self._background.run(deed.work, told=self._tell, done=partial(self._done, deed), failed=self._failed)

    def stop(self) -> None:
        """Cancel what goes on; nothing of it is done then."""
        if self.work is not None:
            self._background.stop()
            self.work = replace(self.work, is_stopping=True)

    def tell(self, sentence: str, operation: Operation | None = None) -> None:
        """Say what was done elsewhere on the page."""
        self._state.problem = ""
        self.outcome = Outcome(sentence, operation, can_undo=_is_undoable(operation))

    def undo(self) -> None:
        """Take back what was done last."""
        outcome = self.outcome
        if outcome is None or outcome.operation is None or not outcome.can_undo:
            return
        undone = outcome.operation
        self.do(Deed("Undoing", lambda _told: undone.undo(), lambda _operation: _turned(outcome.sentence)))

    def forget(self) -> None:
        """Take the line of what was done away."""
        self.outcome = None

    def _tell(self, done: int, total: int | None) -> None:
        if self.work is not None:
            self.work = replace(self.work, done=done, total=total)

    def _done(self, deed: Deed, result: object) -> None:
        self.work = None
        with self._state.telling_failures():
            operation = result if isinstance(result, Operation) else None
            self.outcome = Outcome(
                deed.said(result),
                operation,
                can_undo=deed.can_undo and _is_undoable(operation),
                query=deed.query,
                call=deed.call,
            )
            if deed.then is not None:
                deed.then(result)
            self._state.refresh()

    def _failed(self, error: Exception) -> None:
        self.work = None
        if isinstance(error, Stopped):
            self.outcome = Outcome("Cancelled; nothing was changed.")
        else:
            self._state.problem = sentence_of(error)


def _turned(sentence: str) -> str:
    """What is said when what `sentence` says is undone; undoing that does it again."""
    if sentence.startswith(_UNDONE):
        return _AGAIN + sentence.removeprefix(_UNDONE)
    return _UNDONE + sentence.removeprefix(_AGAIN)


def _is_undoable(operation: Operation | None) -> bool:
    if operation is None or operation.id is None:
        return False
    return operation.kind not in ("delete", "export", "backup")
