"""The file of a workspace moved, deleted or replaced while it is open: nothing is written into nowhere.

SQLite itself goes on with the file that nobody finds any more.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import contacts_nb as cn
from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.errors import NotAllowed, WorkspaceUnavailable
from contacts_nb.queries.finder import Finder
from contacts_nb.widgets import ContactsApp, Entrance
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.workspace import Workspace

ANA, BO = "ana@acme.example", "bo@acme.example"
PAGE = 4_096  # bytes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "contacts.db"


@pytest.fixture
def ws(file: Path) -> Iterator[Workspace]:
    with cn.create(file, name="Acme", owner=ANA) as made:
        for name in ("Ann", "Bo", "Cy"):
            made.add_contact(first_name=name)
        yield made


def copy_of(ws: Workspace, place: Path) -> Path:
    with sqlite3.connect(ws.address) as origin, sqlite3.connect(place) as copy:
        origin.backup(copy)
    origin.close()
    copy.close()
    return place


def names(path: Path) -> list[str]:
    """What is in a file, read by a program that knows nothing of what others have in memory."""
    code = """
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute("SELECT first_name FROM contacts ORDER BY id"):
    print(*row)
"""
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


CALLS: dict[str, Callable[[Workspace], Any]] = {
    "read": lambda ws: ws.contacts.count(),
    "write": lambda ws: ws.add_contact(first_name="Dee"),
    "frame": lambda ws: ws.contacts.to_frame(),
    "may": lambda ws: ws.may("add"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_file_that_was_moved_is_said_to_be_gone_and_put_back_it_goes_on(ws, file, name):
    ws.add_contact(first_name="Dee")
    elsewhere = file.rename(file.with_name("moved.db"))
    for _ in range(2):
        with pytest.raises(WorkspaceUnavailable) as refused:
            CALLS[name](ws)
    assert str(refused.value) == (
        f"{file} isn't there any more: it was moved or deleted. Put it, or a backup copy, back in its place; "
        "nothing can be saved until then."
    )
    assert not file.exists()
    elsewhere.rename(file)
    assert CALLS[name](ws) is not None
    assert ws.add_contact(first_name="Eve").id
    assert names(file)[:4] == ["Ann", "Bo", "Cy", "Dee"]
    assert names(file)[-1] == "Eve"
    assert ws.check() == []


def test_what_was_saved_is_in_the_moved_file_without_its_log(ws, file, tmp_path):
    ws.add_contact(first_name="Dee")
    elsewhere = file.rename(tmp_path / "moved.db")
    with pytest.raises(WorkspaceUnavailable):
        ws.contacts.count()
    assert names(elsewhere) == ["Ann", "Bo", "Cy", "Dee"]


def test_a_change_during_which_the_file_goes_is_not_said_to_be_saved(ws, file):
    def rename() -> None:
        with ws._database.write() as connection:
            connection.execute(text("UPDATE workspace SET name = 'lost'"))
            file.rename(file.with_name("moved.db"))

    with pytest.raises(WorkspaceUnavailable, match="was moved, deleted or replaced while it was written"):
        rename()
    file.with_name("moved.db").rename(file)
    assert ws.name == "Acme"


def test_a_change_during_which_another_file_comes_and_goes_is_not_saved(ws, file, tmp_path):
    copy = copy_of(ws, tmp_path / "backup.db")

    def rename() -> None:
        with ws._database.write() as connection:
            connection.execute(text("UPDATE workspace SET name = 'lost'"))
            moved = file.rename(file.with_name("moved.db"))
            copy.rename(file)
            assert ws.name == "Acme"  # read anew, from the copy
            moved.replace(file)
            assert ws.name == "Acme"

    with pytest.raises(WorkspaceUnavailable, match="while it was written"):
        rename()
    assert ws.name == "Acme"
    assert ws.add_contact(first_name="Dee").id
    assert names(file)[-1] == "Dee"


@pytest.mark.parametrize("by", ["moving", "deleting"])
def test_a_backup_copy_in_its_place_is_gone_on_with(ws, file, tmp_path, by):
    copy = copy_of(ws, tmp_path / "backup.db")
    ws.add_contact(first_name="Dee")
    app = ContactsApp(ws)
    app.state.tick([1, 4])
    assert app.state.results.total == 4
    if by == "deleting":
        file.unlink()
        copy.rename(file)
    else:
        copy.replace(file)
    app.state.keep_up()
    assert (app.state.results.total, app.state.ticked) == (3, ContactIds())
    assert ws.contacts.count() == 3
    assert ws.add_contact(first_name="Eve").id == 4
    assert names(file) == ["Ann", "Bo", "Cy", "Eve"]
    assert ws.check() == []
    with cn.open(file, user=ANA) as other:
        assert other.check() == []


HOLDING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM contacts").fetchone()
print("open", flush=True)
sys.stdin.read()
"""


