from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from contacts_nb.model.draft import drafted
from contacts_nb.model.errors import InvalidValue, NotFound
from contacts_nb.model.people import Restriction, Role
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.changing import set_columns
from contacts_nb.operations.recording import Recording, recorded
from contacts_nb.operations.teams import add_team, remove_team, update_team
from contacts_nb.operations.users import add_user, remove_user, update_user
from contacts_nb.queries.settings import all_teams, all_users, team_with, user_with
from contacts_nb.store.cells import CELL_NAMED, MEMBER, TEAM, USER, Kind
from contacts_nb.store.schema import changes, contact_states, contacts, operations, team_members, users
from contacts_nb.workspace import Workspace

NOW = datetime(2026, 3, 2, 12, 0, 0, 123_000, UTC)


@contextmanager
def recording(workspace: Workspace) -> Iterator[Recording]:
    with workspace._database.write() as connection, recorded(connection, "add_user", None, NOW) as ours:
        yield ours


def history(workspace: Workspace) -> list[tuple[Any, ...]]:
    """What the latest operation recorded."""
    statement = (
        select(changes.c.contact_id, changes.c.cell, changes.c.subject, changes.c.old, changes.c.new)
        .where(changes.c.operation_id == select(func.max(operations.c.id)).scalar_subquery())
        .order_by(changes.c.cell, changes.c.contact_id, changes.c.subject)
    )
    with workspace._database.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def everything(workspace: Workspace) -> list[Any]:
    with workspace._database.read() as connection:
        rows = [
            connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in (users, team_members, contact_states, operations, changes)
        ]
        return [all_users(connection), all_teams(connection), *rows]


@contextmanager
def refused(
    workspace: Workspace, field: str, value: object, rule: str, error: type[InvalidValue] = InvalidValue
) -> Iterator[None]:
    """The block raises an error about `field`, and changes nothing."""
    before = everything(workspace)
    with pytest.raises(error, match=rule) as caught:
        yield
    assert (caught.value.field, caught.value.value) == (field, value)
    assert everything(workspace) == before


@pytest.fixture
def ann(workspace):
    with recording(workspace) as ours:
        return add_user(ours, "Ann@Example.org", "Ann Smith", "owner")


@pytest.fixture
def bo(workspace, ann):
    with recording(workspace) as ours:
        return add_user(ours, "bo@example.org")


@pytest.fixture
def support(workspace, bo):
    with recording(workspace) as ours:
        return add_team(ours, "Support", ["BO@example.org"])


def added_contact(workspace: Workspace, **state: int) -> int:
    """The id of a new contact, with these cells."""
    with recording(workspace) as ours:
        (contact_id,) = added_contacts(ours, [drafted(first_name="Cy")])
        values = {CELL_NAMED[name]: str(value) for name, value in state.items()}
        set_columns(ours, select(contacts.c.id).where(contacts.c.id == contact_id), values)
    return contact_id


def code(kind: Kind, name: str) -> int:
    return next(cell.code for cell in kind.cells if cell.name == name)


def test_a_user_is_added_with_all_that_is_given(workspace, support):
    with recording(workspace) as ours:
        cy = add_user(ours, " Cy@Example.org ", " Cy Li ", "Agent", ["Restrict data export"], ["support"])
    assert (cy.email, cy.name, cy.role, cy.created_at) == ("Cy@Example.org", "Cy Li", Role.AGENT, NOW)
    assert cy.restrictions == {Restriction.DATA_EXPORT}
    assert cy.teams == ("Support",)
    with workspace._database.read() as connection:
        (member,) = connection.execute(select(team_members.c.id).where(team_members.c.user_id == cy.id)).scalars()
        assert user_with(connection, "CY@example.org") == cy
    assert history(workspace) == [(0, USER.anchor, cy.id, None, "1"), (0, MEMBER.anchor, member, None, "1")]


def test_a_user_is_a_manager_named_by_the_address_unless_told(bo):
    assert (bo.name, bo.role, bo.restrictions, bo.teams) == ("bo", Role.MANAGER, frozenset(), ())


@pytest.mark.parametrize("given", [{}, {"role": "owner", "restrictions": ["restrict_workspace_settings"]}])
def test_the_first_user_is_an_owner_who_may_set_things_up(workspace, given):
    with refused(workspace, "user", "bo@example.org", "first user"), recording(workspace) as ours:
        add_user(ours, "bo@example.org", **given)


