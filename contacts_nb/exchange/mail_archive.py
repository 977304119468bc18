"""E-mail archives (mbox) as messages on an e-mail channel, mail by mail.

What comes from one of the team's own addresses is an outgoing message to each recipient outside the team, all else
an incoming one from its author. `mailbox` of the standard library begins a new mail at any line that starts with
"From ", also within a body, and keeps the place of every mail; so the file is divided here, and its mails are read
by `email`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import BinaryIO
from zoneinfo import ZoneInfo

from contacts_nb.exchange.files import FileContent
from contacts_nb.exchange.mail_text import Address, addresses, header_text, mail_text, storable
from contacts_nb.exchange.message_log import LogEntry, in_zone
from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.messages import MESSAGE_LENGTH, PROFILE_NAME_LENGTH, Direction, message_drafted
from contacts_nb.model.people import email_required, listed

MAIL_SUFFIXES = (".mbox", ".mbx")

_MOST_OWN = 10_000
_CELL_LENGTH = 1_000  # of a header in the list of rejected mails
_LARGEST_MAIL = 16 * 1024 * 1024  # bytes; what comes after is of attachments
_MOST_LINES = 300_000  # likewise; each takes much more memory than its bytes
_LONGEST_LINE = 1024 * 1024  # bytes; longer ones are read in parts
_LONGEST_SEPARATOR = 500
_FIELD = re.compile(rb">?[!-9;-~]+[ \t]*:")
_DATED = re.compile(
    rb"From .*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .*\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b.*"
)
_YEAR_AND_TIME = re.compile(rb"(?=.*\b[0-9]{1,2}:[0-9]{2}\b).*\b(?:19|20)[0-9]{2}\b")
_UNDATED = re.compile(rb"From (?:-|\S+@\S+)?[ \t]*\r?\n")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
# RFC 5322, 3.3: the moment is that in UTC, though nobody says where it was written.
_UNKNOWN_ZONE = re.compile(r"-0000\b")
_ARCHIVE = re.compile(rb"\s*From [^\r\n]*\r?\n>?[!-9;-~]+[ \t]*:")


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """The team's own e-mail addresses, and domains all of whose addresses are."""

    addresses: frozenset[str]
    domains: frozenset[str]

    def __contains__(self, address: str) -> bool:
        key = email_key(address)
        return key in self.addresses or key.rpartition("@")[2] in self.domains


def own_addresses(values: Iterable[str]) -> OwnAddresses:
    """Those that `values` name: addresses, or whole domains as "@acme.example"; raises `InvalidValue`.

    >>> own = own_addresses(["sales@acme.example", "@shop.example"])
    >>> [address in own for address in ("Sales@Acme.example", "bo@shop.example", "bo@acme.example")]
    [True, True, False]
    """
    whole: set[str] = set()
    domains: set[str] = set()
    for value in listed("own", values, _MOST_OWN):
        if isinstance(value, str) and value.strip().startswith("@"):
            email_required("own", f"anybody{value.strip()}")
            domains.add(email_key(value.strip()[1:]))
        else:
            whole.add(email_key(email_required("own", value)))
    if not (whole or domains):
        rule = "is empty; give the team's own addresses or domains, such as sales@acme.example or @acme.example"
        raise InvalidValue(
            "own", [], f"{rule}: without them nobody knows which mails were sent and which received"
        )
    return OwnAddresses(frozenset(whole), frozenset(domains))


def is_mail_archive(start: bytes) -> bool:
    r"""Whether a file that begins with `start` is an mbox.

    >>> is_mail_archive(b"From ann Mon Mar  2 12:00:00 2026\nSubject: Hi\n"), is_mail_archive(b"From,To\n")
    (True, False)
    """
    return _ARCHIVE.match(start) is not None


