"""Contacts from vCard files of any version, card by card: one bad card never costs the next."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from contacts_nb.exchange.encodings import (
    decoded,
    guess_note,
    known_encoding,
    legacy_encoding,
    unicode_encoding,
    utf8,
)
from contacts_nb.exchange.files import file_bytes
from contacts_nb.exchange.rows import SourceFile, SourceRow
from contacts_nb.exchange.vcard_cards import Card, cards_in, unix_lines
from contacts_nb.exchange.vcard_fields import WANTED, card_fields
from contacts_nb.exchange.vcard_lines import properties_of, readable
from contacts_nb.model.errors import UnreadableFile

_CHARSET = re.compile(rb"CHARSET=\"?([\w-]{1,40})", re.IGNORECASE)
_NO_CONTACT = "This card has no name, phone or e-mail that can be read; add one of them and import it again."


class _Fallback(NamedTuple):
    """The encoding of lines that aren't UTF-8 and don't say what they are; `note` tells of a guess."""

    encoding: str
    note: str | None = None


def read_vcards(path: str | os.PathLike[str], *, encoding: str | None = None) -> SourceFile:
    """The contacts of the vCard file at `path`; raises `UnreadableFile` if there is no card in it."""
    return vcard_source(Path(path).name, file_bytes(path), encoding=encoding)


def vcard_source(name: str, data: bytes, *, encoding: str | None = None) -> SourceFile:
    """The contacts in `data`, the content of the vCard file `name`; as `read_vcards`."""
    told = encoding or unicode_encoding(data)
    if told is not None:
        data = decoded(name, data, told).text.encode("utf-8", errors="replace")
    data = unix_lines(data)
    if next(cards_in(data), None) is None:
        raise UnreadableFile(
            f"{name} holds no vCard. Give a file in which each contact begins with the line BEGIN:VCARD."
        )
    fallback = _fallback(name, data)
    left_out: Counter[str] = Counter()
    notes = [fallback.note] if fallback.note else []
    return SourceFile(name, (), _rows(data, fallback.encoding, left_out), left_out, notes)


def _rows(data: bytes, fallback: str, left_out: Counter[str]) -> Iterator[SourceRow]:
    for card in cards_in(data):
        yield _row(card, fallback, left_out)


def _row(card: Card, fallback: str, left_out: Counter[str]) -> SourceRow:
    fields = card_fields(properties_of(card.data, WANTED, fallback))
    left_out.update(fields.left_out)
    original = (readable(card.data, fallback),)
    if not fields.values.keys() & {"first_name", "last_name", "phone", "email"}:
        return SourceRow(card.line, original, problem=_NO_CONTACT)
    return SourceRow(card.line, original, fields.values, fields.tags)


def _fallback(name: str, data: bytes) -> _Fallback:
    """An encoding that other lines of the file say they have, if it fits; else a guess."""
    if utf8(data) is not None:
        return _Fallback("utf-8")
    lines = [line for line in data.splitlines() if not line.isascii() and utf8(line) is None]
    undeclared = b"\n".join(line for line in lines if not _CHARSET.search(line))
    for declared in dict.fromkeys(_CHARSET.findall(data)):
        encoding = known_encoding(declared.decode("ascii", "replace"))
        if encoding is not None and _fits(undeclared, encoding):
            return _Fallback(encoding)
    guess = legacy_encoding(undeclared)
    return _Fallback(guess, guess_note(name, guess) if undeclared else None)


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except ValueError:
        return False
    return True
