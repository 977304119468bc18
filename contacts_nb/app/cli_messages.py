"""The command that records messages from files: `messages`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from contacts_nb.app.cli_parts import add_db, command, each_file, say
from contacts_nb.exchange.message_log import KEYS
from contacts_nb.exchange.rejected import rejected_path
from contacts_nb.model.errors import InvalidValue
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.messages import MessagesResult


def add_messages(commands: Any) -> None:
    """Add the command to the others."""
    messages = command(
        commands, "messages", "record the messages in logs (CSV, XLSX, JSON lines) and e-mail (mbox)"
    )
    messages.add_argument("files", nargs="+", metavar="FILE", help="a log, or an e-mail archive")
    messages.add_argument(
        "--channel", metavar="NAME", help="the channel of mails, and of logs that don't name theirs"
    )
    messages.add_argument(
        "--own",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="an e-mail address of the team, or its domain as @acme.example; once for each",
    )
    messages.add_argument(
        "--map",
        action="append",
        default=[],
        type=_mapping,
        metavar="COLUMN=KEY",
        help=f"what a column of a log holds, or nothing to leave it out; once for each. Keys: {', '.join(KEYS)}",
    )
    messages.add_argument(
        "--time-zone", metavar="ZONE", help="of times without an offset, such as Europe/London (default: none)"
    )
    messages.add_argument(
        "--encoding", metavar="NAME", help="of the logs, such as windows-1252 (default: found out)"
    )
    messages.add_argument(
        "--reject",
        metavar="FILE",
        help="where rejected records go, with reasons (default: NAME.rejected.csv in this folder)",
    )
    add_db(messages)
    messages.set_defaults(run=_messages)


def _messages(options: argparse.Namespace) -> int:
    things = "logs; leave it out or give one log at a time"
    return each_file(options, things, lambda workspace, file: _one(workspace, file, options))


def _one(workspace: Workspace, file: str, options: argparse.Namespace) -> None:
    result = workspace.import_messages(
        file,
        columns=dict(options.map),
        channel=options.channel,
        own=options.own,
        time_zone=options.time_zone,
        encoding=options.encoding,
    )
    _tell(result, file, options.reject)


def _tell(result: MessagesResult, file: str, reject: str | None) -> None:
    """Say what became of `file`, and write what was rejected of it."""
    say(str(result))
    if len(result.rejected):
        path = Path(reject) if reject is not None else rejected_path(file, Path.cwd(), cards=False)
        result.rejected.to_csv(path)
        say(f"  What was rejected is in {path}, with the reasons.")
    for note in result.notes:
        say(f"  {note}")


def _mapping(pair: str) -> tuple[str, str | None]:
    column, equals, key = pair.rpartition("=")
    if not equals or not column:
        raise InvalidValue("--map", pair, "is not COLUMN=KEY; write, for example, --map number=identifier")
    return column, key or None
