"""Kills processes in the midst of merges and unmerges, and looks at what is left.

    python -m tests.workspace.merge_killing --contacts 200 --moments 50 --database sqlite

Each process merges and unmerges the same contacts in the same order, alone and many at once, in a fresh copy of
one workspace. What the tables hold after each operation is known from a process that nobody has killed, so what
is found after a kill must be one of these states, and the right one.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
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


class Aim(NamedTuple):
    """So many `seconds` after the process began, or after a commit did; or just before a statement.

    `commit` and `statement`, one of a transaction, are their numbers: 0 for the beginning and for none.
    """

    commit: int = 0
    seconds: float = 0
    statement: int = 0

    def __str__(self) -> str:
        if self.statement:
            return f"before statement {self.statement}"
        return f"{1000 * self.seconds:.1f} ms after {f'commit {self.commit}' if self.commit else 'the beginning'}"


class Kill(NamedTuple):
    """A kill, and what was found afterwards; so many `operations` were done by then."""

    aim: Aim
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
    """Kill so many processes, at moments spread over all that they do; tells of each.

    Every third is killed in a commit, or so near to one as the machine's pace allows, and every third before one
    of its transactions' statements, whatever that pace.
    """
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    address = site.fresh()
    expected = states(address)
    site.remove(address)
    address = site.fresh()
    span, statements = _undisturbed(address)
    site.remove(address)
    for number in range(moments):
        aim = (
            Aim(seconds=span * (number + chance.random()) / moments),
            Aim(statement=chance.randrange(1, statements + 1)),
            Aim(commit=chance.randrange(1, len(expected)), seconds=chance.uniform(0, _COMMIT)),
        )[number % 3]
        address = site.fresh()
        landed, done = _killed(address, aim)
        site.settle(address)
        with cn.open(address) as ws:
            findings = len(ws.check())
            found = stored(ws, without=_TIMES)
        site.remove(address)
        yield Kill(aim, done, landed, _outcome(found, expected, done, landed), findings)


def _outcome(found: Stored, expected: list[Stored], done: int, landed: Stage) -> str:
    """What became of the operation after those that were `done`."""
    if found == expected[done]:
        return "not at all"
    if found != expected[min(done + 1, len(expected) - 1)]:
        return "lost" if found in expected[:done] else "in part"
    return "whole" if landed is Stage.COMMIT else "too early"


def _work(address: str, last: int, told: Connection) -> None:
    """What is killed; it kills itself before its transactions' statement number `last`, if that is given."""
    with cn.open(address) as ws:
        tell = telling(told, ws._database._writer)
        statements = 0

        def count(*_: object) -> None:
            nonlocal statements
            statements += 1
            told.send_bytes(bytes([Stage.TRANSACTION]))
            if statements == last:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(ws._database._writer, "before_cursor_execute", count)
        tell(Stage.CALL)
        merge_and_unmerge(ws)
        tell(Stage.DONE)


def _undisturbed(address: str) -> tuple[float, int]:
    """How many seconds a process takes that nobody kills, and how many statements its transactions have."""
    with child_doing(_work, address, 0) as (_, told):
        stages = [(stage, time.perf_counter()) for stage in told]
    times = dict(stages)
    if Stage.DONE not in times:
        raise RuntimeError("Merging failed by itself; its process has said why")
    # A transaction is told when it begins, and with each of its statements.
    count = Counter(stage for stage, _ in stages)
    return times[Stage.DONE] - times[Stage.CALL], count[Stage.TRANSACTION] - count[Stage.COMMIT]


def _killed(address: str, aim: Aim) -> tuple[Stage, int]:
    """Where a process was when it was killed, and how many operations it had done."""
    with child_doing(_work, address, aim.statement) as (child, told):
        stages = [next(told)]
        if not aim.statement:
            while stages.count(Stage.COMMIT) < aim.commit:
                stages.append(next(told))
            time.sleep(aim.seconds)
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
    print(f"{'killed':<28}{'operations':>10}  {'landed in':<14}{'found':<12}check")
    found: Counter[tuple[str, str, int]] = Counter()
    with site_on(options.database, options.contacts) as site:
        for kill in kills(site, options.moments, options.seed):
            landed = kill.landed.name.lower()
            print(
                f"{kill.aim!s:<28}{kill.operations:>10}  {landed:<14}{kill.outcome:<12}{kill.findings}", flush=True
            )
            found[landed, kill.outcome, kill.findings] += 1
    print(f"\n{'landed in':<14}{'found':<12}{'check':<8}kills")
    for (landed, outcome, findings), count in sorted(found.items()):
        print(f"{landed:<14}{outcome:<12}{findings:<8}{count}")


if __name__ == "__main__":
    main()
