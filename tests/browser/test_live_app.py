"""Several people and long work: nothing that one is doing is lost, and the page keeps answering."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.place import Place
from contacts_nb.app.serving import served
from contacts_nb.app.sign_in import SignIn, Way
from tests.browser.conftest import clean_page
from tests.browser.table_page import TablePage

CONTACTS = 300
ANA, BO = "ana@acme.example", "bo@acme.example"
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A workspace of demo data with an owner and an agent, opened as the owner."""
    with demo_workspace(tmp_path / "demo.db", CONTACTS) as workspace:
        workspace.users.add(ANA, role="owner")
    with cn.open(tmp_path / "demo.db", user=ANA) as workspace:
        workspace.users.add(BO, role="agent")
    return tmp_path / "demo.db"


def shown(page: Page, address: str) -> TablePage:
    page.goto(address)
    page.wait_for_selector(".lm-DataGrid", timeout=60_000)
    table = TablePage(page)
    table.rows_since(0)
    return table


def test_what_another_does_shows_while_somebody_types_and_keeps_what_is_selected(browser: Browser, file: Path):
    serving = served(file, sign_in=SignIn(user=ANA))
    with cn.open(file, user=ANA) as other, serving as (address, _), clean_page(browser) as page:
        table = shown(page, address)
        first, second = other.contacts.sort_by("last_interaction", descending=True).rows(0, 2)
        selection = page.get_by_role("toolbar", name="Selection")
        table.click_cell(1, "tick")
        expect(selection).to_contain_text("1 contact selected")
        table.click_cell(0, "name")
        drawer = page.locator(".cnb-drawer")
        comment = drawer.get_by_role("tab", name="Timeline")
        comment.click()
        box = drawer.get_by_placeholder("Add a comment")
        box.click()
        page.keyboard.type("Half of a sen")

        other.contacts[first.id].update(email="changed@example.org")
        other.add_contact(first_name="Newly", last_name="Come")
        expect(page.locator(".cnb-status")).to_have_text(f"{CONTACTS + 1:,} contacts")
        expect(drawer.locator("input[value='changed@example.org']")).to_have_count(1)
        expect(box).to_have_value("Half of a sen")
        expect(box).to_be_focused()
        expect(selection).to_contain_text("1 contact selected")

        other.contacts[second.id].delete()
        expect(selection).to_contain_text("No contact is selected")
        page.keyboard.type("tence")
        expect(box).to_have_value("Half of a sentence")


def test_long_work_is_told_and_cancelled_while_the_page_answers(browser: Browser, file: Path):
    serving = served(file, sign_in=SignIn(user=ANA))
    with cn.open(file, user=ANA) as other, serving as (address, _), clean_page(browser) as page:
        shown(page, address)
        page.get_by_role("button", name=f"Select all {CONTACTS:,} contacts shown").click()
        page.get_by_role("button", name="Assign tags").click()
        with other._database.write():  # whoever writes now has to wait
            page.locator(".cnb-drawer").get_by_role("textbox").fill("spring")
            page.keyboard.press("Enter")
            page.get_by_role("button", name="Assign 1 tag").click()
            notices = page.locator(".cnb-notices")
            expect(notices).to_contain_text(f"Tagging {CONTACTS:,} contacts with “spring”")
            page.get_by_placeholder("Search name").fill("anna")
            expect(page.locator(".cnb-status")).to_contain_text("“anna” is found")
            notices.get_by_role("button", name="Cancel").click()
            expect(notices).to_contain_text("Cancelling…")
        expect(notices).to_contain_text("Cancelled; nothing was changed")
        assert "spring" not in other.tags


def test_an_agent_is_told_in_a_friendly_way_and_sees_no_contact(browser: Browser, file: Path):
    with served(file, sign_in=SignIn(user=BO)) as (address, _), clean_page(browser) as page:
        page.goto(address)
        expect(page.get_by_role("heading", name="You can't see these contacts")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("alert")).to_contain_text("that is for owners and managers")
        expect(page.locator(".lm-DataGrid")).to_have_count(0)
        with cn.open(file, user=ANA) as workspace:
            workspace.users.update(BO, role="manager", restrictions=["restrict_data_export"])
        page.get_by_role("button", name="Try again").click()
        page.wait_for_selector(".lm-DataGrid", timeout=60_000)
        page.get_by_role("button", name="Actions").click()
        expect(page.get_by_role("menuitem")).to_have_text(["Customize columns", "Copy as Python"])


def test_who_has_signed_in_by_a_password_signs_out_on_the_page(browser: Browser, file: Path):
    serving = served(file, Place(base_url="/team/"), SignIn(Way.PASSWORD, ANA, secret=PASSWORD))
    with serving as (address, _), clean_page(browser) as page:
        page.goto(address)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".lm-DataGrid", timeout=60_000)
        TablePage(page).rows_since(0)
        page.get_by_role("link", name="Sign out").click()
        expect(page.get_by_role("heading")).to_have_text("You have signed out")
        page.goto(address)
        expect(page.get_by_label("Password")).to_be_visible()
