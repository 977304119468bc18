"""Teams: added, changed and removed, and who is in them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, select

from contacts_nb.model.people import Team, checked_team_name, listed
from contacts_nb.model.text import name_key
from contacts_nb.operations.changing import set_columns
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.settings_rows import KEEP, Keep, added, changed, refuse_taken, removed
from contacts_nb.queries.settings import team_with, user_with
from contacts_nb.store.cells import CELL_NAMED, MEMBER, TEAM
from contacts_nb.store.schema import contact_states, team_members, teams

MEMBER_COUNT = 10_000


def add_team(recording: Recording, name: object, members: object = ()) -> Team:
    """Add a team of the users with these e-mail addresses; raises `InvalidValue` and `NotFound`."""
    checked = checked_team_name(name)
    refuse_taken(recording, teams.c.name_key, name_key(checked), "team", checked)
    values = {"name": checked, "name_key": name_key(checked), "created_at": recording.now}
    team_id = added(recording, TEAM, values)
    _set_users(recording, team_id, members)
    return team_with(recording.connection, checked)


def update_team(
    recording: Recording, team: Team, *, name: object | Keep = KEEP, members: object | Keep = KEEP
) -> Team:
    """Rename a team, or have it consist of the users with these e-mail addresses."""
    checked = team.name if name is KEEP else checked_team_name(name)
    refuse_taken(recording, teams.c.name_key, name_key(checked), "team", checked, team.id)
    changed(recording, TEAM, team.id, {"name": checked, "name_key": name_key(checked)})
    if members is not KEEP:
        _set_users(recording, team.id, members)
    return team_with(recording.connection, checked)


def remove_team(recording: Recording, team: Team) -> None:
    """Remove a team: its contacts have none, its members stay users."""
    assigned = select(contact_states.c.contact_id).where(contact_states.c.team_id == team.id)
    set_columns(recording, assigned, {CELL_NAMED["team"]: None})
    set_members(recording, team_members.c.team_id == team.id, ())
    removed(recording, TEAM, team.id)


def set_members(recording: Recording, mine: ColumnElement[bool], wanted: Collection[tuple[int, int]]) -> None:
    """Let the memberships that `mine` selects be `wanted`: pairs of a team's id and a user's."""
    statement = select(team_members.c.team_id, team_members.c.user_id, team_members.c.id).where(mine)
    present = {(team_id, user_id): row_id for team_id, user_id, row_id in recording.connection.execute(statement)}
    for pair, row_id in present.items():
        if pair not in wanted:
            removed(recording, MEMBER, row_id)
    for team_id, user_id in sorted(set(wanted) - present.keys()):
        added(recording, MEMBER, {"team_id": team_id, "user_id": user_id})


def _set_users(recording: Recording, team_id: int, members: object) -> None:
    emails = listed("members", members, MEMBER_COUNT)
    wanted = {(team_id, user_with(recording.connection, email).id) for email in emails}
    set_members(recording, team_members.c.team_id == team_id, wanted)
