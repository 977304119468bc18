"""Finding in plain Python: what filters, search and orders mean, read off one contact after another.

A filter's answer about a contact is True, False, or None where the criterion is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contacts_nb.model.emails import email_key
from contacts_nb.model.fields import Field, FieldType, Value, checked_value
from contacts_nb.model.filter_criteria import FIELD_VALUE_TYPES, Operator, ValueType
from contacts_nb.model.filters import And, Criterion, Filter, Not, Or
from contacts_nb.model.names import profile_name
from contacts_nb.model.phones import e164, phone_key, phone_starts, same_phone
from contacts_nb.model.places import country_name, language_name
from contacts_nb.model.search_text import has_cjk, number_spellings
from contacts_nb.model.text import folded, name_key

Op = Operator
UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}


@dataclass(frozen=True)
class Identity:
    """Who somebody is on a channel; of each message, when it was and whether it came in."""

    channel: str
    identifier: str
    profile_name: str | None
    messages: tuple[tuple[datetime, bool], ...]


@dataclass(frozen=True)
class Person:
    """A contact as it was made; of each conversation, when it was opened and closed."""

    id: int
    created_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    email: str | None = None
    country: str | None = None
    language: str | None = None
    assignee: str | None = None
    team: str | None = None
    tags: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()
    conversations: tuple[tuple[datetime, datetime | None], ...] = ()

    @property
    def name(self) -> str:
        names = [one.profile_name for one in self.identities]
        identifiers = [one.identifier for one in self.identities]
        return profile_name(self.first_name, self.last_name, names, self.phone, self.email, identifiers)

    def moments(self, *, incoming: bool = False) -> list[datetime]:
        return [at for one in self.identities for at, came_in in one.messages if came_in or not incoming]

    @property
    def last_channel(self) -> str | None:
        last = max(self.moments(), default=None)
        return next((one.channel for one in self.identities for at, _ in one.messages if at == last), None)


@dataclass(frozen=True)
class Place:
    """What is set up around contacts; `members` are those of teams, `sources` those of channels.

    `gone` are the kinds and names of what was removed. Filters are asked at the moment `now` by the user `me`.
    """

    now: datetime
    zone: ZoneInfo
    region: str | None
    me: str | None
    users: Mapping[str, str]
    members: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, str]
    fields: Mapping[str, Field]
    gone: frozenset[tuple[str, str]] = frozenset()

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def is_gone(self, kind: str, name: str) -> bool:
        return any(kind == of and _KEYS[kind](name) == _KEYS[kind](other) for of, other in self.gone)


_KEYS: dict[str, Callable[[str], str]] = {
    "user": email_key, "team": name_key, "tag": name_key, "channel": name_key, "field": str,
}  # fmt: skip
_NAMED = {
    ValueType.USER: "user",
    ValueType.TEAM: "team",
    ValueType.TAGS: "tag",
    ValueType.CHANNELS: "channel",
    ValueType.CHANNEL: "channel",
}


def left(person: Person, place: Place) -> Person:
    """What is left of `person` where some things are gone; channels stay with those who wrote on them."""
    return replace(
        person,
        tags=tuple(tag for tag in person.tags if not place.is_gone("tag", tag)),
        values={slug: value for slug, value in person.values.items() if not place.is_gone("field", slug)},
        assignee=None if person.assignee and place.is_gone("user", person.assignee) else person.assignee,
        team=None if person.team and place.is_gone("team", person.team) else person.team,
    )


# Filters

_NEGATIVES = {
    Op.IS_NOT: Op.IS, Op.IS_NONE_OF: Op.IS_ANY_OF, Op.DOES_NOT_CONTAIN: Op.CONTAINS, Op.HAS_NONE: Op.HAS_ANY,
    Op.IS_NOT_EMPTY: Op.IS_EMPTY, Op.IS_FALSE: Op.IS_TRUE, Op.IS_CLOSED: Op.IS_OPEN,
}  # fmt: skip


def answer(tree: Filter, person: Person, place: Place) -> bool | None:
    """Whether `tree` means `person`; None where that hangs on what is broken."""
    if isinstance(tree, Not):
        inner = answer(tree.part, person, place)
        return None if inner is None else not inner
    if isinstance(tree, And | Or):
        answers = [answer(part, person, place) for part in tree.parts]
        decisive = isinstance(tree, Or)
        if decisive in answers:
            return decisive
        return None if None in answers else not decisive
    assert isinstance(tree, Criterion)
    if is_broken(tree, place):
        return None
    positive = _NEGATIVES.get(tree.operator)
    if positive is not None:
        return not _holds(tree, positive, person, place)
    return _holds(tree, tree.operator, person, place)


def is_broken(criterion: Criterion, place: Place) -> bool:
    definition = criterion.definition
    if definition.slug is not None:
        return place.is_gone("field", definition.slug)
    kind = _NAMED.get(definition.type)
    return kind is not None and any(place.is_gone(kind, name) for name in criterion.values)


def _holds(criterion: Criterion, operator: Operator, person: Person, place: Place) -> bool:
    slug, values = criterion.definition.slug, criterion.values
    kind = criterion.definition.type if slug is None else FIELD_VALUE_TYPES[place.fields[slug].type]
    if kind in (ValueType.TAGS, ValueType.CHANNELS, ValueType.SOURCES):
        return _has(operator, values, {key(name) for key, name in _held(criterion.name, person, place)})
    held = _one(criterion.name, person) if slug is None else person.values.get(slug)
    if operator is Op.IS_ME:
        who = (held,) if kind is ValueType.USER else place.members.get(str(held), ())
        return place.me is not None and place.me in who
    if kind in (ValueType.CONVERSATION, ValueType.CHECKBOX):
        return bool(held)
    if operator in (Op.IS_EMPTY, Op.IS_UNASSIGNED):
        return held is None
    return held is not None and _COMPARED.get(kind, _chosen)(operator, held, values, criterion.name, place)


def _one(name: str, person: Person) -> Any:
    """The one thing that the criterion `name` asks about; None if it is empty."""
    latest = {
        "last_interaction": person.moments(),
        "last_incoming": person.moments(incoming=True),
        "conversation_opened": [opened for opened, _ in person.conversations],
    }
    if name in latest:
        return max(latest[name], default=None)
    if name == "conversation":
        return any(closed is None for _, closed in person.conversations)
    return getattr(person, name)


def _held(name: str, person: Person, place: Place) -> Iterator[tuple[Callable[[str], str], str]]:
    if name == "tags":
        yield from ((name_key, tag) for tag in person.tags)
    for identity in person.identities if name != "tags" else ():
        yield (name_key, identity.channel) if name == "channels" else (str, place.sources[identity.channel])


def _has(operator: Operator, values: Sequence[str], held: set[str]) -> bool:
    if operator is Op.IS_EMPTY:
        return not held
    return (all if operator is Op.HAS_ALL else any)(name_key(value) in held for value in values)


def _text(operator: Operator, held: str, values: Sequence[str], name: str, place: Place) -> bool:
    (typed,) = values
    if name != "phone":
        key = email_key if name == "email" else folded
        return _compared_text(operator, key(held), key(typed))
    digits = phone_key(held, e164(held, place.region)) or ""
    if operator is Op.IS:
        return digits in same_phone(typed, place.region)
    spellings = phone_starts(typed, place.region) if operator is Op.STARTS_WITH else number_spellings(typed)
    return any(_compared_text(operator, digits, spelling) for spelling in spellings)


def _compared_text(operator: Operator, held: str, typed: str) -> bool:
    if operator is Op.IS:
        return held == typed
    return held.startswith(typed) if operator is Op.STARTS_WITH else typed in held


def _day(operator: Operator, held: Any, values: Sequence[str], name: str, place: Place) -> bool:
    day = place.day(held) if isinstance(held, datetime) else held
    if operator in (Op.WITHIN, Op.MORE_THAN_AGO):
        today = place.day(place.now)
        days_ago = (today - day).days
        return 0 <= days_ago <= int(values[0]) if operator is Op.WITHIN else days_ago > int(values[0])
    return _ordered(operator, day, [date.fromisoformat(value) for value in values])


def _elapsed(operator: Operator, held: Any, values: Sequence[str], name: str, place: Place) -> bool:
    *amounts, unit = values
    return _ordered(operator, place.now - held, [int(amount) * UNITS[unit] for amount in amounts])


def _number(operator: Operator, held: Any, values: Sequence[str], name: str, place: Place) -> bool:
    return _ordered(operator, float(held), [float(value) for value in values])


def _time(operator: Operator, held: Any, values: Sequence[str], name: str, place: Place) -> bool:
    return _ordered(operator, held.isoformat(), list(values))


def _ordered(operator: Operator, held: Any, values: Sequence[Any]) -> bool:
    first, last = values[0], values[-1]
    answers: dict[Operator, bool] = {
        Op.IS: held == first,
        Op.ON: held == first,
        Op.GREATER_THAN: held > first,
        Op.MORE_THAN_AGO: held > first,
        Op.AFTER: held > first,
        Op.AT_LEAST: held >= first,
        Op.LESS_THAN: held < first,
        Op.WITHIN: held < first,
        Op.BEFORE: held < first,
        Op.AT_MOST: held <= first,
        Op.BETWEEN: first <= held <= last,
    }
    return answers[operator]


def _chosen(operator: Operator, held: Any, values: Sequence[str], name: str, place: Place) -> bool:
    key = email_key if name == "assignee" else name_key
    return key(held) in [key(value) for value in values]


_COMPARED = {
    ValueType.TEXT: _text,
    ValueType.DAY: _day,
    ValueType.ELAPSED: _elapsed,
    ValueType.NUMBER: _number,
    ValueType.TIME: _time,
}

# Search


def is_found(typed: str, person: Person, place: Place) -> bool:
    """Whether every word of what was `typed` stands in something of `person`."""
    words = list(_words(person, place))
    whole = number_spellings(typed) if _is_number(typed) else ()
    return all(
        any(
            _stands_in(spelling, word)
            for spelling in {part, *(whole or (number_spellings(part) if _is_number(part) else ()))}
            for word in words
        )
        for part in folded(typed).split()
    )


def _is_number(typed: str) -> bool:
    signs = [one for one in typed if not one.isdecimal()]
    return len(signs) < len(typed) and all(one.isspace() or one in "+()-./" for one in signs)


def _stands_in(spelling: str, word: str) -> bool:
    if len(spelling) >= 3:
        return spelling in word
    # A script without spaces has a word at each of its characters.
    return any(word.startswith(spelling, start) for start in range(len(word)) if not start or has_cjk(word[start]))


def _words(person: Person, place: Place) -> Iterator[str]:
    texts = [person.first_name, person.last_name, person.email, *person.tags]
    texts += [checked_value(place.fields[slug], value) for slug, value in person.values.items()]
    numbers = [person.phone, e164(person.phone, place.region)] if person.phone else []
    for one in person.identities:
        texts += [one.profile_name, None if place.is_gone("channel", one.channel) else one.channel]
        (numbers if one.identifier.startswith("+") else texts).append(one.identifier)
        if _is_number(one.identifier):
            numbers.append(one.identifier)
        if place.sources[one.channel] in ("whatsapp", "sms", "viber"):
            numbers.append(e164(one.identifier, place.region) or one.identifier)
    for text in texts:
        yield from folded(text or "").split()
    for number in numbers:
        yield phone_key(number, None) or ""


# Orders


def ordered(people: Iterable[Person], key: str, place: Place, *, descending: bool) -> list[int]:
    """The ids by what `key` sorts by, empty ones last; ids go with the direction where that is the same."""
    by_id = sorted(people, key=lambda person: person.id, reverse=descending)
    filled = [person for person in by_id if _sorted_by(person, key, place) is not None]
    empty = [person for person in by_id if _sorted_by(person, key, place) is None]
    filled.sort(key=lambda person: _sorted_by(person, key, place), reverse=descending)
    # Sorting keeps the order of equals, also in reverse.
    return [person.id for person in (*filled, *empty)]


def _sorted_by(person: Person, key: str, place: Place) -> Any:
    if key in place.fields:
        return _value_sorted_by(place.fields[key], person.values.get(key))
    value = {"conversation_status": "conversation", "last_interacted_channel": "last_channel"}.get(key, key)
    held = _one(value, person)
    if held is None or key in ("id", "created_at", "last_interaction", "conversation_status"):
        return held
    if key == "last_incoming":
        return place.now - held
    if key == "phone":
        return e164(held, place.region) or held
    if key == "email":
        return email_key(held)
    names: dict[str, Callable[[str], str]] = {
        "assignee": place.users.__getitem__,
        "country": country_name,
        "language": language_name,
    }
    return folded(names.get(key, str)(held))


def _value_sorted_by(kept: Field, value: Any) -> Any:
    if value is None or kept.type in (FieldType.NUMBER, FieldType.CHECKBOX, FieldType.DATE, FieldType.TIME):
        return value
    return kept.allowed.index(value) if kept.type is FieldType.LIST else folded(value)
