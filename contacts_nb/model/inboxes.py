"""Inboxes, what the table shows, by name: some are always there, each team has one, filters are saved as more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.filter_expressions import F
from contacts_nb.model.filters import EVERYONE, Filter
from contacts_nb.model.people import text_required
from contacts_nb.model.text import name_key

INBOX_NAME_LENGTH = 255
TEAM_PREFIX = "Team / "


class InboxKind(StrEnum):
    """Whether an inbox is always there, a team's, or saved by a user."""

    STANDARD = "standard"
    TEAM = "team"
    CUSTOM = "custom"


class Sharing(StrEnum):
    """Who else sees a saved inbox: nobody, everybody, or the users and teams it is shared with."""

    PRIVATE = "private"
    PUBLIC = "public"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class SavedInbox:
    """An inbox as a user sees it; `id` is 0 for one that nobody saved.

    `creator` is an e-mail address, `mine` whether that is who looks; `users` (e-mail addresses) and `teams`
    (names) are those it is shared with.
    """

    id: int
    name: str
    kind: InboxKind
    filter: Filter
    creator: str | None = None
    mine: bool = False
    sharing: Sharing = Sharing.PUBLIC
    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


STANDARD = (
    SavedInbox(0, "All", InboxKind.STANDARD, EVERYONE),
    SavedInbox(0, "Mine", InboxKind.STANDARD, F.assignee.is_me()),
    SavedInbox(0, "Unassigned", InboxKind.STANDARD, F.assignee.is_unassigned()),
)


def team_inbox(team: str) -> SavedInbox:
    """The inbox of the contacts that are assigned to a team.

    >>> team_inbox("Sales").name
    'Team / Sales'
    """
    return SavedInbox(0, f"{TEAM_PREFIX}{team}", InboxKind.TEAM, F.team == team)


def checked_inbox_name(value: object) -> str:
    """The name of an inbox to be saved, trimmed; raises `InvalidValue` for one that another kind of inbox has.

    >>> checked_inbox_name(" GB VIPs ")
    'GB VIPs'
    """
    name = text_required("inbox", value, INBOX_NAME_LENGTH)
    key = name_key(name)
    if key.startswith(name_key(TEAM_PREFIX)) or key in {name_key(inbox.name) for inbox in STANDARD}:
        raise InvalidValue("inbox", name, "is the name of an inbox that is always there; choose another")
    return name
