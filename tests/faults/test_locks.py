"""A database that another program keeps locked: reading goes on, writing says so in time, and works afterwards."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

import contacts_nb as cn
from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.errors import WorkspaceUnavailable
from contacts_nb.store import patience, postgres, sqlite
from contacts_nb.widgets import ContactsApp, Entrance, gestures, state
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.workspace import Workspace
from tests.conftest import Workspaces
from tests.postgres_server import Server

LOCKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(path: Path, *statements: str) -> Iterator[None]:
    """Another program has the database locked."""
    program = subprocess.Popen(
        [sys.executable, "-c", LOCKING, str(path), *(statements or ("BEGIN EXCLUSIVE",))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        assert program.stdout.readline() == b"locked\n"
        yield
    finally:
        program.stdin.close()
        program.wait(10)
        program.stdout.close()


@pytest.fixture
def ws(new_workspace: Workspaces) -> Iterator[Workspace]:
    with new_workspace() as made:
        for name in ("Ann", "Bo", "Cy"):
            made.add_contact(first_name=name)
        yield made


@contextmanager
def busy(ws: Workspace) -> Iterator[None]:
    """Another program writes to the workspace and doesn't end, on either database."""
    if ws.path is not None:
        with locked(ws.path):
            yield
        return
    with psycopg.connect(ws._database._reader.url.set(drivername="postgresql").render_as_string(False)) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({postgres._WRITERS_LOCK})".encode())
        yield


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits as long as they usually do."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
    monkeypatch.setattr(postgres, "LOCK_TIMEOUT_MS", 100)


def test_a_locked_workspace_is_read_on_and_says_so_when_it_is_written(ws, impatient):
    with busy(ws):
        with pytest.raises(WorkspaceUnavailable) as refused:
            ws.contacts.tag("vip")
        assert str(refused.value) == (
            f"{ws.address} is locked by another program, or a large change to it is going on. Nothing was "
            "changed; try again in a moment."
        )
        assert ws.contacts.count() == 3
    assert ws.contacts.tag("vip").contacts == 3


def test_whoever_waits_gets_their_turn(ws):
    done = []
    with busy(ws):
        waiting = threading.Thread(target=lambda: done.append(ws.contacts.tag("vip").contacts))
        waiting.start()
        time.sleep(0.3)
        assert done == []
    waiting.join(10)
    assert done == [3]


def test_a_gesture_on_the_page_waits_less_than_a_script(ws, monkeypatch):
    for module in (gestures, state):
        monkeypatch.setattr(module, "PAGE_MS", 100)
    assert patience.PAGE_MS < sqlite.BUSY_TIMEOUT_MS
    app = ContactsApp(ws)
    app.state.tick([1, 2])
    app.state.open(1)
    waits = []

    def rename() -> None:
        waits.append(patience.patience(sqlite.BUSY_TIMEOUT_MS))
        ws.contacts.with_ids([1]).update(first_name="Zoë")

    save = app.state.guarded(rename)
    with busy(ws):
        save()
        assert waits == [100]
        assert "is locked by another program" in app.notices.content
        assert "try again in a moment" in app.notices.content
        app.state.keep_up()
        assert (app.state.unreachable, app.state.ticked, app.state.opened) == ("", ContactIds([1, 2]), 1)
    save()
    assert app.state.problem == ""
    app.state.keep_up()
    assert ws.contacts[1].name == "Zoë"


def test_a_form_waits_less_too(ws, monkeypatch):
    monkeypatch.setattr(gestures, "PAGE_MS", 100)
    told: list[str] = []
    waits = []

    def tag(_gesture: Gesture) -> None:
        waits.append(patience.patience(sqlite.BUSY_TIMEOUT_MS))
        ws.contacts.tag("vip")

    form = gestures.GestureForm(tag, told.append, "x")
    with busy(ws):
        form.do(Gesture("save"))
    assert waits == [100]
    assert len(told) == 1
    assert "is locked by another program" in told[0]
    form.do(Gesture("save"))
    assert ws.tags["vip"].contacts == 3


def test_work_beside_the_page_is_told_too_and_can_be_done_again(ws, impatient):
    app = ContactsApp(ws)
    app.state.tick([1, 2])
    with busy(ws):
        app.actions.tag(("vip",))
        assert "is locked by another program" in app.notices.content
        assert app.doing.work is None
    app.actions.tag(("vip",))
    assert "is locked" not in app.notices.content
    assert ws.tags["vip"].contacts == 2


WHOLLY = ("PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with cn.create(tmp_path / "contacts.db") as ws:
        ws.add_contact(first_name="Ann")
    return tmp_path / "contacts.db"


def test_a_file_that_another_program_has_for_itself_can_not_be_opened_until_it_lets_go(file, impatient):
    with locked(file, *WHOLLY):
        entrance = Entrance(file)
        assert entrance.app is None
        assert "is locked by another program" in entrance._page.content
    entrance._page.do(Gesture("again"))
    assert entrance.app is not None


def test_the_looks_of_a_page_wait_for_nobody(file):
    """A page that looks once a second mustn't be still all that second."""
    ws = cn.open(file)
    with patience.waiting_at_most(100):
        assert ws.contacts.count() == 1
        with ws._database.read() as connection:
            assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 100
    with ws._database.read() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == sqlite.BUSY_TIMEOUT_MS
    ws.close()


def test_a_writer_on_the_server_waits_as_long_as_was_asked(server: Server, database_url: str):
    with cn.create(database_url) as ws:
        with patience.waiting_at_most(100), ws._database.write() as connection:
            assert connection.execute(text("SHOW lock_timeout")).scalar() == "100ms"
        with ws._database.write() as connection:
            assert connection.execute(text("SHOW lock_timeout")).scalar() == "30s"
