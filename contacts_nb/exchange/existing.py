"""Contacts that are there, as an import compares records with them, and how they are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from contacts_nb.exchange.import_options import MatchKey
from contacts_nb.model.draft import ContactDraft
from contacts_nb.model.emails import email_key
from contacts_nb.model.phones import phone_key
from contacts_nb.model.text import folded, name_key
from contacts_nb.store.schema import (
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    field_values,
    tags,
)

# Who is found by what one says that was merged away is the contact that is there for it.
_PRESENT = func.coalesce(contacts.c.survivor_id, contacts.c.id)
COLUMNS = ("first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture")
_AT_ONCE = 10_000  # parameters of one statement
_LARGEST_ID = 2**63 - 1


@dataclass(slots=True)
class ExistingContact:
    """A contact as it is now: tags by key of their names, values by field id, identities as (channel, key)."""

    id: int
    values: dict[str, str | None]
    assignee_id: int | None
    team_id: int | None
    tags: set[str] = field(default_factory=set)
    fields: dict[int, str] = field(default_factory=dict)
    identities: set[tuple[int, str]] = field(default_factory=set)


def existing_contacts(connection: Connection, ids: Iterable[int]) -> dict[int, ExistingContact]:
    """By id, those of the contacts with these ids that there are."""
    found: dict[int, ExistingContact] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        columns = [contacts.c[name] for name in COLUMNS]
        statement = (
            select(contacts.c.id, contact_states.c.assignee_id, contact_states.c.team_id, *columns)
            .join(contact_states, contact_states.c.contact_id == contacts.c.id)
            .where(contacts.c.id.in_(some))
        )
        for contact_id, assignee_id, team_id, *values in connection.execute(statement):
            by_name = dict(zip(COLUMNS, values, strict=True))
            found[contact_id] = ExistingContact(contact_id, by_name, assignee_id, team_id)
        tagged = (
            select(contact_tags.c.contact_id, tags.c.name_key)
            .join(tags, tags.c.id == contact_tags.c.tag_id)
            .where(contact_tags.c.contact_id.in_(some))
        )
        for contact_id, key in connection.execute(tagged):
            found[contact_id].tags.add(key)
        valued = select(field_values.c.contact_id, field_values.c.field_id, field_values.c.value)
        for contact_id, field_id, value in connection.execute(valued.where(field_values.c.contact_id.in_(some))):
            found[contact_id].fields[field_id] = value
        there = contact_channels.c
        known = select(there.contact_id, there.channel_id, there.identifier_key).where(there.contact_id.in_(some))
        for contact_id, channel_id, key in connection.execute(known):
            found[contact_id].identities.add((channel_id, key))
    return found


def key_texts(key: MatchKey, draft: ContactDraft, given_id: str | None) -> tuple[str, ...]:
    """What a record is found by under `key`; nothing if it has no value for it."""
    if key.channel is not None:
        return tuple(one.key for one in draft.identities if one.channel_id == key.channel.id)
    if key.name == "phone":
        digits = draft.phone_e164 or phone_key(draft.phone, None)
        return (digits,) if digits else ()
    if key.name == "email":
        return (email_key(draft.email),) if draft.email else ()
    return (given_id,) if given_id else ()


class Finder:
    """Finds contacts by what records say of them, as the workspace is on `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_empty = not has_contacts(connection)
        self._typed_phones: dict[str, list[int]] | None = None

    def ids(self, key: MatchKey, texts: Iterable[str]) -> dict[str, list[int]]:
        """By text, the ids of the contacts that have it under `key`, in ascending order."""
        wanted = list(dict.fromkeys(texts))
        if self.is_empty or not wanted:
            return {}
        if key.channel is not None:
            there = contact_channels.c
            mine = there.channel_id == key.channel.id
            return self._looked_up(there.identifier_key, there.contact_id, wanted, mine)
        if key.name == "phone":
            return self._phones(wanted)
        if key.name == "email":
            return self._looked_up(contacts.c.email_key, _PRESENT, wanted)
        numbers = {int(text): text for text in wanted if is_id(text)}
        return {
            numbers[contact_id]: [present]
            for contact_id, present in self._rows(contacts.c.id, _PRESENT, list(numbers))
        }

    def owners(self, identities: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """By identity, the contact that has it."""
        by_channel: defaultdict[int, list[str]] = defaultdict(list)
        for channel_id, key in identities:
            by_channel[channel_id].append(key)
        if self.is_empty:
            return {}
        there = contact_channels.c
        return {
            (channel_id, key): ids[0]
            for channel_id, keys in by_channel.items()
            for key, ids in self._looked_up(
                there.identifier_key, there.contact_id, keys, there.channel_id == channel_id
            ).items()
        }

    def named(self, names: Iterable[str]) -> dict[str, list[int]]:
        """By folded name, the ids of the contacts that go by it, in ascending order."""
        if self.is_empty:
            return {}
        return self._looked_up(contacts.c.sort_name, _PRESENT, list(dict.fromkeys(map(folded, names))))

    def _phones(self, texts: list[str]) -> dict[str, list[int]]:
        found = self._looked_up(contacts.c.phone_e164, _PRESENT, [t for t in texts if t.startswith("+")])
        typed = [text for text in texts if not text.startswith("+")]
        if typed:
            # Without a region, a number may be the international one as it stands, or one that was typed likewise.
            whole = self._looked_up(contacts.c.phone_e164, _PRESENT, [f"+{text}" for text in typed])
            others = self._phones_as_typed()
            for text in typed:
                ids = sorted({*whole.get(f"+{text}", ()), *others.get(text, ())})
                if ids:
                    found[text] = ids
        return found

    def _phones_as_typed(self) -> dict[str, list[int]]:
        if self._typed_phones is None:
            found: defaultdict[str, list[int]] = defaultdict(list)
            statement = select(contacts.c.phone_key, _PRESENT).where(
                contacts.c.phone_e164.is_(None), contacts.c.phone.is_not(None)
            )
            for key, contact_id in self._connection.execute(statement):
                if contact_id not in found[key]:
                    found[key].append(contact_id)
            self._typed_phones = dict(found)
        return self._typed_phones

    def _looked_up(
        self,
        column: ColumnElement[str],
        contact_id: ColumnElement[int],
        texts: Sequence[str],
        *conditions: ColumnElement[bool],
    ) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for text, number in self._rows(column, contact_id, texts, *conditions):
            if number not in found[text]:
                found[text].append(number)
        for ids in found.values():
            ids.sort()
        return dict(found)

    def _rows(
        self,
        column: ColumnElement[Any],
        contact_id: ColumnElement[int],
        values: Sequence[Any],
        *conditions: ColumnElement[bool],
    ) -> Iterator[Row[Any, int]]:
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self._connection.execute(select(column, contact_id).where(column.in_(some), *conditions))


def is_id(text: str) -> bool:
    """Whether `text` may be the id of a contact.

    >>> is_id("17"), is_id("x1")
    (True, False)
    """
    return text.isascii() and text.isdecimal() and len(text) < 20 and 0 < int(text) <= _LARGEST_ID


def has_contacts(connection: Connection) -> bool:
    """Whether there is any contact."""
    return connection.execute(select(contacts.c.id).limit(1)).first() is not None


def has_word_for_word(draft: ContactDraft, contact: ExistingContact) -> bool:
    """Whether a contact has the standard values of a record, no more and no less, and all else that it says."""
    return (
        all(getattr(draft, name) == contact.values[name] for name in COLUMNS)
        and all(contact.fields.get(one.id) == value for one, value in draft.fields)
        and all(name_key(tag) in contact.tags for tag in draft.tags)
        and (draft.assignee is None or draft.assignee.id == contact.assignee_id)
        and (draft.team is None or draft.team.id == contact.team_id)
        and all((one.channel_id, one.key) in contact.identities for one in draft.identities)
    )
