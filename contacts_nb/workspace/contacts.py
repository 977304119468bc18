"""`ws.contacts`: contacts that match, in order, with what can be done with them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Self, SupportsIndex

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, func, select

from contacts_nb.exchange.export_columns import column_name, export_columns
from contacts_nb.exchange.exporting import Format, check_name, write_export
from contacts_nb.exchange.new_files import new_path
from contacts_nb.exchange.progress import Progress, counting
from contacts_nb.exchange.vcard_writer import PLACELESS
from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.errors import ContactNotFound, InvalidValue, NotConfirmed
from contacts_nb.model.filters import criteria_of
from contacts_nb.operations.delete import Doomed, delete_contacts, doomed, receipt
from contacts_nb.operations.recording import Recording
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.queries.entries import entries_of
from contacts_nb.queries.held import ids_found
from contacts_nb.queries.selection import ResolvedSelection, Selection
from contacts_nb.queries.settings import all_channels, all_fields
from contacts_nb.store.constructs import given_ids
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.changes import Changeable
from contacts_nb.workspace.contact import Contact, contact_of
from contacts_nb.workspace.delete_plan import DeletePlan
from contacts_nb.workspace.history import Operation
from contacts_nb.workspace.matching import Matching


class Contacts(ContactQuery, Changeable, Matching):
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

    def plan_delete(self) -> DeletePlan:
        """How much deleting these contacts would take away; nothing is changed. Raises `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> people = [ws.add_contact(first_name=name) for name in ("Ann", "Bo")]
        >>> ws.contacts.plan_delete()
        <deletion of 2 contacts and 0 messages for ever>
        """
        with self._access.read("delete") as connection:
            # Exactly these will go, whoever matches by then.
            ids = ContactIds(self._ids(connection, self._resolved(connection)))
            found = doomed(connection, given_ids(ids.text()))
        return DeletePlan(found.contacts, found.messages, self.with_ids(ids))

    def delete(self, confirm: int | None = None, *, progress: Progress = True) -> Operation:
        """Delete these contacts for ever, with their messages and history; this can't be undone.

        For more than one contact their number has to be given as `confirm`, and has to be right; otherwise
        `NotConfirmed` is raised, which says it. `progress` is as for `tag`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> people = [ws.add_contact(first_name=name) for name in ("Ann", "Bo")]
        >>> ws.contacts.delete(confirm=2)
        <operation 3: delete, 2 contacts>
        """
        with self._access.operation("delete", kept=True) as recording:
            count = recording.connection.execute(
                select(func.count()).select_from(self._chosen(recording.connection).subquery())
            ).scalar_one()
            if confirm != count and (count > 1 or confirm is not None):
                raise NotConfirmed(count, confirm)
            gone = Doomed(0, 0)
            for some in self._parts(recording, "Deleting", progress):
                deleted = delete_contacts(recording, some)
                gone = Doomed(gone.contacts + deleted.contacts, gone.messages + deleted.messages)
            receipt(recording, gone)
        return Operation(self._access, recording.record)

    def to_csv(
        self,
        path: str | os.PathLike[str],
        *,
        columns: Iterable[str] | None = None,
        raw: bool = False,
        progress: Progress = True,
    ) -> int:
        """Write all matching contacts to a CSV file at `path`, in order; gives how many there were.

        `columns` are those that are wanted, in their order: `id`, `name`, `first_name`, `last_name`, `phone` (as
        typed), `phone_e164`, `email`, `country`, `language`, `picture`, `tags` (divided by commas), `assignee`
        (e-mail), `team`, `conversation_status` (open, closed or empty), `last_interacted_channel`,
        `last_interaction`, `last_incoming`, `created_at` and `conversation_opened` (ISO 8601, UTC), custom fields
        by slug, and `channel:` with the name of a channel for the identifiers on it (divided by ` ::: `). None
        means what makes up a contact, with all custom fields and channels.

        UTF-8; values that a spreadsheet would run as a formula have a `'` before them, which imports take away.
        With `raw` cells are as they are: for programs, not for spreadsheets. `progress` is False for no bar, or
        is called with the number of contacts written and their total. The export is recorded in history.
        Raises `UnwritableFile`, `NotFound` and `InvalidValue` for columns, and `NotAllowed` for a user with
        `restrict_data_export`.

        >>> import contacts_nb as cn, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp(), "all.csv")
        >>> ws = cn.create(file.with_name("contacts.db"))
        >>> added = ws.add_contact(first_name="Ann", tags=["vip", "press"])
        >>> ws.contacts.to_csv(file, columns=["first_name", "tags"])
        1
        >>> file.read_text().splitlines()
        ['first_name,tags', 'Ann,"press, vip"']
        """
        return self._export(path, Format.CSV, columns, progress, raw=raw)

    def to_xlsx(
        self,
        path: str | os.PathLike[str],
        *,
        columns: Iterable[str] | None = None,
        raw: bool = False,
        progress: Progress = True,
    ) -> int:
        """Write all matching contacts to an XLSX file at `path`, as `to_csv` does; gives how many there were.

        Every text is a text, never a formula; the id and custom numbers are numbers where a spreadsheet shows them
        exactly. What looks like a formula stays a text even when it is edited, unless `raw`. Characters that XML
        can't say are written as Excel writes them, such as `_x0001_`.
        Raises as `to_csv` does; `UnwritableFile` also for more than 1,048,575 contacts, before anything is
        written, and for a cell of more than 32,767 characters.

        >>> import contacts_nb as cn, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> ws = cn.create(f"{folder}/contacts.db")
        >>> added = ws.add_contact(first_name="Ann")
        >>> ws.contacts.to_xlsx(f"{folder}/all.xlsx")
        1
        """
        return self._export(path, Format.XLSX, columns, progress, raw=raw)

    def to_vcard(
        self,
        path: str | os.PathLike[str],
        *,
        columns: Iterable[str] | None = None,
        version: Literal["3.0", "4.0"] = "3.0",
        progress: Progress = True,
    ) -> int:
        """Write all matching contacts as cards to a vCard file at `path`; gives how many there were.

        `columns` are those of `to_csv` that are to be in the cards; times, conversation status and last channel
        have no place there. What vCard has no property for, such as custom fields, is in properties whose names
        begin with `X-`, which imports read. Control characters are left out.
        Raises as `to_csv` does.

        >>> import contacts_nb as cn, tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp(), "all.vcf")
        >>> ws = cn.create(file.with_name("contacts.db"))
        >>> added = ws.add_contact(first_name="Ann", last_name="Lee")
        >>> ws.contacts.to_vcard(file, version="4.0")
        1
        >>> file.read_text().splitlines()[1:4]
        ['VERSION:4.0', 'FN:Ann Lee', 'N:Lee;Ann;;;']
        """
        kinds = {"3.0": Format.VCARD3, "4.0": Format.VCARD4}
        if version not in kinds:
            raise InvalidValue("version", version, "is not a version of vCard that is written; give 3.0 or 4.0")
        return self._export(path, kinds[version], columns, progress)

    def _export(
        self,
        path: str | os.PathLike[str],
        kind: Format,
        columns: Iterable[str] | None,
        progress: Progress,
        *,
        raw: bool = False,
    ) -> int:
        check_name(path, kind)
        with new_path(path) as draft:
            # Others can write while contacts are read; the export is recorded before the file is there.
            with self._access.read("export") as connection:
                chosen = export_columns(
                    columns, all_fields(connection), all_channels(connection), PLACELESS if kind.is_card else ()
                )
                selection = self._resolved(connection)
                ids = self._ids(connection, selection)
                label = f"Exporting to {Path(path).name}"
                with counting(
                    progress, label, "contacts", len(ids), "The export was stopped; no file was written."
                ) as told:
                    parts = entries_of(connection, ids, chosen)
                    write_export(draft, kind, chosen, parts, total=len(ids), raw=raw, told=told)
            details = {
                "format": kind.value,
                "columns": [column_name(column) for column in chosen],
                # Without values: those may be someone's name or address, and history outlives them.
                "filter": [f"{one.name} {one.operator}" for one in criteria_of(self.selection.filter)],
                "search": bool(self.selection.searches),
            }
            with self._access.operation("export", details, kept=True) as recording:
                recording.contacts = len(ids)
        return len(ids)

    def _ids(self, connection: Connection, selection: ResolvedSelection) -> NDArray[np.int64]:
        # Columns that aren't in memory yet take longer to get there than ids to be read, so they aren't asked for.
        held = None if self._finder.held is None else self._finder.ids(connection, selection)
        return ids_found(connection, selection.ids()) if held is None else held

    def _chosen(self, connection: Connection) -> Select[int]:
        return self._resolved(connection).ids().order_by(None)

    def _check_copy(self, recording: Recording, wanted: Mapping[str, object]) -> None:
        """A set is changed as it is now; there is no copy of it."""

    def _with(self, selection: Selection) -> Self:
        return type(self)(self._access, selection)
