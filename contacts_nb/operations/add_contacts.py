"""Adding contacts: drafts become rows, with their tags, values and search documents, a set at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert

from contacts_nb.model.draft import ContactDraft
from contacts_nb.model.emails import email_key
from contacts_nb.model.fields import number_of, value_key
from contacts_nb.model.phones import phone_key
from contacts_nb.model.text import folded, name_key
from contacts_nb.operations.recording import Change, Recording
from contacts_nb.operations.tag import tag_ids
from contacts_nb.store.backend import backend_of
from contacts_nb.store.cells import CONTACT
from contacts_nb.store.schema import contact_states, contact_tags, contacts, field_values, search_documents
from contacts_nb.store.search_documents import contact_document


def added_contacts(recording: Recording, drafts: Sequence[ContactDraft]) -> list[int]:
    """Add one contact for each draft; gives their ids in the same order."""
    if not drafts:
        return []
    connection = recording.connection
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
                "picture": draft.picture,
                "created_at": recording.now,
                "profile_name": name,
                "sort_name": folded(name),
                "first_name_key": folded(draft.first_name) if draft.first_name else None,
                "last_name_key": folded(draft.last_name) if draft.last_name else None,
                "phone_key": phone_key(draft.phone, draft.phone_e164),
            }
            for contact_id, draft, name in zip(ids, drafts, names, strict=True)
        ],
    )
    connection.execute(
        insert(contact_states),
        [
            {
                "contact_id": contact_id,
                "conversation_open": 0,
                "assignee_id": None if draft.assignee is None else draft.assignee.id,
                "team_id": None if draft.team is None else draft.team.id,
            }
            for contact_id, draft in zip(ids, drafts, strict=True)
        ],
    )
    connection.execute(
        insert(search_documents),
        [
            {
                "contact_id": contact_id,
                "text": contact_document(
                    [draft.first_name, draft.last_name, draft.email, *(value for _, value in draft.fields)],
                    [draft.phone, draft.phone_e164],
                    (),
                ),
            }
            for contact_id, draft in zip(ids, drafts, strict=True)
        ],
    )
    recording.add(Change(contact_id, CONTACT.anchor, 0, None, "1") for contact_id in ids)
    _tag(recording, ids, drafts)
    values = [
        {
            "contact_id": contact_id,
            "field_id": field.id,
            "value": value,
            "number": number_of(field.type, value),
            "value_key": value_key(field.type, value),
        }
        for contact_id, draft in zip(ids, drafts, strict=True)
        for field, value in draft.fields
    ]
    if values:
        connection.execute(insert(field_values), values)
    return ids


def _tag(recording: Recording, ids: Sequence[int], drafts: Sequence[ContactDraft]) -> None:
    by_key = tag_ids(recording, (tag for draft in drafts for tag in draft.tags))
    tagged = [
        {"contact_id": contact_id, "tag_id": by_key[name_key(tag)]}
        for contact_id, draft in zip(ids, drafts, strict=True)
        for tag in draft.tags
    ]
    if tagged:
        recording.connection.execute(insert(contact_tags), tagged)
