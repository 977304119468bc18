"""What `contacts-nb users` says, and does."""

from __future__ import annotations

import pytest

import contacts_nb as cn
from contacts_nb.app.cli import main
from tests.app.commands import complaint

ANA = "ana@acme.example"
AS_ANA = ("--user", ANA)


@pytest.fixture
def team(folder, monkeypatch):
    """Where a workspace of Ana is."""
    monkeypatch.delenv("CONTACTS_NB_USER", raising=False)
    cn.create("contacts.db", owner=ANA).close()
    return folder


@pytest.mark.usefixtures("db")
def test_where_nobody_is_a_user_yet_it_is_said_how_to_become_one(capsys):
    says = complaint(capsys, "users", "add", "bo@acme.example", *AS_ANA)
    assert says == (
        f"user '{ANA}' is not known here: this workspace has no users yet. Open it without naming one, or add the "
        "first one: contacts-nb users add EMAIL --role owner"
    )
    assert "(--role owner)" in complaint(capsys, "users", "add", ANA)
    assert main(["users", "add", ANA, "--role", "owner"]) == 0
    assert main(["users", "add", "bo@acme.example", *AS_ANA]) == 0


@pytest.mark.usefixtures("team")
def test_who_is_no_user_is_told_whom_to_ask_and_who_has_users_where_they_are_listed(capsys):
    says = complaint(capsys, "users", "list", "--user", "bo@acme.example")
    assert says == "user 'bo@acme.example' is not a user of this workspace; ask one of its owners to be added"
    says = complaint(capsys, "users", "remove", "bo@acme.example", *AS_ANA)
    assert says == (
        "user 'bo@acme.example' is not a user of this workspace; see ws.users, or contacts-nb users list"
    )


@pytest.mark.usefixtures("team")
def test_restrictions_and_teams_are_given_replaced_and_taken_away(capsys):
    with cn.open("contacts.db", user=ANA) as workspace:
        workspace.teams.add("Sales")
    bo = "bo@acme.example"
    assert main(["users", "add", bo, "--restrict", "data_export", "--team", "Sales", *AS_ANA]) == 0
    assert "restrict_data_export" in listed(capsys)
    assert main(["users", "update", bo, "--restrict", "contact_deletion", *AS_ANA]) == 0
    assert "restrict_contact_deletion" in listed(capsys)
    assert main(["users", "update", bo, "--no-restrictions", *AS_ANA]) == 0
    said = listed(capsys)
    assert "restrict_" not in said
    assert "Sales" in said
    assert main(["users", "update", bo, "--no-teams", "--name", "Bo Ek", *AS_ANA]) == 0
    said = listed(capsys)
    assert "Bo Ek" in said
    assert "Sales" not in said


def listed(capsys) -> str:
    """The list of users."""
    capsys.readouterr()
    assert main(["users", "list", *AS_ANA]) == 0
    said: str = capsys.readouterr().out
    return said


@pytest.mark.usefixtures("team")
def test_a_change_of_nothing_is_refused(capsys):
    says = complaint(capsys, "users", "update", ANA, *AS_ANA)
    assert says == "Nothing is said of what to change. To see what can be: contacts-nb users update --help"
    assert "not allowed with" in complaint(
        capsys, "users", "update", ANA, "--no-restrictions", "--restrict", "data_export", *AS_ANA
    )
