"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

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
    (commands,) = (block for block in blocks("sh") if "contacts-nb import" in block)

    for line in commands.splitlines():
        program, *arguments = shlex.split(line)
        assert program == "contacts-nb"
        if arguments[0] != "serve":  # it would stay
            assert main(arguments) == 0

    assert "Exported 3 contacts" in capsys.readouterr().out


def test_pictures_are_there():
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (Path(__file__).parents[1] / picture).is_file()
