"""Who may do what: every reading and every change of a workspace goes through here, and is refused here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection

from contacts_nb.model.errors import NotAllowed
from contacts_nb.model.people import User
from contacts_nb.model.rights import check_right
from contacts_nb.operations.recording import Recording, recorded
from contacts_nb.queries.finder import Finder
from contacts_nb.queries.settings import has_users, rights_of, user_with_id
from contacts_nb.store.database import Database

_REMOVED = "You are not a user of this workspace any more. Ask an owner to add you again."


class Access:
    """The way of one user into a workspace; without one, as long as nobody has been named in it, of anybody.

    Role and restrictions are looked up each time: whoever loses a right loses it at once.
    """

    def __init__(self, database: Database, user_id: int | None = None) -> None:
        self.database = database
        self.user_id = user_id
        self.finder = Finder(database.read)
        self._known_as: tuple[int, str] | None = None

    @contextmanager
    def read(self, right: str = "read") -> Iterator[Connection]:
        """A connection for reading; raises `NotAllowed` unless the user has `right`."""
        with self.database.read() as connection:
            self.check(connection, right)
            yield connection

    @contextmanager
    def operation(
        self,
        kind: str,
        details: Mapping[str, object] | None = None,
        *,
        undoes: int | None = None,
        kept: bool = False,
    ) -> Iterator[Recording]:
        """An operation in its own transaction, all of it or nothing; raises `NotAllowed` at once."""
        with self.database.write() as connection:
            self.check(connection, kind)
            with recorded(
                connection, kind, self.user_id, datetime.now(UTC), details, undoes=undoes, kept=kept
            ) as recording:
                yield recording

    @contextmanager
    def operations(self, right: str) -> Iterator[Connection]:
        """A transaction for several operations that need `right`; raises `NotAllowed` at once."""
        with self.database.write() as connection:
            self.check(connection, right)
            yield connection

    def check(self, connection: Connection, right: str) -> None:
        """Raise `NotAllowed` unless the user has `right` now."""
        if self.user_id is None:
            self.user(connection)
            return
        rights = rights_of(connection, self.user_id)
        if rights is None:
            raise NotAllowed(_REMOVED)
        email, _, _ = rights
        generation = self.database.generation
        if self._known_as is not None and self._known_as[0] != generation and self._known_as[1] != email:
            raise NotAllowed(_REMOVED)  # somebody else has this id in the copy that was put back
        self._known_as = generation, email
        check_right(right, *rights)

    def may(self, right: str) -> bool:
        """Whether the user has `right` now."""
        with self.database.read() as connection:
            try:
                self.check(connection, right)
            except NotAllowed:
                return False
        return True

    def user(self, connection: Connection) -> User | None:
        """The user as of now; None where nobody has been named yet. `NotAllowed` for one who was removed."""
        if self.user_id is None:
            if has_users(connection):
                raise NotAllowed(
                    "This workspace has users. Open it as one of them: cn.open(…, user=…) in Python, --user or "
                    "CONTACTS_NB_USER on the command line."
                )
            return None
        user = user_with_id(connection, self.user_id)
        if user is None:
            raise NotAllowed(_REMOVED)
        return user
