"""The face: what a notebook author types. All reading and writing of a workspace goes through here."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import insert, select

from contacts_nb.model.draft import drafted
from contacts_nb.model.errors import (
    InvalidValue,
    NotAWorkspace,
    WorkspaceExists,
    WorkspaceNotFound,
    WorkspaceUnavailable,
)
from contacts_nb.model.phones import checked_region
from contacts_nb.model.text import cleaned
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.queries.contact import Contact
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.store import migrate
from contacts_nb.store.database import Database
from contacts_nb.store.schema import workspace as workspace_table


def create(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    time_zone: str = "UTC",
    phone_region: str | None = None,
) -> Workspace:
    """Make a new, empty workspace in a file at `path` and open it.

    `name` is what the app calls it (the file's name unless given), `time_zone` an IANA name, `phone_region`
    the ISO 3166-1 alpha-2 code of the region that phones without `+` belong to, if there is one.
    Raises `WorkspaceExists`, `WorkspaceUnavailable` if nothing can be written there, and `InvalidValue`.

    >>> import contacts_nb as cn, tempfile
    >>> cn.create(tempfile.mkdtemp() + "/contacts.db", name="Acme", phone_region="GB")
    <Workspace 'Acme': 0 contacts>
    """
    file = _file_path(path)
    settings = {
        "id": 1,
        "name": cleaned("name", name, 255) or file.stem,
        "time_zone": _checked_time_zone(time_zone),
        "phone_region": checked_region(phone_region),
        "created_at": datetime.now(UTC),
    }
    _claim(file)
    database = Database(file)
    try:
        with database.write() as connection:
            migrate.upgrade(connection)
            connection.execute(insert(workspace_table).values(settings))
    except BaseException:
        # Half a workspace would only be in the way of the next try.
        database.close()
        for leftover in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            leftover.unlink(missing_ok=True)
        raise
    return Workspace(database)


def open(path: str | os.PathLike[str]) -> Workspace:  # noqa: A001 - read as cn.open
    """Open the workspace in the file at `path`.

    One that an older contacts_nb wrote is upgraded, after a copy of it is put beside it.
    Raises `WorkspaceNotFound`, `NotAWorkspace`, `WorkspaceTooNew` and `WorkspaceUnavailable`.

    >>> import contacts_nb as cn, tempfile
    >>> path = tempfile.mkdtemp() + "/contacts.db"
    >>> cn.create(path).close()
    >>> cn.open(path)
    <Workspace 'contacts': 0 contacts>
    """
    file = _file_path(path)
    if not file.exists():
        raise WorkspaceNotFound(
            f"There is no workspace {file}. Check the path, or make one with: contacts-nb init --db {file}"
        )
    if file.is_dir():
        raise NotAWorkspace(f"{file} is a folder. Give the path of a workspace file in it, such as contacts.db.")
    database = Database(file)
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
    def path(self) -> Path:
        """The file the workspace is in."""
        return self._database.path

    @property
    def contacts(self) -> ContactQuery:
        """All contacts, to be searched, sorted and read; `ws.contacts[42]` is one of them.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> ws.contacts[ann.id].name
        'Ann'
        """
        return ContactQuery(self._database.read, self.time_zone)

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

    def close(self) -> None:
        """Give the file back; nothing is lost by not calling this."""
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


def _file_path(path: str | os.PathLike[str]) -> Path:
    text = os.fspath(path)
    if "://" in text:
        if not text.startswith("sqlite:///"):
            raise InvalidValue("workspace", text, "is not a file; give the path of a workspace file")
        text = text.removeprefix("sqlite:///")
    if not text or "\x00" in text:
        raise InvalidValue("workspace", text, "is not a path; give the path of a workspace file")
    return Path(text).expanduser().absolute()


def _claim(file: Path) -> None:
    """Make the empty file, so that of two who create the same workspace one is told."""
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        raise WorkspaceExists(
            f"{file} already exists. Open it with cn.open, or choose another path for the new workspace."
        ) from None
    except (FileNotFoundError, NotADirectoryError):
        raise WorkspaceUnavailable(
            f"The folder {file.parent} does not exist. Make it first, or choose another path."
        ) from None
    except OSError as error:
        raise WorkspaceUnavailable(
            f"{file} can't be written ({error.strerror}). "
            "Give yourself write rights in that folder, or choose another one."
        ) from error


def _checked_time_zone(name: str) -> str:
    try:
        return zoneinfo.ZoneInfo(name).key
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise InvalidValue("time zone", name, "is not known; give an IANA name such as Europe/London") from None
