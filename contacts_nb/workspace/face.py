"""The face: what a notebook author types. All reading and writing of a workspace goes through here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd
from sqlalchemy import Column, Connection, select

from contacts_nb.exchange.files import same_file
from contacts_nb.exchange.importing import Importing, ImportResult
from contacts_nb.exchange.reading import read_contacts
from contacts_nb.exchange.rejected import rejected_path, write_rejected
from contacts_nb.model.draft import drafted
from contacts_nb.model.errors import UnwritableFile
from contacts_nb.model.messages import messages_drafted
from contacts_nb.model.people import User
from contacts_nb.model.phones import checked_region
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.fill import Batch, Phase, Row, fill
from contacts_nb.operations.garbage import collector_paused
from contacts_nb.operations.record_messages import record_messages
from contacts_nb.operations.settings_rows import KEEP, Keep
from contacts_nb.operations.workspace_settings import update_workspace
from contacts_nb.queries.check import Inconsistency, inconsistencies, search_index_inconsistencies
from contacts_nb.queries.settings import field_with, team_with, user_with
from contacts_nb.store.schema import workspace as workspace_table
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.contact import Contact, found_contact
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.history import History, Operation
from contacts_nb.workspace.people import Teams, Users
from contacts_nb.workspace.settings import Channels, Fields, Tags


class Workspace:
    """A workspace that is open: its contacts, and what can be done with them.

    `backup` is the path of the copy made before an upgrade at opening, or None. As a context manager it
    closes itself.

    >>> import contacts_nb as cn, tempfile
    >>> with cn.create(tempfile.mkdtemp() + "/contacts.db", name="Acme") as ws:
    ...     ws.name, ws.time_zone, ws.phone_region
    ('Acme', 'UTC', None)
    """

    def __init__(self, access: Access, backup: Path | None = None) -> None:
        self._access = access
        self._database = access.database
        self.backup = backup
        with access.read():
            pass  # whoever may not read is refused at once

    @property
    def name(self) -> str:
        """What the workspace is called."""
        name: str = self._setting(workspace_table.c.name)
        return name

    @property
    def time_zone(self) -> str:
        """The time zone, by its IANA name, whose days filters mean."""
        name: str = self._setting(workspace_table.c.time_zone)
        return name

    @property
    def phone_region(self) -> str | None:
        """The region (ISO 3166-1 alpha-2) of phones without `+`, or None."""
        region: str | None = self._setting(workspace_table.c.phone_region)
        return region

    def _setting(self, column: Column[Any]) -> Any:
        with self._access.read() as connection:
            return connection.execute(select(column)).scalar_one()

    @property
    def path(self) -> Path | None:
        """The file the workspace is in; None on a server."""
        return self._database.path

    @property
    def address(self) -> str:
        """Where the workspace is, as it may be shown: the path of its file, or a URL without password.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.address == str(ws.path)
        True
        """
        return self._database.address

    @property
    def contacts(self) -> Contacts:
        """All contacts, to be searched, sorted and read; `ws.contacts[42]` is one of them.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> ws.contacts[ann.id].name
        'Ann'
        """
        return Contacts(self._access)

    @property
    def user(self) -> User | None:
        """Who has opened the workspace, as of now; None where it has no users.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db", owner="ana@acme.example")
        >>> ws.user.name, str(ws.user.role)
        ('ana', 'owner')
        """
        with self._access.read() as connection:
            return self._access.user(connection)

    @property
    def history(self) -> History:
        """All that was done here: `ws.history()` lists it, `ws.history[17]` is one operation, which can be undone.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> list(ws.history()["operation"])
        ['add']
        """
        return History(self._access)

    @property
    def users(self) -> Users:
        """The people who work here: to be listed, found by name, added, changed and removed.

        >>> import contacts_nb as cn, tempfile
        >>> len(cn.create(tempfile.mkdtemp() + "/contacts.db").users)
        0
        """
        return Users(self._access)

    @property
    def teams(self) -> Teams:
        """Named groups of users: to be listed, found by name, added, changed and removed.

        >>> import contacts_nb as cn, tempfile
        >>> len(cn.create(tempfile.mkdtemp() + "/contacts.db").teams)
        0
        """
        return Teams(self._access)

    @property
    def channels(self) -> Channels:
        """The connected messaging accounts: to be listed, found by name, added, changed and removed.

        >>> import contacts_nb as cn, tempfile
        >>> len(cn.create(tempfile.mkdtemp() + "/contacts.db").channels)
        0
        """
        return Channels(self._access)

    @property
    def tags(self) -> Tags:
        """The tags that contacts may have: to be listed, found by name, added, changed and removed.

        >>> import contacts_nb as cn, tempfile
        >>> len(cn.create(tempfile.mkdtemp() + "/contacts.db").tags)
        0
        """
        return Tags(self._access)

    @property
    def fields(self) -> Fields:
        """The custom fields of contacts: to be listed, found by name, added, changed and removed.

        >>> import contacts_nb as cn, tempfile
        >>> len(cn.create(tempfile.mkdtemp() + "/contacts.db").fields)
        0
        """
        return Fields(self._access)

    def add_contact(
        self,
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        country: str | None = None,
        language: str | None = None,
        picture: str | None = None,
        tags: Iterable[str] = (),
        fields: Mapping[str, object] | None = None,
        assignee: str | None = None,
        team: str | None = None,
    ) -> Contact:
        """Add one contact and give it back; at least one of name, phone and e-mail is needed.

        A `phone` without `+` is read in the workspace's phone region. `country` and `language` are given by
        ISO code or by name, `picture` by its web address, `fields` are values of custom fields by their slugs,
        `assignee` is the e-mail address of a user and `team` a name. Tags that don't exist yet are made. Raises
        `InvalidValue`, and `NotFound` for a field, user or team that doesn't exist.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db", phone_region="GB")
        >>> ws.add_contact(first_name="Ann", phone="020 7946 0958", tags=["vip"]).phone_e164
        '+442079460958'
        """
        with self._access.operation("add") as recording:
            draft = drafted(
                first_name=first_name,
                last_name=last_name,
                phone=phone,
                email=email,
                country=country,
                language=language,
                picture=picture,
                tags=tags,
                fields={field_with(recording.connection, slug): value for slug, value in (fields or {}).items()},
                assignee=None if assignee is None else user_with(recording.connection, assignee),
                team=None if team is None else team_with(recording.connection, team),
                region=_region(recording.connection),
            )
            (contact_id,) = added_contacts(recording, [draft])
            return found_contact(self._access, recording.connection, contact_id)

    def import_file(
        self,
        path: str | os.PathLike[str],
        *,
        columns: Mapping[str, str] | None = None,
        region: str | None = None,
        encoding: str | None = None,
        rejected: str | os.PathLike[str] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> ImportResult:
        r"""Add the contacts in a CSV or vCard file; all of them or, on any error, none.

        Headers of Google Contacts, of Outlook and plain ones are known; `columns` names the field of other
        columns (`{"surname": "last_name"}`). Phones without `+` are read in `region`, or else in the
        workspace's phone region. `encoding` is needed only where the guess is wrong.

        A record that breaks a rule is rejected: those go to the file `rejected` with the reasons (in the
        current folder unless given), to be corrected and imported again. A record that a contact
        has word for word is already there and isn't added twice. `progress` gets the number of records done.

        Raises `UnreadableFile`, `UnwritableFile` and `InvalidValue`.

        >>> import contacts_nb as cn, tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "people.csv").write_text("name,phone\nAnn Smith,020 7946 0958\n")
        >>> ws = cn.create(folder / "contacts.db")
        >>> print(ws.import_file(folder / "people.csv", region="GB"))
        people.csv: 1 added, 0 rejected
        """
        if rejected is not None and same_file(rejected, path):
            raise UnwritableFile(f"{rejected} is what is imported. Give another name for what is rejected.")
        source = read_contacts(path, columns=columns, encoding=encoding)
        importing = Importing(source, checked_region(region) or self.phone_region)
        with self._access.operation("import") as recording:
            importing.run(recording, progress)
            rejected_file = None
            if importing.rejected:
                # Before the commit: what can't be written down must not be lost behind contacts already added.
                rejected_file = (
                    Path(rejected)
                    if rejected is not None
                    else rejected_path(path, Path.cwd(), cards=not source.header)
                )
                write_rejected(rejected_file, source, importing.rejected)
        return importing.result(rejected_file)

    def record_messages(self, records: pd.DataFrame | Iterable[Mapping[str, object]]) -> Operation:
        """Record messages, each once; somebody who isn't known yet becomes a contact by their channel's profile.

        Each record has `channel` (name), `identifier`, `direction` (`incoming` or `outgoing`), `text` and
        `sent_at` (with a time zone), and may have `profile_name`, `picture`, and, if outgoing, `sender` (e-mail of
        a user) and `status` (`sent`, `delivered`, `read`, `failed`). A message that is there already isn't
        recorded again, but takes a new status. All of them or, on any error, none. Raises `InvalidValue` and
        `NotFound`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> shop = ws.channels.add("Shop", "sms")
        >>> hello = {"channel": "Shop", "identifier": "+442079460958", "direction": "incoming", "text": "Hello",
        ...          "sent_at": "2026-03-02T12:00:00Z", "profile_name": "Ann"}
        >>> ws.record_messages([hello]).contacts
        1
        """
        with collector_paused():
            drafts = messages_drafted(records)
            with self._access.operation("record_messages") as recording:
                record_messages(recording, drafts, _region(recording.connection))
        return Operation(self._access, recording.record)

    def update(
        self,
        *,
        name: str | Keep = KEEP,
        time_zone: str | Keep = KEEP,
        phone_region: str | Keep | None = KEEP,
    ) -> Operation:
        """Change what is given of the workspace's settings; phones that are there stay as they are.

        Raises `InvalidValue`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> _ = ws.update(name="Acme")
        >>> ws.name
        'Acme'
        """
        with self._access.operation("update_workspace") as recording:
            update_workspace(recording, name=name, time_zone=time_zone, phone_region=phone_region)
        return Operation(self._access, recording.record)

    def check(self, progress: Callable[[str, int], None] | None = None) -> list[Inconsistency]:
        """Walk the whole workspace and list what contradicts something else; an empty list is as it should be.

        References, derived columns, the search index, history against what is there, and names that must be
        unique are looked at. `progress` gets the stage and how far it is.

        >>> import contacts_nb as cn, tempfile
        >>> cn.create(tempfile.mkdtemp() + "/contacts.db").check()
        []
        """
        with self._access.read() as connection:
            found = list(inconsistencies(connection, progress))
        with self._database.write() as connection:
            found += search_index_inconsistencies(connection)
        return found

    def fill(
        self,
        *,
        settings: Mapping[str, Sequence[Row]],
        batches: Iterable[Batch],
        progress: Callable[[Phase, int], None] | None = None,
    ) -> None:
        """Load a whole prepared population into this workspace, which must be new; all of it or nothing.

        Rows are checked by the database alone: `operations.fill` says what each must hold. Made for demo data
        and for moving in from another system. Raises `WorkspaceError` if anything was ever added here.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.fill(settings={"channels": [(1, "Shop", "shop", "sms", 0)]}, batches=[])
        >>> ws.contacts.count()
        0
        """
        with self._access.operation("fill", kept=True) as recording:
            recording.contacts = fill(
                recording.connection, self.address, settings=settings, batches=batches, progress=progress
            )

    def close(self) -> None:
        """Give all connections back; nothing is lost by not calling this."""
        self._access.finder.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        count = self.contacts.count()
        return f"<Workspace {self.name!r}: {count:,} {'contact' if count == 1 else 'contacts'}>"


def _region(connection: Connection) -> str | None:
    region: str | None = connection.execute(select(workspace_table.c.phone_region)).scalar_one()
    return region
