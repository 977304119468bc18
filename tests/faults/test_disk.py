"""A disk that is full: what was begun is not done, that is said, and it works once there is space again."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, event

import contacts_nb as cn
from contacts_nb.model.errors import UnwritableFile, WorkspaceUnavailable
from contacts_nb.store import migrate
from contacts_nb.widgets import ContactsApp
from contacts_nb.widgets.actions import FileKind
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.workspace import Workspace

LONG = "x" * 5_000


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with cn.create(tmp_path / "contacts.db", name="Acme") as made:
        for number in range(1, 30):
            made.add_contact(first_name=f"Ann {number}", email=f"ann{number}@example.org")
        yield made


@contextmanager
def full(ws: Workspace) -> Iterator[None]:
    """As if the disk had no room for another page of the database."""

    def limit(connection: Connection) -> None:
        cursor = connection.connection.cursor()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")

    writer = ws._database._writer
    event.listen(writer, "begin", limit, insert=True)
    try:
        yield
    finally:
        event.remove(writer, "begin", limit)
        ws._database.close()  # and the connections that are limited


def everything(ws: Workspace) -> tuple[object, ...]:
    return ws.contacts.version(), ws.contacts.to_frame().to_csv(), len(ws.tags)


CHANGES: dict[str, Callable[[Workspace], Any]] = {
    "add": lambda ws: ws.add_contact(first_name="Bo", picture=f"https://example.org/{LONG[:1_900]}"),
    "comment": lambda ws: ws.contacts.comment(LONG),
    "update": lambda ws: ws.contacts.update(first_name=LONG[:200]),
    "import": lambda ws: ws.plan_import(
        pd.DataFrame({"first_name": [f"Bo {number}" for number in range(2_000)]}), progress=False
    ).apply(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_on_a_full_disk_nothing_is_changed_and_it_works_when_there_is_space(ws, name):
    states = [everything(ws)]

    def change_until_full() -> None:
        for _ in range(20):  # as far as what is left of the last page goes
            CHANGES[name](ws)
            states.append(everything(ws))

    with full(ws):
        with pytest.raises(WorkspaceUnavailable) as refused:
            change_until_full()
        assert everything(ws) == states[-1]
    assert str(refused.value) == (
        f"The disk of {ws.path} is full. Nothing was changed; free some space, then try again."
    )
    CHANGES[name](ws)
    assert everything(ws) != states[-1]
    assert ws.check() == []


def test_on_the_page_a_full_disk_is_said_and_what_is_selected_stays(ws):
    app = ContactsApp(ws)
    app.state.tick(range(1, 30))
    with full(ws):
        app.actions.tag((LONG[:250],))
        for number in range(40):
            if app.state.problem:
                break
            app.actions.tag((f"{number} {LONG[:200]}",))
    assert "is full. Nothing was changed" in app.notices.content
    assert len(app.state.ticked) == 29
    app.actions.tag(("vip",))
    assert app.state.problem == ""
    assert "29 contacts" in app.notices.content


@pytest.fixture
def full_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts of files are written to a disk that is full."""
    touch = Path.touch

    def on_full_disk(path: Path, *given: Any, **named: Any) -> None:
        if path.suffix == ".part":
            path.symlink_to("/dev/full")
        else:
            touch(path, *given, **named)

    monkeypatch.setattr(Path, "touch", on_full_disk)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.filterwarnings("ignore:Exception ignored in.*ZipFile")  # openpyxl's, which it leaves open
@pytest.mark.parametrize("name", ["people.csv", "people.xlsx", "people.vcf"])
def test_an_export_to_a_full_disk_says_so_and_leaves_the_old_file(ws, tmp_path, full_drafts, name):
    write = {".csv": ws.contacts.to_csv, ".xlsx": ws.contacts.to_xlsx, ".vcf": ws.contacts.to_vcard}
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / name).write_text("the export of yesterday")
    with pytest.raises(UnwritableFile) as refused:
        write[Path(name).suffix](folder / name, progress=False)
    assert "No space left on device" in str(refused.value)
    assert "Check the rights and the space left" in str(refused.value)
    assert [file.name for file in folder.iterdir()] == [name]
    assert (folder / name).read_text() == "the export of yesterday"
    del refused
    gc.collect()


@pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO")  # the file for the browser, not closed then
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_on_the_page_an_export_to_a_full_disk_is_said(ws, full_drafts):
    app = ContactsApp(ws)
    app.state.tick([1, 2])
    app.actions.export(FileKind.CSV)
    assert "No space left on device" in app.notices.content
    assert len(app.state.ticked) == 2
    del app
    gc.collect()


def test_a_temporary_file_that_does_not_fit_is_said_in_words():
    said = sentence_of(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert said.startswith("There is no space left on a disk of the machine")


def test_without_space_for_a_copy_nothing_is_upgraded(ws, tmp_path, monkeypatch):
    def full_disk(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(migrate, "NEWEST", "9999")
    monkeypatch.setattr(migrate, "REVISIONS", (*migrate.REVISIONS, "9999"))
    monkeypatch.setattr("contacts_nb.store.sqlite.backed_up", full_disk)
    with pytest.raises(WorkspaceUnavailable, match=r"no backup copy.*Nothing was changed; make room"):
        cn.open(ws.path)
    assert [file.name for file in tmp_path.glob("*schema*")] == []
    assert ws.contacts.count() == 29


# Run as somebody who isn't root, who may write anywhere. What is imported late is imported before: the interpreter
# itself may be out of reach then.
AS_ANOTHER = """
import os, sys, tempfile
import contacts_nb as cn

def use(ws, name):
    print(ws.contacts.count(), flush=True)
    try:
        ws.add_contact(first_name=name)
    except cn.ContactsError as error:
        print(type(error).__name__, error)
    print(ws.contacts.count())

with tempfile.TemporaryDirectory() as folder, cn.create(folder + "/contacts.db") as ws:
    use(ws, "Ann")
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    with cn.open(sys.argv[1]) as ws:
        use(ws, "Bo")
except cn.ContactsError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def readable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace in a folder that others can reach, in which `AS_ANOTHER` isn't allowed to write."""
    folder = Path("/var/tmp") / f"contacts-nb-{os.getpid()}-{tmp_path_factory.mktemp('x').name}"  # noqa: S108
    folder.mkdir()
    path = folder / "contacts.db"
    with cn.create(path) as ws:
        ws.add_contact(first_name="Ann")
    yield path
    folder.chmod(0o755)
    shutil.rmtree(folder)


def as_another(path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER, str(path)], stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()[2:]


def test_a_file_that_may_not_be_written_can_be_read_and_says_so_when_it_is_changed(readable):
    readable.chmod(0o444)
    readable.parent.chmod(0o777)
    first, refusal, last = as_another(readable)
    assert (first, last) == ("1", "1")
    assert refusal == (
        f"WorkspaceUnavailable {readable} can't be written. Check the rights of the file, of those beside it that "
        "end with -wal and -shm, and of its folder."
    )
    for file in readable.parent.iterdir():
        file.chmod(0o666)
    assert as_another(readable) == ["1", "2"]


def test_a_folder_in_which_nothing_may_be_written_is_said_at_opening(readable):
    readable.chmod(0o666)
    readable.parent.chmod(0o555)
    (said,) = as_another(readable)
    assert said.startswith(f"WorkspaceUnavailable {readable} can't be written. Check the rights of the file")
    assert said.endswith("and of its folder.")
    readable.parent.chmod(0o777)
    assert as_another(readable) == ["1", "2"]


def test_a_folder_in_which_nothing_may_be_written_can_be_read_while_somebody_else_has_it_open(readable):
    readable.parent.chmod(0o555)
    with cn.open(readable) as ws:
        ws.add_contact(first_name="Cy")
        first, refusal, last = as_another(readable)
    assert (first, last) == ("2", "2")
    assert "can't be written" in refusal
