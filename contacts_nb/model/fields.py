"""Custom fields: what they are called, what they may hold, and the one text that stands for each value.

A value is stored as its canonical text, so that equal values are equal texts, whoever they come from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.people import email_required, listed, member_named, refusal, text_given, text_required
from contacts_nb.model.text import folded, name_key

SLUG_LENGTH = 64
NAME_LENGTH = 255  # of fields and of the values of a list
ALLOWED_COUNT = 1_000
TEXT_LENGTH = 2_000
URL_LENGTH = 2_048
SHORT_LENGTH = 100  # of numbers, dates and times as text
WHOLE_LIMIT = 2**53  # beyond it, the numbers that databases compare have no room for every whole number

# Slugs that mean something else in filters, imports and exports.
STANDARD_FIELDS = frozenset({
    "assignee", "channels", "conversation_open", "conversation_opened", "conversation_status", "country",
    "created_at", "email", "first_name", "id", "language", "last_incoming", "last_interacted_channel",
    "last_interaction", "last_name", "name", "phone", "phone_e164", "picture", "tags", "team",
})  # fmt: skip

Value = str | int | float | bool | date | time

_TICKS = dict.fromkeys(("1", "yes", "true", "on"), "1") | dict.fromkeys(("0", "no", "false", "off"), "0")


class FieldType(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    LIST = "list"
    CHECKBOX = "checkbox"
    EMAIL = "email"
    NUMBER = "number"
    URL = "url"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field of a workspace; `allowed` are the values of a list, in the order they are offered."""

    id: int
    slug: str
    name: str
    type: FieldType
    allowed: tuple[str, ...] = ()
    created_at: datetime | None = None


def checked_slug(value: object) -> str:
    """`value`, if it may be the slug of a custom field; raises `InvalidValue` otherwise.

    >>> checked_slug("plan_2")
    'plan_2'
    """
    slug = text_required("slug", value, SLUG_LENGTH)
    if not re.fullmatch("[a-z][a-z0-9_]*", slug):
        raise InvalidValue("slug", slug, "is not a slug; begin with a letter and use only a-z, 0-9 and _")
    if slug in STANDARD_FIELDS:
        raise InvalidValue("slug", slug, "is the slug of a standard field; choose another")
    return slug


def slug_of(name: str) -> str:
    """A slug made from the name of a field; whether another field has it already isn't known here.

    >>> slug_of("Plan (gold)"), slug_of("2nd phone"), slug_of("Country"), slug_of("备注")
    ('plan_gold', 'field_2nd_phone', 'field_country', 'field')
    """
    slug = re.sub("[^a-z0-9]+", "_", folded(name)).strip("_")[:SLUG_LENGTH].rstrip("_")
    if slug and not slug[0].isdigit() and slug not in STANDARD_FIELDS:
        return slug
    return f"field_{slug}"[:SLUG_LENGTH].rstrip("_")


def checked_field_name(value: object) -> str:
    """The name of a custom field, trimmed; raises `InvalidValue` if empty, too long or no text.

    >>> checked_field_name(" Plan ")
    'Plan'
    """
    return text_required("name", value, NAME_LENGTH)


def checked_field_type(value: object) -> FieldType:
    """The type that `value` names, in any case; raises `InvalidValue` if there is none.

    >>> str(checked_field_type("Number"))
    'number'
    """
    return member_named("type", value, FieldType)


def checked_allowed(kind: FieldType, values: object) -> tuple[str, ...]:
    """The allowed values of a list field, trimmed and without empty ones; for other types there are none.

    Raises `InvalidValue` for a list without values, and for values that differ only in case or accents.

    >>> checked_allowed(FieldType.LIST, [" Gold", "Silver", ""])
    ('Gold', 'Silver')
    """
    by_key: dict[str, str] = {}
    for value in listed("allowed", values, ALLOWED_COUNT):
        text = text_given("allowed", value, NAME_LENGTH)
        if text is None:
            continue
        first = by_key.setdefault(name_key(text), text)
        if first is not text:
            raise InvalidValue("allowed", text, f"is there already, as {first!r}; give each value once")
    if kind is FieldType.LIST and not by_key:
        raise InvalidValue("allowed", values, "has no values; a list field needs at least one")
    if kind is not FieldType.LIST and by_key:
        raise InvalidValue("allowed", values, f"is for list fields only; leave it out for the type {kind}")
    return tuple(by_key.values())


