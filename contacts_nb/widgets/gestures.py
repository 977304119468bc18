"""Forms of HTML: Python says what is seen and is told what a person does with it.

Widgets of ipywidgets know no Escape, no arrow keys from one row to the next, and no names in scripts of both
directions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contacts_nb.store.patience import PAGE_MS, waiting_at_most
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.html_form import HtmlForm, script


@dataclass(frozen=True)
class Gesture:
    """What a person did: the `action` of a button or checkbox with that `name`, or one of a form.

    Those are "submit" with the `values` of its fields, "escape", "typed" with the text as `value`, "up" and "down"
    with the row as `name`, and "unsaved" for a field whose old value was given back. The `values` of a press are
    those of the fields it is about; those of a field that is to be saved say what it `was`, and that it is
    `unfinished`.
    """

    action: str
    name: str = ""
    value: str | bool = ""
    values: Mapping[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value of one field of a form that was submitted."""
        return next(iter(self.values.get(name, ())), "")


class GestureForm(HtmlForm):
    """HTML with buttons and fields: `on_gesture` is called with what is done, `on_failure` with what is wrong.

    What attributes of elements mean is said in `gestures.js`.
    """

    _esm = script("gestures.js")

    def __init__(
        self, on_gesture: Callable[[Gesture], None], on_failure: Callable[[str], None], css_class: str
    ) -> None:
        super().__init__()
        self.add_class(css_class)
        self._on_gesture = on_gesture
        self._on_failure = on_failure
        self.on_msg(self._told)

    def focus_on(self, selector: str) -> None:
        """Give the keyboard to the element that a CSS selector finds."""
        self.send({"focus": selector})

    def do(self, gesture: Gesture) -> None:
        """Do what a person asks for; Voilà shows nothing at all of an exception in a callback."""
        try:
            with waiting_at_most(PAGE_MS):
                self._on_gesture(gesture)
        except Exception as error:  # noqa: BLE001 - told on the page and in the log
            self._on_failure(sentence_of(error))

    def _told(self, _form: object, told: dict[str, Any], _buffers: object) -> None:
        value = told.get("value")
        values = {str(name): [str(one) for one in given] for name, given in dict(told.get("values") or {}).items()}
        self.do(
            Gesture(
                str(told.get("action")),
                str(told.get("name") or ""),
                value if isinstance(value, bool) else str(value or ""),
                values,
            )
        )
