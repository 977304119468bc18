"""The tables of the README that are printed from the code, each between two marks that name it.

    python -m tests.readme_tables

writes them anew; a test fails while they are not what this prints.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import contacts_nb as cn
from contacts_nb import widgets
from contacts_nb.app.cli import _parser
from contacts_nb.model.filter_criteria import CRITERIA, FIELD_VALUE_TYPES, OPERATORS, Definition
from contacts_nb.model.rights import rights_table
from contacts_nb.workspace.backup import WorkspaceCopy
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.delete_plan import DeletePlan
from contacts_nb.workspace.face import Workspace
from contacts_nb.workspace.history import Operation
from contacts_nb.workspace.importing import ImportPlan, ImportResult
from contacts_nb.workspace.inboxes import Inbox, Inboxes
from contacts_nb.workspace.merge_plan import MergePlan
from contacts_nb.workspace.merges_plan import MergesPlan
from contacts_nb.workspace.people import Teams, Users
from contacts_nb.workspace.settings import Channels, Fields, Tags
from contacts_nb.workspace.unmerge_plan import UnmergePlan

README = Path(__file__).parents[1] / "README.md"
# How the README calls one of each.
_CALLED: dict[str, type] = {
    "ws": Workspace,
    "ws.contacts": Contacts,
    "contact": Contact,
    "ws.inboxes": Inboxes,
    "inbox": Inbox,
    "ws.users": Users,
    "ws.teams": Teams,
    "ws.channels": Channels,
    "ws.tags": Tags,
    "ws.fields": Fields,
    "operation": Operation,
    "import plan": ImportPlan,
    "import result": ImportResult,
    "merge plan": MergePlan,
    "merges plan": MergesPlan,
    "unmerge plan": UnmergePlan,
    "delete plan": DeletePlan,
    "backup": WorkspaceCopy,
}


def filters() -> str:
    """What can be asked of contacts, and how: the drawer's words, Python's, and the operators."""
    own = [
        Definition(f"field:{kind}", f"Custom field: {kind}", kind, value)
        for kind, value in FIELD_VALUE_TYPES.items()
    ]
    rows = []
    for definition in (*CRITERIA.values(), *own):
        python = 'F["slug"]' if definition.slug else f"F.{definition.name}"
        operators = ", ".join(
            f"{definition.label_of(operator)} `{operator.spelling}`" for operator in OPERATORS[definition.type]
        )
        rows.append((definition.label, f"`{python}`", operators))
    return _table(("Criterion", "Python", "operators: in the drawer, `in Python`"), rows)


def commands() -> str:
    """Each command of the command line, its options, and what it does."""
    return _table(("`contacts-nb` …", "what it does", "options"), _commands(_parser(), ""))


def _commands(parser: argparse.ArgumentParser, before: str) -> Iterator[tuple[str, ...]]:
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, command in action.choices.items():
            if any(isinstance(more, argparse._SubParsersAction) for more in command._actions):
                yield from _commands(command, f"{before}{name} ")
                continue
            given = [more for more in command._actions if more.dest != "help"]
            words = "".join(f" {more.metavar or more.dest}" for more in given if not more.option_strings)
            options = ", ".join(f"`{more.option_strings[-1]}`" for more in given if more.option_strings)
            yield f"`{before}{name}{words}`", helps[name], options


def names() -> str:
    """Each public name with the first sentence of what it says of itself."""
    return _table(("name", "what it is or does"), _names())


def _names() -> Iterator[tuple[str, str]]:
    for name in cn.__all__:
        yield f"`cn.{name}`", _said(getattr(cn, name)) if name not in {"EVERYONE", "F"} else _VALUES[name]
    for called, kind in _CALLED.items():
        for name, member in sorted(inspect.getmembers(kind)):
            if name.startswith("_") or not (callable(member) or isinstance(member, property)):
                continue
            dots = f"{called}.{name}" if "." in called or called in {"ws", "contact"} else f"{called}: .{name}"
            yield f"`{dots}{'' if isinstance(member, property) else '()'}`", _said(member)
    for name in widgets.__all__:
        yield f"`widgets.{name}`", _said(getattr(widgets, name))


_VALUES = {
    "EVERYONE": "The filter that means every contact.",
    "F": 'What filters are made of: `F.country == "GB"`, `F["slug"]` for a custom field.',
}


def _said(thing: Any) -> str:
    """The first paragraph of a docstring, as one line of a table."""
    said = inspect.getdoc(thing) or ""
    return " ".join(said.split("\n\n")[0].split()).replace("|", "\\|")


TABLES: dict[str, Callable[[], str]] = {
    "filters": filters,
    "rights": rights_table,
    "commands": commands,
    "names": names,
}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def written(text: str) -> str:
    """`text`, the README's, with its tables as they are now."""
    for name, table in TABLES.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
        text = mark.sub(lambda found, table=table: f"{found[1]}{table()}{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
