"""The whole way of a manager through the contacts, step by step, on the screen alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import contacts_nb as cn
from contacts_nb.app.serving import served
from contacts_nb.app.sign_in import SignIn
from contacts_nb.workspace import Workspace
from tests.browser.conftest import clean_page, jupyterlab_served, run_in_jupyterlab
from tests.browser.import_page import ImportPage
from tests.browser.table_page import TablePage

OWNER = "ana@acme.example"
PEOPLE = {
    "Ann Alder": ("GB", "+44 20 7946 0001", ["press"]),
    "Bo Birch": ("GB", "+44 20 7946 0002", []),
    "Cy Cedar": ("FR", "+33 1 99 00 12 34", ["press", "vip"]),
    "Dee Dogwood": (None, "+49 30 23125 001", []),
    "Eve Elm": ("DE", "+49 30 23125 002", []),
    "Anna Alder": (None, "+44 20 7946 0009", []),
}


@pytest.fixture
def acme(tmp_path: Path, monkeypatch) -> Iterator[Workspace]:
    """A workspace with six contacts, a team, channels, messages and custom fields, and its owner."""
    with cn.create(tmp_path / "acme.db", name="Acme", owner=OWNER, phone_region="GB") as workspace:
        workspace.teams.add("Sales")
        workspace.channels.add("Shop", "whatsapp")
        workspace.fields.add("Plan", "list", allowed=["gold", "silver"])
        # Who writes first becomes a contact by that, here the first of the people.
        workspace.record_messages(
            {"channel": "Shop", "identifier": "+442079460001", "direction": direction, "text": text, "sent_at": at}
            for direction, text, at in (
                ("incoming", "Is the blue one still there?", "2026-10-01T09:00:00Z"),
                ("outgoing", "It is. Shall we keep it for you?", "2026-10-01T09:05:00Z"),
            )
        )
        for number, (name, (country, phone, tags)) in enumerate(PEOPLE.items()):
            first, last = name.split()
            if number:
                workspace.add_contact(first_name=first, last_name=last, country=country, phone=phone, tags=tags)
            else:
                workspace.contacts[1].update(first_name=first, last_name=last, country=country, phone=phone)
                workspace.contacts[1].tag(*tags)
        workspace.contacts[3].update(fields={"plan": "gold"})
        workspace.contacts[1].assign(OWNER)
        workspace.contacts[6].assign(team="Sales")
        monkeypatch.setenv("CONTACTS_NB_USER", OWNER)
        yield workspace


class Walk:
    """One manager at the app on `page`, whose workspace is `acme`."""

    def __init__(self, page: Page, acme: Workspace, folder: Path) -> None:
        self.page = page
        self.acme = acme
        self.folder = folder
        self.table = TablePage(page)
        self.app = page.locator(".cnb-app")
        self.drawer = page.locator(".cnb-drawer")
        self.status = page.locator(".cnb-status")
        self.notice = page.locator(".cnb-notices")

    def press(self, name: str, within: Locator | None = None) -> None:
        (within or self.app).get_by_role("button", name=name, exact=True).click()

    def close(self, title: str) -> None:
        """Close what is open, until it is gone: what opens next may have fields of the same names."""
        self.press(f"Close {title}", self.drawer)
        expect(self.drawer).to_have_count(0)

    def choose(self, menu: str, entry: str) -> None:
        """Choose an entry from the menu that a button opens."""
        self.press(menu)
        self.page.get_by_role("menuitem", name=entry).click()

    def names(self) -> list[str]:
        """The names that the workspace finds for what the page says that it looks for."""
        return [row.name for row in self.acme.contacts.rows(0, 100)]

    def search(self, typed: str, *found: str) -> None:
        """Type into the search box, and read who is there."""
        self.everyone()
        painted = self.table.names_after(lambda: self.types(typed), lambda names: sorted(names) == sorted(found))
        expect(self.status).to_contain_text(f"{len(found)} of ")
        assert sorted(painted) == sorted(found), typed

    def types(self, text: str) -> None:
        """Type into the search box, until the page says that it looks for it."""
        self.page.get_by_placeholder("Search name").fill(text)
        expect(self.status).to_contain_text(f"“{text}” is found")

    def everyone(self) -> None:
        """Clear the search, until all are painted."""
        self.page.get_by_placeholder("Search name").fill("")
        expect(self.status).not_to_contain_text("is found")
        self.table.rows_since(0)

    def tick(self, *rows: int) -> None:
        for row in rows:
            self.table.click_cell(row, "tick")

    def selects_an_inbox(self) -> None:
        inboxes = self.app.get_by_role("navigation", name="Inboxes")
        inboxes.get_by_role("button", name="Mine").click()
        expect(self.status).to_contain_text("1 of 6 contacts: Assignee is me")
        inboxes.get_by_role("button", name="Sales").click()
        expect(self.status).to_contain_text("1 of 6 contacts: Team is Sales")
        inboxes.get_by_role("button", name="All").click()
        expect(self.status).to_have_text("6 contacts")

    def sorts(self) -> None:
        expected = sorted(PEOPLE)
        painted = self.table.names_after(lambda: self.table.sort("name", "Sort Ascending"), expected.__eq__)
        assert painted == expected
        expect(self.app.get_by_label("Sort by")).to_have_value("Name")

    def opens_a_profile(self) -> None:
        self.table.click_cell(0, "name")
        expect(self.drawer.get_by_role("heading", name="Ann Alder")).to_be_visible()
        self.close("Details")

    def views_messages(self) -> None:
        row = self.app.get_by_role("toolbar", name="Row actions")
        row.get_by_role("button", name="View messages").click()
        expect(self.drawer.get_by_text("Is the blue one still there?")).to_be_visible()
        expect(self.drawer.get_by_text("Shall we keep it for you?")).to_be_visible()
        self.close("Details")

    def adds_one(self) -> None:
        self.press("Add contact")
        self.drawer.get_by_label("First name").fill("Fay")
        self.drawer.get_by_label("Last name").fill("Fir")
        self.drawer.get_by_role("textbox", name="Phone").fill("020 7946 0002")
        self.drawer.get_by_role("textbox", name="Phone").press("Tab")
        expect(self.drawer.get_by_text("Bo Birch")).to_be_visible()
        self.drawer.get_by_role("textbox", name="Phone").fill("020 7946 0007")
        self.drawer.get_by_role("textbox", name="Phone").press("Tab")
        expect(self.drawer.get_by_text("Bo Birch")).to_have_count(0)
        expected = sorted([*PEOPLE, "Fay Fir"])
        add = self.drawer.locator("button[type=submit]")
        assert self.table.names_after(add.click, expected.__eq__) == expected
        expect(self.notice).to_contain_text("Fay Fir added")
        expect(self.status).to_have_text("7 contacts")

    def imports_many(self) -> None:
        file = self.folder / "people.csv"
        file.write_text(
            "name,email,tags\nGus Gum,gus@imported.example,press\nHal Holly,hal@imported.example,\n",
            encoding="utf-8",
        )
        self.press("Add contact")
        self.press("Many, from a file", self.drawer)
        panel = ImportPage(self.page)
        panel.choose_file(file)
        panel.press("Next")
        panel.press("Create 2")
        expect(self.status).to_have_text("9 contacts")
        self.close("Import contacts")

    def searches(self) -> None:
        self.search("birch", "Bo Birch")
        self.search("shop", "Ann Alder")
        self.search("20 7946 0001", "Ann Alder")
        self.search("press", "Ann Alder", "Cy Cedar", "Gus Gum")
        self.search("gold", "Cy Cedar")
        self.everyone()

    def filters(self) -> None:
        self.press("Filter, no criteria")
        self.asks_for_a_country("United Kingdom")
        expect(self.status).to_contain_text("2 of 9 contacts: Country is United Kingdom")
        expect(self.drawer).to_contain_text("2 of 9 contacts")
        self.press("Clear", self.drawer)
        expect(self.status).to_have_text("9 contacts")
        self.asks_for_a_country("United Kingdom")
        expect(self.status).to_contain_text("2 of 9")

    def asks_for_a_country(self, name: str) -> None:
        criterion = self.drawer.get_by_placeholder("Add a criterion")
        criterion.fill("country")
        criterion.press("Enter")
        value = self.drawer.locator("input[role=combobox][aria-label^=Country]")
        value.fill(name)
        value.press("Enter")

    def saves_an_inbox(self) -> None:
        self.press("Save new inbox", self.drawer)
        self.drawer.get_by_role("textbox", name="Name of the inbox").fill("British")
        self.drawer.locator("[data-at='save:confirm']").click()
        expect(self.app.get_by_role("navigation", name="Inboxes")).to_contain_text("British")
        self.close("Filter")
        assert self.acme.inboxes["British"].count() == 2

    def exports(self) -> None:
        with self.page.expect_download() as download:
            self.choose("Actions", "Export CSV")
        shown = self.acme.inboxes["British"].contacts.sort_by("name")
        assert shown.to_csv(self.folder / "expected.csv") == 2
        assert Path(download.value.path()).read_bytes() == (self.folder / "expected.csv").read_bytes()
        expect(self.notice).to_contain_text("2 contacts exported")
        self.app.get_by_role("navigation", name="Inboxes").get_by_role("button", name="All").click()
        expect(self.status).to_have_text("9 contacts")

    def customises_columns(self) -> None:
        self.choose("Actions", "Customize columns")
        channels = self.drawer.get_by_role("checkbox", name="Channels")
        painted = self.table.rows_with_header(channels.uncheck, "Channels", is_there=False)
        assert all("WhatsApp" not in row.values() for row in painted)
        self.table.rows_with_header(channels.check, "Channels", is_there=True)
        self.table.rows_after(lambda: self.close("Customize columns"))
        assert self.acme.preferences["columns"] is not None

    def tags_many(self) -> None:
        self.tick(0, 1)
        expect(self.app.get_by_role("toolbar", name="Selection")).to_contain_text("2 contacts selected")
        self.press("Assign tags")
        box = self.drawer.get_by_role("textbox")
        box.fill("spring")
        box.press("Enter")
        self.drawer.get_by_role("button", name="Assign 1 tag").click()
        expect(self.notice).to_contain_text("“spring” given to 2 contacts")
        assert self.acme.contacts.where(cn.F.tags.has_any("spring")).count() == 2
        self.press("Undo")
        expect(self.notice).to_contain_text("Undone")
        assert "spring" not in self.acme.tags
        self.press("Clear selection")

    def merges_two(self) -> None:
        self.tick(0, 1)
        self.press("Merge contacts")
        self.press("Merge contact", self.drawer)
        self.press("Merge now", self.drawer)
        expect(self.status).to_have_text("8 contacts")
        self.press("Clear selection")
        self.close("Merge contacts")
        self.search("20 7946 0009", "Ann Alder")

    def unmerges(self) -> None:
        self.table.click_cell(0, "name")
        self.press("Unmerge…", self.drawer)
        self.press("Unmerge", self.drawer)
        expect(self.drawer).to_contain_text("is a contact of its own again")
        self.close("Unmerge contact")
        self.everyone()
        expect(self.status).to_have_text("9 contacts")

    def deletes_many(self) -> None:
        self.search("imported", "Gus Gum", "Hal Holly")
        self.press("Select all 2 contacts shown")
        self.press("Delete")
        expect(self.drawer).to_contain_text("2 contacts will be deleted for ever")
        self.drawer.get_by_role("textbox").fill("3")
        self.press("Delete 2 contacts", self.drawer)
        expect(self.drawer.get_by_role("alert")).to_contain_text("Type 2 to go on")
        self.drawer.get_by_role("textbox").fill("2")
        self.press("Delete 2 contacts", self.drawer)
        expect(self.notice).to_contain_text("2 contacts deleted for ever")
        self.everyone()
        expect(self.status).to_have_text("7 contacts")


def test_the_whole_help_page_in_voila(browser: Browser, acme: Workspace, tmp_path: Path):
    serving = served(tmp_path / "acme.db", sign_in=SignIn(user=OWNER))
    with serving as (address, _), clean_page(browser) as page:
        page.goto(address)
        page.wait_for_selector(".lm-DataGrid", timeout=60_000)
        walk = Walk(page, acme, tmp_path)
        walk.selects_an_inbox()
        walk.sorts()
        walk.opens_a_profile()
        walk.views_messages()
        walk.adds_one()
        walk.imports_many()
        walk.searches()
        walk.filters()
        walk.saves_an_inbox()
        walk.exports()
        walk.customises_columns()
        walk.tags_many()
        walk.merges_two()
        walk.unmerges()
        walk.deletes_many()
    assert acme.check() == []


def test_the_main_part_of_it_in_jupyterlab(browser: Browser, acme: Workspace, tmp_path: Path):
    with jupyterlab_served(tmp_path / "acme.db", tmp_path / "lab") as address, clean_page(browser) as page:
        run_in_jupyterlab(page, address)
        walk = Walk(page, acme, tmp_path)
        walk.selects_an_inbox()
        walk.sorts()
        walk.opens_a_profile()
        walk.views_messages()
        walk.adds_one()
        walk.imports_many()
        walk.searches()
        walk.tags_many()
        walk.merges_two()
        walk.unmerges()
        walk.deletes_many()
    assert acme.check() == []
