import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contacts_nb as cn
from contacts_nb.model.errors import (
    InvalidValue,
    NotAWorkspace,
    UnreadableFile,
    UnwritableFile,
    WorkspaceError,
    WorkspaceExists,
    WorkspaceNotFound,
    WorkspaceUnavailable,
)
from contacts_nb.model.places import countries, languages
from contacts_nb.store import migrate

CREATE = "import sys, contacts_nb as cn; print(cn.create(sys.argv[1]).name)"


def test_a_workspace_keeps_its_settings_when_it_is_opened_again(tmp_path):
    path = tmp_path / "contacts.db"
    cn.create(path, name=" Acme ", time_zone="Europe/London", phone_region="gb").close()
    with cn.open(path) as workspace:
        assert (workspace.name, workspace.time_zone, workspace.phone_region) == ("Acme", "Europe/London", "GB")
        assert (workspace.path, workspace.backup) == (path, None)
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


def test_a_file_is_imported_with_counts_and_what_was_left_out(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(
        "first name,phone,shoe size,email\nAnn,112,37,\nBo,,,not an address\nCy,,42,cy@example.org\n,,,\n",
        encoding="utf-8",
    )
    result = workspace.import_file(file, rejected=tmp_path / "rejected.csv")
    assert (result.added, result.already_there, result.rejected) == (2, 0, 1)
    assert dict(result.left_out) == {"shoe size": 2}
    assert result.rejected_file == tmp_path / "rejected.csv"
    assert "Bo,,,not an address," in result.rejected_file.read_text(encoding="utf-8")
    assert str(result) == "people.csv: 2 added, 1 rejected"
    assert [row.name for row in workspace.contacts.rows(0, 10)] == ["Ann", "Cy"]


def test_rejected_records_go_to_the_current_folder_unless_told_otherwise(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("name,email\nAnn,no\n", encoding="utf-8")
    assert workspace.import_file("people.csv").rejected_file == tmp_path / "people.rejected.csv"


def test_corrected_records_are_imported_from_the_file_of_the_rejected(workspace, tmp_path):
    file, rejected = tmp_path / "people.csv", tmp_path / "rejected.csv"
    file.write_text("name,email\nAnn,no\n", encoding="utf-8")
    workspace.import_file(file, rejected=rejected)
    rejected.write_text(
        rejected.read_text(encoding="utf-8").replace("Ann,no", "Ann,ann@example.org"), encoding="utf-8"
    )
    result = workspace.import_file(rejected)
    assert (result.added, result.rejected, dict(result.left_out)) == (1, 0, {})


def test_an_import_whose_rejected_records_cannot_be_kept_adds_nothing(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,email,tags\nAnn,ann@example.org,vip\nBo,no,\n", encoding="utf-8")
    with pytest.raises(UnwritableFile, match="does not exist"):
        workspace.import_file(file, rejected=tmp_path / "no" / "rejected.csv")
    assert workspace.contacts.count() == 0
    assert workspace.contacts.search("vip").count() == 0
    assert not (tmp_path / "no").exists()


def test_an_import_that_is_interrupted_adds_nothing(workspace, tmp_path):
    def interrupt(_done):
        raise KeyboardInterrupt

    file = tmp_path / "people.csv"
    file.write_text("name\nAnn\n", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        workspace.import_file(file, progress=interrupt)
    assert workspace.contacts.count() == 0


def test_a_second_import_of_a_file_adds_nothing(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,phone,tags\nAnn,020 7946 0958,vip\nAnn,020 7946 0958,vip\n,112,\n", encoding="utf-8")
    first, second = workspace.import_file(file), workspace.import_file(file)
    assert (first.added, first.already_there) == (3, 0)
    assert (second.added, second.already_there) == (0, 3)
    assert str(second) == "people.csv: 0 added, 3 already there, 0 rejected"


def test_a_record_more_than_before_is_added_once(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name\nAnn\n", encoding="utf-8")
    workspace.import_file(file)
    file.write_text("name\nAnn\nAnn\nBo\n", encoding="utf-8")
    result = workspace.import_file(file)
    assert (result.added, result.already_there, workspace.contacts.count()) == (2, 1, 3)


def test_equal_records_far_apart_in_a_long_file_are_all_added_once(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name\n" + "Ann\nBo\n" * 2_500, encoding="utf-8")
    done: list[int] = []
    assert workspace.import_file(file, progress=done.append).added == 5_000
    assert workspace.import_file(file).already_there == 5_000
    assert done == [2_000, 4_000, 5_000]


def test_phones_are_read_in_the_region_of_the_import_or_else_of_the_workspace(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("phone\n030 123456\n", encoding="utf-8")
    read = {}
    for workspace_region in (None, "AT"):
        for region in (None, "DE"):
            path = tmp_path / f"{workspace_region}-{region}.db"
            with cn.create(path, phone_region=workspace_region) as workspace:
                result = workspace.import_file(file, region=region)
                read[workspace_region, region] = workspace.contacts[1].phone_e164
                assert bool(result.notes) == (read[workspace_region, region] is None)
    assert read == {
        (None, None): None,
        (None, "DE"): "+4930123456",
        ("AT", None): "+4330123456",
        ("AT", "DE"): "+4930123456",
    }


def test_a_region_or_column_that_does_not_exist_is_refused_before_anything_is_added(workspace, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name\nAnn\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="region"):
        workspace.import_file(file, region="UK")
    with pytest.raises(InvalidValue):
        workspace.import_file(file, columns={"nonsense": "first_name"})
    with pytest.raises(UnreadableFile, match="no file"):
        workspace.import_file(tmp_path / "no.csv")
    assert workspace.contacts.count() == 0


def is_someone(values: dict[str, Any]) -> bool:
    return any((values[key] or "").strip() for key in ("first_name", "last_name", "phone", "email"))


NAME = (
    st.none()
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
    | st.text("=+-@'\",;:\t\r\n a")
)
EXPORTED = st.fixed_dictionaries(
    {
        "first_name": NAME,
        "last_name": NAME,
        "phone": st.sampled_from(
            [None, "020 7946 0958", "+442079460958", "+44 (0)20", "112", "-123", "(020) 1/2"]
        ),
        "email": st.sampled_from([None, "Ann@Example.org", "o'neil@example.org", "=ann@example.org"]),
        "country": st.none() | st.sampled_from(list(countries())),
        "language": st.none() | st.sampled_from(list(languages())),
        "tags": st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6), max_size=3),
    }
).map(lambda values: values if is_someone(values) else values | {"first_name": "Ann"})


@settings(deadline=None, max_examples=40)
@given(st.lists(EXPORTED, min_size=1, max_size=5))
def test_what_is_exported_is_imported_as_it_was(tmp_path_factory, people):
    folder = tmp_path_factory.mktemp("round-trip")
    columns = ["first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "tags"]
    with (
        cn.create(folder / "one.db", phone_region="GB") as one,
        cn.create(folder / "two.db", phone_region="GB") as two,
    ):
        for values in people:
            one.add_contact(**values)
        assert one.contacts.to_csv(folder / "all.csv") == len(people)
        result = two.import_file(folder / "all.csv", rejected=folder / "rejected.csv")
        assert (result.added, result.rejected) == (len(people), 0)
        exported, imported = one.contacts.to_frame()[columns], two.contacts.to_frame()[columns]
    assert imported.astype("object").where(imported.notna(), None).to_dict("records") == exported.astype(
        "object"
    ).where(exported.notna(), None).to_dict("records")


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
