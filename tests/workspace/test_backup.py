import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.model.errors import (
    CannotUndo,
    InvalidValue,
    NotAllowed,
    NotAWorkspace,
    WorkspaceError,
    WorkspaceExists,
    WorkspaceNotFound,
    WorkspaceTooNew,
    WorkspaceUnavailable,
)
from contacts_nb.operations import copy_tables
from contacts_nb.store import migrate, sqlite
from contacts_nb.store.address import address_of
from contacts_nb.store.backend import backend_of
from contacts_nb.store.database import Database
from contacts_nb.workspace import Workspace, backup
from contacts_nb.workspace.access import Access
from tests.workspace.stored import stored

OWNER = "ana@acme.example"
NAMES = ("Ann", "Bo", "Cy", "Dee", "Eve", "Fay", "Guy", "Hal")


def rich(ws: Workspace) -> Workspace:
    """One of everything in `ws`, merged, taken apart, undone and deleted; opened as its owner."""
    ws.users.add(OWNER, role="owner", name="Ana")
    ws = Workspace(Access(ws._database, 1))
    ws.teams.add("Sales")
    ws.teams.add("Gone")
    ws.teams.remove("Gone")
    ws.users.add("bo@acme.example", teams=["Sales"])
    ws.users.add("agent@acme.example", role="agent", restrictions=["restrict_contact_deletion"])
    ws.channels.add("Shop", "sms")
    ws.channels.add("Mail", "email")
    ws.tags.add("VIP 🌟", colour="#ff0000", description="Who buys most")
    ws.tags.add("gone")
    ws.tags.remove("gone")
    values = {"text": "=1+1", "list": "gold", "checkbox": True, "email": "a@example.org", "number": "1e-3",
              "url": "https://example.org", "date": "2026-03-02", "time": "12:30"}  # fmt: skip
    for kind in values:
        ws.fields.add(f"My {kind}", kind, allowed=["gold", "silver"] if kind == "list" else ())
    for number, name in enumerate(NAMES):
        ws.add_contact(
            first_name=name,
            last_name="Özil 李" if number % 2 else None,
            phone=f"+44 20 7946 0{number:03}",
            email=f"{name}@Example.org",
            tags=["VIP 🌟", "press"],
            fields={f"my_{kind}": value for kind, value in values.items()},
            assignee="bo@acme.example",
            team="Sales",
        )
    log = [
        {"channel": channel, "identifier": identifier, "direction": "incoming", "text": 'Hello\n\t"\\N" 👋',
         "sent_at": f"2026-03-02T12:00:0{second}Z", "profile_name": "Zoë"}
        for channel, identifier in (("Shop", "+442079460001"), ("Mail", "zoe@example.org"))
        for second in range(3)
    ]  # fmt: skip
    ws.record_messages(log)
    ws.record_messages([log[0] | {"text": "Taken back", "sent_at": "2026-03-02T12:01:00Z"}]).undo()
    ws.inboxes.save("British", F.country == "GB", share="public")
    ws.inboxes.save("Ours", F.tags.has_any("press"), share=["Sales", "bo@acme.example"])
    ws.preferences["columns"] = ["name", "phone"]
    ws.contacts.comment("Called, nobody there")
    ws.contacts.search("ann").close_conversation(category="Sold", summary="All is well")
    ws.contacts.search("bo").open_conversation()
    ws.plan_merge(1, 2).apply()
    ws.plan_merge(3, 4).apply()
    ws.plan_unmerge(4).apply()
    ws.plan_merge(5, 3, survivor=5).apply()
    ws.contacts.where(F.first_name == "Fay").update(country="GB").undo()
    ws.contacts[len(NAMES)].delete()
    ws.add_contact(first_name="Last").delete()  # the greatest id, which is given up for good
    return ws


@pytest.fixture
def ws(workspace):
    return rich(workspace)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    """Where a workspace can be restored to."""
    return str(tmp_path / "new.db") if request.param == "sqlite" else request.getfixturevalue("database_url")


@pytest.fixture
def people(workspace):
    """A workspace with a few contacts, and without users."""
    for name in NAMES:
        workspace.add_contact(first_name=name, tags=["vip"])
    return workspace


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def is_empty(address: str) -> bool:
    """Whether there is nothing of a workspace."""
    if "://" not in address:
        return not Path(address).exists()
    with closing(Database(address_of(address))) as database, database.read() as connection:
        statement = text("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid)"
                         " AND relnamespace = 'public'::regnamespace")  # fmt: skip
        return bool(connection.execute(statement).scalar_one() == 0)


