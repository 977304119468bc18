"""Search: identities that are phones are found however they are spelled, not just as they were typed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_CHUNK = 10_000


def upgrade() -> None:
    """Put the digits of their international form into the documents, where they aren't yet."""
    connection = op.get_bind()
    read = sa.text(
        "SELECT i.contact_id, i.identifier_key, d.text FROM contact_channels i"
        " JOIN search_documents d ON d.contact_id = i.contact_id"
        " WHERE i.identifier_key LIKE '+%' AND i.contact_id > :after AND i.contact_id <= :up_to ORDER BY i.id"
    )
    write = sa.text("UPDATE search_documents SET text = :text WHERE contact_id = :contact")
    last = connection.execute(sa.text("SELECT coalesce(max(id), 0) FROM contacts")).scalar_one()
    for after in range(0, last, _CHUNK):
        texts: dict[int, str] = {}
        changed: set[int] = set()
        for contact_id, key, text in connection.execute(read, {"after": after, "up_to": after + _CHUNK}):
            known = texts.setdefault(contact_id, text)
            if key[1:] not in known.split():
                texts[contact_id] = f"{known}  {key[1:]}"
                changed.add(contact_id)
        if changed:
            connection.execute(write, [{"contact": number, "text": texts[number]} for number in sorted(changed)])
