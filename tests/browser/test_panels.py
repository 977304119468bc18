"""Adding a contact, tagging and assigning many, and copying code: done by keyboard alone, in Voilà."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import contacts_nb as cn
from contacts_nb.app import serving
from contacts_nb.workspace import Workspace
from tests.browser.answers import Answers
from tests.browser.conftest import clean_page

HOSTILE = "<img src=x onerror=\"document.title='ran'\">"
CELL = """
import ipywidgets
from IPython.display import display

import contacts_nb as cn
from contacts_nb.widgets.add_contact import AddContact
from contacts_nb.widgets.assign_panel import AssignPanel
from contacts_nb.widgets.copy_python import CopyPython
from contacts_nb.widgets.python_code import code_of_view
from contacts_nb.widgets.tags_panel import TagsPanel

ws = cn.open({address!r})
said = ipywidgets.Label()
said.add_class("said")


def say(*what):
    said.value = " ".join(map(str, what))


panels = [
    AddContact(ws, on_added=lambda one, operation: say("added", one.id, operation.kind),
               on_open=lambda contact_id: say("open", contact_id), on_import=lambda: say("import")),
    TagsPanel(ws, 3, on_confirm=lambda tags: say("tags", "|".join(tags)), on_cancel=lambda: say("no tags")),
    TagsPanel(ws, 3, removing=True, on_confirm=say, on_cancel=lambda: say("none off")),
    AssignPanel(ws, 3, on_confirm=lambda whom: say("assign", whom), on_cancel=lambda: say("nobody")),
    CopyPython(code_of_view(ws, ws.contacts.search("ann")), title="Python", on_close=lambda: say("closed")),
]
for panel, width in zip(panels, (380, 340, 340, 340, 480)):
    panel.layout.width = f"{{width}}px"
display(said, *panels)
"""


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with Ann, some tags, a team and custom fields."""
    with cn.create(tmp_path / "acme.db", name="Acme", phone_region="GB") as workspace:
        workspace.add_contact(first_name=f"Ann {HOSTILE}", phone="020 7946 0958", email="ann@example.org")
        for name in ("press", "spring", HOSTILE, "مهم"):
            workspace.tags.add(name)
        workspace.teams.add("Sales")
        workspace.fields.add("Birthday", "date")
        workspace.fields.add("Seats", "number")
        yield workspace


