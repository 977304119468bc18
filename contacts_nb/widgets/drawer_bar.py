"""The upper edge of the drawer: whom or what it shows, and the ways from there."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.html_form import script
from contacts_nb.widgets.icons import CROSS, DOWN, UP
from contacts_nb.widgets.state import Panel, PanelKind, ViewState
from contacts_nb.widgets.state_form import StateForm

_TITLES = {
    PanelKind.DETAILS: "Details",
    PanelKind.MESSAGES: "Details",
    PanelKind.FILTER: "Filter",
    PanelKind.COLUMNS: "Customize columns",
    PanelKind.ADD: "Add contact",
    PanelKind.IMPORT: "Import contacts",
    PanelKind.MERGE: "Merge contacts",
    PanelKind.UNMERGE: "Unmerge contact",
    PanelKind.DELETE: "Delete",
    PanelKind.TAG: "Assign tags",
    PanelKind.UNTAG: "Remove tags",
    PanelKind.ASSIGN: "Assign",
    PanelKind.PYTHON: "Copy as Python",
}
_OF_A_CONTACT = (PanelKind.DETAILS, PanelKind.MESSAGES)
# Forms with a field to begin in, or a thread that is gone to: they take the keyboard themselves.
_BEGIN_THEMSELVES = (
    PanelKind.MESSAGES, PanelKind.ADD, PanelKind.DELETE, PanelKind.TAG, PanelKind.UNTAG, PanelKind.ASSIGN,
    PanelKind.PYTHON,
)  # fmt: skip
# What was done there is kept nowhere else.
_NOT_LEFT_BY_ESCAPE = (PanelKind.ADD, PanelKind.IMPORT)


class DrawerBar(StateForm):
    """Is told what the drawer shows; `may_delete` tells whether the user may.

    When something is opened the keyboard comes to it, or to what begins below it; when it is closed it goes back.
    """

    _esm = script("gestures.js", "drawer_bar.js")

    def __init__(
        self, state: ViewState, on_gesture: Callable[[Gesture], None], may_delete: Callable[[], bool]
    ) -> None:
        super().__init__(state, on_gesture, "cnb-drawer-bar")
        self._state = state
        self._may_delete = may_delete

    def arrive(self) -> None:
        """Take the keyboard, unless what is shown does."""
        self.send({"arrived": True})

    def draw(self, panel: Panel, name: str, *, is_merged: bool) -> None:
        """Show the bar of a panel, about the contact of that `name` if it is about one."""
        kind = panel.kind
        self.show(
            markup(
                '<div class="cnb-bar" data-escape{leaves}>'
                '<{element} class="cnb-drawer-title" data-part="title" tabindex="-1"{arrives}>{title}</{element}>'
                '{walk}<button type="button" class="cnb-icon-button" data-part="close" data-do="close"'
                ' title="Close" aria-label="Close {label}">{cross}</button>{ways}</div>',
                leaves="" if kind in _NOT_LEFT_BY_ESCAPE else markup(" data-leaves"),
                arrives="" if _begins_itself(panel) else markup(" data-arrives"),
                # The details have a heading of their own.
                element=markup("p") if kind in _OF_A_CONTACT else markup("h2"),
                title=_title(panel, name),
                label=_TITLES[kind],
                walk=self._walk() if kind in _OF_A_CONTACT else "",
                cross=CROSS,
                ways=self._ways(panel, is_merged=is_merged),
            )
        )

    def _walk(self) -> Markup:
        position, count = self._state.position, self._state.results.count
        steps = (
            ("previous", "Previous", "Show the contact above", UP, position is None or position == 0),
            ("next", "Next", "Show the contact below", DOWN, position is None or position >= count - 1),
        )
        buttons = joined(
            markup(
                '<button type="button" class="cnb-icon-button" data-part="{action}" data-do="{action}"'
                ' title="{tooltip}" aria-label="{label}" aria-disabled="{is_end}">{icon}</button>',
                action=action,
                label=label,
                tooltip=tooltip,
                icon=icon,
                is_end="true" if is_end else "false",
            )
            for action, label, tooltip, icon, is_end in steps
        )
        return markup('<span class="cnb-walk" data-part="walk">{buttons}</span>', buttons=buttons)

    def _ways(self, panel: Panel, *, is_merged: bool) -> Markup:
        ways = []
        if panel.kind in _OF_A_CONTACT:
            ways.append(_button("merge", "Merge with…", "Make this and another contact of the same person one"))
            if is_merged:
                ways.append(_button("unmerge", "Unmerge…", "Take this contact and one merged into it apart"))
            if self._may_delete():
                ways.append(_button("delete", "Delete", "Delete this contact for ever"))
        elif panel.kind is PanelKind.IMPORT:
            ways.append(_button("add", "Add one contact", "Fill in a form instead"))
        elif panel.contact is not None and panel.other is None:
            ways.append(_button("back", "Back to details", "Show the details of the contact again"))
        return (
            markup('<span class="cnb-ways" data-part="ways">{ways}</span>', ways=joined(ways))
            if ways
            else markup("")
        )


def _begins_itself(panel: Panel) -> bool:
    is_search = panel.kind is PanelKind.MERGE and panel.other is None
    return is_search or panel.kind in _BEGIN_THEMSELVES


def _title(panel: Panel, name: str) -> Markup:
    said = "{label}"
    if name and panel.kind in _OF_A_CONTACT:
        said = '<bdi title="{name}">{name}</bdi>'
    elif name and panel.kind is PanelKind.MERGE and panel.other is None:
        said = "Merge <bdi>{name}</bdi> with…"
    elif name and panel.kind is PanelKind.UNMERGE:
        said = "Unmerge <bdi>{name}</bdi>"
    return markup(said, label=_TITLES[panel.kind], name=name)


def _button(action: str, label: str, tooltip: str) -> Markup:
    return markup(
        '<button type="button" class="cnb-button cnb-button-quiet" data-part="{action}" data-do="{action}"'
        ' title="{tooltip}">{label}</button>',
        action=action,
        label=label,
        tooltip=tooltip,
    )
