import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

import contacts_nb as cn
from contacts_nb.app.cli import main
from tests.app.commands import UNWRITABLE, complaint, content, names

pytestmark = pytest.mark.usefixtures("folder")


def test_a_workspace_is_backed_up_and_restored(db, folder, capsys):
    assert main(["backup", "safe copy.db"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Backed up 1 contact and 0 messages to {folder / 'safe copy.db'}",
        "Checked 1 contact: all is as it should be.",
        "To make a workspace of it: contacts-nb restore 'safe copy.db' --db NEW_FILE",
    ]
    with cn.open(db) as workspace:
        workspace.contacts.delete(confirm=1)
    assert main(["restore", "safe copy.db", "--db", "new.db"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Restored 1 contact and 0 messages to {folder / 'new.db'}",
        "Checked 1 contact: all is as it should be.",
        "To show it in the app, as one of its users if it has any: contacts-nb serve --db new.db",
    ]
    assert names(folder / "new.db") == {"Zoë"}
    db.unlink()
    assert main(["restore", "safe copy.db"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(": contacts-nb serve")
    assert names(db) == {"Zoë"}
    assert sorted(path.name for path in folder.iterdir()) == ["contacts.db", "new.db", "safe copy.db"]


def test_a_workspace_moves_to_a_server_and_back(db, folder, capsys, database_url):
    address = database_url.replace("tester@", "tester:secret@")
    assert main(["backup", "backup.db"]) == 0
    assert main(["restore", "backup.db", "--db", address]) == 0
    assert names(address) == {"Zoë"}
    assert main(["backup", "again.db", "--db", address]) == 0
    assert names(folder / "again.db") == {"Zoë"}
    out = capsys.readouterr().out
    assert "secret" not in out
    assert "Restored 1 contact and 0 messages to postgresql://tester@127.0.0.1" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["backup", "contacts.db"],
            "contacts.db already exists, and nothing is ever written over. Choose",
        ),
        (["backup", "."], "already exists"),
        (["backup", "nowhere/backup.db"], "There is no folder"),
        (["backup", UNWRITABLE + "/backup.db"], "/sys/backup.db can't be written"),
        (["backup", "x" * 300], "can't be written (File name too long)"),
        (["backup", "postgresql://ana:pw@db.example/acme"], "postgresql://ana@db.example/acme' is a database"),
        (["backup", "backup.db", "--db", "none.db"], "There is no workspace"),
        (["backup", "backup.db", "--user", "nobody@acme.example"], "nobody@acme.example"),
        (["backup"], "The following arguments are required: FILE"),
        (["restore", "none.db", "--db", "new.db"], "There is no backup"),
        (["restore", "contacts.db"], "contacts.db already exists"),
        (["restore", "text.csv", "--db", "new.db"], "text.csv is not a contacts workspace"),
        (["restore", "contacts.db", "--db", "nowhere/new.db"], "There is no folder"),
        (["restore", "contacts.db", "--db", "mysql://ana@db.example/acme"], "is no workspace"),
        (["restore", "postgresql://db.example/acme", "--db", "new.db"], "a backup is a file"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(db, folder, capsys, arguments, says):
    (folder / "text.csv").write_text("name,email\n" * 100)
    before = content(folder)
    assert says in complaint(capsys, *arguments)
    assert content(folder) == before


def test_only_owners_may_back_up(folder, capsys):
    with cn.create("contacts.db", owner="ana@acme.example") as workspace:
        workspace.users.add("bo@acme.example")
    says = complaint(capsys, "backup", "backup.db", "--user", "bo@acme.example")
    assert "may not back up the whole workspace: that is for owners" in says
    assert [path.name for path in folder.iterdir()] == ["contacts.db"]
    assert main(["backup", "backup.db", "--user", "ana@acme.example"]) == 0


def test_what_contradicts_itself_is_said_and_kept(db, folder, capsys):
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE contacts SET sort_name = 'wrong'")
    assert main(["backup", "backup.db"]) == 1
    out = capsys.readouterr().out
    assert "contacts.sort_name" in out
    assert "The workspace that was backed up has them, too; the backup is kept all the same." in out
    assert "Zoë" not in out
    assert main(["restore", "backup.db", "--db", "new.db"]) == 1
    out = capsys.readouterr().out
    assert "The backup has them, too; what was restored is kept all the same." in out
    assert names(folder / "new.db") == {"Zoë"}


_SLOWLY = """
import signal, sys, time
from contacts_nb.app.cli import main
from contacts_nb.operations import copy_tables
from contacts_nb.store import sqlite
from contacts_nb.workspace import backup

def wait(*_arguments, **_options):
    print("here", flush=True)
    time.sleep(60)
    return ()

# It is ignored where the tests run in the background of a shell.
signal.signal(signal.SIGINT, signal.default_int_handler)
setattr(*{"copy": (sqlite, "snapshot"), "check": (backup, "inconsistencies")}[sys.argv[1]], wait)
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("number", "command", "place"),
    [
        (signal.SIGINT, "backup", "check"),
        (signal.SIGTERM, "restore", "copy"),
        (signal.SIGKILL, "backup", "copy"),
        (signal.SIGKILL, "restore", "check"),
    ],
)
def test_whatever_stops_it_half_way_leaves_nothing_under_its_name(db, folder, number, command, place):
    arguments = ["backup", "out.db"] if command == "backup" else ["restore", "contacts.db", "--db", "out.db"]
    command_line = [sys.executable, "-c", _SLOWLY, place, *arguments]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"here\n"
            child.send_signal(number)
            _, said = child.communicate(timeout=60)
        finally:
            child.kill()
    left = {path.name for path in folder.iterdir()} - {"contacts.db", "contacts.db-wal", "contacts.db-shm"}
    if number == signal.SIGKILL:
        # Nobody was left to remove the draft; it has no name that anybody looks for.
        assert all(name.startswith(".") for name in left)
    else:
        assert left == set()
        assert child.returncode == 130
        assert said.decode().strip() == "It was stopped; nothing was made."
    assert main([*arguments]) == 0


_SMALL_DISK = """
import resource, sys
from contacts_nb.app.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.exit(main(sys.argv[1:]))
"""


def test_a_disk_that_is_full_is_said_and_leaves_nothing(db, folder):
    """No file may be longer than a part of the backup."""
    before = content(folder)
    for arguments in (["backup", "out.db"], ["restore", "contacts.db", "--db", "out.db"]):
        done = subprocess.run(
            [sys.executable, "-c", _SMALL_DISK, *arguments], check=False, capture_output=True, text=True
        )
        assert done.returncode == 2, done.stderr
        assert "out.db" in done.stderr
        assert "disk" in done.stderr
        assert done.stderr.count("\n") == 1
        assert content(folder) == before


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_every_option_is_explained(capsys, command):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    said = capsys.readouterr().out
    assert "FILE" in said
    assert "--db" in said
    assert "nothing is ever written over" in said or "stays as it is" in said