@pytest.mark.parametrize(
    ("given", "field", "value", "rule"),
    [
        ({"email": ""}, "email", "", "is empty"),
        ({"email": "ann"}, "email", "ann", "not an e-mail"),
        ({"email": "ANN@example.ORG"}, "email", "ANN@example.ORG", "is taken"),
        ({"email": 7}, "email", 7, "not a text"),
        ({"email": "a\x00@b.org"}, "email", "a\x00@b.org", "NUL"),
        ({"email": "a" * 300}, "email", "a" * 300, "300 characters"),
        ({"name": "\ud800"}, "name", "\ud800", "surrogate"),
        ({"name": "x" * 256}, "name", "x" * 256, "256 characters"),
        ({"name": 7}, "name", 7, "not a text"),
        ({"role": "boss"}, "role", "boss", "owner, manager, agent"),
        ({"role": None}, "role", None, "none of the choices"),
        ({"restrictions": "restrict_data_export"}, "restrictions", "restrict_data_export", "not a list"),
        ({"restrictions": ["no"]}, "restrictions", "no", "none of the choices"),
        ({"teams": "Support"}, "teams", "Support", "not a list"),
        ({"teams": 7}, "teams", 7, "not a list"),
    ],
)
def test_bad_values_of_users_are_refused(workspace, support, given, field, value, rule):
    with refused(workspace, field, value, rule), recording(workspace) as ours:
        add_user(ours, **{"email": "cy@example.org", **given})
    with refused(workspace, field, value, rule), recording(workspace) as ours:
        update_user(ours, user_with(ours.connection, "bo@example.org"), **given)


@pytest.mark.parametrize("team", ["Sales", "\x00", "\ud800", 7, None])
def test_a_team_that_is_unknown_is_refused(workspace, bo, team):
    with refused(workspace, "team", team, "doesn't exist", NotFound), recording(workspace) as ours:
        add_user(ours, "cy@example.org", teams=[team])


def test_only_what_differs_of_a_user_is_recorded(workspace, bo):
    with recording(workspace) as ours:
        changed = update_user(
            ours, bo, email="Bo@Example.org", role="owner", restrictions=["restrict_contact_deletion"]
        )
    assert (changed.email, changed.name, changed.role) == ("Bo@Example.org", "bo", Role.OWNER)
    assert history(workspace) == [
        (0, code(USER, "email"), bo.id, "bo@example.org", "Bo@Example.org"),
        (0, code(USER, "role"), bo.id, "manager", "owner"),
        (0, code(USER, "restrict_contact_deletion"), bo.id, "0", "1"),
    ]


def test_a_user_who_stays_as_they_are_leaves_no_operation(workspace, bo, support):
    before = everything(workspace)
    with recording(workspace) as ours:
        update_user(ours, bo, name="bo", teams=["SUPPORT"])
    assert everything(workspace) == before


def test_a_user_whose_name_is_taken_away_is_named_by_the_address(workspace, ann):
    with recording(workspace) as ours:
        assert update_user(ours, ann, name=None).name == "Ann"


def test_the_teams_of_a_user_are_replaced(workspace, bo, support):
    with workspace._database.read() as connection:
        (old,) = connection.execute(select(team_members)).all()
    with recording(workspace) as ours:
        sales = add_team(ours, "Sales")
    with recording(workspace) as ours:
        assert update_user(ours, bo, teams=["sales", "Sales"]).teams == ("Sales",)
    assert history(workspace) == [
        (0, MEMBER.anchor, old.id, "1", None),
        (0, MEMBER.anchor, old.id + 1, None, "1"),
        (0, code(MEMBER, "team"), old.id, str(support.id), None),
        (0, code(MEMBER, "user"), old.id, str(bo.id), None),
    ]
    with workspace._database.read() as connection:
        assert team_with(connection, "Support").members == ()
        assert team_with(connection, "Sales").members == ("bo@example.org",)
        assert team_with(connection, "Sales").id == sales.id


@pytest.mark.parametrize("given", [{"role": "manager"}, {"restrictions": ["restrict_workspace_settings"]}])
def test_the_last_owner_stays_one(workspace, ann, bo, given):
    with refused(workspace, "user", "Ann@Example.org", "is the last owner"), recording(workspace) as ours:
        update_user(ours, ann, **given)
    with refused(workspace, "user", "Ann@Example.org", "is the last owner"), recording(workspace) as ours:
        remove_user(ours, ann)
    with recording(workspace) as ours:
        update_user(ours, bo, role="owner")
        assert update_user(ours, ann, **given).id == ann.id
    with recording(workspace) as ours:
        remove_user(ours, user_with(ours.connection, "ann@example.org"))


def test_an_owner_who_may_not_change_settings_is_no_replacement(workspace, ann, bo):
    with recording(workspace) as ours:
        update_user(ours, bo, role="owner", restrictions=["restrict_workspace_settings"])
    with refused(workspace, "user", "Ann@Example.org", "is the last owner"), recording(workspace) as ours:
        remove_user(ours, ann)


def test_the_last_owner_may_be_renamed_and_barred_from_other_things(workspace, ann):
    with recording(workspace) as ours:
        changed = update_user(ours, ann, email="ann@acme.example", restrictions=["restrict_data_export"])
    assert changed.email == "ann@acme.example"


