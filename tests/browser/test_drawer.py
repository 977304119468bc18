"""The drawer in Voilà: what is being edited is kept, and the keyboard goes in with what opens and comes back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.app.serving import served
from contacts_nb.model.contact import ContactRow
from tests.browser.answers import Answers
from tests.browser.conftest import clean_page
from tests.browser.table_page import TablePage


@pytest.fixture
def contacts(database):
    """All contacts of the workspace that the app shows."""
    with cn.open(database) as workspace:
        yield workspace.contacts


def at(contacts: cn.ContactQuery, row: int) -> ContactRow:
    return contacts.sort_by("last_interaction", descending=True).rows(row, 1)[0]


def drawer(app: TablePage) -> Locator:
    return app.page.locator(".cnb-drawer")


def test_what_is_being_edited_is_saved_when_another_row_is_pressed(voila_page, contacts):
    edited, pressed = at(contacts, 2), at(contacts, 4)
    voila_page.rows_since(0)
    voila_page.click_cell(2, "name")
    company = drawer(voila_page).get_by_label("Company", exact=True)
    company.fill("Half typed")
    expect(company).to_be_focused()

    voila_page.click_cell(4, "name")

    expect(drawer(voila_page).get_by_role("heading", name=pressed.name)).to_be_visible()
    expect(voila_page.page.get_by_text(f"Company of {edited.name} changed.")).to_be_visible()
    assert contacts[edited.id].fields["company"] == "Half typed"


def test_a_menu_closes_when_the_window_is_left(voila_page):
    page = voila_page.page
    page.get_by_role("button", name="Actions").click()
    expect(page.get_by_role("menuitem", name="Customize columns")).to_be_visible()

    page.evaluate("window.dispatchEvent(new Event('blur'))")

    expect(page.get_by_role("menuitem")).to_have_count(0)
    expect(page.get_by_role("button", name="Actions")).to_be_focused()


def test_the_keyboard_goes_into_what_is_opened_and_comes_back(app, contacts):
    page, row = app.page, app.page.get_by_role("toolbar", name="Row actions")
    app.rows_since(0)
    title = drawer(app).locator(".cnb-drawer-title")

    row.get_by_role("button", name="First row").press("Enter")
    row.get_by_role("button", name="View details").press("Enter")
    expect(title).to_have_text(at(contacts, 0).name)
    expect(title).to_be_focused()
    page.get_by_role("button", name="Next").press("Enter")
    expect(title).to_have_text(at(contacts, 1).name)
    expect(page.get_by_role("button", name="Next")).to_be_focused()
    page.get_by_role("button", name="Merge with…").press("Enter")
    expect(page.get_by_role("region", name=f"Merge {at(contacts, 1).name} with…")).to_be_visible()
    expect(drawer(app).get_by_label("Merge with")).to_be_focused()
    page.get_by_role("button", name="Back to details").press("Enter")
    expect(title).to_be_focused()
    drawer(app).get_by_role("tab", name="Timeline").press("Escape")
    expect(drawer(app)).to_have_count(0)
    expect(row.get_by_role("button", name="View details")).to_be_focused()

    page.get_by_role("button", name="Filter, no criteria").press("Enter")
    expect(drawer(app).get_by_role("heading", name="Filter")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Filter, no criteria")).to_be_focused()


def test_a_press_on_the_table_leaves_the_keyboard_there_and_enter_does_not(voila_page, contacts):
    page, title = voila_page.page, drawer(voila_page).locator(".cnb-drawer-title")
    voila_page.rows_since(0)

    voila_page.click_cell(0, "name")
    expect(title).to_have_text(at(contacts, 0).name)
    page.keyboard.press("ArrowDown")
    row = page.get_by_role("toolbar", name="Row actions")
    expect(row).to_contain_text(f"Row 2 of {contacts.count():,}")
    page.keyboard.press("Enter")
    expect(title).to_have_text(at(contacts, 1).name)
    expect(title).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer(voila_page)).to_have_count(0)
    page.wait_for_function("() => document.activeElement.closest('.cnb-grid')")
    page.keyboard.press("ArrowDown")
    expect(row).to_contain_text(f"Row 3 of {contacts.count():,}")


def test_what_opens_late_does_not_take_the_keyboard_from_who_types_elsewhere(voila_page, contacts):
    page, answers = voila_page.page, Answers(voila_page.page)
    page.reload()
    page.wait_for_selector(".lm-DataGrid", timeout=60_000)
    voila_page.rows_since(0)
    answers.hold()
    voila_page.click_cell(0, "name")
    box = page.get_by_placeholder("Search name")
    box.click()
    page.keyboard.type("an")
    answers.release()

    expect(drawer(voila_page).get_by_role("heading", name=at(contacts, 0).name)).to_be_visible()
    page.keyboard.type("na")
    expect(box).to_be_focused()
    expect(box).to_have_value("anna")


def test_whom_to_merge_with_is_found_and_chosen_by_keyboard(voila_page, contacts):
    page, keys = voila_page.page, voila_page.page.keyboard
    voila_page.rows_since(0)
    first = at(contacts, 0)
    _, second = [row for row in contacts.search("an").rows(0, 3) if row.id != first.id][:2]
    page.get_by_role("button", name="First row").press("Enter")
    page.get_by_role("button", name="More…").press("Enter")
    expect(page.get_by_role("menuitem", name="View details")).to_be_focused()
    keys.press("m")
    keys.press("Enter")

    box = drawer(voila_page).get_by_label("Merge with")
    expect(box).to_be_focused()
    keys.type("an")
    found = page.get_by_role("list", name="Contacts found").get_by_role("button")
    expect(found).to_have_count(8)
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(found.nth(1)).to_be_focused()
    keys.press("Enter")
    expect(drawer(voila_page).get_by_role("status").first).to_contain_text(f"Compared with {second.name}.")
    expect(drawer(voila_page).get_by_role("heading", name=second.name).first).to_be_visible()
    expect(box).to_be_focused()


def test_the_keyboard_stays_with_what_was_done_when_that_is_undone(voila_page):
    page = voila_page.page
    voila_page.rows_since(0)
    voila_page.click_cell(0, "tick")
    page.get_by_role("button", name="Assign tags").click()
    drawer(voila_page).get_by_label("Tag (type to find").fill("once only")
    page.keyboard.press("Enter")
    drawer(voila_page).get_by_role("button", name="Assign 1 tag").press("Enter")
    expect(page.get_by_text("“once only” given to 1 contact.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Undone: “once only” given to 1 contact.")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()


def test_inboxes_that_give_way_to_the_drawer_can_be_shown_beside_it(voila_page):
    page = voila_page.page
    page.set_viewport_size({"width": 1024, "height": 800})
    voila_page.rows_since(0)
    inboxes = page.get_by_role("navigation", name="Inboxes")
    turn = page.get_by_role("button", name="Inboxes: All")
    expect(inboxes).to_be_visible()
    expect(turn).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="Filter, no criteria").click()
    expect(inboxes).to_be_hidden()
    expect(turn).to_have_attribute("aria-expanded", "false")
    for is_shown in (True, False):
        turn.press("Enter")
        expect(inboxes).to_be_visible(visible=is_shown)
        expect(turn).to_have_attribute("aria-expanded", "true" if is_shown else "false")
        expect(turn).to_be_focused()


def test_a_half_filled_form_is_as_it_was_when_one_has_looked_at_another_contact(voila_page, contacts):
    page = voila_page.page
    voila_page.rows_since(0)
    page.get_by_role("button", name="Add contact").click()
    form = page.locator(".cnb-add-contact")
    form.get_by_label("First name", exact=True).fill("Half")
    form.get_by_label("Email", exact=True).fill("not yet")
    form.get_by_role("combobox", name="Country").select_option("France")
    voila_page.click_cell(1, "name")
    expect(drawer(voila_page).get_by_role("heading", name=at(contacts, 1).name)).to_be_visible()
    expect(form).to_be_hidden()

    page.get_by_role("button", name="Add contact").first.click()
    expect(form.get_by_label("First name", exact=True)).to_be_focused()
    expect(form.get_by_label("First name", exact=True)).to_have_value("Half")
    expect(form.get_by_label("Email", exact=True)).to_have_value("not yet")
    expect(form.get_by_role("combobox", name="Country")).to_have_value("FR")


def test_a_filter_is_narrowed_by_all_that_was_typed_and_saving_it_is_left_by_escape(voila_page, contacts):
    page, box = voila_page.page, drawer(voila_page)
    voila_page.rows_since(0)
    page.get_by_role("button", name="Filter, no criteria").click()
    box.get_by_role("combobox", name="Add a criterion").click()
    page.keyboard.type("First name")
    page.keyboard.press("Enter")
    expect(box.get_by_label("First name: value")).to_be_focused()
    box.get_by_role("combobox", name="First name: how").select_option("contains")
    box.get_by_label("First name: value").click()
    page.keyboard.type("ann")
    box.get_by_role("button", name="Save new inbox").click()
    name = box.get_by_label("Name of the inbox")
    expect(name).to_be_focused()
    name.press("Escape")
    expect(name).to_have_count(0)
    expect(box.get_by_role("button", name="Save new inbox")).to_be_focused()

    box.get_by_label("First name: value").click()
    page.keyboard.type("a")
    voila_page.click_cell(0, "name")
    found = contacts.where(F.first_name.contains("anna")).count()
    expect(page.locator(".cnb-status")).to_contain_text(f"{found:,} of {contacts.count():,} contacts")


def test_a_comment_that_was_begun_is_there_again(voila_page, contacts):
    page, box = voila_page.page, drawer(voila_page).get_by_label("Add a comment")
    voila_page.rows_since(0)
    voila_page.click_cell(0, "name")
    drawer(voila_page).get_by_role("tab", name="Timeline").click()
    box.click()
    page.keyboard.type("Prefers tea")
    voila_page.click_cell(1, "name")
    expect(drawer(voila_page).get_by_role("heading", name=at(contacts, 1).name)).to_be_visible()
    expect(box).to_have_value("")

    page.get_by_role("button", name="Previous").click()
    expect(drawer(voila_page).get_by_role("heading", name=at(contacts, 0).name)).to_be_visible()
    drawer(voila_page).get_by_role("tab", name="Timeline").click()
    expect(box).to_have_value("Prefers tea")
    box.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" and cake")
    drawer(voila_page).get_by_role("button", name="Add comment").click()
    expect(box).to_have_value("")
    assert list(contacts[at(contacts, 0).id].comments()["text"])[-1] == "Prefers tea and cake"


def test_what_is_pressed_in_the_end_stays_in_reach(voila_page):
    page, box = voila_page.page, drawer(voila_page)
    voila_page.rows_since(0)
    page.get_by_role("button", name="Add contact").click()
    expect(box.get_by_label("First name", exact=True)).to_be_focused()
    expect(box.get_by_label("Preferred call time", exact=True)).not_to_be_in_viewport()
    for name in ("Cancel", "Add contact"):
        expect(box.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    # What the keyboard comes to isn't behind it.
    for _ in range(20):
        page.keyboard.press("Tab")
    last, foot = box.get_by_role("textbox").last.bounding_box(), box.locator(".cnb-form-foot").bounding_box()
    assert last
    assert foot
    assert last["y"] + last["height"] <= foot["y"]

    page.get_by_role("button", name="Filter, no criteria").click()
    expect(box.get_by_role("button", name="Save new inbox")).to_be_in_viewport(ratio=1)
    clear, edge = box.get_by_role("button", name="Clear").bounding_box(), box.bounding_box()
    assert clear
    assert edge
    assert abs(clear["y"] + clear["height"] - edge["y"] - edge["height"]) < 20


def test_the_last_look_at_a_merge_is_in_sight(voila_page):
    page = voila_page.page
    voila_page.rows_since(0)
    voila_page.click_cell(0, "tick")
    voila_page.click_cell(1, "tick")
    page.get_by_role("button", name="Merge contacts").click()
    page.get_by_role("button", name="Merge contact", exact=True).click()
    expect(page.get_by_role("button", name="Merge now")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Merge now")).to_be_focused()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_role("button", name="Merge contact", exact=True)).to_be_focused()


def test_whose_messages_these_are_stays_in_sight(browser, tmp_path):
    name = "Maximiliane " * 12
    with cn.create(tmp_path / "long.db", name="Acme") as workspace:
        workspace.channels.add("Shop", "whatsapp")
        messages = [
            {
                "channel": "Shop",
                "identifier": "+442079460958",
                "direction": "incoming",
                "text": f"message {number}",
                "sent_at": f"2026-03-02T12:{number:02}Z",
            }
            for number in range(40)
        ]
        workspace.record_messages(messages)
        workspace.contacts.update(first_name=name)

    with served(tmp_path / "long.db") as (address, _), clean_page(browser) as page:
        page.goto(address)
        page.get_by_role("button", name="First row").click(timeout=60_000)
        page.get_by_role("button", name="View messages").click()
        expect(page.get_by_text("message 39")).to_be_in_viewport()
        title, box = page.locator(".cnb-drawer-title"), page.locator(".cnb-drawer").bounding_box()
        expect(title).to_be_in_viewport(ratio=1)
        expect(title).to_have_text(name.strip())
        close = page.get_by_role("button", name="Close details").bounding_box()
        assert box
        assert close
        assert box["width"] == 400
        assert close["x"] + close["width"] <= box["x"] + box["width"]
        assert close["y"] < box["y"] + 20