def checked_value(field: Field, value: object) -> str | None:
    """The canonical text of `value` in `field`, or None if it is empty (as NaN, NA and NaT of pandas are).

    Raises `InvalidValue`, which names the field by its slug, for anything that the field can't hold.

    >>> checked_value(Field(1, "seats", "Seats", FieldType.NUMBER), " 12.50 ")
    '12.5'
    >>> checked_value(Field(2, "plan", "Plan", FieldType.LIST, ("Gold", "Silver")), "GOLD")
    'Gold'
    """
    plain = _plain(value)
    return None if _is_empty(plain) else _CANONICAL[field.type](field, plain)


def value_of(kind: FieldType, text: str) -> Value:
    """The Python value that the canonical `text` stands for.

    >>> value_of(FieldType.NUMBER, "12"), value_of(FieldType.CHECKBOX, "0"), value_of(FieldType.TEXT, "12")
    (12, False, '12')
    """
    return _PYTHON.get(kind, str)(text)


def number_of(kind: FieldType, text: str) -> float | None:
    """What databases compare as a number: that of a number or checkbox; None for other types.

    >>> number_of(FieldType.NUMBER, "12"), number_of(FieldType.CHECKBOX, "1"), number_of(FieldType.TEXT, "12")
    (12.0, 1.0, None)
    """
    return float(text) if kind in (FieldType.NUMBER, FieldType.CHECKBOX) else None


def value_key(kind: FieldType, text: str) -> str | None:
    """What filters compare of a text, an address of either kind; None for other types.

    >>> value_key(FieldType.TEXT, "Zoë's"), value_key(FieldType.NUMBER, "12")
    ("zoe's", None)
    """
    return folded(text) if kind in (FieldType.TEXT, FieldType.EMAIL, FieldType.URL) else None


def _plain(value: Any) -> object:
    # numpy's scalars as Python's, known by their dtype so that numpy needn't be loaded.
    kind = getattr(getattr(value, "dtype", None), "kind", None) if getattr(value, "ndim", None) == 0 else None
    if kind == "M":
        return value.astype("datetime64[us]").item()  # a finer one would become a whole number
    if kind == "f":
        return float(value)
    return value.item() if kind in ("b", "i", "u") else value


def _is_empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, float | Decimal):
        return value.is_nan() if isinstance(value, Decimal) else math.isnan(value)
    # The markers of pandas compare in ways of their own, so they are known by name.
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _text(field: Field, value: object, limit: int = TEXT_LENGTH) -> str:
    return text_required(field.slug, value, limit)


def _choice(field: Field, value: object) -> str:
    text = _text(field, value, NAME_LENGTH)
    choice = _by_key(field.allowed).get(name_key(text))
    if choice is None:
        some = ", ".join(field.allowed[:10])
        raise InvalidValue(field.slug, text, f"is not in the list; choose one of its values, such as {some}")
    return choice


@lru_cache(maxsize=100)
def _by_key(allowed: tuple[str, ...]) -> dict[str, str]:
    return {name_key(choice): choice for choice in allowed}


def _checkbox(field: Field, value: object) -> str:
    if isinstance(value, int | float) and value in (0, 1):
        return str(int(value))
    ticked = _TICKS.get(folded(_text(field, value, SHORT_LENGTH))) if isinstance(value, str) else None
    if ticked is None:
        raise refusal(field.slug, value, "is neither yes nor no; give True or False, yes or no, 1 or 0")
    return ticked


