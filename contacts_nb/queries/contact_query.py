"""What `ws.contacts` is: contacts to be looked for, narrowed and ordered step by step, read when asked.

A query is cheap to make and never changes; `search` and `sort_by` give new ones. Every answer is read from
the database at the moment of asking.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, Self, SupportsIndex

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from contacts_nb.model.columns import is_standard_sort
from contacts_nb.model.contact import ContactRow
from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.errors import ContactNotFound
from contacts_nb.model.filters import EVERYONE, HOW_TO_JOIN, Criterion, Filter, criteria_of
from contacts_nb.model.people import refusal
from contacts_nb.queries.bound_sql import BoundSql, bound_sql, plan_of
from contacts_nb.queries.contact import Contact, Reader, contact_with
from contacts_nb.queries.finder import Finder
from contacts_nb.queries.frames import frame_of
from contacts_nb.queries.held import ids_found
from contacts_nb.queries.history import version_of
from contacts_nb.queries.message_frames import messages_of
from contacts_nb.queries.rows import LARGEST_INTEGER, checked_count, rows_between, rows_of
from contacts_nb.queries.selection import ResolvedSelection, Selection
from contacts_nb.queries.settings import all_fields
from contacts_nb.queries.sorting import sort_key
from contacts_nb.queries.terms import resolved
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

    def __init__(
        self,
        read: Reader,
        selection: Selection | None = None,
        *,
        user_id: int | None = None,
        finder: Finder | None = None,
    ) -> None:
        self._read = read
        self._finder = finder or Finder(read)
        self._user_id = user_id
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

    def where(self, filter: Filter, *, missing_ok: bool = False) -> Self:  # noqa: A002 - the word of the domain
        """The contacts of this query that `filter`, made with `F`, means.

        A tag, user, team, channel or field that isn't there raises `NotFound` when the query is read; with
        `missing_ok` its criterion is broken instead: neither it nor its opposite matches anyone.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb import F
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = [ws.add_contact(first_name=name, tags=["vip"]) for name in ("Ann", "Bo")]
        >>> ws.contacts.where(F.tags.has_any("vip") & ~(F.first_name == "bo"))
        <1 contact: tags have any of vip and not (first name is “bo”)>
        """
        if not isinstance(filter, Filter):
            raise refusal("filter", filter, f"is not a filter; {HOW_TO_JOIN}")
        return self._with(self.selection.filtered(filter, missing_ok=missing_ok))

    def broken(self) -> tuple[Criterion, ...]:
        """The criteria of the filter that name what isn't there any more, or what its type lacks.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb import F
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.contacts.where(F.tags.has_any("gone"), missing_ok=True).broken()
        (F.tags.has_any('gone'),)
        """
        with self._read() as connection:
            _, terms = resolved(connection, self.selection.filter, self._user_id, missing_ok=True)
        return tuple(one for one in dict.fromkeys(criteria_of(self.selection.filter)) if one in terms.broken)

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

        `column` is `id`, the key of a sortable table column, or the slug of a custom field. Keys are `name`,
        `phone`, `email`, `country` and `language` (by their English names), `last_interaction`,
        `last_interacted_channel`, `last_incoming` (ascending: the shortest time since the last incoming message
        first), `created_at`, `conversation_status` (closed, open), `assignee` and `team` (by name). Values of a
        list field come in the order in which they are offered.
        Raises `InvalidValue` for any other, and `NotFound` for a field that doesn't exist.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = [ws.add_contact(first_name=name) for name in ("Cy", "Ann")]
        >>> list(ws.contacts.sort_by("name").page(0, 10)["name"])
        ['Ann', 'Cy']
        """
        selection = self.selection.sorted_by(column, descending=descending)
        if not is_standard_sort(column):
            with self._read() as connection:
                sort_key(connection, column, {field.slug: field for field in all_fields(connection)})
        return self._with(selection)

    def with_ids(self, ids: Iterable[SupportsIndex] | ContactIds) -> Self:
        """The contacts of this query that have one of these ids; those that are gone or merged away are left out.

        Raises `InvalidValue` for what is no whole number.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = [ws.add_contact(first_name=name) for name in ("Ann", "Bo", "Cy")]
        >>> list(ws.contacts.with_ids([3, 1]).sort_by("name").page(0, 10)["name"])
        ['Ann', 'Cy']
        """
        return self._with(self.selection.among(ids if isinstance(ids, ContactIds) else ContactIds(ids)))

    def count(self) -> int:
        """How many contacts match.

        >>> import contacts_nb as cn, tempfile
        >>> cn.create(tempfile.mkdtemp() + "/contacts.db").contacts.count()
        0
        """
        with self._read() as connection:
            selection = self._resolved(connection)
            held = self._finder.count(connection, selection)
            return connection.execute(selection.count()).scalar_one() if held is None else held

    # Python would try the ids 0, 1, 2 … of `__getitem__`; go through `rows`, `ids` or `to_frame` instead.
    __iter__ = None

    def __len__(self) -> int:
        return self.count()

    def __bool__(self) -> bool:
        # Without this, `if query:` would count.
        return True

    def ids(self, offset: int = 0, limit: int | None = None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The ids of matching contacts in order, as an int64 array: all, or `limit` from position `offset` on.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = ws.add_contact(first_name="Ann")
        >>> ws.contacts.ids().tolist()
        [1]
        """
        offset = checked_count("offset", offset)
        limit = None if limit is None else checked_count("limit", limit)
        with self._read() as connection:
            selection = self._resolved(connection)
            held = self._finder.ids(connection, selection, offset, limit)
            if held is not None:
                return held
            statement = selection.ids()
            if offset or limit is not None:
                statement = statement.limit(LARGEST_INTEGER if limit is None else limit).offset(offset)
            return ids_found(connection, statement)

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
            selection = self._resolved(connection)
            held = self._finder.ids(connection, selection, offset, limit)
            if held is None:
                return rows_between(connection, selection, offset, limit)
            return rows_of(connection, held.tolist())

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
            return frame_of(connection, self._resolved(connection), offset, limit)

    def to_frame(self, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """All matching contacts as a pandas DataFrame, one row a contact, in order.

        `columns` are the names of those that are wanted, in their order; only they are read. None means all, first
        those of every contact: `id` (int64); `name`, `first_name`, `last_name`, `phone`, `phone_e164`, `email`,
        `country` (ISO 3166-1 alpha-2), `language` (ISO 639-1) (str); `tags`, `channels` (lists of str, channels by
        source and last-interacted first); `last_interacted_channel` (str); `last_interaction`, `last_incoming`,
        `created_at` (datetime64[ms, UTC]); `assignee` (e-mail), `team` (str); `conversation_open` (bool);
        `conversation_opened` (datetime64[ms, UTC]). Then each custom field by its slug: numbers as float64,
        checkboxes as boolean, dates as datetime64[s], all others, times of day too, as str. What a contact
        doesn't have is NaN, NaT, NA or an empty list.
        Raises `InvalidValue` for a column that isn't there or comes twice, and for no columns at all.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> added = ws.add_contact(first_name="Ann", country="United Kingdom")
        >>> ws.contacts.to_frame(["name", "country", "tags"]).to_dict("records")
        [{'name': 'Ann', 'country': 'GB', 'tags': []}]
        """
        with self._read() as connection:
            return frame_of(connection, self._resolved(connection), columns=columns)

    def messages(self, *, text: bool = True) -> pd.DataFrame:
        """All messages of the matching contacts as a pandas DataFrame, one row a message, oldest first.

        Columns: `contact_id` (int64), `sent_at` (datetime64[ms, UTC]), `channel`, `source` (str), `incoming`
        (bool), `text` (str), `sender` (str, e-mail of the user), `status` (str: sent, delivered, read, failed).
        Without `text` that column, mostly the largest, isn't read. Those of contacts that were merged are the
        survivor's.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> shop = ws.channels.add("Shop", "sms")
        >>> hello = {"channel": "Shop", "identifier": "+442079460958", "direction": "incoming", "text": "Hello",
        ...          "sent_at": "2026-03-02T12:00:00Z"}
        >>> _ = ws.record_messages([hello])
        >>> ws.contacts.messages()[["contact_id", "channel", "incoming", "text"]].values.tolist()
        [[1, 'Shop', True, 'Hello']]
        """
        with self._read() as connection:
            return messages_of(connection, self._resolved(connection), text=text)

    def version(self) -> int:
        """The number of the newest operation in the workspace: while it stays, so does every answer.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> before = ws.contacts.version()
        >>> added = ws.add_contact(first_name="Ann")
        >>> ws.contacts.version() > before
        True
        """
        with self._read() as connection:
            return version_of(connection)

    def sql(self) -> BoundSql:
        """The SQL that finds the ids of this query in order, with the values that are bound shown apart.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb import F
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> dict(ws.contacts.where(F.country == "GB").sql().values)
        {'country_1_1': 'GB'}
        """
        with self._read() as connection:
            return bound_sql(connection, self._resolved(connection).ids())

    def explain(self) -> str:
        """The plan by which the database would find the ids of this query, in its own words.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> print(ws.contacts.sort_by("name").explain())
        SCAN contacts USING COVERING INDEX ix_contacts_sort_name
        """
        with self._read() as connection:
            return plan_of(connection, self._resolved(connection).ids())

    def get(self, contact_id: SupportsIndex) -> Contact | None:
        """The contact with this id whether or not it matches the query, or None.

        Of one that was merged away, whom it was merged into.

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
        if selection.ids is not None:
            text += f" among {len(selection.ids):,} that were chosen"
        if selection.filter != EVERYONE:
            said = str(selection.filter)
            text += f": {said[:1].lower()}{said[1:]}"
        if selection.searches:
            text += " matching " + " and ".join(f"“{typed}”" for typed in selection.searches)
        if selection.sort != "id" or selection.descending:
            text += f", sorted by {selection.sort}{', descending' if selection.descending else ''}"
        return text

    def _with(self, selection: Selection) -> Self:
        return type(self)(self._read, selection, user_id=self._user_id, finder=self._finder)

    def _resolved(self, connection: Connection) -> ResolvedSelection:
        return self.selection.resolved(connection, self._user_id)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        if notebook_view is not None:
            bundle |= notebook_view(self)._repr_mimebundle_(include=include, exclude=exclude)
        return bundle
