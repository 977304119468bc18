"""Saved inboxes: added, changed and removed, and with whom they are shared."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, exists, select

from contacts_nb.model.errors import InvalidValue, NotAllowed, NotFound
from contacts_nb.model.filter_json import written
from contacts_nb.model.filters import Filter
from contacts_nb.model.inboxes import InboxKind, SavedInbox, Sharing, checked_inbox_name
from contacts_nb.model.people import Role, listed
from contacts_nb.model.text import name_key
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.settings_rows import KEEP, Keep, added, changed, removed
from contacts_nb.queries.inboxes import saved_inboxes
from contacts_nb.queries.settings import team_with, user_with, user_with_id
from contacts_nb.queries.terms import resolved
from contacts_nb.store.cells import INBOX, SHARE
from contacts_nb.store.schema import inbox_shares, inboxes

_SHARED_WITH = 1_000

Share = tuple[int | None, int | None]
"""A user's id or a team's."""


def save_inbox(recording: Recording, name: object, tree: Filter, share: object) -> SavedInbox:
    """Save a filter as an inbox of the user's; raises `InvalidValue` and `NotFound`."""
    checked = checked_inbox_name(name)
    _refuse_taken(recording, checked, None)
    sharing, shares = _shares(recording, share)
    values = {
        "name": checked,
        "name_key": name_key(checked),
        "creator_id": recording.user_id,
        "sharing": sharing.value,
        "filter": written(tree),
        "named": _named(recording, tree, missing_ok=False),
        "created_at": recording.now,
    }
    inbox_id = added(recording, INBOX, values)
    _share(recording, inbox_id, shares)
    return _found(recording, inbox_id)


def update_inbox(
    recording: Recording,
    inbox: SavedInbox,
    *,
    name: object | Keep = KEEP,
    tree: Filter | Keep = KEEP,
    share: object | Keep = KEEP,
) -> SavedInbox:
    """Change what is given of an inbox; raises `NotAllowed` unless it is the user's own."""
    _refuse_standard(inbox)
    if not inbox.mine:
        raise NotAllowed(
            f"The inbox {inbox.name} belongs to {inbox.creator or 'nobody'}, and only its creator may change it. "
            "Save its filter as an inbox of your own instead."
        )
    values: dict[str, str] = {}
    if not isinstance(name, Keep):
        checked = checked_inbox_name(name)
        _refuse_taken(recording, checked, inbox.id)
        values |= {"name": checked, "name_key": name_key(checked)}
    if not isinstance(tree, Keep):
        # What is broken already may stay: it can't be said otherwise than it was.
        values |= {"filter": written(tree), "named": _named(recording, tree, missing_ok=True)}
    if not isinstance(share, Keep):
        sharing, shares = _shares(recording, share)
        values["sharing"] = sharing.value
        _share(recording, inbox.id, shares)
    changed(recording, INBOX, inbox.id, values)
    return _found(recording, inbox.id)


def remove_inbox(recording: Recording, inbox: SavedInbox) -> None:
    """Remove an inbox, of one's own or, as an owner, of others; raises `NotAllowed`."""
    _refuse_standard(inbox)
    if not inbox.mine:
        user = None if recording.user_id is None else user_with_id(recording.connection, recording.user_id)
        if user is None or user.role is not Role.OWNER:
            raise NotAllowed(
                f"The inbox {inbox.name} belongs to {inbox.creator or 'nobody'}; only its creator and owners may "
                "remove it."
            )
    removed(recording, INBOX, inbox.id)


def _found(recording: Recording, inbox_id: int) -> SavedInbox:
    return saved_inboxes(recording.connection, recording.user_id, inbox_id)[0]


def _refuse_standard(inbox: SavedInbox) -> None:
    if inbox.kind is not InboxKind.CUSTOM:
        raise InvalidValue("inbox", inbox.name, "is always there; it can't be changed or removed")


def _refuse_taken(recording: Recording, name: str, inbox_id: int | None) -> None:
    """One user's inboxes have different names."""
    mine: ColumnElement[bool] = inboxes.c.creator_id.is_not_distinct_from(recording.user_id)
    taken = exists().where(
        inboxes.c.name_key == name_key(name), inboxes.c.removed_at.is_(None), mine, inboxes.c.id != (inbox_id or 0)
    )
    if recording.connection.execute(select(taken)).scalar_one():
        raise InvalidValue("inbox", name, "is taken; choose another, or change the one that is there")


def _named(recording: Recording, tree: Filter, *, missing_ok: bool) -> str:
    """What the filter names, with its ids; raises `NotFound` for what isn't there."""
    _, terms = resolved(recording.connection, tree, recording.user_id, missing_ok=missing_ok)
    return json.dumps(
        [[kind, name, thing] for (kind, name), thing in sorted(terms.ids.items())], ensure_ascii=False
    )


def _shares(recording: Recording, share: object) -> tuple[Sharing, list[Share]]:
    if share in (Sharing.PRIVATE, Sharing.PUBLIC):
        return Sharing(str(share)), []
    if isinstance(share, str):
        rule = 'is not a way to share; give "private", "public", or a list of e-mail addresses and team names'
        raise InvalidValue("share", share, rule)
    return Sharing.SHARED, [_share_with(recording, name) for name in listed("share", share, _SHARED_WITH)]


def _share_with(recording: Recording, name: object) -> Share:
    try:
        return user_with(recording.connection, name).id, None
    except NotFound:
        pass
    try:
        return None, team_with(recording.connection, name).id
    except NotFound:
        rule = "is neither a user's e-mail address nor a team; ws.users and ws.teams list those"
        raise NotFound("share", name, rule) from None


def _share(recording: Recording, inbox_id: int, wanted: Collection[Share]) -> None:
    mine = inbox_shares.c
    statement = select(mine.user_id, mine.team_id, mine.id).where(mine.inbox_id == inbox_id)
    present: dict[Share, int] = {
        (user, team): row_id for user, team, row_id in recording.connection.execute(statement)
    }
    for share, row_id in present.items():
        if share not in wanted:
            removed(recording, SHARE, row_id)
    for user_id, team_id in _new(wanted, present):
        added(recording, SHARE, {"inbox_id": inbox_id, "user_id": user_id, "team_id": team_id})


def _new(wanted: Iterable[Share], present: Collection[Share]) -> list[Share]:
    return [share for share in dict.fromkeys(wanted) if share not in present]
