"""What a person sees and does in the app, in Voilà and in JupyterLab."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import contacts_nb as cn
from contacts_nb.app.serving import served
from tests.browser.conftest import CONTACTS, clean_page
from tests.browser.table_page import Rows, ends_with, shows


@pytest.fixture
def contacts(database):
    """All contacts of the workspace that the app shows."""
    with cn.open(database) as workspace:
        yield workspace.contacts


def names(query: cn.ContactQuery, offset: int, limit: int) -> list[str]:
    return [row.name for row in query.rows(offset, limit)]


def test_first_rows_appear_in_the_order_of_last_interaction(app, contacts):
    painted = [row["name"] for row in app.rows_since(0)]

    newest_first = contacts.sort_by("last_interaction", descending=True)
    assert all(map(shows, painted, names(newest_first, 0, len(painted))))
    assert len(painted) >= 10
    app.says(f"{CONTACTS:,} contacts")


def test_search_narrows_the_table_while_typing(app, contacts):
    found = contacts.search("anna").sort_by("last_interaction", descending=True)

    def is_found(painted: list[str]) -> bool:
        return bool(painted) and all(map(shows, painted, names(found, 0, len(painted))))

    assert is_found(app.names_after(lambda: app.type_search("anna"), is_found))
    assert 0 < found.count() < CONTACTS
    app.says(f"{found.count():,} of {CONTACTS:,} contacts: “anna” is found")


def has_no_email_at_the_end(rows: Rows) -> bool:
    return bool(rows) and "name" in rows[-1] and "email" not in rows[-1]


@pytest.mark.parametrize(("command", "descending"), [("Sort Ascending", False), ("Sort Descending", True)])
def test_header_menu_sorts_with_empty_values_last(app, contacts, command, descending):
    # In a narrow cell the header isn't in view beside the inboxes.
    app.rows_since(0)
    app.page.get_by_role("button", name="Inboxes: All").click()
    expect(app.page.get_by_role("navigation", name="Inboxes")).to_be_hidden()
    in_order = [row.email for row in contacts.sort_by("email", descending=descending).rows(0, 50)]

    def are_in_order(rows: Rows) -> bool:
        pairs = zip(rows, in_order, strict=False)
        return len(rows) > 5 and all(shows(row.get("email", ""), email) for row, email in pairs)

    assert are_in_order(app.rows_after(lambda: app.sort("email", command), are_in_order))
    bottom = app.rows_after(app.drag_scroll_bar_to_the_end, has_no_email_at_the_end)
    assert has_no_email_at_the_end(bottom)


def test_end_of_the_scroll_bar_shows_the_last_row(app, contacts):
    [last] = names(contacts.sort_by("last_interaction", descending=True), CONTACTS - 1, 1)
    painted = app.names_after(app.drag_scroll_bar_to_the_end, ends_with(last))

    assert shows(painted[-1], last)


def test_click_on_a_name_opens_its_details(app, contacts):
    third = contacts.sort_by("last_interaction", descending=True).rows(2, 1)[0]

    app.click_cell(2, "name")

    drawer = app.page.locator(".cnb-drawer")
    expect(drawer.get_by_role("heading", level=2)).to_have_text(third.name)
    contact = contacts[third.id]
    for channel in contact.channels:
        expect(drawer.locator(".cnb-channels")).to_contain_text(channel.identifier)
    for tag in contact.tags:
        expect(drawer.locator(".cnb-chip", has_text=tag).first).to_be_visible()
    newest = contact.last_messages(1)[0]
    # Line breaks and runs of spaces look different on a page.
    expect(drawer.locator(".cnb-thread")).to_contain_text(newest.text)


def test_contacts_are_opened_and_walked_through_without_a_mouse(app, contacts):
    first, second, third = contacts.sort_by("last_interaction", descending=True).rows(0, 3)
    heading = app.page.locator(".cnb-drawer").get_by_role("heading", level=2)
    row = app.page.get_by_role("toolbar", name="Row actions")

    row.get_by_role("button", name="First row").focus()
    app.page.keyboard.press("Enter")
    expect(row).to_contain_text(f"Row 1 of {CONTACTS:,}: {first.name}")
    expect(row.get_by_role("button", name="View details")).to_be_focused()
    row.get_by_role("button", name="Row below").focus()
    app.page.keyboard.press("Enter")
    expect(row).to_contain_text(second.name)
    row.get_by_role("button", name="Select").focus()
    app.page.keyboard.press("Enter")
    expect(app.page.get_by_role("toolbar", name="Selection")).to_contain_text("1 contact selected")
    row.get_by_role("button", name="View details").focus()
    app.page.keyboard.press("Enter")
    expect(heading).to_have_text(second.name)
    app.page.get_by_role("button", name="Next").focus()
    app.page.keyboard.press("Enter")
    expect(heading).to_have_text(third.name)
    app.page.get_by_role("button", name="Close details").focus()
    app.page.keyboard.press("Enter")
    expect(app.page.locator(".cnb-drawer")).to_have_count(0)


def test_search_without_a_match_says_so_and_how_to_go_on(app):
    app.type_search("no such person")

    expect(app.page.get_by_text("Nothing found for “no such person”")).to_be_visible()
    rows = app.rows_after(lambda: app.page.get_by_role("button", name="Clear search").click())
    assert len(rows) > 5
    expect(app.page.get_by_label("Search", exact=True)).to_be_focused()
    expect(app.page.get_by_role("button", name="Clear search")).to_have_count(0)
    app.says(f"{CONTACTS:,} contacts")


def test_header_menu_offers_only_what_the_table_does(voila_page):
    box = voila_page._grid_box()
    voila_page.page.mouse.click(box["x"] + 44 + 183, box["y"] + 28)

    shown = [item.inner_text().strip() for item in voila_page.page.locator(".lm-Menu-item:visible").all()]
    assert [text for text in shown if text] == ["Sort Ascending", "Sort Descending", "No Sort", "Clear Selection"]


def test_sorting_by_tags_explains_that_it_cannot_be_done(voila_page):
    voila_page.sort("tags", "Sort Ascending")

    expect(voila_page.page.get_by_role("alert")).to_contain_text("can't be sorted by")
    expect(voila_page.page.get_by_label("Sort by")).to_have_value("Last interaction")


def test_empty_workspace_says_how_contacts_get_into_it(browser, tmp_path):
    cn.create(tmp_path / "empty.db", name="Nobody").close()

    with served(tmp_path / "empty.db") as (address, _), clean_page(browser) as page:
        page.goto(address)
        expect(page.get_by_text("No contacts yet")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("ws.plan_import(")).to_be_visible()
        page.get_by_role("button", name="Add contact").click()
        expect(page.get_by_role("button", name="Many, from a file")).to_be_visible()


def test_hostile_names_stay_text(browser, tmp_path):
    hostile = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
    with cn.create(tmp_path / "hostile.db", name=hostile) as workspace:
        workspace.add_contact(first_name=hostile, tags=[hostile])

    with served(tmp_path / "hostile.db") as (address, _), clean_page(browser) as page:
        page.goto(address)
        page.get_by_role("button", name="First row").click(timeout=60_000)
        page.get_by_role("button", name="View details").click()
        expect(page.locator(".cnb-drawer").get_by_role("heading", level=2)).to_have_text(hostile)
        expect(page.get_by_role("heading", level=1)).to_have_text(hostile)
        assert page.title() != "ran"
