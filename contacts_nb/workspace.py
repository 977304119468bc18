"""The face: what a notebook author types. All reading and writing of a workspace goes through here."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import insert, select

from contacts_nb.exchange.exporting import exported_csv
from contacts_nb.exchange.files import same_file
from contacts_nb.exchange.importing import Importing, ImportResult
from contacts_nb.exchange.reading import read_contacts
from contacts_nb.exchange.rejected import rejected_path, write_rejected
from contacts_nb.model.draft import drafted
from contacts_nb.model.errors import InvalidValue, UnwritableFile
from contacts_nb.model.phones import checked_region
from contacts_nb.model.text import cleaned
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.fill import Batch, Phase, Row, fill
from contacts_nb.queries.contact import Contact
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.queries.entries import entries_of
from contacts_nb.store import migrate
from contacts_nb.store.address import address_of, name_in
from contacts_nb.store.creating import begun
from contacts_nb.store.database import Database
from contacts_nb.store.schema import workspace as workspace_table
from contacts_nb.store.workspace_file import existing


def create(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    time_zone: str = "UTC",
    phone_region: str | None = None,
) -> Workspace:
    """Make a new, empty workspace in a file at `path` and open it.

    `path` may also be the URL of a PostgreSQL database that has no workspace yet, such as
    `postgresql://user@host/database`. `name` is what the app calls it (unless given, the name of the file or
    database), `time_zone` an IANA name, `phone_region` the ISO 3166-1 alpha-2 code of the region that phones
    without `+` belong to, if there is one.
    Raises `WorkspaceExists`, `WorkspaceUnavailable` if nothing can be written there, and `InvalidValue`.

    >>> import contacts_nb as cn, tempfile
    >>> cn.create(tempfile.mkdtemp() + "/contacts.db", name="Acme", phone_region="GB")
    <Workspace 'Acme': 0 contacts>
    """
    address = address_of(path)
    settings = {
        "id": 1,
        "name": cleaned("name", name, 255) or name_in(address),
        "time_zone": _checked_time_zone(time_zone),
        "phone_region": checked_region(phone_region),
        "created_at": datetime.now(UTC),
    }
    database = Database(address)
    try:
        with begun(database) as connection:
            connection.execute(insert(workspace_table).values(settings))
    except BaseException:
        database.close()
        raise
    return Workspace(database)


def open(path: str | os.PathLike[str]) -> Workspace:  # noqa: A001 - read as cn.open
    """Open the workspace in the file at `path`, or in the PostgreSQL database whose URL that is.

    One that an older contacts_nb wrote is upgraded, a file after a copy of it is put beside it.
    Raises `WorkspaceNotFound`, `NotAWorkspace`, `WorkspaceTooNew` and `WorkspaceUnavailable`.

    >>> import contacts_nb as cn, tempfile
    >>> path = tempfile.mkdtemp() + "/contacts.db"
    >>> cn.create(path).close()
    >>> cn.open(path)
    <Workspace 'contacts': 0 contacts>
    """
    address = address_of(path)
    database = Database(existing(address) if isinstance(address, Path) else address)
    try:
        copy = migrate.brought_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return Workspace(database, backup=copy)


class Workspace:
    """A workspace that is open: its contacts, and what can be done with them.

    `backup` is the path of the copy made before an upgrade at opening, or None. As a context manager it
    closes itself.

    >>> import contacts_nb as cn, tempfile
    >>> with cn.create(tempfile.mkdtemp() + "/contacts.db", name="Acme") as ws:
    ...     ws.name, ws.time_zone, ws.phone_region
    ('Acme', 'UTC', None)
    """

    def __init__(self, database: Database, backup: Path | None = None) -> None:
        self._database = database
        self.backup = backup
        with database.read() as connection:
            settings = connection.execute(select(workspace_table)).one()
        self.name: str = settings.name
        self.time_zone: str = settings.time_zone
        self.phone_region: str | None = settings.phone_region

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
        return Contacts(self._database.read, self.time_zone)

    def add_contact(
        self,
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        country: str | None = None,
        language: str | None = None,
        tags: Iterable[str] = (),
    ) -> Contact:
        """Add one contact and give it back; at least one of name, phone and e-mail is needed.

        A `phone` without `+` is read in the workspace's phone region. `country` and `language` are given by
        ISO code or by name. Tags that don't exist yet are made. Raises `InvalidValue`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db", phone_region="GB")
        >>> ws.add_contact(first_name="Ann", phone="020 7946 0958", tags=["vip"]).phone_e164
        '+442079460958'
        """
        draft = drafted(
            first_name=first_name,
            last_name=last_name,
            phone=phone,
            email=email,
            country=country,
            language=language,
            tags=tags,
            region=self.phone_region,
        )
        with self._database.write() as connection:
            (contact_id,) = added_contacts(connection, [draft], datetime.now(UTC))
        return self.contacts[contact_id]

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
        with self._database.write() as connection:
            importing.run(connection, datetime.now(UTC), progress)
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

    def fill(
        self,
        *,
        channels: Sequence[Row],
        tags: Sequence[Row],
        batches: Iterable[Batch],
        progress: Callable[[Phase, int], None] | None = None,
    ) -> None:
        """Load a whole prepared population into this workspace, which must be new; all of it or nothing.

        Rows are checked by the database alone: `operations.fill` says what each must hold. Made for demo data
        and for moving in from another system. Raises `WorkspaceError` if anything was ever added here.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.fill(channels=[(1, "Shop", "shop", "sms", 0)], tags=[(1, "vip", "vip")], batches=[])
        >>> ws.contacts.count()
        0
        """
        fill(self._database, channels=channels, tags=tags, batches=batches, progress=progress)

    def close(self) -> None:
        """Give all connections back; nothing is lost by not calling this."""
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


class Contacts(ContactQuery):
    """Contacts that match and their order, with what can be done with them."""

    def to_csv(self, path: str | os.PathLike[str], *, progress: Callable[[int], None] | None = None) -> int:
        """Write all matching contacts to a CSV file at `path`, in order; gives how many there were.

        Columns: `id`, `first_name`, `last_name`, `phone` (as typed), `phone_e164`, `email`, `country`,
        `language`, `created_at` (UTC), `tags` (divided by commas). UTF-8; values that a spreadsheet would run
        as a formula have a `'` before them. `progress` gets the number of contacts written, now and then.
        Raises `UnwritableFile`.

        >>> import contacts_nb as cn, tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> ws = cn.create(folder / "contacts.db")
        >>> added = ws.add_contact(first_name="Ann")
        >>> ws.contacts.to_csv(folder / "all.csv")
        1
        """
        with self._read() as connection:
            return exported_csv(path, entries_of(connection, self.selection), progress)


def _checked_time_zone(name: str) -> str:
    try:
        return zoneinfo.ZoneInfo(name).key
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise InvalidValue("time zone", name, "is not known; give an IANA name such as Europe/London") from None
