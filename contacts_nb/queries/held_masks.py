"""Filters and searches over held columns: for each, a mask of who is meant.

It gives what `filter_sql` gives. What isn't held (texts) is asked of the database, one criterion at a time, and
kept until it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, literal, or_, select

from contacts_nb.model.days import day_end, day_start
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.filter_criteria import Operator, ValueType
from contacts_nb.model.filters import And, Criterion, Filter, Not, parts_of
from contacts_nb.model.search_text import search_terms, trigram_pattern
from contacts_nb.queries.filter_sql import MILLISECONDS, NEGATIVE, condition, days_meant
from contacts_nb.queries.held import EMPTY, NOBODY, Held, Mask, code_of
from contacts_nb.queries.selection import ResolvedSelection, named
from contacts_nb.queries.terms import Terms
from contacts_nb.store.backend import backend_of
from contacts_nb.store.constructs import ids_of_documents_with, position
from contacts_nb.store.schema import (
    channels,
    contact_channels,
    contact_tags,
    contacts,
    field_values,
    search_documents,
    tags,
    team_members,
)

_CODED: dict[FieldType, Callable[[str], float]] = {
    FieldType.NUMBER: float,
    FieldType.CHECKBOX: float,
    FieldType.DATE: lambda text: float(date.fromisoformat(text).toordinal()),
    FieldType.TIME: lambda text: float(_seconds(time.fromisoformat(text))),
}


def is_coded(kind: FieldType) -> bool:
    """Whether values of that type are held, as numbers."""
    return kind in _CODED


class Masks:
    """Who is meant by parts of selections, over what `held` has."""

    def __init__(self, connection: Connection, held: Held, terms: Terms) -> None:
        self._connection = connection
        self._held = held
        self._terms = terms
        self._answers: dict[ValueType, Callable[[Criterion, Operator], Mask]] = {
            ValueType.COUNTRY: self._place,
            ValueType.LANGUAGE: self._place,
            ValueType.DAY: self._day,
            ValueType.ELAPSED: self._elapsed,
            ValueType.USER: self._assigned,
            ValueType.TEAM: self._assigned,
            ValueType.CHANNEL: self._last_channel,
            ValueType.CONVERSATION: self._conversation,
            ValueType.TAGS: self._tags,
            ValueType.CHANNELS: self._channels,
            ValueType.SOURCES: self._sources,
        }

    def selected(self, selection: ResolvedSelection) -> Mask:
        """Who is selected, as a mask over all places."""
        mask = self._of(selection.tree) & self._held.alive
        for typed in selection.selection.searches:
            for spellings in search_terms(typed):
                mask &= self._found(spellings)
        if selection.selection.ids is not None:
            mask &= self._held.mask_of(selection.selection.ids.array)[: self._held.count]
        return mask

    def prepare(self, kind: str, thing: int) -> None:
        """Read who has the tag or channel `thing`, before it is asked for."""
        self._kept((kind, thing), partial(having, (kind, thing)))

    def _found(self, spellings: tuple[str, ...]) -> Mask:
        mask = self._kept(("documents", spellings), partial(ids_of_documents_with, spellings)).copy()
        for kind, things in (("tag", tags), ("channel", channels)):
            for thing in self._connection.execute(named(things, spellings)).scalars():
                mask |= self._kept((kind, thing), partial(having, (kind, thing)))
        return mask

    def _of(self, tree: Filter) -> Mask:
        if isinstance(tree, Criterion):
            positive = NEGATIVE.get(tree.operator)
            return self._positive(tree, tree.operator) if positive is None else ~self._positive(tree, positive)
        if isinstance(tree, Not):
            return ~self._of(tree.part)
        parts = parts_of(tree)
        mask = np.full(self._held.count, isinstance(tree, And))
        for part in parts:
            if isinstance(tree, And):
                mask &= self._of(part)
            else:
                mask |= self._of(part)
        return mask

    def _positive(self, criterion: Criterion, operator: Operator) -> Mask:
        slug = criterion.definition.slug
        if slug is not None:
            field = self._terms.fields[slug]
            if field.type in _CODED:
                return self._of_field(field, criterion, operator)
            return self._asked(criterion)
        answer = self._answers.get(criterion.definition.type)
        return self._asked(criterion) if answer is None else answer(criterion, operator)

    def _asked(self, criterion: Criterion) -> Mask:
        """What the database says of a criterion; its opposite is kept as the same."""
        positive = Criterion(
            criterion.name, NEGATIVE.get(criterion.operator, criterion.operator), criterion.values
        )
        key = ("criterion", positive, self._terms.region)
        where = condition(positive, self._terms, contacts.c.id)
        return self._kept(key, lambda: select(contacts.c.id).where(where))

    def _kept(self, key: tuple[object, ...], statement: Callable[[], Select[int]]) -> Mask:
        mask = self._held.masks.found(key)
        if mask is None:
            (ids,) = backend_of(self._connection).integers(self._connection, statement())
            mask = self._held.masks.keep(key, self._held.mask_of(ids))
        return mask[: self._held.count]

    def _place(self, criterion: Criterion, operator: Operator) -> Mask:
        codes = self._held.column(criterion.name)
        wanted = [NOBODY] if operator is Operator.IS_EMPTY else [code_of(value) for value in criterion.values]
        return _among(codes, wanted)

    def _day(self, criterion: Criterion, operator: Operator) -> Mask:
        at = self._held.column(criterion.name)
        if operator is Operator.IS_EMPTY:
            return np.equal(at, EMPTY)
        first, last = days_meant(criterion, operator, self._terms)
        mask: Mask = at != EMPTY if first is None else at >= day_start(first, self._terms.zone)
        return mask if last is None else mask & (at < day_end(last, self._terms.zone))

    def _elapsed(self, criterion: Criterion, operator: Operator) -> Mask:
        at = self._held.column("last_incoming")
        if operator is Operator.IS_EMPTY:
            return np.equal(at, EMPTY)
        *amounts, unit = criterion.values
        moments = [self._terms.now - int(amount) * MILLISECONDS[unit] for amount in amounts]
        if operator is Operator.WITHIN:
            return np.greater(at, moments[0])
        if operator is Operator.MORE_THAN_AGO:
            mask: Mask = (at < moments[0]) & (at != EMPTY)
            return mask
        between: Mask = (at >= moments[1]) & (at <= moments[0])
        return between

    def _assigned(self, criterion: Criterion, operator: Operator) -> Mask:
        ids, me = self._held.column(criterion.name), self._terms.user_id
        if operator is Operator.IS_UNASSIGNED:
            return np.equal(ids, NOBODY)
        if operator is not Operator.IS_ME:
            kind = "user" if criterion.definition.type is ValueType.USER else "team"
            return _among(ids, [self._terms.ids[kind, name] for name in criterion.values])
        if me is None:
            return np.zeros(self._held.count, np.bool_)
        if criterion.definition.type is ValueType.USER:
            return np.equal(ids, me)
        mine = select(team_members.c.team_id).where(team_members.c.user_id == me)
        return _among(ids, list(self._connection.execute(mine).scalars()))

    def _last_channel(self, criterion: Criterion, _operator: Operator) -> Mask:
        return _among(
            self._held.column("last_channel"), [self._terms.ids["channel", name] for name in criterion.values]
        )

    def _conversation(self, _criterion: Criterion, _operator: Operator) -> Mask:
        return np.equal(self._held.column("conversation"), 1)

    def _tags(self, criterion: Criterion, operator: Operator) -> Mask:
        if operator is Operator.IS_EMPTY:
            return ~self._kept(("any tag",), lambda: select(contact_tags.c.contact_id).distinct())
        return self._having([("tag", self._terms.ids["tag", name]) for name in criterion.values], operator)

    def _channels(self, criterion: Criterion, operator: Operator) -> Mask:
        return self._having([("channel", self._terms.ids["channel", name]) for name in criterion.values], operator)

    def _sources(self, criterion: Criterion, operator: Operator) -> Mask:
        return self._having([("source", value) for value in criterion.values], operator)

    def _having(self, keys: Sequence[tuple[str, int | str]], operator: Operator) -> Mask:
        masks = [self._kept(key, partial(having, key)) for key in keys]
        mask = masks[0].copy()
        for other in masks[1:]:
            if operator is Operator.HAS_ALL:
                mask &= other
            else:
                mask |= other
        return mask

    def _of_field(self, field: Field, criterion: Criterion, operator: Operator) -> Mask:
        held = self.values(field)
        if operator is Operator.IS_EMPTY:
            return np.isnan(held)
        if operator is Operator.IS_TRUE:
            return np.equal(held, 1)
        if field.type is FieldType.DATE:
            first, last = days_meant(criterion, operator, self._terms)
            low, high = (first or date.min).toordinal(), (last or date.max).toordinal()
            return (held >= low) & (held <= high)
        values = [_CODED[field.type](value) for value in criterion.values]
        if operator is Operator.BETWEEN:
            return (held >= values[0]) & (held <= values[1])
        return _COMPARED[operator](held, values[0])

    def values(self, field: Field) -> NDArray[np.float64]:
        """The values of a field that is compared in numbers, NaN where it is empty."""
        kept = self._held.fields.found(field.id)
        if kept is None:
            kept = self._held.fields.keep(field.id, np.full(self._held.capacity, np.nan))
            put_values(self._connection, self._held, field, kept)
        return kept[: self._held.count]


def put_values(
    connection: Connection, held: Held, field: Field, kept: NDArray[np.float64], ids: Sequence[int] | None = None
) -> None:
    """Put the values of a field, of all contacts or of a few, into their places in `kept`."""
    statement = select(field_values.c.contact_id, field_values.c.value).where(field_values.c.field_id == field.id)
    if ids is not None:
        statement = statement.where(field_values.c.contact_id.in_(ids))
    # No value of these types has a comma in it.
    owners, texts = backend_of(connection).joined(connection, statement)
    if owners:
        places = held.places_of(np.fromstring(owners, np.int64, sep=","))
        kept[places] = _numbers(field.type, texts.split(","))


def _numbers(kind: FieldType, texts: list[str]) -> NDArray[np.float64]:
    """As `_CODED` has them, many at once."""
    if kind is FieldType.DATE:
        return np.array(texts, "datetime64[D]").astype(np.float64) + date(1970, 1, 1).toordinal()
    if kind is FieldType.TIME:
        return np.fromiter(map(_CODED[kind], texts), np.float64, len(texts))
    return np.array(texts).astype(np.float64)


def having(key: tuple[str, int | str]) -> Select[int]:
    """SQL for the contacts that have the tag or channel (by id) or the channel source of `key`, perhaps twice."""
    kind, thing = key
    if kind == "tag":
        return select(contact_tags.c.contact_id).where(contact_tags.c.tag_id == thing)
    found = select(contact_channels.c.contact_id)
    if kind == "channel":
        return found.where(contact_channels.c.channel_id == thing)
    return found.where(contact_channels.c.channel_id.in_(select(channels.c.id).where(channels.c.source == thing)))


_COMPARED: dict[Operator, Callable[[NDArray[np.float64], float], Mask]] = {
    Operator.IS: np.equal,
    Operator.GREATER_THAN: np.greater,
    Operator.AFTER: np.greater,
    Operator.AT_LEAST: np.greater_equal,
    Operator.LESS_THAN: np.less,
    Operator.BEFORE: np.less,
    Operator.AT_MOST: np.less_equal,
}


def documents_among(spellings: Sequence[str], ids: Sequence[int]) -> Select[int]:
    """SQL for those of a few contacts whose documents have one of `spellings`, without looking at any others."""
    text = search_documents.c.text
    return select(search_documents.c.contact_id).where(
        search_documents.c.contact_id.in_(ids),
        or_(*(position(text, literal(trigram_pattern(one))) > 0 for one in spellings)),
    )


def _among(values: NDArray[Any], wanted: Sequence[int]) -> Mask:
    return np.equal(values, wanted[0]) if len(wanted) == 1 else np.isin(values, np.array(wanted, np.int64))


def _seconds(of_day: time) -> int:
    return of_day.hour * 3_600 + of_day.minute * 60 + of_day.second
