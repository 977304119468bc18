"""The tables of a workspace, as SQLAlchemy sees them; the migrations make them.

Derived columns stand beside what they derive from and are written in the same transaction: a contact's
`profile_name` and `sort_name`, its `last_…` columns, and its search document.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from contacts_nb.store.types import UtcMilliseconds

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# An integer of 64 bits on both; on SQLite only one of this name counts up by itself.
_ID = BigInteger().with_variant(Integer, "sqlite")


def _sorted(plain: TypeEngine[str]) -> TypeEngine[str]:
    """A text that people sort by: by code point on every database, and on PostgreSQL of any length.

    Folding may lengthen a text, which SQLite allows anyway.
    """
    return plain.with_variant(Text(collation="C"), "postgresql")


workspace = Table(
    "workspace",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("phone_region", String(2)),
    Column("created_at", UtcMilliseconds, nullable=False),
)

channels = Table(
    "channels",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_key", _sorted(String(255)), nullable=False, unique=True),
    Column("source", String(16), nullable=False),
    Column("created_at", UtcMilliseconds, nullable=False),
    sqlite_autoincrement=True,
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("first_name", String(255)),
    Column("last_name", String(255)),
    Column("phone", _sorted(String(64))),
    Column("phone_e164", _sorted(String(16))),
    Column("email", String(254)),
    Column("email_key", _sorted(String(254))),
    Column("country", String(2)),
    Column("language", String(2)),
    Column("created_at", UtcMilliseconds, nullable=False),
    Column("profile_name", Text, nullable=False),
    Column("sort_name", _sorted(Text()), nullable=False),
    Column("last_interaction", UtcMilliseconds),
    Column("last_incoming", UtcMilliseconds),
    Column("last_channel_id", _ID, ForeignKey("channels.id")),
    Index(None, "sort_name"),
    Index(None, "phone_e164"),
    Index(None, "email_key"),
    Index(None, "last_interaction"),
    Index(None, "last_incoming"),
    Index(None, "created_at"),
    sqlite_autoincrement=True,  # the id of a deleted contact never names another one
)

contact_channels = Table(
    "contact_channels",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("contact_id", _ID, ForeignKey("contacts.id"), nullable=False, index=True),
    Column("channel_id", _ID, ForeignKey("channels.id"), nullable=False),
    Column("identifier", String(255), nullable=False),
    Column("profile_name", String(255)),
    Column("last_message_at", UtcMilliseconds),
    Column("last_incoming_at", UtcMilliseconds),
    UniqueConstraint("channel_id", "identifier"),
    Index(None, "channel_id", "contact_id"),
    sqlite_autoincrement=True,
)

# Clustered by whose they are and when: a thread is read as one stretch of the file. `number` tells apart
# messages of one identity in the same millisecond.
messages = Table(
    "messages",
    metadata,
    Column("contact_channel_id", _ID, ForeignKey("contact_channels.id"), primary_key=True),
    Column("sent_at", UtcMilliseconds, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("incoming", SmallInteger, CheckConstraint("incoming IN (0, 1)", name="incoming"), nullable=False),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_key", _sorted(String(255)), nullable=False, unique=True),
    sqlite_autoincrement=True,
)

contact_tags = Table(
    "contact_tags",
    metadata,
    Column("contact_id", _ID, ForeignKey("contacts.id"), primary_key=True),
    Column("tag_id", _ID, ForeignKey("tags.id"), primary_key=True),
    Index(None, "tag_id", "contact_id"),
    sqlite_with_rowid=False,
)

# What search looks in; each database keeps its own trigram index of `text` in step with it.
search_documents = Table(
    "search_documents",
    metadata,
    Column("contact_id", _ID, ForeignKey("contacts.id"), primary_key=True),
    Column("text", Text, nullable=False),
)
