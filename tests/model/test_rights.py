import pytest

from contacts_nb.model.errors import NotAllowed
from contacts_nb.model.people import Restriction, Role
from contacts_nb.model.rights import RIGHTS, check_right, rights_table

FREE: frozenset[Restriction] = frozenset()
OWNER_ONLY = {"fill", "backup", "add_user", "update_user", "remove_user"}
SETTINGS = ("team", "channel", "tag", "field", "user")


@pytest.mark.parametrize("operation", RIGHTS)
def test_an_owner_without_restrictions_may_do_everything(operation):
    check_right(operation, "Ann", Role.OWNER, FREE)


@pytest.mark.parametrize("operation", RIGHTS)
def test_an_agent_may_do_nothing(operation):
    with pytest.raises(NotAllowed) as refused:
        check_right(operation, "Bo Li", Role.AGENT, FREE)
    assert str(refused.value) == (
        "Bo Li (agent) may not use contacts: that is for owners and managers. Ask an owner for another role."
    )


@pytest.mark.parametrize("operation", RIGHTS)
def test_a_manager_may_do_all_but_what_is_for_owners(operation):
    if operation not in OWNER_ONLY:
        check_right(operation, "Cy", Role.MANAGER, FREE)
        return
    with pytest.raises(NotAllowed, match=r"Cy \(manager\) may not .*: that is for owners\."):
        check_right(operation, "Cy", Role.MANAGER, FREE)


@pytest.mark.parametrize("restriction", list(Restriction))
def test_a_restriction_forbids_its_operations_to_owners_too_and_no_others(restriction):
    settings = {f"{verb}_{thing}" for verb in ("add", "update", "remove") for thing in SETTINGS}
    forbidden = {
        Restriction.DATA_EXPORT: {"export", "backup"},
        Restriction.CONTACT_DELETION: {"delete"},
        Restriction.WORKSPACE_SETTINGS: settings | {"update_workspace"},
    }
    reasons = {}
    for operation in RIGHTS:
        try:
            check_right(operation, "Ann", Role.OWNER, frozenset({restriction}))
        except NotAllowed as error:
            reasons[operation] = str(error)
    assert set(reasons) == forbidden[restriction]
    assert all(restriction in reason for reason in reasons.values())


def test_the_messages_say_what_is_forbidden_why_and_whom_to_ask():
    with pytest.raises(NotAllowed) as refused:
        check_right("delete", "cy@example.org", Role.MANAGER, frozenset(Restriction))
    assert str(refused.value) == (
        "cy@example.org (manager) may not delete contacts, because of the restriction restrict_contact_deletion. "
        "Ask an owner to lift it."
    )
    with pytest.raises(NotAllowed, match=r"may not add users: that is for owners\. Ask an owner"):
        check_right("add_user", "Cy", Role.MANAGER, frozenset(Restriction))


def test_the_table_has_a_row_for_each_operation():
    rows = [line.strip("| ").split(" | ") for line in rights_table().splitlines()]
    assert {len(row) for row in rows} == {5}
    assert [row[0] for row in rows[2:]] == [right.label for right in RIGHTS.values()]
    assert ["Delete contacts", "yes", "yes", "–", "`restrict_contact_deletion`"] in rows
    assert ["Load a whole prepared population into a new workspace", "yes", "–", "–", "–"] in rows


def test_every_operation_has_a_label_of_its_own():
    assert len({right.label for right in RIGHTS.values()}) == len(RIGHTS)
    assert all(key == right.operation for key, right in RIGHTS.items())
