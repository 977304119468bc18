"""What comparing, merging and unmerging have in common: what went wrong, what was done, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import ipywidgets
from markupsafe import Markup

from contacts_nb.model.errors import CannotMerge, NotAllowed, NotFound, PlanOutdated
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.style import style_widget
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.history import Operation

OnDone = Callable[[Operation], None]
_RENEWED = "What is shown here is how it is now."
_FINAL = (CannotMerge, NotAllowed, NotFound)  # the same would be said again


class Plan(Protocol):
    """What can be reviewed, and then be carried out."""

    def apply(self) -> Operation:
        """Do it."""


class MergingPanel(ipywidgets.VBox):
    """A review with one thing to do, which can be undone; `on_done` gets each operation, that of an undo too.

    `review` is what is looked at, `foot` stands below it and what went wrong, and `begin` is the button in it that
    leads on.
    """

    undone = "Undone."

    def __init__(
        self,
        workspace: Workspace,
        on_done: OnDone | None,
        review: Sequence[ipywidgets.Widget],
        foot: Sequence[ipywidgets.Widget],
        begin: ipywidgets.Button,
    ) -> None:
        self._workspace = workspace
        self._on_done = on_done
        self._operation: Operation | None = None
        self._begin = begin
        self._outcome = html_widget(markup(""), "cnb-merge-outcome-text")
        self._undo = button("Undo", "Take back what was done")
        self._done = row(self._outcome, self._undo, css_class="cnb-merge-outcome")
        self._review = stack(*review, css_class="cnb-merge-body")
        # Next to the button that was pressed, which may be far from the begin of the review.
        self._said = html_widget(markup(""), "cnb-problem")
        self._again = button("Try again", "Read the contacts again")
        self._foot = stack(*foot, css_class="cnb-merge-body")
        bottom = stack(self._said, self._again, self._foot, css_class="cnb-merge-bottom")
        super().__init__([style_widget(), self._done, self._review, bottom])
        self.add_class("cnb-merge")
        self._again.on_click(self.guarded(lambda _button: self._start()))
        self._undo.on_click(self.guarded(lambda _button: self._take_back()))
        self.guarded(lambda _gesture: self._start())(None)

    @property
    def operation(self) -> Operation | None:
        """What was done last and not undone since."""
        return self._operation

    def guarded(self, gesture: Callable[[Any], None]) -> Callable[[Any], None]:
        """`gesture`, with any failure told on the page: Voilà shows nothing at all of one in a callback."""

        def run(told: Any) -> None:
            self._say("")
            if self._operation is None:
                shown(self._done, is_shown=False)
            try:
                gesture(told)
            except Exception as error:  # noqa: BLE001 - told on the page and in the log
                self._tell(error)

        return run

    def _read(self) -> None:
        """Read the contacts and fill the review."""
        raise NotImplementedError

    def _start(self) -> None:
        # Hidden only if it must be: what is hidden, be it for a moment, loses the place of the keyboard.
        try:
            self._read()
        except Exception:
            self._show_review(is_shown=False)
            raise
        self._show_review()

    def _show_review(self, *, is_shown: bool = True) -> None:
        shown(self._review, is_shown=is_shown)
        shown(self._foot, is_shown=is_shown)

    def _applied(self, plan: Plan) -> Operation:
        """Carry out `plan`; what can't be done any more is shown as it is now."""
        try:
            return plan.apply()
        except (PlanOutdated, *_FINAL):
            self._start()
            self._begin.focus()
            raise

    def _was_done(self, operation: Operation, outcome: Markup) -> None:
        """Show what was done in place of the review."""
        self._operation = operation
        self._show_review(is_shown=False)
        self._show_outcome(outcome)
        self._undo.focus()
        self._tell_others(operation)

    def _take_back(self) -> None:
        if self._operation is None:
            return
        undone = self._operation.undo()
        self._operation = None
        self._show_outcome(markup("{undone}", undone=self.undone))
        self._start()
        self._begin.focus()
        self._tell_others(undone)

    def _show_outcome(self, outcome: Markup) -> None:
        show(self._outcome, markup('<p role="status">{outcome}</p>', outcome=outcome))
        shown(self._undo, is_shown=self._operation is not None)
        shown(self._done)

    def _tell_others(self, operation: Operation) -> None:
        if self._on_done is not None:
            self._on_done(operation)

    def _tell(self, error: Exception) -> None:
        is_renewed = isinstance(error, PlanOutdated) and self._review.layout.display is None
        self._say(" ".join([sentence_of(error), *([_RENEWED] if is_renewed else [])]))
        is_over = self._operation is None and self._review.layout.display == "none"
        shown(self._again, is_shown=is_over and not isinstance(error, _FINAL))

    def _say(self, text: str) -> None:
        show(self._said, markup('<p role="alert">{text}</p>', text=text))
        shown(self._said, is_shown=bool(text))
        shown(self._again, is_shown=False)


def button(label: str, tooltip: str, *, primary: bool = False) -> ipywidgets.Button:
    """A button; one on a page is `primary`."""
    return ipywidgets.Button(description=label, tooltip=tooltip, button_style="primary" if primary else "")


def row(*children: ipywidgets.Widget, css_class: str) -> ipywidgets.HBox:
    """Widgets in a row."""
    made = ipywidgets.HBox(list(children))
    made.add_class(css_class)
    return made


def stack(*children: ipywidgets.Widget, css_class: str) -> ipywidgets.VBox:
    """Widgets one below the other."""
    made = ipywidgets.VBox(list(children))
    made.add_class(css_class)
    return made


def shown(widget: ipywidgets.Widget, *, is_shown: bool = True) -> None:
    """Show `widget`, or hide it."""
    widget.layout.display = None if is_shown else "none"
