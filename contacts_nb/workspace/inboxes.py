"""`ws.inboxes`: what the table can show, by name; filters are saved as inboxes here."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.filters import Criterion, Filter
from contacts_nb.model.inboxes import InboxKind, SavedInbox, Sharing
from contacts_nb.model.people import refusal
from contacts_nb.operations.inboxes import remove_inbox, save_inbox, update_inbox
from contacts_nb.operations.settings_rows import KEEP, Keep
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.queries.inboxes import all_inboxes, inbox_with
from contacts_nb.queries.selection import Selection
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.listing import Listing, texts, whole_numbers


class Inbox:
    """One inbox as it was when it was looked up; its contacts are found when they are asked for.

    `kind` is "standard", "team" or "custom". Of a custom one, `creator` is the e-mail address, `mine` tells
    whether that is who looks, `sharing` is "private", "public" or "shared", and then `users` and `teams` say with
    whom.
    """

    def __init__(self, access: Access, saved: SavedInbox) -> None:
        self._access = access
        self._saved = saved
        self.id, self.name, self.kind, self.filter = saved.id, saved.name, saved.kind, saved.filter
        self.creator, self.mine, self.sharing = saved.creator, saved.mine, saved.sharing
        self.users, self.teams = saved.users, saved.teams

    @property
    def contacts(self) -> Contacts:
        """The contacts of the inbox, to be searched, sorted, read and changed.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> ws.inboxes["Unassigned"].contacts
        <1 contact: there is no assignee>
        """
        return Contacts(self._access, Selection().filtered(self.filter, missing_ok=True))

    def count(self) -> int:
        """How many contacts are in it now."""
        return self.contacts.count()

    def broken(self) -> tuple[Criterion, ...]:
        """The criteria of its filter that name what isn't there any more; they match nobody."""
        return self.contacts.broken()

    def __repr__(self) -> str:
        return f"<inbox {self.name}: {self.filter}>"


class Inboxes(Listing[Inbox]):
    """The inboxes that the user sees, by name, in any case: `ws.inboxes["All"]`, `ws.inboxes["Team / Sales"]`.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb import F
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> ann = ws.add_contact(first_name="Ann", country="GB")
    >>> _ = ws.inboxes.save("British", ws.contacts.where(F.country == "GB"))
    >>> [inbox.name for inbox in ws.inboxes]
    ['All', 'Mine', 'Unassigned', 'British']
    >>> ws.inboxes["british"].count()
    1
    """

    _plural = "inboxes"

    def to_frame(self) -> pd.DataFrame:
        """All inboxes that the user sees as a table, one a row.

        Columns: `name`, `kind`, `creator`, `sharing`, `filter` (str, a sentence); `contacts` (int64).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.inboxes.to_frame()["contacts"].tolist()
        [0, 0, 0]
        """
        inboxes = list(self)
        return pd.DataFrame(
            {
                "name": texts(inbox.name for inbox in inboxes),
                "kind": texts(inbox.kind.value for inbox in inboxes),
                "creator": texts(inbox.creator for inbox in inboxes),
                "sharing": texts(
                    inbox.sharing.value if inbox.kind is InboxKind.CUSTOM else None for inbox in inboxes
                ),
                "filter": texts(str(inbox.filter) for inbox in inboxes),
                "contacts": whole_numbers(inbox.count() for inbox in inboxes),
            }
        )

    def save(
        self, name: str, contacts: ContactQuery | Filter, *, share: str | Iterable[str] = Sharing.PRIVATE.value
    ) -> Inbox:
        """Save a filter, or that of a query, as an inbox of one's own.

        `share` is "private", "public", or a list of e-mail addresses of users and names of teams. Raises
        `InvalidValue` for a name that is taken and for a query that searches, because what was typed is no part of
        an inbox; `NotFound` for what the filter or `share` names and isn't there; `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb import F
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.inboxes.save("British", F.country == "GB", share="public")
        <inbox British: Country is United Kingdom>
        """
        tree = _filter_of(contacts)
        with self._access.operation("save_inbox") as recording:
            return Inbox(self._access, save_inbox(recording, name, tree, share))

    def update(
        self,
        name: str | int,
        *,
        new_name: str | Keep = KEEP,
        contacts: ContactQuery | Filter | Keep = KEEP,
        share: str | Iterable[str] | Keep = KEEP,
    ) -> Inbox:
        """Change the name, the filter or the sharing of an inbox of one's own; raises as `save` does.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb import F
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> _ = ws.inboxes.save("British", F.country == "GB")
        >>> ws.inboxes.update("British", new_name="French", contacts=F.country == "FR")
        <inbox French: Country is France>
        """
        tree = contacts if isinstance(contacts, Keep) else _filter_of(contacts)
        with self._access.operation("update_inbox") as recording:
            inbox = inbox_with(recording.connection, self._access.user_id, name)
            return Inbox(self._access, update_inbox(recording, inbox, name=new_name, tree=tree, share=share))

    def remove(self, name: str | int) -> None:
        """Remove a saved inbox; its contacts stay. Raises `InvalidValue`, `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb import F
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> _ = ws.inboxes.save("British", F.country == "GB")
        >>> ws.inboxes.remove("British")
        >>> "British" in ws.inboxes
        False
        """
        with self._access.operation("remove_inbox") as recording:
            remove_inbox(recording, inbox_with(recording.connection, self._access.user_id, name))

    def _all(self, connection: Connection) -> list[Inbox]:
        return [Inbox(self._access, saved) for saved in all_inboxes(connection, self._access.user_id)]

    def _named(self, connection: Connection, name: object) -> Inbox:
        return Inbox(self._access, inbox_with(connection, self._access.user_id, name))


def _filter_of(contacts: ContactQuery | Filter) -> Filter:
    if isinstance(contacts, Filter):
        return contacts
    if not isinstance(contacts, ContactQuery):
        raise refusal(
            "contacts", contacts, "is neither a query nor a filter; give one such as ws.contacts.where(…)"
        )
    if contacts.selection.searches:
        typed = " ".join(contacts.selection.searches)
        raise InvalidValue("search", typed, "can't be saved in an inbox; use a filter instead, such as contains()")
    if contacts.selection.ids is not None:
        raise InvalidValue(
            "contacts", None, "were chosen by their ids, which is no filter; tag them, and save that"
        )
    return contacts.selection.filter
