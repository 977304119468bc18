"""The face: what a notebook author types. All reading and writing of a workspace goes through here."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd
from sqlalchemy import Column, Connection, select

from contacts_nb.exchange.progress import Progress
from contacts_nb.model.draft import drafted
from contacts_nb.model.messages import messages_drafted
from contacts_nb.model.people import User
from contacts_nb.model.rights import RIGHTS
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.fill import Batch, Phase, Row, fill
from contacts_nb.operations.garbage import collector_paused
from contacts_nb.operations.record_messages import record_messages
from contacts_nb.operations.settings_rows import KEEP, Keep
from contacts_nb.operations.workspace_settings import update_workspace
from contacts_nb.queries.check import Inconsistency, inconsistencies, search_index_inconsistencies
from contacts_nb.queries.rows import checked_count
from contacts_nb.queries.settings import field_with, team_with, user_with
from contacts_nb.store.schema import workspace as workspace_table
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.backup import WorkspaceCopy, back_up
from contacts_nb.workspace.contact import Contact, found_contact
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.history import History, Operation
from contacts_nb.workspace.importing import GivenSource, ImportPlan, SourcePreview, planned, previewed
from contacts_nb.workspace.inboxes import Inboxes
from contacts_nb.workspace.merging import Merging
from contacts_nb.workspace.messages import LogSource, MessagesResult, import_messages
from contacts_nb.workspace.people import Teams, Users
from contacts_nb.workspace.preferences import Preferences
from contacts_nb.workspace.settings import Channels, Fields, Tags


class Workspace(Merging):
    """A workspace that is open: its contacts, and what can be done with them.

    `upgrade_backup` is the path of the copy made before an upgrade at opening, or None. As a context manager it
    closes itself.

    >>> import contacts_nb as cn, tempfile
    >>> with cn.create(tempfile.mkdtemp() + "/contacts.db", name="Acme") as ws:
    ...     ws.name, ws.time_zone, ws.phone_region
    ('Acme', 'UTC', None)
    """

    def __init__(self, access: Access, upgrade_backup: Path | None = None) -> None:
        self._access = access
        self._database = access.database
        self.upgrade_backup = upgrade_backup
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

    def may(self, operation: str) -> bool:
        """Whether the user may do an operation now, such as "export" or "delete"; the README lists them all.

        Raises `KeyError` for one that isn't there.

        >>> import contacts_nb as cn, tempfile
        >>> cn.create(tempfile.mkdtemp() + "/contacts.db").may("export")
        True
        """
        return self._access.may(RIGHTS[operation].operation)

    @property
    def inboxes(self) -> Inboxes:
        """What the table can show: `ws.inboxes["All"]`, those of the teams, and filters that were saved.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.inboxes["All"].count()
        0
        """
        return Inboxes(self._access)

    @property
    def preferences(self) -> Preferences:
        """How the user likes to see things: values by name, which widgets keep from one visit to the next.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.preferences["columns"] is None
        True
        """
        return Preferences(self._access)

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

    def plan_import(
        self,
        source: GivenSource,
        *,
        match_on: str | Iterable[str] | None = None,
        purpose: str | None = None,
        region: str | None = None,
        columns: Mapping[str, str | None] | None = None,
        new_fields: Mapping[str, str] | None = None,
        do_not_overwrite: Collection[str] | bool = (),
        tags: Iterable[str] = (),
        encoding: str | None = None,
        progress: Progress = True,
    ) -> ImportPlan:
        """What importing a CSV, XLSX or vCard file, or a DataFrame, would do with each record; nothing is changed.

        `match_on` says how a record finds the contact that it means: "phone", "email", "id", "channel:NAME", or
        several of them, tried in turn. `purpose` is "add_only", "update_only", "add_and_update" (the default with
        `match_on`), or "add_all" (the default without), which adds all but those that a contact has word for word.

        Headers of Google Contacts, Outlook, HubSpot and plain ones are known; `columns` says what others hold
        (`{"Surname": "last_name", "Shoe size": None}`), and `new_fields` makes custom fields of columns
        (`{"Shoe size": "number"}`). Phones without `+` are read in `region`, or else in the workspace's. An empty
        cell changes nothing; `do_not_overwrite` names fields whose values stay (True: all). `tags` go to every
        contact. `encoding` is needed only where the guess is wrong.

        Raises `UnreadableFile`, `InvalidValue` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile, pandas as pd
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db", phone_region="GB")
        >>> people = pd.DataFrame({"name": ["Ann Smith", "Bo"], "phone": ["020 7946 0958", "none"]})
        >>> plan = ws.plan_import(people, match_on="phone")
        >>> plan
        <import of DataFrame: 1 create, 0 update, 0 skip, 1 reject>
        >>> plan.apply()
        <DataFrame: 1 created, 0 updated, 0 skipped, 1 rejected>
        """
        return planned(
            self._access,
            source,
            match_on=match_on,
            purpose=purpose,
            region=region,
            columns=columns,
            new_fields=new_fields,
            do_not_overwrite=do_not_overwrite,
            tags=tags,
            encoding=encoding,
            progress=progress,
        )

    def preview_import(self, source: GivenSource, *, rows: int = 10, encoding: str | None = None) -> SourcePreview:
        """The first `rows` of a source, and what its columns seem to hold, before it is planned.

        Raises `UnreadableFile` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile, pandas as pd
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.preview_import(pd.DataFrame({"Surname": ["Smith"], "Size": [37]})).columns
        {'Surname': 'last_name', 'Size': None}
        """
        return previewed(self._access, source, checked_count("rows", rows), encoding)

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

    def import_messages(
        self,
        source: LogSource,
        *,
        columns: Mapping[str, str | None] | None = None,
        channel: str | None = None,
        own: Collection[str] = (),
        time_zone: str | None = None,
        encoding: str | None = None,
        progress: Progress = True,
    ) -> MessagesResult:
        """Record the messages in a log (CSV, XLSX, JSON lines, DataFrame) or an e-mail archive (mbox), each once.

        Columns or keys are those of `record_messages`; `columns` names others (`{"Number": "identifier"}`).
        `channel` is that of logs which don't name theirs. Times without an offset are read in `time_zone`: one
        that a clock shows twice is the earlier one.

        Mails need the e-mail `channel` they belong to, and `own`: the team's addresses, or its domains
        (`"@acme.example"`). What they send is outgoing, to each recipient, all else incoming.

        A record that can't be recorded is rejected with its line and reason; the others are recorded, all or, on
        any error, none. Raises `UnreadableFile`, `InvalidValue`, `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile, pandas as pd
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> shop = ws.channels.add("Shop", "sms")
        >>> log = pd.DataFrame({"number": ["+442079460958"], "direction": ["in"], "text": ["Hello"],
        ...                     "time": ["2026-03-02 12:00"]})
        >>> ws.import_messages(log, columns={"number": "identifier"}, channel="Shop", time_zone="Europe/London")
        <DataFrame: 1 recorded, 0 already there, 0 rejected, 1 contact created>
        """
        return import_messages(
            self._access,
            source,
            columns=columns,
            channel=channel,
            own=own,
            time_zone=time_zone,
            encoding=encoding,
            progress=progress,
        )

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
        unique are looked at. `progress` gets the stage and how far it is. Raises `WorkspaceUnavailable` for a file
        of which a page is lost.

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

    def backup(self, path: str | os.PathLike[str], *, progress: Progress = True) -> WorkspaceCopy:
        """Copy the whole workspace, as it is now, to a new file at `path`; gives what there is, and a check found.

        Others may read and write all the while. The file is a workspace like any other, also where this one is on
        a server: `cn.open` looks into it, and `cn.restore` makes a new workspace of it. It is checked before it is
        there: `findings` of the result, which should be empty, are in this workspace, too. A file that is there is
        never replaced, and if anything fails there is none. Only the user of this machine may read it. The backup
        is recorded in history, after what is in it.

        `progress` is False for no bar, or is called with how far it is and the total: of what is copied, then of
        the contacts that are checked. Raises `WorkspaceExists` and `WorkspaceUnavailable` for `path`, and
        `NotAllowed` unless the user is an owner without `restrict_data_export`.

        >>> import contacts_nb as cn, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> ws = cn.create(f"{folder}/contacts.db")
        >>> ws.backup(f"{folder}/backup.db").findings
        ()
        """
        return back_up(self._access, path, progress)

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
