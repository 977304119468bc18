"""What is half filled in stays on the page, unseen, while others are looked at: only browsers know all of it."""

from __future__ import annotations

import ipywidgets

from contacts_nb.widgets.add_contact import AddContact
from contacts_nb.widgets.import_panel import ImportPanel, Step
from contacts_nb.widgets.state import PanelKind


class HalfFilled:
    """The panels of a drawer that are there but aren't seen, one of each kind.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> form, other, half_filled = AddContact(ws), ipywidgets.Label("Ann"), HalfFilled()
    >>> half_filled.beside(form) == [form]
    True
    >>> half_filled.keep(PanelKind.ADD, form), half_filled.keep(PanelKind.DETAILS, other)
    (True, False)
    >>> half_filled.beside(other) == [form, other]
    True
    >>> half_filled.give_back(PanelKind.ADD) is form
    True
    """

    def __init__(self) -> None:
        self._kept: dict[PanelKind, ipywidgets.DOMWidget] = {}
        self._there: list[ipywidgets.DOMWidget] = []

    def keep(self, kind: PanelKind, content: ipywidgets.DOMWidget) -> bool:
        """Hide `content` if there may be something in it that isn't saved anywhere; tells whether it is kept."""
        if not _is_begun(content):
            return False
        content.layout.display = "none"
        self._kept[kind] = content
        return True

    def give_back(self, kind: PanelKind) -> ipywidgets.DOMWidget | None:
        """What was kept of that kind, to be seen again."""
        content = self._kept.pop(kind, None)
        if content is not None:
            content.layout.display = None
        return content

    def drop(self) -> list[ipywidgets.DOMWidget]:
        """Keep nothing any more; gives what was kept."""
        dropped = list(self._kept.values())
        self._kept.clear()
        return dropped

    def beside(self, content: ipywidgets.DOMWidget | None) -> list[ipywidgets.DOMWidget]:
        """All that has to be on the page with `content`, each in the place it had: others are made anew there."""
        self._there = [one for one in self._there if one in self._kept.values() or one is content]
        if content is not None and content not in self._there:
            self._there.append(content)
        return list(self._there)


def _is_begun(content: ipywidgets.DOMWidget) -> bool:
    if isinstance(content, ImportPanel):
        return content.step in (Step.COLUMNS, Step.REVIEW)
    return isinstance(content, AddContact) and content.is_begun
