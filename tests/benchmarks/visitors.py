"""Twenty people at work at once on one server: how long each of them waits, and what memory they take.

    python -m tests.benchmarks.visitors --contacts 100000 --visitors 20 --seconds 180 --database both

They are different users, who open their pages at the same moment. Once their kernels are idle again they search,
filter, sort, scroll, open details and tag, all at once, for `--seconds`; between gestures each of them thinks for
about `--think` seconds, so that 20 make about 15 gestures a second together. They speak to their kernels as pages
do (see `visitors_client`), but are no browsers: twenty of those would be what is measured, and even these take a
part of the same processors. A browser's own work (0.5 to 2 s for a page) comes on top.

Beside them stands one visitor alone with the same gestures on the same server, before the others come, thinking a
quarter as long and for half the time; and for memory as many kernels of a notebook with one slider. The resident
memory (RSS) of kernels counts what they share again in each; the proportional (PSS) divides it among them. In the
end half of the visitors close their pages, as a closed tab does, and half only vanish; then idle kernels are
culled. PostgreSQL doesn't wait for its disk.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

import contacts_nb
from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.demo_settings import OWNER
from contacts_nb.app.identity import PROXY_SECRET_HEADER
from contacts_nb.app.serving import served
from contacts_nb.app.sign_in import SignIn, Way
from tests.benchmarks.slider import slider_served
from tests.benchmarks.visitors_client import Browser
from tests.benchmarks.visitors_gestures import GESTURES, Sought, Visit, tag_of
from tests.postgres_server import postgres_server
from tests.visiting import answer

_HEADER, _SECRET = "X-Forwarded-User", "what only the proxy knows"
_SIGN_IN = SignIn(Way.HEADER, header=_HEADER, secret=_SECRET)
_GOAL_MB = 200
_IDLE_SHARE, _LOOK_SECONDS = 0.1, 1.0
_GIVE_UP_SECONDS = 300
_AT_ONCE = 4  # sliders
_PREFIX = "visitor"


class Memory(NamedTuple):
    """Megabytes of processes: each one's resident and proportional memory."""

    resident: list[float]
    proportional: list[float]

    @classmethod
    def of(cls, processes: Sequence[psutil.Process]) -> Memory:
        """As it is now."""
        found = [process.memory_full_info() for process in processes]
        return cls([one.rss / 1e6 for one in found], [one.pss / 1e6 for one in found])


