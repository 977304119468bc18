"""Keeping what is derived in step with what an operation has changed, in the same transaction."""

from __future__ import annotations

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from contacts_nb.operations.recording import parts
from contacts_nb.queries.derived import DerivedTexts, derived_states, derived_texts, derived_times
from contacts_nb.queries.groups import Ids, anyone_merged, with_survivors
from contacts_nb.store.schema import contact_channels, contact_states, contacts, search_documents

_AT_ONCE = 5_000
_DERIVED = tuple(name for name in DerivedTexts._fields if name in contacts.c)


def refresh_texts(connection: Connection, ids: Ids) -> None:
    """Bring names, keys and search documents of the contacts `ids`, and of their survivors, up to date."""
    update_contact = (
        update(contacts)
        .where(contacts.c.id == bindparam("contact"))
        .values({name: bindparam(f"new_{name}") for name in _DERIVED})
    )
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    put = dialect.insert(search_documents)
    write_document = put.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={"text": put.excluded.text},
        # An unchanged document needn't be indexed again.
        where=search_documents.c.text != put.excluded.text,
    )
    chosen = set(connection.execute(with_survivors(connection, ids)).scalars())
    for some in parts(sorted(chosen), _AT_ONCE):
        derived = list(derived_texts(connection, some))
        if derived:
            connection.execute(
                update_contact,
                [
                    {"contact": row.contact_id} | {f"new_{name}": getattr(row, name) for name in _DERIVED}
                    for row in derived
                ],
            )
            connection.execute(
                write_document, [{"contact_id": row.contact_id, "text": row.document} for row in derived]
            )


def refresh_states(connection: Connection, ids: Ids) -> None:
    """Bring last interaction and conversation status of the contacts `ids`, and of their survivors, up to date."""
    columns = derived_states(merged=anyone_merged(connection))
    stale = or_(*(contact_states.c[name].is_distinct_from(value) for name, value in columns.items()))
    connection.execute(
        update(contact_states)
        .where(and_(contact_states.c.contact_id.in_(with_survivors(connection, ids)), stale))
        .values(columns)
    )


def refresh_times(connection: Connection, identities: Select[int]) -> None:
    """Bring the last times of these contact channels up to date with their messages."""
    connection.execute(
        update(contact_channels).where(contact_channels.c.id.in_(identities)).values(derived_times())
    )


def contacts_of(identities: Select[int]) -> Select[int]:
    """SQL for the ids of the contacts that these contact channels belong to."""
    return select(contact_channels.c.contact_id).where(contact_channels.c.id.in_(identities))
