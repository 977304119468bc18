"""Schema versions: a new file gets the newest, an older one is upgraded behind a backup, a newer one refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from contacts_nb.model.errors import NotAWorkspace, WorkspaceTooNew, WorkspaceUnavailable
from contacts_nb.store import sqlite
from contacts_nb.store.backend import backend_of
from contacts_nb.store.database import Database

# Known here so that opening an up-to-date workspace needn't import Alembic (0.3 s); a test compares them
# with the migration scripts.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
NEWEST = REVISIONS[-1]


def revision_of(database: Database) -> str:
    """The schema version of `database`; raises `NotAWorkspace` if it has none of our tables."""
    with database.read() as connection:
        if {"alembic_version", "workspace", "contacts"} <= backend_of(connection).tables(connection):
            both = "SELECT version_num FROM alembic_version, workspace"
            revision: str | None = connection.execute(text(both)).scalar()
            if revision is not None:
                return revision
    other = "database" if database.path is None else "file"
    raise NotAWorkspace(
        f"{database.address} is a database, but not a contacts workspace. Choose another {other}, "
        "or make a workspace with: contacts-nb init"
    )


def brought_up_to_date(database: Database) -> Path | None:
    """Upgrade an older `database` in one transaction, a file after copying it; gives the copy's path, if any.

    On PostgreSQL there is no copy: what fails in the one transaction leaves everything as it was.

    Raises `WorkspaceTooNew` if a newer contacts_nb wrote it, and `NotAWorkspace` if it is something else.
    """
    revision = revision_of(database)
    if revision == NEWEST:
        return None
    if revision not in REVISIONS:
        raise WorkspaceTooNew(
            f"{database.address} has schema {revision}, written by a newer contacts_nb; this one knows schemas up "
            f"to {NEWEST}. Upgrade with: pip install --upgrade contacts_nb"
        )
    copy = None if database.path is None else _backed_up(database.path, revision)
    with database.reshape() as connection:
        upgrade(connection)
    return copy


def _backed_up(path: Path, revision: str) -> Path:
    copy = _backup_path(path, revision)
    try:
        copy.touch(exist_ok=False)  # of two who upgrade at once, neither writes over the other's copy
        sqlite.backed_up(path, copy)
    except FileExistsError as error:
        raise WorkspaceUnavailable(
            f"{path} is being upgraded by another program. Open it again in a moment."
        ) from error
    except Exception as error:
        copy.unlink(missing_ok=True)
        raise WorkspaceUnavailable(
            f"{path} has to be upgraded, but no backup copy could be written to {copy}. "
            "Nothing was changed; make room or give write rights in that folder, then open it again."
        ) from error
    return copy


def upgrade(connection: Connection, to: str = NEWEST) -> None:
    """Run the migrations up to revision `to` inside the transaction of `connection`."""
    from alembic import command  # noqa: PLC0415 - see REVISIONS
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    command.upgrade(config, to)


def _backup_path(path: Path, revision: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return path.with_name(f"{path.stem}.schema-{revision}.{stamp}{path.suffix}")
