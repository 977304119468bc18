"""Deleting contacts: what it would take away, before it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contacts_nb.exchange.progress import Progress
from contacts_nb.model.errors import PlanOutdated
from contacts_nb.workspace.history import Operation

if TYPE_CHECKING:
    from contacts_nb.workspace.contacts import Contacts


@dataclass(frozen=True)
class DeletePlan:
    """What deleting the contacts of `query` would take away: how many `contacts`, and their `messages`."""

    contacts: int
    messages: int
    query: Contacts = field(repr=False)

    def apply(self, *, progress: Progress = True) -> Operation:
        """Delete them for ever; this can't be undone. Raises `PlanOutdated` if one of them is gone by now.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> people = [ws.add_contact(first_name=name) for name in ("Ann", "Bo")]
        >>> ws.contacts.plan_delete().apply()
        <operation 3: delete, 2 contacts>
        """
        if self.query.count() != self.contacts:
            raise PlanOutdated(
                "Some of these contacts were deleted or merged meanwhile, so nothing was deleted. "
                "Look at them again, and plan the deletion anew."
            )
        return self.query.delete(confirm=self.contacts, progress=progress)

    def __repr__(self) -> str:
        contacts = "1 contact" if self.contacts == 1 else f"{self.contacts:,} contacts"
        messages = "1 message" if self.messages == 1 else f"{self.messages:,} messages"
        return f"<deletion of {contacts} and {messages} for ever>"
