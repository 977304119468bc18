"""A file of a million people in and out: ours, beside what only moves rows.

    python -m tests.benchmarks.exchange --rows 1000000 --database sqlite

The file has 12 columns, realistic phones of 20 countries, and 2 % bad rows. *Ours* plans the import, matched on
phone, and applies it: every value checked, phones in E.164, history, indexes and search kept. Beside it, on
SQLite, `sqlite3`'s `.import` of the same file into a bare table without types or indexes, and `pandas.to_sql` of
it; on PostgreSQL `COPY` into such a table. Out, `to_csv` of 14 columns stands beside `sqlite3 -csv`, or `COPY`, of
a query that joins the same. Each is done in a process of its own, in turns, and the best of `--runs` counts; the
memory is the most that process had at once.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import phonenumbers

from tests.benchmarks.frames import _peak
from tests.postgres_server import postgres_server

COUNTRIES = (
    *("GB", "US", "DE", "FR", "ES", "IT", "NL", "BE", "PT", "PL"),
    *("SE", "AT", "CH", "IE", "IN", "BR", "MX", "ZA", "AU", "JP"),
)
HEADER = (
    *("first_name", "last_name", "email", "phone", "country", "language", "city", "company", "job_title"),
    *("tags", "plan", "visits"),
)
COLUMNS = (
    *("id", "first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture", "tags"),
    *("plan", "visits", "last_interaction", "created_at"),
)
BAD = 0.02
SEED = 5
_GIVEN = ("Ann", "Bo", "Cy", "Dee", "Eve", "Zoë", "José", "Lena", "Omar", "Yuki", "Ivo", "Maya")
_FAMILY = ("Smith", "Jones", "Müller", "García", "Rossi", "Novak", "Kowalski", "Dubois", "Svensson", "Okafor")

# What the same columns cost without any of our code; %s is what joins texts in that database.
QUERY = """
SELECT c.id, c.first_name, c.last_name, c.phone, c.phone_e164, c.email, c.country, c.language, c.picture,
       (SELECT %s FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id = c.id),
       (SELECT value FROM field_values v WHERE v.contact_id = c.id AND v.field_id = 1),
       (SELECT value FROM field_values v WHERE v.contact_id = c.id AND v.field_id = 2),
       s.last_interaction, c.created_at
FROM contacts c JOIN contact_states s ON s.contact_id = c.id ORDER BY c.id
"""


def write_people(path: Path, rows: int) -> None:
    """Write the file to be imported."""
    chance = random.Random(SEED)  # noqa: S311 - the same people each time
    examples = {
        region: phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        for region in COUNTRIES
    }
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number in range(rows):
            region = chance.choice(COUNTRIES)
            example = examples[region]
            assert example is not None
            digits = phonenumbers.national_significant_number(example)[:-6] + f"{chance.randrange(10**6):06}"
            spaced = f"+{example.country_code} {digits[:3]} {digits[3:6]} {digits[6:]}"
            phone = spaced if chance.random() < 0.5 else spaced.replace(" ", "")
            first = f"{chance.choice(_GIVEN)} {chance.randrange(1_000)}"
            last = f"{chance.choice(_FAMILY)} {chance.randrange(10_000)}"
            email = f"person{number}@example.org"
            if chance.random() < BAD:
                phone, email = chance.choice([("none", email), (phone, "no address"), ("4.47E+11", email)])
            writer.writerow(
                (
                    *(first, last, email, phone, region, chance.choice(["en", "de", "fr"]), "Town", "Acme Ltd"),
                    *(
                        "Buyer",
                        chance.choice(["", "vip", "lead", "vip, lead"]),
                        chance.choice(["gold", "silver", ""]),
                    ),
                    chance.randrange(100),
                )
            )


def plan_and_apply(file: str, address: str) -> dict[str, float]:
    """Import with everything that belongs to it; gives the seconds of its two halves."""
    import contacts_nb as cn

    with cn.create(address, phone_region="GB") as workspace:
        workspace.fields.add("Plan", "list", allowed=["gold", "silver"])
        workspace.fields.add("Visits", "number")
        started = time.perf_counter()
        plan = workspace.plan_import(file, match_on="phone", progress=False)
        planned = time.perf_counter()
        done = plan.apply(progress=False)
        ended = time.perf_counter()
    return {
        "seconds": ended - started,
        "plan": planned - started,
        "created": done.created,
        "rejected": len(done.rejected),
        "megabytes": _peak(),
    }


def export_csv(file: str, address: str) -> dict[str, float]:
    """Export what was imported."""
    import contacts_nb as cn

    with cn.open(address) as workspace:
        started = time.perf_counter()
        workspace.contacts.to_csv(file, columns=COLUMNS, progress=False)
        return {"seconds": time.perf_counter() - started, "megabytes": _peak()}


def to_sql(file: str, address: str) -> dict[str, float]:
    """Read and write the same rows by pandas, as texts."""
    import pandas as pd
    import pyarrow as pa
    from sqlalchemy import create_engine

    assert pa.array(["text"]).to_pandas().tolist() == ["text"]  # what both import is there before the clock starts
    engine = create_engine(f"sqlite:///{address}" if "://" not in address else address)
    started = time.perf_counter()
    pd.read_csv(file, dtype="str").to_sql("bare", engine, index=False)
    seconds = time.perf_counter() - started
    engine.dispose()
    return {"seconds": seconds, "megabytes": _peak()}


def shell_import(file: str, address: str) -> dict[str, float]:
    """The limit: rows into a bare table, by the database's own program or protocol."""
    if "://" not in address:
        return _shell("-cmd", ".mode csv", address, f".import {file} bare")
    import psycopg

    columns = ", ".join(f"{name} text" for name in HEADER)
    with psycopg.connect(address.replace("+psycopg", "")) as connection, Path(file).open("rb") as stream:
        started = time.perf_counter()
        connection.execute(f"CREATE TABLE bare ({columns})".encode())
        with connection.cursor().copy(b"COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            while part := stream.read(1 << 20):
                copy.write(part)
        connection.commit()
        return {"seconds": time.perf_counter() - started}


def shell_export(file: str, address: str) -> dict[str, float]:
    """The same columns as CSV, by the database's own program or protocol."""
    if "://" not in address:
        return _shell("-csv", "-header", address, QUERY % "group_concat(t.name, ', ')", output=file)
    import psycopg

    query = (QUERY % "string_agg(t.name, ', ')").strip()
    with psycopg.connect(address.replace("+psycopg", "")) as connection, Path(file).open("wb") as stream:
        started = time.perf_counter()
        with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)".encode()) as copy:
            stream.writelines(copy)
        return {"seconds": time.perf_counter() - started}


