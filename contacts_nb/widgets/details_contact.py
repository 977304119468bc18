"""The contact whose details are open, and what else its details have to know."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from contacts_nb.workspace import Workspace
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.history import Operation

OnChange = Callable[[str, Operation], None]
"""What is called with a sentence of what was done, and the operation."""


class OpenContact:
    """A contact as it is shown; `on_read` is called when it was read again after a change made here.

    `users` are names by e-mail address, `teams`, `tags` and `channels` names; `merges` are those of the contact.
    """

    def __init__(self, workspace: Workspace, contact: Contact, on_change: OnChange | None) -> None:
        self.workspace = workspace
        self.contact = contact
        self.zone = ZoneInfo(workspace.time_zone)
        self.on_read: Callable[[], None] = lambda: None
        self._on_change = on_change
        self._read_rest()

    def _read_rest(self) -> None:
        workspace = self.workspace
        self.merges = self.contact.merges()
        self.users = {user.email: user.name for user in workspace.users}
        self.teams = [team.name for team in workspace.teams]
        self.fields = list(workspace.fields)
        self.tags = workspace.tags.names()
        self.channels = {channel.name for channel in workspace.channels}

    def read(self) -> None:
        """Read all of it again; raises `ContactNotFound` when the contact was deleted."""
        self.contact = self.workspace.contacts[self.contact.id]
        self._read_rest()

    def changed(self, said: Callable[[str], str], operation: Operation) -> None:
        """Show and tell what an operation has done; `said` makes a sentence of the contact's name."""
        self.read()
        self.on_read()
        if operation.id is not None and self._on_change is not None:
            self._on_change(said(self.contact.name), operation)
