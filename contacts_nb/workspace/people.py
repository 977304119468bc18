"""`ws.users` and `ws.teams`: who works in a workspace."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection

from contacts_nb.model.people import Restriction, Role, Team, User
from contacts_nb.operations.settings_rows import KEEP, Keep
from contacts_nb.operations.teams import add_team, remove_team, update_team
from contacts_nb.operations.users import add_user, remove_user, update_user
from contacts_nb.queries.settings import all_teams, all_users, team_with, user_with
from contacts_nb.workspace.listing import Listing, lists, moments, texts, whole_numbers


class Users(Listing[User]):
    """The users of a workspace, by e-mail address; names are in any case.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> ann = ws.users.add("ann@example.org", role="owner")
    >>> cn.open(ws.path, user="ann@example.org").users["Ann@Example.org"].name
    'ann'
    """

    _plural = "users"

    def to_frame(self) -> pd.DataFrame:
        """All users as a table, one a row, by e-mail address.

        Columns: `id` (int64); `email`, `name`, `role` (str); `restrictions`, `teams` (lists of str);
        `created_at` (datetime64[ms, UTC]).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> list(ws.users.to_frame())
        ['id', 'email', 'name', 'role', 'restrictions', 'teams', 'created_at']
        """
        users = list(self)
        return pd.DataFrame(
            {
                "id": whole_numbers(user.id for user in users),
                "email": texts(user.email for user in users),
                "name": texts(user.name for user in users),
                "role": texts(user.role.value for user in users),
                "restrictions": lists(sorted(item.value for item in user.restrictions) for user in users),
                "teams": lists(user.teams for user in users),
                "created_at": moments(user.created_at for user in users),
            }
        )

    def add(
        self,
        email: str,
        *,
        role: str = Role.MANAGER,
        name: str | None = None,
        restrictions: Iterable[str] = (),
        teams: Iterable[str] = (),
    ) -> User:
        """Add a user; the first one of a workspace has to be an owner.

        `role` is `owner`, `manager` or `agent`. `restrictions` are any of `restrict_data_export`,
        `restrict_contact_deletion` and `restrict_workspace_settings`. `teams` are names of teams. Unless a `name`
        is given, it is what stands before the @.
        Raises `InvalidValue`, `NotFound` for a team that doesn't exist, and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.users.add("ann@example.org", role="owner", name="Ann Smith").name
        'Ann Smith'
        """
        with self._access.operation("add_user") as recording:
            return add_user(recording, email, name, role, restrictions, teams)

    def update(
        self,
        email: str,
        *,
        new_email: str | Keep = KEEP,
        name: str | Keep | None = KEEP,
        role: str | Keep = KEEP,
        restrictions: Iterable[str | Restriction] | Keep = KEEP,
        teams: Iterable[str] | Keep = KEEP,
    ) -> User:
        """Change what is given of the user with that address; `restrictions` and `teams` replace those before.

        Where `name` is None, it is what stands before the @.
        The last owner can't get another role, nor `restrict_workspace_settings`.
        Raises `InvalidValue`, `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.users.add("ann@example.org", role="owner")
        >>> ws = cn.open(ws.path, user="ann@example.org")
        >>> ws.users.update("ann@example.org", name="Ann Smith").name
        'Ann Smith'
        """
        with self._access.operation("update_user") as recording:
            user = user_with(recording.connection, email)
            return update_user(
                recording, user, email=new_email, name=name, role=role, restrictions=restrictions, teams=teams
            )

    def remove(self, email: str) -> None:
        """Remove the user with that address; contacts assigned to them are nobody's then.

        The last owner can't be removed. Raises `InvalidValue`, `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.users.add("ann@example.org", role="owner")
        >>> ws = cn.open(ws.path, user="ann@example.org")
        >>> bo = ws.users.add("bo@example.org")
        >>> ws.users.remove("bo@example.org")
        >>> len(ws.users)
        1
        """
        with self._access.operation("remove_user") as recording:
            remove_user(recording, user_with(recording.connection, email))

    def _all(self, connection: Connection) -> list[User]:
        return all_users(connection)

    def _named(self, connection: Connection, name: object) -> User:
        return user_with(connection, name)


class Teams(Listing[Team]):
    """The teams of a workspace, by name, in any case.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> support = ws.teams.add("Support")
    >>> ws.teams["support"].members
    ()
    """

    _plural = "teams"

    def to_frame(self) -> pd.DataFrame:
        """All teams as a table, one a row, by name.

        Columns: `id` (int64), `name` (str), `members` (lists of str: e-mail addresses), `created_at`
        (datetime64[ms, UTC]).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> list(ws.teams.to_frame())
        ['id', 'name', 'members', 'created_at']
        """
        teams = list(self)
        return pd.DataFrame(
            {
                "id": whole_numbers(team.id for team in teams),
                "name": texts(team.name for team in teams),
                "members": lists(team.members for team in teams),
                "created_at": moments(team.created_at for team in teams),
            }
        )

    def add(self, name: str, members: Iterable[str] = ()) -> Team:
        """Add a team; `members` are e-mail addresses of users.

        Raises `InvalidValue`, `NotFound` for somebody who isn't a user, and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ws.teams.add("Support").name
        'Support'
        """
        with self._access.operation("add_team") as recording:
            return add_team(recording, name, members)

    def update(self, name: str, *, new_name: str | Keep = KEEP, members: Iterable[str] | Keep = KEEP) -> Team:
        """Rename the team of that name, or have it consist of `members`.

        Raises `InvalidValue`, `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> support = ws.teams.add("Support")
        >>> ws.teams.update("Support", new_name="Help desk").name
        'Help desk'
        """
        with self._access.operation("update_team") as recording:
            team = team_with(recording.connection, name)
            return update_team(recording, team, name=new_name, members=members)

    def remove(self, name: str) -> None:
        """Remove the team of that name; its contacts have none then, and its members stay users.

        Raises `NotFound` and `NotAllowed`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> support = ws.teams.add("Support")
        >>> ws.teams.remove("Support")
        >>> "Support" in ws.teams
        False
        """
        with self._access.operation("remove_team") as recording:
            remove_team(recording, team_with(recording.connection, name))

    def _all(self, connection: Connection) -> list[Team]:
        return all_teams(connection)

    def _named(self, connection: Connection, name: object) -> Team:
        return team_with(connection, name)
