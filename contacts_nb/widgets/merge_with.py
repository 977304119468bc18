"""Merging a contact with another that is looked for first: a search, whom it finds, and then the comparison."""

from __future__ import annotations

import ipywidgets

from contacts_nb.model.contact import ContactRow
from contacts_nb.widgets.debounce import Debounced
from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.merge_comparison import MergeComparison
from contacts_nb.widgets.merge_panel import OnDone
from contacts_nb.widgets.state import ViewState
from contacts_nb.workspace import Workspace

_AT_MOST = 8
_TYPING_PAUSE = 0.2  # seconds


class MergeWith(ipywidgets.VBox):
    """Looks for the other contact to merge the contact `contact_id` with, and then compares the two.

    What goes wrong is told by `state`; `on_done` is called as `MergeComparison` does.
    """

    def __init__(
        self, workspace: Workspace, contact_id: int, state: ViewState, *, on_done: OnDone | None = None
    ) -> None:
        self._workspace, self._contact_id, self._on_done = workspace, contact_id, on_done
        self.search = ipywidgets.Text(
            placeholder="Name, phone, email or channel",
            description="Merge with",
            tooltip="Search for the other contact of the same person",
        )
        self.search.add_class("cnb-search")
        self.found = ipywidgets.Select(options=[], tooltip="Contacts found; choose one to compare")
        self._status = html_widget(markup(""), "cnb-merge-with-status")
        super().__init__([self.search, self._status, self.found])
        self.add_class("cnb-merge-with")
        look = Debounced(state.guarded(self._look), _TYPING_PAUSE)
        self.search.observe(lambda _change: look(), "value")
        self.found.observe(state.guarded(lambda change: self._compare(change["new"])), "value")
        self._look()

    def _look(self) -> None:
        typed = self.search.value.strip()
        rows = self._workspace.contacts.search(typed).rows(0, _AT_MOST + 1) if typed else []
        others = [row for row in rows if row.id != self._contact_id][:_AT_MOST]
        self.found.options = [(_line(row), row.id) for row in others]
        self.found.value = None
        self.found.rows = max(len(others), 1)
        self.found.layout.display = None if others else "none"
        show(self._status, markup('<p role="status">{said}</p>', said=_said(typed, len(others))))

    def _compare(self, other: int | None) -> None:
        if other is not None:
            comparison = MergeComparison(self._workspace, self._contact_id, other, on_done=self._on_done)
            self.children = [self.search, comparison]
            # Typing again leads back to whom it finds.
            self.search.observe(self._look_again, "value")

    def _look_again(self, _change: object) -> None:
        self.search.unobserve(self._look_again, "value")
        self.children = [self.search, self._status, self.found]


def _line(row: ContactRow) -> str:
    return " · ".join(part for part in (row.name, row.phone, row.email, f"contact {row.id}") if part)


def _said(typed: str, count: int) -> str:
    if not typed:
        return "Search for the other contact of the same person."
    if not count:
        return f"Nobody else is found for “{typed}”. Check the spelling, or try a phone or email."
    return "Choose the contact to compare with." if count < _AT_MOST else f"The first {count} found; type more."
