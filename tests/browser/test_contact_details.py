"""The details of a contact, worked in by somebody who sees no code, in Voilà."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import contacts_nb as cn
from contacts_nb.app import serving
from contacts_nb.workspace import Workspace
from tests.browser.conftest import clean_page

HOSTILE = "<img src=x onerror=\"document.title='ran'\">"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MESSAGES = 90
CELL = """
import ipywidgets
import contacts_nb as cn
from contacts_nb.widgets import ContactDetails

ws = cn.open({address!r})
said = ipywidgets.Label()
said.add_class("said")
details = ContactDetails(ws, {contact}, on_change=lambda sentence, _: setattr(said, "value", sentence))
buttons = [ipywidgets.Button(description=name) for name in ("Go to messages", "Refresh")]
buttons[0].on_click(lambda _: details.show_messages())
buttons[1].on_click(lambda _: details.refresh())
box = ipywidgets.VBox([details])
box.layout.width = "400px"
ipywidgets.VBox([ipywidgets.HBox([*buttons, said]), box])
"""


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with Ann, who wrote much."""
    with cn.create(tmp_path / "acme.db", name="Acme", phone_region="GB") as workspace:
        workspace.channels.add("Shop", "whatsapp")
        workspace.fields.add("Born", "date")
        workspace.record_messages(
            [
                {
                    "channel": "Shop",
                    "identifier": "+442079460958",
                    "direction": "incoming",
                    "text": f"message {number} {'Café' if number % 30 == 0 else HOSTILE}",
                    "sent_at": NOON + timedelta(hours=number),
                }
                for number in range(MESSAGES)
            ]
        )
        workspace.contacts.update(first_name="Ann", last_name="Lee", email="ann@example.org")
        workspace.contacts.tag("vip", HOSTILE)
        yield workspace


