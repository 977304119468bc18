"""The tables of what is set up for all contacts: the workspace itself, people, channels, tags, fields, inboxes.

Users, teams, channels, tags, fields and inboxes are never dropped from their tables, because history names them:
those that were removed have `removed_at`, and a name is unique among the others.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from contacts_nb.store.table_parts import ID, metadata, removed_at, sorted_text, unique_while_kept
from contacts_nb.store.types import UtcMilliseconds

workspace = Table(
    "workspace",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("phone_region", String(2)),
    Column("created_at", UtcMilliseconds, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("email", String(254), nullable=False),
    Column("email_key", sorted_text(Text()), nullable=False),
    Column("name", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("restrict_data_export", SmallInteger, nullable=False),
    Column("restrict_contact_deletion", SmallInteger, nullable=False),
    Column("restrict_workspace_settings", SmallInteger, nullable=False),
    Column("created_at", UtcMilliseconds, nullable=False),
    removed_at(),
    unique_while_kept("users", "email_key"),
    sqlite_autoincrement=True,
)

teams = Table(
    "teams",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_key", sorted_text(Text()), nullable=False),
    Column("created_at", UtcMilliseconds, nullable=False),
    removed_at(),
    unique_while_kept("teams", "name_key"),
    sqlite_autoincrement=True,
)

team_members = Table(
    "team_members",
    metadata,
    Column("id", ID, primary_key=True),
    Column("team_id", ID, ForeignKey("teams.id"), nullable=False),
    Column("user_id", ID, ForeignKey("users.id"), nullable=False, index=True),
    UniqueConstraint("team_id", "user_id"),
    sqlite_autoincrement=True,
)

channels = Table(
    "channels",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_key", sorted_text(Text()), nullable=False),
    Column("source", String(16), nullable=False),
    Column("created_at", UtcMilliseconds, nullable=False),
    removed_at(),
    unique_while_kept("channels", "name_key"),
    sqlite_autoincrement=True,
)

tags = Table(
    "tags",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_key", sorted_text(Text()), nullable=False),
    Column("colour", String(7)),
    Column("description", Text),
    removed_at(),
    unique_while_kept("tags", "name_key"),
    sqlite_autoincrement=True,
)

# `allowed` is a JSON array of texts, in the order they are offered; NULL but for lists.
fields = Table(
    "fields",
    metadata,
    Column("id", ID, primary_key=True),
    Column("slug", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("type", String(16), nullable=False),
    Column("allowed", Text),
    Column("created_at", UtcMilliseconds, nullable=False),
    removed_at(),
    unique_while_kept("fields", "slug"),
    sqlite_autoincrement=True,
)

# Saved filters. `filter` is the JSON of one, `named` a JSON array of the tags, users, teams and channels that it
# names, each as [kind, name, id]: those may be renamed later. Without users nobody has created it.
inboxes = Table(
    "inboxes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_key", sorted_text(Text()), nullable=False),
    Column("creator_id", ID, ForeignKey("users.id")),
    Column("sharing", String(8), nullable=False),
    Column("filter", Text, nullable=False),
    Column("named", Text, nullable=False),
    Column("created_at", UtcMilliseconds, nullable=False),
    removed_at(),
    sqlite_autoincrement=True,
)

# With whom an inbox is shared: either a user or a team.
inbox_shares = Table(
    "inbox_shares",
    metadata,
    Column("id", ID, primary_key=True),
    Column("inbox_id", ID, ForeignKey("inboxes.id"), nullable=False, index=True),
    Column("user_id", ID, ForeignKey("users.id")),
    Column("team_id", ID, ForeignKey("teams.id")),
    sqlite_autoincrement=True,
)

# How a user likes to see things, as JSON by name; `user_id` is 0 where a workspace has no users.
preferences = Table(
    "preferences",
    metadata,
    Column("user_id", ID, primary_key=True, autoincrement=False),
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
