"""The messages of a selection as a pandas DataFrame: one row a message, whatever channel it came through.

Messages hang on channel identities, and a merge gives those of both contacts to the survivor: whose an identity is
by now is who its messages are of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Column, Connection, Select, select

from contacts_nb.model.filters import EVERYONE
from contacts_nb.queries.selection import ResolvedSelection
from contacts_nb.store.arrow import ReadTable
from contacts_nb.store.backend import backend_of
from contacts_nb.store.schema import channels, contact_channels, messages, users

if TYPE_CHECKING:
    import pyarrow as pa


def messages_of(connection: Connection, selection: ResolvedSelection, *, text: bool = True) -> pd.DataFrame:
    """All messages of the contacts of `selection`, oldest first.

    Columns: `contact_id` (int64), `sent_at` (datetime64[ms, UTC]), `channel`, `source` (str), `incoming` (bool),
    `text` (str; only with `text`), `sender` (str, e-mail of the user), `status` (str).
    """
    import pyarrow as pa  # noqa: PLC0415 - loaded with the first frame only

    with backend_of(connection).arrow(connection) as read:
        statement = _statement(selection, text=text)
        found = read(statement).rename_columns([column.key for column in statement.selected_columns])
        # Messages of one moment come as a contact's thread has them.
        found = found.sort_by([(name, "ascending") for name in ("sent_at", "contact_channel_id", "number")])
        named = {
            "channel": _looked_up(read, found["channel_id"], channels.c.name),
            "source": _looked_up(read, found["channel_id"], channels.c.source),
            "sender": _looked_up(read, found["sender_id"], users.c.email),
        }
    cells = {
        "contact_id": found["contact_id"],
        "sent_at": found["sent_at"].cast(pa.timestamp("ms", "UTC")),
        "channel": named["channel"],
        "source": named["source"],
        "incoming": found["incoming"].cast(pa.bool_()),
        **({"text": found["text"]} if text else {}),
        "sender": named["sender"],
        "status": found["status"],
    }
    frame: pd.DataFrame = pa.table(cells).to_pandas()
    return frame


def _statement(selection: ResolvedSelection, *, text: bool) -> Select[Any]:
    wanted = [messages.c.contact_channel_id, messages.c.sent_at, messages.c.number, messages.c.incoming]
    wanted += [messages.c.sender_id, messages.c.status, *([messages.c.text] if text else [])]
    identity = contact_channels.c
    statement = select(identity.contact_id, identity.channel_id, *wanted).join_from(
        messages, contact_channels, identity.id == messages.c.contact_channel_id
    )
    chosen = selection.selection
    if selection.tree == EVERYONE and not chosen.searches and chosen.ids is None:
        return statement  # nobody who was merged away has an identity
    return statement.where(identity.contact_id.in_(selection.ids().order_by(None)))


def _looked_up(read: ReadTable, ids: pa.ChunkedArray, names: Column[Any]) -> pa.ChunkedArray:
    """For each of `ids`, which may be missing, its name: read once, however often it comes."""
    import pyarrow.compute as pc  # noqa: PLC0415 - loaded with the first frame only

    known = read(select(names.table.c.id, names)).combine_chunks()
    return known.column(1).take(pc.index_in(ids, value_set=known.column(0)))
