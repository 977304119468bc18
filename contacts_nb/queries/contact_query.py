"""What `ws.contacts` is: contacts to be looked for, narrowed and ordered step by step, read when asked.

A query is cheap to make and never changes; `search` and `sort_by` give new ones. Every answer is read from
the database at the moment of asking.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Self, SupportsIndex

import numpy as np
import pandas as pd
from sqlalchemy import select

from contacts_nb.model.contact import ContactRow
from contacts_nb.model.errors import ContactNotFound
from contacts_nb.queries.contact import Contact, Reader, contact_with
from contacts_nb.queries.frames import frame_of
from contacts_nb.queries.rows import checked_count, rows_between
from contacts_nb.queries.selection import Selection
from contacts_nb.store.schema import workspace

# The widget a notebook shows for a query; set where the widgets are known, which this floor may not import.
notebook_view: Callable[[ContactQuery], Any] | None = None


class ContactQuery:
    """Contacts that match and their order.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> ann, bo = ws.add_contact(first_name="Ann"), ws.add_contact(first_name="Bo", tags=["vip"])
    >>> ws.contacts.sort_by("name", descending=True)
    <2 contacts, sorted by name, descending>
    """

    def __init__(self, read: Reader, selection: Selection | None = None) -> None:
        self._read = read
        self.selection = selection or Selection()

    @property
    def time_zone(self) -> str:
        """The time zone of the workspace, by its IANA name.

        >>> import contacts_nb as cn, tempfile
        >>> cn.create(tempfile.mkdtemp() + "/contacts.db").contacts.time_zone
        'UTC'
        """
        with self._read() as connection:
            zone: str = connection.execute(select(workspace.c.time_zone)).scalar_one()
        return zone

    def search(self, typed: str) -> Self:
        """The contacts of this query that what was `typed` finds.

        Every word has to match a name, channel identifier, channel name, phone, e-mail or tag; case and
        accents don't matter. One and two letters match at the start of a word, longer ones anywhere in it.
        Text of digits and punctuation alone is looked for as one number.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = ws.add_contact(first_name="Zoë", phone="+44 20 7946 0958")
        >>> ws.contacts.search("zoe 7946").count(), ws.contacts.search("020 7946").count()
        (1, 1)
        """
        return self._with(self.selection.searched(typed))

    def sort_by(self, column: str, *, descending: bool = False) -> Self:
        """The same contacts sorted by `column`, with empty values last in both directions.

        `column` is `id` or the key of a sortable table column: `name`, `phone`, `email`, `country` and
        `language` (by their English names), `last_interaction`, `last_interacted_channel`, `last_incoming`
        (ascending: the shortest time since the last incoming message first), `created_at`.
        Raises `InvalidValue` for any other.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = [ws.add_contact(first_name=name) for name in ("Cy", "Ann")]
        >>> list(ws.contacts.sort_by("name").page(0, 10)["name"])
        ['Ann', 'Cy']
        """
        return self._with(self.selection.sorted_by(column, descending=descending))

    def count(self) -> int:
        """How many contacts match.

        >>> import contacts_nb as cn, tempfile
        >>> cn.create(tempfile.mkdtemp() + "/contacts.db").contacts.count()
        0
        """
        with self._read() as connection:
            return connection.execute(self.selection.count()).scalar_one()

    # Python would try the ids 0, 1, 2 … of `__getitem__`; go through `rows`, `ids` or `to_frame` instead.
    __iter__ = None

    def __len__(self) -> int:
        return self.count()

    def __bool__(self) -> bool:
        # Without this, `if query:` would count.
        return True

    def ids(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The ids of all matching contacts in order, as an int64 array.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = ws.add_contact(first_name="Ann")
        >>> ws.contacts.ids().tolist()
        [1]
        """
        with self._read() as connection:
            return np.fromiter(connection.execute(self.selection.ids()).scalars(), dtype=np.int64)

    def rows(self, offset: int, limit: int) -> list[ContactRow]:
        """At most `limit` contacts from position `offset` (the first is 0) on, as rows of the table.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = ws.add_contact(first_name="Ann", tags=["vip"])
        >>> [(row.name, row.tags) for row in ws.contacts.rows(0, 100)]
        [('Ann', ('vip',))]
        """
        offset, limit = checked_count("offset", offset), checked_count("limit", limit)
        with self._read() as connection:
            return rows_between(connection, self.selection, offset, limit)

    def page(self, offset: int, limit: int) -> pd.DataFrame:
        """At most `limit` contacts from position `offset` (the first is 0) on, as `to_frame` gives them.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = [ws.add_contact(first_name=name) for name in ("Ann", "Bo", "Cy")]
        >>> list(ws.contacts.page(1, 100)["name"])
        ['Bo', 'Cy']
        """
        offset, limit = checked_count("offset", offset), checked_count("limit", limit)
        with self._read() as connection:
            return frame_of(connection, self.selection, offset, limit)

    def to_frame(self) -> pd.DataFrame:
        """All matching contacts as a pandas DataFrame, one row a contact, in order.

        Columns: `id` (int64); `name`, `first_name`, `last_name`, `phone`, `phone_e164`, `email`, `country`
        (ISO 3166-1 alpha-2), `language` (ISO 639-1) (str); `tags`, `channels` (lists of str, channels by
        source and last-interacted first); `last_interacted_channel` (str); `last_interaction`,
        `last_incoming`, `created_at` (datetime64[ms, UTC]).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = ws.add_contact(first_name="Ann", country="United Kingdom")
        >>> ws.contacts.to_frame()[["name", "country"]].to_dict("records")
        [{'name': 'Ann', 'country': 'GB'}]
        """
        with self._read() as connection:
            return frame_of(connection, self.selection)

    def get(self, contact_id: SupportsIndex) -> Contact | None:
        """The contact with this id whether or not it matches the query, or None.

        >>> import contacts_nb as cn, tempfile
        >>> cn.create(tempfile.mkdtemp() + "/contacts.db").contacts.get(42) is None
        True
        """
        return contact_with(self._read, operator.index(contact_id))

    def __getitem__(self, contact_id: SupportsIndex) -> Contact:
        contact = self.get(contact_id)
        if contact is None:
            raise ContactNotFound(contact_id)
        return contact

    def __repr__(self) -> str:
        return f"<{self.description()}>"

    def description(self) -> str:
        """What the query selects and how many that are, as text.

        >>> import contacts_nb as cn, tempfile
        >>> cn.create(tempfile.mkdtemp() + "/contacts.db").contacts.search("ann").description()
        '0 contacts matching “ann”'
        """
        count, selection = self.count(), self.selection
        text = f"{count:,} {'contact' if count == 1 else 'contacts'}"
        if selection.searches:
            text += " matching " + " and ".join(f"“{typed}”" for typed in selection.searches)
        if selection.sort != "id" or selection.descending:
            text += f", sorted by {selection.sort}{', descending' if selection.descending else ''}"
        return text

    def _with(self, selection: Selection) -> Self:
        return type(self)(self._read, selection)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        if notebook_view is not None:
            bundle |= notebook_view(self)._repr_mimebundle_(include=include, exclude=exclude)
        return bundle
