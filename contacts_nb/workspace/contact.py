"""`ws.contacts[42]`: one contact as it was read, with what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import pandas as pd
from sqlalchemy import Connection, Select, select

from contacts_nb.model.errors import ContactNotFound, StaleContact
from contacts_nb.operations.delete import delete_contacts, receipt
from contacts_nb.operations.recording import Recording
from contacts_nb.queries.contact import Contact as ReadContact
from contacts_nb.queries.contact import contact_in
from contacts_nb.queries.events import events_of
from contacts_nb.queries.groups import present_id
from contacts_nb.queries.history import cell_changes
from contacts_nb.queries.merges import merges_in_force, names_of
from contacts_nb.queries.rows import checked_count
from contacts_nb.queries.threads import comments_of, conversations_of
from contacts_nb.store.schema import contacts
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.changes import Changeable
from contacts_nb.workspace.history import Operation, changes_frame
from contacts_nb.workspace.listing import moments, texts, whole_numbers


@dataclass(frozen=True, kw_only=True)
class Contact(ReadContact, Changeable):
    """One contact as it was when it was looked up.

    A change of a value that somebody else has changed since raises `StaleContact` and does nothing.
    """

    _access: Access = field(repr=False, compare=False)

    def delete(self) -> Operation:
        """Delete this contact for ever, with its messages and history; this can't be undone."""
        with self._access.operation("delete", kept=True) as recording:
            self._current(recording)
            receipt(recording, delete_contacts(recording, self._chosen(recording.connection)))
        return Operation(self._access, recording.record)

    def history(self, limit: int = 1_000) -> pd.DataFrame:
        """The changes of this contact, newest first, one row a cell.

        Columns: `operation` (int64), `at` (datetime, UTC), `user`, `what` (str), `contact_id` (int64), `cell`,
        `old`, `new` (str).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> _ = ann.update(first_name="Anna")
        >>> ann.history()[["cell", "old", "new"]].values.tolist()[0]
        ['first_name', 'Ann', 'Anna']
        """
        with self._access.read() as connection:
            return changes_frame(cell_changes(connection, checked_count("limit", limit), contact_id=self.id))

    def comments(self) -> pd.DataFrame:
        """The comments on this contact, oldest first: `at` (datetime, UTC), `user`, `text` (str)."""
        with self._access.read() as connection:
            return comments_of(connection, self.id)

    def conversations(self) -> pd.DataFrame:
        """The conversations with this contact, oldest first.

        Columns: `opened_at`, `closed_at` (datetime, UTC), `opened_by`, `closed_by`, `category`, `summary` (str).
        """
        with self._access.read() as connection:
            return conversations_of(connection, self.id)

    def merges(self) -> pd.DataFrame:
        """The merges that made this contact what it is, newest first; `ws.plan_unmerge` takes one apart.

        Columns: `merge` (int64, the number of the operation), `at` (datetime, UTC), `user` (str), `survivor`,
        `absorbed` (int64), `name` (str, of the absorbed one).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann, annie = ws.add_contact(first_name="Ann"), ws.add_contact(first_name="Annie")
        >>> _ = ws.plan_merge(ann, annie).apply()
        >>> ann.merges()[["survivor", "absorbed", "name"]].values.tolist()
        [[1, 2, 'Annie']]
        """
        with self._access.read() as connection:
            found = merges_in_force(connection, self.id)
            names = names_of(connection, [merge.absorbed_id for merge in found])
        return pd.DataFrame(
            {
                "merge": whole_numbers(merge.id for merge in found),
                "at": moments(merge.at for merge in found),
                "user": texts(merge.user for merge in found),
                "survivor": whole_numbers(merge.survivor_id for merge in found),
                "absorbed": whole_numbers(merge.absorbed_id for merge in found),
                "name": texts(names[merge.absorbed_id] for merge in found),
            }
        )

    def events(self, limit: int = 1_000) -> pd.DataFrame:
        """What happened to this contact and to all merged into it: the newest `limit` events, oldest first.

        Columns: `at` (datetime, UTC), `event`, `user`, `detail` (str).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> _ = ann.tag("vip")
        >>> ann.events()[["event", "detail"]].fillna("").values.tolist()
        [['created', ''], ['tag added', 'vip']]
        """
        with self._access.read() as connection:
            found = events_of(connection, self.id, checked_count("limit", limit))
        return pd.DataFrame(
            {
                "at": moments(event.at for event in found),
                "event": texts(event.event for event in found),
                "user": texts(event.user for event in found),
                "detail": texts(event.detail for event in found),
            }
        )

    def _chosen(self, connection: Connection) -> Select[int]:  # noqa: ARG002 - one contact needs no looking up
        return select(contacts.c.id).where(contacts.c.id == present_id(self.id))

    def _current(self, recording: Recording) -> ReadContact:
        return found_contact(self._access, recording.connection, self.id)

    def _check_copy(self, recording: Recording, wanted: Mapping[str, object]) -> None:
        current = self._current(recording)
        for name, value in wanted.items():
            slug = name.removeprefix("field ")
            if slug == name:
                copied, now = getattr(self, name), getattr(current, name)
            else:
                copied, now = self.fields.get(slug), current.fields.get(slug)
            if copied != now:
                raise StaleContact(self.id, slug, copied=copied, current=now, wanted=value)


def contact_of(access: Access, found: ReadContact) -> Contact:
    """`found` with what can be done with it."""
    return Contact(**{one.name: getattr(found, one.name) for one in fields(ReadContact)}, _access=access)


def found_contact(access: Access, connection: Connection, contact_id: int) -> Contact:
    """The contact with this id as `connection` sees it; raises `ContactNotFound`."""
    found = contact_in(connection, contact_id, access.read)
    if found is None:
        raise ContactNotFound(contact_id)
    return contact_of(access, found)
