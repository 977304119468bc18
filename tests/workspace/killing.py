"""Kills processes in the midst of bulk operations, and looks at what is left of each.

    python -m tests.workspace.killing --contacts 50000 --messages 100000 --moments 50 --database sqlite

Each operation is done by a process of its own, on a fresh copy of one prepared workspace. That process tells how
far it is, so that kills can be aimed at the transaction and at its commit, and it is known where they landed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NamedTuple, Protocol

import psycopg
from sqlalchemy import Engine, event, func, make_url, select

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from contacts_nb.store.schema import channels, contact_channels, metadata
from contacts_nb.workspace import Workspace
from tests.postgres_server import Server, postgres_server

# New processes are forked off one that has all modules but no threads and no connections.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["contacts_nb.app.demo", "tests.postgres_server"])
_LONG = 60.0  # seconds that a server may need to see that its client is gone
_LEAVING = "newsletter"  # the tag of a fifth of the demo's contacts
_CHANNEL = "Bulk"


class Stage(IntEnum):
    """How far a process has come."""

    STARTING = 0
    CALL = 1
    TRANSACTION = 2
    COMMIT = 3
    COMMITTED = 4
    DONE = 5


class Kill(NamedTuple):
    """A kill so many `seconds` after the process came to stage `after`, and what was found afterwards."""

    operation: str
    after: Stage
    seconds: float
    landed: Stage
    outcome: str
    findings: int


class Site(Protocol):
    """Where copies of the prepared workspace are made, by their addresses."""

    def fresh(self) -> str:
        """A new copy."""

    def settle(self, address: str) -> None:
        """Wait until nothing goes on any more in the copy whose process was killed."""

    def remove(self, address: str) -> None:
        """Throw a copy away."""


def _tag(ws: Workspace, _messages: int) -> Callable[[], object]:
    return lambda: ws.contacts.tag("bulk")


def _delete(ws: Workspace, _messages: int) -> Callable[[], object]:
    leaving = ws.contacts.search(_LEAVING)
    count = leaving.count()
    return lambda: leaving.delete(confirm=count)


def _record(ws: Workspace, messages: int) -> Callable[[], object]:
    """Half of them with known people, half with new ones, ten messages each."""
    known = select(channels.c.name, contact_channels.c.identifier).join_from(channels, contact_channels)
    with ws._database.read() as connection:
        found = connection.execute(known.order_by(contact_channels.c.id).limit(messages // 20))
        people = [(channel, identifier) for channel, identifier in found]
    people += [(_CHANNEL, f"new-{number}") for number in range(messages // 20)]
    start = datetime(2030, 3, 2, tzinfo=UTC)
    records = [
        {
            "channel": channel,
            "identifier": identifier,
            "direction": "incoming" if number % 3 else "outgoing",
            "text": f"Hello, this is message {number}",
            "sent_at": start + timedelta(seconds=number),
        }
        for number, (channel, identifier) in zip(range(messages), cycle(people), strict=False)
    ]
    return lambda: ws.record_messages(records)


OPERATIONS: dict[str, Callable[[Workspace, int], Callable[[], object]]] = {
    "tag": _tag,
    "record": _record,
    "delete": _delete,
}


def kills(site: Site, operation: str, messages: int, moments: int, seed: int = 1) -> Iterator[Kill]:
    """Kill `operation` at so many moments spread over it, every third in its commit; tells of each."""
    chance = random.Random(f"{seed} {operation}")  # noqa: S311 - nothing secret
    address = site.fresh()
    before = counts(address)
    # The first time is slower than those that follow.
    times = [_undisturbed(address, operation, messages)]
    whole = counts(address)
    site.remove(address)
    address = site.fresh()
    times.append(_undisturbed(address, operation, messages))
    site.remove(address)
    spans = [(after, min(time[until] - time[after] for time in times)) for after, until in _AIMS]
    for number in range(moments):
        after, span = spans[number % len(spans)]
        seconds = span * (number + chance.random()) / moments
        address = site.fresh()
        landed = _killed(address, operation, messages, after, seconds)
        site.settle(address)
        with cn.open(address) as ws:
            findings = len(ws.check())
        found = counts(address)
        outcome = "not at all" if found == before else "whole" if found == whole else "in part"
        if landed < Stage.COMMIT and outcome == "whole":
            outcome = "too early"
        if landed > Stage.COMMIT and outcome == "not at all":
            outcome = "lost"
        site.remove(address)
        yield Kill(operation, after, seconds, landed, outcome, findings)


_AIMS = (
    (Stage.TRANSACTION, Stage.COMMIT),
    (Stage.TRANSACTION, Stage.DONE),
    (Stage.COMMIT, Stage.COMMITTED),
)


def counts(address: str) -> dict[str, int]:
    """How many rows each table has."""
    with cn.open(address) as ws, ws._database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def telling(told: Connection, engine: Engine) -> Callable[[Stage], None]:
    """Have the stages of each transaction on `engine` told from now on; gives what tells of other ones."""
    stage = Stage.CALL

    def tell(now: Stage) -> None:
        nonlocal stage
        stage = now
        told.send_bytes(bytes([now]))

    event.listen(engine, "begin", lambda _: tell(Stage.TRANSACTION))
    event.listen(engine, "commit", lambda _: tell(Stage.COMMIT))
    # Its connection is given back.
    event.listen(engine, "checkin", lambda *_: tell(Stage.COMMITTED) if stage is Stage.COMMIT else None)
    return tell


def _operate(address: str, operation: str, messages: int, told: Connection) -> None:
    with cn.open(address) as ws:
        call = OPERATIONS[operation](ws, messages)
        tell = telling(told, ws._database._writer)
        tell(Stage.CALL)
        call()
        tell(Stage.DONE)


@contextmanager
def child_doing(
    work: Callable[..., None], *arguments: object
) -> Iterator[tuple[ForkServerProcess, Iterator[Stage]]]:
    """A process that does `work`, and the stages that it tells of until it ends; killed with the block.

    After the `arguments`, `work` gets the connection to tell them through.
    """
    ours, theirs = PROCESSES.Pipe(duplex=False)
    child = PROCESSES.Process(target=work, args=(*arguments, theirs))
    child.start()
    theirs.close()

    def stages() -> Iterator[Stage]:
        while True:
            try:
                yield Stage(ours.recv_bytes()[0])
            except EOFError:
                return

    try:
        yield child, stages()
    finally:
        child.kill()
        child.join()
        ours.close()


def _undisturbed(address: str, operation: str, messages: int) -> dict[Stage, float]:
    """When a process that nobody kills came to each stage."""
    with child_doing(_operate, address, operation, messages) as (_, told):
        times = {stage: time.perf_counter() for stage in told}
    if Stage.DONE not in times:
        raise RuntimeError(f"{operation} failed by itself; its process has said why")
    return times


def _killed(address: str, operation: str, messages: int, after: Stage, seconds: float) -> Stage:
    """The last stage that a process came to which was killed so many `seconds` after stage `after`."""
    with child_doing(_operate, address, operation, messages) as (child, told):
        landed = next((stage for stage in told if stage >= after), None)
        if landed is None:
            raise RuntimeError(f"{operation} failed by itself; its process has said why")
        time.sleep(seconds)
        child.kill()
        return max([landed, *told])


class Files:
    """Copies of an SQLite file in `folder`."""

    def __init__(self, folder: Path, contacts: int) -> None:
        self._origin = folder / "origin.db"
        _prepare(str(self._origin), contacts)

    def fresh(self) -> str:
        copy = self._origin.with_name("copy.db")
        shutil.copy(self._origin, copy)
        return str(copy)

    def settle(self, address: str) -> None:
        """Nothing: a file has no server that could still be at work."""

    def remove(self, address: str) -> None:
        for left in Path(address).parent.glob(f"{Path(address).name}*"):
            left.unlink()


class Databases:
    """Copies of a PostgreSQL database on `server`."""

    def __init__(self, server: Server, contacts: int) -> None:
        self._server = server
        self._origin = server.new_database()
        _prepare(server.url(self._origin), contacts)

    def fresh(self) -> str:
        return self._server.url(self._server.new_database(self._origin))

    def settle(self, address: str) -> None:
        with psycopg.connect(self._server.dsn, autocommit=True) as connection:
            give_up = time.monotonic() + _LONG
            while connection.execute(_AT_WORK, [make_url(address).database]).fetchone():
                if time.monotonic() > give_up:
                    raise RuntimeError(f"The server is still at work for a dead process after {_LONG:.0f} s")
                time.sleep(0.005)

    def remove(self, address: str) -> None:
        self._server.drop(str(make_url(address).database))


_AT_WORK = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"


def _prepare(address: str, contacts: int) -> None:
    with demo_workspace(address, contacts) as ws:
        ws.channels.add(_CHANNEL, "custom")


@contextmanager
def site_on(database: str, contacts: int, server: Server | None = None) -> Iterator[Site]:
    """A site of so many contacts on "sqlite" or "postgresql", on a server of its own unless one is given."""
    with ExitStack() as stack:
        if database == "sqlite":
            yield Files(Path(stack.enter_context(tempfile.TemporaryDirectory())), contacts)
        else:
            yield Databases(server or stack.enter_context(postgres_server()), contacts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=50_000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--moments", type=int, default=50, help="for each operation")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--operations", nargs="+", choices=list(OPERATIONS), default=list(OPERATIONS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{options.contacts:,} contacts, {options.messages:,} messages, {options.database}, seed {options.seed}")
    print(f"{'operation':<10}{'killed':>10} ms after {'':<13}{'landed in':<14}{'found':<12}check")
    found: Counter[tuple[str, str, str, int]] = Counter()
    with site_on(options.database, options.contacts) as site:
        for operation in options.operations:
            for kill in kills(site, operation, options.messages, options.moments, options.seed):
                after, landed = kill.after.name.lower(), kill.landed.name.lower()
                print(
                    f"{operation:<10}{1000 * kill.seconds:>10.1f} ms after {after:<13}{landed:<14}"
                    f"{kill.outcome:<12}{kill.findings}",
                    flush=True,
                )
                found[operation, landed, kill.outcome, kill.findings] += 1
    print(f"\n{'operation':<10}{'landed in':<14}{'found':<12}{'check':<8}kills")
    for (operation, landed, outcome, findings), count in sorted(found.items()):
        print(f"{operation:<10}{landed:<14}{outcome:<12}{findings:<8}{count}")


if __name__ == "__main__":
    main()
