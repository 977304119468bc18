"""Logs of messages: tables (CSV, XLSX, DataFrames) and JSON lines, record by record as messages to be recorded.

What a column holds is told or known by its name. What a value means is never guessed: a time without an offset
needs a time zone, and a record that can't be understood is given with its problem, so that it costs no other.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from contacts_nb.exchange.encodings import known_encoding, unicode_encoding
from contacts_nb.exchange.files import FileContent
from contacts_nb.exchange.headers import REJECTED_BECAUSE
from contacts_nb.exchange.sources import TableSource
from contacts_nb.model.errors import InvalidValue, UnreadableFile, shown
from contacts_nb.model.messages import MessageDraft, message_drafted
from contacts_nb.model.people import refusal
from contacts_nb.model.text import folded

JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")

# The words by which columns are known, besides the keys themselves.
_WORDS = {
    "channel": "channel_name",
    "identifier": "phone phone_number mobile_number email e-mail_address",
    "direction": "message_direction",
    "text": "message body content message_text message_body",
    "sent_at": "time date timestamp datetime date_time sent sent_on sent_date date_sent sent_time message_time",
    "profile_name": "name contact_name display_name",
    "picture": "profile_picture avatar photo",
    "sender": "sender_email agent agent_email",
    "status": "message_status delivery_status",
}
KEYS = tuple(_WORDS)
_REQUIRED = ("channel", "identifier", "direction", "text", "sent_at")
_NOT_LETTERS = re.compile(r"[\W_]+")
_DIRECTIONS = {
    **dict.fromkeys(("in", "incoming", "inbound", "received"), "incoming"),
    **dict.fromkeys(("out", "outgoing", "outbound", "sent"), "outgoing"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds or milliseconds since 1970, of 2001 to 2286: no other whole numbers look like these.
_SINCE_EPOCH = re.compile(r"([0-9]{10})(?:\.([0-9]{1,9}))?|([0-9]{13})(?:\.0)?", re.ASCII)
_DAY_LENGTH = 10  # the longest ISO 8601 text of a day without time, and shorter than any with one
_LINE_LENGTH = 20_000_000
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class LogEntry(NamedTuple):
    """One record of a log: the message that it describes, or the `problem` why it describes none.

    `line` is where it begins (the first is 1); `original` are its cells, of the columns in the log's header.
    """

    line: int
    original: Sequence[str]
    draft: MessageDraft | None = None
    problem: str | None = None


class MessageLog(Protocol):
    """A log of any kind; `notes` are sentences for the person who imports, complete once `entries` ran through."""

    @property
    def name(self) -> str:
        """Of the file, or "DataFrame"."""

    @property
    def header(self) -> Sequence[str]:
        """The columns of the originals of its entries."""

    @property
    def notes(self) -> Sequence[str]:
        """What should be known of how it was read."""

    def entries(self) -> Iterator[LogEntry]:
        """Its records."""


@dataclass(slots=True)
class Reading:
    """How the records of a log are understood.

    `columns` says by column which key of a message it holds, or None to leave it out; `channel` is that of records
    which name none, and `zone` is where times without an offset were written. With `days`, a day means its
    midnight. `statuses` counts those of incoming messages, which have none and are left out.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    channel: str | None = None
    zone: ZoneInfo | None = None
    days: bool = False
    statuses: int = 0

    def __post_init__(self) -> None:
        for column, key in self.columns.items():
            if not isinstance(column, str):
                raise InvalidValue("column", column, "is not a text; give the name of a column")
            if key is not None and key not in KEYS:
                raise InvalidValue("key", key, f"is not what a column may hold; use one of {', '.join(KEYS)}")

    def keys(self, names: Sequence[str]) -> list[str | None]:
        """What each of these columns holds; raises `InvalidValue` where two hold the same."""
        told = {_word(column): key for column, key in self.columns.items()}
        words = [_word(name) for name in names]
        found: dict[str, int] = {}
        for key in KEYS:
            given = [index for index, word in enumerate(words) if told.get(word) == key]
            free = [index for index, word in enumerate(words) if word not in told]
            candidates = (
                given
                or [index for index in free if words[index] == _word(key)]
                or [index for index in free if _KNOWN.get(words[index]) == key]
            )
            if len(candidates) > 1:
                columns = " and ".join(shown(names[index]) for index in candidates)
                raise InvalidValue(
                    "columns", key, f"may be in {columns}; say in which, with columns={{…}} or --map"
                )
            if candidates:
                found[key] = candidates[0]
        by_index = {index: key for key, index in found.items()}
        return [by_index.get(index) for index in range(len(names))]

    def draft(self, values: dict[str, object]) -> MessageDraft:
        """The message with these values by key; raises `InvalidValue`."""
        channel = values.get("channel")
        if self.channel is not None and (channel is None or (isinstance(channel, str) and not channel.strip())):
            values["channel"] = self.channel
        identifier = values.get("identifier")
        if isinstance(identifier, int) and not isinstance(identifier, bool):
            values["identifier"] = str(identifier)
        for key in ("channel", "identifier"):
            # A million messages are with few people; one text for each of them saves a quarter of the memory.
            if type(text := values.get(key)) is str:
                values[key] = sys.intern(text)
        direction = values.get("direction")
        if isinstance(direction, str):
            values["direction"] = _DIRECTIONS.get(direction.strip().lower(), direction)
        if "sent_at" in values:
            values["sent_at"] = moment_of(values["sent_at"], self.zone, days=self.days)
        if values.get("direction") == "incoming" and values.get("status") not in (None, ""):
            del values["status"]
            self.statuses += 1
        return message_drafted(values)

    def notes(self, left_out: Sequence[str]) -> list[str]:
        """What became of the columns `left_out`, and of statuses."""
        notes = []
        if left_out:
            columns = ", ".join(shown(name) for name in left_out)
            notes.append(f"Left out, because messages have no place for it: {columns}.")
        if self.statuses:
            notes.append(f"Statuses of incoming messages were left out: {self.statuses:,}.")
        return notes