def test_a_removed_user_leaves_contacts_and_teams(workspace, ann, bo, support):
    theirs = added_contact(workspace, assignee=bo.id, team=support.id)
    other = added_contact(workspace, assignee=ann.id)
    with workspace._database.read() as connection:
        (member,) = connection.execute(select(team_members.c.id)).scalars()
    with recording(workspace) as ours:
        remove_user(ours, bo)
    assert history(workspace) == [
        (theirs, CELL_NAMED["assignee"].code, 0, str(bo.id), None),
        (0, USER.anchor, bo.id, "1", None),
        (0, MEMBER.anchor, member, "1", None),
        (0, code(MEMBER, "team"), member, str(support.id), None),
        (0, code(MEMBER, "user"), member, str(bo.id), None),
    ]
    with workspace._database.read() as connection:
        states = connection.execute(
            select(contact_states.c.contact_id, contact_states.c.assignee_id, contact_states.c.team_id).order_by(
                contact_states.c.contact_id
            )
        ).all()
        assert states == [(theirs, None, support.id), (other, ann.id, None)]
        assert all_users(connection) == [ann]
        assert connection.execute(select(users.c.removed_at).where(users.c.id == bo.id)).scalar_one() == NOW
        assert connection.execute(select(operations.c.contacts).order_by(operations.c.id.desc())).scalar() == 1


def test_the_address_of_a_removed_user_may_be_used_again(workspace, bo):
    with recording(workspace) as ours:
        remove_user(ours, bo)
    with recording(workspace) as ours:
        assert add_user(ours, "BO@example.org").id > bo.id


def test_a_team_is_added_and_recorded(workspace, bo, support):
    assert (support.name, support.members, support.created_at) == ("Support", ("bo@example.org",), NOW)
    assert [row[1:] for row in history(workspace)] == [
        (TEAM.anchor, support.id, None, "1"),
        (MEMBER.anchor, 1, None, "1"),
    ]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "is empty"),
        (None, "is empty"),
        (7, "not a text"),
        ("sÚpport", "is taken"),
        ("a\x00", "NUL"),
        ("\ud800", "surrogate"),
        ("x" * 256, "256 characters"),
    ],
)
def test_bad_names_of_teams_are_refused(workspace, support, name, rule):
    with refused(workspace, "team", name, rule), recording(workspace) as ours:
        add_team(ours, name)
    with recording(workspace) as ours:
        sales = add_team(ours, "Sales")
    with refused(workspace, "team", name, rule), recording(workspace) as ours:
        update_team(ours, sales, name=name)


@pytest.mark.parametrize("member", ["cy@example.org", "a\x00", "\ud800", 7])
def test_a_member_who_is_no_user_is_refused(workspace, support, member):
    with refused(workspace, "user", member, "not a user", NotFound), recording(workspace) as ours:
        add_team(ours, "Sales", [member])
    with refused(workspace, "user", member, "not a user", NotFound), recording(workspace) as ours:
        update_team(ours, support, name="Help desk", members=["bo@example.org", member])


def test_a_single_address_is_no_list_of_members(workspace, support):
    with refused(workspace, "members", "bo@example.org", "not a list"), recording(workspace) as ours:
        update_team(ours, support, members="bo@example.org")


def test_a_team_is_renamed_and_gets_other_members(workspace, ann, support):
    with recording(workspace) as ours:
        changed = update_team(ours, support, name="SUPPORT", members=["ann@example.org"])
    assert (changed.id, changed.name, changed.members) == (support.id, "SUPPORT", ("Ann@Example.org",))
    recorded_cells = [row[1] for row in history(workspace)]
    assert recorded_cells == [code(TEAM, "name"), MEMBER.anchor, MEMBER.anchor, *(c.code for c in MEMBER.cells)]


def test_the_members_of_a_renamed_team_stay(workspace, support):
    with recording(workspace) as ours:
        assert update_team(ours, support, name="Help desk").members == support.members


def test_a_removed_team_leaves_contacts_and_users(workspace, bo, support):
    contact_id = added_contact(workspace, assignee=bo.id, team=support.id)
    with recording(workspace) as ours:
        remove_team(ours, support)
    assert [row[:3] for row in history(workspace)] == [
        (contact_id, CELL_NAMED["team"].code, 0),
        (0, TEAM.anchor, support.id),
        (0, MEMBER.anchor, 1),
        (0, code(MEMBER, "team"), 1),
        (0, code(MEMBER, "user"), 1),
    ]
    with workspace._database.read() as connection:
        state = connection.execute(select(contact_states.c.assignee_id, contact_states.c.team_id)).one()
        assert state == (bo.id, None)
        assert all_teams(connection) == []
        assert user_with(connection, "bo@example.org").teams == ()
