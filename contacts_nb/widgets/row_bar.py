"""What can be done with the row that was pressed last, without the table: for keyboards and screen readers."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.menu import Entry, Menu, Place
from contacts_nb.widgets.state import Focus, PanelKind, ViewState
from contacts_nb.widgets.state_form import StateForm
from contacts_nb.workspace import Workspace

_KINDS = {
    "details": PanelKind.DETAILS,
    "messages": PanelKind.MESSAGES,
    "merge": PanelKind.MERGE,
    "unmerge": PanelKind.UNMERGE,
    "delete": PanelKind.DELETE,
}


class RowActions:
    """The menu of a row, and what its entries do; only what the user may do and what the contact allows."""

    def __init__(self, workspace: Workspace, state: ViewState, menu: Menu) -> None:
        self._workspace = workspace
        self._state = state
        self._menu = menu

    def open_menu(self, focus: Focus, place: Place | None = None) -> None:
        """Open the menu of a row."""
        self._menu.offer(
            f"What to do with {focus.name}",
            self._entries(focus.contact),
            lambda key: self._state.guarded(self.do)(key, focus),
            place,
        )

    def do(self, key: str, focus: Focus) -> None:
        """Do what an entry of the menu says."""
        if key in ("details", "messages"):
            self._state.open(focus.contact, focus.row, _KINDS[key])
        else:
            self._state.show(_KINDS[key], focus.contact)
            self._state.position = focus.row

    def _entries(self, contact: int) -> Iterable[Entry]:
        yield Entry("details", "View details")
        yield Entry("messages", "View messages")
        yield Entry("merge", "Merge with…")
        if not self._workspace.contacts[contact].merges().empty:
            yield Entry("unmerge", "Unmerge contact")
        if self._workspace.may("delete"):
            yield Entry("delete", "Delete", danger=True)


class RowBar(StateForm):
    """The focused row of `state` in words, with ways to the rows above and below it and its actions."""

    def __init__(self, state: ViewState, actions: RowActions) -> None:
        super().__init__(state, self._do, "cnb-rowbar")
        self._state = state
        self._actions = actions
        state.observe(lambda _change: self._draw(), ["focused", "results", "ticked"])
        self._draw()

    def _do(self, gesture: Gesture) -> None:
        state, focus = self._state, self._state.focused
        if gesture.action == "first":
            state.focus_at(0)
            self.focus_on("[data-do=details]")
        elif focus is None:
            return
        elif gesture.action in ("above", "below"):
            state.focus_at(focus.row + (1 if gesture.action == "below" else -1))
        elif gesture.action == "tick":
            state.tick([focus.contact], on=focus.contact not in state.ticked)
        elif gesture.action == "more":
            self._actions.open_menu(focus)
        else:
            self._actions.do(gesture.action, focus)

    def _draw(self) -> None:
        focus, count = self._state.focused, self._state.results.count
        self.show(
            markup(
                '<div class="cnb-bar" role="toolbar" aria-label="Row actions">{content}</div>',
                content=self._of(focus, count) if focus else _of_nobody(count),
            )
        )

    def _of(self, focus: Focus, count: int) -> Markup:
        ticked = focus.contact in self._state.ticked
        buttons = (
            ("details", "View details", False),
            ("messages", "View messages", False),
            ("tick", "Unselect" if ticked else "Select", False),
            ("more", "More…", False),
            ("above", "Row above", focus.row == 0),
            ("below", "Row below", focus.row >= count - 1),
        )
        return markup(
            '<p role="status" data-part="row">Row {row} of {count}: <strong><bdi>{name}</bdi></strong></p>'
            "{buttons}",
            row=f"{focus.row + 1:,}",
            count=f"{count:,}",
            name=focus.name,
            buttons=joined(_button(action, label, is_end=is_end) for action, label, is_end in buttons),
        )


def _of_nobody(count: int) -> Markup:
    if not count:
        return markup('<p data-part="row">There is no row.</p>')
    return markup(
        '<p data-part="row">Press a row to see what can be done with it.</p>{first}',
        first=_button("first", "First row", is_end=False),
    )


def _button(action: str, label: str, *, is_end: bool) -> Markup:
    return markup(
        '<button type="button" class="cnb-button cnb-button-quiet" data-part="{action}" data-do="{action}"'
        ' aria-disabled="{is_end}">{label}</button>',
        action=action,
        label=label,
        is_end="true" if is_end else "false",
    )
