"""What the person is looking at. A gesture changes the state, the state changes the query, the query redraws.

Widgets observe the state and never each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import ParamSpec

from traitlets import Any, Bool, HasTraits, Instance, Int, Unicode, Union, observe

from contacts_nb.model.columns import checked_sort_key, is_standard_sort
from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.errors import ContactNotFound, NotFound
from contacts_nb.model.filters import EVERYONE, Filter
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.store.patience import PAGE_MS, waiting_at_most
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.row_finding import row_of

Arguments = ParamSpec("Arguments")
_LOOKS = ("search", "sort", "descending", "within", "filter")


@dataclass(frozen=True)
class Results:
    """What the query of a state gave: how many of all contacts it finds.

    It `renews` what was seen before if the same was asked again.
    """

    query: ContactQuery
    count: int
    total: int
    renews: bool = False


class PanelKind(StrEnum):
    """What the drawer can show."""

    DETAILS = "details"
    MESSAGES = "messages"
    FILTER = "filter"
    COLUMNS = "columns"
    ADD = "add"
    IMPORT = "import"
    MERGE = "merge"
    UNMERGE = "unmerge"
    DELETE = "delete"
    TAG = "tag"
    UNTAG = "untag"
    ASSIGN = "assign"
    PYTHON = "python"


@dataclass(frozen=True)
class Panel:
    """What the drawer shows: of one `contact`, and perhaps an`other`, or of those that are selected."""

    kind: PanelKind
    contact: int | None = None
    other: int | None = None


@dataclass(frozen=True)
class Focus:
    """The row that was pressed last, and who stands there."""

    row: int
    contact: int
    name: str


class ViewState(HasTraits):
    """One person's view of the contacts of a query.

    `inbox` (the id or name of what was chosen), `within` (a filter: what that inbox holds), `filter` and `search`
    (str) say what is looked for, `sort` (str) and `descending` (bool) in which order, and `results` what is to be
    seen of it all, new whenever one of them changes. `ticked` (`ContactIds`) are the selected contacts, whatever
    is looked for. `panel` (`Panel` or None) is what the drawer shows, `opened` (int or None) the id of the contact
    whose details that are and `position` (int or None) its row, `focused` (`Focus` or None) the row that was
    pressed last. `problem` (str) is what went
    wrong last, `unreachable` (str) why nothing can be read at the moment.
    """

    search = Unicode()
    sort = Unicode("id")
    descending = Bool()
    inbox = Union([Int(), Unicode()], default_value="All")
    within = Instance(Filter)
    filter = Instance(Filter)
    ticked = Instance(ContactIds)
    opened = Int(None, allow_none=True)
    position = Int(None, allow_none=True)
    focused = Instance(Focus, allow_none=True)
    panel = Instance(Panel, allow_none=True)
    problem = Unicode()
    unreachable = Unicode()
    results = Any()

    def __init__(self, contacts: ContactQuery, *, sort: str | None = None, descending: bool = False) -> None:
        self._contacts = contacts
        self._looked_for: tuple[object, ...] | None = None
        self._ticked_at_once: ContactQuery | None = None
        self.version = 0
        order = (sort, descending) if sort else (contacts.selection.sort, contacts.selection.descending)
        super().__init__(sort=order[0], descending=order[1], within=EVERYONE, filter=EVERYONE, ticked=ContactIds())
        self.refresh()

    def refresh(self) -> None:
        """Read again what is to be seen."""
        base = self._contacts
        try:
            for tree in (self.within, self.filter):
                base = base if tree == EVERYONE else base.where(tree, missing_ok=True)
            query = base.search(self.search).sort_by(self.sort, descending=self.descending)
        except NotFound:
            if self.results is None or is_standard_sort(self.sort):
                raise
            self.sort_by("id", descending=False)  # somebody has removed the field that it was sorted by
            return
        version = self._contacts.version()
        total = self._contacts.count()
        count = total if query.selection == self._everyone().selection else query.count()
        if version < self.version:
            self.untick_all()  # a backup copy was put back, whose later ids will be those of others
        if version != self.version and len(self.ticked):
            self._untick_those_gone()
        wanted = self._wanted()
        renews, self._looked_for = wanted == self._looked_for, wanted
        if renews:
            self._follow_rows(query, count)
        else:
            self.position = self.focused = None
        self.version = version
        self.results = Results(query, count, total, renews)

    def keep_up(self) -> None:
        """Read again what is to be seen if anything was done since, by whomever, or couldn't be read before."""
        # What couldn't be read may be another copy now, with as many operations.
        if self.unreachable or self._contacts.version() != self.version or self._looked_for != self._wanted():
            self.refresh()
        if self.problem == self.unreachable:
            self.problem = ""  # a gesture met with the same
        self.unreachable = ""

    def look_for(self, typed: str) -> None:
        """Search for what was `typed`; what was tried last and failed is tried again, what is shown is not."""
        self.search = typed
        self._requery()

    def look_into(self, inbox: int | str, within: Filter, tree: Filter) -> None:
        """Show an inbox: what it holds `within`, and the filter that can be changed."""
        with self.hold_trait_notifications():
            self.inbox, self.within, self.filter = inbox, within, tree

    def sort_by(self, key: str, *, descending: bool) -> None:
        """Change column and direction in one step; raises `InvalidValue` for a column without an order."""
        checked_sort_key(key)
        with self.hold_trait_notifications():
            self.sort, self.descending = key, descending

    def open_at(self, position: int) -> None:
        """Open the contact in row `position`, if there is one."""
        found = self.results.query.rows(position, 1) if position >= 0 else []
        if found:
            self.open(found[0].id, position)

    def focus_at(self, row: int) -> None:
        """Let the row bar be about row `row`, if there is one."""
        found = self.results.query.rows(row, 1) if row >= 0 else []
        if found:
            self.focused = Focus(row, found[0].id, found[0].name)

    def open(self, contact_id: int, position: int | None = None, kind: PanelKind = PanelKind.DETAILS) -> None:
        """Open a contact that stands in row `position`; raises `ContactNotFound` if it is gone."""
        if self._contacts.get(contact_id) is None:
            raise ContactNotFound(contact_id)
        with self.hold_trait_notifications():
            self.panel, self.opened = Panel(kind, contact_id), contact_id
            self.position = position

    def show(self, kind: PanelKind, contact: int | None = None, other: int | None = None) -> None:
        """Show something else in the drawer."""
        with self.hold_trait_notifications():
            if contact != self.opened:
                self.position = None  # that of somebody else
            self.panel, self.opened = Panel(kind, contact, other), contact

    def close(self) -> None:
        """Close the drawer."""
        with self.hold_trait_notifications():
            self.panel, self.opened = None, None

    def tick(self, ids: Iterable[int], *, on: bool = True) -> None:
        """Select contacts, or take them out of what is selected."""
        given = ContactIds(ids)
        self._ticked_at_once = None
        self.ticked = self.ticked | given if on else self.ticked - given

    def tick_rows(self, first: int, last: int, *, on: bool = True) -> None:
        """Select the contacts from row `first` to row `last`, or take them out."""
        self.tick(self.results.query.ids(first, last - first + 1), on=on)

    def tick_all(self) -> None:
        """Select all contacts that are looked for now, and those that are selected already."""
        query = self.results.query
        found = ContactIds(query.ids())
        ticked = self.ticked | found
        self._ticked_at_once = query if ticked == found else None
        self.ticked = ticked

    def untick_all(self) -> None:
        """Select nobody."""
        self._ticked_at_once = None
        self.ticked = ContactIds()

    def selected(self) -> ContactQuery:
        """The selected contacts, to be read and changed."""
        return self._contacts.with_ids(self.ticked)

    def as_chosen(self) -> ContactQuery:
        """The selected contacts in the words in which they were chosen: what was looked for, or else their ids."""
        return self._ticked_at_once or self.selected()

    def guarded(self, gesture: Callable[Arguments, None]) -> Callable[Arguments, None]:
        """`gesture`, with any failure told as `problem`; each new gesture takes the last problem away.

        Voilà shows nothing at all of an exception in a widget's callback.
        """

        @wraps(gesture)
        def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            self.problem = ""
            with self.telling_failures(), waiting_at_most(PAGE_MS):
                gesture(*args, **kwargs)

        return run

    @contextmanager
    def telling_failures(self) -> Iterator[None]:
        """Turn an exception in the block into `problem`; the log keeps the traceback."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - told on the page and in the log
            self.problem = sentence_of(error)

    @observe(*_LOOKS)
    def _requery(self, _change: object = None) -> None:
        # Not while the first values are being set, and once where several of them change in one step.
        if self.results is not None and self._looked_for != self._wanted():
            self.refresh()

    @observe("opened")
    def _follow_opened(self, change: dict[str, int | None]) -> None:
        contact = change["new"]
        if contact is None:
            if self.panel is not None and self.panel.contact is not None:
                self.panel = None
        elif self.panel is None or self.panel.contact != contact:
            self.panel = Panel(PanelKind.DETAILS, contact)

    def _wanted(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in _LOOKS)

    def _everyone(self) -> ContactQuery:
        return self._contacts.sort_by(self.sort, descending=self.descending)

    def _follow_rows(self, query: ContactQuery, count: int) -> None:
        """Who is open and who was pressed may stand in other rows now, and have other names."""
        if self.position is not None and self.opened is not None:
            self.position = row_of(query, self.opened, self.position)
        before = self.focused
        if before is None:
            return
        row = row_of(query, before.contact, before.row)
        if row is None:
            row = max(0, min(before.row, count - 1))
        found = query.rows(row, 1)
        self.focused = Focus(row, found[0].id, found[0].name) if found else None

    def _untick_those_gone(self) -> None:
        there = ContactIds(self.selected().ids())
        if there != self.ticked:
            self.ticked = there