@pytest.fixture
def page(browser: Browser, acme: Workspace, tmp_path: Path, monkeypatch) -> Iterator[Page]:
    """The details of Ann in Voilà."""
    (contact_id,) = acme.contacts.ids()
    cell: dict[str, object] = {
        "cell_type": "code", "execution_count": None, "id": "details", "metadata": {}, "outputs": [],
        "source": CELL.format(address=acme.address, contact=contact_id),
    }  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    file = tmp_path / "details.ipynb"
    file.write_text(
        json.dumps({"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )
    monkeypatch.setattr(serving, "app_notebook", lambda: file)
    with serving.served(acme.address) as (address, _), clean_page(browser) as opened:
        opened.goto(address)
        opened.get_by_role("heading", level=2).wait_for(timeout=60_000)
        yield opened
        assert opened.title() != "ran"


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def top(page: Page, message: Locator) -> float:
    """Where a message stands in the thread, in pixels from its upper edge."""
    inner, outer = message.bounding_box(), page.locator(".cnb-thread").bounding_box()
    assert inner
    assert outer
    return inner["y"] - outer["y"]


def test_fields_are_edited_in_place(page, acme):
    said = page.locator(".said")

    field(page, "First name").fill("Anna")
    field(page, "First name").press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_text("Anna Lee")
    expect(said).to_have_text("First name of Anna Lee changed")
    expect(field(page, "First name")).to_be_focused()

    field(page, "Email").fill("not a mail")
    field(page, "Email").press("Tab")
    wrong = page.get_by_role("alert").filter(has_text="not an e-mail address")
    expect(wrong).to_be_visible()
    expect(field(page, "Email")).to_have_attribute("aria-invalid", "true")
    expect(field(page, "Email")).to_have_value("not a mail")
    field(page, "Email").press("Escape")
    expect(wrong).to_have_count(0)
    expect(field(page, "Email")).to_have_value("ann@example.org")

    field(page, "Last name").fill("never saved")
    field(page, "Last name").press("Escape")
    expect(field(page, "Last name")).to_have_value("Lee")

    field(page, "Country").fill("Deutschland")
    field(page, "Country").press("Enter")
    expect(field(page, "Country")).to_have_value("Germany")
    # The same country, in other words: nothing is changed, and its name is there again.
    field(page, "Country").fill("DE")
    field(page, "Country").press("Enter")
    expect(field(page, "Country")).to_have_value("Germany")
    field(page, "Born").fill("1980-02-03")
    field(page, "Born").press("Enter")
    expect(said).to_have_text("Born of Anna Lee changed")
    (contact,) = map(acme.contacts.get, acme.contacts.ids())
    assert (contact.name, contact.country, str(contact.fields["born"])) == ("Anna Lee", "DE", "1980-02-03")


def test_tags_status_and_comments_are_worked_with_from_the_keyboard(page, acme):
    (contact_id,) = acme.contacts.ids()
    contacts = acme.contacts
    field(page, "Add tag").fill("spring")
    field(page, "Add tag").press("Enter")
    expect(page.get_by_role("button", name="Remove tag spring")).to_be_visible()
    expect(field(page, "Add tag")).to_have_value("")
    expect(field(page, "Add tag")).to_be_focused()
    page.get_by_role("button", name="Remove tag vip").click()
    expect(page.get_by_role("button", name="Remove tag vip")).to_have_count(0)
    assert set(contacts[contact_id].tags) == {"spring", HOSTILE}

    page.get_by_role("button", name="Close conversation").click()
    expect(field(page, "Category (optional)")).to_be_focused()
    page.keyboard.type("Sale")
    page.keyboard.press("Tab")
    page.keyboard.type("Sent the offer")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Open conversation")).to_be_focused()

    page.get_by_role("tab", name="Messages (90)").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Timeline")).to_be_focused()
    timeline = page.get_by_role("tabpanel")
    expect(timeline.get_by_role("listitem").first).to_contain_text("Conversation closed Sale: Sent the offer")
    expect(timeline).to_contain_text("Tag removed vip")
    field(page, "Add a comment").fill("Prefers tea")
    field(page, "Add a comment").press("Control+Enter")
    expect(timeline.get_by_role("listitem").first).to_contain_text("Prefers tea")
    expect(field(page, "Add a comment")).to_have_value("")
    assert list(contacts[contact_id].comments()["text"]) == ["Prefers tea"]


def test_messages_are_read_back_and_searched(page, acme):
    thread = page.get_by_label("Messages, newest last")
    expect(thread.locator("[data-anchor]")).to_have_count(30)
    page.get_by_role("button", name="Go to messages").click()
    expect(thread).to_be_focused()
    expect(thread.get_by_text("message 89")).to_be_in_viewport()

    oldest = thread.locator("[data-anchor]").first
    thread.evaluate("thread => thread.scrollTop = 120")
    seen = thread.get_by_text("message 62 ")
    before = top(page, seen)
    expect(thread.locator("[data-anchor]")).to_have_count(60)
    assert abs(top(page, seen) - before) < 2
    expect(oldest).to_contain_text("message 30")
    page.get_by_role("button", name="Load older").focus()
    page.keyboard.press("Enter")
    expect(thread.locator("[data-anchor]")).to_have_count(90)
    expect(page.get_by_role("button", name="Load older")).to_have_count(0)
    expect(thread).to_be_focused()
    assert abs(top(page, seen) - before) < 40  # the button is gone

    # What comes while somebody reads on doesn't take the place away.
    acme.record_messages(
        [
            {
                "channel": "Shop",
                "identifier": "+442079460958",
                "direction": "incoming",
                "text": "newest",
                "sent_at": NOON + timedelta(days=9),
            }
        ]
    )
    before = top(page, seen)
    field(page, "Last name").fill("half typed")
    page.get_by_role("button", name="Refresh").dispatch_event("click")
    expect(page.get_by_role("tab", name="Messages (91)")).to_be_visible()
    assert abs(top(page, seen) - before) < 2
    expect(field(page, "Last name")).to_have_value("half typed")
    expect(field(page, "Last name")).to_be_focused()
    page.keyboard.press("Escape")

    search = page.get_by_role("searchbox", name="Search messages")
    search.fill("cafe")
    expect(page.get_by_role("status").filter(has_text="3 of 91 messages")).to_be_visible()
    found = page.get_by_label("Messages found, newest first")
    expect(found.get_by_role("listitem").first).to_contain_text("message 60")
    expect(found.locator("mark").first).to_have_text("Café")
    search.press("Escape")
    expect(search).to_have_value("")
    page.get_by_role("button", name="Go to messages").click()
    expect(thread.get_by_text("newest")).to_be_in_viewport()


def test_what_somebody_else_changed_is_overwritten_only_when_that_is_wanted(page, acme):
    (contact_id,) = acme.contacts.ids()
    field(page, "Last name").fill("Mine")
    acme.contacts[contact_id].update(last_name="Theirs")
    page.get_by_role("button", name="Refresh").dispatch_event("click")
    expect(page.get_by_role("heading", level=2)).to_have_text("Ann Theirs")
    expect(field(page, "Last name")).to_have_value("Mine")
    field(page, "Last name").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="it is “Theirs” now")).to_be_visible()
    assert acme.contacts[contact_id].last_name == "Theirs"
    page.get_by_role("button", name="Save mine").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Ann Mine")
    expect(field(page, "Last name")).to_be_focused()
    acme.contacts[contact_id].delete()
    field(page, "Last name").fill("Too late")
    field(page, "Last name").press("Enter")
    expect(page.get_by_text("This contact was deleted.")).to_be_visible()
