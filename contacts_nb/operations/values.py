"""Setting the value of a custom field for many contacts at once."""

from __future__ import annotations

from sqlalchemy import Select, Text, and_, delete, insert, literal, null, select

from contacts_nb.model.fields import Field, number_of, value_key
from contacts_nb.operations.recording import Recording
from contacts_nb.store.cells import FIELD
from contacts_nb.store.schema import changes, contacts, field_values


def set_value(recording: Recording, ids: Select[int], field: Field, value: str | None) -> None:
    """Give the contacts `ids` the canonical text `value` in `field`, or none."""
    old = field_values.c.value
    mine = and_(field_values.c.contact_id == contacts.c.id, field_values.c.field_id == field.id)
    changed = old.is_not(None) if value is None else old.is_distinct_from(value)
    recording.add_selected(
        recording.select(contacts.c.id, FIELD, field.id, old, literal(value, Text))
        .select_from(contacts.outerjoin(field_values, mine))
        .where(contacts.c.id.in_(ids), changed)
    )
    recording.connection.execute(
        delete(field_values).where(
            field_values.c.field_id == field.id,
            field_values.c.contact_id.in_(recording.changed(FIELD, subject=field.id)),
        )
    )
    if value is not None:
        number = number_of(field.type, value)
        recording.connection.execute(
            insert(field_values).from_select(
                ["contact_id", "field_id", "value", "number", "value_key"],
                select(
                    changes.c.contact_id,
                    changes.c.subject,
                    changes.c.new,
                    null() if number is None else literal(number),
                    literal(value_key(field.type, value), Text),
                ).where(recording.mine(), changes.c.cell == FIELD, changes.c.subject == field.id),
            )
        )
