"""What the commands of the command line have in common."""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import Any, TextIO

from contacts_nb.model.errors import ContactsError
from contacts_nb.workspace import Workspace
from contacts_nb.workspace import open as open_workspace

DATABASE = "contacts.db"
USER_VARIABLE = "CONTACTS_NB_USER"
# Names of columns come from files, and a terminal obeys these.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def opened(options: argparse.Namespace) -> Workspace:
    """The workspace that the options of a command name, opened as the user they name."""
    workspace = open_workspace(options.db, user=options.user)
    if workspace.backup:
        say(f"Upgraded {workspace.address} for this version; a copy from before is {workspace.backup}")
    return workspace


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line, without what a terminal would obey."""
    print(_CONTROLS.sub("\ufffd", text), file=stream)


def complain(error: ContactsError) -> None:
    """Say what can't be done, and what to do."""
    say(f"contacts-nb: {error}", sys.stderr)


def counted(count: int, noun: str) -> str:
    """A number of things in words, such as "2 contacts"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def command(commands: Any, name: str, purpose: str) -> argparse.ArgumentParser:
    """A new command of `commands`."""
    made: argparse.ArgumentParser = commands.add_parser(
        name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}."
    )
    return made


def add_db(command: argparse.ArgumentParser) -> None:
    """Let a command be given a workspace, and who opens it."""
    command.add_argument(
        "--db", default=DATABASE, metavar="FILE", help=f"the workspace file (default: {DATABASE})"
    )
    command.add_argument(
        "--user",
        default=os.environ.get(USER_VARIABLE) or None,
        metavar="EMAIL",
        help=f"who you are, where the workspace has users (default: {USER_VARIABLE} of the environment)",
    )
