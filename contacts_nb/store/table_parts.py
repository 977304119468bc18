"""What tables have in common: the metadata they belong to, and columns that several of them have."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Text, text
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
ID = BigInteger().with_variant(Integer, "sqlite")


def sorted_text(plain: TypeEngine[str]) -> TypeEngine[str]:
    """A text that people sort by: by code point on every database, and on PostgreSQL of any length.

    Folding may lengthen a text, which SQLite allows anyway.
    """
    return plain.with_variant(Text(collation="C"), "postgresql")


def removed_at() -> Column[datetime]:
    """When what the row names was removed; NULL as long as it is there."""
    return Column("removed_at", UtcMilliseconds)


def unique_while_kept(table: str, column: str) -> Index:
    """Two may share `column` only if one of them was removed."""
    kept = text("removed_at IS NULL")
    return Index(f"ix_{table}_{column}_kept", column, unique=True, sqlite_where=kept, postgresql_where=kept)
