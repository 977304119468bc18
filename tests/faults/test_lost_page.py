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
    with cn.open(file_without(lost, tmp_path)) as ws, pytest.raises(WorkspaceUnavailable, match="is damaged"):
        ws.check()


@pytest.mark.parametrize("lost", ["contacts", "search_index_data", "search_index_config", "search_index_idx"])
def test_a_search_that_comes_to_a_lost_page_says_so(tmp_path: Path, lost: str):
    with cn.open(file_without(lost, tmp_path)) as ws, pytest.raises(WorkspaceUnavailable, match="is damaged"):
        ws.contacts.search("ann 19").count()


def file_without(lost: str, folder: Path) -> Path:
    """The file of a workspace in which the first page of a table or index is overwritten by zeros."""
    file = folder / "contacts.db"
    with cn.create(file) as ws:
        for number in range(20):
            ws.add_contact(first_name=f"Ann {number}", phone=f"+44 20 7946 00{number:02}")
    with closing(sqlite3.connect(file)) as connection:
        statement = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = ?"
        page, size = connection.execute(statement, (lost,)).fetchone()
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(bytes(size))
    return file