def next_ids(ws: Workspace) -> list[int]:
    """The ids of a new contact, team and comment, each the next of its kind."""
    with ws._database.read() as connection:
        of = backend_of(connection)
        return [of.next_id(connection, name) for name in ("contacts", "teams", "comments", "tags", "users")]


def test_a_restored_workspace_holds_what_the_one_that_was_backed_up_held(ws, tmp_path, target):
    before, following = stored(ws), next_ids(ws)
    assert all(before.values()), [name for name, rows in before.items() if not rows]
    made = ws.backup(tmp_path / "backup.db")
    data = (tmp_path / "backup.db").read_bytes()
    assert (made.contacts, made.messages, made.findings) == (ws.contacts.count(), 6, ())
    done = cn.restore(tmp_path / "backup.db", target)
    assert (done.contacts, done.messages, done.findings) == (made.contacts, made.messages, ())
    assert (tmp_path / "backup.db").read_bytes() == data
    with cn.open(target, user=OWNER) as restored:
        assert stored(restored) == before
        assert next_ids(restored) == following
        assert restored.check() == []
        assert restored.contacts.search("7946 0001").count() == ws.contacts.search("7946 0001").count() > 0
        # It goes on as the other would have.
        restored.plan_unmerge(2).apply()
        assert restored.contacts[2].first_name == "Bo"
        assert restored.add_contact(first_name="New").id == following[0]
        tagged = restored.contacts.tag("later")
        tagged.undo()
        assert restored.inboxes["Ours"].count() > 0
        assert restored.check() == []
    assert [name for name in files(tmp_path) if name.startswith(".")] == []


def test_a_backup_is_a_workspace_that_can_be_opened_as_it_is(ws, tmp_path):
    before = stored(ws)
    ws.backup(tmp_path / "backup.db")
    assert files(tmp_path) == ["backup.db"]
    with cn.open(tmp_path / "backup.db", user=OWNER) as opened:
        assert stored(opened) == before
        opened.contacts.tag("later")
        assert opened.check() == []


