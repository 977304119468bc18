"""Merges: contacts that were merged away, whose identities were made on them, and how to take them apart again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the columns and the tables; nobody was merged before."""
    # Alembic would copy the tables for references that both databases can add in place.
    integer = ID.compile(op.get_bind().dialect)
    for table, column in (("contacts", "survivor_id"), ("contact_channels", "origin_id")):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} {integer}"
            f" CONSTRAINT fk_{table}_{column} REFERENCES contacts (id)"
        )
        some = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=some, postgresql_where=some)
    op.create_table(
        "merges",
        sa.Column("id", ID, primary_key=True, autoincrement=False),
        sa.Column("survivor_id", ID, nullable=False),
        sa.Column("absorbed_id", ID, nullable=False),
        sa.Column("ended_by", ID),
    )
    op.create_index("ix_merges_survivor_id", "merges", ["survivor_id"])
    op.create_index("ix_merges_absorbed_id", "merges", ["absorbed_id"])
    in_force = sa.text("ended_by IS NULL")
    op.create_index(
        "ix_merges_absorbed_id_in_force",
        "merges",
        ["absorbed_id"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_table(
        "merge_values",
        sa.Column("unmerge_id", ID, primary_key=True, autoincrement=False),
        sa.Column(
            "merge_id",
            ID,
            sa.ForeignKey("merges.id", name="fk_merge_values_merge_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("cell", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", ID, primary_key=True, autoincrement=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_merge_values_merge_id", "merge_values", ["merge_id"])
