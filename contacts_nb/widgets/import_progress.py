"""How far a long step is: a bar, and the same in words."""

from __future__ import annotations

from time import monotonic

import ipywidgets

from contacts_nb.widgets.html import html_widget, markup, show


class ProgressLine(ipywidgets.VBox):
    """A bar with a sentence below it.

    >>> line = ProgressLine()
    >>> line.begin("Importing people.csv")
    >>> line.tell(500, 2_000)
    >>> line.bar.value, line.bar.max
    (500, 2000)
    """

    def __init__(self) -> None:
        self.bar = ipywidgets.IntProgress()
        self._words = html_widget(markup(""))
        self._label = ""
        self._began = 0.0
        super().__init__([self._words, self.bar])
        self.add_class("cnb-import-progress")

    def begin(self, label: str) -> None:
        """Begin with nothing done and the end unknown."""
        self._label, self._began = label, monotonic()
        self.bar.tooltip = label
        self._set_bar(0, None)
        self._say("…")

    def tell(self, done: int, total: int | None) -> None:
        """Show how much is done, of how much if that is known, and how fast it goes."""
        self._set_bar(done, total)
        of = f" of {total:,}" if total else ""
        rate = done / max(monotonic() - self._began, 0.001)
        self._say(f": {done:,}{of} rows, {rate:,.0f} a second")

    def _set_bar(self, done: int, total: int | None) -> None:
        if total:
            self.bar.remove_class("cnb-import-unknown")
        else:
            self.bar.add_class("cnb-import-unknown")
        with self.bar.hold_sync():
            self.bar.max = total or 1
            self.bar.value = min(done, self.bar.max) if total else 1

    def _say(self, rest: str) -> None:
        words = markup('<p role="status">{label}{rest}</p>', label=self._label, rest=rest)
        show(self._words, words)
