"""Running commands, and looking at what they left behind."""

import re
from pathlib import Path

import contacts_nb as cn
from contacts_nb.app.cli import main

HEADER_AND_ROW = "name,email\nAnn,ann@example.org\n"
PEOPLE = "first_name,last_name,phone,email\nAnn,Smith,020 7946 0958,ann@example.org\nBob,Jones,,bob@example.org\n"
# Where nobody may make a file, not even root.
UNWRITABLE = "/sys"


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