def _shell(*words: str, output: str | None = None) -> dict[str, float]:
    started = time.perf_counter()
    with open(output or "/dev/null", "wb") as stream:  # noqa: PTH123 - a device, too
        subprocess.run(["sqlite3", *words], check=True, stdout=stream)
    return {"seconds": time.perf_counter() - started}


WAYS: dict[str, Callable[[str, str], dict[str, float]]] = {
    "import, ours": plan_and_apply,
    "import, by the database": shell_import,
    "import, pandas.to_sql": to_sql,
    "export, ours": export_csv,
    "export, by the database": shell_export,
}


@contextmanager
def places(database: str, folder: Path) -> Iterator[Callable[[], str]]:
    """What gives a new place for a database each time."""
    if database == "sqlite":
        names = (str(folder / f"{number}.db") for number in range(1_000))
        yield partial(next, names)
        return
    with postgres_server() as server:
        yield lambda: server.url(server.new_database())


def in_turns(database: str, rows: int, runs: int) -> dict[str, dict[str, float]]:
    """The best of each way."""
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_people(folder / "people.csv", rows)
        with places(database, folder) as new_place:
            for _ in range(runs):
                filled = new_place()
                for way in WAYS:
                    is_export = way.startswith("export")
                    place = filled if is_export or way == "import, ours" else new_place()
                    file = folder / ("out.csv" if is_export else "people.csv")
                    numbers = _apart(way, str(file), place)
                    if way not in best or numbers["seconds"] < best[way]["seconds"]:
                        best[way] = numbers
    return best


def _apart(way: str, file: str, address: str) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.exchange",
        "--way",
        way,
        "--file",
        file,
        "--address",
        address,
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    numbers: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--runs", type=int, default=2)
    for hidden in ("--way", "--file", "--address"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(WAYS[options.way](options.file, options.address)))
        return
    _report(in_turns(options.database, options.rows, options.runs), options)


def _report(best: dict[str, dict[str, float]], options: argparse.Namespace) -> None:
    ours = best["import, ours"]
    print(f"{options.rows:,} rows × {len(HEADER)} columns on {options.database}; best of {options.runs}")
    print(f"{'':<26}{'seconds':>9}{'rows/s':>11}{'ours ÷':>9}{'MB':>8}")
    for way, numbers in best.items():
        seconds = numbers["seconds"]
        rate = best[f"{way.split(',')[0]}, ours"]["seconds"] / seconds
        memory = f"{numbers['megabytes']:>8,.0f}" if "megabytes" in numbers else ""
        print(f"{way:<26}{seconds:>9.2f}{options.rows / seconds:>11,.0f}{rate:>9.2f}{memory}")
    print(
        f"import, ours: {ours['plan']:.2f} s to plan and {ours['seconds'] - ours['plan']:.2f} s to apply; "
        f"{ours['created']:,.0f} created, {ours['rejected']:,.0f} rejected"
    )


if __name__ == "__main__":
    main()