@pytest.fixture
def page(browser: Browser, acme: Workspace, tmp_path: Path, monkeypatch) -> Iterator[Page]:
    """A notebook with all panels in Voilà, with the settings of the app."""
    cell: dict[str, object] = {
        "cell_type": "code", "execution_count": None, "id": "panels", "metadata": {}, "outputs": [],
        "source": CELL.format(address=acme.address),
    }  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    file = tmp_path / "panels.ipynb"
    file.write_text(
        json.dumps({"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )
    monkeypatch.setattr(serving, "app_notebook", lambda: file)
    with serving.served(acme.address) as (address, _), clean_page(browser) as opened:
        opened.goto(address)
        opened.locator(".cnb-copy-python pre").wait_for(timeout=60_000)
        # Panels take the keyboard when they appear, if nobody types elsewhere.
        expect(opened.locator("[data-focus]:focus")).to_have_count(1)
        yield opened
        assert opened.title() != "ran"


def field(panel: Locator, name: str) -> Locator:
    return panel.locator(f'[name="{name}"]')


def is_wider_than_its_place(panel: Locator) -> bool:
    sticks_out: bool = panel.evaluate(
        """panel => [...panel.querySelectorAll('*')].some(element => !element.closest('pre, .cnb-spoken')
            && element.getBoundingClientRect().right > panel.getBoundingClientRect().right + 1)"""
    )
    return sticks_out


def test_everything_is_done_by_keyboard(page: Page, acme: Workspace):
    panel = page.locator(".cnb-add-contact")
    see_who_is_here(page, panel)
    mistype(page, panel)
    choose_tags(page, panel)
    add(page, panel, acme)
    assign_tags(page)
    remove_tags(page)
    assign(page)
    copy_code(page)


def test_nothing_is_lost_where_answers_come_late(page: Page):
    answers = Answers(page)
    page.reload()
    expect(page.locator("[data-focus]:focus")).to_have_count(1)
    go_on_before_the_answer(page, answers)
    take_before_the_answer(page, answers)


def go_on_before_the_answer(page: Page, answers: Answers) -> None:
    """The keyboard stays where it is by then."""
    panel = page.locator(".cnb-add-contact")
    field(panel, "first_name").focus()
    answers.hold()
    page.keyboard.press("Enter")
    field(panel, "email").focus()
    page.keyboard.type("ann@")
    answers.release()
    expect(panel.get_by_role("alert").filter(has_text="Give a name, a phone or an e-mail")).to_be_visible()
    page.keyboard.type("example.org")
    expect(field(panel, "email")).to_be_focused()
    expect(field(panel, "email")).to_have_value("ann@example.org")


def take_before_the_answer(page: Page, answers: Answers) -> None:
    """What was typed is told once, and what is wrong with it stays on the page."""
    panel = page.locator(".cnb-tags-panel").nth(1)
    field(panel, "tag").focus()
    answers.hold()
    page.keyboard.type("winter")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)  # longer than a pause in typing
    answers.release()
    expect(panel.get_by_text("No tag is called “winter”.")).to_be_visible()
    expect(field(panel, "tag")).to_have_value("winter")


def see_who_is_here(page: Page, panel: Locator) -> None:
    keys = page.keyboard
    field(panel, "first_name").focus()
    keys.type("Bo")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("none")
    keys.press("Tab")
    expect(panel.get_by_role("alert").filter(has_text="is not a phone number")).to_be_visible()
    expect(field(panel, "phone")).to_have_attribute("aria-invalid", "true")
    expect(field(panel, "email")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Control+a")
    keys.type("+44 20 7946 0958")
    keys.press("Tab")
    expect(panel.get_by_text("A contact has this phone already.")).to_be_visible()
    expect(field(panel, "phone")).not_to_have_attribute("aria-invalid", "true")
    keys.press("Tab")
    expect(panel.get_by_role("button", name="Open Ann")).to_be_focused()
    keys.press("Enter")
    expect(page.locator(".said")).to_have_text("open 1")
    expect(field(panel, "phone")).to_have_value("+44 20 7946 0958")


def mistype(page: Page, panel: Locator) -> None:
    """Half a date can't be sent, and neither can a wrong number; both are said beside their fields."""
    keys = page.keyboard
    field(panel, "field:birthday").focus()
    keys.type("12")
    field(panel, "field:seats").focus()
    keys.type("many")
    keys.press("Enter")
    expect(panel.get_by_text("This is not complete.")).to_be_visible()
    expect(field(panel, "field:birthday")).to_be_focused()
    field(panel, "field:birthday").fill("2001-02-03")
    field(panel, "email").focus()
    keys.press("Enter")
    expect(panel.get_by_text("'many' is not a number")).to_be_visible()
    expect(field(panel, "field:seats")).to_be_focused()
    keys.type("7")


def choose_tags(page: Page, panel: Locator) -> None:
    """One by arrow keys, a new one by Enter, which doesn't send the form; Backspace takes the last."""
    keys = page.keyboard
    field(panel, "tag").focus()
    keys.type("spr")
    expect(panel.get_by_role("button", name="spring", exact=True)).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(panel.get_by_role("button", name="Remove tag spring")).to_be_visible()
    expect(field(panel, "tag")).to_be_focused()
    expect(field(panel, "tag")).to_have_value("")
    keys.type("new one")
    keys.press("Enter")
    keys.type("next")
    expect(panel.get_by_role("button", name="Remove tag new one")).to_be_visible()
    expect(field(panel, "tag")).to_have_value("next")
    keys.press("Escape")
    expect(field(panel, "tag")).to_have_value("")
    keys.press("Backspace")
    expect(panel.get_by_role("button", name="Remove tag new one")).to_have_count(0)
    assert not is_wider_than_its_place(panel)


def add(page: Page, panel: Locator, acme: Workspace) -> None:
    keys, said = page.keyboard, page.locator(".said")
    panel.get_by_role("button", name="Add anyway").focus()
    keys.press("Enter")
    expect(said).to_have_text("added 2 add")
    expect(panel.get_by_role("status").filter(has_text="Bo was added as contact 2.")).to_be_visible()
    expect(field(panel, "first_name")).to_be_focused()
    assert field(panel, "first_name").input_value() == field(panel, "phone").input_value() == ""
    added = acme.contacts[2]
    assert (added.phone_e164, added.tags, str(added.fields["birthday"]), added.fields["seats"]) == (
        "+442079460958",
        ("spring",),
        "2001-02-03",
        7,
    )
    panel.get_by_role("button", name="Many, from a file").focus()
    keys.press("Space")
    expect(said).to_have_text("import")


def assign_tags(page: Page) -> None:
    keys, said = page.keyboard, page.locator(".said")
    panel = page.locator(".cnb-tags-panel").first
    expect(panel.get_by_text("Choose at least one tag.")).to_be_visible()
    assert not is_wider_than_its_place(panel)
    field(panel, "tag").focus()
    keys.type("PRESS")
    keys.press("Enter")
    keys.type("summer")
    expect(panel.get_by_role("button", name="Create tag “summer”")).to_be_visible()
    keys.press("Enter")
    expect(panel.get_by_role("button", name="Remove tag summer")).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(panel.get_by_role("button", name=f"Remove tag {HOSTILE}")).to_be_visible()
    keys.press("Shift+Tab")
    expect(panel.get_by_role("button", name=f"Remove tag {HOSTILE}")).to_be_focused()
    keys.press("Enter")
    expect(panel.get_by_role("button", name="Assign 2 tags")).to_be_visible()
    expect(field(panel, "tag")).to_be_focused()
    keys.press("Enter")
    expect(said).to_have_text("tags press|summer")
    expect(panel).to_be_hidden()


def remove_tags(page: Page) -> None:
    keys = page.keyboard
    panel = page.locator(".cnb-tags-panel").nth(1)
    field(panel, "tag").focus()
    keys.type("winter")
    keys.press("Enter")
    expect(panel.get_by_text("No tag is called “winter”.")).to_be_visible()
    expect(field(panel, "tag")).to_have_value("winter")
    keys.press("Escape")
    expect(field(panel, "tag")).to_have_value("")
    keys.press("Escape")
    expect(page.locator(".said")).to_have_text("none off")


def assign(page: Page) -> None:
    keys = page.keyboard
    panel = page.locator(".cnb-assign-panel")
    field(panel, "team").focus()
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(panel.get_by_role("alert").filter(has_text="Nothing is chosen yet.")).to_be_visible()
    expect(field(panel, "user")).to_be_focused()
    keys.press("Tab")
    keys.type("Sal")
    panel.get_by_role("button", name="Assign").focus()
    keys.press("Enter")
    expect(page.locator(".said")).to_have_text("assign {'team': 'Sales'}")


def copy_code(page: Page) -> None:
    keys = page.keyboard
    panel = page.locator(".cnb-copy-python")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.get_by_role("button", name="Copy").focus()
    keys.press("Enter")
    expect(panel.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == panel.locator("code").text_content()
    assert copied.endswith("contacts = ws.contacts.search('ann')\ncontacts")

    # Where there is no clipboard, as on a page without a safe origin, the text is selected for the older way.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.execCommand = () => false")
    keys.press("Enter")
    expect(panel.get_by_role("status")).to_contain_text("The code is selected")
    assert page.evaluate("String(getSelection())").strip() == copied
    panel.get_by_role("region", name="Code").focus()
    keys.press("Escape")
    expect(page.locator(".said")).to_have_text("closed")
