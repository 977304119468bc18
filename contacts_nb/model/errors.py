"""What can go wrong, as a tree; each message says what was wrong, with what value, and what to do.

ContactsError
├── InvalidValue            a value breaks a field's rule
│   └── NotFound            there is nothing of that name or id (also a KeyError)
│       └── ContactNotFound no contact has that id
├── NotAllowed              the user's role or a restriction forbids it
├── NotConfirmed            many contacts would be deleted, and their number wasn't given
├── StaleContact            the contact was changed since the copy at hand was read
├── PlanOutdated            what was reviewed isn't what would happen now
├── CannotMerge             these contacts can't become one, or were never merged
├── CannotUndo              that operation can't be undone
│   └── UndoConflict        later changes would be overwritten
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

from dataclasses import dataclass


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


class NotFound(InvalidValue, KeyError):
    """There is no user, team, channel, tag, field or operation (named in `field`) that `value` names.

    >>> raise NotFound("tag", "vip", "doesn't exist; add it with ws.tags.add")
    Traceback (most recent call last):
    contacts_nb.model.errors.NotFound: tag 'vip' doesn't exist; add it with ws.tags.add
    """

    def __str__(self) -> str:
        # KeyError would show the message in quotes.
        return str(self.args[0])


class ContactNotFound(NotFound):
    """No contact has the id `contact_id`."""

    def __init__(self, contact_id: object) -> None:
        self.contact_id = contact_id
        super().__init__("contact", contact_id, "doesn't exist")
        self.args = (
            f"There is no contact {shown(contact_id)}. It may have been deleted; search for it by name instead.",
        )


class NotAllowed(ContactsError):
    """The role or a restriction of the user forbids what was asked."""


class NotConfirmed(ContactsError):
    """Deleting `contacts` contacts has to be confirmed by their number; `confirm` was given."""

    def __init__(self, contacts: int, confirm: int | None) -> None:
        self.contacts = contacts
        self.confirm = confirm
        given = "no number was given" if confirm is None else f"{confirm:,} was given"
        super().__init__(
            f"{contacts:,} contacts would be deleted for ever, but {given}. Nothing was deleted; "
            f"to delete them, give confirm={contacts}."
        )


class StaleContact(ContactsError):
    """`field` of a contact was `copied` in the copy at hand and is `current` now; `wanted` was not written.

    >>> print(str(StaleContact(7, "country", copied="GB", current="FR", wanted="DE")).split(". ")[0])
    country of contact 7 was 'GB' when it was read and is 'FR' now
    """

    def __init__(self, contact_id: int, field: str, *, copied: object, current: object, wanted: object) -> None:
        self.contact_id = contact_id
        self.field = field
        self.copied = copied
        self.current = current
        self.wanted = wanted
        super().__init__(
            f"{field} of contact {contact_id} was {shown(copied)} when it was read and is {shown(current)} now. "
            f"Nothing was changed; read it again with ws.contacts[{contact_id}], then decide on {shown(wanted)}."
        )


class PlanOutdated(ContactsError):
    """The workspace changed since a plan was made, so that it would do something else than was reviewed."""


class CannotMerge(ContactsError):
    """Two contacts can't be made one, or one that was never merged can't be taken apart."""


class CannotUndo(ContactsError):
    """The operation can't be undone: it deleted, or was undone already."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A cell that an undo would set from `current` back to `old`, though the operation had left it at `new`.

    `contact_id` is 0 for what belongs to no contact. `overwritable` is False where the later change would be
    lost for good. `cell`, `subject` and `cells` say where it is by their numbers in history.
    """

    contact_id: int
    name: str
    old: str | None
    new: str | None
    current: str | None
    cell: int
    subject: int
    overwritable: bool = True
    cells: tuple[int, ...] = ()

    def __str__(self) -> str:
        whose = f" of contact {self.contact_id}" if self.contact_id else ""
        return f"{self.name}{whose} ({shown(self.current)} now, would be {shown(self.old)} again)"


class UndoConflict(CannotUndo):
    """Later changes would be overwritten; `conflicts` names each."""

    def __init__(self, message: str, conflicts: tuple[Conflict, ...]) -> None:
        self.conflicts = conflicts
        super().__init__(message)


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
