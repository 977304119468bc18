"""Custom fields: added, changed and removed, and the values of contacts with them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import count

from sqlalchemy import Text, delete, func, literal, null, select, update

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import (
    SLUG_LENGTH,
    Field,
    FieldType,
    checked_allowed,
    checked_field_name,
    checked_field_type,
    checked_slug,
    slug_of,
)
from contacts_nb.model.text import name_key
from contacts_nb.operations.derived import refresh_texts
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.settings_rows import KEEP, Keep, added, changed, refuse_taken, removed
from contacts_nb.queries.settings import all_fields, field_with
from contacts_nb.store.cells import FIELD, FIELDS
from contacts_nb.store.schema import field_values, fields


def add_field(
    recording: Recording,
    name: object,
    kind: object = FieldType.TEXT,
    slug: object | None = None,
    allowed: object = (),
) -> Field:
    """Add a custom field; without a slug it gets one made from its name. Raises `InvalidValue`."""
    checked, of_type = checked_field_name(name), checked_field_type(kind)
    choices = checked_allowed(of_type, allowed)
    if slug is None:
        taken = {field.slug for field in all_fields(recording.connection)}
        own_slug = next(candidate for candidate in _slugs(slug_of(checked)) if candidate not in taken)
    else:
        own_slug = checked_slug(slug)
        refuse_taken(recording, fields.c.slug, own_slug, "slug", own_slug)
    values = {
        "slug": own_slug,
        "name": checked,
        "type": of_type.value,
        "allowed": _stored(choices),
        "created_at": recording.now,
    }
    added(recording, FIELDS, values)
    return field_with(recording.connection, own_slug)


def update_field(
    recording: Recording, field: Field, *, name: object | Keep = KEEP, allowed: object | Keep = KEEP
) -> Field:
    """Rename a field, or change the values it allows: those that contacts have can't go, but be respelled.

    Raises `InvalidValue`. The type and the slug of a field never change.
    """
    checked = field.name if name is KEEP else checked_field_name(name)
    choices = field.allowed if allowed is KEEP else checked_allowed(field.type, allowed)
    spelled = {name_key(choice): choice for choice in choices}
    _refuse_in_use(recording, field, [choice for choice in field.allowed if name_key(choice) not in spelled])
    for choice in field.allowed:
        new = spelled.get(name_key(choice), choice)
        if new != choice:
            _respell(recording, field, choice, new)
    changed(recording, FIELDS, field.id, {"name": checked, "allowed": _stored(choices)})
    refresh_texts(recording.connection, recording.changed(FIELD, subject=field.id))
    return field_with(recording.connection, field.slug)


def remove_field(recording: Recording, field: Field) -> None:
    """Remove a field, and the values that contacts have in it."""
    mine = field_values.c.field_id == field.id
    old = recording.select(field_values.c.contact_id, FIELD, field.id, field_values.c.value, null())
    recording.add_selected(old.where(mine))
    recording.connection.execute(delete(field_values).where(mine))
    refresh_texts(recording.connection, recording.changed(FIELD, subject=field.id))
    removed(recording, FIELDS, field.id)


def _slugs(first: str) -> Iterator[str]:
    yield first
    for number in count(2):
        ending = f"_{number}"
        yield first[: SLUG_LENGTH - len(ending)].rstrip("_") + ending


def _refuse_in_use(recording: Recording, field: Field, dropped: Collection[str]) -> None:
    statement = (
        select(field_values.c.value, func.count())
        .where(field_values.c.field_id == field.id)
        .group_by(field_values.c.value)
        .order_by(field_values.c.value)
    )
    for value, contacts in recording.connection.execute(statement) if dropped else ():
        if value in dropped:
            have = "1 contact has it" if contacts == 1 else f"{contacts:,} contacts have it"
            raise InvalidValue("allowed", value, f"can't go, because {have}; give those another value first")


def _respell(recording: Recording, field: Field, old: str, new: str) -> None:
    mine = (field_values.c.field_id == field.id, field_values.c.value == old)
    rows = recording.select(field_values.c.contact_id, FIELD, field.id, field_values.c.value, literal(new, Text))
    recording.add_selected(rows.where(*mine))
    recording.connection.execute(update(field_values).where(*mine).values(value=new))


def _stored(choices: Sequence[str]) -> str | None:
    return json.dumps(choices, ensure_ascii=False) if choices else None
