"""The whole app: title and count, search, order, the table, and one drawer at the right."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets
from markupsafe import Markup

from contacts_nb.model.columns import columns_with
from contacts_nb.widgets.contact_details import ContactDetails
from contacts_nb.widgets.contact_table import ContactTable
from contacts_nb.widgets.debounce import Debounced
from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.keeping_up import keep_up
from contacts_nb.widgets.merge_with import MergeWith
from contacts_nb.widgets.state import Results, ViewState
from contacts_nb.widgets.style import style_widget
from contacts_nb.widgets.unmerge_panel import UnmergePanel
from contacts_nb.workspace import Workspace

_TYPING_PAUSE = 0.2  # seconds; shorter asks for every letter, longer is felt


class ContactsApp(ipywidgets.VBox):
    """The contacts of a workspace on one page, in JupyterLab and in Voilà.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import ContactsApp
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db", name="Acme")
    >>> app = ContactsApp(ws)
    >>> app.state.search = "ann"
    >>> app.state.results.count
    0
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.state = ViewState(workspace.contacts, sort="last_interaction", descending=True)
        self._count = html_widget(markup(""), "cnb-count")
        self._problem = html_widget(markup(""), "cnb-problem")
        self._table = ContactTable(workspace.contacts, self.state)
        self._search = _search_box()
        self._clear = _button("Clear search", "Show all contacts again")
        self._order = ipywidgets.Dropdown(
            options=_orders(workspace), description="Sort by", tooltip="Column to sort by"
        )
        self._direction = _button("", "")
        self._first = _button("Open first", "Show the details of the first contact in the table")
        self._drawer = _Drawer(self.state, workspace)
        self._body = ipywidgets.HBox([self._table])
        self._body.add_class("cnb-body")
        header = ipywidgets.HBox(
            [html_widget(markup("<h1><bdi>{name}</bdi></h1>", name=workspace.name)), self._count]
        )
        header.add_class("cnb-header")
        toolbar = ipywidgets.HBox([self._search, self._clear, self._order, self._direction, self._first])
        toolbar.add_class("cnb-toolbar")
        super().__init__([style_widget(), header, toolbar, self._problem, self._body])
        self.add_class("cnb-app")
        self._connect()
        self._redraw()
        keep_up(self.state)

    def _connect(self) -> None:
        state, guarded = self.state, self.state.guarded
        search = Debounced(guarded(self._search_typed), _TYPING_PAUSE)
        self._search.observe(lambda _change: search(), "value")
        self._clear.on_click(guarded(self._search_cleared))
        self._on_order = guarded(self._order_chosen)
        self._order.observe(self._on_order, "value")
        self._direction.on_click(guarded(self._direction_turned))
        self._first.on_click(guarded(lambda _button: state.open_at(0)))
        state.observe(lambda _change: self._redraw(), ["results", "problem"])
        state.observe(lambda _change: self._place_drawer(), "opened")

    def _search_typed(self) -> None:
        self.state.look_for(self._search.value)

    def _search_cleared(self, _button: object) -> None:
        self._search.value = ""
        self.state.look_for("")

    def _order_chosen(self, change: dict[str, str]) -> None:
        self.state.sort = change["new"]

    def _direction_turned(self, _button: object) -> None:
        self.state.descending = not self.state.descending

    def _redraw(self) -> None:
        state, results = self.state, self.state.results
        show(self._count, _count_sentence(results, state.search))
        show(self._problem, markup('<p role="alert">{problem}</p>', problem=state.problem))
        self._problem.layout.display = None if state.problem else "none"
        self._clear.layout.display = None if state.search.strip() else "none"
        if state.sort not in (key for _, key in self._order.options):  # of a field that was added since
            # New options choose the first of them.
            self._order.unobserve(self._on_order, "value")
            self._order.options = _orders(self._workspace)
            self._order.value = state.sort
            self._order.observe(self._on_order, "value")
        self._order.value = state.sort
        self._direction.description = "Descending" if state.descending else "Ascending"
        self._direction.icon = "arrow-down" if state.descending else "arrow-up"
        self._direction.tooltip = "Turn the order round"
        self._first.disabled = not results.count

    def _place_drawer(self) -> None:
        self._body.children = [self._table] if self.state.opened is None else [self._table, self._drawer]


