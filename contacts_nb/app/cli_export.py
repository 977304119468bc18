"""The command `export`: contacts of a workspace to a file, or to whatever reads the output."""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from contacts_nb.app.cli_parts import add_db, command, counted, opened, say
from contacts_nb.exchange.exporting import Format, format_of
from contacts_nb.model.errors import InvalidValue, UnreadableFile
from contacts_nb.model.filters import Filter
from contacts_nb.workspace import Workspace

_OUTPUT = "-"


def add_export(commands: Any) -> None:
    """Add the command to the others."""
    export = command(commands, "export", "write contacts to a CSV, XLSX or vCard file")
    export.add_argument(
        "file", metavar="FILE", help=f"the file; one that is there is replaced; {_OUTPUT} writes CSV to the output"
    )
    add_db(export)
    export.add_argument(
        "--columns",
        type=_names,
        metavar="A,B,C",
        help="which columns, in this order; one with a comma in its name in quotes (default: all that make up a "
        "contact)",
    )
    export.add_argument(
        "--filter",
        type=_filter,
        metavar="JSON",
        help="only contacts that this means, as to_json() writes it, or @FILE",
    )
    export.add_argument("--search", metavar="WORDS", help="only contacts that these words find")
    export.add_argument("--sort", metavar="COLUMN", help="sort by this column (default: id)")
    export.add_argument("--descending", action="store_true", help="the other way round")
    export.add_argument(
        "--format", choices=[str(kind) for kind in Format], help="of the file (default: what its name ends with)"
    )
    export.add_argument(
        "--raw", action="store_true", help="cells as they are, even where a spreadsheet would run them (CSV, XLSX)"
    )
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    is_output = options.file == _OUTPUT
    kind = Format(options.format) if options.format else Format.CSV if is_output else format_of(options.file)
    if options.raw and kind.is_card:
        raise InvalidValue("--raw", kind.label, "has no cells; leave --raw out, or export as CSV or XLSX")
    if is_output and kind is not Format.CSV:
        raise InvalidValue("--format", str(kind), "goes to a file; give its name, or export as CSV")
    with opened(options) as workspace:
        write = _writer(workspace, kind, options)
        if is_output:
            _to_output(write)
            return 0
        count = write(options.file)
    say(f"Exported {counted(count, 'contact')} to {options.file}")
    return 0


def _writer(workspace: Workspace, kind: Format, options: argparse.Namespace) -> Callable[[str | Path], int]:
    contacts = workspace.contacts
    if options.filter is not None:
        contacts = contacts.where(options.filter)
    if options.search:
        contacts = contacts.search(options.search)
    if options.sort or options.descending:
        contacts = contacts.sort_by(options.sort or "id", descending=options.descending)
    if kind is Format.CSV:
        return partial(contacts.to_csv, columns=options.columns, raw=options.raw)
    if kind is Format.XLSX:
        return partial(contacts.to_xlsx, columns=options.columns, raw=options.raw)
    return partial(contacts.to_vcard, columns=options.columns, version="4.0" if kind is Format.VCARD4 else "3.0")


def _to_output(write: Callable[[str | Path], int]) -> None:
    # What is put out can't be taken back, so all of it is there first, and recorded.
    with tempfile.TemporaryDirectory(prefix="contacts-nb-export-") as folder:
        file = Path(folder, "contacts.csv")
        write(file)
        with file.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _names(text: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]


def _filter(text: str) -> Filter:
    return Filter.from_json(_content(text[1:]) if text.startswith("@") else text)


def _content(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(f"{name} can't be read ({error.strerror}). Check its path and rights.") from error
    except ValueError as error:
        raise UnreadableFile(f"{name} isn't text in UTF-8. Give a file with the JSON of a filter.") from error
