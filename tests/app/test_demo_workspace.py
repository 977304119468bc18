import sqlite3

import pytest

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.demo_settings import OWNER
from contacts_nb.model.errors import InvalidValue, NotAllowed, WorkspaceExists
from contacts_nb.model.people import Role


def test_the_same_seed_makes_the_same_workspace_and_another_one_does_not(tmp_path):
    frames = []
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        with demo_workspace(tmp_path / f"{name}.db", 200, seed) as workspace:
            frames.append(workspace.contacts.to_frame())
    assert frames[0].equals(frames[1])
    assert not frames[0].equals(frames[2])


def test_it_is_a_workspace_like_any_other(tmp_path):
    demo_workspace(tmp_path / "demo.db", 100).close()
    with cn.open(tmp_path / "demo.db") as workspace:
        assert repr(workspace) == "<Workspace 'Demo': 100 contacts>"
        workspace.add_contact(first_name="Xaverine", last_name="Zquk")
        assert workspace.contacts.search("zquk").count() == 1


def test_one_with_users_is_open_as_its_owner_and_opened_only_as_one_of_them(tmp_path):
    with demo_workspace(tmp_path / "demo.db", 100, users=True) as workspace:
        assert workspace.user is not None
        assert (workspace.user.email, workspace.user.role) == (OWNER, Role.OWNER)
        assert OWNER == "ana@acme.example"
        workspace.add_contact(first_name="Xaverine", last_name="Zquk")
        assert workspace.contacts.search("zquk").count() == 1
    with pytest.raises(NotAllowed, match="has users"):
        cn.open(tmp_path / "demo.db")


@pytest.mark.parametrize("users", [True, False])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_in_it_contradicts_anything_else(request, tmp_path, database, users):
    place = tmp_path / "demo.db" if database == "sqlite" else request.getfixturevalue("database_url")
    with demo_workspace(place, 400, users=users) as workspace:
        assert workspace.check() == []
        assert len(workspace.users) == (12 if users else 0)


def test_with_and_without_users_the_contacts_and_their_messages_are_the_same(tmp_path):
    with (
        demo_workspace(tmp_path / "one.db", 100) as one,
        demo_workspace(tmp_path / "two.db", 100, users=True) as two,
    ):
        left, right = one.contacts.to_frame(), two.contacts.to_frame()
        changed = {name for name in left if not left[name].equals(right[name])}
        assert changed <= {"assignee"}
        messages = [
            [(message.sent_at, message.text) for message in workspace.contacts[5].last_messages(50)]
            for workspace in (one, two)
        ]
        assert messages[0] == messages[1]


def test_none_at_all_can_be_made(tmp_path):
    with demo_workspace(tmp_path / "demo.db", 0) as workspace:
        assert workspace.contacts.count() == 0


@pytest.mark.parametrize(("contacts", "seed"), [(-1, 1), (18_000_001, 1), (1, -1)])
def test_what_cannot_be_made_up_leaves_no_file(tmp_path, contacts, seed):
    with pytest.raises(InvalidValue, match="give"):
        demo_workspace(tmp_path / "demo.db", contacts, seed)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_half_way_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "contacts_nb.app.demo.settings_rows", lambda *_, **__: {"tags": [(1, None, "x", None, None)]}
    )
    with pytest.raises(Exception, match="NOT NULL"):
        demo_workspace(tmp_path / "demo.db", 10)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_left_alone(tmp_path):
    (tmp_path / "demo.db").write_text("mine", encoding="utf-8")
    with pytest.raises(WorkspaceExists):
        demo_workspace(tmp_path / "demo.db", 10)
    assert (tmp_path / "demo.db").read_text(encoding="utf-8") == "mine"


def test_the_file_is_whole_when_it_is_given_back(tmp_path):
    demo_workspace(tmp_path / "demo.db", 300).close()
    assert {path.name for path in tmp_path.iterdir()} == {"demo.db"}
    connection = sqlite3.connect(tmp_path / "demo.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
