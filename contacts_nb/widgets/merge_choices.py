"""Radio buttons amid HTML.

Those of ipywidgets have no group: arrow keys don't lead from one to the next, and they hold plain text only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contacts_nb.widgets.html_form import HtmlForm, script


class ChoiceForm(HtmlForm):
    """HTML with radio buttons; `on_choice` is called with the name and the value of one that a person chooses.

    Elements with `data-part` are drawn anew only if they changed.
    """

    _esm = script("merge_choices.js")

    def __init__(self, on_choice: Callable[[str, str], None]) -> None:
        super().__init__()
        self._on_choice = on_choice
        self.on_msg(self._told)

    def show_again(self) -> None:
        """Draw what is shown again, where a choice was made that doesn't hold."""
        self.send({})

    def _told(self, _form: object, told: dict[str, Any], _buffers: object) -> None:
        self._on_choice(str(told.get("name")), str(told.get("value")))
