"""Search: a folded document per contact and a trigram index over them, filled from what is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from contacts_nb.store.backend import backend_of
from contacts_nb.store.search_documents import write_all_search_documents

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the documents and their index."""
    op.create_table(
        "search_documents",
        sa.Column(
            "contact_id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.ForeignKey("contacts.id", name="fk_search_documents_contact_id"),
            primary_key=True,
        ),
        sa.Column("text", sa.Text, nullable=False),
    )
    write_all_search_documents(op.get_bind())
    backend_of(op.get_bind()).create_search_index(op.get_bind())
