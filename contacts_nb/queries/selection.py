"""Which contacts, in which order: a plain value that turns into SQL.

A selection says what is looked for; it holds no connection and no result, so two equal selections always
mean the same contacts at the same moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, literal, or_, select, union

from contacts_nb.model.columns import checked_sort_key
from contacts_nb.model.places import countries, languages
from contacts_nb.model.search_text import has_cjk, search_terms
from contacts_nb.store.constructs import ids_of_documents_with, position
from contacts_nb.store.schema import channels, contact_channels, contact_tags, contacts, tags

_NEVER_EMPTY = frozenset({"id", "name", "created_at"})


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
        statement = select(contacts.c.id).where(*self.conditions())
        if self.sort == "last_interacted_channel":
            statement = statement.outerjoin(channels, channels.c.id == contacts.c.last_channel_id)
        return statement.order_by(*self._order())

    def count(self) -> Select[int]:
        """SQL for how many contacts are selected."""
        return select(func.count()).select_from(contacts).where(*self.conditions())

    def conditions(self) -> list[ColumnElement[bool]]:
        """SQL conditions on `contacts`, all of which hold for the selected."""
        return [_found(spellings) for typed in self.searches for spellings in search_terms(typed)]

    def _order(self) -> list[ColumnElement[object]]:
        value = _sort_value(self.sort)
        # Ties go by id in the direction of the sort, so that one index serves both directions.
        keys: list[ColumnElement[object]] = [] if self.sort == "id" else [value]
        keys.append(contacts.c.id)
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
        "last_interaction": contacts.c.last_interaction,
        "last_interacted_channel": channels.c.name_key,
        # The longer ago, the greater: the column shows a time span.
        "last_incoming": -contacts.c.last_incoming,
        "created_at": contacts.c.created_at,
    }
    return columns[key]


def _position(code: ColumnElement[str], codes_by_name: Sequence[str]) -> ColumnElement[Any]:
    """Where a two-letter `code` stands among the codes in the order of their names, or NULL for none."""
    return position(literal("".join(f" {other}" for other in codes_by_name)), literal(" ").concat(code))


def _found(spellings: Sequence[str]) -> ColumnElement[bool]:
    """Contacts of whom a document, a tag or a channel matches one of `spellings`."""
    by_document = ids_of_documents_with(spellings)
    # The few tags and channels first, then whom they belong to: as joins they are read from the wrong end.
    tagged = select(contact_tags.c.contact_id).where(contact_tags.c.tag_id.in_(_named(tags, spellings)))
    on_channel = select(contact_channels.c.contact_id).where(
        contact_channels.c.channel_id.in_(_named(channels, spellings))
    )
    return contacts.c.id.in_(union(by_document, tagged, on_channel))


def _named(things: Table, spellings: Sequence[str]) -> Select[int]:
    """The ids of the tags or channels whose name has one of `spellings`."""
    return select(things.c.id).where(or_(*(_has_word_part(things.c.name_key, one) for one in spellings)))


def _has_word_part(text: ColumnElement[str], spelling: str) -> ColumnElement[bool]:
    """As in documents: one and two letters begin a word, longer ones and CJK stand anywhere."""
    if len(spelling) >= 3 or has_cjk(spelling):
        return text.contains(spelling, autoescape=True)
    starts = text.startswith(spelling, autoescape=True)
    return or_(starts, text.contains(f" {spelling}", autoescape=True))
