"""Contacts compared, merged, found and taken apart by somebody who sees no code, in Voilà and in JupyterLab."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import contacts_nb as cn
from contacts_nb.app import serving
from contacts_nb.workspace import Workspace
from tests.browser.conftest import clean_page
from tests.browser.merging_page import CELL, MergingPage

HOSTILE = "<img src=x onerror=\"document.title='ran'\">"


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with Ann, and Anna who is the same person."""
    with cn.create(tmp_path / "acme.db", name="Acme", phone_region="GB") as workspace:
        workspace.add_contact(first_name="Ann", last_name="Lee", phone="020 7946 0958", email="ann@example.org")
        workspace.add_contact(
            first_name="Anna", last_name="Lee", phone="020 7946 0001", email="anna@example.org", tags=[HOSTILE]
        )
        yield workspace


def notebook(workspace: Workspace) -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": "code", "execution_count": None, "id": "merging", "metadata": {}, "outputs": [],
        "source": CELL.format(address=workspace.address),
    }  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def voila_merging(browser: Browser, acme: Workspace, tmp_path: Path, monkeypatch) -> Iterator[MergingPage]:
    """The notebook in Voilà, with the settings of the app."""
    file = tmp_path / "merging.ipynb"
    file.write_text(json.dumps(notebook(acme)))
    monkeypatch.setattr(serving, "app_notebook", lambda: file)
    with serving.served(acme.address) as (address, _), clean_page(browser) as page:
        page.goto(address)
        page.locator(".cnb-merge-table").wait_for(timeout=60_000)
        yield MergingPage(page)


@pytest.fixture
def jupyterlab_merging(browser: Browser, acme: Workspace, jupyterlab: str) -> Iterator[MergingPage]:
    """The notebook in JupyterLab, its cell just run."""
    path = "merging.ipynb"
    request = urllib.request.Request(
        jupyterlab.replace("/lab/tree/contacts.ipynb", f"/api/contents/{path}"),
        json.dumps({"type": "notebook", "content": notebook(acme)}).encode(),
        method="PUT",
    )
    urllib.request.urlopen(request).close()
    with clean_page(browser) as page:
        # A place of its own: JupyterLab opens again what was open before.
        page.goto(jupyterlab.replace("/lab/tree/contacts.ipynb", f"/lab/workspaces/merging/tree/{path}"))
        cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content", has_text="MergeComparison").filter(
            visible=True
        )
        cell.wait_for(timeout=60_000)
        # Before its kernel is there, running a cell asks for one.
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        cell.click()
        page.keyboard.press("Shift+Enter")
        page.locator(".cnb-merge-table").wait_for(timeout=60_000)
        yield MergingPage(page)


@pytest.fixture(params=["voila", "jupyterlab"])
def merging(request) -> MergingPage:
    """The notebook in both of its homes."""
    page: MergingPage = request.getfixturevalue(f"{request.param}_merging")
    return page


def compare(merging: MergingPage) -> None:
    """Choose by mouse and by keyboard, and swap; in the end the first name is the other's."""
    merging.side("First name", "Anna").click()
    expect(merging.result("First name")).to_contain_text("Anna")
    expect(merging.result("First name")).to_contain_text("chosen")

    # One stop of Tab for each field; arrows choose in it, and the place isn't lost when the result is drawn.
    keyboard = merging.page.keyboard
    assert merging.focused() == ("first_name", "2")
    keyboard.press("Tab")
    assert merging.focused() == ("phone", "1")
    keyboard.press("Tab")
    keyboard.press("ArrowDown")
    expect(merging.result("Email")).to_contain_text("anna@example.org")
    assert merging.focused() == ("email", "2")
    keyboard.press("ArrowUp")
    expect(merging.result("Email")).to_contain_text("ann@example.org")
    assert merging.focused() == ("email", "1")

    merging.press("Swap which survives")
    expect(merging.result("Phone")).to_contain_text("020 7946 0001")
    expect(merging.result("Email")).to_contain_text("ann@example.org")
    merging.press("Swap which survives")
    expect(merging.result("Phone")).to_contain_text("020 7946 0958")


def test_two_contacts_are_compared_merged_found_and_taken_apart(merging, acme):
    page = merging.page
    compare(merging)
    acme.contacts[1].update(country="FR")
    merging.press("Merge contact")
    expect(merging.comparison).to_contain_text("Anna Lee (contact 1) survives and takes in Anna Lee (contact 2)")
    merging.press("Merge now")
    expect(merging.comparison.get_by_role("alert")).to_contain_text("country of contact 1")
    expect(merging.field("Country")).to_contain_text("changed")
    expect(merging.side("First name", "Anna")).to_be_checked()
    assert acme.contacts.count() == 2

    # Without a mouse: a button that is hidden gives the keyboard to the one in its place.
    expect(merging.comparison.get_by_role("button", name="Merge contact")).to_be_focused()
    page.keyboard.press("Enter")
    expect(merging.comparison.get_by_role("button", name="Merge now")).to_be_focused()
    page.keyboard.press("Enter")
    expect(merging.comparison.get_by_role("status")).to_contain_text("Merged: Anna Lee (contact 2) is now part of")
    expect(merging.comparison.get_by_role("button", name="Undo")).to_be_focused()

    merging.search("020 7946 0001")
    expect(merging.count()).to_contain_text("1 of 1 contact: “020 7946 0001” is found")
    page.get_by_role("button", name="First row").click()
    page.get_by_role("button", name="View details").click()
    drawer = page.locator(".cnb-drawer")
    expect(drawer).to_contain_text("Contact 1")
    expect(drawer).to_contain_text(re.compile(r"Merged from Anna Lee \(contact 2\) on \d"))

    expect(merging.unmerge.get_by_role("radio", name="Anna Lee")).to_be_checked()
    expect(merging.unmerge.get_by_role("group", name="First name")).to_contain_text("given back")
    merging.press("Unmerge")
    expect(merging.unmerge.get_by_role("status")).to_contain_text("is a contact of its own again")
    expect(merging.count()).to_contain_text("1 of 2 contacts:")
    names = [(acme.contacts[one].id, acme.contacts[one].first_name) for one in (1, 2)]
    assert names == [(1, "Ann"), (2, "Anna")]
    assert page.title() != "ran"
