import json
from email.message import EmailMessage
from pathlib import Path

import pytest

import contacts_nb as cn
from contacts_nb.app.cli import main
from tests.app.commands import UNWRITABLE, complaint, content

HELLO = {"identifier": "+442079460958", "direction": "in", "text": "Hello", "sent_at": "2026-03-02T12:00:00Z"}
LOG = (
    "number,direction,text,time,mood\n"
    "+442079460958,in,Hello,2026-03-02 12:00,good\n"
    "+442079460958,in,Bye,noon,bad\n"
)


@pytest.fixture
def shop(db):
    """The workspace where commands look for one, with a channel for texts and one for mails."""
    with cn.open(db) as workspace:
        workspace.channels.add("Shop", "sms")
        workspace.channels.add("Mail", "email")
    return db


def texts(path: Path) -> list[str]:
    """What all messages say, by the order of contacts."""
    with cn.open(path) as workspace:
        return [
            text
            for contact_id in workspace.contacts.ids()
            for text in workspace.contacts[contact_id].messages()["text"]
        ]


def test_a_log_is_recorded_and_it_is_said_what_became_of_all(shop, capsys):
    Path("log.csv").write_text(LOG, encoding="utf-8")
    arguments = ["messages", "log.csv", "--channel", "Shop", "--map", "number=identifier", "--time-zone", "UTC"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == (
        "log.csv: 1 recorded, 0 already there, 1 rejected, 1 contact created\n"
        f"  What was rejected is in {shop.parent / 'log.rejected.csv'}, with the reasons.\n"
        "  Left out, because messages have no place for it: 'mood'.\n"
    )
    assert "sent_at 'noon' is not a time" in Path("log.rejected.csv").read_text(encoding="utf-8")
    assert main([*arguments, "--reject", "wrong.csv", "--map", "mood="]) == 0
    assert capsys.readouterr().out == (
        "log.csv: 0 recorded, 1 already there, 1 rejected, 0 contacts created\n"
        "  What was rejected is in wrong.csv, with the reasons.\n"
    )
    assert texts(shop) == ["Hello"]


def test_an_archive_and_json_lines_are_recorded_in_one_go(shop, capsys):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = "sales@acme.example", "ann@example.org", "2 Mar 2026 12:00:00 GMT"
    mail.set_content("Dear Ann")
    Path("team.mbox").write_bytes(b"From - Mon Mar  2 12:00:00 2026\n" + mail.as_bytes())
    Path("log.jsonl").write_text(json.dumps(HELLO | {"channel": "Shop"}), encoding="utf-8")
    assert main(["messages", "team.mbox", "log.jsonl", "--channel", "Mail", "--own", "@acme.example"]) == 0
    assert capsys.readouterr().out == (
        "team.mbox: 1 recorded, 0 already there, 0 rejected, 1 contact created\n"
        "log.jsonl: 1 recorded, 0 already there, 0 rejected, 1 contact created\n"
    )
    assert sorted(texts(shop)) == ["Dear Ann", "Hello"]


def test_a_file_that_can_not_be_read_leaves_the_others(shop, capsys):
    Path("log.jsonl").write_text(json.dumps(HELLO), encoding="utf-8")
    assert main(["messages", "nowhere.csv", "log.jsonl", "--channel", "Shop"]) == 2
    said = capsys.readouterr()
    assert said.err == f"contacts-nb: There is no file {Path('nowhere.csv')}. Check the path.\n"
    assert texts(shop) == ["Hello"]


def test_wrong_options_are_refused_before_anything_is_done(shop, capsys):
    Path("log.csv").write_text(LOG, encoding="utf-8")
    before = content(shop.parent)
    run = ("messages", "log.csv", "--channel", "Shop")
    assert "--reject 'log.csv'" in complaint(capsys, "messages", "log.csv", "b.csv", "--reject", "log.csv")
    assert "log.csv is what is imported" in complaint(capsys, *run, "--reject", "log.csv")
    assert "--map 'identifier' is not COLUMN=KEY" in complaint(capsys, *run, "--map", "identifier")
    assert "column 'who' is not in log.csv" in complaint(capsys, *run, "--map", "who=identifier")
    assert "time zone 'Mars' is not known" in complaint(capsys, *run, "--time-zone", "Mars")
    assert "no column known to hold identifier" in complaint(capsys, *run)
    assert content(shop.parent).keys() == before.keys()
    assert texts(shop) == []


def test_rejected_records_that_can_not_be_written_are_told(shop, capsys):
    Path("log.csv").write_text(LOG, encoding="utf-8")
    arguments = ["messages", "log.csv", "--channel", "Shop", "--map", "number=identifier", "--time-zone", "UTC"]
    assert main([*arguments, "--reject", f"{UNWRITABLE}/wrong.csv"]) == 2
    said = capsys.readouterr()
    assert said.out.startswith("log.csv: 1 recorded")
    assert "can't be written" in said.err
