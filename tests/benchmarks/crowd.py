"""A workspace of very many bare contacts still answers: opened, counted, searched, filtered, sorted and read.

    python -m tests.benchmarks.crowd --contacts 10000000

Contacts have a name, a phone, a country and a last interaction, and no messages. Beyond three million the columns
aren't held in memory, so the database answers; what is printed is how long each answer takes and the memory.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.operations.fill import Batch
from contacts_nb.workspace import Workspace

NAMES = ("Ann", "Bo", "Cy", "Dee", "Eve", "Finn", "Gus", "Hana", "Ivo", "Jun")
COUNTRIES = ("GB", "FR", "DE", None)
_AT_ONCE = 100_000
_BEGIN = 1_700_000_000_000


def batches(contacts: int) -> Iterator[Batch]:
    for first in range(1, contacts + 1, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, contacts + 1))
        yield Batch(
            contacts=(_contact(number) for number in numbers),
            contact_states=(_state(number) for number in numbers),
            contact_channels=(),
            messages=(),
            contact_tags=(),
            search_documents=((number, f"  {NAMES[number % 10].lower()}  nr{number}") for number in numbers),
        )  # fmt: skip


def _contact(number: int) -> tuple[object, ...]:
    first, last = NAMES[number % 10], f"Nr{number}"
    name = f"{first} {last}"
    keys = name.lower(), first.lower(), last.lower(), None
    return (number, first, last, None, None, None, None, COUNTRIES[number % 4], None, None, _BEGIN, name, *keys)


def _state(number: int) -> tuple[object, ...]:
    # Spread over eleven days, in no order.
    return (number, None, None, 0, None, _BEGIN + number * 7_919 % 10**9, None, None)


ANSWERS: dict[str, Callable[[Workspace], object]] = {
    "count": lambda ws: ws.contacts.count(),
    "first window by last interaction": lambda ws: len(
        ws.contacts.sort_by("last_interaction", descending=True).rows(0, 40)
    ),
    "last window by name": lambda ws: len(ws.contacts.sort_by("name").rows(ws.contacts.count() - 40, 40)),
    "search of one contact": lambda ws: ws.contacts.search("nr4711").rows(0, 40)[0].name,
    "search of a tenth: count": lambda ws: ws.contacts.search("hana").count(),
    "filter of a quarter: count": lambda ws: ws.contacts.where(F.country == "GB").count(),
    "filter of a quarter: first window by name": lambda ws: len(
        ws.contacts.where(F.country == "GB").sort_by("name").rows(0, 40)
    ),
    "tag one": lambda ws: ws.contacts.search("nr4711").tag("vip"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=10_000_000)
    parser.add_argument("--folder", help="where to write (default: a temporary one)")
    contacts, folder = vars(parser.parse_args()).values()
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        path = Path(temporary, "crowd.db")
        started = time.perf_counter()
        with cn.create(path) as ws:
            ws.fill(settings={}, batches=batches(contacts))
        made = time.perf_counter() - started
        print(f"{contacts:,} contacts made in {made:,.0f} s, {path.stat().st_size / 1e6:,.0f} MB\n", flush=True)
        with cn.open(path) as ws:
            for what, answer in ANSWERS.items():
                started = time.perf_counter()
                said = answer(ws)
                print(f"{what:<44}{(time.perf_counter() - started) * 1000:>10,.1f} ms   {said}", flush=True)
        print(f"\nat most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB of memory")


if __name__ == "__main__":
    main()
