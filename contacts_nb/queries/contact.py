"""One contact with all that is known of it, and its messages across channels."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields

import pandas as pd
from sqlalchemy import Connection, func, select

from contacts_nb.model.contact import ContactChannel, ContactRecord, Message, Source
from contacts_nb.queries.groups import present_id
from contacts_nb.queries.rows import LARGEST_INTEGER, checked_count, tags_by_contact, values_by_contact
from contacts_nb.queries.thread_pages import (
    FoundMessages,
    MessagePage,
    MessagePlace,
    found_messages,
    message_page,
)
from contacts_nb.store.schema import (
    channels,
    contact_channels,
    contact_states,
    contacts,
    messages,
    teams,
    users,
)

Reader = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, kw_only=True)
class Contact(ContactRecord):
    """One contact as it was when it was looked up; its messages are read when asked for."""

    read: Reader = field(repr=False, compare=False)

    def last_messages(self, limit: int = 50) -> tuple[Message, ...]:
        """The newest `limit` messages across all channels, oldest of them first."""
        limit = checked_count("limit", limit)
        with self.read() as connection:
            return tuple(map(_plain, message_page(connection, self.id, None, limit).messages))

    def message_page(self, before: MessagePlace | None = None, limit: int = 30) -> MessagePage:
        """The newest `limit` messages across all channels, or those next before a place; oldest of them first.

        The `older` of a page is the `before` of the next older one, and None on the oldest.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.add_contact(first_name="Ann").message_page()
        MessagePage(messages=(), older=None)
        """
        limit = checked_count("limit", limit)
        with self.read() as connection:
            return message_page(connection, self.id, before, limit)

    def find_messages(self, text: str, limit: int = 200) -> FoundMessages:
        """The newest `limit` messages that have all words of `text`, newest first, and the `count` of all that do.

        Case and accents don't matter, and words may be parts of others. Raises `InvalidValue` if there are none.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.add_contact(first_name="Ann").find_messages("invoice").count
        0
        """
        limit = checked_count("limit", limit)
        with self.read() as connection:
            return found_messages(connection, self.id, text, limit)

    def message_count(self) -> int:
        """How many messages were exchanged with this contact on all its channels."""
        statement = (
            select(func.count())
            .select_from(messages)
            .join(contact_channels, contact_channels.c.id == messages.c.contact_channel_id)
            .where(contact_channels.c.contact_id == present_id(self.id))
        )
        with self.read() as connection:
            return connection.execute(statement).scalar_one()

    def messages(self, limit: int = 1_000) -> pd.DataFrame:
        """The newest `limit` messages as a frame, one row a message, oldest first.

        Columns: `sent_at` (datetime, UTC), `channel`, `source` (str), `incoming` (bool), `text` (str), `sender`
        (str, e-mail of the user), `status` (str: sent, delivered, read, failed).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.contacts[ws.add_contact(first_name="Ann").id].messages().empty
        True
        """
        found = self.last_messages(limit)
        return pd.DataFrame(
            {
                "sent_at": pd.to_datetime([message.sent_at for message in found], utc=True).as_unit("ms"),
                "channel": pd.array([message.channel for message in found], dtype="str"),
                "source": pd.array([message.source.value for message in found], dtype="str"),
                "incoming": pd.array([message.incoming for message in found], dtype="bool"),
                "text": pd.array([message.text for message in found], dtype="str"),
                "sender": pd.array([message.sender for message in found], dtype="str"),
                "status": pd.array([message.status for message in found], dtype="str"),
            }
        )


def contact_with(read: Reader, contact_id: int) -> Contact | None:
    """The contact that has this id, or whom that was merged into; None if there is none."""
    if not 0 < contact_id <= LARGEST_INTEGER:
        return None
    with read() as connection:
        return contact_in(connection, contact_id, read)


def contact_in(connection: Connection, contact_id: int, read: Reader) -> Contact | None:
    """The contact that has this id, or whom that was merged into, as `connection` sees it; or None."""
    statement = (
        select(
            contacts,
            contact_states,
            channels.c.name.label("last_channel"),
            users.c.email.label("assignee"),
            teams.c.name.label("team"),
        )
        .join(contact_states, contact_states.c.contact_id == contacts.c.id)
        .outerjoin(channels, channels.c.id == contact_states.c.last_channel_id)
        .outerjoin(users, users.c.id == contact_states.c.assignee_id)
        .outerjoin(teams, teams.c.id == contact_states.c.team_id)
        .where(contacts.c.id == present_id(contact_id))
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    return Contact(
        id=row.id,
        name=row.profile_name,
        first_name=row.first_name,
        last_name=row.last_name,
        phone=row.phone,
        phone_e164=row.phone_e164,
        email=row.email,
        country=row.country,
        language=row.language,
        picture=row.picture,
        created_at=row.created_at,
        assignee=row.assignee,
        team=row.team,
        conversation_open=bool(row.conversation_open),
        conversation_opened=row.conversation_opened,
        last_interaction=row.last_interaction,
        last_incoming=row.last_incoming,
        last_interacted_channel=row.last_channel,
        tags=tuple(tags_by_contact(connection, [row.id])[row.id]),
        fields=values_by_contact(connection, [row.id])[row.id],
        channels=_channels_of(connection, row.id),
        read=read,
    )


def _plain(message: Message) -> Message:
    return Message(*(getattr(message, one.name) for one in fields(Message)))


def _channels_of(connection: Connection, contact_id: int) -> tuple[ContactChannel, ...]:
    statement = (
        select(
            channels.c.name,
            channels.c.source,
            contact_channels.c.identifier,
            contact_channels.c.profile_name,
            contact_channels.c.last_message_at,
            contact_channels.c.last_incoming_at,
        )
        .join(channels, channels.c.id == contact_channels.c.channel_id)
        .where(contact_channels.c.contact_id == contact_id)
        .order_by(contact_channels.c.last_message_at.desc().nulls_last(), contact_channels.c.id)
    )
    return tuple(
        ContactChannel(name, Source(source), identifier, profile_name, last_message_at, last_incoming_at)
        for name, source, identifier, profile_name, last_message_at, last_incoming_at in connection.execute(
            statement
        )
    )
