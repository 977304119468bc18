"""Opening and closing the conversations of many contacts at once."""

from __future__ import annotations

from sqlalchemy import Text, exists, literal, null, select, update

from contacts_nb.operations.derived import refresh_states
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.rows import insert_rows
from contacts_nb.queries.groups import Ids, anyone_merged, members, members_of
from contacts_nb.store.cells import CONVERSATION
from contacts_nb.store.schema import contacts, conversations
from contacts_nb.store.types import UtcMilliseconds, to_milliseconds

_CELLS = {cell.column.name: cell for cell in CONVERSATION.cells}


def open_conversations(recording: Recording, ids: Ids) -> None:
    """Open a conversation with each of the contacts `ids` that has none open."""
    mine = conversations.c.contact_id == contacts.c.id
    if anyone_merged(recording.connection):
        mine = conversations.c.contact_id.in_(members(contacts.c.id))
    still_open = exists().where(mine, conversations.c.closed_at.is_(None))
    insert_rows(
        recording,
        CONVERSATION,
        ["contact_id", "opened_at", "opened_by", "opened_by_id"],
        select(
            contacts.c.id,
            literal(recording.now, UtcMilliseconds),
            literal("user"),
            null() if recording.user_id is None else literal(recording.user_id),
        ).where(contacts.c.id.in_(ids), ~still_open),
    )
    refresh_states(recording.connection, recording.changed(CONVERSATION.anchor))


def close_conversations(recording: Recording, ids: Ids, category: str | None, summary: str | None) -> None:
    """Close the open conversation of each of the contacts `ids` that has one; merged ones may have several."""
    theirs = members_of(recording.connection, ids)
    values: dict[str, int | str] = {"closed_at": to_milliseconds(recording.now)}
    values |= {"closed_by_id": recording.user_id} if recording.user_id is not None else {}
    values |= {"category": category} if category else {}
    values |= {"summary": summary} if summary else {}
    for name, value in values.items():
        recording.add_selected(
            recording.select(
                conversations.c.contact_id,
                _CELLS[name].code,
                conversations.c.id,
                null(),
                literal(str(value), Text),
            ).where(conversations.c.closed_at.is_(None), conversations.c.contact_id.in_(theirs))
        )
    closed = _CELLS["closed_at"].code
    recording.connection.execute(
        update(conversations)
        .where(conversations.c.id.in_(recording.subjects(closed)))
        .values({**values, "closed_at": recording.now})
    )
    refresh_states(recording.connection, recording.changed(closed))