def test_a_backup_is_for_the_eyes_of_its_owner_only(workspace, tmp_path):
    before = os.umask(0)
    try:
        workspace.backup(tmp_path / "backup.db")
        cn.restore(tmp_path / "backup.db", tmp_path / "new.db")
    finally:
        os.umask(before)
    for name in ("backup.db", "new.db"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_backup_is_recorded_in_history_with_who_made_it_but_is_no_change(ws, tmp_path):
    contacts, length = ws.contacts.count(), len(ws.history())
    ws.backup(tmp_path / "backup.db")
    made = ws.history().iloc[0]
    assert (made["operation"], made["contacts"], made["user"]) == ("backup", contacts, OWNER)
    assert len(ws.history()) == length + 1
    with pytest.raises(CannotUndo, match="nothing"):
        ws.history[int(made["id"])].undo()


def test_managers_and_restricted_owners_may_not_back_up(ws, tmp_path):
    length = len(ws.history())
    with pytest.raises(NotAllowed, match="may not back up the whole workspace: that is for owners"):
        Workspace(Access(ws._database, 2)).backup(tmp_path / "backup.db")
    ws.users.add("cy@acme.example", role="owner", restrictions=["restrict_data_export"])
    ws.users.update(OWNER, restrictions=["restrict_data_export"])
    with pytest.raises(NotAllowed, match="restrict_data_export"):
        ws.backup(tmp_path / "backup.db")
    assert files(tmp_path) == []
    assert len(ws.history()) == length + 2


@contextmanager
def written_all_the_time(ws: Workspace) -> Iterator[Callable[[], int]]:
    """While a block works, another thread changes contacts; gives how often it has."""
    stop, count = threading.Event(), 0

    def write() -> None:
        nonlocal count
        while not stop.is_set():
            added = ws.add_contact(first_name=f"New {count}", tags=[f"tag {count % 5}"])
            ws.contacts.where(F.first_name == f"New {count - 1}").tag("press")
            ws.contacts[added.id].comment("Hello")
            count += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield lambda: count
        assert writer.is_alive()
    finally:
        stop.set()
        writer.join()


def test_a_backup_made_while_others_write_is_of_one_moment(people, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_STEPS_BETWEEN_LOOKS", 1_000)
    monkeypatch.setattr(copy_tables, "_ROWS", 20)
    looks = 0

    with written_all_the_time(people) as written:

        def look(_done: int, _total: int | None) -> None:
            """Now and then, let the copy go on only once something else was written."""
            nonlocal looks
            looks += 1
            before = written()
            while looks % 10 == 1 and written() == before:
                threading.Event().wait(0.001)

        done = people.backup(tmp_path / "backup.db", progress=look)
    assert looks > 10
    assert done.findings == ()
    now = stored(people)
    with cn.open(tmp_path / "backup.db") as copy:
        assert copy.check() == []
        then = stored(copy)
    # What history says up to that moment, and nothing after it.
    assert then["operations"] == now["operations"][: len(then["operations"])]
    last = then["operations"][-1][0]
    assert {row[0] for row in then["changes"]} == {row[0] for row in now["changes"] if row[0] <= last}
    assert then["contacts"] == now["contacts"][: len(then["contacts"])]


def test_progress_is_told_of_the_copy_and_of_the_check(people, tmp_path, target):
    for work in (
        lambda told: people.backup(tmp_path / "backup.db", progress=told),
        lambda told: cn.restore(tmp_path / "backup.db", target, progress=told),
    ):
        seen: list[tuple[int, int | None]] = []
        work(lambda done, total, seen=seen: seen.append((done, total)))
        assert all(total is not None and 0 <= done <= total for done, total in seen)
        assert seen[-1][1] == people.contacts.count()


def test_a_file_that_is_there_is_not_replaced_by_a_backup(workspace, tmp_path):
    place = tmp_path / "backup.db"
    place.write_bytes(b"of yesterday")
    with pytest.raises(WorkspaceExists, match=r"backup\.db already exists.*Choose another name"):
        workspace.backup(place)
    assert place.read_bytes() == b"of yesterday"
    assert files(tmp_path) == ["backup.db"]
    assert len(workspace.history()) == 0


def test_a_backup_is_no_database_and_its_password_is_not_said(workspace):
    with pytest.raises(InvalidValue, match="a backup is a file") as refused:
        workspace.backup("postgresql://ana:secret@db.example/acme")
    assert "secret" not in str(refused.value)


def test_a_workspace_that_is_there_is_not_replaced(workspace, tmp_path):
    workspace.add_contact(first_name="Ann")
    with cn.create(tmp_path / "other.db") as other:
        other.backup(tmp_path / "backup.db")
    before = stored(workspace)
    address = workspace._database.path or workspace._database._writer.url.render_as_string(hide_password=False)
    with pytest.raises(WorkspaceExists, match=r"already (exists|has tables).*[Cc]hoose another"):
        cn.restore(tmp_path / "backup.db", address)
    assert stored(workspace) == before
    assert workspace.check() == []


class Halt(Exception):
    """What stops a work half-way."""


def halted(*_arguments: object, **_options: object) -> None:
    raise Halt


@pytest.mark.parametrize("place", ["copy", "check", "record", "name"])
def test_a_backup_that_fails_leaves_nothing(people, tmp_path, monkeypatch, place):
    before = stored(people)
    fail_at(monkeypatch, place)
    with pytest.raises((Halt, WorkspaceUnavailable)):
        people.backup(tmp_path / "backup.db")
    assert files(tmp_path) == []
    if place != "name":
        assert stored(people) == before


# A database is given no name at the end.
@pytest.mark.parametrize(
    ("target", "place"),
    [*(("sqlite", place) for place in ("copy", "check", "name")), ("postgresql", "copy"), ("postgresql", "check")],
    indirect=["target"],
)
def test_a_restore_that_fails_leaves_nothing_and_can_be_tried_again(tmp_path, monkeypatch, target, place):
    made(tmp_path / "backup.db")
    data = (tmp_path / "backup.db").read_bytes()
    with monkeypatch.context() as patch:
        fail_at(patch, place)
        with pytest.raises((Halt, WorkspaceUnavailable)):
            cn.restore(tmp_path / "backup.db", target)
    assert is_empty(target)
    assert files(tmp_path) == ["backup.db"]
    assert (tmp_path / "backup.db").read_bytes() == data
    assert cn.restore(tmp_path / "backup.db", target).findings == ()


def fail_at(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    match place:
        case "copy":
            monkeypatch.setattr(sqlite, "snapshot", halted)
            monkeypatch.setattr(backup, "copy_tables", halted)
        case "check":
            monkeypatch.setattr(backup, "search_index_inconsistencies", halted)
        case "record":
            monkeypatch.setattr(Access, "operation", halted)
        case "name":

            def full(*_: object) -> None:
                raise OSError(28, "No space left on device")

            monkeypatch.setattr(os, "fsync", full)


def of_other_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE contacts (id INTEGER)")


def too_new(path: Path) -> None:
    made(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def damaged(path: Path) -> None:
    made(path)
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'contacts'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)


def made(path: Path) -> None:
    with cn.create(path.with_name("origin.db")) as ws:
        ws.add_contact(first_name="Ann")
        ws.backup(path)
    path.with_name("origin.db").unlink()


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda _: None, WorkspaceNotFound, "There is no backup"),
        (Path.mkdir, NotAWorkspace, "is a folder"),
        (lambda path: path.write_bytes(b""), NotAWorkspace, "not a contacts workspace"),
        (lambda path: path.write_text("first_name,email\n" * 100), NotAWorkspace, "not a contacts workspace"),
        (of_other_tables, NotAWorkspace, "not a contacts workspace"),
        (too_new, WorkspaceTooNew, "9999.*pip install --upgrade"),
        (damaged, WorkspaceUnavailable, r"backup\.db is damaged"),
    ],
)
def test_what_is_no_backup_is_refused(tmp_path, target, make, error, says):
    file = tmp_path / "backup.db"
    make(file)
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(error, match=says):
        cn.restore(file, target)
    assert (file.read_bytes() if file.is_file() else None) == before
    assert is_empty(target)
    assert set(files(tmp_path)) <= {"backup.db"}


