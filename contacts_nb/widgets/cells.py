"""A contact as the texts of its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from unicodedata import combining
from zoneinfo import ZoneInfo

from contacts_nb.model.contact import ContactRow
from contacts_nb.model.fields import Value
from contacts_nb.model.places import country_name, language_name
from contacts_nb.model.times import day, moment, span

_MOST_MARKS = 4  # on one letter; more of them would be painted over the rows above and below
_Cell = Callable[[ContactRow, datetime, ZoneInfo], str]
_STANDARD: dict[str, _Cell] = {
    "name": lambda row, _now, _zone: row.name,
    "channels": lambda row, _now, _zone: ", ".join(source.label for source in row.channels),
    "phone": lambda row, _now, _zone: row.phone or "",
    "email": lambda row, _now, _zone: row.email or "",
    "tags": lambda row, _now, _zone: ", ".join(row.tags),
    "country": lambda row, _now, _zone: country_name(row.country),
    "language": lambda row, _now, _zone: language_name(row.language),
    "conversation_status": lambda row, _now, _zone: "Open" if row.conversation_open else "Closed",
    "assignee": lambda row, _now, _zone: row.assignee or "",
    "team": lambda row, _now, _zone: row.team or "",
    "last_interaction": lambda row, now, zone: moment(row.last_interaction, now, zone),
    "last_interacted_channel": lambda row, _now, _zone: row.last_interacted_channel or "",
    "last_incoming": lambda row, now, _zone: span(now - row.last_incoming) if row.last_incoming else "",
    "created_at": lambda row, _now, zone: day(row.created_at, zone),
}


def cells_of(row: ContactRow, keys: Iterable[str], now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """The texts of `row` in the columns with these keys; times are told in `zone`."""
    return tuple(
        within_line(_STANDARD[key](row, now, zone) if key in _STANDARD else value_text(row.fields.get(key)))
        for key in keys
    )


def within_line(text: str) -> str:
    r"""`text` with no more marks on a letter than there is room for in a row of the table.

    >>> within_line("Ann"), within_line("Z" + "\u0335" * 30) == "Z" + "\u0335" * 4
    ('Ann', True)
    """
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def value_text(value: Value | None) -> str:
    """The value of a custom field as people read it.

    >>> [value_text(value) for value in (None, True, 12.5, date(2026, 3, 2), time(9, 30))]
    ['', 'Yes', '12.5', '2 Mar 2026', '09:30']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return f"{value.day} {value:%b} {value.year}"
    if isinstance(value, time):
        return value.isoformat("auto").removesuffix(":00")
    return str(value)
