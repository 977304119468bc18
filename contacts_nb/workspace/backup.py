"""Backup and restore: a whole workspace as one file, made while others write, and a new workspace made of it.

A backup is an SQLite workspace file, whichever database it comes from, so it can be opened as any other, and be
restored to either database. What was copied is looked through before it counts as done.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, func, select

from contacts_nb.exchange.progress import Progress, counting
from contacts_nb.model.errors import InvalidValue, NotAWorkspace, WorkspaceNotFound, WorkspaceTooNew
from contacts_nb.operations.copy_tables import copy_tables
from contacts_nb.queries.check import Inconsistency, inconsistencies, search_index_inconsistencies
from contacts_nb.store import migrate, sqlite
from contacts_nb.store.address import Address, address_of, name_in, shown_address
from contacts_nb.store.copying import copy_file, new_copy
from contacts_nb.store.creating import begun
from contacts_nb.store.database import Database
from contacts_nb.store.schema import contacts, messages
from contacts_nb.workspace.access import Access

_NOTHING_MADE = "It was stopped; nothing was made."


@dataclass(frozen=True, slots=True)
class WorkspaceCopy:
    """A whole workspace as it was copied to `address`; `findings` are what contradicts itself there, as before."""

    address: str
    contacts: int
    messages: int
    findings: tuple[Inconsistency, ...]

    def __repr__(self) -> str:
        people = f"{self.contacts:,} {'contact' if self.contacts == 1 else 'contacts'}"
        texts = f"{self.messages:,} {'message' if self.messages == 1 else 'messages'}"
        found = f"{len(self.findings):,} findings" if self.findings else "all is as it should be"
        return f"<{self.address}: {people}, {texts}; checked, {found}>"


def back_up(access: Access, path: str | os.PathLike[str], progress: Progress) -> WorkspaceCopy:
    """What `Workspace.backup` says."""
    database = access.database
    with access.read("backup"):
        pass  # whoever may not is refused before anything is written
    place = _file_at(path, "Give the name of a new file to write.")
    with new_copy(place) as draft:
        with _copying(progress, place) as told:
            if database.path is not None:
                copy_file(database.path, draft, place, told)
            else:
                with access.read("backup") as source, _opened(draft, place) as copy:
                    _load(source, copy, told)
        with _opened(draft, place) as copy:
            done = _checked_file(copy, progress)
        sqlite.settled(draft, for_use=False)
        with access.operation("backup", kept=True) as recording:
            recording.contacts = done.contacts
    return done


def restore(
    file: str | os.PathLike[str], target: str | os.PathLike[str], *, progress: Progress = True
) -> WorkspaceCopy:
    """Make a new workspace at `target` of the backup in `file`; gives what there is, and what a check has found.

    `target` is the path of a file that isn't there yet, or the URL of a PostgreSQL database that has no workspace:
    a workspace moves from one kind to the other by this. All of it is there afterwards, history and users
    included, so open it as one of them; ids go on as they would have. `file` stays as it is; one that an older
    contacts_nb wrote is upgraded in the copy. If anything fails, nothing is left. `progress` is as in
    `Workspace.backup`.
    Raises `WorkspaceNotFound`, `NotAWorkspace` and `WorkspaceTooNew` for `file`, and `WorkspaceExists` and
    `WorkspaceUnavailable` for `target`.

    >>> import contacts_nb as cn, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> ws = cn.create(f"{folder}/contacts.db")
    >>> ann = ws.add_contact(first_name="Ann")
    >>> _ = ws.backup(f"{folder}/backup.db")
    >>> cn.restore(f"{folder}/backup.db", f"{folder}/again.db").contacts
    1
    >>> cn.open(f"{folder}/again.db").contacts[ann.id].name
    'Ann'
    """
    source = _file_at(file, "Give the name of a backup file; to make one: contacts-nb backup FILE --db …")
    address = address_of(target)
    is_older = _revision(source) != migrate.NEWEST
    if isinstance(address, Path):
        with new_copy(address) as draft:
            with _copying(progress, address) as told:
                copy_file(source, draft, address, told)
            with _opened(draft, address) as copy:
                if is_older:
                    _upgrade(copy)
                done = _checked_file(copy, progress)
            sqlite.settled(draft, for_use=True)
        return done
    # In one transaction, with the check: whatever stops it, the server takes all of it back.
    with closing(Database(address)) as database, begun(database) as connection:
        with _readable(source, is_older=is_older) as origin, _copying(progress, address) as told:
            copy_tables(origin, connection, told)
        done = _checked(connection, database.address, progress)
        return _with_index(done, connection)


def _load(source: Connection, copy: Database, told: Callable[[int, int], None]) -> None:
    with copy.write() as connection:
        migrate.upgrade(connection)
        copy_tables(source, connection, told)


def _upgrade(database: Database) -> None:
    with database.reshape() as connection:
        migrate.upgrade(connection)


def _checked_file(copy: Database, progress: Progress) -> WorkspaceCopy:
    with copy.read() as connection:
        done = _checked(connection, copy.address, progress)
    with copy.write() as connection:
        return _with_index(done, connection)


def _with_index(done: WorkspaceCopy, connection: Connection) -> WorkspaceCopy:
    """What was `done`, once the search index is checked, too; `connection` must be able to write."""
    return replace(done, findings=(*done.findings, *search_index_inconsistencies(connection)))


def _checked(connection: Connection, address: str, progress: Progress) -> WorkspaceCopy:
    all_contacts = select(func.count()).select_from(contacts)
    people = connection.execute(all_contacts.where(contacts.c.survivor_id.is_(None))).scalar_one()
    texts = connection.execute(select(func.count()).select_from(messages)).scalar_one()
    total = connection.execute(all_contacts).scalar_one()
    with counting(progress, "Checking", "contacts", total, _NOTHING_MADE) as told:
        furthest = 0

        def tell(_stage: str, done: int) -> None:
            nonlocal furthest
            furthest = max(furthest, done)
            told(min(furthest, total))

        found = tuple(inconsistencies(connection, tell))
    return WorkspaceCopy(address, people, texts, found)


@contextmanager
def _copying(progress: Progress, place: Address) -> Iterator[Callable[[int, int], None]]:
    unit = "bytes" if isinstance(place, Path) else "rows"
    with counting(progress, f"Copying to {name_in(place)}", unit, stopped=_NOTHING_MADE) as told:
        yield told


@contextmanager
def _opened(draft: Path, place: Path) -> Iterator[Database]:
    """The workspace in the file `draft`, which messages call by the `place` it will be at."""
    with closing(Database(draft)) as database:
        database.address = str(place)
        yield database


@contextmanager
def _readable(source: Path, *, is_older: bool) -> Iterator[Connection]:
    """A connection to the workspace in the file `source`; if it `is_older`, to an upgraded copy of it."""
    if not is_older:
        with closing(Database(source)) as database, database.read() as connection:
            yield connection
        return
    with tempfile.TemporaryDirectory(prefix="contacts-nb-restore-") as folder:
        copy = Path(folder, source.name)
        copy.touch(0o600)
        copy_file(source, copy, copy, lambda _done, _total: None)
        with _opened(copy, source) as database:
            _upgrade(database)
            with database.read() as connection:
                yield connection


def _revision(source: Path) -> str:
    if not source.exists():
        raise WorkspaceNotFound(f"There is no backup {source}. Check the path.")
    if source.is_dir():
        raise NotAWorkspace(f"{source} is a folder. Give the path of a backup file in it.")
    with closing(Database(source)) as database:
        revision = migrate.revision_of(database)
    if revision not in migrate.REVISIONS:
        raise WorkspaceTooNew(
            f"{source} has schema {revision}, written by a newer contacts_nb; this one knows schemas up to "
            f"{migrate.NEWEST}. Upgrade with: pip install --upgrade contacts_nb"
        )
    return revision


def _file_at(path: str | os.PathLike[str], instead: str) -> Path:
    address = address_of(path)
    if not isinstance(address, Path):
        raise InvalidValue("backup", shown_address(address), f"is a database, and a backup is a file. {instead}")
    return address
