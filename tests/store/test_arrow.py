"""Arrow tables come from the same state as all else that is read, and reading them harms nothing."""

import subprocess
import sys

import pytest

import contacts_nb as cn
from contacts_nb.model.errors import WorkspaceUnavailable
from contacts_nb.store.backend import backend_of


def test_all_of_a_frame_is_read_from_one_state(workspace):
    workspace.add_contact(first_name="Ann")
    with workspace._database.read() as connection:
        statement = workspace.contacts.selection.resolved(connection).ids()
        assert connection.execute(statement).scalars().all() == [1]
        workspace.add_contact(first_name="Bo")
        with backend_of(connection).arrow(connection) as read:
            assert read(statement).column(0).to_pylist() == [1]
    assert workspace.contacts.to_frame()["id"].tolist() == [1, 2]


def test_what_is_written_after_a_frame_isnt_lost(tmp_path):
    # A second SQLite library in this process would have let go of its locks when it closed the file.
    path = tmp_path / "contacts.db"
    statement = "SELECT count(*) FROM contacts"
    count = f"import sqlite3\nprint(*sqlite3.connect({str(path)!r}).execute({statement!r}).fetchone())"
    with cn.create(path) as workspace:
        for already in range(3):
            workspace.contacts.to_frame()
            seen = subprocess.run([sys.executable, "-c", count], check=True, capture_output=True, text=True)
            assert int(seen.stdout) == already
            workspace.add_contact(first_name="Ann")


def test_a_server_that_takes_no_more_connections_is_told_without_the_password(server, template):
    name = server.new_database(template)
    with cn.open(server.url(name, "hunter2")) as workspace:
        assert workspace.contacts.count() == 0
        server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        with pytest.raises(WorkspaceUnavailable, match="not currently accepting connections") as refused:
            workspace.contacts.to_frame()
        error: BaseException | None = refused.value
        while error is not None:
            assert "hunter2" not in f"{error!r} {error}"
            error = error.__cause__
    server.drop(name)


def test_what_frames_need_is_loaded_with_the_first_of_them():
    # pandas itself loads pyarrow where it is installed.
    code = "import sys, contacts_nb; sys.exit(any(name.startswith('adbc') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
