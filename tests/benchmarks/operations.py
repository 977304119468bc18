"""Changes of all contacts, beside hand-written SQL that makes the same change without history (SQLite).

    python -m tests.benchmarks.operations --contacts 500000

Each change is made on a copy of one demo workspace, so that each begins from the same file.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from contacts_nb.workspace import Workspace

BY_HAND = {
    "tag": (
        "INSERT INTO tags (id, name, name_key) VALUES (900, 'bulk', 'bulk')",
        "INSERT INTO contact_tags SELECT id, 900 FROM contacts",
    ),
    "assign": ("UPDATE contact_states SET team_id = 1",),
}
OURS: dict[str, Callable[[Workspace], object]] = {
    "tag": lambda ws: ws.contacts.tag("bulk"),
    "assign": lambda ws: ws.contacts.assign(team="Sales"),
}
START = datetime(2026, 3, 2, tzinfo=UTC)


def by_hand(path: Path, statements: tuple[str, ...]) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        # As the store sets them, so that only the statements differ.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute("PRAGMA temp_store = MEMORY")
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")
        return time.perf_counter() - started


def ours(path: Path, change: Callable[[Workspace], object]) -> float:
    with cn.open(path) as workspace:
        started = time.perf_counter()
        change(workspace)
        return time.perf_counter() - started


def pages(path: Path) -> int:
    """The size of the database in bytes, its log included."""
    with cn.open(path) as workspace, workspace._database.write() as connection:
        count: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        size: int = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        return count * size


def log(messages: int) -> Iterator[dict[str, object]]:
    for number in range(messages):
        yield {
            "channel": "SMS",
            "identifier": f"new-{number % max(1, messages // 10)}",
            "direction": "incoming",
            "text": f"Hello, this is message {number}",
            "sent_at": START + timedelta(seconds=number),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=500_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        origin = Path(folder, "origin.db")
        with demo_workspace(origin, options.contacts) as workspace:
            workspace.teams.add("Sales")
        copy = Path(folder, "copy.db")

        def fresh() -> Path:
            for left in Path(folder).glob("copy.db*"):
                left.unlink()
            shutil.copy(origin, copy)
            return copy

        print(f"{options.contacts:,} contacts, SQLite")
        print(f"{'what':<24}{'by hand s':>10}{'ours s':>10}{'ratio':>8}{'MB more':>9}")
        for name, statements in BY_HAND.items():
            plain = by_hand(fresh(), statements)
            bare = pages(copy)
            kept = ours(fresh(), OURS[name])
            more = (pages(copy) - bare) / 1e6
            print(f"{name:<24}{plain:>10.2f}{kept:>10.2f}{kept / plain:>8.2f}{more:>9.1f}")
        path = fresh()
        with cn.open(path) as workspace:
            found = workspace.contacts.search("an")
            count = found.count()
        seconds = ours(path, lambda ws: ws.contacts.search("an").delete(confirm=count))
        print(f"{f'delete {count:,}':<24}{'':>10}{seconds:>10.2f}")
        seconds = ours(fresh(), lambda ws: ws.record_messages(log(options.messages)))
        pace = f"{options.messages / seconds:,.0f} messages a second"
        print(f"{f'record {options.messages:,}':<24}{'':>10}{seconds:>10.2f}  {pace}")


if __name__ == "__main__":
    main()