class Crowd:
    """So many visitors of the app at `address`, each in a thread, let go on together from step to step."""

    def __init__(self, address: str, sought: Sought, count: int, think: float, seconds: float) -> None:
        self._address = address
        self._sought = sought
        self._think = think
        self._seconds = seconds
        self._go, self._leave = threading.Event(), threading.Event()
        self._reached = threading.Semaphore(0)
        self._lock = threading.Lock()
        self.count = count
        self.arrivals: list[float] = []
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.renewals = 0
        self.errors: list[str] = []

    @contextmanager
    def at_work(self, server: subprocess.Popen[bytes]) -> Iterator[None]:
        """Come and work; the block runs when all have ended, and are still there."""
        with ThreadPoolExecutor(self.count) as threads:
            done = [threads.submit(self._visit, number) for number in range(self.count)]
            try:
                self._wait_for_all()
                _wait_until_idle(server)
                self._go.set()
                self._wait_for_all()
                yield
            finally:
                self._go.set()
                self._leave.set()
            for one in done:
                one.result()

    def _wait_for_all(self) -> None:
        for _ in range(self.count):
            self._reached.acquire()

    def _visit(self, number: int) -> None:
        steps = 2
        browser = Browser(self._address, {_HEADER: _email_of(number), PROXY_SECRET_HEADER: _SECRET})
        visit: Visit | None = None
        try:
            started = time.perf_counter()
            with browser.page() as page:
                self.arrivals.append((time.perf_counter() - started) * 1_000)
                visit = Visit(page, self._sought, number, self._think)
                steps = self._reach(steps)
                while not self._go.is_set():
                    page.listen(0.2)
                try:
                    visit.work(time.monotonic() + self._seconds)
                finally:
                    with self._lock:
                        for gesture, times in visit.times.items():
                            self.times[gesture] += times
                        self.renewals += page.renewals
                        self.errors += page.problems
                steps = self._reach(steps)
                while not self._leave.is_set():
                    page.listen(0.2)
            if number % 2 == 0:
                browser.say_goodbye()
        except Exception as error:  # noqa: BLE001 - counted and told
            doing = visit.doing if visit else "opening the page"
            self.errors.append(f"visitor {number}, {doing}: {type(error).__name__}: {error}")
        finally:
            while steps:
                steps = self._reach(steps)

    def _reach(self, steps: int) -> int:
        self._reached.release()
        return steps - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--think", type=float, default=1, help="seconds between gestures, about")
    parser.add_argument(
        "--idle", type=int, default=20, help="seconds after which a kernel nobody looks at is ended"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    sliders = _memory_of_sliders(options.visitors)
    for database in ["sqlite", "postgresql"] if options.database == "both" else [options.database]:
        with _place(database) as address:
            with demo_workspace(address, options.contacts, users=True) as workspace:
                for number in range(options.visitors):
                    workspace.users.add(_email_of(number), role="manager")
                    workspace.tags.add(tag_of(number))
            with contacts_nb.open(address, user=OWNER) as workspace:
                sought = Sought.of(workspace)
            print(
                f"\n{options.visitors} visitors, {options.contacts:,} contacts on {database},"
                f" {options.seconds:.0f} s",
                flush=True,
            )
            with served(address, sign_in=_SIGN_IN, idle_seconds=options.idle) as (page, server):
                _report(page, server, sought, sliders, options)


@contextmanager
def _place(database: str) -> Iterator[str]:
    if database == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield str(Path(folder, "demo.db"))
    else:
        with postgres_server("256MB") as server:
            yield server.url(server.new_database())


def _report(
    address: str, server: subprocess.Popen[bytes], sought: Sought, sliders: Memory, options: argparse.Namespace
) -> None:
    before = Memory.of([psutil.Process(server.pid)])
    alone = Crowd(address, sought, 1, options.think / 4, options.seconds / 2)
    with alone.at_work(server):
        memory_alone = Memory.of(_kernels(server))
    _wait_for_kernels(server, 0)
    crowd = Crowd(address, sought, options.visitors, options.think, options.seconds)
    with crowd.at_work(server):
        memory = Memory.of(_kernels(server))
        serving = Memory.of([psutil.Process(server.pid)])
    _report_times(alone, crowd, options.seconds)
    _report_memory({"a slider": sliders, "alone": memory_alone, "all at once": memory})
    print(f"{'the server itself':32}{_of(before.resident, before.proportional)} before")
    print(f"{'':32}{_of(serving.resident, serving.proportional)} with all visitors")
    left = _kernels(server)
    told = Memory.of(left)
    print(f"{'kernels when all had gone':32}{len(left):8}{sum(told.proportional):9.0f} MB")
    started = time.monotonic()
    _wait_for_kernels(server, 0, 5 * options.idle)
    left = _kernels(server)
    told, serving = Memory.of(left), Memory.of([psutil.Process(server.pid)])
    later = f"{time.monotonic() - started:.0f} s later; idle ones are ended after {options.idle} s"
    print(f"{'kernels left in the end':32}{len(left):8}{sum(told.proportional):9.0f} MB, {later}")
    print(f"{'':32}{_of(serving.resident, serving.proportional)} of the server")


def _report_times(alone: Crowd, crowd: Crowd, seconds: float) -> None:
    print(
        f"{'milliseconds':32}{'count':>8}{'median':>9}{'p95':>9}{'slowest':>9}{'alone':>9}{'p95':>9}{'÷ alone':>9}"
    )
    rows = [("first rows of a page", crowd.arrivals, alone.arrivals)]
    for said, times, base in rows + [
        (gesture, crowd.times[gesture], alone.times[gesture]) for gesture in GESTURES
    ]:
        if not times:
            continue
        line = f"{said:32}{len(times):8}{_median_and_p95(times)}{max(times):9.0f}"
        if base:
            line += f"{_median_and_p95(base)}{statistics.median(times) / statistics.median(base):9.2f}"
        print(line)
    count = sum(map(len, crowd.times.values()))
    print(f"{'gestures of all':32}{count:8}{count / seconds:9.1f} a second")
    print(f"{'pages renewed by themselves':32}{crowd.renewals:8}")
    errors = alone.errors + crowd.errors
    print(f"{'errors':32}{len(errors):8}")
    for error in sorted(set(errors)):
        print(f"    {errors.count(error)} × {error}")


def _median_and_p95(times: Sequence[float]) -> str:
    return f"{statistics.median(times):9.0f}{sorted(times)[math.ceil(0.95 * len(times)) - 1]:9.0f}"


def _report_memory(memories: dict[str, Memory]) -> None:
    print(f"\n{'MB of a kernel':32}{'kernels':>8}{'PSS':>9}{'largest':>9}{'RSS':>9}{'largest':>9}{'÷ goal':>9}")
    for said, (resident, proportional) in memories.items():
        if resident:
            mean, most = statistics.mean(proportional), max(proportional)
            print(
                f"{said:32}{len(resident):8}{mean:9.0f}{most:9.0f}{statistics.mean(resident):9.0f}{max(resident):9.0f}"
                f"{mean / _GOAL_MB:9.2f}"
            )


def _of(resident: Sequence[float], proportional: Sequence[float]) -> str:
    return f"{1:8}{proportional[0]:9.0f}{'':9}{resident[0]:9.0f} MB"


def _email_of(number: int) -> str:
    return f"{_PREFIX}{number}@acme.example"


def _memory_of_sliders(count: int) -> Memory:
    with tempfile.TemporaryDirectory() as folder, slider_served(Path(folder)) as (address, server):
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(answer, [address] * count))
        return Memory.of(_kernels(server))


def _kernels(server: subprocess.Popen[bytes]) -> list[psutil.Process]:
    children = psutil.Process(server.pid).children(recursive=True)
    return [
        one for one in children if one.status() != psutil.STATUS_ZOMBIE and "ipykernel_launcher" in one.cmdline()
    ]


def _wait_until_idle(server: subprocess.Popen[bytes]) -> None:
    """Wait until the kernels do little more than look once a second whether anything was changed."""
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < deadline:
        kernels = _kernels(server)
        before = _processor_seconds(kernels)
        time.sleep(_LOOK_SECONDS)
        if _processor_seconds(kernels) - before < _IDLE_SHARE * _LOOK_SECONDS * max(1, len(kernels) / 4):
            return
    raise TimeoutError(f"the kernels are still at work after {_GIVE_UP_SECONDS} s")


def _processor_seconds(kernels: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in kernels)


def _wait_for_kernels(server: subprocess.Popen[bytes], count: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while len(_kernels(server)) > count and time.monotonic() < deadline:
        time.sleep(0.5)


if __name__ == "__main__":
    main()
