"""The tables of contacts and of what hangs on them.

Derived columns stand beside what they derive from and are written in the same transaction: a contact's
`profile_name`, `sort_name` and keys, its `last_…` and `conversation_…` columns, and its search document.

A contact that was merged away keeps its rows: `survivor_id` says in whom it is seen now. Conversations, comments
and tags stay with the contact they were made on, and are read through all that a contact was merged from.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from contacts_nb.store.table_parts import ID, metadata, sorted_text
from contacts_nb.store.types import UtcMilliseconds


def _index_where_set(column: Column[int]) -> None:
    """An index of the few rows that have something in `column`."""
    some = text(f"{column.name} IS NOT NULL")
    Index(f"ix_{column.table.name}_{column.name}", column, sqlite_where=some, postgresql_where=some)


contacts = Table(
    "contacts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("first_name", String(255)),
    Column("last_name", String(255)),
    Column("phone", sorted_text(String(64))),
    Column("phone_e164", sorted_text(String(16))),
    Column("email", String(254)),
    Column("email_key", sorted_text(String(254))),
    Column("country", String(2)),
    Column("language", String(2)),
    Column("picture", String(2048)),
    Column("created_at", UtcMilliseconds, nullable=False),
    Column("profile_name", Text, nullable=False),
    Column("sort_name", sorted_text(Text()), nullable=False),
    Column("first_name_key", sorted_text(Text())),
    Column("last_name_key", sorted_text(Text())),
    Column("phone_key", sorted_text(Text())),
    # Whom it was merged into, the contact that is there for both; NULL for all that weren't merged away.
    Column("survivor_id", ID, ForeignKey("contacts.id")),
    Index(None, "sort_name"),
    Index(None, "phone_e164"),
    Index(None, "email_key"),
    Index(None, "created_at"),
    sqlite_autoincrement=True,  # the id of a deleted contact never names another one
)

_index_where_set(contacts.c.survivor_id)
# What phones are sorted by.
Index("ix_contacts_phone_sort", func.coalesce(contacts.c.phone_e164, contacts.c.phone))

# What changes often, apart from what seldom does: a narrow row with few indexes, one for each contact.
# `conversation_opened` is that of the latest conversation, whether or not it is still open.
contact_states = Table(
    "contact_states",
    metadata,
    Column("contact_id", ID, ForeignKey("contacts.id"), primary_key=True, autoincrement=False),
    Column("assignee_id", ID, ForeignKey("users.id")),
    Column("team_id", ID, ForeignKey("teams.id")),
    Column("conversation_open", SmallInteger, nullable=False),
    Column("conversation_opened", UtcMilliseconds),
    Column("last_interaction", UtcMilliseconds),
    Column("last_incoming", UtcMilliseconds),
    Column("last_channel_id", ID, ForeignKey("channels.id")),
    Index(None, "last_interaction"),
    Index(None, "last_incoming"),
)
# PostgreSQL reads no plain index backwards for "the latest first, empty ones last".
for _name in ("last_interaction", "last_incoming"):
    Index(
        f"ix_contact_states_{_name}_latest",
        contact_states.c[_name].desc().nulls_last(),
        contact_states.c.contact_id.desc(),
    ).ddl_if(dialect="postgresql")

# `contact_id` is whose it is by now; `origin_id` the contact it was made on, where a merge has made that another.
contact_channels = Table(
    "contact_channels",
    metadata,
    Column("id", ID, primary_key=True),
    Column("contact_id", ID, ForeignKey("contacts.id"), nullable=False, index=True),
    Column("channel_id", ID, ForeignKey("channels.id"), nullable=False),
    Column("identifier", String(255), nullable=False),
    # What two spellings of one identity have in common.
    Column("identifier_key", sorted_text(Text()), nullable=False),
    Column("profile_name", String(255)),
    Column("picture", String(2048)),
    Column("last_message_at", UtcMilliseconds),
    Column("last_incoming_at", UtcMilliseconds),
    Column("origin_id", ID, ForeignKey("contacts.id")),
    UniqueConstraint("channel_id", "identifier_key"),
    Index(None, "channel_id", "contact_id"),
    sqlite_autoincrement=True,
)
_index_where_set(contact_channels.c.origin_id)

# Clustered by whose they are and when: a thread is read as one stretch of the file. `number` tells apart
# messages of one identity in the same millisecond. `operation_id` is the one that recorded it, if one did.
messages = Table(
    "messages",
    metadata,
    Column("contact_channel_id", ID, ForeignKey("contact_channels.id"), primary_key=True),
    Column("sent_at", UtcMilliseconds, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("incoming", SmallInteger, CheckConstraint("incoming IN (0, 1)", name="incoming"), nullable=False),
    Column("text", Text, nullable=False),
    Column("sender_id", ID, ForeignKey("users.id")),
    Column("status", String(16)),
    Column("operation_id", ID),
    sqlite_with_rowid=False,
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("contact_id", ID, ForeignKey("contacts.id"), nullable=False),
    Column("opened_at", UtcMilliseconds, nullable=False),
    Column("opened_by", String(8), nullable=False),
    Column("opened_by_id", ID, ForeignKey("users.id")),
    Column("closed_at", UtcMilliseconds),
    Column("closed_by_id", ID, ForeignKey("users.id")),
    Column("category", String(255)),
    Column("summary", Text),
    Index(None, "contact_id", "opened_at"),
    Index(
        "ix_conversations_contact_id_open",
        "contact_id",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

comments = Table(
    "comments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("contact_id", ID, ForeignKey("contacts.id"), nullable=False, index=True),
    Column("user_id", ID, ForeignKey("users.id")),
    Column("text", Text, nullable=False),
    Column("created_at", UtcMilliseconds, nullable=False),
    sqlite_autoincrement=True,
)

contact_tags = Table(
    "contact_tags",
    metadata,
    Column("contact_id", ID, ForeignKey("contacts.id"), primary_key=True),
    Column("tag_id", ID, ForeignKey("tags.id"), primary_key=True),
    Index(None, "tag_id", "contact_id"),
    sqlite_with_rowid=False,
)

# `value` is the canonical text of every type; `number` the same as a number where the type is compared as one,
# `value_key` folded where it is compared as text.
field_values = Table(
    "field_values",
    metadata,
    Column("contact_id", ID, ForeignKey("contacts.id"), primary_key=True),
    Column("field_id", ID, ForeignKey("fields.id"), primary_key=True),
    Column("value", sorted_text(Text()), nullable=False),
    Column("number", Double),
    Column("value_key", sorted_text(Text())),
    Index(None, "field_id", "number"),
    sqlite_with_rowid=False,
)

# What search looks in; each database keeps its own trigram index of `text` in step with it.
search_documents = Table(
    "search_documents",
    metadata,
    Column("contact_id", ID, ForeignKey("contacts.id"), primary_key=True),
    Column("text", Text, nullable=False),
)
