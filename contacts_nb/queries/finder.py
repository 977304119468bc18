"""Answers from memory where a workspace is large: read in the background, kept as new as the database is.

Until the columns are there, and in workspaces too small or too large for them, the database answers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from threading import Event, RLock, Thread

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from contacts_nb.model.filter_criteria import Operator
from contacts_nb.model.filters import criteria_of
from contacts_nb.queries.contact import Reader
from contacts_nb.queries.freed_memory import give_back
from contacts_nb.queries.held import Held, Latest, Mask, Places
from contacts_nb.queries.held_masks import Masks, is_coded
from contacts_nb.queries.held_orders import order_of, ordered
from contacts_nb.queries.held_refresh import refreshed
from contacts_nb.queries.history import moment_of, version_of
from contacts_nb.queries.selection import ResolvedSelection, Selection
from contacts_nb.queries.settings import all_channels
from contacts_nb.store.schema import contacts

logger = logging.getLogger("contacts_nb")

FEWEST, MOST = 20_000, 3_000_000  # contacts; fewer need it not, and more would take over 300 MB
_ANSWERS = 3
_CHANNELS = 12
# Orders that take a while, and that are asked for most.
_AT_FIRST = ("last_interaction", "name", "email", "phone")
_RELATIVE = frozenset({Operator.WITHIN, Operator.MORE_THAN_AGO})


class Finder:
    """What finds contacts of one workspace, whoever asks; `read` gives connections."""

    def __init__(self, read: Reader, *, fewest: int = FEWEST, most: int = MOST) -> None:
        self._read = read
        self._fewest, self._most = fewest, most
        self._lock = RLock()
        self._stop = Event()
        self._loading: Thread | None = None
        self._held: Held | None = None
        self._answers: Latest[Places] = Latest(_ANSWERS)
        self._mask: tuple[tuple[object, ...], Mask] | None = None

    @property
    def held(self) -> Held | None:
        """What is in memory, perhaps not up to date."""
        return self._held

    def count(self, connection: Connection, selection: ResolvedSelection) -> int | None:
        """How many are selected; None if the database has to say."""
        with self._lock:
            held = self._fresh(connection, selection)
            if held is None:
                return None
            answer = self._answers.found(_key(selection, held))
            if answer is not None:
                return len(answer)
            return int(np.count_nonzero(self._selected(connection, held, selection)))

    def ids(
        self, connection: Connection, selection: ResolvedSelection, first: int = 0, count: int | None = None
    ) -> NDArray[np.int64] | None:
        """The ids of those selected, in order, from place `first` on; None if the database has to say."""
        with self._lock:
            held = self._fresh(connection, selection)
            if held is None:
                return None
            key = _key(selection, held)
            answer = self._answers.found(key)
            if answer is None:
                answer = ordered(connection, held, selection, self._selected(connection, held, selection))
                if not _depends_on_the_time(selection):
                    self._answers.keep(key, answer)
            wanted = answer[first:] if count is None else answer[first : first + count]
            found: NDArray[np.int64] = held.ids[wanted]
            return found

    def load(self) -> None:
        """Read the columns now, and wait for them."""
        self._load()

    def close(self) -> None:
        """Let go of everything, and end what goes on in the background."""
        self._stop.set()
        if self._loading is not None:
            self._loading.join()
        with self._lock:
            self._held, self._loading, self._mask = None, None, None
            self._answers.clear()
            self._stop = Event()

    def _selected(self, connection: Connection, held: Held, selection: ResolvedSelection) -> Mask:
        # Who is counted is mostly shown next.
        unsorted = replace(selection.selection, sort="id", descending=False)
        key = (
            unsorted,
            selection.terms.user_id,
            held.version,
            selection.terms.now if _depends_on_the_time(selection) else None,
        )
        if self._mask is None or self._mask[0] != key:
            self._mask = key, Masks(connection, held, selection.terms).selected(selection)
        return self._mask[1]

    def _fresh(self, connection: Connection, selection: ResolvedSelection) -> Held | None:
        held, self._held = self._held, None  # what fails in the midst of being brought up to date is let go of
        if held is not None and refreshed(connection, held, selection.terms):
            self._held = held
            return held
        self._mask = None
        self._answers.clear()
        if self._loading is None or not self._loading.is_alive():
            last = connection.execute(select(func.coalesce(func.max(contacts.c.id), 0))).scalar_one()
            if self._fewest <= last <= self._most:
                self._loading = Thread(target=self._load, name="contacts_nb columns", daemon=True)
                self._loading.start()
        return None

    def _load(self) -> None:
        stopped = self._stop
        try:
            with self._read() as connection:
                connection.detach()  # closed at the end, with the pages that it has gathered
                version = version_of(connection)
                held = Held(version, moment_of(connection, version))
                if not held.load(connection, stopped.is_set):
                    return
                with self._lock:
                    self._held = None if stopped.is_set() else held
                for prepare in _preparations(connection, held):
                    with self._lock:
                        # Once it was brought up to date, what this connection sees is too old.
                        if stopped.is_set() or self._held is not held or held.version != version_of(connection):
                            return
                        prepare()
            give_back()
        except Exception:
            # The database goes on answering, and the next question tries again.
            logger.exception("Columns could not be read into memory")


def _preparations(connection: Connection, held: Held) -> Iterator[Callable[[], object]]:
    """What takes a while and will be asked for, a step at a time: common orders, channels, numbers."""
    selection = Selection().resolved(connection)
    masks = Masks(connection, held, selection.terms)
    for sort in _AT_FIRST:
        yield partial(order_of, connection, held, Selection(sort=sort).resolved(connection))
    for channel in all_channels(connection)[:_CHANNELS]:
        yield partial(masks.prepare, "channel", channel.id)
    coded = [field for field in selection.terms.fields.values() if is_coded(field.type)]
    for field in coded[: held.fields.most]:
        yield partial(masks.values, field)


def _key(selection: ResolvedSelection, held: Held) -> tuple[object, ...]:
    return selection.selection, selection.terms.user_id, held.version


def _depends_on_the_time(selection: ResolvedSelection) -> bool:
    return any(
        criterion.operator in _RELATIVE or criterion.name == "last_incoming"
        for criterion in criteria_of(selection.tree)
    )
