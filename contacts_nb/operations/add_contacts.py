"""Adding contacts: drafts become rows, with their tags and search documents, a set at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from contacts_nb.model.draft import ContactDraft
from contacts_nb.model.emails import email_key
from contacts_nb.model.text import folded, name_key
from contacts_nb.store.backend import backend_of
from contacts_nb.store.schema import contact_tags, contacts, search_documents, tags
from contacts_nb.store.search_documents import contact_document

_AT_ONCE = 500


def added_contacts(connection: Connection, drafts: Sequence[ContactDraft], now: datetime) -> list[int]:
    """Add one contact for each draft, created `now`; gives their ids in the same order."""
    if not drafts:
        return []
    ids = backend_of(connection).new_ids(connection, contacts.name, len(drafts))
    names = [draft.name for draft in drafts]
    connection.execute(
        insert(contacts),
        [
            {
                "id": contact_id,
                "first_name": draft.first_name,
                "last_name": draft.last_name,
                "phone": draft.phone,
                "phone_e164": draft.phone_e164,
                "email": draft.email,
                "email_key": email_key(draft.email) if draft.email else None,
                "country": draft.country,
                "language": draft.language,
                "created_at": now,
                "profile_name": name,
                "sort_name": folded(name),
            }
            for contact_id, draft, name in zip(ids, drafts, names, strict=True)
        ],
    )
    connection.execute(
        insert(search_documents),
        [
            {
                "contact_id": contact_id,
                "text": contact_document(
                    [draft.first_name, draft.last_name, draft.email], [draft.phone, draft.phone_e164], ()
                ),
            }
            for contact_id, draft in zip(ids, drafts, strict=True)
        ],
    )
    tag_ids = _tag_ids(connection, (tag for draft in drafts for tag in draft.tags))
    tagged = [
        {"contact_id": contact_id, "tag_id": tag_ids[name_key(tag)]}
        for contact_id, draft in zip(ids, drafts, strict=True)
        for tag in draft.tags
    ]
    if tagged:
        connection.execute(insert(contact_tags), tagged)
    return ids


def _tag_ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """By key of the name, the ids of the tags with these names; tags that don't exist yet are made."""
    by_key = {name_key(name): name for name in reversed(list(names))}
    ids: dict[str, int] = {}
    for keys in _parts(list(by_key), _AT_ONCE):
        found = select(tags.c.name_key, tags.c.id).where(tags.c.name_key.in_(keys))
        ids.update(connection.execute(found).all())
        missing = [{"name": by_key[key], "name_key": key} for key in keys if key not in ids]
        if missing:
            connection.execute(insert(tags), missing)
            ids.update(connection.execute(found).all())
    return ids


def _parts(items: Sequence[str], length: int) -> Iterable[Sequence[str]]:
    return (items[start : start + length] for start in range(0, len(items), length))
