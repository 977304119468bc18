"""Adding contacts: drafts become rows, with all that hangs on them, a set at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contacts_nb.model.draft import ContactDraft
from contacts_nb.model.emails import email_key
from contacts_nb.model.fields import number_of, value_key
from contacts_nb.model.phones import phone_key
from contacts_nb.model.search_text import search_document
from contacts_nb.model.text import folded, name_key
from contacts_nb.operations.identities import insert_identities
from contacts_nb.operations.recording import Change, Recording
from contacts_nb.operations.tag import tag_ids
from contacts_nb.store.backend import backend_of
from contacts_nb.store.cells import CONTACT
from contacts_nb.store.schema import contact_states, contact_tags, contacts, field_values, search_documents
from contacts_nb.store.search_documents import contact_document
from contacts_nb.store.types import to_milliseconds

_CONTACT = (
    "id", "first_name", "last_name", "phone", "phone_e164", "email", "email_key", "country", "language", "picture",
    "created_at", "profile_name", "sort_name", "first_name_key", "last_name_key", "phone_key",
)  # fmt: skip


def added_contacts(recording: Recording, drafts: Sequence[ContactDraft]) -> list[int]:
    """Add one contact for each draft; gives their ids in the same order."""
    if not drafts:
        return []
    connection, backend = recording.connection, backend_of(recording.connection)
    ids = backend.new_ids(connection, contacts.name, len(drafts))
    now = to_milliseconds(recording.now)
    # Plain tuples, bound as they come: an import adds a million.
    backend.inserted(
        connection,
        contacts.name,
        _CONTACT,
        (_contact(contact_id, draft, now) for contact_id, draft in zip(ids, drafts, strict=True)),
    )
    backend.inserted(
        connection,
        contact_states.name,
        ("contact_id", "assignee_id", "team_id", "conversation_open"),
        (
            (contact_id, draft.assignee and draft.assignee.id, draft.team and draft.team.id, 0)
            for contact_id, draft in zip(ids, drafts, strict=True)
        ),
    )
    backend.inserted(
        connection,
        search_documents.name,
        ("contact_id", "text"),
        ((contact_id, _document(draft)) for contact_id, draft in zip(ids, drafts, strict=True)),
    )
    recording.add(Change(contact_id, CONTACT.anchor, 0, None, "1") for contact_id in ids)
    _tag(recording, ids, drafts)
    if any(draft.fields for draft in drafts):
        backend.inserted(
            connection,
            field_values.name,
            ("contact_id", "field_id", "value", "number", "value_key"),
            _values(ids, drafts),
        )
    insert_identities(
        recording,
        [
            (contact_id, identity)
            for contact_id, draft in zip(ids, drafts, strict=True)
            for identity in draft.identities
        ],
    )
    return ids


def _contact(contact_id: int, draft: ContactDraft, now: int) -> tuple[int | str | None, ...]:
    first, last, phone, international, email = draft[:5]
    first_key = folded(first) if first else None
    last_key = folded(last) if last else None
    name = draft.name
    return (
        contact_id,
        first,
        last,
        phone,
        international,
        email,
        email_key(email) if email else None,
        draft.country,
        draft.language,
        draft.picture,
        now,
        name,
        # Folding goes word by word, so that of a whole name is there already.
        f"{first_key} {last_key}" if first_key and last_key else folded(name),
        first_key,
        last_key,
        phone_key(phone, international),
    )


def _document(draft: ContactDraft) -> str:
    words = [draft.first_name, draft.last_name, draft.email, *[value for _, value in draft.fields]]
    phones = [draft.phone, draft.phone_e164]
    if draft.identities:
        identities = [(None, identity.identifier) for identity in draft.identities]
        return contact_document(words, phones, identities, [identity.key for identity in draft.identities])
    return search_document(words, phones)


def _values(
    ids: Sequence[int], drafts: Sequence[ContactDraft]
) -> Iterator[tuple[int, int, str, float | None, str | None]]:
    # What a field's type makes of a value is asked once for each value: most fields have few.
    made: dict[tuple[int, str], tuple[float | None, str | None]] = {}
    for contact_id, draft in zip(ids, drafts, strict=True):
        for field, value in draft.fields:
            derived = made.get((field.id, value))
            if derived is None:
                derived = made[field.id, value] = number_of(field.type, value), value_key(field.type, value)
            yield contact_id, field.id, value, *derived


def _tag(recording: Recording, ids: Sequence[int], drafts: Sequence[ContactDraft]) -> None:
    names = dict.fromkeys(tag for draft in drafts for tag in draft.tags)
    if not names:
        return
    by_key = tag_ids(recording, names)
    by_name = {name: by_key[name_key(name)] for name in names}
    backend_of(recording.connection).inserted(
        recording.connection,
        contact_tags.name,
        ("contact_id", "tag_id"),
        ((contact_id, by_name[tag]) for contact_id, draft in zip(ids, drafts, strict=True) for tag in draft.tags),
    )
