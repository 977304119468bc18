"""Contacts from vCard files of any version, card by card: one bad card never costs the next."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from contacts_nb.exchange.encodings import (
    TextEncoding,
    decoded,
    guess_note,
    is_utf8,
    known_encoding,
    legacy_encoding,
    unicode_encoding,
)
from contacts_nb.exchange.files import FileContent
from contacts_nb.exchange.rows import CHANNEL, SourceRow
from contacts_nb.exchange.sources import CardSource
from contacts_nb.exchange.vcard_cards import Card, cards_in, unix_lines
from contacts_nb.exchange.vcard_fields import WANTED, card_fields
from contacts_nb.exchange.vcard_lines import properties_of, readable
from contacts_nb.model.errors import UnreadableFile

_CHARSET = re.compile(rb"CHARSET=\"?([\w-]{1,40})", re.IGNORECASE)
_NO_CONTACT = "This card has no name, phone or e-mail that can be read; add one of them and import it again."
_ENOUGH = frozenset({"first_name", "last_name", "phone", "email"})
_SAMPLE = 64 * 1024
_MOST_LINES = 500_000  # of a card; those of a picture hold some 75 bytes each
_LARGEST_CARD = 40 * 1024 * 1024  # bytes
_LINES_LOOKED_AT = 100_000


class _Fallback(NamedTuple):
    """The encoding of lines that aren't UTF-8 and don't say what they are; `note` tells of a guess."""

    encoding: str
    note: str | None = None


@dataclass(slots=True)
class VcardSource(CardSource):
    """The cards in a file, which as a whole has the encoding `told`, or else line by line what each says."""

    content: FileContent = field(kw_only=True)
    told: str | None = None
    fallback: str = "utf-8"

    def rows(self) -> Iterator[SourceRow]:
        """The cards, in order; one that can't be read has a problem."""
        left_out: Counter[str] = Counter()
        self.left_out = left_out
        for card in cards_in(_card_bytes(self.content, self.told)):
            if len(card.data) > _LARGEST_CARD or card.data.count(b"\n") > _MOST_LINES:
                raise _too_large(self.name, card)
            yield _row(card, self.fallback, left_out)


def vcard_source(content: FileContent, *, encoding: str | None = None) -> VcardSource:
    r"""The cards in `content`; `encoding` is needed only where the guess is wrong.

    Raises `UnreadableFile`, also if there is no card in it.

    >>> from contacts_nb.exchange.files import file_content
    >>> source = vcard_source(file_content(("people.vcf", b"BEGIN:VCARD\nFN:Ann\nEND:VCARD")))
    >>> [dict(row.values) for row in source.rows()]
    [{'first_name': 'Ann'}]
    """
    name = content.name
    told = encoding or unicode_encoding(content.start(_SAMPLE))
    data = _card_bytes(content, told)
    if next(cards_in(data), None) is None:
        raise UnreadableFile(
            f"{name} holds no vCard. Give a file in which each contact begins with the line BEGIN:VCARD."
        )
    fallback = _fallback(name, data)
    return VcardSource(
        name=name,
        notes=[fallback.note] if fallback.note else [],
        encoding=TextEncoding((told and known_encoding(told)) or fallback.encoding).label,
        size=content.size,
        content=content,
        told=told,
        fallback=fallback.encoding,
    )


def _card_bytes(content: FileContent, told: str | None) -> bytes:
    data = content.whole()
    if told is not None:
        data = decoded(content.name, data, told).encode("utf-8", errors="replace")
    return unix_lines(data)


def _row(card: Card, fallback: str, left_out: Counter[str]) -> SourceRow:
    fields = card_fields(properties_of(card.data, WANTED, fallback))
    left_out.update(fields.left_out)
    original = (readable(card.data, fallback),)
    if not any(key in _ENOUGH or key.startswith(CHANNEL) for key in fields.values):
        return SourceRow(card.line, original, problem=_NO_CONTACT)
    return SourceRow(card.line, original, fields.values, fields.tags)


def _fallback(name: str, data: bytes) -> _Fallback:
    """An encoding that other lines of the file say they have, if it fits; else a guess."""
    if is_utf8(data):
        return _Fallback("utf-8")
    others = (line.rstrip(b"\r\n") for line in io.BytesIO(data) if not line.isascii() and not is_utf8(line))
    lines = list(islice(others, _LINES_LOOKED_AT))
    undeclared = b"\n".join(line for line in lines if not _CHARSET.search(line))
    for declared in dict.fromkeys(_CHARSET.findall(data)):
        encoding = known_encoding(declared.decode("ascii", "replace"))
        if encoding is not None and _fits(undeclared, encoding):
            return _Fallback(encoding)
    guess = legacy_encoding(undeclared)
    return _Fallback(guess, guess_note(name, guess) if undeclared else None)


def _too_large(name: str, card: Card) -> UnreadableFile:
    return UnreadableFile(
        f"The card of {name} that begins in line {card.line:,} has more than {_LARGEST_CARD // 1024**2} MB or "
        f"{_MOST_LINES:,} lines. Take it or its picture out, and import the file again."
    )


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except ValueError:
        return False
    return True
