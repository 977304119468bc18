"""What others do shows on the screen by itself, and leaves it where it is."""

from __future__ import annotations

from contacts_nb.app.demo import demo_workspace
from contacts_nb.app.serving import served
from tests.browser.conftest import clean_page
from tests.browser.table_page import TablePage, ends_with, shows

CONTACTS = 300


def test_a_change_by_another_process_is_painted_where_the_table_is(browser, tmp_path):
    path = tmp_path / "demo.db"
    with demo_workspace(path, CONTACTS) as workspace, served(path) as (address, _), clean_page(browser) as page:
        page.goto(address)
        app = TablePage(page)
        app.rows_since(0)
        app.rows_after(app.drag_scroll_bar_to_the_end)
        in_order = workspace.contacts.sort_by("last_interaction", descending=True)
        last = in_order.rows(CONTACTS - 1, 1)[0]

        # Nothing is done on the page; it looks by itself.
        painted = app.names_after(
            lambda: workspace.contacts[last.id].update(first_name="Zoë", last_name="Changed"),
            ends_with("Zoë Changed"),
        )
        assert shows(painted[-1], "Zoë Changed")

        before = in_order.rows(CONTACTS - 2, 1)[0].name
        painted = app.names_after(workspace.contacts[last.id].delete, ends_with(before))
        app.says(f"{CONTACTS - 1:,} contacts")
        assert shows(painted[-1], before)
