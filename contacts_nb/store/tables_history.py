"""The tables of history: what was done, the cells it changed, messages that an undo took away, and merges."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, SmallInteger, String, Table, Text, text

from contacts_nb.store.table_parts import ID, metadata
from contacts_nb.store.tables_contacts import messages
from contacts_nb.store.types import UtcMilliseconds

# One row for each thing that was done. `contacts` counts those it changed; `details` is a JSON object without
# anything personal, because it outlives the contacts. `undoes` and `undone_by` name other operations.
operations = Table(
    "operations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", UtcMilliseconds, nullable=False),
    Column("user_id", ID, ForeignKey("users.id")),
    Column("kind", String(32), nullable=False),
    Column("contacts", BigInteger, nullable=False),
    Column("details", Text, nullable=False),
    Column("undoes", ID),
    Column("undone_by", ID),
    sqlite_autoincrement=True,
)

# The old and new text of every cell that an operation changed; `store/cells.py` says what the numbers in
# `cell` mean and what `subject` is the id of. `contact_id` is 0 for what belongs to no contact. There are no
# foreign keys, whose checking would cost more than the rest of the row; `contacts-nb check` looks at them.
changes = Table(
    "changes",
    metadata,
    Column("operation_id", ID, primary_key=True),
    Column("contact_id", ID, primary_key=True),
    Column("cell", SmallInteger, primary_key=True),
    Column("subject", ID, primary_key=True),
    Column("old", Text),
    Column("new", Text),
    Index(None, "contact_id"),
    sqlite_with_rowid=False,
)

# Messages that an undo took away, by that undo, until it is undone itself.
withdrawn_messages = Table(
    "withdrawn_messages",
    metadata,
    Column("undo_id", ID, primary_key=True),
    *(
        Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable)
        for column in messages.columns
    ),
    Index(None, "contact_channel_id"),
    sqlite_with_rowid=False,
)

# One row for each time that one contact was merged into another, by the number of the operation that did it.
# Merges in force (which no operation has ended) are a tree: `survivor_id` may have been merged away itself. Of
# those that were ended, an undo may have taken a contact away, so the ids are no foreign keys.
merges = Table(
    "merges",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("survivor_id", ID, nullable=False, index=True),
    Column("absorbed_id", ID, nullable=False, index=True),
    Column("ended_by", ID),
    Index(
        "ix_merges_absorbed_id_in_force",
        "absorbed_id",
        unique=True,
        sqlite_where=text("ended_by IS NULL"),
        postgresql_where=text("ended_by IS NULL"),
    ),
)

# The cells of its survivor that a merge has changed, from which value to which, so that each can be given back.
# Those in force have the `unmerge_id` 0; others are as they were before that operation, for its undo.
merge_values = Table(
    "merge_values",
    metadata,
    Column("unmerge_id", ID, primary_key=True, autoincrement=False),
    Column("merge_id", ID, ForeignKey("merges.id"), primary_key=True, autoincrement=False),
    Column("cell", SmallInteger, primary_key=True, autoincrement=False),
    Column("subject", ID, primary_key=True, autoincrement=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "merge_id"),
    sqlite_with_rowid=False,
)
