"""Inboxes: saved filters and with whom they are shared; and how each user likes to see things."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "inboxes",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_key", SORTED, nullable=False),
        sa.Column("creator_id", ID, sa.ForeignKey("users.id", name="fk_inboxes_creator_id")),
        sa.Column("sharing", sa.String(8), nullable=False),
        sa.Column("filter", sa.Text, nullable=False),
        sa.Column("named", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inbox_shares",
        sa.Column("id", ID, primary_key=True),
        sa.Column("inbox_id", ID, sa.ForeignKey("inboxes.id", name="fk_inbox_shares_inbox_id"), nullable=False),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", name="fk_inbox_shares_user_id")),
        sa.Column("team_id", ID, sa.ForeignKey("teams.id", name="fk_inbox_shares_team_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_shares_inbox_id", "inbox_shares", ["inbox_id"])
    op.create_table(
        "preferences",
        sa.Column("user_id", ID, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
