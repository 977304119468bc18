"""The first tables: workspace, channels, contacts and their channels, messages, tags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def sorted_text(plain: sa.types.TypeEngine[str]) -> sa.types.TypeEngine[str]:
    """A text that PostgreSQL sorts by code point, as SQLite does, and takes at any length."""
    return plain.with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "workspace",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("phone_region", sa.String(2)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_workspace_single"),
    )
    op.create_table(
        "channels",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_key", sorted_text(sa.String(255)), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("name_key", name="uq_channels_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contacts",
        sa.Column("id", ID, primary_key=True),
        sa.Column("first_name", sa.String(255)),
        sa.Column("last_name", sa.String(255)),
        sa.Column("phone", sorted_text(sa.String(64))),
        sa.Column("phone_e164", sorted_text(sa.String(16))),
        sa.Column("email", sa.String(254)),
        sa.Column("email_key", sorted_text(sa.String(254))),
        sa.Column("country", sa.String(2)),
        sa.Column("language", sa.String(2)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("profile_name", sa.Text, nullable=False),
        sa.Column("sort_name", sorted_text(sa.Text()), nullable=False),
        sa.Column("last_interaction", sa.BigInteger),
        sa.Column("last_incoming", sa.BigInteger),
        sa.Column("last_channel_id", ID, sa.ForeignKey("channels.id", name="fk_contacts_last_channel_id")),
        sqlite_autoincrement=True,
    )
    for column in ("sort_name", "phone_e164", "email_key", "last_interaction", "last_incoming", "created_at"):
        op.create_index(f"ix_contacts_{column}", "contacts", [column])
    op.create_table(
        "contact_channels",
        sa.Column("id", ID, primary_key=True),
        sa.Column(
            "contact_id",
            ID,
            sa.ForeignKey("contacts.id", name="fk_contact_channels_contact_id"),
            nullable=False,
        ),
        sa.Column(
            "channel_id",
            ID,
            sa.ForeignKey("channels.id", name="fk_contact_channels_channel_id"),
            nullable=False,
        ),
        sa.Column("identifier", sa.String(255), nullable=False),
        sa.Column("profile_name", sa.String(255)),
        sa.Column("last_message_at", sa.BigInteger),
        sa.Column("last_incoming_at", sa.BigInteger),
        sa.UniqueConstraint("channel_id", "identifier", name="uq_contact_channels_channel_id_identifier"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contact_channels_contact_id", "contact_channels", ["contact_id"])
    op.create_index("ix_contact_channels_channel_id_contact_id", "contact_channels", ["channel_id", "contact_id"])
    op.create_table(
        "messages",
        sa.Column(
            "contact_channel_id",
            ID,
            sa.ForeignKey("contact_channels.id", name="fk_messages_contact_channel_id"),
            primary_key=True,
        ),
        sa.Column("sent_at", sa.BigInteger, primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True),
        sa.Column("incoming", sa.SmallInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.CheckConstraint("incoming IN (0, 1)", name="ck_messages_incoming"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tags",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_key", sorted_text(sa.String(255)), nullable=False),
        sa.UniqueConstraint("name_key", name="uq_tags_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contact_tags",
        sa.Column(
            "contact_id",
            ID,
            sa.ForeignKey("contacts.id", name="fk_contact_tags_contact_id"),
            primary_key=True,
        ),
        sa.Column("tag_id", ID, sa.ForeignKey("tags.id", name="fk_contact_tags_tag_id"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_contact_tags_tag_id_contact_id", "contact_tags", ["tag_id", "contact_id"])
