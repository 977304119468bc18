"""Which contacts, in which order: a plain value that turns into SQL.

A selection says what is looked for; it holds no connection and no result, so two equal selections always
mean the same contacts at the same moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, Table, func, literal, or_, select, union

from contacts_nb.model.columns import checked_sort_key
from contacts_nb.model.places import countries, languages
from contacts_nb.model.search_text import has_cjk, search_terms
from contacts_nb.store.constructs import ids_of_documents_with, position
from contacts_nb.store.schema import channels, contact_channels, contact_states, contact_tags, contacts, tags

_NEVER_EMPTY = frozenset({"id", "name", "created_at"})
_OF_STATES = frozenset({"last_interaction", "last_interacted_channel", "last_incoming"})


@dataclass(frozen=True, slots=True)
class Selection:
    """Contacts that match all of `searches`, sorted by a column; empty values come last in both directions."""

    searches: tuple[str, ...] = ()
    sort: str = "id"
    descending: bool = False

    def searched(self, typed: str) -> Selection:
        """This selection narrowed to the contacts that what was `typed` finds."""
        return replace(self, searches=(*self.searches, typed)) if search_terms(typed) else self

    def sorted_by(self, key: str, *, descending: bool) -> Selection:
        """This selection in another order; raises `InvalidValue` for a column that can't be sorted by."""
        return replace(self, sort=checked_sort_key(key), descending=descending)

    def ids(self) -> Select[int]:
        """SQL for the ids of the selected contacts, in order."""
        if self.sort not in _OF_STATES:
            return select(contacts.c.id).where(*self.conditions()).order_by(*self._order(contacts.c.id))
        # Every contact has one state: sorted by what is there, the contacts themselves needn't be read.
        statement = select(contact_states.c.contact_id.label("id")).where(
            *self.conditions(contact_states.c.contact_id)
        )
        if self.sort == "last_interacted_channel":
            statement = statement.outerjoin(channels, channels.c.id == contact_states.c.last_channel_id)
        return statement.order_by(*self._order(contact_states.c.contact_id))

    def reading(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """SQL for `columns` of contacts and of their states, for each selected contact, in order."""
        statement = select(*columns).join_from(
            contacts, contact_states, contact_states.c.contact_id == contacts.c.id
        )
        if self.sort == "last_interacted_channel":
            statement = statement.outerjoin(channels, channels.c.id == contact_states.c.last_channel_id)
        return statement.where(*self.conditions()).order_by(*self._order(contacts.c.id))

    def count(self) -> Select[int]:
        """SQL for how many contacts are selected."""
        return select(func.count()).select_from(contacts).where(*self.conditions())

    def conditions(self, contact_id: ColumnElement[Any] = contacts.c.id) -> list[ColumnElement[bool]]:
        """SQL conditions on the column `contact_id`, all of which hold for the selected."""
        return [contact_id.in_(_found(spellings)) for typed in self.searches for spellings in search_terms(typed)]

    def _order(self, contact_id: ColumnElement[Any]) -> list[ColumnElement[object]]:
        value = _sort_value(self.sort)
        # Ties go by id in the direction of the sort, so that one index serves both directions.
        keys: list[ColumnElement[object]] = [] if self.sort == "id" else [value]
        keys.append(contact_id)
        # Said only where it means something: PostgreSQL reads no index backwards for `DESC NULLS LAST`.
        ordered: list[ColumnElement[object]] = [key.desc() if self.descending else key.asc() for key in keys]
        return [ordered[0].nulls_last(), *ordered[1:]] if self.sort not in _NEVER_EMPTY else ordered


def _sort_value(key: str) -> ColumnElement[object]:
    if key == "country":
        return _position(contacts.c.country, list(countries()))
    if key == "language":
        return _position(contacts.c.language, list(languages()))
    columns: dict[str, ColumnElement[object]] = {
        "id": contacts.c.id,
        "name": contacts.c.sort_name,
        "phone": func.coalesce(contacts.c.phone_e164, contacts.c.phone),
        "email": contacts.c.email_key,
        "last_interaction": contact_states.c.last_interaction,
        "last_interacted_channel": channels.c.name_key,
        # The longer ago, the greater: the column shows a time span.
        "last_incoming": -contact_states.c.last_incoming,
        "created_at": contacts.c.created_at,
    }
    return columns[key]


def _position(code: ColumnElement[str], codes_by_name: Sequence[str]) -> ColumnElement[Any]:
    """Where a two-letter `code` stands among the codes in the order of their names, or NULL for none."""
    return position(literal("".join(f" {other}" for other in codes_by_name)), literal(" ").concat(code))


def _found(spellings: Sequence[str]) -> CompoundSelect[int]:
    """SQL for the ids of contacts of whom a document, a tag or a channel matches one of `spellings`."""
    by_document = ids_of_documents_with(spellings)
    # The few tags and channels first, then whom they belong to: as joins they are read from the wrong end.
    tagged = select(contact_tags.c.contact_id).where(contact_tags.c.tag_id.in_(_named(tags, spellings)))
    on_channel = select(contact_channels.c.contact_id).where(
        contact_channels.c.channel_id.in_(_named(channels, spellings))
    )
    return union(by_document, tagged, on_channel)


def _named(things: Table, spellings: Sequence[str]) -> Select[int]:
    """The ids of the tags or channels whose name has one of `spellings`."""
    return select(things.c.id).where(
        things.c.removed_at.is_(None), or_(*(_has_word_part(things.c.name_key, one) for one in spellings))
    )


def _has_word_part(text: ColumnElement[str], spelling: str) -> ColumnElement[bool]:
    """As in documents: one and two letters begin a word, longer ones and CJK stand anywhere."""
    if len(spelling) >= 3 or has_cjk(spelling):
        return text.contains(spelling, autoescape=True)
    starts = text.startswith(spelling, autoescape=True)
    return or_(starts, text.contains(f" {spelling}", autoescape=True))