class MailArchive:
    """The mails in an mbox `file` as messages on the channel of that name.

    `users` are the addresses of the workspace's users as they spell them, by `email_key`; `zone` is where dates
    without an offset were written.
    """

    header = ("from", "to", "date", "subject")

    def __init__(
        self,
        file: FileContent,
        *,
        channel: str,
        own: OwnAddresses,
        users: Mapping[str, str],
        zone: ZoneInfo | None,
    ) -> None:
        self.name = file.name
        self._file = file
        self._channel = channel
        self._own = own
        self._users = users
        self._zone = zone
        self._cut = 0

    @property
    def notes(self) -> list[str]:
        """How many mails were cut."""
        if not self._cut:
            return []
        return [f"Mails of more than {MESSAGE_LENGTH:,} characters were cut and end with “…”: {self._cut:,}."]

    def entries(self) -> Iterator[LogEntry]:
        """A message for each other side of each mail, or the mail with the reason why there is none."""
        self._cut = 0
        with self._file.opened() as stream:
            for line, data in mails(stream):
                original: tuple[str, ...] = ("",) * len(self.header)
                try:
                    mail = BytesParser().parsebytes(data)
                    original = _original(mail)
                    found = [LogEntry(line, original, message_drafted(one)) for one in self._records(mail)]
                except InvalidValue as error:
                    found = [LogEntry(line, original, problem=str(error))]
                except Exception as error:  # noqa: BLE001 - the parser raises errors of any kind for broken mails
                    problem = (
                        f"The mail is too broken to be read ({type(error).__name__}); open it in a mail program."
                    )
                    found = [LogEntry(line, original, problem=problem)]
                yield from found

    def _records(self, mail: Message) -> list[dict[str, object]]:
        authors = addresses(_values(mail, "from")) or addresses(_values(mail, "sender"))
        if not authors:
            raise InvalidValue("from", _shown(mail, "from"), "is not the address of anybody; correct it")
        author = authors[0]
        outgoing = author.address in self._own
        others = self._recipients(mail) if outgoing else [author]
        record: dict[str, object] = {
            "channel": self._channel,
            "direction": Direction.OUTGOING if outgoing else Direction.INCOMING,
            "sent_at": self._date(mail),
            "text": self._text(mail),
        }
        if outgoing:
            record["sender"] = self._users.get(email_key(author.address))
        return [record | {"identifier": other.address, "profile_name": _profile_name(other)} for other in others]

    def _recipients(self, mail: Message) -> list[Address]:
        found: dict[str, Address] = {}
        for one in addresses(_values(mail, "to", "cc", "bcc")):
            found.setdefault(email_key(one.address), one)
        others = [one for one in found.values() if one.address not in self._own]
        if not found:
            raise InvalidValue("to", _shown(mail, "to"), "is not the address of anybody; correct it")
        if not others:
            raise InvalidValue("to", _shown(mail, "to"), "holds own addresses only, so it went to no contact")
        return others

    def _date(self, mail: Message) -> datetime:
        values = _values(mail, "date")
        text = header_text(values[0]) if values else ""
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            rule = "is not the date of a mail; give one such as Mon, 2 Mar 2026 12:00:00 +0000"
            raise InvalidValue("date", text, rule) from None
        if moment.tzinfo is not None:
            return moment
        return moment.replace(tzinfo=UTC) if _UNKNOWN_ZONE.search(text) else in_zone(moment, text, self._zone)

    def _text(self, mail: Message) -> str:
        subject = header_text((_values(mail, "subject") or [""])[0])
        text = "\n\n".join(part for part in (subject, mail_text(mail)) if part)
        if len(text) <= MESSAGE_LENGTH:
            return text
        self._cut += 1
        return text[: MESSAGE_LENGTH - 1] + "…"


def mails(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    r"""The mails of an mbox, each with the line of its separator, without that and as they were before quoting.

    >>> import io
    >>> day = b"Mon Mar  2 12:00:00 2026\n"
    >>> archive = b"From ann " + day + b"To: bo\n\n>From here\nFrom now on\n\nFrom bo " + day
    >>> list(mails(io.BytesIO(archive)))
    [(1, b'To: bo\n\nFrom here\nFrom now on\n\n'), (7, b'')]
    """
    held = _Held()
    began, begins_at, begun = 1, 1, False
    separator: bytes | None = None
    blank_before = after_blank = True
    for number, line, is_whole in chain(_lines(stream), [(0, b"", True)]):
        if separator is not None:
            # Sentences begin with "From" too; what begins a mail looks like it, and fields follow.
            if _begins(separator, line, after_blank=after_blank):
                if begun:
                    yield began, held.unquoted()
                held, began, begun = _Held(), begins_at, True
            else:
                held.add(separator)
            separator = None
        if is_whole and line.startswith(b"From ") and len(line) <= _LONGEST_SEPARATOR:
            separator, after_blank, begins_at = line, blank_before, number
        else:
            held.add(line)
            begun = begun or not line.isspace()
        blank_before = line.isspace()
    if begun:
        yield began, held.unquoted()


class _Held:
    """As much of a mail as is read."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._lines = 0

    def add(self, line: bytes) -> None:
        if len(self._data) <= _LARGEST_MAIL and self._lines < _MOST_LINES:
            self._data += line
            self._lines += 1

    def unquoted(self) -> bytes:
        return _QUOTED_FROM.sub(rb"\1", bytes(self._data))


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """The lines with their numbers, and whether each begins there: long ones come in parts."""
    number, is_whole = 1, True
    while line := stream.readline(_LONGEST_LINE):
        yield number, line, is_whole
        is_whole = line.endswith(b"\n")
        number += is_whole


def _begins(separator: bytes, following: bytes, *, after_blank: bool) -> bool:
    has_fields = _FIELD.match(following) is not None
    if _DATED.match(separator) and _YEAR_AND_TIME.match(separator):
        return after_blank or has_fields
    return after_blank and has_fields and _UNDATED.match(separator) is not None


def _values(mail: Message, *names: str) -> list[str]:
    """The fields of these names as they stand there, in the order of the names."""
    return [value for name in names for field, value in mail.raw_items() if field.lower() == name]


def _shown(mail: Message, name: str) -> str:
    return ", ".join(header_text(value) for value in _values(mail, name))


def _original(mail: Message) -> tuple[str, ...]:
    return tuple(_shown(mail, name)[:_CELL_LENGTH] for name in MailArchive.header)


def _profile_name(other: Address) -> str | None:
    name = storable(other.name).strip("'\" ")
    return None if email_key(name) == email_key(other.address) else name[:PROFILE_NAME_LENGTH].strip() or None
