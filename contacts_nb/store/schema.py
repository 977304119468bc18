"""The tables of a workspace, as SQLAlchemy sees them; the migrations make them."""

from __future__ import annotations

from contacts_nb.store.table_parts import metadata
from contacts_nb.store.tables_contacts import (
    comments,
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    conversations,
    field_values,
    messages,
    search_documents,
)
from contacts_nb.store.tables_history import changes, merge_values, merges, operations, withdrawn_messages
from contacts_nb.store.tables_settings import (
    channels,
    fields,
    inbox_shares,
    inboxes,
    preferences,
    tags,
    team_members,
    teams,
    users,
    workspace,
)

__all__ = [
    "changes",
    "channels",
    "comments",
    "contact_channels",
    "contact_states",
    "contact_tags",
    "contacts",
    "conversations",
    "field_values",
    "fields",
    "inbox_shares",
    "inboxes",
    "merge_values",
    "merges",
    "messages",
    "metadata",
    "operations",
    "preferences",
    "search_documents",
    "tags",
    "team_members",
    "teams",
    "users",
    "withdrawn_messages",
    "workspace",
]