def test_a_backup_of_an_older_version_is_upgraded_in_the_copy(tmp_path, target):
    file = tmp_path / "old.db"
    file.touch()
    with closing(Database(file)) as database, database.write() as connection:
        migrate.upgrade(connection, "0001")
        for statement in (
            "INSERT INTO workspace VALUES (1, 'Acme', 'UTC', NULL, 0)",
            "INSERT INTO contacts (id, first_name, created_at, profile_name, sort_name)"
            " VALUES (1, 'Zoë', 0, 'Zoë', 'zoe'), (2, NULL, 0, 'annie', 'annie')",
        ):
            connection.execute(text(statement))
    sqlite.settled(file, for_use=False)
    before = file.read_bytes()
    cn.restore(file, target)
    assert file.read_bytes() == before
    with cn.open(target) as restored:
        assert restored.name == "Acme"
        assert restored.contacts.search("zoe").ids().tolist() == [1]
        assert restored.add_contact(first_name="New").id == 3
    assert set(files(tmp_path)) <= {"old.db", "new.db"}


def test_a_backup_in_a_folder_that_cannot_be_written_needs_no_files_beside_it(tmp_path, target):
    made(tmp_path / "backup.db")
    (tmp_path / "backup.db").chmod(0o400)
    seen: list[list[str]] = []
    cn.restore(tmp_path / "backup.db", target, progress=lambda _done, _total: seen.append(files(tmp_path)))
    assert not any(name.startswith("backup.db-") for names in seen for name in names)


def test_what_contradicts_itself_is_said_and_kept(workspace, tmp_path, target):
    workspace.add_contact(first_name="Ann")
    with workspace._database.write() as connection:
        connection.execute(text("UPDATE contacts SET sort_name = 'wrong'"))
    made = workspace.backup(tmp_path / "backup.db")
    assert made.findings == tuple(workspace.check()) != ()
    assert "findings" in repr(made)
    done = cn.restore(tmp_path / "backup.db", target)
    assert done.findings == made.findings
    with cn.open(target) as restored:
        assert tuple(restored.check()) == made.findings


def test_what_the_other_database_refuses_is_said_and_nothing_is_left(tmp_path, database_url):
    with cn.create(tmp_path / "contacts.db") as ws:
        ws.add_contact(first_name="Ann")
        ws.backup(tmp_path / "backup.db")
    with closing(sqlite3.connect(tmp_path / "backup.db")) as connection, connection:
        connection.execute("UPDATE contact_states SET team_id = 99")
    with pytest.raises(WorkspaceError, match=r"can't be stored there \(.*foreign key.*\), so nothing was copied"):
        cn.restore(tmp_path / "backup.db", database_url)
    assert is_empty(database_url)


def test_a_backup_of_a_workspace_whose_disk_is_full_says_so(tmp_path, monkeypatch):
    """Of one in a file; the rows of others go through SQLAlchemy, as all that is written does."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    folder = tmp_path / "folder"
    folder.mkdir()
    with cn.create(tmp_path / "contacts.db") as workspace:
        monkeypatch.setattr(sqlite, "snapshot", full)
        with pytest.raises(WorkspaceUnavailable, match=r"The disk of .*backup\.db is full"):
            workspace.backup(folder / "backup.db")
    assert files(folder) == []
