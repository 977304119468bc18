import subprocess
import sys
import time

import pytest
from sqlalchemy import text

import contacts_nb as cn
from contacts_nb.model.errors import WorkspaceUnavailable
from contacts_nb.store import sqlite
from contacts_nb.store.database import Database

INCREMENTS = """
import sys
from pathlib import Path
from sqlalchemy import text
from contacts_nb.store.database import Database

database = Database(Path(sys.argv[1]))
for _ in range(25):
    with database.write() as connection:
        count = connection.execute(text("SELECT name FROM workspace")).scalar_one()
        connection.execute(text("UPDATE workspace SET name = :count"), {"count": str(int(count) + 1)})
database.close()
"""


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "contacts.db"
    cn.create(path, name="0").close()
    opened = Database(path)
    yield opened
    opened.close()


def name_in(database: Database) -> str:
    with database.read() as connection:
        name: str = connection.execute(text("SELECT name FROM workspace")).scalar_one()
        return name


def test_what_is_written_is_there_for_the_next_reader(database):
    with database.write() as connection:
        connection.execute(text("UPDATE workspace SET name = 'Acme'"))
    assert name_in(database) == "Acme"


def test_a_block_that_fails_leaves_nothing(database):
    def fails() -> None:
        with database.write() as connection:
            connection.execute(text("UPDATE workspace SET name = 'half'"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert name_in(database) == "0"


def test_a_table_made_in_a_block_that_fails_is_gone(database):
    def fails() -> None:
        with database.write() as connection:
            connection.execute(text("CREATE TABLE half (id INTEGER)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with database.read() as connection:
        assert "half" not in sqlite.tables(connection)


def test_a_reader_cannot_write(database):
    with pytest.raises(WorkspaceUnavailable, match="can't be written"), database.read() as connection:
        connection.execute(text("UPDATE workspace SET name = 'half'"))
    assert name_in(database) == "0"


def test_a_reader_sees_one_moment_all_along(database):
    statement = text("SELECT name FROM workspace")
    with database.read() as reader:
        before = reader.execute(statement).scalar_one()
        with database.write() as writer:
            writer.execute(text("UPDATE workspace SET name = 'Acme'"))
        meanwhile = reader.execute(statement).scalar_one()
    assert (before, meanwhile, name_in(database)) == ("0", "0", "Acme")


def test_a_reader_does_not_wait_for_a_writer(database):
    with database.write() as writer:
        writer.execute(text("UPDATE workspace SET name = 'Acme'"))
        begun = time.monotonic()
        assert name_in(database) == "0"
        assert time.monotonic() - begun < 1  # second; the busy timeout is 30


def test_of_eight_processes_that_count_up_none_loses_a_step(database):
    processes = [subprocess.Popen([sys.executable, "-c", INCREMENTS, str(database.path)]) for _ in range(8)]
    assert [process.wait(60) for process in processes] == [0] * 8
    assert name_in(database) == "200"


def test_a_workspace_that_is_locked_for_too_long_is_said_to_be_so(database, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    other = Database(database.path)
    with database.write(), pytest.raises(WorkspaceUnavailable, match="locked by another program"), other.write():
        pass
    other.close()


def test_foreign_keys_are_kept(database):
    with pytest.raises(Exception, match="FOREIGN KEY"), database.write() as connection:
        connection.execute(text("INSERT INTO contact_tags VALUES (1, 1)"))


def test_a_damaged_file_is_said_to_be_so(database):
    with cn.open(database.path) as workspace:
        for number in range(200):
            workspace.add_contact(first_name=f"Ann {number}")
    database.close()
    content = bytearray(database.path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    database.path.write_bytes(content)
    with pytest.raises(WorkspaceUnavailable, match="damaged"), cn.open(database.path) as workspace:
        workspace.contacts.to_frame()


def test_a_closed_database_opens_again_when_it_is_read(database):
    database.close()
    assert name_in(database) == "0"
