"""The command line, `contacts-nb`: what each command takes and does; what goes wrong is a sentence and exit 2."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tqdm import tqdm

import contacts_nb
from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.running import run_app
from contacts_nb.exchange.importing import ImportResult
from contacts_nb.model.errors import ContactsError, InvalidValue
from contacts_nb.workspace import Workspace, create
from contacts_nb.workspace import open as open_workspace

_FAILED = 2
_INTERRUPTED = 130  # what shells give for Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code: 0, 2 if it could not be done, 130 if it was stopped."""
    options = _parser().parse_args(arguments)
    # Whoever ends this process ends what it started, too.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code: int = options.run(options)
    except ContactsError as error:
        print(f"contacts-nb: {error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print("\nStopped. What was not finished was not saved.", file=sys.stderr)
        return _INTERRUPTED
    return code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _demo(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="contacts-nb-demo-") as folder:
        path = Path(options.db or Path(folder, "demo.db"))
        with demo_workspace(path, options.contacts, options.seed) as workspace:
            print(f"Made {_counted(options.contacts, 'contact')} in {path}")
            if not options.db:
                print("This file goes when the app ends; keep one with --db FILE.")
        run_app(workspace.path, options.port, browser=not options.no_browser)
    return 0


def _init(options: argparse.Namespace) -> int:
    with create(
        options.db, name=options.name, time_zone=options.time_zone, phone_region=options.phone_region
    ) as workspace:
        print(f"Made the workspace {workspace.name} in {workspace.path}")
    return 0


def _import(options: argparse.Namespace) -> int:
    if options.reject and len(options.files) > 1:
        raise InvalidValue(
            "--reject",
            options.reject,
            "is one file for several imports; leave it out or import one file at a time",
        )
    columns = dict(_mapping(pair) for pair in options.map)
    failed = False
    with _opened(options.db) as workspace:
        for file in options.files:
            with tqdm(unit=" rows", unit_scale=True, disable=None, leave=False, delay=1) as bar:
                try:
                    result = workspace.import_file(
                        file,
                        columns=columns,
                        region=options.region,
                        encoding=options.encoding,
                        rejected=options.reject,
                        progress=lambda done, bar=bar: bar.update(done - bar.n),  # type: ignore[misc]
                    )
                except ContactsError as error:
                    # One file that can't be read is no reason to leave the others.
                    bar.close()
                    print(f"contacts-nb: {error}", file=sys.stderr)
                    failed = True
                    continue
            _tell(result)
    return _FAILED if failed else 0


def _export(options: argparse.Namespace) -> int:
    with _opened(options.db) as workspace:
        count = workspace.contacts.to_csv(options.file)
        print(f"Exported {_counted(count, 'contact')} to {options.file}")
    return 0


def _serve(options: argparse.Namespace) -> int:
    with _opened(options.db) as workspace:
        path = workspace.path
    run_app(path, options.port, browser=not options.no_browser)
    return 0


def _opened(path: str) -> Workspace:
    workspace = open_workspace(path)
    if workspace.backup:
        print(f"Upgraded {workspace.path}; a copy from before is {workspace.backup}")
    return workspace


def _tell(result: ImportResult) -> None:
    print(result)
    if result.rejected_file:
        print(f"  The rejected rows, with their reasons, are in {result.rejected_file}")
    if result.left_out:
        columns = ", ".join(f"{name} ({count:,})" for name, count in result.left_out.most_common())
        print(f"  Left out, because a contact has no place for it: {columns}")
    for note in result.notes:
        print(f"  {note}")


def _mapping(pair: str) -> tuple[str, str]:
    column, equals, field = pair.rpartition("=")
    if not equals or not column or not field:
        raise InvalidValue("--map", pair, "is not COLUMN=FIELD; write, for example, --map surname=last_name")
    return column, field


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="contacts-nb", description="A contact store with search, tables and an app for Jupyter and Voilà."
    )
    parser.add_argument("--version", action="version", version=f"contacts-nb {contacts_nb.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    demo = commands.add_parser("demo", help="make a workspace of made-up contacts and show it in the app")
    demo.add_argument("--db", metavar="FILE", help="keep the workspace in this new file")
    demo.add_argument("--contacts", type=int, default=5_000, metavar="N", help="how many (default: 5000)")
    demo.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same contacts")
    _add_serving(demo)
    demo.set_defaults(run=_demo)

    init = commands.add_parser("init", help="make a new, empty workspace")
    _add_db(init)
    init.add_argument("--name", help="what the app calls it (default: the file's name)")
    init.add_argument("--time-zone", default="UTC", metavar="ZONE", help="such as Europe/London (default: UTC)")
    init.add_argument("--phone-region", metavar="CODE", help="region of phones without +, such as GB")
    init.set_defaults(run=_init)

    add = commands.add_parser("import", help="add the contacts in CSV and vCard files")
    add.add_argument("files", nargs="+", metavar="FILE")
    _add_db(add)
    add.add_argument(
        "--map", action="append", default=[], metavar="COLUMN=FIELD", help="what a column holds; may be repeated"
    )
    add.add_argument("--region", metavar="CODE", help="region of phones without +, such as GB")
    add.add_argument("--encoding", metavar="NAME", help="of the file, where the guess is wrong")
    add.add_argument("--reject", metavar="FILE", help="where rejected rows go (default: NAME.rejected.csv here)")
    add.set_defaults(run=_import)

    export = commands.add_parser("export", help="write all contacts to a CSV file")
    export.add_argument("file", metavar="FILE")
    _add_db(export)
    export.set_defaults(run=_export)

    serve = commands.add_parser("serve", help="show a workspace in the app, on this machine only")
    _add_db(serve)
    _add_serving(serve)
    serve.set_defaults(run=_serve)
    return parser


def _add_db(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--db", default="contacts.db", metavar="FILE", help="the workspace (default: contacts.db)"
    )


def _add_serving(command: argparse.ArgumentParser) -> None:
    command.add_argument("--port", type=int, metavar="N", help="on 127.0.0.1 (default: a free one)")
    command.add_argument("--no-browser", action="store_true", help="print the address only")
