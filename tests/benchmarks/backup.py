"""Times backup and restore of demo data, side by side with the databases' own programs.

    python -m tests.benchmarks.backup --contacts 100000 --database sqlite

Ours look through the whole copy before it counts as done, which the others don't: their time is to be compared
with that of copying alone, which stands beside it.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import make_url

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from tests.postgres_server import postgres_server


class Time(NamedTuple):
    """Seconds that one way took, those of them it was `copying`, and the size of what it made."""

    seconds: float
    copying: float
    megabytes: float


def ours(work: Callable[[Callable[[int, int | None], None]], object], made: Path | None = None) -> Time:
    """`work` is given what is to be told of its progress."""
    totals: dict[int | None, float] = {}
    started = time.perf_counter()

    def told(_done: int, total: int | None) -> None:
        totals.setdefault(total, time.perf_counter())

    work(told)
    ended = time.perf_counter()
    # The check tells of another total than the copy.
    return Time(ended - started, max(totals.values()) - started, _megabytes(made))


def program(*words: str, made: Path | None = None) -> Time:
    """What a program of the database's own needs."""
    started = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    return Time(seconds, seconds, _megabytes(made))


def _megabytes(made: Path | None) -> float:
    return 0.0 if made is None else made.stat().st_size / 1e6


def on_sqlite(folder: Path, contacts: int) -> Iterator[tuple[str, Time]]:
    """Each way in turn, on a file."""
    origin, copy = folder / "origin.db", folder / "backup.db"
    with demo_workspace(origin, contacts) as ws:
        yield "backup, ours", ours(lambda told: ws.backup(copy, progress=told), copy)
    dotted, vacuumed = folder / "dotted.db", folder / "vacuumed.db"
    yield "backup, .backup", program("sqlite3", str(origin), f".backup {dotted}", made=dotted)
    yield "backup, VACUUM INTO", program("sqlite3", str(origin), f"VACUUM INTO '{vacuumed}'", made=vacuumed)
    new = folder / "new.db"
    yield "restore, ours", ours(lambda told: cn.restore(copy, new, progress=told), new)
    again = folder / "again.db"
    yield "restore, .restore", program("sqlite3", str(again), f".restore {dotted}", made=again)


def on_postgresql(folder: Path, contacts: int) -> Iterator[tuple[str, Time]]:
    """Each way in turn, on a server."""
    with postgres_server(shared_buffers="256MB") as server:
        address = server.url(server.new_database())
        copy, dump = folder / "backup.db", folder / "backup.dump"
        with demo_workspace(address, contacts) as ws:
            yield "backup, ours", ours(lambda told: ws.backup(copy, progress=told), copy)
        yield "backup, pg_dump", program("pg_dump", "-Fc", "-f", str(dump), _plain(address), made=dump)
        new, other = (server.url(server.new_database()) for _ in range(2))
        yield "restore, ours", ours(lambda told: cn.restore(copy, new, progress=told))
        yield "restore, pg_restore", program("pg_restore", "-d", _plain(other), str(dump))


def _plain(address: str) -> str:
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    print(f"{options.contacts:,} contacts on {options.database}")
    print(f"{'':<22}{'seconds':>9}{'copying':>9}{'ours ÷':>8}{'MB':>9}")
    own: dict[str, float] = {}
    ways = on_sqlite if options.database == "sqlite" else on_postgresql
    with tempfile.TemporaryDirectory() as folder:
        for way, took in ways(Path(folder), options.contacts):
            # Of the copying alone.
            ratio = own.setdefault(way.split(",")[0], took.copying) / took.copying
            size = f"{took.megabytes:>9,.1f}" if took.megabytes else ""
            print(f"{way:<22}{took.seconds:>9.2f}{took.copying:>9.2f}{ratio:>8.2f}{size}", flush=True)
    print(
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB of memory, the demo's making included"
    )


if __name__ == "__main__":
    main()
