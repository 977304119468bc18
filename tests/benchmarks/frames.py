"""A frame of all contacts: ours, beside `pandas.read_sql` and the least that ADBC takes to fetch the same columns.

    python -m tests.benchmarks.frames --contacts 1000000 --database sqlite

Each in processes of its own, in turns, and the best of `--runs` counts; the memory is the peak above what the
process had before. ADBC on SQLite brings a library of its own and loses locks, so nothing else may be open then.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.postgres_server import postgres_server

COLUMNS = (
    *("id", "name", "first_name", "last_name", "phone", "phone_e164", "email", "country", "language"),
    *("last_interacted_channel", "last_interaction", "last_incoming", "created_at"),
    *("conversation_open", "conversation_opened"),
)
QUERY = """
SELECT c.id, c.profile_name AS name, c.first_name, c.last_name, c.phone, c.phone_e164, c.email, c.country,
       c.language, h.name AS last_interacted_channel, s.last_interaction, s.last_incoming, c.created_at,
       s.conversation_open, s.conversation_opened
FROM contacts c JOIN contact_states s ON s.contact_id = c.id LEFT JOIN channels h ON h.id = s.last_channel_id
ORDER BY c.id
"""
WAYS = ("ours", "ours, all columns", "read_sql", "ADBC")


def measured(way: str, address: str) -> dict[str, float]:
    """Seconds and megabytes of reading a frame one `way`, in this process, which must do nothing else."""
    read = _reader(way, address)
    before, started = _peak(), time.perf_counter()
    found = read()
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "megabytes": _peak() - before, "rows": len(found)}


def _reader(way: str, address: str) -> Any:
    # What any of them imports is there before the clock starts.
    import pandas as pd
    import pyarrow as pa

    import contacts_nb as cn

    assert pa.array(["text"]).to_pandas().tolist() == ["text"]
    if way.startswith("ours"):
        workspace = cn.open(address)
        chosen = COLUMNS if way == "ours" else None
        return lambda: workspace.contacts.to_frame(chosen)
    if way == "read_sql":
        from sqlalchemy import create_engine, text

        from contacts_nb.store.address import address_of

        known = address_of(address)
        connection = create_engine(f"sqlite:///{known}" if isinstance(known, Path) else known).connect()
        return lambda: pd.read_sql(text(QUERY), connection)
    if address.startswith("postgresql"):
        import adbc_driver_postgresql.dbapi as adbc

        cursor = adbc.connect(address.replace("+psycopg", "")).cursor()
    else:
        import adbc_driver_sqlite.dbapi as adbc

        cursor = adbc.connect(address).cursor()

    def fetched() -> Any:
        cursor.execute(QUERY)
        return cursor.fetch_arrow_table()

    return fetched


def _peak() -> float:
    """The most memory this program has had at once, in megabytes."""
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    # Not ru_maxrss, which on Linux begins with that of the program which started this one.
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1e3


def in_turns(address: str, runs: int) -> dict[str, dict[str, float]]:
    """The best of each way."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(runs):
        for way in WAYS:
            command = [sys.executable, "-m", "tests.benchmarks.frames", "--way", way, "--address", address]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            numbers = json.loads(done.stdout.splitlines()[-1])
            best[way] = {key: min(value, best.get(way, numbers)[key]) for key, value in numbers.items()}
    return best


@contextmanager
def place(database: str) -> Iterator[str]:
    """Where a workspace can be made."""
    if database == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield str(Path(folder, "demo.db"))
    else:
        with postgres_server() as server:
            yield server.url(server.new_database())


def made(address: str, contacts: int) -> None:
    """Make a workspace at `address`, and let the database know what is in it."""
    from sqlalchemy import create_engine

    from contacts_nb.app.demo import demo_workspace

    demo_workspace(address, contacts).close()
    if address.startswith("postgresql"):
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--address", help="measure a demo workspace that is there")
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measured(options.way, options.address)))
        return
    if options.address:
        _report(options.address, options.runs)
        return
    with place(options.database) as address:
        made(address, options.contacts)
        _report(address, options.runs)


def _report(address: str, runs: int) -> None:
    best = in_turns(address, runs)
    kind = "PostgreSQL" if address.startswith("postgresql") else "SQLite"
    print(f"{best['ours']['rows']:,.0f} contacts × {len(COLUMNS)} columns on {kind}; best of {runs}")
    print(f"{'':<20}{'seconds':>9}{'read_sql ÷':>12}{'÷ ADBC':>8}{'MB':>8}{'÷ read_sql':>12}")
    for way, numbers in best.items():
        seconds, megabytes = numbers["seconds"], numbers["megabytes"]
        print(
            f"{way:<20}{seconds:>9.2f}{best['read_sql']['seconds'] / seconds:>12.2f}"
            f"{seconds / best['ADBC']['seconds']:>8.2f}{megabytes:>8,.0f}"
            f"{megabytes / max(best['read_sql']['megabytes'], 1):>12.2f}"
        )


if __name__ == "__main__":
    main()
