import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import contacts_nb as cn
from contacts_nb.app import cli
from contacts_nb.app.cli import main

PEOPLE = "first_name,last_name,phone,email\nAnn,Smith,020 7946 0958,ann@example.org\nBob,Jones,,bob@example.org\n"
# Where nobody may make a file, not even root.
UNWRITABLE = "/sys"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to be in."""
    made = tmp_path / "here"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def db(folder):
    """A workspace where commands look for one, with one contact."""
    with cn.create("contacts.db", name="Acme") as workspace:
        workspace.add_contact(first_name="Zoë", email="zoe@example.org")
    return folder / "contacts.db"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(path: Path) -> set[str]:
    with cn.open(path) as workspace:
        return {row.name for row in workspace.contacts.rows(0, 100)}


def complaint(capsys, *arguments: str) -> str:
    """What a command that must fail says."""
    assert main(arguments) == 2
    said: str = capsys.readouterr().err
    assert re.fullmatch(r"contacts-nb: [^\n]+[^\n ]\n", said), said
    assert "Traceback" not in said
    return said.removeprefix("contacts-nb: ").rstrip()


def test_init_makes_an_empty_workspace_and_says_what_is_next(folder, capsys):
    arguments = [
        "init",
        "--db",
        "a b.db",
        "--name",
        "Acme",
        "--time-zone",
        "Europe/London",
        "--phone-region",
        "gb",
    ]
    assert main(arguments) == 0
    assert capsys.readouterr().out == (
        f'Made the workspace "Acme" in {folder / "a b.db"}\n'
        "Next, add contacts: contacts-nb import FILE --db 'a b.db'\n"
        "Then show them: contacts-nb serve --db 'a b.db'\n"
    )
    with cn.open("a b.db") as workspace:
        settings = (workspace.name, workspace.time_zone, workspace.phone_region, workspace.contacts.count())
    assert settings == ("Acme", "Europe/London", "GB", 0)


def test_init_without_words_makes_contacts_db(folder, capsys):
    assert main(["init"]) == 0
    assert "import FILE\n" in capsys.readouterr().out
    assert names(folder / "contacts.db") == set()


def test_import_adds_what_is_new_and_says_what_became_of_all(db, capsys):
    Path("people.csv").write_text(PEOPLE + "Cy,,,no address\nZoë,,,zoe@example.org\n", encoding="utf-8")
    assert main(["import", "people.csv", "--region", "GB"]) == 0
    assert capsys.readouterr().out == (
        "people.csv: 2 added, 1 already there, 1 rejected\n"
        f"  What was rejected is in {db.parent / 'people.rejected.csv'}, with the reasons.\n"
        "  Correct it in that file, then import that file.\n"
    )
    assert names(db) == {"Ann Smith", "Bob Jones", "Zoë"}
    with cn.open(db) as workspace:
        assert workspace.contacts.to_frame()["phone_e164"].dropna().tolist() == ["+442079460958"]


def test_what_was_rejected_can_be_corrected_and_imported(db, capsys):
    Path("people.csv").write_text(
        "first_name,email\nCy,cy at example.org\nAnn,ann@example.org\n", encoding="utf-8"
    )
    assert main(["import", "people.csv"]) == 0
    rejected = Path("people.rejected.csv")
    assert "cy at example.org" in rejected.read_text(encoding="utf-8")
    rejected.write_text(rejected.read_text(encoding="utf-8").replace(" at ", "@"), encoding="utf-8")
    assert main(["import", "people.rejected.csv"]) == 0
    assert capsys.readouterr().out.endswith("people.rejected.csv: 1 added, 0 rejected\n")
    assert names(db) == {"Ann", "Cy", "Zoë"}


def test_what_was_rejected_goes_where_it_is_asked_for(db, capsys):
    Path("people.csv").write_text("first_name,email\nCy,none\n", encoding="utf-8")
    assert main(["import", "people.csv", "--reject", "wrong.csv"]) == 0
    assert "What was rejected is in wrong.csv, with the reasons." in capsys.readouterr().out
    assert {path.name for path in db.parent.iterdir()} == {"contacts.db", "people.csv", "wrong.csv"}


def test_columns_are_mapped_as_told(db):
    Path("people.csv").write_text("who=?,address\nAnn,ann@example.org\n", encoding="utf-8")
    assert main(["import", "people.csv", "--map", "who=?=first_name", "--map", "address=email"]) == 0
    with cn.open(db) as workspace:
        assert ("Ann", "ann@example.org") in {(row.name, row.email) for row in workspace.contacts.rows(0, 100)}


def test_the_encoding_is_the_one_told_and_a_guess_is_said(db, capsys):
    Path("people.csv").write_bytes("name\nZoé\n".encode("cp1252"))
    assert main(["import", "people.csv"]) == 0
    assert "  people.csv was read as windows-1252; if names look wrong, give" in capsys.readouterr().out
    Path("more.csv").write_bytes("name\nΖωή\n".encode("cp1253"))
    assert main(["import", "more.csv", "--encoding", "windows-1253"]) == 0
    assert capsys.readouterr().out == "more.csv: 1 added, 0 rejected\n"
    assert names(db) == {"Zoé", "Ζωή", "Zoë"}


def test_what_has_no_place_and_phones_without_a_region_are_said(db, capsys):
    Path("people.csv").write_text("name,city,phone\nAnn,Paris,0123456\nBob,Rome,\n", encoding="utf-8")
    assert main(["import", "people.csv"]) == 0
    said = capsys.readouterr().out
    assert "  Left out, because contacts have no place for it: city (2)\n" in said
    assert "  Phones without + that stay as typed, because no region was given: 1. Give one with --region" in said


def test_a_terminal_gets_no_commands_from_a_file(db, capsys):
    Path("people.csv").write_text("name,\x1b[2Jcity\nAnn,Paris\n", encoding="utf-8")
    assert main(["import", "people.csv"]) == 0
    said = capsys.readouterr().out
    assert "\ufffd[2Jcity (1)" in said
    assert "\x1b" not in said


def test_cards_are_imported_beside_tables(db, capsys):
    Path("people.csv").write_text(PEOPLE, encoding="utf-8")
    Path("cy.vcf").write_text("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cy Young\r\nEND:VCARD\r\n", encoding="utf-8")
    assert main(["import", "people.csv", "cy.vcf", "--region", "GB"]) == 0
    assert capsys.readouterr().out == "people.csv: 2 added, 0 rejected\ncy.vcf: 1 added, 0 rejected\n"
    assert names(db) == {"Ann Smith", "Bob Jones", "Cy Young", "Zoë"}


def test_a_file_that_cannot_be_read_does_not_stop_the_others(db, capsys):
    Path("people.csv").write_text(PEOPLE, encoding="utf-8")
    Path("empty.csv").touch()
    assert main(["import", "nowhere.csv", "empty.csv", "people.csv", "--region", "GB"]) == 2
    said = capsys.readouterr()
    assert said.out == "people.csv: 2 added, 0 rejected\n"
    assert said.err.splitlines() == [
        "contacts-nb: There is no file nowhere.csv. Check the path.",
        "contacts-nb: empty.csv is empty. Give a file with a header line and one line for each contact.",
    ]
    assert names(db) == {"Ann Smith", "Bob Jones", "Zoë"}


def test_export_writes_what_import_reads(db, capsys):
    assert main(["export", "all.csv"]) == 0
    assert main(["init", "--db", "other.db"]) == 0
    assert main(["import", "all.csv", "--db", "other.db"]) == 0
    assert capsys.readouterr().out.startswith("Exported 1 contact to all.csv\n")
    assert names(Path("other.db")) == {"Zoë"}


HEADER_AND_ROW = "name,email\nAnn,ann@example.org\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty. Give a file"),
        (b"Ann,Smith,ann@example.org\n", "seems to have no header line"),
        (b"one,two\nx,y\n", "has no column with a known name"),
        ("name\nZoé\n".encode() + "José\n".encode("cp1252"), "mixes encodings"),
        (b"name,email\nAnn,a@example.org,more\n", "Line 2 of bad.csv has 3 cells, but the header has 2"),
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
        (["bad.csv", "--reject", "bad.csv"], "is read from, so it can't be written to"),
        (["bad.csv", "--reject", "contacts.db"], "is read from, so it can't be written to"),
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
        (["bad.csv", "--quick"], "Unrecognized arguments: --quick. To see"),
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
        (["--db", "postgres://host/x"], "is not a file"),
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
        ("out.xlsx", "contacts are exported as CSV"),
        ("workspace", "is read from, so it can't be written to; choose another name"),
    ],
)
def test_an_export_that_cannot_be_written_leaves_nothing(db, capsys, path, says):
    db.rename(db.with_name("workspace"))
    before = content(db.parent)
    assert says in complaint(capsys, "export", path, "--db", "workspace")
    assert content(db.parent) == before


def test_an_import_that_is_stopped_keeps_nothing_of_that_file(db, capsys, monkeypatch):
    Path("people.csv").write_text(HEADER_AND_ROW + "Cy,no address\n", encoding="utf-8")

    def stop_it(_bar: object, _done: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_advance", stop_it)
    assert main(["import", "people.csv"]) == 130
    assert capsys.readouterr().err == "\nStopped. What was not finished was not saved.\n"
    assert names(db) == {"Zoë"}
    assert content(db.parent).keys() == {"contacts.db", "people.csv"}


def test_a_demo_that_is_stopped_leaves_no_file(folder, monkeypatch):
    def stop_it(_now: object) -> list[tuple[object, ...]]:
        raise KeyboardInterrupt

    monkeypatch.setattr("contacts_nb.app.demo.channel_rows", stop_it)
    assert main(["demo", "--db", "x.db", "--contacts", "3", "--no-browser"]) == 130
    assert content(folder) == {}


def test_being_ended_is_being_stopped_and_the_handlers_are_put_back(db, capsys, monkeypatch):
    Path("people.csv").write_text(HEADER_AND_ROW, encoding="utf-8")
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    monkeypatch.setattr(cli, "_advance", lambda _bar, _done: os.kill(os.getpid(), signal.SIGTERM))
    assert main(["import", "people.csv"]) == 130
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before
    assert names(db) == {"Zoë"}


def test_a_signal_that_is_ignored_stays_ignored(db, monkeypatch):
    Path("people.csv").write_text(HEADER_AND_ROW, encoding="utf-8")
    monkeypatch.setattr(cli, "_advance", lambda _bar, _done: os.kill(os.getpid(), signal.SIGHUP))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert main(["import", "people.csv"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert names(db) == {"Ann", "Zoë"}


def test_an_error_of_our_own_making_is_not_hidden(db, monkeypatch):
    Path("people.csv").write_text(HEADER_AND_ROW, encoding="utf-8")

    def fail(_bar: object, _done: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_advance", fail)
    with pytest.raises(ZeroDivisionError):
        main(["import", "people.csv"])
    assert names(db) == {"Zoë"}


@pytest.mark.parametrize("command", ["demo", "init", "import", "export", "serve"])
def test_every_option_is_explained(capsys, command):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    options = re.findall(r"^  (?:-h, )?(--?[a-z-]+|FILE)[^\n]*?(?:  +|\n {10,})(\S)", text, re.MULTILINE)
    assert {name for name, _ in options} >= set(re.findall(r"(?:--[a-z-]+)", text.split("\n\n")[0]))
    assert "--help" in {name for name, _ in options}


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-m", "contacts_nb"],
        [str(Path(sys.executable).with_name("contacts-nb"))],
        [sys.executable, "-m", "jupyter", "contacts"],
    ],
    ids=["module", "script", "jupyter"],
)
def test_the_program_is_there_under_all_its_names(command):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for option, says in (("--version", f"contacts-nb {cn.__version__}\n"), ("--help", "usage: contacts-nb [-h]")):
        done = subprocess.run(
            [*command, option], check=False, env=os.environ | {"PATH": path}, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(says)


def test_a_terminal_without_the_letters_gets_question_marks(db):
    Path("zoë.csv").write_text(HEADER_AND_ROW, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "contacts_nb", "import", "zoë.csv"],
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"zo?.csv: 1 added, 0 rejected\n", b"")
    assert names(db) == {"Ann", "Zoë"}
