"""What can change: each cell of a workspace has a number, by which history names it for ever.

A *cell* is one value: a column of a contact, or of a row that hangs on it or on the workspace. In `changes` it
is found by the contact's id (0 for what belongs to no contact), its number here, and its `subject`: the id of
the row, tag or field that it belongs to, 0 for the contact's own columns. Values are text; NULL is "empty".

Of a row that comes or goes only the *anchor* is recorded when it comes: what else it held then is its present
value, or the old one of the first change after. When an undo takes a row away, all of its cells are recorded.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, SmallInteger, Table, Text, cast, type_coerce

from contacts_nb.store.schema import (
    channels,
    comments,
    contact_channels,
    contact_states,
    contacts,
    conversations,
    fields,
    inbox_shares,
    inboxes,
    tags,
    team_members,
    teams,
    users,
    workspace,
)
from contacts_nb.store.types import UtcMilliseconds


class Cell(NamedTuple):
    """A column that history records: its number, the name people know it by, and where it is."""

    code: int
    name: str
    column: Column[Any]

    def as_text(self) -> ColumnElement[Any]:
        """SQL for the present value as history writes it."""
        if self.is_integer:
            return cast(type_coerce(self.column, BigInteger), Text)
        return type_coerce(self.column, Text)

    def from_text(self, text: ColumnElement[str]) -> ColumnElement[Any]:
        """SQL for the value that history has written as `text`."""
        return cast(text, BigInteger) if self.is_integer else text

    @property
    def is_integer(self) -> bool:
        """Whether the value is a number, a moment or an id."""
        return isinstance(self.column.type, BigInteger | Integer | SmallInteger | UtcMilliseconds)


class Kind(NamedTuple):
    """Rows of one table. `key` tells them apart: for a contact's own rows it is the contact's id.

    `anchor` is the number of "this row is there". A `removable` one stays in its table when it goes, and has
    `removed_at` instead.
    """

    name: str
    table: Table
    key: Column[int]
    anchor: int
    cells: tuple[Cell, ...]
    removable: bool = False

    @property
    def codes(self) -> tuple[int, ...]:
        """The numbers of the anchor and of all cells."""
        return (self.anchor, *(cell.code for cell in self.cells))


def _cells(table: Table, first: int, *names: str) -> tuple[Cell, ...]:
    return tuple(
        Cell(code, column.removesuffix("_id"), table.c[column]) for code, column in enumerate(names, first)
    )


# Numbers are never given twice: history lasts longer than code.
CONTACT = Kind(
    "contact",
    contacts,
    contacts.c.id,
    1,
    _cells(
        contacts, 2, "first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture",
        "created_at",
    ),
)  # fmt: skip
STATE_CELLS = _cells(contact_states, 11, "assignee_id", "team_id")
TAG = 13
FIELD = 14
MESSAGES = 15
STATUSES = 16
# Of a contact that was merged away: who is there for it now. Of whom it was merged into: that it was, by its id.
MERGED = 17
ABSORBED = 18
CONVERSATION = Kind(
    "conversation",
    conversations,
    conversations.c.id,
    20,
    _cells(
        conversations, 21, "opened_at", "opened_by", "opened_by_id", "closed_at", "closed_by_id", "category",
        "summary",
    ),
)  # fmt: skip
COMMENT = Kind("comment", comments, comments.c.id, 30, _cells(comments, 31, "user_id", "text", "created_at"))
IDENTITY = Kind(
    "contact channel",
    contact_channels,
    contact_channels.c.id,
    40,
    _cells(contact_channels, 41, "channel_id", "identifier", "identifier_key", "profile_name", "picture"),
)
USER = Kind(
    "user",
    users,
    users.c.id,
    60,
    _cells(
        users, 61, "email", "email_key", "name", "role", "restrict_data_export", "restrict_contact_deletion",
        "restrict_workspace_settings",
    ),
    removable=True,
)  # fmt: skip
TEAM = Kind("team", teams, teams.c.id, 70, _cells(teams, 71, "name", "name_key"), removable=True)
MEMBER = Kind("team member", team_members, team_members.c.id, 75, _cells(team_members, 76, "team_id", "user_id"))
CHANNEL = Kind("channel", channels, channels.c.id, 80, _cells(channels, 81, "name", "name_key"), removable=True)
TAGS = Kind(
    "tag", tags, tags.c.id, 90, _cells(tags, 91, "name", "name_key", "colour", "description"), removable=True
)
FIELDS = Kind("field", fields, fields.c.id, 100, _cells(fields, 101, "name", "allowed"), removable=True)
INBOX = Kind(
    "inbox", inboxes, inboxes.c.id, 120, _cells(inboxes, 121, "name", "name_key", "sharing", "filter", "named"),
    removable=True,
)  # fmt: skip
SHARE = Kind(
    "inbox share",
    inbox_shares,
    inbox_shares.c.id,
    130,
    _cells(inbox_shares, 131, "inbox_id", "user_id", "team_id"),
)
WORKSPACE = Kind(
    "workspace", workspace, workspace.c.id, 110, _cells(workspace, 111, "name", "time_zone", "phone_region")
)

ROWS_OF_CONTACTS = (CONVERSATION, COMMENT, IDENTITY)
SETTINGS = (USER, TEAM, MEMBER, CHANNEL, TAGS, FIELDS, INBOX, SHARE, WORKSPACE)
CONTACT_CELLS = (*CONTACT.cells, *STATE_CELLS)
# Of cells that belong to a row of their own, found by its id.
KIND_OF: dict[int, Kind] = {cell.code: kind for kind in (*ROWS_OF_CONTACTS, *SETTINGS) for cell in kind.cells}
BY_CODE: dict[int, Cell] = {
    cell.code: cell
    for cells in (CONTACT_CELLS, *(kind.cells for kind in (*ROWS_OF_CONTACTS, *SETTINGS)))
    for cell in cells
}
CELL_NAMED: dict[str, Cell] = {cell.name: cell for cell in CONTACT_CELLS}
# Those that names, keys and search documents derive from.
NAMING_CELLS = frozenset(CELL_NAMED[name] for name in ("first_name", "last_name", "phone", "phone_e164", "email"))
