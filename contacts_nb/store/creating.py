"""The beginning of a workspace: its place is claimed, and left as it was if the beginning fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from contacts_nb.model.errors import WorkspaceExists
from contacts_nb.store import migrate, postgres
from contacts_nb.store.address import Address
from contacts_nb.store.database import Database
from contacts_nb.store.schema import metadata
from contacts_nb.store.workspace_file import claim, removed_on_failure


@contextmanager
def begun(database: Database) -> Iterator[Connection]:
    """A connection to the new, empty tables of a workspace; if the block fails, nothing is left of them.

    Raises `WorkspaceExists` or `WorkspaceUnavailable`.
    """
    if database.path is not None:
        claim(database.path)
        with removed_on_failure(database.path), database.write() as connection:
            migrate.upgrade(connection)
            yield connection
        return
    with database.write() as connection:
        if {"alembic_version", *metadata.tables} & postgres.tables(connection):
            raise WorkspaceExists(
                f"{database.address} already has tables of a workspace. Open it, or choose another database for "
                "the new workspace."
            )
        postgres.check_new(connection, database.address)
        migrate.upgrade(connection)
        yield connection


@contextmanager
def undone_on_failure(address: Address) -> Iterator[None]:
    """Remove the workspace at `address`, which the caller has just made, if the block fails."""
    if isinstance(address, Path):
        with removed_on_failure(address):
            yield
        return
    try:
        yield
    except BaseException:
        database = Database(address)
        with database.write() as connection:
            postgres.removed(connection, metadata.sorted_tables)
        database.close()
        raise
