import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import contacts_nb as cn
from contacts_nb.model.errors import (
    InvalidValue,
    NotAWorkspace,
    UnwritableFile,
    WorkspaceError,
    WorkspaceExists,
    WorkspaceNotFound,
    WorkspaceUnavailable,
)
from contacts_nb.store import migrate

CREATE = "import sys, contacts_nb as cn; print(cn.create(sys.argv[1]).name)"


def test_a_workspace_keeps_its_settings_when_it_is_opened_again(tmp_path):
    path = tmp_path / "contacts.db"
    cn.create(path, name=" Acme ", time_zone="Europe/London", phone_region="gb").close()
    with cn.open(path) as workspace:
        assert (workspace.name, workspace.time_zone, workspace.phone_region) == ("Acme", "Europe/London", "GB")
        assert (workspace.path, workspace.upgrade_backup) == (path, None)
        assert workspace.contacts.time_zone == "Europe/London"


def test_a_workspace_without_a_name_goes_by_that_of_its_file(tmp_path):
    with cn.create(tmp_path / "Acme Ltd.db") as workspace:
        assert workspace.name == "Acme Ltd"
        assert repr(workspace) == "<Workspace 'Acme Ltd': 0 contacts>"


def test_a_closed_workspace_leaves_one_file_and_can_be_used_again(tmp_path):
    with cn.create(tmp_path / "contacts.db") as workspace:
        workspace.add_contact(first_name="Ann")
    assert [path.name for path in tmp_path.iterdir()] == ["contacts.db"]
    assert workspace.contacts.count() == 1
    workspace.close()
    workspace.close()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"time_zone": ""}, "time zone"),
        ({"time_zone": "../../etc/passwd"}, "time zone"),
        ({"phone_region": "UK"}, "region"),
        ({"phone_region": "Germany"}, "region"),
        ({"name": "x" * 256}, "name"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_a_setting_that_breaks_a_rule_is_refused_and_no_file_is_made(tmp_path, setting, said):
    with pytest.raises(InvalidValue) as refused:
        cn.create(tmp_path / "contacts.db", **setting)
    assert refused.value.field == said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"important"])
def test_a_file_that_exists_is_never_written_over(tmp_path, content):
    path = tmp_path / "contacts.db"
    path.write_bytes(content)
    with pytest.raises(WorkspaceExists, match="already exists"):
        cn.create(path)
    assert path.read_bytes() == content


def test_a_workspace_is_not_created_twice(tmp_path):
    path = tmp_path / "contacts.db"
    with cn.create(path) as workspace:
        workspace.add_contact(first_name="Ann")
    before = path.read_bytes()
    with pytest.raises(WorkspaceExists):
        cn.create(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(WorkspaceUnavailable, match="There is no folder"):
        cn.create(tmp_path / "no" / "contacts.db")
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceUnavailable, match="There is no folder"):
        cn.create(tmp_path / "file" / "contacts.db")


def test_what_is_not_there_or_a_folder_is_not_opened(tmp_path):
    with pytest.raises(WorkspaceNotFound, match="contacts-nb init"):
        cn.open(tmp_path / "contacts.db")
    with pytest.raises(NotAWorkspace, match="is a folder"):
        cn.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["mysql://host/db", "", "a\x00b", "https://example.org/contacts.db"])
def test_what_is_not_a_path_is_refused(path):
    for begin in (cn.create, cn.open):
        with pytest.raises(InvalidValue, match="give the path"):
            begin(path)


def test_a_path_may_be_given_as_a_url_or_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cn.create(f"sqlite:///{tmp_path / 'one.db'}").close()
    cn.create("two.db").close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.db", "two.db"]
    with cn.open("one.db") as workspace:
        assert workspace.path == tmp_path / "one.db"


@pytest.mark.parametrize(
    "name", ["C# notes", "what?", "50%", "50%25", "a&mode=memory", "a b", "Zoë", "it's", ":memory:"]
)
def test_any_name_of_a_folder_and_file_is_taken_as_it_is(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    path = folder / f"{name}.db"
    with cn.create(path) as workspace:
        workspace.add_contact(first_name="Ann")
    with cn.open(path) as workspace:
        assert workspace.contacts.count() == 1
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert [file.name for file in folder.iterdir()] == [f"{name}.db"]


def test_two_workspaces_whose_names_differ_after_a_sign_share_nothing(tmp_path):
    with cn.create(tmp_path / "team#1.db") as one, cn.create(tmp_path / "team#2.db") as two:
        one.add_contact(first_name="Ann")
        assert two.contacts.count() == 0


def test_a_creation_that_fails_leaves_nothing_in_the_way(tmp_path, monkeypatch):
    def broken(_connection):
        raise RuntimeError("broken")

    path = tmp_path / "contacts.db"
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "upgrade", broken)
        with pytest.raises(RuntimeError, match="broken"):
            cn.create(path)
    assert list(tmp_path.iterdir()) == []
    with cn.create(path) as workspace:
        assert workspace.contacts.count() == 0


def test_of_threads_that_create_one_workspace_exactly_one_does(tmp_path):
    together = threading.Barrier(8)

    def created(_number):
        together.wait()
        try:
            return cn.create(tmp_path / "contacts.db")
        except WorkspaceExists:
            return None

    with ThreadPoolExecutor(8) as pool:
        (workspace,) = [made for made in pool.map(created, range(8)) if made]
    assert workspace.contacts.count() == 0
    workspace.close()


def test_of_processes_that_create_one_workspace_exactly_one_does(tmp_path):
    command = [sys.executable, "-c", CREATE, str(tmp_path / "contacts.db")]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [process.communicate(timeout=60) for process in processes]
    assert sorted(process.returncode for process in processes) == [0, 1, 1]
    assert [out.strip() for out, _ in said if out] == ["contacts"]
    assert all("WorkspaceExists" in error for out, error in said if not out)
    cn.open(tmp_path / "contacts.db").close()


def test_threads_may_add_and_read_at_the_same_time(workspace):
    def added(number):
        contact_id = workspace.add_contact(first_name=f"Ann {number}", tags=[f"tag {number % 3}"]).id
        return workspace.contacts.get(contact_id) is not None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(added, range(64)))
    assert workspace.contacts.count() == 64
    assert workspace.contacts.search("tag").count() == 64


def test_an_export_holds_what_is_selected_in_order(workspace, tmp_path):
    for name in ("Ann", "Bo", "Anna"):
        workspace.add_contact(first_name=name)
    query = workspace.contacts.search("ann").sort_by("name", descending=True)
    assert query.to_csv(tmp_path / "some.csv") == 2
    lines = (tmp_path / "some.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[1] for line in lines] == ["first_name", "Anna", "Ann"]


@pytest.mark.parametrize("name", ["all.xlsx", "all.vcf", "no/all.csv"])
def test_an_export_that_cannot_be_written_is_refused(workspace, tmp_path, name):
    workspace.add_contact(first_name="Ann")
    with pytest.raises(UnwritableFile):
        workspace.contacts.to_csv(tmp_path / name)
    assert [path.suffix for path in tmp_path.iterdir() if path.stem == "all"] == []


def test_only_a_new_workspace_is_filled(workspace):
    workspace.add_contact(first_name="Ann", tags=["vip"])
    with pytest.raises(WorkspaceError, match="only a new workspace can be filled"):
        workspace.fill(settings={"channels": [(1, "Shop", "shop", "sms", 0)]}, batches=[])
    assert workspace.contacts.count() == 1
    workspace.add_contact(first_name="Annika")
    assert workspace.contacts.search("ann").count() == 2
