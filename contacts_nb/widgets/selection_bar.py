"""How many contacts are selected, and what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.import_words import counted
from contacts_nb.widgets.state import PanelKind, ViewState
from contacts_nb.widgets.state_form import StateForm
from contacts_nb.workspace import Workspace

_BULK = {
    PanelKind.TAG: ("Assign tags", "tag"),
    PanelKind.UNTAG: ("Remove tags", "untag"),
    PanelKind.ASSIGN: ("Assign to", "assign"),
    PanelKind.MERGE: ("Merge contacts", "merge"),
    PanelKind.DELETE: ("Delete", "delete"),
}


class SelectionBar(StateForm):
    """What is selected of `state`, in words; buttons open the drawer for it.

    What the user may not do isn't offered.
    """

    def __init__(self, workspace: Workspace, state: ViewState) -> None:
        super().__init__(state, self._do, "cnb-selection")
        self._workspace = workspace
        self._state = state
        self._may: Mapping[str, bool] = {}
        self._version = -1
        state.observe(lambda _change: self._draw(), ["ticked", "results"])
        self._draw()

    def _do(self, gesture: Gesture) -> None:
        state = self._state
        if gesture.action == "all":
            state.tick_all()
        elif gesture.action == "none":
            state.untick_all()
            self.focus_on("[data-do=all]")
        elif gesture.action == PanelKind.MERGE:
            one, other = state.ticked.tolist()
            state.show(PanelKind.MERGE, one, other)
        else:
            state.show(PanelKind(gesture.action))

    def _draw(self) -> None:
        state = self._state
        if state.version != self._version:  # rights may have been given or taken
            self._may = {right: self._workspace.may(right) for _, right in _BULK.values()}
            self._version = state.version
        count, shown = len(state.ticked), _shown(state)
        self.show(
            markup(
                '<div class="cnb-bar" role="toolbar" aria-label="Selection">'
                '<p role="status" data-part="said">{said}</p>{everyone}{nobody}{bulk}</div>',
                said=_said(count, shown),
                everyone=_everyone(state.results.count, shown),
                nobody=_button("none", "Clear selection", quiet=True) if count else "",
                bulk=markup('<span class="cnb-bulk">{buttons}</span>', buttons=self._bulk(count)) if count else "",
            )
        )

    def _bulk(self, count: int) -> Markup:
        return joined(
            _button(
                kind,
                label,
                danger=kind is PanelKind.DELETE,
                why=""
                if kind is not PanelKind.MERGE or count == 2
                else "Select exactly two contacts to merge them",
            )
            for kind, (label, right) in _BULK.items()
            if self._may[right]
        )


def _said(count: int, shown: int) -> str:
    if not count:
        return "No contact is selected"
    said = f"{counted(count, 'contact')} selected"
    if shown == count:
        return said
    hidden = "not" if count == 1 else "none of them" if not shown else f"{count - shown:,} of them not"
    return f"{said}, {hidden} shown here"


def _shown(state: ViewState) -> int:
    """How many of the selected are among those that are looked for."""
    results = state.results
    if not len(state.ticked) or results.count == results.total:
        return len(state.ticked)
    return len(state.ticked & ContactIds(results.query.ids()))


def _everyone(count: int, shown: int) -> Markup:
    if shown == count:
        return markup("")
    what = "all" if count > 1 else "the"
    return _button("all", f"Select {what} {counted(count, 'contact')} shown", quiet=True)


def _button(action: str, label: str, *, quiet: bool = False, danger: bool = False, why: str = "") -> Markup:
    return markup(
        '<button type="button" class="cnb-button{kind}" data-part="{action}" data-do="{action}"{why}>{label}'
        "</button>",
        action=action,
        label=label,
        kind=" cnb-button-quiet" if quiet else " cnb-button-warn" if danger else "",
        why=markup(' aria-disabled="true" title="{why}"', why=why) if why else "",
    )
