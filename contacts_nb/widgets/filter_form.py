"""HTML of the filter drawer that a person works on: what is typed, chosen and pressed in it is told to Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from contacts_nb.widgets.filter_offers import MOST, Offer
from contacts_nb.widgets.html_form import HtmlForm, script

Told = Callable[[str, str, str], None]
"""What was done (`input`, `press`, `suggest`, `choose` or `type`), at which control, and with what value."""


class FilterForm(HtmlForm):
    """Shows HTML and calls `told` with each gesture; what didn't change isn't drawn anew, nor what is typed in."""

    _esm = script("filter_choosing.js", "filter_form.js")

    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told = told
        self.on_msg(self._received)

    def show_again(self) -> None:
        """Draw what is shown again, where something was typed or chosen that doesn't hold."""
        self.send({"do": "draw"})

    def focus(self, at: str, *, offering: bool = False) -> None:
        """Put the keyboard into the control `at`; `offering` opens its list."""
        self.send({"do": "focus", "at": at, "offering": offering})

    def offer(self, at: str, typed: str, offers: Iterable[Offer]) -> None:
        """Answer what fits what was `typed` in the box `at`."""
        fitting = list(offers)
        self.send(
            {
                "do": "offer",
                "at": at,
                "typed": typed,
                "offers": [offer._asdict() for offer in fitting[:MOST]],
                "more": max(0, len(fitting) - MOST),
            }
        )

    def _received(self, _form: object, told: dict[str, Any], _buffers: object) -> None:
        self._told(*(str(told.get(key, "")) for key in ("do", "at", "value")))
