"""Importing contacts without code: a file, its columns, a review of what would happen, and the result."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

import ipywidgets
import pandas as pd

from contacts_nb.model.errors import PlanOutdated
from contacts_nb.widgets.closing import close_all
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.html import html_widget, joined, markup, show
from contacts_nb.widgets.import_background import Background, Stopped, Told
from contacts_nb.widgets.import_columns import EXAMINED, ColumnsStep
from contacts_nb.widgets.import_progress import ProgressLine
from contacts_nb.widgets.import_steps import DoneStep, FileStep, Reviewed, ReviewStep, reviewed
from contacts_nb.widgets.import_words import to_do
from contacts_nb.widgets.state import ViewState
from contacts_nb.widgets.style import style_widget
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.importing import GivenSource, ImportResult, SourcePreview

Result = TypeVar("Result")


class Step(IntEnum):
    """Where an import is."""

    FILE = 0
    COLUMNS = 1
    REVIEW = 2
    DONE = 3


class ImportPanel(ipywidgets.VBox):
    r"""An import into `workspace`, step by step; `source` is a file to begin with.

    `state` is a view that shows what was imported at once. With `allow_paths` false only uploads are taken: for
    visitors, who mustn't read the server's files. Raises `NotAllowed`.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import ImportPanel
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> panel = ImportPanel(ws, ("people.csv", b"name,phone\nAnn,+442079460958\n"))
    >>> panel.step.name
    'COLUMNS'
    """

    def __init__(
        self,
        workspace: Workspace,
        source: GivenSource | None = None,
        *,
        state: ViewState | None = None,
        allow_paths: bool = True,
    ) -> None:
        self._workspace = workspace
        self._state = state
        self._background = Background()
        self._source: GivenSource | None = None
        self._reviewed: Reviewed | None = None
        self._result: ImportResult | None = None
        self._has_cards = False
        self.step = Step.FILE
        self.is_busy = False
        self._steps = html_widget(markup(""), "cnb-import-steps")
        self._said = html_widget(markup(""), "cnb-problem")
        self._progress = ProgressLine()
        self._file = FileStep(self._opened, allow_paths=allow_paths)
        self._columns = ColumnsStep(workspace.phone_region, self._encoding_chosen)
        self._review = ReviewStep()
        self._done = DoneStep()
        self._back = ipywidgets.Button(description="Back")
        self._cancel = ipywidgets.Button(description="Cancel")
        self._again = ipywidgets.Button(description="Plan again")
        self._undo = ipywidgets.Button(description="Undo this import")
        self._next = ipywidgets.Button(description="Next", button_style="primary")
        self._footer = ipywidgets.HBox([self._back, self._cancel, self._undo, self._again, self._next])
        self._footer.add_class("cnb-import-footer")
        # Only the body changes: what is drawn anew loses the place that Tab goes on from.
        self._body = ipywidgets.VBox()
        self._body.add_class("cnb-import-body")
        styles = [] if state else [style_widget()]
        super().__init__([*styles, self._steps, self._said, self._body, self._footer])
        self.add_class("cnb-import")
        self._connect()
        self._say("")
        self._place()
        if source is not None:
            self._opened(source)

    @property
    def result(self) -> ImportResult | None:
        """What the last import has done; None before it ran."""
        return self._result

    def close(self) -> None:
        """Take it off the page for good, also the steps that aren't shown now."""
        if self.comm is not None:
            for step in (self._file, self._columns, self._review, self._done, self._progress):
                close_all(step)
        super().close()

    def _connect(self) -> None:
        self._back.on_click(self._guarded(self._go_back))
        self._cancel.on_click(lambda _button: self._stop())
        self._again.on_click(self._guarded(lambda _button: self._plan()))
        self._undo.on_click(self._guarded(lambda _button: self._take_back()))
        self._next.on_click(self._guarded(self._go_on))

    def _stop(self) -> None:
        self._background.stop()
        self._cancel.description, self._cancel.disabled = "Stopping…", True

    def _go_back(self, _button: object) -> None:
        self._go_to(Step(self.step - 1))

    def _go_on(self, _button: object) -> None:
        if self.step is Step.FILE:
            self._go_to(Step.COLUMNS)
        elif self.step is Step.COLUMNS:
            self._plan()
        elif self.step is Step.REVIEW:
            self._import()
        else:
            self._source = self._reviewed = self._result = None
            self._go_to(Step.FILE)

    def _opened(self, source: GivenSource, encoding: str | None = None) -> None:
        def read(_told: Told) -> SourcePreview:
            return self._workspace.preview_import(source, rows=EXAMINED, encoding=encoding)

        def show_it(preview: SourcePreview) -> None:
            self._columns.show(preview, encoding)
            self._source, self._has_cards = source, not preview.header
            self._go_to(Step.COLUMNS)

        self._work(f"Opening {_name(source)}", read, show_it, self._columns.encoding_refused)

    def _encoding_chosen(self, encoding: str) -> None:
        if self._source is not None:
            self._opened(self._source, encoding)

    def _plan(self) -> None:
        source, arguments = self._source, self._columns.arguments()
        if source is None:
            return

        def plan(told: Told) -> Reviewed:
            return reviewed(self._workspace.plan_import(source, **arguments, progress=told))

        def show_it(what: Reviewed) -> None:
            self._reviewed = what
            self._review.show(what)
            self._go_to(Step.REVIEW)

        stopped = "Stopped. Nothing was planned, and nothing was changed."
        self._work(f"Reading {_name(source)}", plan, show_it, stopped=stopped)

    def _import(self) -> None:
        what = self._reviewed
        if what is None:
            return

        def show_it(result: ImportResult) -> None:
            self._result = result
            self._done.show(result, what.link)
            self._go_to(Step.DONE)
            if self._background.is_stopping:
                self._say("It was too late to stop: all was being saved. Undo takes it back.", role="status")
            self._refresh()

        stopped = "Stopped. Nothing was imported."
        label = f"Importing {what.plan.name}"
        self._work(label, lambda told: what.plan.apply(progress=told), show_it, stopped=stopped)

    def _take_back(self) -> None:
        result = self._result
        if result is None:
            return

        def show_it(_operation: object) -> None:
            self._result = None
            self._done.show(result, markup(""), undone=True)
            self._refresh()

        self._work(f"Undoing the import of {result.name}", lambda _told: result.undo(), show_it)

    def _refresh(self) -> None:
        if self._state is not None:
            self._state.refresh()

    def _work(
        self,
        label: str,
        work: Callable[[Told], Result],
        show_it: Callable[[Result], None],
        refused: Callable[[], None] = lambda: None,
        *,
        stopped: str = "",
    ) -> None:
        """Do `work` and show what it gives; with a sentence for when it is `stopped` it can be."""
        if self.is_busy:
            return

        def ended(show_end: Callable[[], None]) -> None:
            self.is_busy = False
            try:
                show_end()
            except Exception as error:  # noqa: BLE001 - see `_guarded`
                self._tell(error)
            self._place()

        def failed(error: Exception) -> None:
            refused()
            self._tell(error, stopped)

        self._say("")
        self.is_busy = True
        self._progress.begin(label)
        self._place(can_stop=bool(stopped))
        self._background.run(
            work,
            told=self._progress.tell,
            done=lambda result: ended(lambda: show_it(result)),
            failed=lambda error: ended(lambda: failed(error)),
        )

    def _guarded(self, gesture: Callable[[Any], None]) -> Callable[[Any], None]:
        # Voilà shows nothing at all of an exception in a widget's callback.
        def run(button: Any) -> None:
            self._say("")
            try:
                gesture(button)
            except Exception as error:  # noqa: BLE001 - told on the page and in the log
                self._tell(error)

        return run

    def _tell(self, error: Exception, stopped: str = "") -> None:
        if isinstance(error, Stopped):
            self._say(stopped, role="status")
        else:
            self._say(sentence_of(error))
        self._show_button(self._again, shown=isinstance(error, PlanOutdated))

    def _say(self, text: str, role: str = "alert") -> None:
        show(self._said, markup('<p role="{role}">{text}</p>', role=role, text=text))
        self._said.layout.display = None if text else "none"
        self._show_button(self._again, shown=False)

    def _go_to(self, step: Step) -> None:
        self.step = step
        self._place()

    def _place(self, *, can_stop: bool = False) -> None:
        """Show the step with its buttons, or how far the work is."""
        step = self.step
        content = (self._file, self._columns, self._review, self._done)[step]
        opening = self.is_busy and not can_stop
        shown = [content] if not self.is_busy else [content, self._progress] if opening else [self._progress]
        self._show_steps(Step.REVIEW if can_stop and step is Step.COLUMNS else step)
        self._body.children = shown
        idle = not self.is_busy
        self._show_button(self._back, shown=idle and step in {Step.COLUMNS, Step.REVIEW})
        self._show_button(self._cancel, shown=can_stop)
        self._cancel.description, self._cancel.disabled = "Cancel", False
        self._show_button(self._undo, shown=idle and step is Step.DONE and self._result is not None)
        self._show_button(self._next, shown=idle and (step is not Step.FILE or self._source is not None))
        self._next.description, self._next.disabled = "Next", False
        if step is Step.REVIEW and self._reviewed is not None:
            counts = self._reviewed.plan.counts
            self._next.description = to_do(counts)
            self._next.disabled = not (counts["create"] or counts["update"])
        elif step is Step.DONE:
            self._next.description = "Import another file"

    def _show_steps(self, current: Step) -> None:
        words = ("File", "Options" if self._has_cards else "Columns", "Review", "Done")
        items = (
            markup(
                '<li class="{done}"{mark}>{word}</li>',
                done="cnb-passed" if number < current else "",
                mark=markup(' aria-current="step"') if number == current else "",
                word=word,
            )
            for number, word in enumerate(words)
        )
        show(self._steps, markup('<ol aria-label="Steps of the import">{items}</ol>', items=joined(items)))

    @staticmethod
    def _show_button(button: ipywidgets.Button, *, shown: bool) -> None:
        button.layout.display = None if shown else "none"


def _name(source: GivenSource) -> str:
    if isinstance(source, tuple):
        return source[0]
    return "the table" if isinstance(source, pd.DataFrame) else Path(source).name
