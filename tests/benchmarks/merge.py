"""Merges and unmerges: with few messages and with many, one and ten thousand, and until they are found.

    python -m tests.benchmarks.merge --contacts 100000 --messages 100000 --databases sqlite postgresql

All is done in copies of a demo workspace, on each database in turn (PostgreSQL doesn't wait for its disk).

- Two contacts with 10 messages each, and two with `--messages` each, are merged and unmerged in turns, `--runs`
  times; medians. *Ratio* is what many messages take, divided by what few do. "Move" stands beside them: an UPDATE
  that gives the other's messages to an identity of the survivor, as merging would be without groups.
- `--merges` pairs of contacts are merged by one plan of a frame; in another copy, a tenth as many by a plan each.
- A search by the other's phone comes right after each of `--runs` merges, with columns in memory: in the workspace
  that merged, and in another that has the same open. It must find the survivor, and the other after the unmerge.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import NamedTuple, TypeVar

import pandas as pd
from sqlalchemy import select, update

import contacts_nb as cn
from contacts_nb.model.errors import CannotMerge
from contacts_nb.store.schema import contact_channels, contacts, messages
from contacts_nb.workspace import Workspace
from tests.benchmarks.operations import Place, place

FEW = 10
START = datetime(2036, 3, 2, tzinfo=UTC)
CHANNEL = "Benchmark"
_MOVES = 3  # each leaves as many dead rows on PostgreSQL

Given = TypeVar("Given")


class Pair(NamedTuple):
    """Two contacts to be merged, their identities, and the operation that recorded the other's messages."""

    survivor: int
    other: int
    identities: tuple[int, int]
    recorded: int | None


class Watch:
    """Milliseconds, by what was done and with how many messages."""

    def __init__(self) -> None:
        self.times: defaultdict[tuple[str, int], list[float]] = defaultdict(list)

    def timed(self, what: str, messages: int, call: Callable[[], Given]) -> Given:
        started = time.perf_counter()
        given = call()
        self.times[what, messages].append((time.perf_counter() - started) * 1_000)
        return given

    def median(self, what: str, messages: int = 0) -> float:
        return median(self.times[what, messages])


def added_pair(ws: Workspace, count: int) -> Pair:
    """Two new contacts with so many messages each and something in most of their fields."""
    found = []
    for side in range(2):
        identifier = f"pair-{count}-{side}"
        log = pd.DataFrame(
            {
                "channel": CHANNEL,
                "identifier": identifier,
                "direction": "incoming",
                "text": [f"Hello, this is message {number}" for number in range(count)],
                "sent_at": [START + timedelta(seconds=2 * number + side) for number in range(count)],
            }
        )
        recorded = ws.record_messages(log)
        with ws._database.read() as connection:
            statement = select(contact_channels.c.contact_id, contact_channels.c.id)
            ((contact_id, identity),) = connection.execute(
                statement.where(contact_channels.c.identifier == identifier)
            )
        ws.contacts[contact_id].update(
            first_name=f"Ann {side}", country=["GB", "FR"][side], fields={"visits": side}
        )
        ws.contacts[contact_id].tag("vip", f"side {side}")
        ws.contacts[contact_id].comment("Prefers tea")
        found.append((contact_id, identity, recorded.id))
    (survivor, one, _), (other, another, operation) = found
    return Pair(survivor, other, (one, another), operation)


def merge_in_turns(ws: Workspace, pairs: dict[int, Pair], runs: int) -> Watch:
    """Merge and unmerge each of the pairs, which are given by how many messages they have."""
    watch = Watch()
    for _ in range(runs):
        for count, pair in pairs.items():
            plan = watch.timed("plan a merge", count, partial(ws.plan_merge, pair.survivor, pair.other))
            watch.timed("merge", count, plan.apply)
            undo = watch.timed("plan an unmerge", count, partial(ws.plan_unmerge, pair.other))
            watch.timed("unmerge", count, undo.apply)
    for _ in range(min(runs, _MOVES)):
        for count, pair in pairs.items():
            watch.timed("move", count, partial(_move, ws, pair))
            watch.timed("move back", count, partial(_move, ws, pair, back=True))
    return watch


def _move(ws: Workspace, pair: Pair, *, back: bool = False) -> None:
    """Give the other's messages to the survivor's identity."""
    target, source = reversed(pair.identities) if back else pair.identities
    whose = messages.c.contact_channel_id
    with ws._database.write() as connection:
        connection.execute(
            update(messages)
            .where(whose == source, messages.c.operation_id == pair.recorded)
            .values(contact_channel_id=target)
        )