def moment_of(value: object, zone: ZoneInfo | None, *, days: bool = False) -> datetime:
    """The moment that `value` of a log means; `zone` is where times without an offset were written.

    ISO 8601, or whole seconds or milliseconds since 1970. Where clocks were set back, a time that was twice is
    taken for the first; one that never was raises `InvalidValue`, as does one without offset or zone, and a day
    unless `days` are taken for their midnights.

    >>> moment_of("2026-03-31 09:30", ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-31T07:30:00+00:00'
    >>> moment_of("1772452800", None) == moment_of(1772452800000, None) == moment_of("2026-03-02T12:00Z", None)
    True
    """
    text = repr(value) if isinstance(value, int | float) else value
    if not isinstance(text, str):
        raise refusal("sent_at", value, "is not a time; give one such as 2026-03-31T09:30:00+02:00")
    text = text.strip()
    number = _SINCE_EPOCH.fullmatch(text)
    if number is not None:
        seconds, fraction, milliseconds = number.groups()
        whole = milliseconds or seconds + (fraction or "")[:3].ljust(3, "0")
        return _EPOCH + timedelta(milliseconds=int(whole))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue("sent_at", text, "is not a time; give one such as 2026-03-31T09:30:00+02:00") from None
    if len(text) <= _DAY_LENGTH and not days:
        raise InvalidValue("sent_at", text, "is a day without a time; give one such as 2026-03-31T09:30:00+02:00")
    return moment if moment.tzinfo is not None else in_zone(moment, text, zone)


def in_zone(wall: datetime, text: str, zone: ZoneInfo | None) -> datetime:
    """The moment when clocks in `zone` showed `wall`, which the log writes as `text`; as `moment_of`."""
    if zone is None:
        rule = "has no offset from UTC; say in which time zone it is, with time_zone=… or --time-zone"
        raise InvalidValue("sent_at", text, rule)
    try:
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        exists = moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall
    except OverflowError:
        raise InvalidValue("sent_at", text, "is outside the years 1 to 9999 in UTC; give another time") from None
    if not exists:
        raise InvalidValue("sent_at", text, f"never was in {zone.key}, where clocks were set forward; correct it")
    return moment


class TableLog:
    """A log in a table, whose columns must hold what a message needs: else `InvalidValue` or `UnreadableFile`."""

    def __init__(self, source: TableSource, reading: Reading) -> None:
        self.name = source.name
        self._source = source
        # To workbooks and DataFrames a day and its midnight are one value.
        self._reading = replace(reading, days=source.encoding is None)
        names = source.header
        words = {_word(name) for name in names}
        missing = [column for column in reading.columns if _word(column) not in words]
        if missing:
            columns = ", ".join(name.strip() for name in names if name.strip())
            raise InvalidValue("column", missing[0], f"is not in {source.name}; its columns are {columns}")
        self._keys = [(index, key) for index, key in enumerate(reading.keys(names)) if key is not None]
        found = {key for _, key in self._keys} | ({"channel"} if reading.channel is not None else set())
        wanting = [key for key in _REQUIRED if key not in found]
        if wanting:
            columns = ", ".join(shown(name.strip()) for name in names)
            hint = " or give channel=… (--channel)" if "channel" in wanting else ""
            raise UnreadableFile(
                f"{source.name} has no column known to hold {', '.join(wanting)}: its columns are {columns}. "
                f"Say which is which with columns={{…}} (--map){hint}."
            )
        self.header = names
        ours = {_word(REJECTED_BECAUSE), *(_word(column) for column in reading.columns)}
        holding = {index for index, _ in self._keys}
        self._left_out = [
            name.strip() or f"column {index + 1}"
            for index, name in enumerate(names)
            if index not in holding and _word(name) not in ours
        ]

    @property
    def notes(self) -> list[str]:
        """What the reader noticed, and which columns were left out."""
        return [*self._source.notes, *self._reading.notes(self._left_out)]

    def entries(self) -> Iterator[LogEntry]:
        """The records below the header."""
        keys, draft = self._keys, self._reading.draft
        self._reading.statuses = 0
        for line, cells, problem in self._source.records():
            if problem is not None:
                yield LogEntry(line, cells, problem=problem)
                continue
            try:
                yield LogEntry(line, cells, draft({key: cells[index] for index, key in keys}))
            except InvalidValue as error:
                yield LogEntry(line, cells, problem=str(error))


