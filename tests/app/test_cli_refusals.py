import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import contacts_nb as cn
from tests.app.commands import HEADER_AND_ROW, UNWRITABLE, complaint, content

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty. Give a file"),
        (b"Ann,Smith,ann@example.org\n", "seems to have no header line"),
        (b"one,two\nx,y\n", "has no column with a known name"),
        ("name\nZoé\n".encode() + "José\n".encode("cp1252"), "mixes encodings"),
        (b'name,email\n"Ann,a@example.org\n', "is never closed"),
        (b"name,email\n", "has a header line but no contacts"),
        (b"\x00\x01\x02\x03" * 20, "is not text"),
        (b"SQLite format 3\x00", "is a database"),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_and_nothing_is_written(db, capsys, data, says):
    Path("bad.csv").write_bytes(data)
    before = content(db.parent)
    assert says in complaint(capsys, "import", "bad.csv")
    assert content(db.parent) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no.csv"], "There is no file no.csv"),
        (["."], "is a folder"),
        (["bad.csv", "--reject", "nowhere/wrong.csv"], "The folder nowhere does not exist. Make it first"),
        (["bad.csv", "--reject", UNWRITABLE + "/wrong.csv"], "/sys/wrong.csv can't be written"),
        (["bad.csv", "--reject", "x" * 300], "can't be written"),
        (["bad.csv", "--reject", "bad.csv"], "bad.csv is what is imported. Give another name"),
        (["bad.csv", "--reject", "contacts.db"], "contacts.db is a database, which would be lost"),
        (["bad.csv", "bad.csv", "--reject", "wrong.csv"], "is one file for several imports"),
        (["bad.csv", "--region", "XX"], "region 'XX' is not a phone region; give a two-letter code"),
        (["bad.csv", "bad.csv", "--region", "XX"], "region 'XX' is not a phone region"),
        (["bad.csv", "--encoding", "klingon"], "'klingon' is not a known encoding"),
        (["bad.csv", "--encoding", "ascii"], "is not in the encoding ascii: line 3"),
        (["bad.csv", "--map", "name"], "--map 'name' is not COLUMN=FIELD; write, for example, --map surname="),
        (["bad.csv", "--map", "name=nickname"], "field 'nickname' does not exist; use one of first_name,"),
        (["bad.csv", "--map", "who=name"], "column 'who' is not in the file; its columns are name, email"),
        (["bad.csv", "--db", "no.db"], "make one with: contacts-nb init --db "),
        ([], "The following arguments are required: FILE. To see what can be given: contacts-nb import --help"),
        (
            ["bad.csv", "--quick"],
            "Unrecognized arguments: --quick. To see what can be given: contacts-nb import --help",
        ),
    ],
)  # fmt: skip
def test_an_import_that_cannot_be_done_as_asked_writes_nothing(db, capsys, arguments, says):
    Path("bad.csv").write_text(HEADER_AND_ROW + "Zoë,no address\n", encoding="utf-8")
    before = content(db.parent)
    assert says in complaint(capsys, "import", *arguments)
    assert content(db.parent) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--db", "contacts.db"], "already exists"),
        (["--db", "nowhere/x.db"], "There is no folder"),
        (["--db", UNWRITABLE + "/x.db"], "/sys/x.db can't be written"),
        (["--db", ""], "is not a path"),
        (["--db", "mysql://host/x"], "is no workspace"),
        (["--db", "x.db", "--time-zone", "Mars"], "time zone 'Mars' is not known; give an IANA name"),
        (["--db", "x.db", "--phone-region", "XX"], "region 'XX' is not a phone region; give a two-letter code"),
        (["--db", "x.db", "--name", "x" * 300], "at most 255 are kept"),
    ],
)
@pytest.mark.parametrize("command", ["init", "demo"])
def test_a_workspace_that_cannot_be_made_leaves_no_file(db, capsys, command, arguments, says):
    if command == "demo":
        if len(arguments) > 2:
            says = "Unrecognized arguments: --"
        arguments = [*arguments, "--contacts", "3", "--no-browser"]
    before = content(db.parent)
    assert says in complaint(capsys, command, *arguments)
    assert content(db.parent) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--contacts", "-1"],
            "--contacts '-1' is not a whole number from 0 to 18000000; give one, in digits only",
        ),
        (["--contacts", "abc"], "--contacts 'abc' is not a whole number"),
        (["--contacts", "5,000"], "--contacts '5,000' is not a whole number"),
        (["--contacts", "99999999"], "is not a whole number from 0 to 18000000"),
        (["--contacts", "9" * 5000], "is not a whole number from 0 to 18000000"),
        (["--contacts"], "Argument --contacts: expected one argument. To see what can be given"),
        (["--seed", "-1"], "--seed '-1' is not a whole number"),
        (["--port", "99999"], "--port '99999' is not a whole number from 0 to 65535"),
        (["--port", "http"], "--port 'http' is not a whole number"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_before_anything_is_made(folder, capsys, arguments, says):
    assert says in complaint(capsys, "demo", "--db", "x.db", *arguments)
    assert content(folder) == {}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "The following arguments are required: COMMAND. To see what can be given: contacts-nb --help"),
        (["sell"], "invalid choice: 'sell'"),
        (["--quick", "check"], "Unrecognized arguments: --quick. To see what can be given: contacts-nb --help"),
        (["users", "list", "--all"], "To see what can be given: contacts-nb users list --help"),
    ],
)
def test_what_is_no_command_is_told_where_to_look(capsys, arguments, says):
    assert says in complaint(capsys, *arguments)


