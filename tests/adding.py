"""Adding contacts below the face, at a moment of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from contacts_nb.model.draft import ContactDraft
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.recording import recorded


def added(connection: Connection, drafts: Sequence[ContactDraft], now: datetime) -> list[int]:
    """The ids of contacts made of `drafts`, created `now`."""
    with recorded(connection, "add", None, now) as recording:
        return added_contacts(recording, drafts)
