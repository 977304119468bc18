"""Search: identities that read like numbers are found by their digits, be they no international phones."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_CHUNK = 10_000
_NUMBER_LIKE = re.compile(r"^[\s+()\-./]*\d[\d\s+()\-./]*$")
_NOT_DIGITS = re.compile(r"\D+")


def upgrade() -> None:
    """Put their digits into the documents of whom they belong to, and belonged to before a merge."""
    connection = op.get_bind()
    read = sa.text(
        "SELECT d.contact_id, i.identifier, d.text FROM search_documents d"
        " JOIN contact_channels i ON i.contact_id = d.contact_id OR i.origin_id = d.contact_id"
        " WHERE d.contact_id > :after AND d.contact_id <= :up_to ORDER BY i.id"
    )
    write = sa.text("UPDATE search_documents SET text = :text WHERE contact_id = :contact")
    last = connection.execute(sa.text("SELECT coalesce(max(id), 0) FROM contacts")).scalar_one()
    for after in range(0, last, _CHUNK):
        texts: dict[int, str] = {}
        changed: set[int] = set()
        for contact_id, identifier, text in connection.execute(read, {"after": after, "up_to": after + _CHUNK}):
            known = texts.setdefault(contact_id, text)
            digits = _NOT_DIGITS.sub("", unicodedata.normalize("NFKD", identifier))
            if _NUMBER_LIKE.match(identifier) and digits not in known.split():
                texts[contact_id] = f"{known}  {digits}"
                changed.add(contact_id)
        if changed:
            connection.execute(write, [{"contact": number, "text": texts[number]} for number in sorted(changed)])
