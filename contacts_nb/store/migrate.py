"""Schema versions: a new file gets the newest, an older one is upgraded behind a backup, a newer one refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from contacts_nb.model.errors import NotAWorkspace, WorkspaceTooNew, WorkspaceUnavailable
from contacts_nb.store import sqlite
from contacts_nb.store.database import Database

# Known here so that opening an up-to-date workspace needn't import Alembic (0.3 s); a test compares them
# with the migration scripts.
REVISIONS = ("0001", "0002")
NEWEST = REVISIONS[-1]


def revision_of(database: Database) -> str:
    """The schema version of `database`; raises `NotAWorkspace` if it has none of our tables."""
    with database.read() as connection:
        if {"alembic_version", "workspace", "contacts"} <= sqlite.tables(connection):
            both = "SELECT version_num FROM alembic_version, workspace"
            revision: str | None = connection.execute(text(both)).scalar()
            if revision is not None:
                return revision
    raise NotAWorkspace(
        f"{database.path} is a database, but not a contacts workspace. Choose another file, "
        "or make a workspace with: contacts-nb init"
    )


def brought_up_to_date(database: Database) -> Path | None:
    """Upgrade an older `database` in one transaction, after copying it; gives the copy's path, if one was made.

    Raises `WorkspaceTooNew` if a newer contacts_nb wrote it, and `NotAWorkspace` if it is something else.
    """
    revision = revision_of(database)
    if revision == NEWEST:
        return None
    if revision not in REVISIONS:
        raise WorkspaceTooNew(
            f"{database.path} has schema {revision}, written by a newer contacts_nb; this one knows schemas up to "
            f"{NEWEST}. Upgrade with: pip install --upgrade contacts_nb"
        )
    copy = _backup_path(database.path, revision)
    try:
        copy.touch(exist_ok=False)  # of two who upgrade at once, neither writes over the other's copy
        sqlite.backed_up(database.path, copy)
    except FileExistsError as error:
        raise WorkspaceUnavailable(
            f"{database.path} is being upgraded by another program. Open it again in a moment."
        ) from error
    except Exception as error:
        copy.unlink(missing_ok=True)
        raise WorkspaceUnavailable(
            f"{database.path} has to be upgraded, but no backup copy could be written to {copy}. "
            "Nothing was changed; make room or give write rights in that folder, then open it again."
        ) from error
    with database.write() as connection:
        upgrade(connection)
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
