import os
import sqlite3
import stat
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from contacts_nb.model.errors import NotAWorkspace, WorkspaceExists, WorkspaceUnavailable
from contacts_nb.store import sqlite
from contacts_nb.store.copying import copy_file, new_copy


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def unheard(_done: int, _total: int) -> None:
    pass


@pytest.fixture
def origin(tmp_path):
    """A database with a log, some rows of which were deleted."""
    path = tmp_path / "origin.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)")
        connection.execute("PRAGMA secure_delete = OFF")  # some builds of SQLite have it on
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO people (name) VALUES (?)", [("Ann" * 500,)] * 500)
        connection.executemany("INSERT INTO people (name) VALUES (?)", [("Zebedee" * 500,)] * 500)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("DELETE FROM people WHERE name LIKE 'Zebedee%'")
    return path


def test_a_copy_gets_its_name_once_it_is_whole_and_only_its_owner_may_read_it(tmp_path):
    place = tmp_path / "copy.db"
    with new_copy(place) as draft:
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600
        draft.write_bytes(b"half")
        assert not place.exists()
        draft.write_bytes(b"whole")
    assert place.read_bytes() == b"whole"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert names(tmp_path) == ["copy.db"]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_copy_that_fails_leaves_nothing(tmp_path, failure):
    def half(draft: Path) -> None:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{draft}{suffix}").write_bytes(b"half")
        raise failure

    with pytest.raises(failure), new_copy(tmp_path / "copy.db") as draft:
        half(draft)
    assert names(tmp_path) == []


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_is_there_is_never_replaced(tmp_path, make):
    place = tmp_path / "copy.db"
    make(place)
    before = place.lstat()
    with pytest.raises(WorkspaceExists, match=r"copy\.db already exists.*Choose another name"), new_copy(place):
        pytest.fail("should not have begun")
    assert place.lstat() == before
    assert names(tmp_path) == ["copy.db"]


@pytest.mark.parametrize("has_links", [True, False])
def test_what_came_meanwhile_is_never_replaced(tmp_path, monkeypatch, has_links):
    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", no_links)
    place = tmp_path / "copy.db"
    with pytest.raises(WorkspaceExists, match="already exists"), new_copy(place):
        place.write_bytes(b"another")
    assert place.read_bytes() == b"another"
    assert names(tmp_path) == ["copy.db"]


def no_links(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_drive_without_links_will_do(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "hardlink_to", no_links)
    with new_copy(tmp_path / "copy.db") as draft:
        draft.write_bytes(b"whole")
    assert (tmp_path / "copy.db").read_bytes() == b"whole"
    assert names(tmp_path) == ["copy.db"]


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_the_log_of_another_database_is_not_taken_for_that_of_the_copy(tmp_path, suffix):
    (tmp_path / f"copy.db{suffix}").touch()
    with pytest.raises(WorkspaceExists, match=f"{suffix} is left of another"), new_copy(tmp_path / "copy.db"):
        pytest.fail("should not have begun")
    assert names(tmp_path) == [f"copy.db{suffix}"]


@pytest.mark.parametrize(
    ("name", "says"),
    [("nowhere/copy.db", "There is no folder"), ("file/copy.db", "There is no folder"), ("x" * 300, "can't be")],
)
def test_a_place_where_no_file_can_be_is_refused_before_the_work(tmp_path, name, says):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceUnavailable, match=says), new_copy(tmp_path / name):
        pytest.fail("should not have begun")
    assert names(tmp_path) == ["file"]


def test_the_copy_of_a_file_has_every_row_and_nothing_that_was_deleted(tmp_path, origin):
    target = tmp_path / "copy.db"
    target.touch()
    copy_file(origin, target, target, unheard)
    assert b"Zebedee" not in target.read_bytes()
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("SELECT count(*), max(id) FROM people").fetchone() == (500, 500)
        assert connection.execute("SELECT seq FROM sqlite_sequence").fetchone() == (1000,)
    assert b"Zebedee" in origin.read_bytes()


def test_a_copy_needs_no_log_unless_it_is_for_use(tmp_path, origin):
    sqlite.settled(origin, for_use=False)
    assert origin.read_bytes()[18:20] == b"\x01\x01"
    sqlite.settled(origin, for_use=True)
    assert origin.read_bytes()[18:20] == b"\x02\x02"
    assert names(tmp_path) == ["origin.db"]


def test_whoever_writes_all_the_time_neither_waits_nor_is_seen_half(tmp_path, origin, monkeypatch):
    """Each change is of two rows; no copy has one of them."""
    monkeypatch.setattr(sqlite, "_STEPS_BETWEEN_LOOKS", 100)
    done = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        with closing(sqlite3.connect(origin, isolation_level=None, timeout=0)) as connection:
            while not done.is_set():
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO people (name) VALUES ('Bo')")
                connection.execute("INSERT INTO people (name) VALUES ('Bo')")
                connection.execute("COMMIT")
                written += 1

    writer = threading.Thread(target=write)
    looks = 0

    def wait_for_another() -> None:
        before = written
        while written == before and writer.is_alive():
            time.sleep(0.0001)

    def look(_done: int, _total: int) -> None:
        """Let the copy go on once something else was written."""
        nonlocal looks
        looks += 1
        wait_for_another()

    writer.start()
    # Of two that open a file at once, one makes its log while the other waits.
    wait_for_another()
    try:
        for number in range(3):
            target = tmp_path / f"copy{number}.db"
            target.touch()
            copy_file(origin, target, target, look)
            with closing(sqlite3.connect(target)) as connection:
                (count,) = connection.execute("SELECT count(*) FROM people WHERE name = 'Bo'").fetchone()
            assert count % 2 == 0
        assert writer.is_alive()
    finally:
        done.set()
        writer.join()
    assert looks > 10


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError("full")])
def test_a_copy_can_be_stopped(tmp_path, origin, monkeypatch, failure):
    monkeypatch.setattr(sqlite, "_STEPS_BETWEEN_LOOKS", 100)

    def stop(_done: int, _total: int) -> None:
        raise failure

    target = tmp_path / "copy.db"
    target.touch()
    with pytest.raises(type(failure) if isinstance(failure, Exception) else failure):
        copy_file(origin, target, target, stop)


def test_what_went_wrong_is_said_of_the_file_that_it_is_about(tmp_path, origin):
    target = tmp_path / "copy.db"
    shown = tmp_path / "place.db"
    target.touch()
    data = bytearray(origin.read_bytes())
    data[4096 * 3 : 4096 * 40] = os.urandom(4096 * 37)
    broken = tmp_path / "broken.db"
    broken.write_bytes(data)
    with pytest.raises(WorkspaceUnavailable, match=r"broken\.db is damaged"):
        copy_file(broken, target, shown, unheard)
    text = tmp_path / "text.db"
    text.write_text("no database at all, but long enough to be looked at" * 100)
    with pytest.raises(NotAWorkspace, match="not a contacts workspace"):
        copy_file(text, target, shown, unheard)
    nowhere = tmp_path / "nowhere" / "copy.db"
    with pytest.raises(WorkspaceUnavailable, match=r"place\.db can't be opened"):
        copy_file(origin, nowhere, shown, unheard)
