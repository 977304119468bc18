"""A menu that opens beside what was pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import anywidget

from contacts_nb.widgets.html_form import script

Place = tuple[float, float]
"""Where on the page, in pixels from its left and top."""


@dataclass(frozen=True)
class Entry:
    """One line of a menu; `danger` marks what can't be taken back."""

    key: str
    label: str
    danger: bool = False


class Menu(anywidget.AnyWidget):
    """A menu on the page, of whatever is to be chosen from; by itself it shows nothing.

    >>> chosen = []
    >>> menu = Menu()
    >>> menu.offer("Actions", [Entry("csv", "Export CSV")], chosen.append)
    >>> menu.choose("csv")
    >>> chosen
    ['csv']
    """

    _esm = script("menu.js")

    def __init__(self) -> None:
        super().__init__()
        self._on_choice: Callable[[str], None] | None = None
        self._offered: tuple[Entry, ...] = ()
        self.on_msg(self._told)

    def offer(
        self, label: str, entries: Iterable[Entry], on_choice: Callable[[str], None], place: Place | None = None
    ) -> None:
        """Offer `entries` at `place`, or below the button that has the keyboard; `on_choice` gets a key."""
        self._offered, self._on_choice = tuple(entries), on_choice
        self.send(
            {"open": {"label": label, "entries": [asdict(entry) for entry in self._offered], "place": place}}
        )

    def choose(self, key: str) -> None:
        """Choose one of the entries that were offered last."""
        if self._on_choice is not None and key in (entry.key for entry in self._offered):
            self._on_choice(key)

    def _told(self, _menu: object, told: dict[str, Any], _buffers: object) -> None:
        self.choose(str(told.get("chosen")))
