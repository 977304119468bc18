import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import contacts_nb as cn
from contacts_nb.app import cli
from contacts_nb.app.cli import main
from contacts_nb.exchange import applying
from tests.app.commands import HEADER_AND_ROW, PEOPLE, content, names

pytestmark = pytest.mark.usefixtures("folder")


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
        "people.csv: 2 created, 0 updated, 1 skipped, 1 rejected\n"
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
    assert capsys.readouterr().out.endswith("people.rejected.csv: 1 created, 0 updated, 0 skipped, 0 rejected\n")
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
    assert capsys.readouterr().out == "more.csv: 1 created, 0 updated, 0 skipped, 0 rejected\n"
    assert names(db) == {"Zoé", "Ζωή", "Zoë"}


def test_what_has_no_place_and_phones_without_a_region_are_said(db, capsys):
    Path("people.csv").write_text("name,city,phone\nAnn,Paris,0123456\nBob,Rome,\n", encoding="utf-8")
    assert main(["import", "people.csv"]) == 0
    said = capsys.readouterr().out
    assert "  Left out, because contacts have no place for it: city (2)\n" in said
    assert "  Phones without + that stay as typed, because no region was given: 1. Give a region" in said


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
    assert capsys.readouterr().out == (
        "people.csv: 2 created, 0 updated, 0 skipped, 0 rejected\n"
        "cy.vcf: 1 created, 0 updated, 0 skipped, 0 rejected\n"
    )
    assert names(db) == {"Ann Smith", "Bob Jones", "Cy Young", "Zoë"}


def test_a_file_that_cannot_be_read_does_not_stop_the_others(db, capsys):
    Path("people.csv").write_text(PEOPLE, encoding="utf-8")
    Path("empty.csv").touch()
    assert main(["import", "nowhere.csv", "empty.csv", "people.csv", "--region", "GB"]) == 2
    said = capsys.readouterr()
    assert said.out == "people.csv: 2 created, 0 updated, 0 skipped, 0 rejected\n"
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


def test_an_import_that_is_stopped_keeps_nothing_of_that_file(db, capsys, monkeypatch):
    Path("people.csv").write_text(HEADER_AND_ROW + "Cy,no address\n", encoding="utf-8")

    def stop_it(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(applying, "added_contacts", stop_it)
    assert main(["import", "people.csv"]) == 130
    assert capsys.readouterr().err == "\nStopped. Nothing was imported; the workspace is as it was.\n"
    assert names(db) == {"Zoë"}
    assert content(db.parent).keys() == {"contacts.db", "people.csv"}


def test_a_demo_that_is_stopped_leaves_no_file(folder, monkeypatch):
    def stop_it(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("contacts_nb.app.demo.settings_rows", stop_it)
    assert main(["demo", "--db", "x.db", "--contacts", "3", "--no-browser"]) == 130
    assert content(folder) == {}


def test_a_demo_is_shown_as_to_its_owner_whoever_the_environment_names(folder, capsys, monkeypatch):
    shown: list[tuple[str, str | None]] = []
    monkeypatch.setenv("CONTACTS_NB_USER", "somebody@else.example")
    monkeypatch.setattr(cli, "run_app", lambda db, _place, sign_in, **_: shown.append((db, sign_in.user)))
    assert main(["demo", "--db", "x.db", "--contacts", "3"]) == 0
    assert shown == [(str(folder / "x.db"), "ana@acme.example")]
    assert capsys.readouterr().out.splitlines()[1:] == [
        "The app shows it as to its owner, ana@acme.example.",
        "To show them again later: contacts-nb serve --db x.db --user ana@acme.example",
    ]
    with cn.open("x.db", user="ana@acme.example") as workspace:
        assert workspace.contacts.count() == 3


def test_being_ended_is_being_stopped_and_the_handlers_are_put_back(db, capsys, monkeypatch):
    Path("people.csv").write_text(HEADER_AND_ROW, encoding="utf-8")
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    monkeypatch.setattr(applying, "added_contacts", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert main(["import", "people.csv"]) == 130
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before
    assert names(db) == {"Zoë"}


def test_a_signal_that_is_ignored_stays_ignored(db, monkeypatch):
    Path("people.csv").write_text(HEADER_AND_ROW, encoding="utf-8")
    monkeypatch.setattr(applying, "update_contacts", lambda *_: os.kill(os.getpid(), signal.SIGHUP))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert main(["import", "people.csv"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert names(db) == {"Ann", "Zoë"}


def test_an_error_of_our_own_making_is_not_hidden(db, monkeypatch):
    Path("people.csv").write_text(HEADER_AND_ROW, encoding="utf-8")

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(applying, "added_contacts", fail)
    with pytest.raises(ZeroDivisionError):
        main(["import", "people.csv"])
    assert names(db) == {"Zoë"}


@pytest.mark.parametrize("command", ["demo", "init", "import", "messages", "export", "serve", "backup", "restore"])
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
    said = b"zo?.csv: 1 created, 0 updated, 0 skipped, 0 rejected\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, b"")
    assert names(db) == {"Ann", "Zoë"}


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path, unbuffered):
    path = str(tmp_path / "contacts.db")
    with cn.create(path) as ws:
        ws.users.add("ana@acme.example", role="owner")
    command = [sys.executable, "-m", "contacts_nb", "users", "list", "--db", path, "--user", "ana@acme.example"]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}  # an empty one counts as none
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert running.stdout is not None
    running.stdout.close()
    _, complaint = running.communicate(timeout=60)
    assert (running.returncode, complaint) == (0, "")


def test_a_plan_is_printed_and_nothing_is_changed(db, capsys):
    Path("people.csv").write_text(
        "first_name,email,country,city\nZoë,zoe@example.org,FR,Lyon\nCy,no address,,\nBob,bob@example.org,,\n",
        encoding="utf-8",
    )
    before = content(db.parent)
    assert main(["import", "people.csv", "--plan", "--match-on", "email"]) == 0
    assert capsys.readouterr().out == (
        "people.csv: 1 to create, 1 to update, 0 to skip, 1 to reject; nothing was changed\n"
        "  Columns: first_name is first_name; email is email; country is country\n"
        "  Line 2: update contact 1: country: (empty) → FR\n"
        "  Line 3: reject: email 'no address' is not an e-mail address: an email address must have an @-sign\n"
        "  Left out, because contacts have no place for it: city (1)\n"
    )
    assert content(db.parent) == before


def test_contacts_are_matched_updated_tagged_and_given_new_fields(db, capsys):
    Path("people.csv").write_text(
        "first_name,email,Size,x\nZoe,zoe@example.org,L,1\nBob,bob@example.org,M,2\n", encoding="utf-8"
    )
    command = ["import", "people.csv", "--match-on", "phone", "--match-on", "email", "--keep", "first_name"]
    assert main([*command, "--new-field", "Size=list", "--map", "x=", "--tag", "spring"]) == 0
    assert capsys.readouterr().out == "people.csv: 1 created, 1 updated, 0 skipped, 0 rejected\n"
    with cn.open(db) as workspace:
        zoe, bob = workspace.contacts[1], workspace.contacts[2]
        assert (zoe.first_name, zoe.fields, zoe.tags) == ("Zoë", {"size": "L"}, ("spring",))
        assert (bob.first_name, bob.fields) == ("Bob", {"size": "M"})
    assert main(["import", "people.csv", "--match-on", "email", "--purpose", "update-only", "--keep", "all"]) == 0
    assert "0 created, 0 updated, 2 skipped" in capsys.readouterr().out
