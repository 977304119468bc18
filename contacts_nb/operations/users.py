"""Users: added, changed and removed, as long as an owner is left who may change the settings."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from sqlalchemy import select

from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.people import (
    Restriction,
    Role,
    User,
    checked_person_name,
    checked_restrictions,
    checked_role,
    checked_user_email,
    listed,
)
from contacts_nb.operations.changing import set_columns
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.settings_rows import KEEP, Keep, added, changed, refuse_taken, removed
from contacts_nb.operations.teams import set_members
from contacts_nb.queries.settings import all_users, team_with, user_with
from contacts_nb.store.cells import CELL_NAMED, USER
from contacts_nb.store.schema import contact_states, team_members, users

TEAM_COUNT = 1_000


def add_user(
    recording: Recording,
    email: object,
    name: object = None,
    role: object = Role.MANAGER,
    restrictions: object = (),
    teams: object = (),
) -> User:
    """Add a user, who is in the teams of these names; raises `InvalidValue` and `NotFound`."""
    address = checked_user_email(email)
    as_role, barred = checked_role(role), checked_restrictions(restrictions)
    refuse_taken(recording, users.c.email_key, email_key(address), "email", address)
    if not may_set_up(as_role, barred) and not all_users(recording.connection):
        rule = (
            "is the first user, who has to be an owner without restrict_workspace_settings; "
            'give role="owner" (--role owner)'
        )
        raise InvalidValue("user", address, rule)
    values = _row(address, checked_person_name(name, address), as_role, barred)
    user_id = added(recording, USER, {**values, "created_at": recording.now})
    _set_teams(recording, user_id, teams)
    return user_with(recording.connection, address)


def update_user(
    recording: Recording,
    user: User,
    *,
    email: object | Keep = KEEP,
    name: object | Keep = KEEP,
    role: object | Keep = KEEP,
    restrictions: object | Keep = KEEP,
    teams: object | Keep = KEEP,
) -> User:
    """Change what is given of a user; raises `InvalidValue` and `NotFound`."""
    address = user.email if email is KEEP else checked_user_email(email)
    as_role = user.role if role is KEEP else checked_role(role)
    barred = user.restrictions if restrictions is KEEP else checked_restrictions(restrictions)
    refuse_taken(recording, users.c.email_key, email_key(address), "email", address, user.id)
    if not may_set_up(as_role, barred):
        _refuse_last_owner(recording, user)
    called = user.name if name is KEEP else checked_person_name(name, address)
    changed(recording, USER, user.id, _row(address, called, as_role, barred))
    if teams is not KEEP:
        _set_teams(recording, user.id, teams)
    return user_with(recording.connection, address)


def remove_user(recording: Recording, user: User) -> None:
    """Remove a user: the contacts assigned to them are nobody's, and they leave their teams."""
    _refuse_last_owner(recording, user)
    assigned = select(contact_states.c.contact_id).where(contact_states.c.assignee_id == user.id)
    set_columns(recording, assigned, {CELL_NAMED["assignee"]: None})
    set_members(recording, team_members.c.user_id == user.id, ())
    removed(recording, USER, user.id)


def may_set_up(role: Role, restrictions: AbstractSet[Restriction]) -> bool:
    """Whether such a user may manage users and settings; somebody always has to."""
    return role is Role.OWNER and Restriction.WORKSPACE_SETTINGS not in restrictions


def _refuse_last_owner(recording: Recording, user: User) -> None:
    left = [other for other in all_users(recording.connection) if may_set_up(other.role, other.restrictions)]
    if [owner.id for owner in left] == [user.id]:
        rule = "is the last owner; make another user an owner without restrict_workspace_settings first"
        raise InvalidValue("user", user.email, rule)


def _row(email: str, name: str, role: Role, restrictions: AbstractSet[Restriction]) -> dict[str, object]:
    flags = {restriction.value: int(restriction in restrictions) for restriction in Restriction}
    return {"email": email, "email_key": email_key(email), "name": name, "role": role.value, **flags}


def _set_teams(recording: Recording, user_id: int, teams: object) -> None:
    names = listed("teams", teams, TEAM_COUNT)
    wanted = {(team_with(recording.connection, name).id, user_id) for name in names}
    set_members(recording, team_members.c.user_id == user_id, wanted)
