"""Merging a contact with another that is looked for first: a search, whom it finds, and then the comparison."""

from __future__ import annotations

import ipywidgets
from markupsafe import Markup

from contacts_nb.model.contact import ContactRow
from contacts_nb.widgets.closing import close_all
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.merge_comparison import MergeComparison
from contacts_nb.widgets.merge_panel import OnDone
from contacts_nb.widgets.panel_form import PanelForm
from contacts_nb.widgets.state import ViewState
from contacts_nb.workspace import Workspace

_AT_MOST = 8


class MergeWith(ipywidgets.VBox):
    """Looks for the other contact to merge the contact `contact_id` with, and then compares the two.

    `found` are those who are offered, and `comparison` is that with the one who was chosen. What goes wrong is
    told by `state`; `on_done` is called as `MergeComparison` does.
    """

    def __init__(
        self, workspace: Workspace, contact_id: int, state: ViewState, *, on_done: OnDone | None = None
    ) -> None:
        self._workspace, self._contact_id, self._on_done = workspace, contact_id, on_done
        self._typed = ""
        self.found: list[ContactRow] = []
        self._chosen = ""
        self.form = PanelForm(
            state.guarded(self._do), lambda problem: setattr(state, "problem", problem), "cnb-merge-with"
        )
        super().__init__([self.form])
        self._draw()

    @property
    def comparison(self) -> MergeComparison | None:
        """The two contacts side by side, when the other one was chosen."""
        last = self.children[-1]
        return last if isinstance(last, MergeComparison) else None

    def look_for(self, typed: str) -> None:
        """Offer whom a search for what was `typed` finds."""
        self.form.do(Gesture("typed", "other", typed))

    def choose(self, contact_id: int) -> None:
        """Compare with one of those that are offered."""
        self.form.do(Gesture("choose", str(contact_id)))

    def _do(self, gesture: Gesture) -> None:
        if gesture.action == "typed":
            self._typed = str(gesture.value)
            self._compare(None)
            self.found = self._others()
        elif gesture.action == "choose":
            row = next((one for one in self.found if str(one.id) == gesture.name), None)
            if row is not None:
                self._compare(row)
        self._draw()

    def _others(self) -> list[ContactRow]:
        typed = self._typed.strip()
        rows = self._workspace.contacts.search(typed).rows(0, _AT_MOST + 1) if typed else []
        return [row for row in rows if row.id != self._contact_id][:_AT_MOST]

    def _compare(self, other: ContactRow | None) -> None:
        before, self._chosen = self.comparison, ""
        if other is not None:
            made = MergeComparison(self._workspace, self._contact_id, other.id, on_done=self._on_done)
            self.children = [self.form, made]
            self._chosen, self.found = other.name, []
            self.form.focus_on("input")  # the button that was pressed is gone
        elif before is not None:
            self.children = [self.form]
        if before is not None:
            close_all(before)

    def _draw(self) -> None:
        self.form.show(
            markup(
                '<div class="cnb-panel-box"><label class="cnb-panel-field"><span>Merge with</span>'
                '<input type="text" name="other" dir="auto" autocomplete="off" data-typed data-clears'
                ' data-to-stops data-focus placeholder="Name, phone, email or channel"></label>'
                '<p class="cnb-panel-note" role="status">{said}</p>{found}</div>',
                said=self._said(),
                found=markup(
                    '<ul class="cnb-tags-offers" aria-label="Contacts found" data-part="found">{rows}</ul>',
                    rows=joined(map(_offer, self.found)),
                )
                if self.found
                else "",
            )
        )

    def _said(self) -> Markup:
        count, typed = len(self.found), self._typed.strip()
        if self._chosen:
            return markup("Compared with <bdi>{name}</bdi>. Type to choose somebody else.", name=self._chosen)
        if not typed:
            return markup("Search for the other contact of the same person.")
        if not count:
            return markup(
                "Nobody else is found for “<bdi>{typed}</bdi>”. Check the spelling, or try a phone or email.",
                typed=typed,
            )
        if count < _AT_MOST:
            return markup("Choose the contact to compare with.")
        return markup("The first {count} found; type more.", count=count)


def _offer(row: ContactRow) -> Markup:
    known = [markup("<bdi>{text}</bdi>", text=text) for text in (row.phone, row.email) if text]
    return markup(
        '<li data-part="{id}" data-row="{id}"><button type="button" data-do="choose" data-name="{id}" data-stop'
        ' tabindex="-1"><bdi>{name}</bdi> <small>{known}</small></button></li>',
        id=row.id,
        name=row.name,
        known=markup(" · ").join([*known, markup("contact {id}", id=row.id)]),
    )