def _number(field: Field, value: object) -> str:
    number = _parsed_number(_text(field, value, SHORT_LENGTH)) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        rule = "is not a number; write digits and a point, no separators of thousands, such as 1234.5"
        raise refusal(field.slug, value, rule)
    if isinstance(number, Decimal) and number.is_finite() and number != number.to_integral_value():
        number = float(number)
    if isinstance(number, float | Decimal) and not math.isfinite(number):
        raise InvalidValue(field.slug, value, "is not finite; give a number that is less than 1e308")
    if -WHOLE_LIMIT <= number <= WHOLE_LIMIT and number == int(number):
        return str(int(number))
    if isinstance(number, float):
        return float.__repr__(number)
    rule = f"has too many digits; give a whole number up to ±{WHOLE_LIMIT:,}, or use a text field"
    raise refusal(field.slug, value, rule)


def _parsed_number(text: str) -> int | float | None:
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.IGNORECASE) else None


def checked_url(field: str, value: object) -> str | None:
    """A web address, trimmed, or None if empty; raises `InvalidValue` about `field` unless it is one.

    >>> checked_url("picture", " https://example.org/ann.png ")
    'https://example.org/ann.png'
    """
    text = text_given(field, value, URL_LENGTH)
    if text is None:
        return None
    # Browsers drop characters that can't be seen, so such an address leads elsewhere than it seems to.
    if not (text.isprintable() and " " not in text and _leads_to_a_host(text)):
        raise InvalidValue(field, text, "is not a web address; give one such as https://example.org/page")
    return text


def _leads_to_a_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port  # reading a port that is no number raises
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and any(character.isalnum() for character in host or "")


def _date(field: Field, value: object) -> str:
    if isinstance(value, datetime):
        if value.time() != time():
            raise refusal(field.slug, value, "has a time of day; give the date alone, such as 2026-03-31")
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return _iso(field, value, r"\d{4}-\d\d-\d\d", date.fromisoformat, "is not a date; give one such as 2026-03-31")


def _time(field: Field, value: object) -> str:
    if isinstance(value, time):
        if value.tzinfo or value.microsecond:
            raise refusal(field.slug, value, "has a time zone or parts of a second; leave them out")
        return value.isoformat("seconds")
    rule = "is not a time of day; give one such as 09:30 or 09:30:15"
    return _iso(field, value, r"\d\d:\d\d(:\d\d)?", time.fromisoformat, rule)


def _iso(field: Field, value: object, shape: str, parsed: Callable[[str], date | time], rule: str) -> str:
    if not isinstance(value, str):
        raise refusal(field.slug, value, rule)
    text = _text(field, value, SHORT_LENGTH)
    if not re.fullmatch(shape, text, re.ASCII):  # Python also reads weeks, time zones and more
        raise InvalidValue(field.slug, text, rule)
    try:
        return parsed(text).isoformat()
    except ValueError as error:
        raise InvalidValue(field.slug, text, rule) from error


_CANONICAL: dict[FieldType, Callable[[Field, object], str]] = {
    FieldType.TEXT: _text,
    FieldType.LIST: _choice,
    FieldType.CHECKBOX: _checkbox,
    FieldType.EMAIL: lambda field, value: email_required(field.slug, value),
    FieldType.NUMBER: _number,
    FieldType.URL: lambda field, value: (
        checked_url(field.slug, text_required(field.slug, value, URL_LENGTH)) or ""
    ),
    FieldType.DATE: _date,
    FieldType.TIME: _time,
}
_PYTHON: dict[FieldType, Callable[[str], Value]] = {
    FieldType.CHECKBOX: lambda text: text == "1",
    FieldType.NUMBER: lambda text: float(text) if set(text) & {".", "e"} else int(text),
    FieldType.DATE: date.fromisoformat,
    FieldType.TIME: time.fromisoformat,
}