class JsonLinesLog:
    """A log of JSON objects, one a line; `encoding` is needed only where it isn't Unicode."""

    header = ("record",)

    def __init__(self, file: FileContent, reading: Reading, encoding: str | None = None) -> None:
        self.name = file.name
        self._file = file
        self._reading = reading
        self._left_out: dict[str, None] = {}
        told = encoding or unicode_encoding(file.start(4096)) or "utf-8"
        known = known_encoding(told)
        if known is None:
            raise UnreadableFile(
                f"{shown(told)} is not a known encoding. Give one such as utf-8, windows-1252 or shift_jis "
                f"to read {file.name}."
            )
        self._encoding = known

    @property
    def notes(self) -> list[str]:
        """Which keys were left out."""
        return self._reading.notes(list(self._left_out))

    def entries(self) -> Iterator[LogEntry]:
        """The objects of all lines that aren't blank."""
        self._reading.statuses = 0
        known: dict[tuple[str, ...], list[str | None]] = {}
        for line, text in self._lines():
            try:
                record = _object(text)
                names = tuple(record)
                keys = known.get(names)
                if keys is None:
                    keys = known[names] = self._keys(names)
                values = {key: value for key, value in zip(keys, record.values(), strict=True) if key is not None}
                yield LogEntry(line, (text,), self._reading.draft(values))
            except InvalidValue as error:
                yield LogEntry(line, (text,), problem=str(error))

    def _keys(self, names: Sequence[str]) -> list[str | None]:
        keys = self._reading.keys(names)
        told = {_word(column) for column in self._reading.columns}
        ours = {*told, _word(REJECTED_BECAUSE)}
        left_out = [name for name, key in zip(names, keys, strict=True) if key is None and _word(name) not in ours]
        self._left_out |= dict.fromkeys(left_out)
        return keys

    def _lines(self) -> Iterator[tuple[int, str]]:
        # Bytes that aren't UTF-8 spoil a line; in other encodings everything after them.
        errors = "surrogateescape" if self._encoding == "utf-8" else "strict"
        with self._file.opened() as stream:
            lines = io.TextIOWrapper(stream, encoding=self._encoding, errors=errors, newline="\n")
            try:
                for line, text in enumerate(iter(lambda: lines.readline(_LINE_LENGTH + 1), ""), start=1):
                    if len(text) > _LINE_LENGTH:
                        raise UnreadableFile(
                            f"Line {line:,} of {self.name} is longer than {_LINE_LENGTH:,} characters. Give "
                            "a file with one message a line."
                        )
                    found = text.strip("\ufeff \t\r\n")
                    if found:
                        yield line, found
            except UnicodeError:
                raise UnreadableFile(
                    f"{self.name} is not in the encoding {self._encoding}. Save it as UTF-8, or give another one."
                ) from None


def _object(text: str) -> dict[str, object]:
    if _ESCAPED_BYTE.search(text):
        raise InvalidValue("line", _printable(text), "is not UTF-8; give the encoding of the file")
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        rule = f"is not JSON ({error.msg[:1].lower()}{error.msg[1:]} at character {error.colno:,}); correct it"
        raise InvalidValue("line", text, rule) from None
    except (ValueError, RecursionError):  # whole numbers of thousands of digits, lists in lists in lists
        raise InvalidValue("line", text, "is JSON of a size that no message has; correct it") from None
    if not isinstance(record, dict):
        raise InvalidValue("line", text, "is JSON, but not an object; write {…} with the keys of a message")
    return record


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _word(name: str) -> str:
    return _NOT_LETTERS.sub("", folded(name))


_KNOWN = {_word(word): key for key, words in _WORDS.items() for word in chain([key], words.split())}
