"""Kills processes in the midst of merges and unmerges, and looks at what is left.

    python -m tests.workspace.merge_killing --contacts 200 --moments 50 --database sqlite

Each process merges and unmerges the same contacts in the same order, alone and many at once, in a fresh copy of
one workspace. What the tables hold after each operation is known from a process that nobody has killed, so what
is found after a kill must be one of these states, and the right one.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from multiprocessing.connection import Connection
from typing import NamedTuple

from sqlalchemy import event

import contacts_nb as cn
from contacts_nb.model.errors import CannotMerge
from contacts_nb.workspace import Workspace
from tests.workspace.killing import Site, Stage, child_doing, site_on, telling
from tests.workspace.stored import Stored, stored

CONTACTS = 200
ROUNDS = 3
AT_ONCE = 8  # merges of one plan
_TIMES = ("operations.at",)
_COMMIT = 0.003  # seconds, about as long as one takes


class Kill(NamedTuple):
    """A kill so many `seconds` after the process began, or after a commit did, and what was found afterwards.

    `commit` is the number of that commit, 0 for the beginning; so many `operations` were done when it was killed.
    """

    commit: int
    seconds: float
    operations: int
    landed: Stage
    outcome: str
    findings: int


def merge_and_unmerge(ws: Workspace) -> None:
    """Merge and unmerge contacts: chains, stars, some of them taken apart again from their midst."""
    chance = random.Random(6)  # noqa: S311 - the same each time
    for _ in range(ROUNDS):
        living = sorted(ws.contacts.ids().tolist())
        chosen = chance.sample(living, 4)
        # Each survivor is merged into the next one.
        for other, survivor in pairwise(chosen):
            # Two people of a demo may share an identity but for its spelling.
            with suppress(CannotMerge):
                ws.plan_merge(survivor, other, survivor=survivor, keep={"first_name": other}).apply()
        for other in chance.sample(chosen, 2):
            with suppress(CannotMerge):
                ws.plan_unmerge(other).apply()
        rest = chance.sample(sorted(ws.contacts.ids().tolist()), AT_ONCE + 1)
        ws.plan_merges(list(pairwise(rest))).apply(progress=False)


def states(address: str) -> list[Stored]:
    """What the tables hold at first, and after each operation of a process that nobody kills."""
    with cn.open(address) as ws, cn.open(address) as reader:
        found = [stored(reader, without=_TIMES)]
        committed = False

        def commit(_: object) -> None:
            nonlocal committed
            committed = True

        def given_back(*_: object) -> None:
            nonlocal committed
            if committed:
                found.append(stored(reader, without=_TIMES))
            committed = False

        event.listen(ws._database._writer, "commit", commit)
        event.listen(ws._database._writer, "checkin", given_back)
        merge_and_unmerge(ws)
    return found


def kills(site: Site, moments: int, seed: int = 1) -> Iterator[Kill]:
    """Kill so many processes, at moments spread over all that they do, every third in a commit; tells of each."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    address = site.fresh()
    expected = states(address)
    site.remove(address)
    address = site.fresh()
    span = _undisturbed(address)
    site.remove(address)
    for number in range(moments):
        commit = chance.randrange(1, len(expected)) if number % 3 == 2 else 0
        seconds = chance.uniform(0, _COMMIT) if commit else span * (number + chance.random()) / moments
        address = site.fresh()
        landed, done = _killed(address, commit, seconds)
        site.settle(address)
        with cn.open(address) as ws:
            findings = len(ws.check())
            found = stored(ws, without=_TIMES)
        site.remove(address)
        yield Kill(commit, seconds, done, landed, _outcome(found, expected, done, landed), findings)


def _outcome(found: Stored, expected: list[Stored], done: int, landed: Stage) -> str:
    """What became of the operation after those that were `done`."""
    if found == expected[done]:
        return "not at all"
    if found != expected[min(done + 1, len(expected) - 1)]:
        return "lost" if found in expected[:done] else "in part"
    return "whole" if landed is Stage.COMMIT else "too early"


def _work(address: str, told: Connection) -> None:
    with cn.open(address) as ws:
        tell = telling(told, ws._database._writer)
        tell(Stage.CALL)
        merge_and_unmerge(ws)
        tell(Stage.DONE)


def _undisturbed(address: str) -> float:
    """How many seconds a process takes that nobody kills."""
    with child_doing(_work, address) as (_, told):
        times = {stage: time.perf_counter() for stage in told if stage in (Stage.CALL, Stage.DONE)}
    if Stage.DONE not in times:
        raise RuntimeError("Merging failed by itself; its process has said why")
    return times[Stage.DONE] - times[Stage.CALL]


def _killed(address: str, commit: int, seconds: float) -> tuple[Stage, int]:
    """Where a process was that was killed so long after it began, or after a commit did; how much it had done."""
    with child_doing(_work, address) as (child, told):
        stages = [next(told)]
        while stages.count(Stage.COMMIT) < commit:
            stages.append(next(told))
        time.sleep(seconds)
        child.kill()
        stages += told
    return stages[-1], stages.count(Stage.COMMITTED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{options.contacts:,} contacts, {options.database}, seed {options.seed}")
    print(f"{'killed':>10} ms after {'':<12}{'operations':>10}  {'landed in':<14}{'found':<12}check")
    found: Counter[tuple[str, str, int]] = Counter()
    with site_on(options.database, options.contacts) as site:
        for kill in kills(site, options.moments, options.seed):
            landed = kill.landed.name.lower()
            after = f"commit {kill.commit}" if kill.commit else "beginning"
            print(
                f"{1000 * kill.seconds:>10.1f} ms after {after:<12}{kill.operations:>10}  {landed:<14}"
                f"{kill.outcome:<12}{kill.findings}",
                flush=True,
            )
            found[landed, kill.outcome, kill.findings] += 1
    print(f"\n{'landed in':<14}{'found':<12}{'check':<8}kills")
    for (landed, outcome, findings), count in sorted(found.items()):
        print(f"{landed:<14}{outcome:<12}{findings:<8}{count}")


if __name__ == "__main__":
    main()
