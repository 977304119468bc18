"""What filters compare: folded names and texts, phones as digits; and indexes for sorting."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_CHUNK = 10_000


def upgrade() -> None:
    """Add the columns, fill them, and add the indexes."""
    for name in ("first_name_key", "last_name_key", "phone_key"):
        op.add_column("contacts", sa.Column(name, SORTED))
    op.add_column("field_values", sa.Column("value_key", SORTED))
    _fill_contacts()
    _fill_values()
    op.execute("CREATE INDEX ix_contacts_phone_sort ON contacts (coalesce(phone_e164, phone))")
    if op.get_bind().dialect.name == "postgresql":
        for name in ("last_interaction", "last_incoming"):
            op.execute(
                f"CREATE INDEX ix_contact_states_{name}_latest ON contact_states"
                f" ({name} DESC NULLS LAST, contact_id DESC)"
            )


def _fill_contacts() -> None:
    connection = op.get_bind()
    read = sa.text(
        "SELECT id, first_name, last_name, phone, phone_e164 FROM contacts"
        " WHERE id > :after AND id <= :up_to"
        " AND (first_name IS NOT NULL OR last_name IS NOT NULL OR phone IS NOT NULL)"
    )
    write = sa.text(
        "UPDATE contacts SET first_name_key = :first, last_name_key = :last, phone_key = :phone WHERE id = :id"
    )
    last = connection.execute(sa.text("SELECT coalesce(max(id), 0) FROM contacts")).scalar_one()
    for after in range(0, last, _CHUNK):
        rows = [
            {"id": number, "first": _folded(first), "last": _folded(last), "phone": _digits(e164 or phone)}
            for number, first, last, phone, e164 in connection.execute(
                read, {"after": after, "up_to": after + _CHUNK}
            )
        ]
        if rows:
            connection.execute(write, rows)


def _fill_values() -> None:
    connection = op.get_bind()
    read = sa.text(
        "SELECT v.contact_id, v.field_id, v.value FROM field_values v JOIN fields f ON f.id = v.field_id"
        " WHERE f.type IN ('text', 'email', 'url') AND v.contact_id > :after AND v.contact_id <= :up_to"
    )
    write = sa.text("UPDATE field_values SET value_key = :key WHERE contact_id = :contact AND field_id = :field")
    last = connection.execute(sa.text("SELECT coalesce(max(contact_id), 0) FROM field_values")).scalar_one()
    for after in range(0, last, _CHUNK):
        rows = [
            {"contact": contact, "field": field, "key": _folded(value)}
            for contact, field, value in connection.execute(read, {"after": after, "up_to": after + _CHUNK})
        ]
        if rows:
            connection.execute(write, rows)


# As the package folds today; a later version may do it otherwise, and will then migrate.
_WITHOUT_STROKES = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe"}
)


def _folded(text: str | None) -> str | None:
    if text is None:
        return None
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_WITHOUT_STROKES)
    return unicodedata.normalize("NFC", letters)


def _digits(phone: str | None) -> str | None:
    return None if phone is None else re.sub(r"\D+", "", _folded(phone) or "")
