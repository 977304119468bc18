"""Deleting contacts for ever: with all that hangs on them, in history too; what stays is a receipt."""

from __future__ import annotations

import json
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Select,
    Table,
    delete,
    func,
    insert,
    select,
    union,
    update,
)

from contacts_nb.operations.forget_merges import forget_merges
from contacts_nb.operations.recording import Recording
from contacts_nb.store.cells import IDENTITY, MESSAGES
from contacts_nb.store.schema import (
    changes,
    comments,
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    conversations,
    field_values,
    messages,
    operations,
    search_documents,
    withdrawn_messages,
)

# The ids are needed by a dozen statements, the first of which changes what would be selected.
_doomed = Table("doomed", MetaData(), Column("contact_id", BigInteger, primary_key=True), prefixes=["TEMPORARY"])


class Doomed(NamedTuple):
    """How much a deletion takes away."""

    contacts: int
    messages: int


def doomed(connection: Connection, ids: Select[int]) -> Doomed:
    """What deleting the contacts `ids`, which are there, would take away; with all that were merged into them."""
    identities = select(contact_channels.c.id).where(contact_channels.c.contact_id.in_(ids))
    count = select(func.count()).select_from(messages).where(messages.c.contact_channel_id.in_(identities))
    return Doomed(
        connection.execute(select(func.count()).select_from(contacts).where(contacts.c.id.in_(ids))).scalar_one(),
        connection.execute(count).scalar_one(),
    )


def delete_contacts(recording: Recording, ids: Select[int]) -> Doomed:
    """Delete the contacts `ids`; `recording` has to be kept, because it records no changes."""
    connection = recording.connection
    _doomed.create(connection)
    connection.execute(insert(_doomed).from_select(["contact_id"], ids.order_by(None)))
    gone = select(_doomed.c.contact_id)
    count = doomed(connection, gone)
    absorbed = select(contacts.c.id).where(contacts.c.survivor_id.in_(gone))
    connection.execute(insert(_doomed).from_select(["contact_id"], absorbed))
    forget_merges(connection, gone)
    # Identities that an undo took away are known to history alone.
    identities = union(
        select(contact_channels.c.id).where(contact_channels.c.contact_id.in_(gone)),
        select(changes.c.subject).where(
            changes.c.contact_id.in_(gone), changes.c.cell.in_([IDENTITY.anchor, MESSAGES])
        ),
    )
    connection.execute(delete(withdrawn_messages).where(withdrawn_messages.c.contact_channel_id.in_(identities)))
    connection.execute(delete(messages).where(messages.c.contact_channel_id.in_(identities)))
    for table in (
        contact_channels, conversations, comments, contact_tags, field_values, search_documents, contact_states,
        changes,
    ):  # fmt: skip
        connection.execute(delete(table).where(table.c.contact_id.in_(gone)))
    connection.execute(delete(contacts).where(contacts.c.id.in_(gone)))
    _doomed.drop(connection)
    return count


def receipt(recording: Recording, gone: Doomed) -> None:
    """Let history say how much an operation has deleted."""
    recording.contacts = gone.contacts
    recording.connection.execute(
        update(operations)
        .where(operations.c.id == recording.id)
        .values(details=json.dumps({"messages": gone.messages}))
    )
