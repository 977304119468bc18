"""A selection as a pandas DataFrame: one row a contact, every column in its right type."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, select, type_coerce

from contacts_nb.queries.rows import sources_by_contact, tags_by_contact
from contacts_nb.queries.selection import Selection
from contacts_nb.store.schema import channels, contact_states, contacts

_TEXTS = ("first_name", "last_name", "phone", "phone_e164", "email", "country", "language")
_TIMES = ("last_interaction", "last_incoming", "created_at")


def frame_of(
    connection: Connection, selection: Selection, offset: int = 0, limit: int | None = None
) -> pd.DataFrame:
    """The contacts of `selection` from position `offset` on, at most `limit` of them, in order.

    Columns: `id` (int64); `name`, `first_name`, `last_name`, `phone`, `phone_e164`, `email`, `country`,
    `language` (str); `tags`, `channels` (lists of str); `last_interacted_channel` (str); `last_interaction`,
    `last_incoming`, `created_at` (datetime64[ms, UTC]).
    """
    statement = selection.reading(
        contacts.c.id,
        contacts.c.profile_name,
        *(contacts.c[name] for name in _TEXTS),
        # As plain integers: a Python datetime for each cell of a million rows would take seconds.
        *(type_coerce(_time(name), BigInteger) for name in _TIMES),
        contact_states.c.last_channel_id,
    )
    windowed = offset > 0 or limit is not None
    if windowed:
        statement = statement.offset(offset).limit(limit)
    rows = connection.execute(statement).all()
    cells = dict(
        zip(("id", "name", *_TEXTS, *_TIMES, "last_channel_id"), zip(*rows, strict=True), strict=True)
        if rows
        else ((name, ()) for name in ("id", "name", *_TEXTS, *_TIMES, "last_channel_id"))
    )
    ids = cells["id"]
    members = list(ids) if windowed else selection.ids().order_by(None)
    tags_of = tags_by_contact(connection, members)
    sources_of = sources_by_contact(connection, members)
    channel_names = dict(connection.execute(select(channels.c.id, channels.c.name)).all())
    last_channels = [channel_names.get(channel_id) for channel_id in cells["last_channel_id"]]
    sources = [[source.value for source in sources_of[contact_id]] for contact_id in ids]
    return pd.DataFrame(
        {
            "id": pd.array(ids, dtype="int64"),
            **{name: pd.array(cells[name], dtype="str") for name in ("name", *_TEXTS)},
            "tags": pd.Series([tags_of[contact_id] for contact_id in ids], dtype="object"),
            "channels": pd.Series(sources, dtype="object"),
            "last_interacted_channel": pd.array(last_channels, dtype="str"),
            **{name: _moments(cells[name]) for name in _TIMES},
        }
    )


def _time(name: str) -> ColumnElement[datetime]:
    return contacts.c[name] if name in contacts.c else contact_states.c[name]


def _moments(milliseconds: tuple[int | None, ...]) -> pd.Series[pd.Timestamp]:
    moments = pd.to_datetime(pd.Series(milliseconds, dtype="Int64"), unit="ms", utc=True)
    return moments.astype("datetime64[ms, UTC]")
