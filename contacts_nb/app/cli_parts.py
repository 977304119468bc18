"""What the commands of the command line have in common."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable
from typing import Any, TextIO

from contacts_nb.app.visitor import USER_VARIABLE
from contacts_nb.exchange.files import same_file
from contacts_nb.model.errors import ContactsError, InvalidValue, UnwritableFile
from contacts_nb.store.address import address_of, shown_address
from contacts_nb.workspace import Workspace
from contacts_nb.workspace import open as open_workspace

DATABASE = "contacts.db"
FAILED = 2  # the exit code of what can't be done
# Names of columns come from files, and a terminal obeys these.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def opened(options: argparse.Namespace) -> Workspace:
    """The workspace that the options of a command name, opened as the user they name."""
    workspace = open_workspace(options.db, user=options.user)
    if workspace.upgrade_backup:
        say(f"Upgraded {workspace.address} for this version; a copy from before is {workspace.upgrade_backup}")
    return workspace


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line, without what a terminal would obey."""
    print(_CONTROLS.sub("\ufffd", text), file=stream)


def complain(error: ContactsError) -> None:
    """Say what can't be done, and what to do."""
    say(f"contacts-nb: {error}", sys.stderr)


def each_file(options: argparse.Namespace, things: str, work: Callable[[Workspace, str], None]) -> int:
    """Do `work` with the workspace and each of the files that a command names; gives its exit code.

    `things` is what stands in the complaint about one file for the rejects of several. What goes wrong with one
    file is said, and is no reason to leave the others.
    """
    if options.reject is not None and len(options.files) > 1:
        raise InvalidValue("--reject", options.reject, f"is one file for several {things}")
    failed = False
    with opened(options) as workspace:
        for file in options.files:
            try:
                if options.reject is not None and same_file(options.reject, file):
                    raise UnwritableFile(
                        f"{options.reject} is what is imported. Give another name for what is rejected."
                    )
                work(workspace, file)
            except ContactsError as error:
                complain(error)
                failed = True
    return FAILED if failed else 0


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
        "--db",
        default=DATABASE,
        metavar="FILE",
        help=f"the workspace: a file, or postgresql://user@host/database (default: {DATABASE})",
    )
    command.add_argument(
        "--user",
        default=os.environ.get(USER_VARIABLE) or None,
        metavar="EMAIL",
        help=f"who you are, where the workspace has users (default: {USER_VARIABLE} of the environment)",
    )


def db_option(path: str) -> str:
    """What leads the other commands to the workspace at `path`, without a password.

    >>> db_option("contacts.db"), db_option("our team.db"), db_option("postgresql://ana:secret@host/acme")
    ('', " --db 'our team.db'", ' --db postgresql://ana@host/acme')
    """
    shown = shown_address(address_of(path)) if "://" in path else path
    return "" if path == DATABASE else f" --db {shlex.quote(shown)}"


def whole_number(option: str, most: int, text: str) -> int:
    """The number in `text`, which was given for `option`; raises `InvalidValue`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 20 and int(text) <= most):
        raise InvalidValue(option, text, f"is not a whole number from 0 to {most}; give one, in digits only")
    return int(text)
