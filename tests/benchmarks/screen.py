"""How long people wait for the app's table, beside the least that Voilà can take: a notebook with one slider.

Run with `python -m tests.benchmarks.screen --contacts 1000000`, or `--db FILE` for a workspace that is there.
Timed in headless Chromium from the gesture to the painted rows. Pages of app and slider alternate, so that both
see the same machine; each pair begins when the kernels of those before have nothing more to do. Then each gesture
is made on one more page (see `screen_gestures`), once its kernel has read the columns into memory. That goes on in
the background after the first rows, for about 20 s with a million contacts. Goals are compared with the p95, which
of fewer than 20 is the slowest. The memory is that of the largest kernel after all of it.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page

import contacts_nb
from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.demo_settings import OWNER
from contacts_nb.app.serving import served
from contacts_nb.app.sign_in import SignIn
from contacts_nb.workspace import Workspace
from tests.benchmarks.screen_gestures import CATCH_GESTURES, GOALS, PLACES, SCROLL, Gestures, Sought
from tests.benchmarks.slider import slider_served
from tests.browser.conftest import chromium
from tests.browser.table_page import CATCH_PAINTED_TEXT, TablePage

_IS_CELL = "([, text, , y]) => y > 36 && text !== '...'"
_ROWS_PAINTED = f"() => window.painted.some({_IS_CELL})"
_GIVE_UP_MS = 60_000
_IDLE_SECONDS, _IDLE_SHARE = 2, 0.2


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument(
        "--db",
        type=Path,
        help="use this workspace instead of making one; names in it are changed, and changed back",
    )
    parser.add_argument("--user", help="who looks at the workspace of --db, if it has users")
    parser.add_argument("--runs", type=int, default=7, help="how often the pages are opened")
    parser.add_argument("--times", type=int, default=10, help="how often each gesture is made, at most")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database, user = options.db, options.user
        if database is None:
            database, user = Path(folder, "demo.db"), OWNER
            started = time.perf_counter()
            demo_workspace(database, options.contacts, users=True).close()
            print(f"demo --contacts {options.contacts}: {time.perf_counter() - started:.1f} s")
        with contacts_nb.open(database, user=user) as workspace:
            sought = Sought.of(workspace, options.times)
            with chromium() as browser:
                _report(browser, workspace, Path(folder), sought, options)


def _report(
    browser: Browser,
    workspace: Workspace,
    folder: Path,
    sought: Sought,
    options: argparse.Namespace,
) -> None:
    slider, app, to_the_end = [], [], []
    user = workspace.user
    with (
        served(workspace.address, sign_in=SignIn(user=user.email if user else None)) as (address, server),
        slider_served(folder) as (slider_address, _),
    ):
        for _ in range(options.runs + 1):
            with _page(browser) as page:
                slider.append(_milliseconds_until_slider(page, slider_address))
            with _page(browser) as page:
                app.append(_milliseconds_until_rows(page, address))
                to_the_end.append(_milliseconds_until_last_row(page))
            _wait_until_idle(server)
        with _page(browser) as page:
            page.goto(address)
            page.wait_for_function(_ROWS_PAINTED, timeout=_GIVE_UP_MS)
            _wait_until_idle(server)
            gestures = Gestures(page)
            gestures.follow(workspace, options.times)
            # What was changed is read into memory again.
            _wait_until_idle(server)
            _make(gestures, sought, options.times)
        memory = max(process.memory_info().rss for process in _kernels(server))
    # The first of each finds cold caches.
    slider, app, to_the_end = slider[1:], app[1:], to_the_end[1:]
    base = statistics.median(slider)
    print(f"{'':36}{'count':>6}{'median':>10}{'p95':>10}{'÷ slider':>10}{'goal':>10}{'÷ goal':>8}")
    _print_times("first paint, one slider", slider, base=base)
    # Pages are compared by their medians, as the slider's own times differ as much.
    _print_times("first rows of the app", app, base=base, goal=2 * base, compared=statistics.median(app))
    _print_times("last row, right after the first", to_the_end, goal=GOALS[SCROLL])
    for name, goal in GOALS.items():
        if times := gestures.times[name]:
            _print_times(name, times, goal=goal)
    print(f"{'memory of the largest kernel':36}{memory / 1e6:13.0f} MB")


def _print_times(
    name: str,
    times: Sequence[float],
    *,
    base: float | None = None,
    goal: float | None = None,
    compared: float | None = None,
) -> None:
    median, slow = statistics.median(times), sorted(times)[math.ceil(0.95 * len(times)) - 1]
    line = f"{name:36}{len(times):6}{median:7.0f} ms{slow:7.0f} ms"
    line += f"{median / base:10.2f}" if base else f"{'':10}"
    if goal:
        line += f"{goal:7.0f} ms{(compared or slow) / goal:8.2f}"
    print(line.rstrip())


def _make(gestures: Gestures, sought: Sought, count: int) -> None:
    gestures.search(sought.words)
    gestures.filter(sought.filters)
    gestures.sort(count)
    gestures.open(count)
    gestures.tick(count)
    gestures.select_all(count, sought.words[0])
    gestures.scroll(PLACES[:count])


def _kernels(server: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(server.pid).children(recursive=True)


def _wait_until_idle(server: subprocess.Popen[bytes]) -> None:
    """Wait until the kernels do nothing but look once a second whether anything was changed."""
    deadline = time.monotonic() + _GIVE_UP_MS / 1_000
    while time.monotonic() < deadline:
        before = _processor_seconds(server)
        time.sleep(_IDLE_SECONDS)
        if _processor_seconds(server) - before < _IDLE_SHARE * _IDLE_SECONDS:
            return
    message = f"the kernels are still at work after {_GIVE_UP_MS / 1_000:.0f} s"
    raise TimeoutError(message)


def _processor_seconds(server: subprocess.Popen[bytes]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in _kernels(server))


def _milliseconds_until_slider(page: Page, address: str) -> float:
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".noUi-handle", timeout=_GIVE_UP_MS)
    return (time.perf_counter() - started) * 1_000


def _milliseconds_until_rows(page: Page, address: str) -> float:
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(_ROWS_PAINTED, timeout=_GIVE_UP_MS)
    return (time.perf_counter() - started) * 1_000


def _milliseconds_until_last_row(page: Page) -> float:
    TablePage(page).rows_since(0)
    gestures = Gestures(page)
    gestures.scroll([1_000])
    return gestures.times[SCROLL][0]


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(CATCH_PAINTED_TEXT)
    page.add_init_script(CATCH_GESTURES)
    page.route(lambda url: "//127.0.0.1" not in url, lambda route: route.abort())
    yield page
    context.close()


if __name__ == "__main__":
    main()
