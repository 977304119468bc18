"""How long people wait for the app's table, beside the least that Voilà can take: a notebook with one slider.

Run with `python -m tests.benchmarks.screen --contacts 1000000`, or `--db FILE` for a workspace that is there.
Timed in headless Chromium from the gesture to the painted rows; the memory is that of the app's kernel after
all of it. Pages of app and slider alternate, so that both see the same machine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.serving import free_port, served
from tests.browser.conftest import CHROMIUM_FLAGS, wait_for
from tests.browser.table_page import CATCH_PAINTED_TEXT, TablePage

_IS_CELL = "([, text, , y]) => y > 36 && text !== '...'"
_ROWS_PAINTED = f"() => window.painted.some({_IS_CELL})"
_SLIDER = "import ipywidgets\nipywidgets.IntSlider()"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_GIVE_UP_MS = 60_000
_QUIET_MS = 1_000


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--db", type=Path, help="use this workspace instead of making one")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database = options.db
        if database is None:
            database = Path(folder, "demo.db")
            started = time.perf_counter()
            demo_workspace(database, options.contacts).close()
            print(f"demo --contacts {options.contacts}: {time.perf_counter() - started:.1f} s")
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
            _report(browser, database, Path(folder), options.runs)
            browser.close()


def _report(browser: Browser, database: Path, folder: Path, runs: int) -> None:
    slider, app, to_the_end, memory = [], [], [], 0
    with served(database) as (address, server), _slider_served(folder) as slider_address:
        for _ in range(runs + 1):
            with _page(browser) as page:
                slider.append(_seconds_until_slider(page, slider_address))
            with _page(browser) as page:
                app.append(_seconds_until_rows(page, address))
                to_the_end.append(_seconds_until_last_row(page))
                kernels = psutil.Process(server.pid).children(recursive=True)
                memory = max(memory, *(kernel.memory_info().rss for kernel in kernels))
    # The first of each finds cold caches.
    slider, app, to_the_end = slider[1:], app[1:], to_the_end[1:]
    base = statistics.median(slider)
    print(f"{'':34}{'median':>9}{'slowest':>9}{'ratio':>7}")
    for name, seconds in (
        ("first paint, one slider", slider),
        ("first rows of the app", app),
        ("last row after the scroll bar", to_the_end),
    ):
        median = statistics.median(seconds)
        print(f"{name:34}{median:7.2f} s{max(seconds):7.2f} s{median / base:7.2f}")
    print(f"{'memory of the largest kernel':34}{memory / 1e6:6.0f} MB")


def _seconds_until_slider(page: Page, address: str) -> float:
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".noUi-handle", timeout=_GIVE_UP_MS)
    return time.perf_counter() - started


def _seconds_until_rows(page: Page, address: str) -> float:
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(_ROWS_PAINTED, timeout=_GIVE_UP_MS)
    return time.perf_counter() - started


def _seconds_until_last_row(page: Page) -> float:
    table = TablePage(page)
    table.rows_since(0)
    page.evaluate("addEventListener('mouseup', () => { window.letGo = performance.now(); }, true)")
    table.drag_scroll_bar_to_the_end()
    page.wait_for_function(
        "quiet => performance.now() - Math.max(window.letGo, window.painted.at(-1)[0]) > quiet",
        arg=_QUIET_MS,
    )
    last_cell = f"window.painted.filter({_IS_CELL}).at(-1)[0] - window.letGo"
    # What came while the thumb was still held costs nobody time.
    return max(0.0, float(page.evaluate(last_cell))) / 1_000


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(CATCH_PAINTED_TEXT)
    page.route(lambda url: "//127.0.0.1" not in url, lambda route: route.abort())
    yield page
    context.close()


@contextmanager
def _slider_served(folder: Path) -> Iterator[str]:
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": _SLIDER,
    }
    notebook = {"cells": [cell], "metadata": {"kernelspec": _KERNEL}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "slider.ipynb").write_text(json.dumps(notebook))
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "voila",
        "slider.ipynb",
        "--no-browser",
        f"--port={port}",
        "--Voila.ip=127.0.0.1",
    ]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/"
        wait_for(f"{address}voila/static/", server)
        yield address
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()


if __name__ == "__main__":
    main()
