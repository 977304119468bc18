"""Forms of HTML: Python says what is seen and is told what a person does with it.

Widgets of ipywidgets know no Escape, no arrow keys from one row to the next, and no names in scripts of both
directions.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anywidget
from markupsafe import Markup, escape
from traitlets import Unicode

from contacts_nb.model.errors import ContactsError

logger = logging.getLogger("contacts_nb")
_UNEXPECTED = (
    "Something went wrong and this step was not done. Try it again; if it goes on, the log says what happened."
)


@dataclass(frozen=True)
class Gesture:
    """What a person did: the `action` of a button or checkbox with that `name`, or one of a form.

    Those are "submit" with the `values` of its fields, "escape", "typed" with the text as `value`, and "up" and
    "down" with the row as `name`.
    """

    action: str
    name: str = ""
    value: str | bool = ""
    values: Mapping[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value of one field of a form that was submitted."""
        return next(iter(self.values.get(name, ())), "")


class GestureForm(anywidget.AnyWidget):
    """HTML with buttons and fields: `on_gesture` is called with what is done, `on_failure` with what is wrong.

    What attributes of elements mean is said in `gestures.js`.
    """

    _esm = Path(__file__).with_name("gestures.js").read_text(encoding="utf-8")
    content = Unicode().tag(sync=True)

    def __init__(
        self, on_gesture: Callable[[Gesture], None], on_failure: Callable[[str], None], css_class: str
    ) -> None:
        super().__init__()
        self.add_class(css_class)
        self._on_gesture = on_gesture
        self._on_failure = on_failure
        self.on_msg(self._told)

    def show(self, content: Markup) -> None:
        """Replace what is shown, which must come from `markup` or `joined`."""
        self.content = str(escape(content))

    def focus_on(self, selector: str) -> None:
        """Give the keyboard to the element that a CSS selector finds."""
        self.send({"focus": selector})

    def do(self, gesture: Gesture) -> None:
        """Do what a person asks for; Voilà shows nothing at all of an exception in a callback."""
        try:
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


def sentence_of(error: Exception) -> str:
    """What people are told of an error; the log keeps the rest."""
    if isinstance(error, ContactsError):
        logger.info("%s", error)
        return str(error)
    logger.error("A gesture failed", exc_info=error)
    return _UNEXPECTED
