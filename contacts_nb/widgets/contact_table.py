"""The contacts table: a window grid that shows the results of a view, or says why there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import ipywidgets
from markupsafe import Markup
from traitlets import List, observe, validate

from contacts_nb.model.columns import NAME, Column, Wanted, checked_columns, chosen_columns, kept_columns
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.filters import EVERYONE
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.widgets.cells import cells_of
from contacts_nb.widgets.column_settings import ColumnSettings
from contacts_nb.widgets.debounce import Debounced
from contacts_nb.widgets.grid_gestures import GridGestures
from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.keeping_up import keep_up
from contacts_nb.widgets.menu import Place
from contacts_nb.widgets.state import Focus, Results, ViewState
from contacts_nb.widgets.style import style_widget
from contacts_nb.widgets.window_grid import Cells, WindowGrid

_RESIZING_PAUSE = 0.5  # seconds
_TICK, _MENU = "☐", "⋮"
_TICKED = "☑"
_SIGN_PX = 44
_TAKEN = ("key", "ipydguuid", _TICK, _MENU)  # the first two are what ipydatagrid calls columns of its own
OnMenu = Callable[[Focus, Place], None]


class ContactTable(ipywidgets.VBox):
    """The contacts of a query as a table; rows are read as they come into view.

    A header's menu sorts, a click on a name sets `state.opened`. A click on ☐ selects a contact, with the shift
    key all from the one that was clicked before, and on the header all that match; `selected` are those contacts.
    `on_menu` is called with a row and a place on the page when its ⋮ is clicked, which is only there with it.
    `columns` are those that are shown, in order:
    keys of standard ones and slugs of custom fields, or dicts of `key` and `width`. They can be set at any time;
    Name is always the first. Unless some are given at the beginning they are those that the user chose, and widths
    that are dragged are remembered. Raises `InvalidValue` for a column that isn't there.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import ContactTable
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> added = ws.add_contact(first_name="Ann")
    >>> table = ContactTable(ws.contacts, columns=["phone", "email"])
    >>> [column["key"] for column in table.columns]
    ['name', 'phone', 'email']
    >>> table.state.tick([1])
    >>> table.selected.tag("vip").contacts
    1
    """

    columns: List[Any] = List()

    def __init__(
        self,
        contacts: ContactQuery,
        state: ViewState | None = None,
        *,
        columns: Iterable[Wanted] | None = None,
        on_menu: OnMenu | None = None,
    ) -> None:
        self.state = state or ViewState(contacts)
        self._settings = ColumnSettings.behind(contacts)
        self._remembers = columns is None
        self._has_rows = False
        self._is_marking = False
        self._version = self.state.version
        self._painted: dict[int, Focus] = {}  # by row, who stands there in the browser
        self._anchor: tuple[int, bool] | None = None  # the row that was ticked last, and whether it was then
        self._on_menu = on_menu
        self._menu = [_MENU] if on_menu else []
        self._zone = ZoneInfo(contacts.time_zone)
        chosen = self._settings.chosen() if columns is None else checked_columns(self._settings.all(), columns)
        self._by_header = _by_header(chosen)
        self._grid = self._new_grid()
        self._gestures = GridGestures(self._grid, self.state.guarded(self._key_pressed))
        self._gestures.observe(self._resized, "widths")
        self._keep_widths = Debounced(self.state.guarded(self._keep), _RESIZING_PAUSE)
        self._empty = html_widget(markup(""), "cnb-empty")
        self._before: list[ipywidgets.Widget] = [] if state else [style_widget()]
        super().__init__()
        self.add_class("cnb-table")
        self.columns = kept_columns(chosen)
        self._show(self.state.results)
        self.state.observe(lambda change: self._follow(change["new"]), "results")
        self.state.observe(lambda _change: self._show_ticks(), "ticked")
        if state is None:
            keep_up(self.state)

    @property
    def selected(self) -> ContactQuery:
        """The selected contacts, to be read and changed.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb.widgets import ContactTable
        >>> ContactTable(cn.create(tempfile.mkdtemp() + "/contacts.db").contacts).selected.count()
        0
        """
        return self.state.selected()

    @validate("columns")
    def _known(self, proposal: Mapping[str, Any]) -> list[dict[str, str | int]]:
        return kept_columns(checked_columns(self._settings.all(), proposal["value"]))

    @observe("columns")
    def _show_columns(self, _change: object = None) -> None:
        before, self._by_header = self._by_header, _by_header(chosen_columns(self._settings.all(), self.columns))
        widths = {header: column.width for header, column in self._by_header.items()}
        if list(self._by_header) != list(before):
            # A grid keeps the columns that it was made with.
            grid, self._grid = self._grid, self._new_grid()
            with self._gestures.hold_sync():
                self._gestures.grid, self._gestures.widths = self._grid, []
            self._show(self.state.results)
            grid.close()
        elif self._grid.column_widths != self._with_signs(widths):
            self._grid.column_widths = self._with_signs(widths)

    def _with_signs(self, widths: Mapping[str, int]) -> dict[str, int]:
        return {_TICK: _SIGN_PX, **widths, **dict.fromkeys(self._menu, _SIGN_PX)}

    def _new_grid(self) -> WindowGrid:
        grid = WindowGrid(
            self._with_signs({header: column.width for header, column in self._by_header.items()}),
            fetch=self._fetched,
            on_sort=self.state.guarded(self._sort),
            on_click=self.state.guarded(self._clicked),
            on_header=self.state.guarded(self._header_clicked),
            on_move=self._moved,
            emphasised=next(iter(self._by_header)),
            signs=[_TICK, *self._menu],
        )
        grid.add_class("cnb-grid")
        return grid

    def _resized(self, change: Mapping[str, Any]) -> None:
        before, widths = self.columns, change["new"][1 : -1 if self._menu else None]
        if len(widths) != len(before):
            return  # of a grid that is no more
        with self.state.telling_failures():
            self.columns = [column | {"width": width} for column, width in zip(before, widths, strict=True)]
            if self._remembers and self.columns != before:
                self._keep_widths()

    def _keep(self) -> None:
        self._settings.keep(self._by_header.values())

    def _follow(self, results: Results) -> None:
        if self.state.version != self._version:
            self._version = self.state.version
            grid = self._grid
            self._follow_fields()
            if self._grid is not grid:
                return
        if not results.renews:
            self._anchor = None
        if results.renews and results.count and self._has_rows:
            self._painted.clear()
            self._grid.renew(results.count)
        else:
            self._show(results)

    def _follow_fields(self) -> None:
        """Custom fields may have got another name, or be gone."""
        before = self.columns
        self.columns = kept_columns(chosen_columns(self._settings.all(), before))
        if self.columns == before:
            self._show_columns()

    def _show(self, results: Results) -> None:
        self._painted.clear()
        self._has_rows = results.count > 0
        if self._has_rows:
            self.children = [*self._before, self._grid]
        else:
            show(self._empty, _why_empty(results, self.state))
            self.children = [*self._before, self._empty]
        by_key = {column.key: header for header, column in self._by_header.items()}
        self._is_marking = True
        try:
            self._grid.show(results.count, sorted_by=by_key.get(self.state.sort), descending=self.state.descending)
        finally:
            self._is_marking = False

    def _fetched(self, first: int, last: int) -> Cells:
        now = datetime.now(UTC)
        keys = [column.key for column in self._by_header.values()]
        cells: list[tuple[str, ...]] = []
        with self.state.telling_failures():
            rows = self.state.results.query.rows(first, last - first + 1)
            for number, row in enumerate(rows, start=first):
                self._painted[number] = Focus(number, row.id, row.name)
                cells.append((self._tick_of(number), *cells_of(row, keys, now, self._zone), *self._menu))
        return cells

    def _tick_of(self, row: int) -> str:
        painted = self._painted.get(row)
        return _TICKED if painted is not None and painted.contact in self.state.ticked else _TICK

    def _show_ticks(self) -> None:
        if self._has_rows:
            self._grid.repaint(_TICK, self._tick_of)

    def _sort(self, header: str | None, descending: bool) -> None:  # noqa: FBT001 - the grid's callback
        if self._is_marking:
            return  # what the state is sorted by may be no column that is shown
        column = self._by_header.get(header) if header else None
        if header in (_TICK, _MENU):
            self._show(self.state.results)
            return
        if column and not column.sortable:
            self._show(self.state.results)  # puts the header's mark back
            raise InvalidValue("column", column.label, "can't be sorted by; choose another one")
        self.state.sort_by(column.key if column else "id", descending=descending)

    def _clicked(self, row: int, header: str) -> None:
        # The contact that was painted there, whoever stands there by now.
        painted = self._painted.get(row)
        if painted is None:
            return
        self.state.focused = painted
        column = self._by_header.get(header)
        if header == _TICK:
            self._tick(painted, with_shift=self._gestures.shift)
        elif header == _MENU and self._on_menu is not None:
            self._on_menu(painted, self._gestures.place)
        elif column is not None and column.key == NAME:
            self.state.open(painted.contact, row)

    def _tick(self, painted: Focus, *, with_shift: bool = False) -> None:
        anchor = self._anchor
        if with_shift and anchor is not None and anchor[0] != painted.row:
            first, last = sorted((anchor[0], painted.row))
            on = anchor[1]
            self.state.tick_rows(first, last, on=on)
        else:
            on = painted.contact not in self.state.ticked
            self.state.tick([painted.contact], on=on)
        self._anchor = painted.row, on

    def _header_clicked(self, header: str) -> None:
        if header != _TICK:
            return
        if len(self.state.ticked):
            self.state.untick_all()
        else:
            self.state.tick_all()

    def _moved(self, row: int) -> None:
        if row in self._painted:
            self.state.focused = self._painted[row]

    def _key_pressed(self, key: str) -> None:
        focused = self.state.focused
        if focused is None:
            return
        if key == "tick":
            self._tick(focused)
        else:
            self.state.open(focused.contact, focused.row)


def _by_header(columns: Iterable[Column]) -> dict[str, Column]:
    return {
        f"{column.label} ({column.key})" if column.label in _TAKEN else column.label: column for column in columns
    }


def _why_empty(results: Results, state: ViewState) -> Markup:
    if not results.total:
        return markup(
            "<strong>No contacts yet</strong>"
            "<span>Add the first one, or import a file of them. In Python that is "
            '<code>ws.add_contact(first_name="Ann")</code> and <code>ws.plan_import("people.csv")</code>.</span>'
        )
    everyone = f"all {results.total:,} contacts" if results.total > 1 else "the contact that is there"
    if state.search.strip():
        return markup(
            "<strong>Nothing found for “<bdi>{search}</bdi>”</strong>"
            "<span>Check the spelling, try fewer words, or clear the search{filter} to see {everyone}.</span>",
            search=state.search.strip(),
            filter="" if state.filter == EVERYONE else " and the filter",
            everyone=everyone,
        )
    if state.filter != EVERYONE:
        return markup(
            "<strong>No contact matches the filter</strong>"
            "<span>Change one of its criteria, or clear the filter to see {everyone}.</span>",
            everyone=everyone,
        )
    return markup(
        "<strong>Nobody is in this inbox</strong><span>Choose another inbox to see other contacts.</span>"
    )
