"""Filling an empty workspace with a whole prepared population, as fast as the database takes it.

Rows come ready, derived columns and search documents included, and are inserted as plain tuples in the order
of their keys. Indexes that can be made at once from the finished tables are dropped before and made after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import Connection, Table

from contacts_nb.model.errors import WorkspaceError
from contacts_nb.operations.bulk import loaded_in_bulk
from contacts_nb.store import schema
from contacts_nb.store.backend import Backend, backend_of

Row = tuple[Any, ...]
Phase = Literal["rows", "indexes", "search"]


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a population: rows of each table as tuples in the order of `COLUMNS`, gone through once.

    Each table's rows ascend by primary key, within a batch and from batch to batch. Times are milliseconds
    since 1970 in UTC. `profile_name`, `sort_name`, `last_…` and the documents are the caller's to derive.
    """

    contacts: Iterable[Row]
    contact_states: Iterable[Row]
    contact_channels: Iterable[Row]
    messages: Iterable[Row]
    contact_tags: Iterable[Row]
    search_documents: Iterable[Row]
    conversations: Iterable[Row] = ()
    field_values: Iterable[Row] = ()
    comments: Iterable[Row] = ()


COLUMNS: dict[str, tuple[str, ...]] = {
    "users": (
        "id", "email", "email_key", "name", "role", "restrict_data_export", "restrict_contact_deletion",
        "restrict_workspace_settings", "created_at",
    ),
    "teams": ("id", "name", "name_key", "created_at"),
    "team_members": ("id", "team_id", "user_id"),
    "channels": ("id", "name", "name_key", "source", "created_at"),
    "tags": ("id", "name", "name_key", "colour", "description"),
    "fields": ("id", "slug", "name", "type", "allowed", "created_at"),
    "contacts": (
        "id", "first_name", "last_name", "phone", "phone_e164", "email", "email_key", "country", "language",
        "picture", "created_at", "profile_name", "sort_name", "first_name_key", "last_name_key", "phone_key",
    ),
    "contact_states": (
        "contact_id", "assignee_id", "team_id", "conversation_open", "conversation_opened", "last_interaction",
        "last_incoming", "last_channel_id",
    ),
    "contact_channels": (
        "id", "contact_id", "channel_id", "identifier", "identifier_key", "profile_name", "picture",
        "last_message_at", "last_incoming_at",
    ),
    "messages": ("contact_channel_id", "sent_at", "number", "incoming", "text", "sender_id", "status"),
    "contact_tags": ("contact_id", "tag_id"),
    "search_documents": ("contact_id", "text"),
    "conversations": (
        "id", "contact_id", "opened_at", "opened_by", "opened_by_id", "closed_at", "closed_by_id", "category",
        "summary",
    ),
    "field_values": ("contact_id", "field_id", "value", "number", "value_key"),
    "comments": ("id", "contact_id", "user_id", "text", "created_at"),
}  # fmt: skip
"""The values of a row, by table."""

SETTINGS = ("users", "teams", "team_members", "channels", "tags", "fields")
"""The tables of what is set up before contacts come."""


def fill(
    connection: Connection,
    address: str,
    *,
    settings: Mapping[str, Sequence[Row]],
    batches: Iterable[Batch],
    progress: Callable[[Phase, int], None] | None = None,
) -> int:
    """Insert all rows into the empty workspace at `address`, within the transaction of `connection`.

    Gives the number of contacts. `settings` are rows by name of their table, one of `SETTINGS`; ids of users
    follow on those there already.
    `progress` is called with the phase that goes on and the number of contacts inserted so far: "rows" after
    each batch, then "indexes" and "search" before these are made. Raises `WorkspaceError` if the workspace
    has, or ever had, contacts, channels or tags.
    """
    told = progress or (lambda _phase, _contacts: None)
    backend = backend_of(connection)
    _check_empty(connection, backend, address)
    contacts = 0
    with loaded_in_bulk(connection, _filled_tables(), lambda stage: told(stage, contacts)):
        for name in SETTINGS:
            backend.inserted(connection, name, COLUMNS[name], settings.get(name, ()))
        for batch in batches:
            contacts += backend.inserted(connection, "contacts", COLUMNS["contacts"], batch.contacts)
            for field in fields(Batch)[1:]:
                backend.inserted(connection, field.name, COLUMNS[field.name], getattr(batch, field.name))
            told("rows", contacts)
        for table in _numbered_tables():
            backend.continue_ids(connection, table.name)
    return contacts


def _filled_tables() -> list[Table]:
    return [schema.metadata.tables[name] for name in COLUMNS]


def _numbered_tables() -> list[Table]:
    """Those that give their rows new ids."""
    return [table for table in _filled_tables() if table.dialect_options["sqlite"]["autoincrement"]]


def _check_empty(connection: Connection, backend: Backend, address: str) -> None:
    # Ids that were given once count too: rows come with their own, and no id may ever name two things.
    # Users come first, and with the workspace.
    for table in _numbered_tables():
        if table.name != schema.users.name and backend.next_id(connection, table.name) != 1:
            raise WorkspaceError(
                f"{address} has or had {table.name.replace('_', ' ')} already, and only a new workspace can be "
                "filled. Make one at another path."
            )