class _Drawer(ipywidgets.VBox):
    """The drawer at the right: the details of the opened contact, and ways to the next, the previous and out."""

    def __init__(self, state: ViewState, workspace: Workspace) -> None:
        self._state = state
        self._workspace = workspace
        self._previous = _button("Previous", "Show the contact above")
        self._next = _button("Next", "Show the contact below")
        self._merge = _button("Merge with…", "Make this and another contact of the same person one")
        self._unmerge = _button("Unmerge…", "Take this contact and one that was merged into it apart")
        self._back = _button("Back to details", "Show the details of the contact again")
        close = _button("Close", "Close the details")
        bar = ipywidgets.HBox([self._previous, self._next, self._merge, self._unmerge, self._back, close])
        bar.add_class("cnb-drawer-bar")
        super().__init__([bar])
        self.add_class("cnb-drawer")
        self._bar = bar
        self._previous.on_click(state.guarded(lambda _button: state.open_at((state.position or 0) - 1)))
        self._next.on_click(state.guarded(lambda _button: state.open_at((state.position or 0) + 1)))
        self._merge.on_click(state.guarded(lambda _button: self._show_instead(self._merging)))
        self._unmerge.on_click(state.guarded(lambda _button: self._show_instead(self._unmerging)))
        self._back.on_click(state.guarded(lambda _button: self._fill({"new": state.opened})))
        close.on_click(lambda _button: setattr(state, "opened", None))
        state.observe(state.guarded(self._fill), "opened")
        state.observe(lambda _change: self._show_ways(), ["position", "results"])

    def _fill(self, change: dict[str, int | None]) -> None:
        contact_id = change["new"]
        self.children = [self._bar]
        if contact_id is not None:
            contact = self._workspace.contacts[contact_id]
            self.children = [self._bar, ContactDetails(contact, self._workspace.time_zone, styled=True)]
            self._show_bar(details=True, merged=not contact.merges().empty)
        self._show_ways()

    def _show_instead(self, made: Callable[[int], ipywidgets.Widget]) -> None:
        """Show something else of the opened contact than its details, which needs more room."""
        if self._state.opened is not None:
            self.children = [self._bar, made(self._state.opened)]
            self._show_bar(details=False)

    def _show_bar(self, *, details: bool, merged: bool = False) -> None:
        for button, is_shown in (
            (self._previous, details),
            (self._next, details),
            (self._merge, details),
            (self._unmerge, details and merged),
            (self._back, not details),
        ):
            button.layout.display = None if is_shown else "none"
        (self.remove_class if details else self.add_class)("cnb-drawer-wide")

    def _merging(self, contact_id: int) -> ipywidgets.Widget:
        return MergeWith(self._workspace, contact_id, self._state, on_done=self._done)

    def _unmerging(self, contact_id: int) -> ipywidgets.Widget:
        return UnmergePanel(self._workspace, contact_id, on_done=self._done)

    def _done(self, _operation: object) -> None:
        """What was done is told where it was done; the table follows."""
        self._state.refresh()

    def _show_ways(self) -> None:
        position, count = self._state.position, self._state.results.count
        self._previous.disabled = position is None or position == 0
        self._next.disabled = position is None or position >= count - 1


def _orders(workspace: Workspace) -> list[tuple[str, str]]:
    columns = columns_with(workspace.fields)
    return [("Order of adding", "id"), *((column.label, column.key) for column in columns if column.sortable)]


def _count_sentence(results: Results, search: str) -> Markup:
    noun = "contact" if results.total == 1 else "contacts"
    if search.strip():
        sentence = markup(
            "{count} of {total} {noun} found", count=f"{results.count:,}", total=f"{results.total:,}", noun=noun
        )
    else:
        sentence = markup("{total} {noun}", total=f"{results.total:,}", noun=noun)
    return markup('<p role="status" aria-live="polite">{sentence}</p>', sentence=sentence)


def _search_box() -> ipywidgets.Text:
    box = ipywidgets.Text(
        placeholder="Search name, phone, email, channel or tag",
        description="Search",
        continuous_update=True,
        tooltip="Search name, phone, email, channel or tag",
    )
    box.add_class("cnb-search")
    return box


def _button(label: str, tooltip: str) -> ipywidgets.Button:
    return ipywidgets.Button(description=label, tooltip=tooltip)
