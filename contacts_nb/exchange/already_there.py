"""Which records of a file are there from before, so that importing a file twice adds nothing the second time.

A record is there if a contact from before the import has the same values, word for word. Each such contact
stands for one record: of two equal rows in one file both are added, because they may be two people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from contacts_nb.model.draft import ContactDraft
from contacts_nb.model.text import folded
from contacts_nb.store.schema import contacts

_ENTRY = ("first_name", "last_name", "phone", "email", "country", "language")
_AT_ONCE = 500


class AlreadyThere:
    """The contacts of a workspace as they are when an import begins, on the connection of that import."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # Of this import's own, which get greater ones, none is from before; others can't write meanwhile.
        last = select(func.coalesce(func.max(contacts.c.id), 0))
        self._last_id_before: int = connection.execute(last).scalar_one()
        self._met: Counter[tuple[str | None, ...]] = Counter()

    def fresh(self, drafts: Sequence[ContactDraft]) -> list[ContactDraft]:
        """The drafts that no contact from before stands for; asked once for each part of a file."""
        names = sorted({folded(draft.name) for draft in drafts})
        statement = select(*(contacts.c[column] for column in _ENTRY)).where(contacts.c.id <= self._last_id_before)
        there: Counter[tuple[str | None, ...]] = Counter()
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            there.update(map(tuple, self._connection.execute(statement.where(contacts.c.sort_name.in_(some)))))
        fresh = []
        for draft in drafts:
            entry = tuple(getattr(draft, column) for column in _ENTRY)
            self._met[entry] += 1
            if self._met[entry] > there[entry]:
                fresh.append(draft)
        return fresh
