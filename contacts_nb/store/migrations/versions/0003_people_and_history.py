"""People, custom fields, conversations, comments, and the history of every change.

What changes often about a contact moves to a table of its own; names and identities become unique in a way
that leaves room for what was removed and for other spellings.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_CHUNK = 10_000


def upgrade() -> None:
    """Create the new tables, fill what derives from the old ones, and reshape those."""
    _create_people()
    for table in ("channels", "tags"):
        with _reshaped(table) as batch:
            batch.drop_constraint(f"uq_{table}_name_key", type_="unique")
            if op.get_bind().dialect.name == "postgresql":
                batch.alter_column("name_key", type_=SORTED)
            else:
                batch.alter_column("name_key", type_=sa.Text())
            if table == "tags":
                batch.add_column(sa.Column("colour", sa.String(7)))
                batch.add_column(sa.Column("description", sa.Text))
            batch.add_column(sa.Column("removed_at", sa.BigInteger))
        _unique_while_kept(table, "name_key")
    _create_fields()
    _create_contact_states()
    _key_identities()
    # Alembic would copy the table for a reference that both databases can add in place.
    integer = ID.compile(op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE messages ADD COLUMN sender_id {integer}"
        " CONSTRAINT fk_messages_sender_id REFERENCES users (id)"
    )
    op.add_column("messages", sa.Column("status", sa.String(16)))
    op.add_column("messages", sa.Column("operation_id", ID))
    _create_conversations()
    _create_history()


def _create_people() -> None:
    op.create_table(
        "users",
        sa.Column("id", ID, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", SORTED, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("restrict_data_export", sa.SmallInteger, nullable=False),
        sa.Column("restrict_contact_deletion", sa.SmallInteger, nullable=False),
        sa.Column("restrict_workspace_settings", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    _unique_while_kept("users", "email_key")
    op.create_table(
        "teams",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_key", SORTED, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    _unique_while_kept("teams", "name_key")
    op.create_table(
        "team_members",
        sa.Column("id", ID, primary_key=True),
        _reference("team_members", "team_id", "teams", nullable=False),
        _reference("team_members", "user_id", "users", nullable=False),
        sa.UniqueConstraint("team_id", "user_id", name="uq_team_members_team_id_user_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_team_members_user_id", "team_members", ["user_id"])


def _create_fields() -> None:
    op.create_table(
        "fields",
        sa.Column("id", ID, primary_key=True),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("allowed", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    _unique_while_kept("fields", "slug")
    op.create_table(
        "field_values",
        _reference("field_values", "contact_id", "contacts", primary_key=True),
        _reference("field_values", "field_id", "fields", primary_key=True),
        sa.Column("value", SORTED, nullable=False),
        sa.Column("number", sa.Double),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_field_values_field_id_number", "field_values", ["field_id", "number"])


def _create_contact_states() -> None:
    op.create_table(
        "contact_states",
        _reference("contact_states", "contact_id", "contacts", primary_key=True, autoincrement=False),
        _reference("contact_states", "assignee_id", "users"),
        _reference("contact_states", "team_id", "teams"),
        sa.Column("conversation_open", sa.SmallInteger, nullable=False),
        sa.Column("conversation_opened", sa.BigInteger),
        sa.Column("last_interaction", sa.BigInteger),
        sa.Column("last_incoming", sa.BigInteger),
        _reference("contact_states", "last_channel_id", "channels"),
    )
    op.execute(
        "INSERT INTO contact_states"
        " (contact_id, conversation_open, last_interaction, last_incoming, last_channel_id)"
        " SELECT id, 0, last_interaction, last_incoming, last_channel_id FROM contacts ORDER BY id"
    )
    for column in ("last_interaction", "last_incoming"):
        op.create_index(f"ix_contact_states_{column}", "contact_states", [column])
        op.drop_index(f"ix_contacts_{column}", "contacts")
    with _reshaped("contacts") as batch:
        batch.drop_constraint("fk_contacts_last_channel_id", type_="foreignkey")
        for column in ("last_interaction", "last_incoming", "last_channel_id"):
            batch.drop_column(column)
        batch.add_column(sa.Column("picture", sa.String(2048)), **_after("language"))


def _key_identities() -> None:
    with _reshaped("contact_channels") as batch:
        batch.drop_constraint("uq_contact_channels_channel_id_identifier", type_="unique")
        batch.add_column(sa.Column("identifier_key", SORTED), **_after("identifier"))
        batch.add_column(sa.Column("picture", sa.String(2048)), **_after("profile_name"))
    op.execute("UPDATE contact_channels SET identifier_key = identifier")
    _fold_addresses()
    with _reshaped("contact_channels") as batch:
        batch.alter_column("identifier_key", existing_type=SORTED, nullable=False)
        batch.create_unique_constraint(
            "uq_contact_channels_channel_id_identifier_key", ["channel_id", "identifier_key"]
        )


def _fold_addresses() -> None:
    """Give e-mail identities the key of their address, where no other has it; phones are in E.164 already."""
    bind = op.get_bind()
    rows = bind.execute(
        sa.text(
            "SELECT id, channel_id, identifier FROM contact_channels WHERE channel_id IN"
            " (SELECT id FROM channels WHERE source = 'email') ORDER BY id"
        )
    ).all()
    taken = {(channel_id, identifier) for _, channel_id, identifier in rows}
    changed = []
    for row_id, channel_id, identifier in rows:
        key = (channel_id, identifier.casefold())
        if key not in taken:
            taken.add(key)
            changed.append({"id": row_id, "key": key[1]})
    update = sa.text("UPDATE contact_channels SET identifier_key = :key WHERE id = :id")
    for start in range(0, len(changed), _CHUNK):
        bind.execute(update, changed[start : start + _CHUNK])


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", ID, primary_key=True),
        _reference("conversations", "contact_id", "contacts", nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("opened_by", sa.String(8), nullable=False),
        _reference("conversations", "opened_by_id", "users"),
        sa.Column("closed_at", sa.BigInteger),
        _reference("conversations", "closed_by_id", "users"),
        sa.Column("category", sa.String(255)),
        sa.Column("summary", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conversations_contact_id_opened_at", "conversations", ["contact_id", "opened_at"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_conversations_contact_id_open",
        "conversations",
        ["contact_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "comments",
        sa.Column("id", ID, primary_key=True),
        _reference("comments", "contact_id", "contacts", nullable=False),
        _reference("comments", "user_id", "users"),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comments_contact_id", "comments", ["contact_id"])


def _create_history() -> None:
    op.create_table(
        "operations",
        sa.Column("id", ID, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        _reference("operations", "user_id", "users"),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("contacts", sa.BigInteger, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("undoes", ID),
        sa.Column("undone_by", ID),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "changes",
        sa.Column("operation_id", ID, primary_key=True),
        sa.Column("contact_id", ID, primary_key=True),
        sa.Column("cell", sa.SmallInteger, primary_key=True),
        sa.Column("subject", ID, primary_key=True),
        sa.Column("old", sa.Text),
        sa.Column("new", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_changes_contact_id", "changes", ["contact_id"])
    op.create_table(
        "withdrawn_messages",
        sa.Column("undo_id", ID, primary_key=True),
        sa.Column("contact_channel_id", ID, primary_key=True),
        sa.Column("sent_at", sa.BigInteger, primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True),
        sa.Column("incoming", sa.SmallInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sender_id", ID),
        sa.Column("status", sa.String(16)),
        sa.Column("operation_id", ID),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_withdrawn_messages_contact_channel_id", "withdrawn_messages", ["contact_channel_id"])


def _reshaped(table: str) -> AbstractContextManager[BatchOperations]:
    # SQLite can't drop constraints: Alembic makes a new table there, which has to keep counting up by itself.
    return op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True})


def _reference(
    table: str,
    column: str,
    to: str,
    *,
    nullable: bool = True,
    primary_key: bool = False,
    autoincrement: bool = True,
) -> sa.Column[int]:
    return sa.Column(
        column,
        ID,
        sa.ForeignKey(f"{to}.id", name=f"fk_{table}_{column}"),
        nullable=nullable and not primary_key,
        primary_key=primary_key,
        autoincrement="auto" if autoincrement else False,
    )


def _unique_while_kept(table: str, column: str) -> None:
    kept = sa.text("removed_at IS NULL")
    op.create_index(
        f"ix_{table}_{column}_kept", table, [column], unique=True, sqlite_where=kept, postgresql_where=kept
    )


def _after(column: str) -> dict[str, Any]:
    """Where a new column goes; PostgreSQL, which alters the table in place, has it at the end."""
    return {"insert_after": column} if op.get_bind().dialect.name == "sqlite" else {}
