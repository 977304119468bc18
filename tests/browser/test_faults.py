"""What somebody with the page open sees of a fault, and that the page goes on when its cause is gone."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.serving import served
from tests.browser.conftest import clean_page, jupyterlab_served, run_in_jupyterlab
from tests.browser.table_page import TablePage

CONTACTS = 300


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "demo.db"
    demo_workspace(path, CONTACTS).close()
    return path


def kernel() -> psutil.Process:
    """The kernel that was started last by a server of ours."""
    kernels = [one for one in psutil.Process().children(recursive=True) if "ipykernel" in " ".join(one.cmdline())]
    return max(kernels, key=psutil.Process.create_time)


def test_a_kernel_that_does_not_answer_or_dies_is_said_and_the_page_can_be_loaded_again(
    browser: Browser, file: Path
):
    with served(file) as (address, _), clean_page(browser) as page:
        page.goto(address)
        page.wait_for_selector(".lm-DataGrid", timeout=60_000)
        bar = page.get_by_role("alert").filter(has_text="The app doesn’t answer any more")
        expect(bar).to_have_count(0)

        first = kernel()
        first.send_signal(signal.SIGSTOP)
        expect(bar).to_be_visible(timeout=60_000)
        expect(bar).to_contain_text("What was saved is safe")
        first.send_signal(signal.SIGCONT)
        expect(bar).to_have_count(0)
        page.get_by_placeholder("Search name").fill("@example.org")
        expect(page.locator(".cnb-status")).to_contain_text("“@example.org” is found")

        first.kill()
        expect(bar).to_be_visible()
        bar.get_by_role("button", name="Reload").click()
        expect(page.locator(".cnb-status")).to_have_text(f"{CONTACTS} contacts", timeout=60_000)
        expect(bar).to_have_count(0)


def test_in_jupyterlab_a_dead_kernel_is_said_and_the_cell_can_be_run_again(
    browser: Browser, file: Path, tmp_path: Path
):
    folder = tmp_path / "jupyterlab"
    folder.mkdir()
    with jupyterlab_served(file, folder) as address, clean_page(browser) as page:
        run_in_jupyterlab(page, address)
        bar = page.get_by_role("alert").filter(has_text="Run the cell again")
        expect(bar).to_have_count(0)
        kernel().kill()
        expect(bar).to_be_visible(timeout=30_000)
        expect(bar.get_by_role("button")).to_have_count(0)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program has the database locked."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        other.close()


def test_a_page_keeps_what_is_typed_and_selected_through_faults_of_its_file(browser: Browser, file: Path):
    with served(file) as (address, _), clean_page(browser) as page:
        page.goto(address)
        page.wait_for_selector(".lm-DataGrid", timeout=60_000)
        table = TablePage(page)
        table.rows_since(0)
        notices, status = page.locator(".cnb-notices"), page.locator(".cnb-status")
        selection = page.get_by_role("toolbar", name="Selection")
        table.click_cell(1, "tick")
        table.click_cell(2, "tick")
        page.get_by_role("button", name="Add contact").click()
        name = page.locator(".cnb-drawer").get_by_label("First name")
        name.fill("Zebedee")
        save = page.locator(".cnb-drawer").get_by_role("button", name="Add contact", exact=True)

        with locked(file):
            save.click()
            expect(page.get_by_text("is locked by another program")).to_be_visible()
            expect(name).to_have_value("Zebedee")
            expect(selection).to_contain_text("2 contacts selected")
            page.get_by_placeholder("Search name").fill("@example.org")  # reading goes on
            expect(status).to_contain_text("“@example.org” is found")
        page.get_by_placeholder("Search name").fill("")
        expect(status).to_have_text(f"{CONTACTS} contacts")

        elsewhere = file.rename(file.with_name("moved.db"))
        expect(notices).to_contain_text("it was moved or deleted")  # by itself
        expect(notices).to_contain_text("goes on by itself as soon as it can")
        save.click()
        expect(page.locator(".cnb-drawer")).to_contain_text("it was moved or deleted")  # the form has tried
        expect(name).to_have_value("Zebedee")
        expect(selection).to_contain_text("2 contacts selected")
        elsewhere.rename(file)
        expect(notices).not_to_contain_text("moved or deleted")
        save.click()
        expect(notices).to_contain_text("Zebedee added")
        expect(status).to_have_text(f"{CONTACTS + 1} contacts")
        expect(selection).to_contain_text("2 contacts selected")
