"""Message logs on their way into a workspace: what is recorded, and what is rejected with its line and reason."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, select

from contacts_nb.exchange.encodings import unicode_encoding
from contacts_nb.exchange.files import file_content
from contacts_nb.exchange.headers import REJECTED_BECAUSE
from contacts_nb.exchange.mail_archive import MAIL_SUFFIXES, MailArchive, is_mail_archive, own_addresses
from contacts_nb.exchange.message_log import (
    JSON_SUFFIXES,
    JsonLinesLog,
    LogEntry,
    MessageLog,
    Reading,
    TableLog,
)
from contacts_nb.exchange.new_files import new_file
from contacts_nb.exchange.progress import Progress, counting
from contacts_nb.exchange.reading import open_source
from contacts_nb.exchange.rejected import Rejected, write_rejected
from contacts_nb.exchange.sources import TableSource
from contacts_nb.model.channels import Channel, checked_identifier
from contacts_nb.model.contact import Source
from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import CannotUndo, InvalidValue, UnreadableFile, shown
from contacts_nb.model.messages import MessageDraft
from contacts_nb.model.times import checked_time_zone
from contacts_nb.operations.garbage import collector_paused
from contacts_nb.operations.record_messages import record_messages
from contacts_nb.queries.settings import all_users, channel_with, user_with
from contacts_nb.store.schema import workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation
from contacts_nb.workspace.listing import texts, whole_numbers

LogSource = str | os.PathLike[str] | tuple[str, bytes] | pd.DataFrame
"""What messages can be read from: the path of a file, an upload as its name and content, or a table."""

_SAMPLE = 64 * 1024
_TOLD_EVERY = 1_000  # records


class RejectedMessages:
    """The records of a log that can't be recorded, with their lines and reasons."""

    def __init__(self, header: Sequence[str], rows: Sequence[Rejected]) -> None:
        self._header = tuple(header)
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Rejected]:
        return iter(self._rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a record: `line` (int64), the columns of the log (str), `rejected because` (str).

        Of JSON lines there is a column `record`, of an e-mail archive `from`, `to`, `date` and `subject`.
        """
        columns: dict[str, pd.Series] = {"line": whole_numbers(row.line for row in self)}
        for index, name in enumerate(self._header):
            columns[name.strip() or f"column {index + 1}"] = texts(_cell(row, index) for row in self)
        return pd.DataFrame(columns | {REJECTED_BECAUSE: texts(_storable(row.reason) for row in self)})

    def to_csv(self, path: str | os.PathLike[str]) -> int:
        """Write them to a CSV file at `path`, with those columns but `line`; gives how many.

        Corrected, the rows of a table can be imported as they are. Raises `UnwritableFile`.
        """
        with new_file(path) as stream:
            write_rejected(stream, self._header, (row._replace(reason=_with_line(row)) for row in self))
        return len(self)

    def __repr__(self) -> str:
        return f"<{len(self):,} rejected>"


@dataclass(frozen=True, slots=True, repr=False)
class MessagesResult:
    """What became of the records of a log.

    `recorded` counts new messages, `already_there` those that were recorded before, and `contacts_created` who
    became a contact by them. `operation` is its entry in the history; `notes` are sentences worth reading.
    """

    name: str
    recorded: int
    already_there: int
    contacts_created: int
    rejected: RejectedMessages
    operation: Operation
    notes: tuple[str, ...]

    def undo(self) -> Operation:
        """Take back all that was recorded; raises `CannotUndo` and `UndoConflict` as any undo does."""
        if self.operation.id is None:
            raise CannotUndo(f"Nothing of {self.name} was recorded, so there is nothing to undo.")
        return self.operation.undo()

    def __str__(self) -> str:
        counts = {
            "recorded": self.recorded,
            "already there": self.already_there,
            "rejected": len(self.rejected),
            f"contact{'' if self.contacts_created == 1 else 's'} created": self.contacts_created,
        }
        return f"{self.name}: {', '.join(f'{count:,} {label}' for label, count in counts.items())}"

    def __repr__(self) -> str:
        return f"<{self}>"


def import_messages(
    access: Access,
    source: LogSource,
    *,
    columns: Mapping[str, str | None] | None = None,
    channel: str | None = None,
    own: Collection[str] = (),
    time_zone: str | None = None,
    encoding: str | None = None,
    progress: Progress = True,
) -> MessagesResult:
    """Record the messages in `source` as the user of `access`; `Workspace.import_messages` says how."""
    zone = None if time_zone is None else ZoneInfo(checked_time_zone(time_zone))
    reading = Reading(columns or {}, channel, zone)
    with access.read("record_messages") as connection:
        log = _opened_log(connection, source, reading, own=own, encoding=encoding)
    stopped = "Stopped. Nothing was recorded; the workspace is as it was."
    with collector_paused(), counting(progress, f"Reading {log.name}", "messages", None, stopped) as told:
        drafts, rejected = _sorted_out(access, log, told)
        with access.operation("record_messages") as recording:
            region = recording.connection.execute(select(workspace.c.phone_region)).scalar_one()
            done = record_messages(recording, drafts, region)
    return MessagesResult(
        log.name,
        done.messages,
        done.already_there,
        done.contacts,
        RejectedMessages(log.header, rejected),
        Operation(access, recording.record),
        tuple(log.notes),
    )


def _opened_log(
    connection: Connection, source: LogSource, reading: Reading, *, own: Iterable[str], encoding: str | None
) -> MessageLog:
    """The log in `source`: what it holds decides how it is read, its name only where that is open."""
    if reading.channel is not None:
        channel_with(connection, reading.channel)
    if isinstance(source, pd.DataFrame):
        return _table(source, reading, encoding)
    if not isinstance(source, (str, os.PathLike, tuple)):
        raise UnreadableFile(
            f"{shown(source)} is no log. Give the path of a file or a DataFrame; records go to ws.record_messages."
        )
    file = file_content(source)
    start = file.start(_SAMPLE)
    suffix = Path(file.name).suffix.lower()
    if suffix in MAIL_SUFFIXES or is_mail_archive(start):
        if not start.lstrip().startswith(b"From "):
            raise UnreadableFile(
                f"{file.name} is not an mbox: that begins with a line such as “From ann@example.org …”."
            )
        return MailArchive(
            file,
            channel=_mail_channel(connection, reading.channel),
            own=own_addresses(own),
            users={email_key(user.email): user.email for user in all_users(connection)},
            zone=reading.zone,
        )
    text = start.decode(unicode_encoding(start) or "latin-1", "ignore").lstrip("\ufeffï»¿ \t\r\n")
    if suffix in JSON_SUFFIXES or text.startswith("{"):
        if not text:
            raise UnreadableFile(
                f"{file.name} is empty. Give a file with one JSON object for each message, one a line."
            )
        if text.startswith("["):
            raise UnreadableFile(
                f"{file.name} is one JSON list. Write its objects one a line, without the brackets."
            )
        return JsonLinesLog(file, reading, encoding)
    return _table(source, reading, encoding)


def _table(source: LogSource, reading: Reading, encoding: str | None) -> TableLog:
    table = open_source(source, encoding=encoding)
    if not isinstance(table, TableSource):
        raise UnreadableFile(f"{table.name} holds contacts, not messages. Import it with ws.plan_import.")
    return TableLog(table, reading)


def _mail_channel(connection: Connection, name: str | None) -> str:
    if name is None:
        raise InvalidValue("channel", None, "is missing; name the e-mail channel that the mails belong to")
    channel = channel_with(connection, name)
    if channel.source is not Source.EMAIL:
        rule = f"is of {channel.source.label}, but mails belong to an e-mail channel; name one"
        raise InvalidValue("channel", name, rule)
    return channel.name


def _sorted_out(
    access: Access, log: MessageLog, told: Callable[[int], None]
) -> tuple[list[MessageDraft], list[Rejected]]:
    """The messages of a log that can be recorded, and its other records."""
    drafts: list[MessageDraft] = []
    rejected: list[Rejected] = []
    check = _Check(access)
    done = 0
    for done, entry in enumerate(log.entries(), start=1):
        problem = check.problem(entry)
        if problem is None and entry.draft is not None:
            drafts.append(entry.draft)
        else:
            rejected.append(Rejected(entry.line, tuple(entry.original), problem or ""))
        if not done % _TOLD_EVERY:
            told(done)
    told(done)
    return drafts, rejected


class _Check:
    """What only the workspace knows of a message: whether there is its channel and sender, and whom it is with.

    Each is looked up once, in a moment: a long file must not hold a transaction open.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._channels: dict[str, Channel | str] = {}
        self._senders: dict[str, str | None] = {}
        self._identifiers: set[tuple[str, str]] = set()

    def problem(self, entry: LogEntry) -> str | None:
        """Why an entry can't be recorded, or None."""
        draft = entry.draft
        if draft is None:
            return entry.problem
        if (draft.channel, draft.identifier) not in self._identifiers:
            problem = self._identifier_problem(draft)
            if problem is not None:
                return problem
        return None if draft.sender is None else self._sender_problem(draft.sender, incoming=draft.incoming)

    def _identifier_problem(self, draft: MessageDraft) -> str | None:
        name = draft.channel
        try:
            if name not in self._channels:
                with self._access.read() as connection:
                    self._channels[name] = channel_with(connection, name)
        except InvalidValue as error:
            self._channels[name] = str(error)
        channel = self._channels[name]
        if isinstance(channel, str):
            return channel
        try:
            checked_identifier(channel.source, draft.identifier)
        except InvalidValue as error:
            return str(error)
        self._identifiers.add((name, draft.identifier))
        return None

    def _sender_problem(self, sender: str, *, incoming: bool) -> str | None:
        if incoming:
            return str(InvalidValue("sender", sender, "can't have sent an incoming message; leave it empty there"))
        if sender not in self._senders:
            try:
                with self._access.read() as connection:
                    user_with(connection, sender)
                self._senders[sender] = None
            except InvalidValue as error:
                self._senders[sender] = str(error)
        return self._senders[sender]


def _with_line(row: Rejected) -> str:
    return f"Line {row.line:,}: {row.reason}"


def _cell(row: Rejected, index: int) -> str:
    return _storable(row.original[index]) if index < len(row.original) else ""


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
