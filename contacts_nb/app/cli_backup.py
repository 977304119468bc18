"""The commands `backup` and `restore`: a whole workspace to a file, and a new workspace of such a file."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from contacts_nb.app.cli_parts import DATABASE, add_db, command, counted, db_option, opened, say
from contacts_nb.workspace.backup import WorkspaceCopy, restore

_INCONSISTENT = 1


def add_backup(commands: Any) -> None:
    """Add the commands to the others."""
    backup = command(commands, "backup", "copy a whole workspace to a new file, while others go on with it")
    backup.add_argument("file", metavar="FILE", help="the file to write; nothing is ever written over")
    add_db(backup)
    backup.set_defaults(run=_backup)

    restoring = command(commands, "restore", "make a new workspace of a backup")
    restoring.add_argument("file", metavar="FILE", help="the backup, which stays as it is")
    restoring.add_argument(
        "--db",
        default=DATABASE,
        metavar="FILE",
        help=f"the new workspace file, or the URL of an empty PostgreSQL database (default: {DATABASE})",
    )
    restoring.set_defaults(run=_restore)


def _backup(options: argparse.Namespace) -> int:
    with opened(options) as workspace:
        done = workspace.backup(options.file)
    say(f"Backed up {_counted(done)} to {done.address}")
    code = _tell(done, "The workspace that was backed up has them, too; the backup is kept all the same.")
    say(f"To make a workspace of it: contacts-nb restore {shlex.quote(options.file)} --db NEW_FILE")
    return code


def _restore(options: argparse.Namespace) -> int:
    done = restore(options.file, options.db)
    say(f"Restored {_counted(done)} to {done.address}")
    code = _tell(done, "The backup has them, too; what was restored is kept all the same.")
    say(f"To show it in the app, as one of its users if it has any: contacts-nb serve{db_option(options.db)}")
    return code


def _tell(done: WorkspaceCopy, whose: str) -> int:
    """Say what the check has found; gives the exit code."""
    if not done.findings:
        say(f"Checked {counted(done.contacts, 'contact')}: all is as it should be.")
        return 0
    for inconsistency in done.findings:
        say(str(inconsistency))
    say(f"{whose} Ask for help with these lines: they name nobody.")
    return _INCONSISTENT


def _counted(done: WorkspaceCopy) -> str:
    return f"{counted(done.contacts, 'contact')} and {counted(done.messages, 'message')}"
