"""The commands that look after a workspace: `users` and `check`."""

from __future__ import annotations

import argparse
from typing import Any

from tqdm import tqdm

from contacts_nb.app.cli_parts import add_db, command, counted, opened, say
from contacts_nb.model.errors import ContactsError
from contacts_nb.model.people import Restriction, Role

_INCONSISTENT = 1


def add_administration(commands: Any) -> None:
    """Add the commands to the others."""
    check = command(commands, "check", "look for anything in a workspace that contradicts something else")
    add_db(check)
    check.set_defaults(run=_check)

    users = command(commands, "users", "list the users of a workspace, add, change and remove them")
    verbs = users.add_subparsers(metavar="VERB", required=True)
    listing = command(verbs, "list", "list the users, with their roles, restrictions and teams")
    add_db(listing)
    listing.set_defaults(run=_list)
    add = command(verbs, "add", "add a user; the first one has to be an owner")
    _add_values(add, role=Role.MANAGER.value)
    add.set_defaults(run=_add)
    update = command(verbs, "update", "change the role, name, restrictions or teams of a user")
    _add_values(update)
    update.set_defaults(run=_update, program=update.prog)
    remove = command(verbs, "remove", "remove a user; contacts assigned to them are unassigned")
    remove.add_argument("email", metavar="EMAIL", help="whom")
    add_db(remove)
    remove.set_defaults(run=_remove)


def _add_values(verb: argparse.ArgumentParser, role: str | None = None) -> None:
    said = "" if role is None else f" (default: {role})"
    verb.add_argument("email", metavar="EMAIL", help="whom")
    verb.add_argument(
        "--role", choices=[role.value for role in Role], default=role, help=f"what they may do{said}"
    )
    verb.add_argument("--name", help="the name to show (default: what stands before the @)")
    those = "; once for each" if role is not None else "; once for each, in place of those before"
    restricting, joining = verb.add_mutually_exclusive_group(), verb.add_mutually_exclusive_group()
    restricting.add_argument(
        "--restrict",
        action="append",
        choices=[restriction.value.removeprefix("restrict_") for restriction in Restriction],
        help=f"what the role allows and this user may not{those}",
    )
    joining.add_argument("--team", action="append", metavar="NAME", help=f"a team the user is in{those}")
    if role is None:
        restricting.add_argument(
            "--no-restrictions", action="store_const", const=[], dest="restrict", help="lift all of them"
        )
        joining.add_argument("--no-teams", action="store_const", const=[], dest="team", help="leave all of them")
    add_db(verb)


def _check(options: argparse.Namespace) -> int:
    with opened(options) as workspace:
        with tqdm(desc="Checking", unit=" contacts", unit_scale=True, disable=None, leave=False, delay=1) as bar:

            def told(stage: str, done: int) -> None:
                bar.set_description(f"Checking {stage}")
                bar.update(max(0, done - bar.n))

            found = workspace.check(told)
        contacts = workspace.contacts.count()
    for inconsistency in found:
        say(str(inconsistency))
    if found:
        say("Put a backup copy in its place, or ask for help with these lines: they name nobody.")
        return _INCONSISTENT
    say(f"Checked {counted(contacts, 'contact')}: all is as it should be.")
    return 0


def _list(options: argparse.Namespace) -> int:
    with opened(options) as workspace:
        say(repr(workspace.users))
    return 0


def _add(options: argparse.Namespace) -> int:
    with opened(options) as workspace:
        user = workspace.users.add(
            options.email,
            role=options.role,
            name=options.name,
            restrictions=_restrictions(options.restrict),
            teams=options.team or (),
        )
    say(f"Added {user.email} ({user.role})")
    return 0


def _update(options: argparse.Namespace) -> int:
    given: dict[str, Any] = {"role": options.role, "name": options.name, "teams": options.team}
    if options.restrict is not None:
        given["restrictions"] = _restrictions(options.restrict)
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise ContactsError(f"Nothing is said of what to change. To see what can be: {options.program} --help")
    with opened(options) as workspace:
        user = workspace.users.update(options.email, **changes)
    say(f"Changed {user.email} ({user.role})")
    return 0


def _remove(options: argparse.Namespace) -> int:
    with opened(options) as workspace:
        workspace.users.remove(options.email)
    say(f"Removed {options.email}")
    return 0


def _restrictions(names: list[str] | None) -> list[str]:
    return [f"restrict_{name}" for name in names or ()]
