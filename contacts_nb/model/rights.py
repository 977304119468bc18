"""The one table that says who may do what.

Everything that changes or gives out contacts asks `check_right` first; the README shows the same table.
"""

from __future__ import annotations

from typing import NamedTuple

from contacts_nb.model.errors import NotAllowed
from contacts_nb.model.people import Restriction, Role

_OWNERS = frozenset({Role.OWNER})
_OWNERS_AND_MANAGERS = frozenset({Role.OWNER, Role.MANAGER})


class Right(NamedTuple):
    """What one operation needs: one of `roles`, and that the user doesn't have `restriction`."""

    operation: str
    label: str
    roles: frozenset[Role] = _OWNERS_AND_MANAGERS
    restriction: Restriction | None = None


_SETTINGS = Restriction.WORKSPACE_SETTINGS

RIGHTS: dict[str, Right] = {
    right.operation: right
    for right in (
        Right("read", "See contacts, their messages and history"),
        Right("add", "Add contacts"),
        Right("update", "Change contacts"),
        Right("tag", "Tag contacts"),
        Right("untag", "Take tags off contacts"),
        Right("assign", "Assign contacts"),
        Right("open_conversation", "Open conversations"),
        Right("close_conversation", "Close conversations"),
        Right("comment", "Comment on contacts"),
        Right("record_messages", "Record messages"),
        Right("import", "Import contacts"),
        Right("merge", "Merge contacts"),
        Right("unmerge", "Take merged contacts apart again"),
        Right("save_inbox", "Save inboxes"),
        Right("update_inbox", "Change inboxes (one's own)"),
        Right("remove_inbox", "Remove inboxes (one's own; owners also those of others)"),
        Right("undo", "Undo an operation (needs also the right to do it)"),
        Right("export", "Export contacts", restriction=Restriction.DATA_EXPORT),
        Right("delete", "Delete contacts", restriction=Restriction.CONTACT_DELETION),
        Right("add_team", "Add teams", restriction=_SETTINGS),
        Right("update_team", "Change teams", restriction=_SETTINGS),
        Right("remove_team", "Remove teams", restriction=_SETTINGS),
        Right("add_channel", "Add channels", restriction=_SETTINGS),
        Right("update_channel", "Change channels", restriction=_SETTINGS),
        Right("remove_channel", "Remove channels", restriction=_SETTINGS),
        Right("add_tag", "Add tags to the workspace", restriction=_SETTINGS),
        Right("update_tag", "Change tags of the workspace", restriction=_SETTINGS),
        Right("remove_tag", "Remove tags from the workspace", restriction=_SETTINGS),
        Right("add_field", "Add custom fields", restriction=_SETTINGS),
        Right("update_field", "Change custom fields", restriction=_SETTINGS),
        Right("remove_field", "Remove custom fields", restriction=_SETTINGS),
        Right("update_workspace", "Change the settings of the workspace", restriction=_SETTINGS),
        Right("add_user", "Add users", _OWNERS, _SETTINGS),
        Right("update_user", "Change users", _OWNERS, _SETTINGS),
        Right("remove_user", "Remove users", _OWNERS, _SETTINGS),
        Right("backup", "Back up the whole workspace", _OWNERS, Restriction.DATA_EXPORT),
        Right("fill", "Load a whole prepared population into a new workspace", _OWNERS),
    )
}


def check_right(operation: str, who: str, role: Role, restrictions: frozenset[Restriction]) -> None:
    """Raises `NotAllowed` unless a user of that role and those restrictions may do `operation`.

    `who` is the user's name or e-mail, for the message.

    >>> check_right("add", "Bo Li", Role.AGENT, frozenset())
    Traceback (most recent call last):
    contacts_nb.model.errors.NotAllowed: Bo Li (agent) may not use contacts: that is for owners ...
    """
    right = RIGHTS[operation]
    if role not in _OWNERS_AND_MANAGERS:
        raise NotAllowed(
            f"{who} ({role}) may not use contacts: that is for owners and managers. Ask an owner for another role."
        )
    action = right.label[0].lower() + right.label[1:]
    if role not in right.roles:
        raise NotAllowed(f"{who} ({role}) may not {action}: that is for owners. Ask an owner to do it.")
    if right.restriction in restrictions:
        raise NotAllowed(
            f"{who} ({role}) may not {action}, because of the restriction {right.restriction}. "
            "Ask an owner to lift it."
        )


def rights_table() -> str:
    """The table as GitHub Markdown, one operation a row.

    >>> print(rights_table().splitlines()[0])
    | To… | owner | manager | agent | not with |
    """
    lines = [f"| To… | {' | '.join(Role)} | not with |", "| --- | --- | --- | --- | --- |"]
    for right in RIGHTS.values():
        cells = " | ".join("yes" if role in right.roles else "–" for role in Role)
        restriction = f"`{right.restriction}`" if right.restriction else "–"
        lines.append(f"| {right.label} | {cells} | {restriction} |")
    return "\n".join(lines)
