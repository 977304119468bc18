"""What the README shows is what happens."""

from __future__ import annotations

import ast
import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.app import cli
from contacts_nb.app.cli import main
from tests import readme_tables

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory) -> Path:
    """Where all examples are tried one after another, as a reader does."""
    folder: Path = tmp_path_factory.mktemp("reader")
    return folder


@pytest.mark.parametrize("block", blocks("python"))
def test_python_examples_run(block, one_folder, monkeypatch):
    monkeypatch.chdir(one_folder)
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - the example of our own README


def test_commands_on_own_contacts_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("first_name,phone\nAnn,020 7946 0958\n")
    Path("google.csv").write_text("First Name,Last Name,E-mail 1 - Value\nBo,Ek,bo@example.org\n")
    Path("phone.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Cy Dee\nN:Dee;Cy;;;\nEND:VCARD\n")
    run_all(next(block for block in blocks("sh") if "contacts-nb init" in block), monkeypatch)
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
    run_all(next(block for block in blocks("sh") if "contacts-nb messages" in block), monkeypatch)
    said = capsys.readouterr().out
    assert "1 to reject; nothing was changed" in said
    assert said.count("1 recorded") == 2
    assert "Exported 1 contact to vips.xlsx" in said


def test_commands_on_users_and_backups_run_one_after_another(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTACTS_NB_USER", "")
    cn.create("contacts.db").close()
    run_all(next(block for block in blocks("sh") if "contacts-nb users list" in block), monkeypatch)
    backups = next(block for block in blocks("sh") if "contacts-nb backup" in block)
    run_all("\n".join(line for line in backups.splitlines() if "postgresql://" not in line), monkeypatch)
    said = capsys.readouterr().out
    assert "restrict_data_export" in said
    assert said.count("all is as it should be") == 3
    with cn.open("new.db", user="ana@acme.example") as ws:
        assert [user.email for user in ws.users] == ["ana@acme.example", "bo@acme.example"]


def test_tables_are_what_the_code_says():
    for name in readme_tables.TABLES:
        assert f"<!-- {name} -->" in README
    assert readme_tables.written(README) == README, "write them anew: python -m tests.readme_tables"


def test_every_command_that_is_shown_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("vips.json").write_text(F.tags.has_any("vip").to_json())
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("contacts-nb ")]
    assert len(lines) > 15
    # What systemd and JupyterHub are told to start.
    lines += re.findall(r"^ExecStart=\S+/(contacts-nb .+)$", README, re.MULTILINE)
    lines += [
        shlex.join(ast.literal_eval(words)) for words in re.findall(r'"command": (\[.+?\])', README, re.DOTALL)
    ]
    assert any("X-Forwarded-User" in line for line in lines[-2:])
    assert any("--jupyterhub" in line for line in lines[-2:])
    for line in lines:
        assert cli._parser().parse_args(shlex.split(line, comments=True)[1:]).run, line


def run_all(commands: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in commands.splitlines():
        program, *arguments = shlex.split(line, comments=True)
        if program == "export":
            monkeypatch.setenv(*arguments[0].split("="))
            continue
        assert program == "contacts-nb"
        if arguments[0] != "serve":  # it would stay
            assert main(arguments) == 0, line


def test_pictures_are_there():
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (Path(__file__).parents[1] / picture).is_file()
