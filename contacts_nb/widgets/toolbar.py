"""The line above the table: search, order, filter, and what else can be done with what is shown."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from contacts_nb.model.columns import columns_with
from contacts_nb.model.filters import criteria_of
from contacts_nb.widgets.actions import Actions, FileKind
from contacts_nb.widgets.debounce import Debounced
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.icons import LINES
from contacts_nb.widgets.menu import Entry, Menu
from contacts_nb.widgets.state import PanelKind, ViewState
from contacts_nb.widgets.state_form import StateForm
from contacts_nb.workspace import Workspace

_TYPING_PAUSE = 0.06  # seconds; shorter asks in the midst of a letter and its accent, longer is felt
_SEARCHED = "Search name, phone, email, channel, tag or field"
_SHOW, _HIDE = "show-inboxes", "hide-inboxes"


class Toolbar(ipywidgets.HBox):
    """Search, order, filter and the menu of actions of `state`; `on_inboxes` shows or hides the inboxes."""

    def __init__(
        self,
        workspace: Workspace,
        state: ViewState,
        actions: Actions,
        menu: Menu,
        on_inboxes: Callable[[bool], None],
    ) -> None:
        self._workspace = workspace
        self._state = state
        self._actions = actions
        self._menu = menu
        self._on_inboxes = on_inboxes
        self._name = ""
        self._named: tuple[int | str, int] | None = None
        self.search = _search_box()
        self.order = ipywidgets.Dropdown(
            options=_orders(workspace), description="Sort by", tooltip="Column to sort by"
        )
        self.direction = ipywidgets.Button()
        self.tools = StateForm(state, self._do, "cnb-tools")
        self.inboxes = StateForm(state, self._do, "cnb-tools")
        self.clear = StateForm(state, self._do, "cnb-tools")
        super().__init__([self.inboxes, self.search, self.clear, self.order, self.direction, self.tools])
        self.add_class("cnb-toolbar")
        search = Debounced(state.guarded(lambda: state.look_for(self.search.value)), _TYPING_PAUSE)
        self.search.observe(lambda _change: search(), "value")
        self._on_order = state.guarded(lambda change: setattr(state, "sort", change["new"]))
        self.order.observe(self._on_order, "value")
        self.direction.on_click(state.guarded(self._turned))
        state.observe(lambda _change: self._follow_search(), "search")
        state.observe(lambda _change: self._draw(), ["results", "panel", "filter", "inbox"])
        self._draw()

    def _turned(self, _button: object) -> None:
        self._state.descending = not self._state.descending

    def _follow_search(self) -> None:
        # Not while somebody types, who is ahead of what is looked for.
        if not self._state.search and self.search.value.strip():
            self.search.value = ""

    def _do(self, gesture: Gesture) -> None:
        state = self._state
        if gesture.action == "filter":
            if state.panel is not None and state.panel.kind is PanelKind.FILTER:
                state.close()
            else:
                state.show(PanelKind.FILTER)
        elif gesture.action == "clear":
            self.search.value = ""
            self.search.focus()  # the button that was pressed goes
            state.look_for("")
        elif gesture.action == "actions":
            self._menu.offer("Actions", self._entries(), state.guarded(self._chosen))
        elif gesture.action in (_SHOW, _HIDE):
            self._on_inboxes(gesture.action == _SHOW)
            # One of the two buttons is on the page: the stylesheet knows whether there is room for inboxes.
            self.inboxes.focus_on(f"[data-do={_HIDE if gesture.action == _SHOW else _SHOW}]")

    def _inbox_name(self) -> str:
        state = self._state
        if isinstance(state.inbox, str):
            return state.inbox
        if self._named != (state.inbox, state.version):
            self._named = state.inbox, state.version
            names = {inbox.id: inbox.name for inbox in self._workspace.inboxes}
            self._name = names.get(state.inbox, "A deleted inbox")
        return self._name

    def _entries(self) -> list[Entry]:
        exports = [Entry(kind.value, f"Export {kind.label}") for kind in FileKind]
        return [
            *(exports if self._workspace.may("export") else []),
            Entry(PanelKind.COLUMNS, "Customize columns"),
            Entry(PanelKind.PYTHON, "Copy as Python"),
        ]

    def _chosen(self, key: str) -> None:
        if key in list(FileKind):
            self._actions.export(FileKind(key))
        else:
            self._state.show(PanelKind(key))

    def _draw(self) -> None:
        state = self._state
        if state.sort not in (key for _, key in self.order.options):  # of a field that was added since
            # New options choose the first of them.
            self.order.unobserve(self._on_order, "value")
            self.order.options = _orders(self._workspace)
            self.order.value = state.sort
            self.order.observe(self._on_order, "value")
        self.order.value = state.sort
        self.direction.description = "Descending" if state.descending else "Ascending"
        self.direction.icon = "arrow-down" if state.descending else "arrow-up"
        self.direction.tooltip = "Turn the order round"
        self.inboxes.show(
            joined(
                markup(
                    '<button type="button" class="cnb-button" data-do="{action}" aria-expanded="{is_shown}"'
                    ' aria-label="Inboxes: {inbox}">{lines}<bdi class="cnb-inbox-shown">{inbox}</bdi></button>',
                    action=action,
                    is_shown=is_shown,
                    lines=LINES,
                    inbox=self._inbox_name(),
                )
                for action, is_shown in ((_HIDE, "true"), (_SHOW, "false"))
            )
        )
        self.clear.show(
            markup('<button type="button" class="cnb-button" data-do="clear">Clear search</button>')
            if state.search.strip()
            else markup("")
        )
        criteria = len(list(criteria_of(state.filter)))
        is_open = state.panel is not None and state.panel.kind is PanelKind.FILTER
        self.tools.show(
            markup(
                '<button type="button" class="cnb-button{on}" data-part="filter" data-do="filter"'
                ' aria-expanded="{is_open}" aria-label="Filter, {criteria}">Filter{number}</button>'
                '<button type="button" class="cnb-button" data-part="actions" data-do="actions"'
                ' aria-haspopup="menu">Actions</button>',
                on=" cnb-button-on" if criteria else "",
                is_open="true" if is_open else "false",
                criteria="1 criterion" if criteria == 1 else f"{criteria or 'no'} criteria",
                number=markup(' <span class="cnb-badge">{criteria}</span>', criteria=criteria) if criteria else "",
            )
        )


def _orders(workspace: Workspace) -> list[tuple[str, str]]:
    columns = columns_with(workspace.fields)
    return [("Order of adding", "id"), *((column.label, column.key) for column in columns if column.sortable)]


def _search_box() -> ipywidgets.Text:
    box = ipywidgets.Text(placeholder=_SEARCHED, description="Search", continuous_update=True, tooltip=_SEARCHED)
    box.add_class("cnb-search")
    return box
