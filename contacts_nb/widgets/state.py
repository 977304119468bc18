"""What the person is looking at. A gesture changes the state, the state changes the query, the query redraws.

Widgets observe the state and never each other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from traitlets import Any, Bool, HasTraits, Int, Unicode, observe

from contacts_nb.model.columns import checked_sort_key, is_standard_sort
from contacts_nb.model.errors import ContactNotFound, ContactsError, NotFound
from contacts_nb.queries.contact_query import ContactQuery

logger = logging.getLogger("contacts_nb")
Arguments = ParamSpec("Arguments")


@dataclass(frozen=True)
class Results:
    """What the query of a state gave: how many of all contacts it finds.

    It `renews` what was seen before if the same was asked again.
    """

    query: ContactQuery
    count: int
    total: int
    renews: bool = False


class ViewState(HasTraits):
    """One person's view of the contacts of a query.

    `search` (str) is what was typed, `sort` (str) and `descending` (bool) the order, `opened` (int or None)
    the id of the contact whose details are shown, `position` (int or None) its row if it was opened from one,
    `problem` (str) what went wrong last, and `results` what is to be seen of it all, new whenever one of the
    first three changes.
    """

    search = Unicode()
    sort = Unicode("id")
    descending = Bool()
    opened = Int(None, allow_none=True)
    position = Int(None, allow_none=True)
    problem = Unicode()
    results = Any()

    def __init__(self, contacts: ContactQuery, *, sort: str | None = None, descending: bool = False) -> None:
        self._contacts = contacts
        self._looked_for: tuple[str, str, bool] | None = None
        self.version = 0
        order = (sort, descending) if sort else (contacts.selection.sort, contacts.selection.descending)
        super().__init__(sort=order[0], descending=order[1])
        self.refresh()

    def refresh(self) -> None:
        """Read again what is to be seen."""
        try:
            query = self._contacts.search(self.search).sort_by(self.sort, descending=self.descending)
        except NotFound:
            if self.results is None or is_standard_sort(self.sort):
                raise
            self.sort_by("id", descending=False)  # somebody has removed the field that it was sorted by
            return
        total = self._contacts.count()
        count = query.count() if self.search.strip() else total
        self.position = None  # the rows have moved
        wanted = (self.search, self.sort, self.descending)
        renews, self._looked_for = wanted == self._looked_for, wanted
        self.version = self._contacts.version()
        self.results = Results(query, count, total, renews)

    def keep_up(self) -> None:
        """Read again what is to be seen if anything was done since, by whomever."""
        if self._contacts.version() != self.version:
            self.refresh()

    def look_for(self, typed: str) -> None:
        """Search for what was `typed`; what was tried last and failed is tried again, what is shown is not."""
        self.search = typed
        self._requery()

    def sort_by(self, key: str, *, descending: bool) -> None:
        """Change column and direction in one step; raises `InvalidValue` for a column without an order."""
        checked_sort_key(key)
        with self.hold_trait_notifications():
            self.sort, self.descending = key, descending

    def open_at(self, position: int) -> None:
        """Open the contact in row `position`, if there is one."""
        found = self.results.query.rows(position, 1)
        if found:
            self.open(found[0].id, position)

    def open(self, contact_id: int, position: int) -> None:
        """Open a contact that stands in row `position`; raises `ContactNotFound` if it is gone."""
        if self._contacts.get(contact_id) is None:
            raise ContactNotFound(contact_id)
        self.opened, self.position = contact_id, position

    def guarded(self, gesture: Callable[Arguments, None]) -> Callable[Arguments, None]:
        """`gesture`, with any failure told as `problem`; each new gesture takes the last problem away.

        Voilà shows nothing at all of an exception in a widget's callback.
        """

        @wraps(gesture)
        def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            self.problem = ""
            with self.telling_failures():
                gesture(*args, **kwargs)

        return run

    @contextmanager
    def telling_failures(self) -> Iterator[None]:
        """Turn an exception in the block into `problem`; the log keeps the traceback."""
        try:
            yield
        except ContactsError as error:
            logger.warning("%s", error)
            self.problem = str(error)
        except Exception:
            logger.exception("A gesture failed")
            self.problem = (
                "Something went wrong and this step was not done. Try it again; "
                "if it goes on, the log of the app says what happened."
            )

    @observe("search", "sort", "descending")
    def _requery(self, _change: object = None) -> None:
        # Not while the first values are being set, and once where several of them change in one step.
        if self.results is not None and self._looked_for != (self.search, self.sort, self.descending):
            self.refresh()