def test_another_program_that_still_has_the_old_file_open_does_not_mix_the_two(ws, file, tmp_path):
    """What it keeps in memory of the old file's log mustn't be taken for that of the new one."""
    copy = copy_of(ws, tmp_path / "backup.db")
    with cn.open(copy, user=ANA) as other:
        for _ in range(12):
            other.contacts.comment("x" * 9_000)
        other.update(name="Much larger")
    ws.add_contact(first_name="Dee")
    program = [sys.executable, "-S", "-c", HOLDING, str(file)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        copy.replace(file)
        assert ws.name == "Much larger"
        assert len(ws.contacts[1].comments()) == 12
        assert ws.add_contact(first_name="Eve").id == 4
        assert ws.check() == []
        holder.communicate()
    assert names(file) == ["Ann", "Bo", "Cy", "Eve"]
    assert ws.check() == []


def test_columns_in_memory_are_not_those_of_the_file_before(ws, file, tmp_path):
    finder = ws._access.finder
    finder._fewest = 0
    copy = copy_of(ws, tmp_path / "backup.db")
    with cn.open(copy, user=ANA) as other:
        other.contacts.with_ids([1]).update(country="FR")
        ws.contacts.with_ids([2]).update(country="GB")
        assert ws.contacts.version() == other.contacts.version()
    finder.load()
    assert isinstance(finder, Finder)
    assert finder.held is not None
    assert ws.contacts.where(cn.F.country == "GB").count() == 1
    copy.replace(file)  # with as many operations, the last of which is another one
    assert ws.contacts.where(cn.F.country == "GB").count() == 0
    assert ws.contacts.where(cn.F.country == "FR").ids() == [1]
    finder.load()
    assert ws.contacts.where(cn.F.country == "FR").ids() == [1]


def test_a_page_that_was_without_its_file_reads_everything_anew(ws, file, tmp_path):
    """The copy may have as many operations as the page knows."""
    copy = copy_of(ws, tmp_path / "backup.db")
    with cn.open(copy, user=ANA) as other:
        other.contacts.with_ids([1]).update(first_name="Zoë")
    ws.contacts.with_ids([2]).update(first_name="Yve")
    app = ContactsApp(ws)
    before = app.state.results
    file.unlink()
    with pytest.raises(WorkspaceUnavailable) as refused:
        app.state.keep_up()
    app.state.unreachable = str(refused.value)
    copy.rename(file)
    app.state.keep_up()
    assert app.state.unreachable == ""
    assert app.state.results is not before
    assert {row.name for row in app.state.results.query.rows(0, 9)} == {"Zoë", "Bo", "Cy"}


def test_another_workspace_in_its_place_is_not_gone_on_with(ws, file, tmp_path):
    """Its ids are those of others: of contacts that are selected, and of whoever has it open."""
    with cn.create(tmp_path / "other.db", owner=BO) as other:
        for number in range(5):
            other.add_contact(first_name=f"Other {number}")
    before = (tmp_path / "other.db").read_bytes()
    moved = file.rename(tmp_path / "moved.db")
    (tmp_path / "other.db").rename(file)
    for call in CALLS.values():
        with pytest.raises(WorkspaceUnavailable, match="isn't the workspace that was opened here any more"):
            call(ws)
    assert file.read_bytes() == before
    with cn.open(file, user=BO) as other:
        assert other.contacts.count() == 5
        assert other.check() == []
    moved.replace(file)
    assert ws.contacts.count() == 3
    assert ws.add_contact(first_name="Dee").id == 4


@pytest.mark.parametrize("content", [b"", b"first_name\nAnn\n" * 1_000])
def test_something_else_in_its_place_is_said_and_the_right_file_goes_on(ws, file, tmp_path, content):
    moved = file.rename(tmp_path / "moved.db")
    file.write_bytes(content)
    for call in CALLS.values():
        with pytest.raises(
            cn.ContactsError, match=r"is not a contacts workspace|isn't the workspace that was opened"
        ):
            call(ws)
    assert file.read_bytes() == content
    moved.replace(file)
    assert ws.contacts.count() == 3
    assert ws.check() == []


def test_a_copy_that_comes_slowly_is_gone_on_with_when_it_is_whole(ws, file, tmp_path):
    whole = copy_of(ws, tmp_path / "backup.db").read_bytes()
    file.unlink()
    with file.open("wb") as slowly:
        for start in range(0, len(whole), len(whole) // 4):
            with pytest.raises(cn.ContactsError):
                ws.contacts.to_frame()
            slowly.write(whole[start : start + len(whole) // 4])
            slowly.flush()
    assert ws.contacts.count() == 3
    assert ws.add_contact(first_name="Dee").id == 4
    assert ws.check() == []


def test_a_copy_that_has_its_size_before_its_content_is_gone_on_with_when_it_is_whole(ws, file, tmp_path):
    """Many programs that copy files ask for all the space first."""
    whole = copy_of(ws, tmp_path / "backup.db").read_bytes()
    file.unlink()
    with file.open("wb", buffering=0) as slowly:
        slowly.truncate(len(whole))
        for start in range(0, len(whole), PAGE):
            with suppress(cn.ContactsError):
                ws.contacts.to_frame()
            slowly.write(whole[start : start + PAGE])
    assert ws.contacts.count() == 3
    assert ws.add_contact(first_name="Dee").id == 4
    assert ws.check() == []


def test_somebody_whose_number_is_that_of_another_user_in_the_copy_has_no_rights_in_it(ws, file, tmp_path):
    copy = copy_of(ws, tmp_path / "backup.db")
    with cn.open(copy, user=ANA) as other:
        other.users.add("cy@acme.example", role="owner")
    ws.users.add(BO, role="manager")
    with cn.open(file, user=BO) as bo:
        assert bo.may("delete")
        copy.replace(file)
        for _ in range(2):
            with pytest.raises(NotAllowed, match="not a user of this workspace any more"):
                bo.contacts.count()
    assert ws.contacts.count() == 3


def test_the_page_says_it_keeps_what_is_selected_and_typed_and_goes_on(ws, file):
    app = ContactsApp(ws)
    app.state.tick([1, 2])
    moved = file.rename(file.with_name("moved.db"))
    app.toolbar.search.value = "ann"
    assert "it was moved or deleted" in app.notices.content
    app.actions.tag(("vip",))
    assert "it was moved or deleted" in app.notices.content
    assert (app.state.search, app.state.ticked) == ("ann", ContactIds([1, 2]))
    moved.rename(file)
    app.state.keep_up()
    assert (app.state.results.count, app.state.ticked) == (1, ContactIds([1, 2]))
    app.actions.tag(("vip",))
    assert ws.tags["vip"].contacts == 2


def test_a_page_opened_without_the_file_can_be_tried_again(ws, file):
    moved = file.rename(file.with_name("moved.db"))
    entrance = Entrance(file, user=ANA)
    assert "There is no workspace" in entrance._page.content
    moved.rename(file)
    entrance._page.do(Gesture("again"))
    assert entrance.app is not None
