"""The way into the app: a page that says why, for those who can't come in."""

import pytest

import contacts_nb as cn
from contacts_nb.widgets import ContactsApp, Entrance
from contacts_nb.widgets.gestures import Gesture

ANA, BO = "ana@acme.example", "bo@acme.example"


@pytest.fixture
def file(tmp_path):
    with cn.create(tmp_path / "contacts.db", owner=ANA) as workspace:
        workspace.users.add(BO, role="agent")
    return tmp_path / "contacts.db"


def test_an_owner_comes_in(file):
    entrance = Entrance(file, user=ANA)
    assert isinstance(entrance.app, ContactsApp)
    assert list(entrance.children) == [entrance.app]


def test_an_agent_is_told_in_a_friendly_way_and_sees_no_contact(file):
    entrance = Entrance(file, user=BO)
    assert entrance.app is None
    assert "You can&#39;t see these contacts" in entrance._page.content
    assert "that is for owners and managers. Ask an owner for another role." in entrance._page.content


@pytest.mark.parametrize("user", [ANA, BO])
def test_whoever_has_signed_in_can_sign_out_whether_let_in_or_not(file, user):
    entrance = Entrance(file, user=user, sign_out="/team/logout?a=1&b=2")
    shown = entrance.app._header.content if entrance.app else entrance._page.content
    assert '<a class="cnb-sign-out" href="/team/logout?a=1&amp;b=2">Sign out</a>' in shown


def test_where_nobody_signs_in_nobody_signs_out(file):
    entrance = Entrance(file, user=ANA)
    assert entrance.app is not None
    assert "Sign out" not in entrance.app._header.content
    assert "Sign out" not in Entrance(file, user=BO)._page.content


def test_who_became_a_manager_comes_in_by_trying_again(file):
    entrance = Entrance(file, user=BO)
    with cn.open(file, user=ANA) as workspace:
        workspace.users.update(BO, role="manager")
    entrance._page.do(Gesture("again"))
    assert list(entrance.children) == [entrance.app]


@pytest.mark.parametrize("user", ["nobody@acme.example", "<b>x</b>", None])
def test_somebody_unknown_is_told_so(file, user):
    entrance = Entrance(file, user=user)
    assert entrance.app is None
    assert "You can&#39;t see these contacts" in entrance._page.content
    assert "<b>" not in entrance._page.content
    if user is not None:
        assert "is no user of this workspace. Ask one of its owners to add you" in entrance._page.content


def test_a_missing_workspace_is_told_and_found_when_it_is_there(tmp_path):
    entrance = Entrance(tmp_path / "later.db")
    assert "The contacts can&#39;t be opened" in entrance._page.content
    cn.create(tmp_path / "later.db").close()
    entrance._page.do(Gesture("again"))
    assert entrance.app is not None
