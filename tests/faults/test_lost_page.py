"""A page of a workspace's file that is lost: a check ends and says so, whatever the page was of."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import contacts_nb as cn
from contacts_nb.model.errors import WorkspaceUnavailable


@pytest.mark.parametrize(
    "lost", ["contacts", "changes", "search_index_data", "sqlite_sequence", "ix_contacts_phone_e164", "merges"]
)
def test_a_check_of_a_file_in_which_a_page_was_lost_ends_and_says_so(tmp_path: Path, lost: str):
    file = tmp_path / "contacts.db"
    with cn.create(file) as ws:
        for number in range(20):
            ws.add_contact(first_name=f"Ann {number}", phone=f"+44 20 7946 00{number:02}")
    with closing(sqlite3.connect(file)) as connection:
        statement = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = ?"
        page, size = connection.execute(statement, (lost,)).fetchone()
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(bytes(size))
    with cn.open(file) as ws, pytest.raises(WorkspaceUnavailable, match="is damaged"):
        ws.check()
