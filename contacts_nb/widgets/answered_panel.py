"""A form that is answered once, by doing what it asks or by leaving it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import ipywidgets

from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.style import style_widget


class AnsweredPanel(ipywidgets.VBox):
    """Once it is answered it is gone from the page; what the answer raises is told, and it stays.

    `_do` is what a gesture means, `_draw` what is seen.
    """

    form_type: type[GestureForm] = GestureForm

    def __init__(self, css_class: str, on_cancel: Callable[[], None]) -> None:
        self._on_cancel = on_cancel
        self._problem = ""
        self.is_over = False
        self._form = self.form_type(self._told, self._say, css_class)
        super().__init__([style_widget(), self._form])
        self._draw()

    def cancel(self) -> None:
        """Leave it."""
        self._form.do(Gesture("cancel"))

    @abstractmethod
    def _do(self, gesture: Gesture) -> None:
        """Do what a gesture means that isn't leaving."""

    @abstractmethod
    def _draw(self) -> None:
        """Show the panel as it is now."""

    def _told(self, gesture: Gesture) -> None:
        if self.is_over:
            return  # the second of two quick clicks
        self._problem = ""
        if gesture.action in ("cancel", "escape"):
            self._on_cancel()
            self._end()
            return
        self._do(gesture)
        if not self.is_over:
            self._draw()

    def _end(self) -> None:
        self.is_over = True
        self.layout.display = "none"

    def _say(self, problem: str) -> None:
        self._problem = problem
        self._draw()
