"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.app.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", blocks("python"))
def test_python_examples_run(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - the example of our own README


def test_commands_on_own_contacts_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("first_name,phone\nAnn,020 7946 0958\n")
    Path("google.csv").write_text("First Name,Last Name,E-mail 1 - Value\nBo,Ek,bo@example.org\n")
    Path("phone.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Cy Dee\nN:Dee;Cy;;;\nEND:VCARD\n")
    run_all(next(block for block in blocks("sh") if "contacts-nb init" in block))
    assert "Exported 3 contacts" in capsys.readouterr().out


def test_commands_that_bring_things_in_and_out_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with cn.create("contacts.db", phone_region="GB") as ws:
        ws.channels.add("Shop", "sms")
        ws.channels.add("E-mail Support", "email")
        ws.add_contact(first_name="Ann", phone="020 7946 0958", tags=["vip"])
    people = pd.DataFrame({"Name": ["Ann", "Bo"], "Phone": ["020 7946 0958", "none"], "Notes": "", "Size": "L"})
    people.to_excel("people.xlsx", index=False)
    message = {
        "identifier": "+442079460958",
        "direction": "incoming",
        "text": "Hi",
        "sent_at": "2026-03-02T12:00Z",
    }
    Path("calls.jsonl").write_text(json.dumps(message) + "\n")
    Path("archive.mbox").write_text(
        "From cy@example.org Mon Mar  2 12:00:00 2026\nFrom: Cy <cy@example.org>\nTo: support@acme.example\n"
        "Date: Mon, 2 Mar 2026 12:00:00 +0000\nSubject: Hi\n\nHello\n"
    )
    Path("vips.json").write_text(F.tags.has_any("vip").to_json())
    run_all(next(block for block in blocks("sh") if "contacts-nb messages" in block))
    said = capsys.readouterr().out
    assert "1 to reject; nothing was changed" in said
    assert said.count("1 recorded") == 2
    assert "Exported 1 contact to vips.xlsx" in said


def run_all(commands: str) -> None:
    for line in commands.splitlines():
        program, *arguments = shlex.split(line)
        assert program == "contacts-nb"
        if arguments[0] != "serve":  # it would stay
            assert main(arguments) == 0, line


def test_pictures_are_there():
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (Path(__file__).parents[1] / picture).is_file()
