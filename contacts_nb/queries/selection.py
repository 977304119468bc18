"""Which contacts, in which order: a plain value that turns into SQL.

A selection says what is looked for; it holds no connection and no result, so two equal selections always
mean the same contacts at the same moment. Resolved on a connection, it knows what its words mean there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, Table, and_, func, or_, select, union

from contacts_nb.model.columns import checked_sort_key
from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.filters import EVERYONE, Filter
from contacts_nb.model.search_text import has_cjk, search_terms
from contacts_nb.queries.filter_sql import asks_contacts, asks_states, condition
from contacts_nb.queries.groups import anyone_merged, merged_away
from contacts_nb.queries.sorting import SortKey, sort_key
from contacts_nb.queries.terms import Terms, resolved
from contacts_nb.store.constructs import given_ids, ids_of_documents_with
from contacts_nb.store.schema import (
    channels,
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    field_values,
    tags,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Contacts that `filter` means and all of `searches` find, sorted by a column with empty values last.

    With `ids` only those among them.
    What the filter names and isn't there raises `NotFound` when it is resolved, unless it may be `missing`.
    """

    searches: tuple[str, ...] = ()
    filter: Filter = EVERYONE
    missing_ok: bool = False
    sort: str = "id"
    descending: bool = False
    ids: ContactIds | None = None

    def searched(self, typed: str) -> Selection:
        """This selection narrowed to the contacts that what was `typed` finds."""
        return replace(self, searches=(*self.searches, typed)) if search_terms(typed) else self

    def filtered(self, tree: Filter, *, missing_ok: bool) -> Selection:
        """This selection narrowed to the contacts that `tree` means."""
        return replace(self, filter=self.filter & tree, missing_ok=self.missing_ok or missing_ok)

    def among(self, ids: ContactIds) -> Selection:
        """This selection narrowed to contacts among `ids`."""
        return replace(self, ids=ids if self.ids is None else self.ids & ids)

    def sorted_by(self, key: str, *, descending: bool) -> Selection:
        """This selection in another order; raises `InvalidValue` for a column that can't be sorted by."""
        return replace(self, sort=checked_sort_key(key), descending=descending)

    def resolved(
        self, connection: Connection, user_id: int | None = None, now: datetime | None = None
    ) -> ResolvedSelection:
        """What it means on `connection` to the user `user_id`; raises `NotFound` and `InvalidValue`."""
        tree, terms = resolved(connection, self.filter, user_id, missing_ok=self.missing_ok, now=now)
        key = sort_key(connection, self.sort, terms.fields)
        return ResolvedSelection(self, tree, terms, key, anyone_merged(connection))


@dataclass(frozen=True, slots=True)
class ResolvedSelection:
    """A selection whose words are known: `tree` is what can be answered of its filter.

    `merged` says whether some contacts were merged away, which are never among the selected.
    """

    selection: Selection
    tree: Filter
    terms: Terms
    key: SortKey
    merged: bool

    def ids(self) -> Select[int]:
        """SQL for the ids of the selected contacts, in order, as `id`."""
        tables = {contacts: asks_contacts(self.tree), contact_states: asks_states(self.tree)}
        if self.key.table in tables:
            tables[self.key.table] = True
        # Every contact has one row in each: what isn't asked for needn't be read.
        if tables[contact_states] and not tables[contacts]:
            contact_id: ColumnElement[Any] = contact_states.c.contact_id
            statement = select(contact_id.label("id"))
        else:
            contact_id = contacts.c.id
            statement = select(contact_id)
            if tables[contact_states]:
                statement = statement.join(contact_states, contact_states.c.contact_id == contact_id)
        return self._ordered(statement, contact_id).where(*self.conditions(contact_id))

    def reading(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """SQL for `columns` of contacts and of their states, for each selected contact, in order."""
        statement = select(*columns).join_from(
            contacts, contact_states, contact_states.c.contact_id == contacts.c.id
        )
        return self._ordered(statement, contacts.c.id).where(*self.conditions())

    def count(self) -> Select[int]:
        """SQL for how many contacts are selected."""
        unordered = replace(self, key=SortKey(None, contacts)) if asks_contacts(self.tree) else self
        return select(func.count()).select_from(unordered.ids().order_by(None).subquery())

    def conditions(self, contact_id: ColumnElement[Any] = contacts.c.id) -> list[ColumnElement[bool]]:
        """SQL conditions on the column `contact_id`, all of which hold for the selected."""
        found: list[ColumnElement[bool]] = [
            contact_id.in_(found_by(spellings))
            for typed in self.selection.searches
            for spellings in search_terms(typed)
        ]
        if self.selection.ids is not None:
            found.append(contact_id.in_(given_ids(self.selection.ids.text())))
        if self.merged:
            found.append(contact_id.not_in(merged_away()))
        return found if self.tree == EVERYONE else [*found, condition(self.tree, self.terms, contact_id)]

    def _ordered(self, statement: Select[Any], contact_id: ColumnElement[Any]) -> Select[Any]:
        descending = self.selection.descending
        if self.key.field is not None:
            mine = and_(field_values.c.contact_id == contact_id, field_values.c.field_id == self.key.field.id)
            statement = statement.outerjoin(field_values, mine)
        # Ties go by id in the direction of the sort, so that one index serves both directions.
        keys = [contact_id] if self.key.value is None else [self.key.value, contact_id]
        ordered: list[ColumnElement[Any]] = [key.desc() if descending else key.asc() for key in keys]
        # Said only where it means something: PostgreSQL reads no index backwards for `DESC NULLS LAST`.
        if not self.key.never_empty:
            ordered[0] = ordered[0].nulls_last()
        return statement.order_by(*ordered)


def found_by(spellings: Sequence[str]) -> CompoundSelect[int]:
    """SQL for the ids of contacts of whom a document, a tag or a channel matches one of `spellings`."""
    # The few tags and channels first, then whom they belong to: as joins they are read from the wrong end.
    tagged = select(contact_tags.c.contact_id).where(contact_tags.c.tag_id.in_(named(tags, spellings)))
    on_channel = select(contact_channels.c.contact_id).where(
        contact_channels.c.channel_id.in_(named(channels, spellings))
    )
    return union(ids_of_documents_with(spellings), tagged, on_channel)


def named(things: Table, spellings: Sequence[str]) -> Select[int]:
    """SQL for the ids of the tags or channels whose name has one of `spellings`."""
    return select(things.c.id).where(
        things.c.removed_at.is_(None), or_(*(_has_word_part(things.c.name_key, one) for one in spellings))
    )


def _has_word_part(text: ColumnElement[str], spelling: str) -> ColumnElement[bool]:
    """As in documents: one and two letters begin a word, longer ones and CJK stand anywhere."""
    if len(spelling) >= 3 or has_cjk(spelling):
        return text.contains(spelling, autoescape=True)
    starts = text.startswith(spelling, autoescape=True)
    return or_(starts, text.contains(f" {spelling}", autoescape=True))