def drawn_pairs(ws: Workspace, count: int) -> pd.DataFrame:
    """So many pairs of contacts, each in one of them."""
    ids = ws.contacts.sort_by("created_at").ids().tolist()
    count = min(count, len(ids) // 2)
    drawn = random.Random(6).sample(ids, 2 * count)  # noqa: S311 - the same each time
    return pd.DataFrame({"one": drawn[:count], "other": drawn[count:]})


class Bulk(NamedTuple):
    """How many were merged and skipped, and the seconds that plans and merges took."""

    merged: int
    skipped: int
    planned: float
    applied: float


def by_frame(ws: Workspace, pairs: pd.DataFrame) -> Bulk:
    started = time.perf_counter()
    plan = ws.plan_merges(pairs)
    planned = time.perf_counter()
    done = plan.apply(progress=False)
    return Bulk(done.merged, len(done.skipped), planned - started, time.perf_counter() - planned)


def by_a_plan_each(ws: Workspace, pairs: pd.DataFrame) -> Bulk:
    planned = applied = 0.0
    skipped = 0
    for one, other in pairs.itertuples(index=False):
        started = time.perf_counter()
        try:
            plan = ws.plan_merge(one, other)
        except CannotMerge:
            skipped += 1
            continue
        between = time.perf_counter()
        plan.apply()
        planned, applied = planned + between - started, applied + time.perf_counter() - between
    return Bulk(len(pairs) - skipped, skipped, planned, applied)


def search_in_turns(where: Place, user: str | None, runs: int) -> tuple[Watch, int]:
    """What searches by the other's phone take around merges, and how many of them found who they had to."""
    watch, right = Watch(), 0
    with _held(where, user) as ws, _held(where, user) as elsewhere:
        for one, other, phone in _with_phones(ws, runs):
            plan = ws.plan_merge(one, other, survivor=one)
            steps: tuple[tuple[str, Callable[[], object], int], ...] = (
                ("before the merge", lambda: None, other),
                ("first after the merge", plan.apply, one),
                ("again", lambda: None, one),
                ("first after the unmerge", partial(_unmerge, ws, other), other),
            )  # fmt: skip
            for said, do, expected in steps:
                do()
                for name, asked in (("", ws), (", elsewhere", elsewhere)):
                    found = watch.timed(said + name, 0, partial(_asked, asked, phone))
                    right += found == [expected]
    return watch, right


def _unmerge(ws: Workspace, other: int) -> None:
    ws.plan_unmerge(other).apply()


def _asked(ws: Workspace, phone: str) -> list[int]:
    """The ids of all whom the table would show."""
    found = ws.contacts.search(phone)
    found.count()
    return [row.id for row in found.rows(0, 100)]


@contextmanager
def _held(where: Place, user: str | None) -> Iterator[Workspace]:
    """The workspace with its columns in memory."""
    with cn.open(where.address, user=user) as ws:
        ws._access.finder._fewest = 0
        ws._access.finder.load()
        yield ws


def _with_phones(ws: Workspace, count: int) -> list[tuple[int, int, str]]:
    """So many pairs of contacts, and the other's phone, which nobody else has."""
    statement = select(contacts.c.id, contacts.c.phone_e164).where(contacts.c.phone_e164.is_not(None))
    with ws._database.read() as connection:
        rows = [(number, phone) for number, phone in connection.execute(statement.order_by(contacts.c.id))]
    drawn = iter(random.Random(7).sample(rows, min(len(rows), 8 * count)))  # noqa: S311 - the same each time
    pairs: list[tuple[int, int, str]] = []
    for (one, _), (other, phone) in zip(drawn, drawn, strict=False):
        if len(pairs) < count and _asked(ws, phone) == [other]:
            pairs.append((one, other, phone))
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--merges", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=15)
    choices = ["sqlite", "postgresql"]
    parser.add_argument("--databases", nargs="+", choices=choices, default=choices)
    options = parser.parse_args()
    for database in options.databases:
        with place(database) as where:
            user = where.prepare(options.contacts)
            print(f"{options.contacts:,} contacts on {database}; medians of {options.runs}")
            where.copy()
            with cn.open(where.address, user=user) as ws:
                ws.channels.add(CHANNEL, "custom")
                pairs = {count: added_pair(ws, count) for count in (FEW, options.messages)}
                _report_sizes(merge_in_turns(ws, pairs, options.runs), options.messages)
            _report_bulk(where, user, options.merges)
            where.copy()
            _report_searches(*search_in_turns(where, user, options.runs))


def _report_sizes(watch: Watch, many: int) -> None:
    print(f"{'milliseconds':<32}{f'{FEW} messages':>16}{f'{many:,} messages':>18}{'ratio':>9}")
    for what in ("plan a merge", "merge", "plan an unmerge", "unmerge", "move", "move back"):
        few, more = watch.median(what, FEW), watch.median(what, many)
        print(f"{what:<32}{few:>16.2f}{more:>18.2f}{more / few:>9.2f}", flush=True)


def _report_bulk(where: Place, user: str | None, merges: int) -> None:
    print(f"\n{'seconds':<32}{'to plan':>9}{'to merge':>10}{'merges':>9}{'skipped':>9}{'a second':>10}")
    for said, way, count in (
        ("by a frame of pairs", by_frame, merges),
        ("by a plan each", by_a_plan_each, max(merges // 10, 1)),
    ):
        where.copy()
        with cn.open(where.address, user=user) as ws:
            bulk = way(ws, drawn_pairs(ws, count))
        rate = bulk.merged / (bulk.planned + bulk.applied)
        print(
            f"{said:<32}{bulk.planned:>9.2f}{bulk.applied:>10.2f}{bulk.merged:>9,}{bulk.skipped:>9,}{rate:>10,.0f}",
            flush=True,
        )


def _report_searches(watch: Watch, right: int) -> None:
    print(f"\n{'search by the other’s phone':<32}{'ms':>16}{'elsewhere ms':>18}")
    for said in ("before the merge", "first after the merge", "again", "first after the unmerge"):
        print(f"{said:<32}{watch.median(said):>16.2f}{watch.median(f'{said}, elsewhere'):>18.2f}")
    print(f"{right} of {sum(map(len, watch.times.values()))} searches found whom they had to\n", flush=True)


if __name__ == "__main__":
    main()
