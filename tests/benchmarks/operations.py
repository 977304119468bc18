"""Changes of half of all contacts, beside hand-written SQL that makes the same change without history.

    python -m tests.benchmarks.operations --contacts 1000000 --messages 1000000 --database sqlite

Both begin from copies of one demo workspace, in turns, and the best of `--runs` counts for each. "History" is what
writing the old and new values takes of our time, and what `changes` and `operations` take on the disk.
"""

from __future__ import annotations

import argparse
import functools
import shutil
import sqlite3
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from contacts_nb.operations.recording import Recording
from contacts_nb.store.schema import channels, contact_channels
from contacts_nb.workspace import Workspace
from tests.postgres_server import Server, postgres_server

HALF, FEW, BULK, TEAM = 800, 801, 900, 900
START = datetime(2036, 3, 2, tzinfo=UTC)

# What the copies begin with: one contact in two, and one in a hundred, have a tag by which they are found.
PREPARED = (
    f"INSERT INTO tags (id, name, name_key) VALUES ({HALF}, 'everysecond', 'everysecond')",
    f"INSERT INTO tags (id, name, name_key) VALUES ({FEW}, 'everyhundredth', 'everyhundredth')",
    f"INSERT INTO contact_tags (contact_id, tag_id) SELECT id, {HALF} FROM contacts WHERE id % 2 = 0",
    f"INSERT INTO contact_tags (contact_id, tag_id) SELECT id, {FEW} FROM contacts WHERE id % 100 = 0",
    f"INSERT INTO teams (id, name, name_key, created_at) VALUES ({TEAM}, 'Bulk', 'bulk', 0)",
)
_HALF = f"SELECT contact_id FROM contact_tags WHERE tag_id = {HALF}"
_FEW = f"SELECT contact_id FROM contact_tags WHERE tag_id = {FEW}"
BY_HAND = {
    "tag": (
        f"INSERT INTO tags (id, name, name_key) VALUES ({BULK}, 'new', 'new')",
        f"INSERT INTO contact_tags (contact_id, tag_id) SELECT contact_id, {BULK} FROM contact_tags"
        f" WHERE tag_id = {HALF}",
    ),
    "assign": (f"UPDATE contact_states SET team_id = {TEAM} WHERE contact_id IN ({_HALF})",),
    "delete": (
        f"CREATE TEMPORARY TABLE gone AS {_FEW}",
        "DELETE FROM messages WHERE contact_channel_id IN"
        " (SELECT id FROM contact_channels WHERE contact_id IN (SELECT contact_id FROM gone))",
        *(
            f"DELETE FROM {table} WHERE contact_id IN (SELECT contact_id FROM gone)"
            for table in (
                "contact_channels", "conversations", "comments", "contact_tags", "field_values",
                "search_documents", "contact_states",
            )
        ),
        "DELETE FROM contacts WHERE id IN (SELECT contact_id FROM gone)",
    ),
}  # fmt: skip
OURS: dict[str, Callable[[Workspace], object]] = {
    "tag": lambda ws: ws.contacts.search("everysecond").tag("new"),
    "assign": lambda ws: ws.contacts.search("everysecond").assign(team="Bulk"),
    "delete": lambda ws: (found := ws.contacts.search("everyhundredth")).delete(confirm=found.count()),
}


class Place(ABC):
    """Where copies of the prepared workspace are made."""

    address: str
    size_of_history: str
    mark: str  # of a bound value

    @abstractmethod
    def prepare(self, contacts: int) -> str | None:
        """Make the workspace that is copied; gives the e-mail address of its owner, if it has one."""

    @abstractmethod
    def copy(self) -> None:
        """Put a fresh copy at `address`."""

    @abstractmethod
    def connect(self) -> Any:
        """A driver's connection to `address`, set up as ours are, each statement by itself."""


class File(Place):
    """SQLite in a temporary folder."""

    mark = "?"
    size_of_history = "SELECT sum(pgsize) FROM dbstat WHERE name IN ({})"

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "copy.db")
        self._origin = folder / "origin.db"

    def prepare(self, contacts: int) -> str | None:
        with demo_workspace(self._origin, contacts) as workspace:
            user = workspace.user
        with closing(sqlite3.connect(self._origin, isolation_level=None)) as connection:
            for statement in PREPARED:
                connection.execute(statement)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return None if user is None else user.email

    def copy(self) -> None:
        for left in Path(self.address).parent.glob("copy.db*"):
            left.unlink()
        shutil.copy(self._origin, self.address)

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.address, isolation_level=None)
        for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "cache_size = -32768", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        return connection


class OnServer(Place):
    """Databases of a PostgreSQL server of our own."""

    mark = "%s"
    size_of_history = "SELECT sum(pg_total_relation_size(name)) FROM unnest(ARRAY[{}]) AS name"

    def __init__(self, server: Server) -> None:
        self._server = server
        self._origin = server.new_database()
        self._copy: str | None = None

    def prepare(self, contacts: int) -> str | None:
        with demo_workspace(self._server.url(self._origin), contacts) as workspace:
            user = workspace.user
        with psycopg.connect(self._dsn(self._origin), autocommit=True) as connection:
            for statement in PREPARED:
                connection.execute(statement.encode())
            connection.execute(b"VACUUM ANALYZE")
        return None if user is None else user.email

    def copy(self) -> None:
        if self._copy is not None:
            self._server.drop(self._copy)
        self._copy = self._server.new_database(self._origin)
        self.address = self._server.url(self._copy)

    def connect(self) -> psycopg.Connection[Any]:
        assert self._copy is not None
        return psycopg.connect(self._dsn(self._copy), autocommit=True)

    def _dsn(self, database: str) -> str:
        return self._server.dsn.replace("dbname=postgres", f"dbname={database}")


