"""Python for what a person did: the code that finds the same contacts, and does the same with them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from contacts_nb.model.filters import EVERYONE, And, Filter
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.workspace import Workspace

_LINE = 88  # characters, as most people format code
_MOST_IDS = 1_000  # written in full, or as stretches
_AT_ONCE = 12  # ids in one line


def code_of_view(workspace: Workspace, query: ContactQuery) -> str:
    """Python that opens the workspace and finds the contacts of `query` in their order, ready to be pasted.

    Passwords are never in it: a comment says where one goes. Contacts that were chosen one by one are written by
    their ids; where those are too many for that, the code says so and finds those they were chosen from.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb import F
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> code = code_of_view(ws, ws.contacts.where(F.country == "GB").sort_by("name"))
    >>> print(code[code.index("contacts = "):])
    contacts = ws.contacts.where(F.country == 'GB').sort_by('name')
    contacts
    """
    return _code(workspace, query, "contacts")


def code_of_action(workspace: Workspace, query: ContactQuery, call: str) -> str:
    """As `code_of_view`, with `call` (such as `contacts.tag('vip')`) as the last line.

    It is commented out where the contacts are too many to be written by their ids: it would be done to others.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> print(code_of_action(ws, ws.contacts.search("ann"), "contacts.tag('vip')").splitlines()[-1])
    contacts.tag('vip')
    """
    return _code(workspace, query, call)


def _code(workspace: Workspace, query: ContactQuery, last: str) -> str:
    selection = query.selection
    chosen = [] if selection.ids is None else selection.ids.tolist()
    ids = None if selection.ids is None else _written_ids(chosen)
    broken = selection.missing_ok and bool(query.broken())
    steps = list(_steps(selection.filter, missing_ok=broken))
    names = sorted({name for step in steps for name in _names(step)} & {"EVERYONE", "F"})
    steps += [f".search({typed!r})" for typed in selection.searches]
    if ids is not None:
        steps.append(ids)
    if selection.sort != "id" or selection.descending:
        order = ", descending=True" if selection.descending else ""
        steps.append(f".sort_by({selection.sort!r}{order})")
    too_many = selection.ids is not None and ids is None
    lines = [
        "import contacts_nb as cn",
        *([f"from contacts_nb import {', '.join(names)}"] if names else []),
        "",
        *_opening(workspace),
        *(_too_many(len(chosen)) if too_many else []),
        *_assigned(steps),
    ]
    if too_many and last != "contacts":
        return "\n".join([*lines, *(f"# {line}" for line in last.splitlines()), "contacts"])
    return "\n".join([*lines, last])


def _opening(workspace: Workspace) -> Iterator[str]:
    user = workspace.user
    if workspace.path is None:
        yield "# A password isn't shown. Set it in PGPASSWORD or ~/.pgpass, or write it into the address:"
        yield "# postgresql://user:password@host/database"
    as_user = "" if user is None else f", user={user.email!r}"
    yield f"ws = cn.open({workspace.address!r}{as_user})"


def _steps(tree: Filter, *, missing_ok: bool) -> Iterator[str]:
    if tree == EVERYONE:
        return
    end = ", missing_ok=True" if missing_ok else ""
    # What has to be true at once is read one line at a time.
    for part in tree.parts if isinstance(tree, And) else (tree,):
        yield f".where({part!r}{end})"


def _names(step: str) -> Iterator[str]:
    return (node.id for node in ast.walk(ast.parse(f"ws{step}")) if isinstance(node, ast.Name))


def _assigned(steps: list[str]) -> list[str]:
    line = f"contacts = ws.contacts{''.join(steps)}"
    if len(line) <= _LINE and "\n" not in line:
        return [line]
    return ["contacts = (", "    ws.contacts", *(f"    {step}" for step in steps), ")"]


def _written_ids(ids: list[int]) -> str | None:
    """The ids in ascending order as Python, long stretches of them as ranges; None for too many."""
    items = list(_items(ids))
    if len(items) > _MOST_IDS:
        return None
    if len(items) <= _AT_ONCE:
        return f".with_ids([{', '.join(items)}])"
    rows = (", ".join(items[start : start + _AT_ONCE]) for start in range(0, len(items), _AT_ONCE))
    return "\n".join([".with_ids([", *(f"        {row}," for row in rows), "    ])"])


def _items(ids: Iterable[int]) -> Iterator[str]:
    stretch: list[int] = []
    for contact_id in ids:
        if stretch and contact_id != stretch[-1] + 1:
            yield from _stretch(stretch)
            stretch = []
        stretch.append(contact_id)
    yield from _stretch(stretch)


def _stretch(ids: list[int]) -> list[str]:
    return list(map(str, ids)) if len(ids) < 4 else [f"*range({ids[0]}, {ids[-1] + 1})"]


def _too_many(count: int) -> list[str]:
    return [
        f"# {count:,} contacts were chosen one by one, which is too many to write here.",
        "# These are all that they were chosen from. To keep the choice, give those",
        "# contacts a tag, filter by it, and copy again.",
    ]
