r"""Contacts as vCards 3.0 (RFC 2426) and 4.0 (RFC 6350), with properties of our own for what those lack.

A card can't hold control characters: they are left out, but for tabs and for line ends, which become `\n`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TextIO

from contacts_nb.model.channels import Channel
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.places import country_code, country_name
from contacts_nb.queries.entries import EntryColumn

PLACELESS = (
    *("conversation_status", "last_interacted_channel"),
    *("last_interaction", "last_incoming", "created_at", "conversation_opened"),
)
"""The columns that have no place in a card."""

_LINE = 75  # octets, the line end aside
_NOTHING = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))
_LINE_ENDS = re.compile(r"\r\n?")
_ESCAPES = _NOTHING | str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
# RFC 6868
_CARETS = _NOTHING | str.maketrans({"^": "^^", '"': "^'", "\n": "^n"})
_TICKS = {"1": "yes", "0": "no"}


class Cards:
    """What makes cards of contacts that come as a value for each of `columns`; `version` is "3.0" or "4.0"."""

    def __init__(self, version: str, columns: Sequence[EntryColumn]) -> None:
        self._version = version
        self._columns = columns
        self._custom = [(place, one) for place, one in enumerate(columns) if isinstance(one, Field | Channel)]

    def write(self, stream: TextIO, parts: Iterable[Sequence[Sequence[Any]]]) -> None:
        """Write contacts that come by the column, a part of them at a time, to `stream`."""
        for part in parts:
            stream.writelines(map(self.card, zip(*part, strict=True)))

    def card(self, row: Sequence[Any]) -> str:
        """The card of one contact."""
        return "".join(map(folded_line, self._lines(row)))

    def _lines(self, row: Sequence[Any]) -> Iterator[str]:
        # A column that wasn't chosen is an empty one.
        value = dict(zip(self._columns, row, strict=True)).get
        first, last = value("first_name") or "", value("last_name") or ""
        yield "BEGIN:VCARD"
        yield f"VERSION:{self._version}"
        # Readers take the formatted name for a first name where there is no other: so it holds nothing else.
        yield f"FN:{escaped(value('name') or f'{first} {last}'.strip())}"
        yield f"N:{escaped(last)};{escaped(first)};;;"
        yield from _phones(value("phone"), value("phone_e164"))
        yield from _if_any("EMAIL", value("email"))
        if value("country"):
            yield f"ADR:;;;;;;{escaped(_country(value('country')))}"
        yield from _if_any("LANG" if self._version == "4.0" else "X-LANGUAGE", value("language"))
        if value("picture"):
            yield f"PHOTO;VALUE=uri:{value('picture')}"
        tags = value("tags")
        if tags:
            yield f"CATEGORIES:{','.join(map(escaped, tags))}"
        yield from _if_any("X-ASSIGNEE", value("assignee"))
        yield from _if_any("X-TEAM", value("team"))
        for place, column in self._custom:
            yield from _custom(column, row[place])
        if value("id"):
            yield f"X-CONTACTS-NB-ID:{value('id')}"
        yield "END:VCARD"


def escaped(text: str) -> str:
    r"""`text` as the value of a property.

    >>> print(escaped("Smith, Jones; \\ Sons"))
    Smith\, Jones\; \\ Sons
    """
    return _LINE_ENDS.sub("\n", text).translate(_ESCAPES)


def quoted_parameter(text: str) -> str:
    """`text` as the value of a parameter, in quotes, with what can't stand there behind a caret (RFC 6868).

    >>> print(quoted_parameter('The "Shop"'))
    "The ^'Shop^'"
    """
    return '"' + _LINE_ENDS.sub("\n", text).translate(_CARETS) + '"'


def folded_line(line: str) -> str:
    r"""`line` with its end, in stretches of at most 75 octets of UTF-8 that split no character.

    >>> folded_line("N:" + "é" * 60).split("\r\n")[1][:3]
    ' éé'
    """
    if len(line) * 4 <= _LINE:
        return f"{line}\r\n"
    octets = line.encode("utf-8", "replace")
    stretches, start, room = [], 0, _LINE
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        stretches.append(octets[start:end].decode())
        start, room = end, _LINE - 1  # behind the space that says it goes on
    stretches.append(octets[start:].decode())
    return "\r\n ".join(stretches) + "\r\n"


def _if_any(name: str, text: str | None) -> Iterator[str]:
    if text:
        yield f"{name}:{escaped(text)}"


def _phones(typed: str | None, e164: str | None) -> Iterator[str]:
    yield from _if_any("TEL", typed or e164)
    if typed and e164 and not (typed[0] == "+" and "".join(filter(str.isdecimal, typed)) == e164[1:]):
        yield f"X-CONTACTS-NB-E164:{e164}"


def _custom(column: Field | Channel, value: Any) -> Iterator[str]:
    if isinstance(column, Channel):
        for identifier in value:
            yield f"X-CONTACTS-NB-CHANNEL;NAME={quoted_parameter(column.name)};VALUE=text:{escaped(identifier)}"
    elif value is not None:
        text = _TICKS[value] if column.type is FieldType.CHECKBOX else value
        yield f"X-CONTACTS-NB-FIELD;SLUG={column.slug};VALUE=text:{escaped(text)}"


@cache
def _country(code: str) -> str:
    """The English name, if it reads back as the `code`."""
    name = country_name(code)
    return name if country_code(name) == code else code
