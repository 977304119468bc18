"""Contacts by the column, a part of them at a time: for files, where memory must not grow with the rows.

Everything is the driver's own numbers and texts, for whoever writes the file to give a form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Select, bindparam, select, type_coerce
from sqlalchemy.exc import DBAPIError

from contacts_nb.model.channels import Channel
from contacts_nb.model.fields import Field
from contacts_nb.queries.frame_columns import TEXTS, TIMES
from contacts_nb.store.schema import (
    channels,
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    field_values,
    tags,
    teams,
    users,
)

EntryColumn = str | Field | Channel
"""One of `NAMES`, a custom field, or a channel, which stands for the identifiers on it."""

NAMES: tuple[str, ...] = (
    *(
        "id",
        "name",
        *TEXTS,
        "picture",
        "tags",
        "assignee",
        "team",
        "conversation_status",
        "last_interacted_channel",
    ),
    *TIMES,
)

_AT_ONCE = 1_000  # while they are still in the processor's cache
# How much longer than their number a stretch of ids may be to be read as a whole.
_SPREAD = 4

_NAMED: dict[str, tuple[Column[Any], Column[Any]]] = {
    "assignee": (contact_states.c.assignee_id, users.c.email),
    "team": (contact_states.c.team_id, teams.c.name),
    "last_interacted_channel": (contact_states.c.last_channel_id, channels.c.name),
}
_PLAIN: dict[str, ColumnElement[Any]] = {
    "name": contacts.c.profile_name,
    **{name: contacts.c[name] for name in (*TEXTS, "picture")},
    **{
        name: type_coerce((contacts if name in contacts.c else contact_states).c[name], BigInteger)
        for name in TIMES
    },
    **{name: column for name, (column, _) in _NAMED.items()},
}


def entries_of(
    connection: Connection, ids: NDArray[np.int64], columns: Sequence[EntryColumn]
) -> Iterator[list[Sequence[Any]]]:
    """The contacts with these `ids`, in that order: parts of them, each with a sequence for each of `columns`.

    `id` is int; texts are str or None; times are milliseconds since 1970, or None; `conversation_status` is
    "open", "closed" or None; custom fields have their canonical text, or None; `tags` and the identifiers on a
    channel are tuples of str.
    """
    reader = _Reader(connection, columns)
    for start in range(0, len(ids), _AT_ONCE):
        yield reader.part(ids[start : start + _AT_ONCE].tolist())


class _Reader:
    """What reads `columns` of some contacts; the few things that many share are looked up once."""

    def __init__(self, connection: Connection, columns: Sequence[EntryColumn]) -> None:
        self._connection = connection
        self._columns = columns
        self._plain = [str(name) for name in columns if isinstance(name, str) and name in _PLAIN]
        self._fields = [column.id for column in columns if isinstance(column, Field)]
        self._channels = [column.id for column in columns if isinstance(column, Channel)]
        self._status = "conversation_status" in columns
        self._names = {name: dict(self._all(_NAMED[name][1])) for name in self._plain if name in _NAMED}
        named = self._all(tags.c.name, tags.c.name_key) if "tags" in columns else []
        self._ranks = {tag_id: rank for rank, (tag_id, _) in enumerate(named)}
        self._tags = _Sets([name for _, name in named])
        self._own_rows = _Some(self._own_statement(), contacts.c.id)
        # Adding nothing keeps databases from going through an index for each field: the table lies by contact.
        mine = (field_values.c.field_id + 0).in_(self._fields)
        self._value_rows = _Some(
            select(field_values.c.contact_id, field_values.c.field_id, field_values.c.value).where(mine),
            field_values.c.contact_id,
        )
        identity = contact_channels.c
        mine = (identity.channel_id + 0).in_(self._channels)
        self._identity_rows = _Some(
            select(identity.contact_id, identity.channel_id, identity.identifier)
            .where(mine)
            .order_by(identity.contact_id, identity.id),
            identity.contact_id,
        )
        self._tag_rows = _Some(select(contact_tags.c.contact_id, contact_tags.c.tag_id), contact_tags.c.contact_id)

    def part(self, ids: list[int]) -> list[Sequence[Any]]:
        plain = self._own(ids)
        values = self._values(ids) if self._fields else {}
        identifiers = self._identifiers(ids) if self._channels else {}
        found: list[Sequence[Any]] = []
        for column in self._columns:
            if isinstance(column, Field):
                found.append(list(map(values[column.id].get, ids)))
            elif isinstance(column, Channel):
                mine = identifiers[column.id]
                found.append([tuple(mine.get(contact_id, ())) for contact_id in ids])
            elif column == "tags":
                found.append(self._tags_of(ids))
            elif column in self._names:
                found.append(list(map(self._names[column].get, plain[column])))
            else:
                found.append(ids if column == "id" else plain[column])
        return found

    def _own_statement(self) -> Select[Any]:
        wanted = [_PLAIN[name] for name in self._plain]
        if self._status:
            opened = type_coerce(contact_states.c.conversation_opened, BigInteger)
            wanted += [contact_states.c.conversation_open, opened]
        return select(contacts.c.id, *wanted).join_from(
            contacts, contact_states, contact_states.c.contact_id == contacts.c.id
        )

    def _own(self, ids: Sequence[int]) -> dict[str, Sequence[Any]]:
        """The columns of the contacts themselves and of their states, by name."""
        by_id = {row[0]: row for row in self._rows(self._own_rows, ids)}
        _, *found = zip(*map(by_id.__getitem__, ids), strict=True)
        of_names: dict[str, Sequence[Any]] = dict(zip(self._plain, found, strict=False))
        if self._status:
            of_names["conversation_status"] = tuple(map(_status, *found[-2:]))
        return of_names

    def _values(self, ids: Sequence[int]) -> dict[int, dict[int, str]]:
        """By field and contact, the canonical text of the value."""
        found: dict[int, dict[int, str]] = {field_id: {} for field_id in self._fields}
        for contact_id, field_id, value in self._rows(self._value_rows, ids):
            found[field_id][contact_id] = value
        return found

    def _identifiers(self, ids: Sequence[int]) -> Mapping[int, Mapping[int, list[str]]]:
        """By channel and contact, the identifiers, oldest first."""
        found: dict[int, defaultdict[int, list[str]]] = {
            channel_id: defaultdict(list) for channel_id in self._channels
        }
        for contact_id, channel_id, identifier in self._rows(self._identity_rows, ids):
            found[channel_id][contact_id].append(identifier)
        return found

    def _tags_of(self, ids: Sequence[int]) -> list[tuple[str, ...]]:
        """Of each contact the names of its tags, alphabetically."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for contact_id, tag_id in self._rows(self._tag_rows, ids):
            found[contact_id].append(self._ranks[tag_id])
        return [self._tags[tuple(found[contact_id])] if contact_id in found else () for contact_id in ids]

    def _all(self, names: Column[Any], order: Column[Any] | None = None) -> Sequence[Any]:
        """Id and name of everything that has one."""
        statement = select(names.table.c.id, names).order_by(names if order is None else order)
        return self._fetched(statement, {})

    def _rows(self, some: _Some, ids: Sequence[int]) -> Sequence[Any]:
        first, last = min(ids), max(ids)
        if last - first < _SPREAD * len(ids):
            return self._fetched(some.between, {"first_id": first, "last_id": last})
        return self._fetched(some.named, {"ids": ids})

    def _fetched(self, statement: Select[Any], values: Mapping[str, object]) -> Sequence[Any]:
        # Past SQLAlchemy's rows, which would take most of the time.
        with self._connection.execute(statement, values) as result:
            try:
                rows: Sequence[Any] = result.cursor.fetchall() if result.cursor is not None else []
            except self._connection.dialect.loaded_dbapi.Error as error:
                raise DBAPIError(None, None, error) from error
        return rows


class _Sets(dict[tuple[int, ...], tuple[str, ...]]):
    """By their ranks, the names of tags that come together, in order: the same few do again and again."""

    _MOST = 10_000

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, ranks: tuple[int, ...]) -> tuple[str, ...]:
        if len(self) >= self._MOST:
            self.clear()
        found = self[ranks] = tuple(self._names[rank] for rank in sorted(ranks))
        return found


class _Some:
    """`statement` for some of the contacts in its column `contact_id`: made once, which takes its time.

    A stretch of ids is found faster than each id by itself, even if it has ids between that nobody asked for.
    """

    def __init__(self, statement: Select[Any], contact_id: Column[int]) -> None:
        self.between = statement.where(contact_id.between(bindparam("first_id"), bindparam("last_id")))
        self.named = statement.where(contact_id.in_(bindparam("ids", expanding=True)))


def _status(is_open: int, opened: int | None) -> str | None:
    if is_open:
        return "open"
    return None if opened is None else "closed"
