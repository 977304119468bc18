"""The command that brings contacts in from files: `import`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contacts_nb.app.cli_parts import add_db, command, each_file, say
from contacts_nb.exchange.headers import MAPPABLE
from contacts_nb.exchange.import_options import Purpose
from contacts_nb.exchange.rejected import rejected_path
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import FieldType
from contacts_nb.model.phones import checked_region
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.importing import ImportPlan

_SHOWN = 20  # records of a plan, of each kind


def add_import(commands: Any) -> None:
    """Add the command to the others."""
    add = command(commands, "import", "add and update contacts from CSV, XLSX and vCard files")
    add.add_argument("files", nargs="+", metavar="FILE", help="a CSV, XLSX or vCard file")
    add_db(add)
    add.add_argument("--plan", action="store_true", help="print what would be done, and change nothing")
    add.add_argument(
        "--match-on",
        action="append",
        metavar="KEY",
        help="how a record finds its contact: phone, email, id or channel:NAME; several are tried in turn",
    )
    add.add_argument(
        "--purpose",
        type=_purpose,
        metavar="PURPOSE",
        help=f"{', '.join(purpose.value for purpose in Purpose)} (default: add_and_update with --match-on, "
        "else add_all, which adds all but those that a contact has word for word)",
    )
    add.add_argument(
        "--map",
        action="append",
        default=[],
        type=_mapping,
        metavar="COLUMN=FIELD",
        help="what a column of a table holds, or nothing to leave it out; once for each. Fields: "
        f"{', '.join(MAPPABLE)}, the slugs of custom fields, channel:NAME",
    )
    add.add_argument(
        "--new-field",
        action="append",
        default=[],
        type=_new_field,
        metavar="COLUMN=TYPE",
        help="make a custom field of a column; once for each. Types: "
        f"{', '.join(kind.value for kind in FieldType)}",
    )
    add.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="FIELD",
        help="a field whose values in the workspace stay; once for each, or all",
    )
    add.add_argument("--tag", action="append", default=[], metavar="NAME", help="a tag for every contact")
    add.add_argument(
        "--region",
        type=checked_region,
        metavar="CODE",
        help="country of phones without +, such as GB (default: --phone-region of init)",
    )
    add.add_argument("--encoding", metavar="NAME", help="of the files, such as windows-1252 (default: found out)")
    add.add_argument(
        "--reject",
        metavar="FILE",
        help="where rejected records go, with reasons (default: NAME.rejected.csv or .vcf in this folder)",
    )
    add.set_defaults(run=_import)


def _import(options: argparse.Namespace) -> int:
    things = "imports; leave it out or import one at a time"
    return each_file(options, things, lambda workspace, file: _one(workspace, file, options))


def _one(workspace: Workspace, file: str, options: argparse.Namespace) -> None:
    plan = workspace.plan_import(
        file,
        match_on=options.match_on,
        purpose=options.purpose,
        region=options.region,
        columns=dict(options.map),
        new_fields=dict(options.new_field),
        do_not_overwrite=True if "all" in options.keep else options.keep,
        tags=options.tag,
        encoding=options.encoding,
    )
    if options.plan:
        _show(plan)
        return
    rejected = None
    if plan.rejected:
        # Before anything is imported: what can't be written down must not be lost behind what was.
        rejected = Path(options.reject or rejected_path(file, Path.cwd(), cards=plan.rejected.suffix == ".vcf"))
        plan.rejected.write(rejected)
    try:
        result = plan.apply()
    except BaseException:
        if rejected is not None:
            rejected.unlink(missing_ok=True)
        raise
    say(str(result))
    _tell(plan, rejected)


def _show(plan: ImportPlan) -> None:
    counts = ", ".join(f"{count:,} to {action}" for action, count in plan.counts.items())
    say(f"{plan.name}: {counts}; nothing was changed")
    mapped = [f"{column} is {field}" for column, field in plan.columns.items() if field is not None]
    if mapped:
        say(f"  Columns: {'; '.join(mapped)}")
    for action in ("update", "reject"):
        frame = plan.to_frame(action, limit=_SHOWN)
        for row in frame.itertuples():
            updated = f"update contact {row.contact}: {row.changes}"
            say(f"  Line {row.line}: {updated if action == 'update' else f'reject: {row.reason}'}")
        if plan.counts[action] > len(frame):
            say(f"  … and {plan.counts[action] - len(frame):,} more to {action}")
    _tell(plan, None)


def _tell(plan: ImportPlan, rejected: os.PathLike[str] | None) -> None:
    if rejected is not None:
        say(f"  What was rejected is in {rejected}, with the reasons.")
        say("  Correct it in that file, then import that file.")
    if plan.left_out:
        say(f"  Left out, because contacts have no place for it: {_counted(plan.left_out)}")
    for note in plan.notes:
        say(f"  {note}")


def _counted(left_out: Mapping[str, int]) -> str:
    ranked = sorted(left_out.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} ({count:,})" for name, count in ranked)


def _purpose(text: str) -> str:
    return text.strip().lower().replace("-", "_")


def _mapping(pair: str) -> tuple[str, str | None]:
    column, equals, field = pair.rpartition("=")
    if not equals or not column:
        raise InvalidValue("--map", pair, "is not COLUMN=FIELD; write, for example, --map surname=last_name")
    return column, field or None


def _new_field(pair: str) -> tuple[str, str]:
    column, equals, kind = pair.rpartition("=")
    if not equals or not column or not kind:
        raise InvalidValue("--new-field", pair, "is not COLUMN=TYPE; write, for example, --new-field size=number")
    return column, kind
