"""What can go wrong, as a tree; each message says what was wrong, with what value, and what to do.

ContactsError
├── InvalidValue            a value breaks a field's rule
├── ContactNotFound         no contact has that id (also a KeyError)
├── WorkspaceError          the workspace as a whole
│   ├── WorkspaceNotFound   no such file
│   ├── WorkspaceExists     a file or workspace is already there
│   ├── NotAWorkspace       the file or database is something else
│   ├── WorkspaceTooNew     written by a newer contacts_nb
│   └── WorkspaceUnavailable  can't be read or written now
├── UnreadableFile          a file to import can't be understood
├── UnwritableFile          a file can't be written there
└── ServingFailed           the app didn't start
"""

from __future__ import annotations


class ContactsError(Exception):
    """Base of every error that contacts_nb raises on purpose; its text is meant for people."""


class InvalidValue(ContactsError):
    """A value breaks a field's rule: `field`, `value` and `rule` say which and how.

    >>> raise InvalidValue("country", "Atlantis", "is not a country; use its name")
    Traceback (most recent call last):
    contacts_nb.model.errors.InvalidValue: country 'Atlantis' is not a country; use its name
    """

    def __init__(self, field: str, value: object, rule: str) -> None:
        self.field = field
        self.value = value
        self.rule = rule
        super().__init__(f"{field} {shown(value)} {rule}")


class ContactNotFound(ContactsError, KeyError):
    """No contact has the id `contact_id`."""

    def __init__(self, contact_id: object) -> None:
        self.contact_id = contact_id
        super().__init__(
            f"There is no contact {shown(contact_id)}. It may have been deleted; search for it by name instead."
        )

    def __str__(self) -> str:
        # KeyError would show the message in quotes.
        return str(self.args[0])


class WorkspaceError(ContactsError):
    """The workspace as a whole can't be used as asked."""


class WorkspaceNotFound(WorkspaceError):
    """There is no workspace at that place."""


class WorkspaceExists(WorkspaceError):
    """Something is already at the place where a workspace should be created."""


class NotAWorkspace(WorkspaceError):
    """The file or database is there, but holds something else."""


class WorkspaceTooNew(WorkspaceError):
    """A newer contacts_nb wrote this workspace."""


class WorkspaceUnavailable(WorkspaceError):
    """The workspace can't be read or written at the moment (rights, disk, a long lock, no server)."""


class UnreadableFile(ContactsError):
    """A file to import is missing, empty, or of a shape that can't be read."""


class UnwritableFile(ContactsError):
    """A file can't be written where it was asked for."""


class ServingFailed(ContactsError):
    """The app's server didn't start or stopped early."""


def shown(value: object, limit: int = 60) -> str:
    """`value` as it stands in an error message: quoted if text, cut to `limit` characters.

    >>> shown("a" * 100, limit=5)
    "'aaaaa…'"
    """
    if isinstance(value, str):
        return repr(value if len(value) <= limit else value[:limit] + "…")
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + "…"
