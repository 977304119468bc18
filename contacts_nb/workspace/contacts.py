"""`ws.contacts`: contacts that match, in order, with what can be done with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Self, SupportsIndex

from sqlalchemy import Connection, Select

from contacts_nb.exchange.exporting import exported_csv
from contacts_nb.model.errors import ContactNotFound, NotConfirmed
from contacts_nb.operations.delete import delete_contacts, doomed
from contacts_nb.operations.recording import Recording
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.queries.entries import entries_of
from contacts_nb.queries.selection import Selection
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.changes import Changeable
from contacts_nb.workspace.contact import Contact, contact_of
from contacts_nb.workspace.history import Operation


class Contacts(ContactQuery, Changeable):
    """Contacts that match and their order, with what can be done with them."""

    def __init__(self, access: Access, selection: Selection | None = None) -> None:
        super().__init__(access.read, selection, user_id=access.user_id, finder=access.finder)
        self._access = access

    def get(self, contact_id: SupportsIndex) -> Contact | None:
        found = super().get(contact_id)
        return None if found is None else contact_of(self._access, found)

    def __getitem__(self, contact_id: SupportsIndex) -> Contact:
        contact = self.get(contact_id)
        if contact is None:
            raise ContactNotFound(contact_id)
        return contact

    def delete(self, confirm: int | None = None) -> Operation:
        """Delete these contacts for ever, with their messages and history; this can't be undone.

        For more than one contact their number has to be given as `confirm`, and has to be right; otherwise
        `NotConfirmed` is raised, which says it.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> people = [ws.add_contact(first_name=name) for name in ("Ann", "Bo")]
        >>> ws.contacts.delete(confirm=2)
        <operation 3: delete, 2 contacts>
        """
        with self._access.operation("delete", kept=True) as recording:
            chosen = self._chosen(recording.connection)
            count = doomed(recording.connection, chosen).contacts
            if confirm != count and (count > 1 or confirm is not None):
                raise NotConfirmed(count, confirm)
            delete_contacts(recording, chosen)
        return Operation(self._access, recording.record)

    def to_csv(self, path: str | os.PathLike[str], *, progress: Callable[[int], None] | None = None) -> int:
        """Write all matching contacts to a CSV file at `path`, in order; gives how many there were.

        Columns: `id`, `first_name`, `last_name`, `phone` (as typed), `phone_e164`, `email`, `country`,
        `language`, `created_at` (UTC), `tags` (divided by commas). UTF-8; values that a spreadsheet would run
        as a formula have a `'` before them. `progress` gets the number of contacts written, now and then.
        Raises `UnwritableFile`, and `NotAllowed` for a user with `restrict_data_export`.

        >>> import contacts_nb as cn, tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> ws = cn.create(folder / "contacts.db")
        >>> added = ws.add_contact(first_name="Ann")
        >>> ws.contacts.to_csv(folder / "all.csv")
        1
        """
        with self._access.read("export") as connection:
            return exported_csv(path, entries_of(connection, self._resolved(connection)), progress)

    def _chosen(self, connection: Connection) -> Select[int]:
        return self._resolved(connection).ids().order_by(None)

    def _check_copy(self, recording: Recording, wanted: Mapping[str, object]) -> None:
        """A set is changed as it is now; there is no copy of it."""

    def _with(self, selection: Selection) -> Self:
        return type(self)(self._access, selection)
