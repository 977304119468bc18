"""A file imported by somebody who sees no code, in Voilà and in JupyterLab."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import contacts_nb as cn
from contacts_nb.app import serving
from contacts_nb.workspace import Workspace
from tests.browser.conftest import clean_page
from tests.browser.import_page import ImportPage

HOSTILE = "<img src=x onerror=\"document.title='ran'\">"
PEOPLE = f"""First name,Phone,E-mail,Country,Shoe size,Notes
Ann,+442079460958,ann@example.org,FR,37,
Bo,+442079460001,bo@example.org,GB,42,{HOSTILE.replace('"', "'")}
Cy,,not an address,GB,40,
Dee,+442079460003,dee@example.org,DE,,
José,+442079460004,jose@example.org,ES,41,
Fay,+442079460005,fay@example.org,US,39,
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A file of six contacts, one of them with an address that is none."""
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    return file


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with one contact, who is in the file too."""
    with cn.create(tmp_path / "acme.db", name="Acme") as workspace:
        workspace.add_contact(first_name="Ann", phone="+442079460958", country="GB")
        yield workspace


def notebook(workspace: Workspace) -> dict[str, object]:
    """A notebook that shows the panel."""
    lines = (
        "import contacts_nb as cn",
        "from contacts_nb.widgets import ImportPanel",
        f"ImportPanel(cn.open({workspace.address!r}))",
    )
    cell: dict[str, object] = {
        "cell_type": "code", "execution_count": None, "id": "panel", "metadata": {}, "outputs": [],
        "source": "\n".join(lines),
    }  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def voila_panel(browser: Browser, acme: Workspace, tmp_path: Path, monkeypatch) -> Iterator[ImportPage]:
    """The panel in Voilà, with the settings of the app."""
    file = tmp_path / "panel.ipynb"
    file.write_text(json.dumps(notebook(acme)))
    monkeypatch.setattr(serving, "app_notebook", lambda: file)
    with serving.served(acme.address) as (address, _), clean_page(browser) as page:
        page.goto(address)
        page.locator(".cnb-import").wait_for(timeout=60_000)
        yield ImportPage(page)


@pytest.fixture
def jupyterlab_panel(browser: Browser, acme: Workspace, jupyterlab: str) -> Iterator[ImportPage]:
    """The panel in JupyterLab, its cell just run."""
    path = "import.ipynb"
    request = urllib.request.Request(
        jupyterlab.replace("/lab/tree/contacts.ipynb", f"/api/contents/{path}"),
        json.dumps({"type": "notebook", "content": notebook(acme)}).encode(),
        method="PUT",
    )
    urllib.request.urlopen(request).close()
    with clean_page(browser) as page:
        # A place of its own: JupyterLab opens again what was open before.
        page.goto(jupyterlab.replace("/lab/tree/contacts.ipynb", f"/lab/workspaces/import-panel/tree/{path}"))
        cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content", has_text="ImportPanel").filter(visible=True)
        cell.wait_for(timeout=60_000)
        # Before its kernel is there, running a cell asks for one.
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        cell.click()
        page.keyboard.press("Shift+Enter")
        page.locator(".cnb-import").wait_for(timeout=60_000)
        yield ImportPage(page)


@pytest.fixture(params=["voila", "jupyterlab"])
def panel(request) -> ImportPage:
    """The panel in both of its homes."""
    page: ImportPage = request.getfixturevalue(f"{request.param}_panel")
    return page


def test_a_file_is_chosen_mapped_reviewed_imported_and_undone(panel, acme, people):
    panel.choose_file(people)
    expect(panel.step()).to_have_text("Columns")
    panel.map("Shoe size", "New field: number")
    panel.press("Next")

    expect(panel.step()).to_have_text("Review")
    panel.press("to update")
    expect(panel.panel.get_by_role("region", name="Rows to update")).to_contain_text("country: GB → FR")
    panel.press("rejected")
    expect(panel.panel.get_by_role("region", name="Rows rejected")).to_contain_text("'not an address' is not")
    assert acme.contacts.count() == 1
    panel.press("Create 4 and update 1 contact")

    expect(panel.step()).to_have_text("Done")
    expect(panel.panel).to_contain_text("4 contacts created and 1 updated. 1 row rejected.")
    rejected = panel.download()
    lines = Path(rejected.path()).read_text(encoding="utf-8-sig").splitlines()
    assert rejected.suggested_filename == "people.rejected.csv"
    assert lines[0].endswith(",rejected because")
    assert lines[1].startswith("Cy,,not an address,GB,40,,")
    assert len(lines) == 2
    found = acme.contacts.search("bo@example.org").ids().tolist()
    assert acme.contacts[found[0]].fields == {"shoe_size": 42}

    panel.press("Undo this import")
    expect(panel.panel).to_contain_text("taken back")
    assert (acme.contacts.count(), acme.contacts[1].country) == (1, "GB")
    assert panel.page.title() != "ran"


def test_a_file_is_imported_without_a_mouse(voila_panel, acme, people):
    page = voila_panel.page

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.textContent")
            if focused == name:
                return
        message = f"{name} can't be reached"
        raise AssertionError(message)

    page.get_by_label("Path on the server").focus()
    page.keyboard.type(str(people))
    page.keyboard.press("Enter")
    expect(voila_panel.step()).to_have_text("Columns")
    tab_to("Next")
    page.keyboard.press("Enter")
    expect(voila_panel.step()).to_have_text("Review")
    tab_to("1\nrejected")
    page.keyboard.press("Enter")
    expect(voila_panel.panel.get_by_role("region", name="Rows rejected")).to_be_visible()
    tab_to("Create 4 and update 1 contact")
    page.keyboard.press("Enter")
    expect(voila_panel.step()).to_have_text("Done")
    assert acme.contacts.count() == 5


def test_a_file_that_cannot_be_read_is_told_on_the_page(voila_panel, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")

    voila_panel.choose_file(empty)

    expect(voila_panel.panel.get_by_role("alert")).to_contain_text("empty.csv is empty")
    expect(voila_panel.step()).to_have_text("File")


@pytest.mark.parametrize("width", [420, 1024])
def test_every_step_fits_its_place(voila_panel, people, width):
    voila_panel.page.set_viewport_size({"width": width, "height": 900})
    seen = []
    voila_panel.choose_file(people)
    for word, button in (("Columns", "Next"), ("Review", "Create 4"), ("Done", "")):
        expect(voila_panel.step()).to_have_text(word)
        seen.append(voila_panel.is_wider_than_its_place())
        if button:
            voila_panel.press(button)
    assert seen == [False, False, False]
