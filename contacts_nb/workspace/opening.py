"""Making a workspace, and opening one as one of its users."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert

from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import NotFound
from contacts_nb.model.people import Role, checked_person_name, checked_user_email
from contacts_nb.model.phones import checked_region
from contacts_nb.model.text import cleaned
from contacts_nb.model.times import checked_time_zone
from contacts_nb.queries.settings import has_users, user_with
from contacts_nb.store import migrate
from contacts_nb.store.address import address_of, name_in
from contacts_nb.store.creating import begun
from contacts_nb.store.database import Database
from contacts_nb.store.schema import users
from contacts_nb.store.schema import workspace as workspace_table
from contacts_nb.store.workspace_file import existing
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.face import Workspace

_STRANGER = "is not a user of this workspace; ask one of its owners to be added"
_NOBODY_YET = (
    "is not known here: this workspace has no users yet. Open it without naming one, or add the first one: "
    "contacts-nb users add EMAIL --role owner"
)


def create(
    path: str | os.PathLike[str],
    *,
    owner: str | None = None,
    name: str | None = None,
    time_zone: str = "UTC",
    phone_region: str | None = None,
) -> Workspace:
    """Make a new, empty workspace in a file at `path` and open it.

    `owner` is the e-mail address of its first user, as whom it is then open. Without one the workspace belongs to
    whoever opens it, until the first user is added.
    `path` may also be the URL of a PostgreSQL database that has no workspace yet, such as
    `postgresql://user@host/database`. `name` is what the app calls it (unless given, the name of the file or
    database), `time_zone` an IANA name, `phone_region` the ISO 3166-1 alpha-2 code of the region that phones
    without `+` belong to, if there is one.
    Raises `WorkspaceExists`, `WorkspaceUnavailable` if nothing can be written there, and `InvalidValue`.

    >>> import contacts_nb as cn, tempfile
    >>> cn.create(tempfile.mkdtemp() + "/contacts.db", owner="ana@acme.example", name="Acme", phone_region="GB")
    <Workspace 'Acme': 0 contacts>
    """
    address = address_of(path)
    email = None if owner is None else checked_user_email(owner)
    settings = {
        "id": 1,
        "name": cleaned("name", name, 255) or name_in(address),
        "time_zone": checked_time_zone(time_zone),
        "phone_region": checked_region(phone_region),
        "created_at": datetime.now(UTC),
    }
    database = Database(address)
    try:
        with begun(database) as connection:
            connection.execute(insert(workspace_table).values(settings))
            user_id = None if email is None else _first_owner(connection, email)
    except BaseException:
        database.close()
        raise
    return Workspace(Access(database, user_id))


def open(path: str | os.PathLike[str], *, user: str | None = None) -> Workspace:  # noqa: A001 - read as cn.open
    """Open the workspace in the file at `path`, or in the PostgreSQL database whose URL that is.

    `user` is the e-mail address of the user who opens it; only a workspace without users is opened without one.
    One that an older contacts_nb wrote is upgraded, a file after a copy of it is put beside it.
    Raises `WorkspaceNotFound`, `NotAWorkspace`, `WorkspaceTooNew`, `WorkspaceUnavailable`, `NotFound` for somebody
    who is no user, and `NotAllowed` for an agent.

    >>> import contacts_nb as cn, tempfile
    >>> path = tempfile.mkdtemp() + "/contacts.db"
    >>> cn.create(path, owner="ana@acme.example").close()
    >>> cn.open(path, user="ana@acme.example")
    <Workspace 'contacts': 0 contacts>
    """
    address = address_of(path)
    database = Database(existing(address) if isinstance(address, Path) else address)
    try:
        copy = migrate.brought_up_to_date(database)
        access = Access(database, None if user is None else _user_id(database, user))
        with access.read():
            pass  # whoever has no right learns it here
    except BaseException:
        database.close()
        raise
    return Workspace(access, upgrade_backup=copy)


def _first_owner(connection: Connection, email: str) -> int:
    statement = insert(users).values(
        email=email,
        email_key=email_key(email),
        name=checked_person_name(None, email),
        role=Role.OWNER.value,
        restrict_data_export=0,
        restrict_contact_deletion=0,
        restrict_workspace_settings=0,
        created_at=datetime.now(UTC),
    )
    user_id: int = connection.execute(statement.returning(users.c.id)).scalar_one()
    return user_id


def _user_id(database: Database, email: str) -> int:
    with database.read() as connection:
        try:
            return user_with(connection, email).id
        except NotFound:
            # Whoever isn't let in can't look at the list of users.
            raise NotFound("user", email, _STRANGER if has_users(connection) else _NOBODY_YET) from None
