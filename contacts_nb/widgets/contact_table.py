"""The contacts table: a window grid that shows the results of a view, or says why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import ipywidgets
from markupsafe import Markup
from traitlets import List, observe, validate

from contacts_nb.model.columns import NAME, Column, Wanted, checked_columns, chosen_columns, kept_columns
from contacts_nb.model.errors import InvalidValue
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.widgets.cells import cells_of
from contacts_nb.widgets.column_settings import ColumnSettings
from contacts_nb.widgets.column_widths import DraggedWidths
from contacts_nb.widgets.debounce import Debounced
from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.keeping_up import keep_up
from contacts_nb.widgets.state import Results, ViewState
from contacts_nb.widgets.style import style_widget
from contacts_nb.widgets.window_grid import Cells, WindowGrid

_RESIZING_PAUSE = 0.5  # seconds
_OF_THE_GRID = ("key", "ipydguuid")  # what ipydatagrid calls columns of its own


class ContactTable(ipywidgets.VBox):
    """The contacts of a query as a table; rows are read as they come into view.

    A header's menu sorts, a click on a name sets `state.opened`. `columns` are those that are shown, in order:
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
    """

    columns: List[Any] = List()

    def __init__(
        self, contacts: ContactQuery, state: ViewState | None = None, *, columns: Iterable[Wanted] | None = None
    ) -> None:
        self.state = state or ViewState(contacts)
        self._settings = ColumnSettings.behind(contacts)
        self._remembers = columns is None
        self._has_rows = False
        self._is_marking = False
        self._version = self.state.version
        self._painted: dict[int, int] = {}  # contact ids by row, of the rows that the browser has
        self._zone = ZoneInfo(contacts.time_zone)
        chosen = self._settings.chosen() if columns is None else checked_columns(self._settings.all(), columns)
        self._by_header = _by_header(chosen)
        self._grid = self._new_grid()
        self._dragged = DraggedWidths(grid=self._grid)
        self._dragged.observe(self._resized, "widths")
        self._keep_widths = Debounced(self.state.guarded(self._keep), _RESIZING_PAUSE)
        self._empty = html_widget(markup(""), "cnb-empty")
        self._before: list[ipywidgets.Widget] = [] if state else [style_widget()]
        super().__init__()
        self.add_class("cnb-table")
        self.columns = kept_columns(chosen)
        self._show(self.state.results)
        self.state.observe(lambda change: self._follow(change["new"]), "results")
        if state is None:
            keep_up(self.state)

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
            with self._dragged.hold_sync():
                self._dragged.grid, self._dragged.widths = self._grid, []
            self._show(self.state.results)
            grid.close()
        elif self._grid.column_widths != widths:
            self._grid.column_widths = widths

    def _new_grid(self) -> WindowGrid:
        grid = WindowGrid(
            {header: column.width for header, column in self._by_header.items()},
            fetch=self._fetched,
            on_sort=self.state.guarded(self._sort),
            on_click=self.state.guarded(self._open),
            emphasised=next(iter(self._by_header)),
        )
        grid.add_class("cnb-grid")
        return grid

    def _resized(self, change: Mapping[str, Any]) -> None:
        before, widths = self.columns, change["new"]
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
            show(self._empty, _why_empty(results, self.state.search))
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
            cells += [cells_of(row, keys, now, self._zone) for row in rows]
            self._painted.update(enumerate((row.id for row in rows), start=first))
        return cells

    def _sort(self, header: str | None, descending: bool) -> None:  # noqa: FBT001 - the grid's callback
        if self._is_marking:
            return  # what the state is sorted by may be no column that is shown
        column = self._by_header.get(header) if header else None
        if column and not column.sortable:
            self._show(self.state.results)  # puts the header's mark back
            raise InvalidValue("column", column.label, "can't be sorted by; choose another one")
        self.state.sort_by(column.key if column else "id", descending=descending)

    def _open(self, row: int, header: str) -> None:
        column = self._by_header.get(header)
        if column is not None and column.key == NAME:
            # The contact that was painted there, whoever stands there by now.
            contact_id = self._painted.get(row)
            if contact_id is not None:
                self.state.open(contact_id, row)


def _by_header(columns: Iterable[Column]) -> dict[str, Column]:
    return {
        f"{column.label} ({column.key})" if column.label in _OF_THE_GRID else column.label: column
        for column in columns
    }


def _why_empty(results: Results, search: str) -> Markup:
    if results.total:
        return markup(
            "<strong>Nothing found for “<bdi>{search}</bdi>”</strong>"
            "<span>Check the spelling, try fewer words, or clear the search to see all {total} contacts.</span>",
            search=search.strip(),
            total=f"{results.total:,}",
        )
    return markup(
        "<strong>No contacts yet</strong>"
        "<span>Import a file on the command line with <code>contacts-nb import people.csv --db contacts.db</code>"
        ' or add one in Python with <code>ws.add_contact(first_name="Ann")</code>.</span>'
    )
