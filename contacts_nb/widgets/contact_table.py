"""The contacts table: a window grid that shows the results of a view, or says why there are none."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import ipywidgets
from markupsafe import Markup

from contacts_nb.model.columns import COLUMNS, column_labelled
from contacts_nb.model.errors import InvalidValue
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.widgets.cells import cells_of
from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.keeping_up import keep_up
from contacts_nb.widgets.state import Results, ViewState
from contacts_nb.widgets.style import style_widget
from contacts_nb.widgets.window_grid import Cells, WindowGrid

_LABELS = {column.key: column.label for column in COLUMNS}


class ContactTable(ipywidgets.VBox):
    """The contacts of a query as a table; rows are read as they come into view.

    A header's menu sorts, a click on a name sets `state.opened`.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import ContactTable
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> added = ws.add_contact(first_name="Ann")
    >>> ContactTable(ws.contacts).state.results.count
    1
    """

    def __init__(self, contacts: ContactQuery, state: ViewState | None = None) -> None:
        self.state = state or ViewState(contacts)
        self._has_rows = False
        self._painted: dict[int, int] = {}  # contact ids by row, of the rows that the browser has
        self._zone = ZoneInfo(contacts.time_zone)
        self._grid = WindowGrid(
            {column.label: column.width for column in COLUMNS},
            fetch=self._fetched,
            on_sort=self.state.guarded(self._sort),
            on_click=self.state.guarded(self._open),
            emphasised=_LABELS["name"],
        )
        self._grid.add_class("cnb-grid")
        self._empty = html_widget(markup(""), "cnb-empty")
        self._before: list[ipywidgets.Widget] = [] if state else [style_widget()]
        super().__init__()
        self.add_class("cnb-table")
        self._show(self.state.results)
        self.state.observe(lambda change: self._follow(change["new"]), "results")
        if state is None:
            keep_up(self.state)

    def _follow(self, results: Results) -> None:
        if results.renews and results.count and self._has_rows:
            self._painted.clear()
            self._grid.renew(results.count)
        else:
            self._show(results)

    def _show(self, results: Results) -> None:
        self._painted.clear()
        self._has_rows = results.count > 0
        if self._has_rows:
            self.children = [*self._before, self._grid]
        else:
            show(self._empty, _why_empty(results, self.state.search))
            self.children = [*self._before, self._empty]
        self._grid.show(results.count, sorted_by=_LABELS.get(self.state.sort), descending=self.state.descending)

    def _fetched(self, first: int, last: int) -> Cells:
        now = datetime.now(UTC)
        cells: list[tuple[str, ...]] = []
        with self.state.telling_failures():
            rows = self.state.results.query.rows(first, last - first + 1)
            cells += [cells_of(row, now, self._zone) for row in rows]
            self._painted.update(enumerate((row.id for row in rows), start=first))
        return cells

    def _sort(self, label: str | None, descending: bool) -> None:  # noqa: FBT001 - the grid's callback
        column = column_labelled(label) if label else None
        if column and not column.sortable:
            self._show(self.state.results)  # puts the header's mark back
            raise InvalidValue("column", column.label, "can't be sorted by; choose another one")
        self.state.sort_by(column.key if column else "id", descending=descending)

    def _open(self, row: int, label: str) -> None:
        if label == _LABELS["name"]:
            # The contact that was painted there, whoever stands there by now.
            contact_id = self._painted.get(row)
            if contact_id is not None:
                self.state.open(contact_id, row)


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
