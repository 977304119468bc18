"""The command line, `contacts-nb`: what each command does; what goes wrong is a sentence and exit code 2."""

from __future__ import annotations

import argparse
import io
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import contacts_nb
from contacts_nb.app.cli_administration import add_administration
from contacts_nb.app.cli_backup import add_backup
from contacts_nb.app.cli_export import add_export
from contacts_nb.app.cli_import import add_import
from contacts_nb.app.cli_messages import add_messages
from contacts_nb.app.cli_parts import (
    DATABASE,
    FAILED,
    command,
    complain,
    counted,
    db_option,
    say,
    whole_number,
)
from contacts_nb.app.cli_serving import add_place, add_serving
from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.demo_locales import CAPACITY
from contacts_nb.app.demo_settings import OWNER
from contacts_nb.app.place import Place
from contacts_nb.app.running import ended_gently, run_app
from contacts_nb.app.serving import free_port
from contacts_nb.app.sign_in import SignIn
from contacts_nb.app.visitor import USER_VARIABLE
from contacts_nb.model.errors import ContactsError
from contacts_nb.store.address import address_of, whole_address
from contacts_nb.workspace import create

_STOPPED = "Stopped. What was not finished was not saved."
_INTERRUPTED = 130  # what shells give for Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code: 0, 2 if something can't be done, 130 if it was stopped half-way."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal has no letters for is no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        options = _parser().parse_args(arguments)
        with ended_gently():
            code: int = options.run(options)
        sys.stdout.flush()  # what is said here isn't said at the end of Python, which would complain of it
    except ContactsError as error:
        complain(error)
        return FAILED
    except BrokenPipeError:
        # Whoever read along, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt as interrupt:
        print(f"\n{interrupt.args[0] if interrupt.args else _STOPPED}", file=sys.stderr)
        return _INTERRUPTED
    return code


def _demo(options: argparse.Namespace) -> int:
    free_port(options.port)  # before the work, not after it
    with tempfile.TemporaryDirectory(prefix="contacts-nb-demo-") as folder:
        file = str(Path(folder, "demo.db")) if options.db is None else options.db
        with demo_workspace(file, options.contacts, options.seed, users=True) as workspace:
            say(f"Made {counted(options.contacts, 'contact')} in {workspace.address}")
        say(f"The app shows it as to its owner, {OWNER}.")
        if options.db is None:
            say("This file is removed when the app ends; to keep one, give --db FILE.")
        else:
            say(f"To show them again later: contacts-nb serve{db_option(options.db)} --user {OWNER}")
        run_app(
            whole_address(address_of(file)),
            Place(port=options.port),
            SignIn(user=OWNER),
            browser=not options.no_browser,
        )
    return 0


def _init(options: argparse.Namespace) -> int:
    with create(
        options.db,
        owner=options.owner,
        name=options.name,
        time_zone=options.time_zone,
        phone_region=options.phone_region,
    ) as workspace:
        say(f'Made the workspace "{workspace.name}" in {workspace.address}')
    db = db_option(options.db)
    if options.owner is not None:
        say(f"To be known as its owner in what follows: export {USER_VARIABLE}={shlex.quote(options.owner)}")
    say(f"Next, add contacts: contacts-nb import FILE{db}\nThen show them: contacts-nb serve{db}")
    return 0


class _Parser(argparse.ArgumentParser):
    """One whose complaints are errors like all others, and which knows options by their whole names only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def parse_known_args(self, *given: Any, **more: Any) -> Any:
        # What a command doesn't know would be told by the whole program, whose help doesn't say what it knows.
        found, unknown = super().parse_known_args(*given, **more)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        raise ContactsError(f"{message[:1].upper()}{message[1:]}. To see what can be given: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="contacts-nb",
        description="A contact store with search, tables and an app for Jupyter and Voilà.",
        epilog="To look around: contacts-nb demo. To see what a command takes: contacts-nb COMMAND --help",
    )
    version = f"contacts-nb {contacts_nb.__version__}"
    parser.add_argument("--version", action="version", version=version, help="show the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    demo = command(commands, "demo", "make a workspace of made-up contacts and show it in the app")
    demo.add_argument("--db", metavar="FILE", help="keep the workspace in this new file (default: it is removed)")
    demo.add_argument(
        "--contacts",
        type=partial(whole_number, "--contacts", CAPACITY),
        default=5_000,
        metavar="N",
        help="number of contacts (default: 5000)",
    )
    demo.add_argument(
        "--seed",
        type=partial(whole_number, "--seed", 2**63 - 1),
        default=1,
        metavar="S",
        help="the same seed makes the same contacts (default: 1)",
    )
    add_place(demo)
    demo.set_defaults(run=_demo)

    init = command(commands, "init", "make a new, empty workspace")
    init.add_argument(
        "--db", default=DATABASE, metavar="FILE", help=f"the new workspace file (default: {DATABASE})"
    )
    init.add_argument("--owner", metavar="EMAIL", help="its first user (default: it belongs to whoever opens it)")
    init.add_argument("--name", help="what the app calls the workspace (default: the name of the file)")
    init.add_argument(
        "--time-zone", default="UTC", metavar="ZONE", help="for dates, such as Europe/London (default: UTC)"
    )
    init.add_argument(
        "--phone-region", metavar="CODE", help="country of phones without +, such as GB (default: none)"
    )
    init.set_defaults(run=_init)

    add_import(commands)
    add_messages(commands)
    add_export(commands)

    add_serving(commands)
    add_administration(commands)
    add_backup(commands)
    return parser