def not_a_workspace(kind: str, path: Path) -> None:
    if kind == "text":
        path.write_text("Dear diary\n" * 100, encoding="utf-8")
    elif kind == "empty":
        path.touch()
    elif kind == "other":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE diary (day TEXT)")
    elif kind == "newer":
        cn.create(path).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
    elif kind == "folder":
        path.mkdir()


@pytest.mark.parametrize("command", [["import", "people.csv"], ["export", "out.csv"], ["serve", "--no-browser"]])
@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "There is no workspace"),
        ("folder", "is a folder"),
        ("text", "is not a contacts workspace. Choose another file, or make a workspace with: contacts-nb init"),
        ("empty", "not a contacts workspace. Choose another file"),
        ("other", "is a database, but not a contacts workspace"),
        ("newer", "has schema 9999, written by a newer contacts_nb"),
    ],
)
def test_what_is_no_workspace_is_said_to_be_none_and_left_alone(tmp_path, folder, capsys, command, kind, says):
    Path("people.csv").write_text(HEADER_AND_ROW, encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    not_a_workspace(kind, elsewhere / "w.db")
    files = [path for path in elsewhere.iterdir() if path.is_file()]
    before = {path.name: path.read_bytes() for path in files}
    assert says in complaint(capsys, *command, "--db", str(elsewhere / "w.db"))
    assert {path.name: path.read_bytes() for path in elsewhere.iterdir() if path.is_file()} == before
    assert content(folder).keys() == {"people.csv"}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("nowhere/out.csv", "The folder nowhere does not exist. Make it first, or choose another path."),
        (UNWRITABLE + "/out.csv", "/sys/out.csv can't be written"),
        ("..", "is a folder"),
        (".", "is a folder"),
        ("", "is a folder"),
        ("out.pdf", "contacts are exported as CSV, XLSX or vCard"),
        ("workspace", "is a database, which would be lost. Give another name."),
    ],
)
def test_an_export_that_cannot_be_written_leaves_nothing(db, capsys, path, says):
    db.rename(db.with_name("workspace"))
    before = content(db.parent)
    assert says in complaint(capsys, "export", path, "--db", "workspace")
    assert content(db.parent) == before
