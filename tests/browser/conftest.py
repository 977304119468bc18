"""The app in headless Chromium, served by Voilà and by JupyterLab; a test fails on any error in the console."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.serving import DATABASE_VARIABLE, app_notebook, free_port, served
from tests.browser.table_page import CATCH_PAINTED_TEXT, TablePage

CONTACTS = 2_000
expect.set_options(timeout=20_000)  # other tests use the machine too
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="package")
def database(tmp_path_factory) -> Path:
    """A workspace of demo data."""
    path: Path = tmp_path_factory.mktemp("browser") / "demo.db"
    demo_workspace(path, CONTACTS).close()
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium, ended with the block: while it lives an event loop runs in this thread."""
    # The first has no windows to draw, and takes a sixth less time.
    path = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
    assert path, "Chromium is needed; tests/run installs it"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="package")
def voila(database: Path) -> Iterator[str]:
    """The address of the app in Voilà."""
    with served(database) as (address, _server):
        yield address


@pytest.fixture(scope="package")
def jupyterlab(database: Path, tmp_path_factory) -> Iterator[str]:
    """The address of the app's notebook in JupyterLab."""
    with jupyterlab_served(database, tmp_path_factory.mktemp("jupyterlab")) as address:
        yield address


@contextmanager
def jupyterlab_served(database: Path, folder: Path) -> Iterator[str]:
    """JupyterLab with the app's notebook on `database`; its files are in `folder`."""
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    (folder / "work").mkdir()
    shutil.copy(app_notebook(), folder / "work")
    port = free_port()
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
            "--ServerApp.port_retries=0", "--IdentityProvider.token=for-tests",
        ],
        cwd=folder / "work",
        env=os.environ
        | {
            DATABASE_VARIABLE: str(database),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            # Otherwise it would open what somebody last had open in their own.
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token=for-tests", server)
        yield f"http://127.0.0.1:{port}/lab/tree/contacts.ipynb?token=for-tests"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextmanager
def clean_page(browser: Browser) -> Iterator[Page]:
    """A page that reaches this machine only, and must have no error in its console when the block is left."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    page.add_init_script(CATCH_PAINTED_TEXT)
    # Voilà asks a CDN for icons, which our server forbids and offline fails quietly: the bundled ones are used.
    page.route(lambda url: urlsplit(url).hostname != "127.0.0.1", lambda route: route.abort())
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on(
        "console",
        lambda message: problems.append(f"console: {message.text}") if _is_ours(message) else None,
    )
    yield page
    context.close()
    assert problems == []


def _is_ours(message: ConsoleMessage) -> bool:
    """Whether it is an error, and none about the icons of the CDN."""
    return (
        message.type == "error"
        and urlsplit(message.location["url"]).hostname in {"127.0.0.1", None}
        and "https://cdn.jsdelivr.net/npm/@fortawesome/" not in message.text
    )


@pytest.fixture
def voila_page(browser: Browser, voila: str) -> Iterator[TablePage]:
    """The app in Voilà, its first rows painted."""
    with clean_page(browser) as page:
        page.goto(voila)
        page.wait_for_selector(".lm-DataGrid", timeout=60_000)
        yield TablePage(page)


@pytest.fixture
def jupyterlab_page(browser: Browser, jupyterlab: str) -> Iterator[TablePage]:
    """The app in JupyterLab, its cell just run."""
    with clean_page(browser) as page:
        run_in_jupyterlab(page, jupyterlab)
        yield TablePage(page)


def run_in_jupyterlab(page: Page, address: str) -> None:
    """Open the app's notebook and run its cell."""
    page.goto(address)
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.wait_for(timeout=60_000)
    # Before its kernel is there, running a cell asks for one.
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    cell.click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".lm-DataGrid", timeout=60_000)
    page.locator(".cnb-app").scroll_into_view_if_needed()
    page.locator(".cnb-app").evaluate("app => app.scrollIntoView()")


@pytest.fixture(params=["voila", "jupyterlab"])
def app(request) -> TablePage:
    """The app in both of its homes."""
    table: TablePage = request.getfixturevalue(f"{request.param}_page")
    return table


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until something answers at `address`, if only with a refusal."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended while it started"
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    message = f"{address} does not answer"
    raise AssertionError(message)
