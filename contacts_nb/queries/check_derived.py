"""Checks that what follows from other columns is what those make of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache

from sqlalchemy import Connection, select

from contacts_nb.model.channels import identifier_key
from contacts_nb.model.contact import Source
from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import Field, FieldType, checked_value, number_of, value_key, value_of
from contacts_nb.model.text import name_key
from contacts_nb.queries.check_findings import Inconsistency, Rule, streamed
from contacts_nb.queries.derived import DerivedTexts, derived_states, derived_texts, derived_times
from contacts_nb.store.schema import (
    channels,
    contact_channels,
    contact_states,
    contacts,
    field_values,
    fields,
    search_documents,
    tags,
    teams,
    users,
    workspace,
)

_AT_ONCE = 5_000
_DERIVED = "what follows from the rest"


def derived_rules(*, merged: bool) -> Iterator[Rule]:
    """Columns that the database can derive itself; `merged` says whether any contacts were merged."""
    for table, key, columns in (
        (contact_states, contact_states.c.contact_id, derived_states(merged=merged)),
        (contact_channels, contact_channels.c.id, derived_times()),
    ):
        who = "contact" if table is contact_states else "contact channel"
        for name, value in columns.items():
            yield Rule(
                f"{table.name}.{name}",
                select(key).where(table.c[name].is_distinct_from(value)).order_by(key),
                f"{who} {{0}}",
                "something else",
                _DERIVED,
            )


def wrong_texts(connection: Connection, progress: Callable[[int], None]) -> Iterator[Inconsistency]:
    """Names, keys and search documents that don't follow from the contact; `progress` gets how many were read."""
    statement = (
        select(
            contacts.c.id,
            *(contacts.c[name] for name in DerivedTexts._fields if name in contacts.c),
            search_documents.c.text,
        )
        .outerjoin(search_documents, search_documents.c.contact_id == contacts.c.id)
        .order_by(contacts.c.id)
        .limit(_AT_ONCE)
    )
    names = (
        *(f"contacts.{name}" for name in DerivedTexts._fields if name in contacts.c),
        "search_documents.text",
    )
    after, done = 0, 0
    while rows := connection.execute(statement.where(contacts.c.id > after)).all():
        stored = {contact_id: texts for contact_id, *texts in rows}
        for contact_id, *expected in derived_texts(connection, list(stored)):
            for name, there, derived in zip(names, stored[contact_id], expected, strict=True):
                # A document that is missing altogether is found elsewhere.
                if there != derived and not (there is None and name == "search_documents.text"):
                    yield Inconsistency(name, f"contact {contact_id}", "something else", _DERIVED)
        after, done = rows[-1].id, done + len(rows)
        progress(done)


def wrong_keys(connection: Connection) -> Iterator[Inconsistency]:
    """Keys that aren't those of the identifier, address or name they stand beside."""
    region = connection.execute(select(workspace.c.phone_region)).scalar()
    statement = (
        select(
            contact_channels.c.id,
            channels.c.source,
            contact_channels.c.identifier,
            contact_channels.c.identifier_key,
        )
        .join(channels, channels.c.id == contact_channels.c.channel_id)
        # One that reads the same was written before its region was known, or needs no other key.
        .where(
            contact_channels.c.identifier_key != contact_channels.c.identifier,
            channels.c.source.in_([source.value for source in Source]),
        )
        .order_by(contact_channels.c.id)
    )
    for identity_id, source, identifier, key in streamed(connection, statement):
        if key != identifier_key(Source(source), identifier, region):
            where = f"contact channel {identity_id}"
            yield Inconsistency("contact_channels.identifier_key", where, "another key", "that of its identifier")
    for name, stored, key_of in (
        (users.c.email, users.c.email_key, email_key),
        (teams.c.name, teams.c.name_key, name_key),
        (channels.c.name, channels.c.name_key, name_key),
        (tags.c.name, tags.c.name_key, name_key),
    ):
        table = name.table
        for row_id, spelled, key in connection.execute(select(table.c.id, name, stored).order_by(table.c.id)):
            if key != key_of(spelled):
                where = f"{table.name[:-1]} {row_id}"
                yield Inconsistency(
                    f"{table.name}.{stored.name}", where, "another key", f"that of its {name.name}"
                )


def wrong_values(connection: Connection) -> Iterator[Inconsistency]:
    """Values of custom fields that aren't the canonical text, and numbers that aren't theirs."""
    by_id = _fields(connection)

    @lru_cache(maxsize=100_000)
    def is_canonical(field_id: int, value: str) -> bool:
        field = by_id[field_id]
        try:
            return checked_value(field, value_of(field.type, value)) == value
        except (InvalidValue, ValueError):
            return False

    statement = (
        select(field_values)
        .where(field_values.c.field_id.in_(by_id))
        .order_by(field_values.c.contact_id, field_values.c.field_id)
    )
    for contact_id, field_id, value, number, key in streamed(connection, statement):
        where = f"contact {contact_id}, field {field_id},"
        if not is_canonical(field_id, value):
            yield Inconsistency("field_values.value", where, "a text of no value", "one that the field can hold")
        elif number != number_of(by_id[field_id].type, value):
            yield Inconsistency("field_values.number", where, "another number", "that of its value")
        elif key != value_key(by_id[field_id].type, value):
            yield Inconsistency("field_values.value_key", where, "another key", "that of its value")


def _fields(connection: Connection) -> dict[int, Field]:
    statement = select(fields).where(fields.c.type.in_([kind.value for kind in FieldType]))
    return {
        row.id: Field(row.id, row.slug, row.name, FieldType(row.type), tuple(json.loads(row.allowed or "[]")))
        for row in connection.execute(statement)
    }
