"""A browser closed in the midst of an import: its kernel ends, and what it imported is there whole or not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager, start_new_kernel

import contacts_nb as cn

CONTACTS = 3_000

# As the import panel does it, the work runs beside the page. It says that it is in the midst, and waits there.
IMPORTING = """
import time
from pathlib import Path
from sqlalchemy import Engine, event
import contacts_nb as cn
from contacts_nb.widgets.import_background import Background

ws = cn.open({path!r})
plan = ws.plan_import({people!r}, match_on="email", progress=False)

@event.listens_for(Engine, "before_cursor_execute")
def in_the_midst(_connection, _cursor, statement, *_):
    if statement.startswith("UPDATE operations"):  # all contacts are written by then
        Path({path!r} + ".midst").touch()
        time.sleep(60)

Background().run(lambda told: plan.apply(progress=False), told=print, done=print, failed=print)
"""


@pytest.mark.parametrize("how", ["shut down", "killed"])
def test_an_import_whose_page_is_closed_is_undone_and_can_be_run_again(tmp_path: Path, how: str) -> None:
    path, people = tmp_path / "contacts.db", tmp_path / "people.csv"
    people.write_text("first_name,email\n" + "".join(f"Ann,ann{n}@example.org\n" for n in range(CONTACTS)))
    with cn.create(path) as ws:
        ws.add_contact(first_name="Bo", email="bo@example.org")
    manager, client = start_new_kernel(env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    try:
        code = IMPORTING.format(path=str(path), people=str(people))
        reply = client.execute(code, reply=True, timeout=60)
        assert reply["content"]["status"] == "ok", reply["content"]
        wait_for(path.with_name("contacts.db.midst"), manager)
        manager.shutdown_kernel(now=how == "killed")  # Voilà shuts it down when its page is left
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

    with cn.open(path) as ws:
        assert ws.contacts.count() == 1
        assert ws.check() == []
        for expected in (CONTACTS, 0):
            done = ws.plan_import(people, match_on="email", progress=False).apply(progress=False)
            assert done.created == expected
        assert ws.contacts.count() == CONTACTS + 1
        assert ws.check() == []


def wait_for(file: Path, manager: KernelManager) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert manager.is_alive()
        assert time.monotonic() < deadline, "the import didn't get there"
        time.sleep(0.05)
