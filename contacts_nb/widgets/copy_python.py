"""Python to be read and copied."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.html import markup
from contacts_nb.widgets.html_form import script
from contacts_nb.widgets.style import style_widget

_SAID = {
    "copied": "Copied",
    "selected": "The browser doesn't let this page copy. The code is selected: press Ctrl+C or ⌘C.",
}


class CopyPython(ipywidgets.VBox):
    """Shows `code` with a button that copies it; `on_close` is called when the person is done.

    >>> from contacts_nb.widgets.copy_python import CopyPython
    >>> CopyPython("ws.contacts", title="This view as Python", on_close=lambda: None).code
    'ws.contacts'
    """

    def __init__(self, code: str, *, title: str, on_close: Callable[[], None]) -> None:
        self.code = code
        self._title = title
        self._on_close = on_close
        self._said = ""
        self._problem = ""
        self._form = _CopyForm(self._do, self._say, "cnb-copy-python")
        self._form.add_class("cnb-panel")
        super().__init__([style_widget(), self._form])
        self._draw()

    def _do(self, gesture: Gesture) -> None:
        self._problem = ""
        if gesture.action in ("close", "escape"):
            self._on_close()
        elif gesture.action in _SAID:
            self._said = _SAID[gesture.action]
            self._draw()

    def _say(self, problem: str) -> None:
        self._problem = problem
        self._draw()

    def _draw(self) -> None:
        self._form.show(
            markup(
                '<div class="cnb-panel-box" role="group" aria-label="{title}" data-escape><h4>{title}</h4>'
                '<pre tabindex="0" role="region" aria-label="Code" dir="ltr"><code>{code}</code></pre>'
                '<p class="cnb-panel-problem" role="alert">{problem}</p>'
                '<div class="cnb-form-foot"><p role="status" class="cnb-panel-note">{said}</p>'
                '<button type="button" class="cnb-button" data-do="close">Close</button>'
                '<button type="button" class="cnb-button cnb-button-primary" data-copy="code" data-focus>Copy'
                "</button></div></div>",
                title=self._title,
                code=self.code,
                problem=self._problem,
                said=self._said,
            )
        )


class _CopyForm(GestureForm):
    _esm = script("gestures.js", "copy_python.js")