@contextmanager
def place(database: str) -> Iterator[Place]:
    if database == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield File(Path(folder))
    else:
        with postgres_server() as server:
            yield OnServer(server)


class Stopwatch:
    """How much of the time went into writing history."""

    def __init__(self) -> None:
        self.history = 0.0
        for name in ("add", "add_selected"):
            setattr(Recording, name, self._timed(getattr(Recording, name)))

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def timed(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return method(*arguments)
            finally:
                self.history += time.perf_counter() - started

        return timed


def by_hand(where: Place, statements: tuple[str, ...]) -> float:
    where.copy()
    with closing(where.connect()) as connection:
        started = time.perf_counter()
        connection.execute("BEGIN")
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")
        return time.perf_counter() - started


def ours(where: Place, user: str | None, change: Callable[[Workspace], object]) -> float:
    where.copy()
    with cn.open(where.address, user=user) as workspace:
        started = time.perf_counter()
        change(workspace)
        return time.perf_counter() - started


def history_megabytes(where: Place) -> float:
    tables = (
        ("changes", "ix_changes_contact_id", "operations")
        if isinstance(where, File)
        else ("changes", "operations")
    )
    with closing(where.connect()) as connection:
        statement = where.size_of_history.format(", ".join(f"'{name}'" for name in tables))
        return float(connection.execute(statement).fetchone()[0]) / 1e6


def known_identities(where: Place, user: str | None, count: int) -> list[tuple[int, str, str]]:
    """Identities there are: their ids, the names of their channels, and identifiers."""
    where.copy()
    statement = (
        select(contact_channels.c.id, channels.c.name, contact_channels.c.identifier)
        .join(channels, channels.c.id == contact_channels.c.channel_id)
        .order_by(contact_channels.c.id)
        .limit(count)
    )
    with cn.open(where.address, user=user) as workspace, workspace._database.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def log(identities: list[tuple[int, str, str]], messages: int) -> Iterator[dict[str, object]]:
    """Messages of these identities in turn, one a second; every hundredth is from somebody new."""
    for number in range(messages):
        _, channel, identifier = identities[number % len(identities)]
        if number % 100 == 99:
            channel, identifier = "SMS", f"+4477009{number % 100_000:05}"
        yield {
            "channel": channel,
            "identifier": identifier,
            "direction": "incoming",
            "text": f"Hello, this is message {number}",
            "sent_at": START + timedelta(seconds=number),
        }


def messages_by_hand(where: Place, identities: list[tuple[int, str, str]], messages: int) -> float:
    """Insert as many rows, all of them of identities whose ids are known, and nothing else."""
    where.copy()
    columns = "contact_channel_id, sent_at, number, incoming, text, operation_id"
    first = int(START.timestamp() * 1000)
    rows = (
        (
            identities[number % len(identities)][0],
            first + number * 1000,
            0,
            1,
            f"Hello, this is message {number}",
            1,
        )
        for number in range(messages)
    )
    with closing(where.connect()) as connection:
        started = time.perf_counter()
        connection.execute("BEGIN")
        if isinstance(connection, sqlite3.Connection):
            connection.executemany(f"INSERT INTO messages ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        else:
            with connection.cursor() as cursor, cursor.copy(f"COPY messages ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        connection.execute("COMMIT")
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    watch = Stopwatch()
    with place(options.database) as where:
        user = where.prepare(options.contacts)
        print(f"{options.contacts:,} contacts on {options.database}; best of {options.runs}")
        print(f"{'':<24}{'by hand s':>10}{'ours s':>9}{'ratio':>7}{'history s':>11}{'share':>7}{'history MB':>12}")

        def print_row(name: str, plain: Callable[[], float], mine: Callable[[], float]) -> float:
            best, least, history = float("inf"), float("inf"), 0.0
            for _ in range(options.runs):
                best = min(best, plain())
                watch.history = 0.0
                seconds = mine()
                if seconds < least:
                    least, history = seconds, watch.history
            print(
                f"{name:<24}{best:>10.2f}{least:>9.2f}{least / best:>7.2f}{history:>11.2f}{history / least:>7.0%}"
                f"{history_megabytes(where):>12.1f}",
                flush=True,
            )
            return least

        for name, count in (("tag", 2), ("assign", 2), ("delete", 100)):
            print_row(
                f"{name} {options.contacts // count:,}",
                lambda name=name: by_hand(where, BY_HAND[name]),  # type: ignore[misc]
                lambda name=name: ours(where, user, OURS[name]),  # type: ignore[misc]
            )
        identities = known_identities(where, user, options.messages // 10)
        seconds = print_row(
            f"record {options.messages:,}",
            lambda: messages_by_hand(where, identities, options.messages),
            lambda: ours(where, user, lambda ws: ws.record_messages(log(identities, options.messages))),
        )
        print(f"recorded {options.messages / seconds:,.0f} messages a second")


if __name__ == "__main__":
    main()
