"""How long a demo workspace takes to make, phase by phase, beside a floor: the same rows, bare tables.

Run with `python -m tests.benchmarks.demo --contacts 1000000`. The floor is plain `sqlite3` inserting the same
tuples into tables without keys, indexes, checks or search, so the ratio is the price of all of these.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from contacts_nb.app.demo_people import demo_batches
from contacts_nb.app.demo_settings import settings_rows
from contacts_nb.operations.fill import COLUMNS, Batch, fill
from contacts_nb.store import migrate, schema
from contacts_nb.store.database import Database

NOW = datetime(2026, 3, 14, tzinfo=UTC)
SEED = 1


class Stopwatch:
    """Wall and CPU seconds of this process, by phase."""

    def __init__(self) -> None:
        self.wall: defaultdict[str, float] = defaultdict(float)
        self.cpu: defaultdict[str, float] = defaultdict(float)
        self._since = time.perf_counter(), time.process_time()

    def lap(self, phase: str) -> None:
        """Add what passed since the last lap to `phase`."""
        now = time.perf_counter(), time.process_time()
        self.wall[phase] += now[0] - self._since[0]
        self.cpu[phase] += now[1] - self._since[1]
        self._since = now


def timed(batches: Iterable[Batch], watch: Stopwatch) -> Iterator[Batch]:
    watch.lap("insert")
    for batch in batches:
        watch.lap("generate")
        yield batch
        watch.lap("insert")
    watch.lap("generate")


def workspace_made(path: Path, contacts: int) -> Stopwatch:
    path.touch()
    database = Database(path)
    with database.write() as connection:
        migrate.upgrade(connection)
        connection.execute(insert(schema.workspace).values(id=1, name="Demo", time_zone="UTC", created_at=NOW))
    watch = Stopwatch()
    before = {"indexes": "insert", "search": "indexes"}
    with database.write() as connection:
        fill(
            connection,
            database.address,
            settings=settings_rows(NOW),
            batches=timed(demo_batches(contacts, SEED, NOW), watch),
            progress=lambda phase, _: watch.lap(before.get(phase, "insert")),
        )
    database.close()
    watch.lap("search, commit")
    return watch


def floor_made(path: Path, contacts: int) -> Stopwatch:
    connection = sqlite3.connect(path, isolation_level=None)
    for table, columns in COLUMNS.items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
    watch = Stopwatch()
    connection.execute("BEGIN")
    for batch in timed(demo_batches(contacts, SEED, NOW), watch):
        for field in fields(Batch):
            marks = ", ".join("?" * len(COLUMNS[field.name]))
            connection.executemany(f"INSERT INTO {field.name} VALUES ({marks})", getattr(batch, field.name))
    connection.execute("COMMIT")
    connection.close()
    watch.lap("insert")
    return watch


def peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=20_000, help="how many to make (default: 20000)")
    parser.add_argument("--folder", help="where to write, to measure another disk (default: a temporary one)")
    contacts, folder = vars(parser.parse_args()).values()
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        made, bare = Path(temporary) / "made.db", Path(temporary) / "bare.db"
        watch = workspace_made(made, contacts)
        peak, size = peak_megabytes(), made.stat().st_size / 1e6
        made.unlink()
        floor = floor_made(bare, contacts)
        bare_size = bare.stat().st_size / 1e6

    print(f"{contacts:,} contacts\n\n{'':<18}{'wall s':>9}{'CPU s':>9}{'floor s':>9}{'floor CPU':>11}{'ratio':>8}")
    for phase in ("generate", "insert", "indexes", "search, commit"):
        print_row(phase, watch.wall[phase], watch.cpu[phase], floor.wall[phase], floor.cpu[phase])
    totals = [sum(seconds.values()) for seconds in (watch.wall, watch.cpu, floor.wall, floor.cpu)]
    generating = [seconds["generate"] for seconds in (watch.wall, watch.cpu, floor.wall, floor.cpu)]
    print_row("all but generate", *(total - part for total, part in zip(totals, generating, strict=True)))
    print_row("total", *totals)
    print(f"\nfile {size:,.0f} MB (floor {bare_size:,.0f} MB), peak memory {peak:,.0f} MB")


def print_row(phase: str, wall: float, cpu: float, floor: float, floor_cpu: float) -> None:
    compared = f"{floor:9.2f}{floor_cpu:11.2f}{wall / floor:8.2f}" if floor else ""
    print(f"{phase:<18}{wall:9.2f}{cpu:9.2f}{compared}")


if __name__ == "__main__":
    main()
