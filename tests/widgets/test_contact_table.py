from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from contacts_nb.model.columns import COLUMNS
from contacts_nb.model.contact import ContactRow, Source
from contacts_nb.widgets import ContactTable
from contacts_nb.widgets.cells import cells_of
from contacts_nb.workspace import Workspace


def click(table: ContactTable, row: int, label: str) -> None:
    table._grid._handle_custom_msg(
        {"event_type": "cell-click", "region": "body", "row": row, "column": label, "column_index": 0}, []
    )


def sort(table: ContactTable, label: str, *, descending: bool = False) -> None:
    table._grid.set_state({"_transforms": [{"type": "sort", "column": label, "desc": descending}]})


def forget(workspace: Workspace, contact_id: int) -> None:
    workspace.contacts[contact_id].delete()


@pytest.fixture
def table(workspace):
    for name in ("Cy", "Ann", "Bo"):
        workspace.add_contact(first_name=name, tags=["vip"])
    return ContactTable(workspace.contacts)


def test_an_empty_workspace_says_how_to_begin(workspace):
    table = ContactTable(workspace.contacts)
    assert "No contacts yet" in table.children[-1].value
    assert table._grid not in table.children


def test_a_search_without_results_says_so_with_what_was_typed_as_text(table):
    table.state.search = "<img src=x onerror=alert(1)>"
    told = table.children[-1].value
    assert "Nothing found for “<bdi>&lt;img src=x onerror=alert(1)&gt;</bdi>”" in told
    assert "<img" not in told
    assert "all 3 contacts" in told
    table.state.search = ""
    assert table.children[-1] is table._grid


def test_a_click_on_a_name_opens_that_contact(table):
    click(table, 1, "Name")
    assert (table.state.opened, table.state.position, table.state.problem) == (2, 1, "")


@pytest.mark.parametrize("label", [column.label for column in COLUMNS if column.key != "name"])
def test_a_click_on_another_column_opens_nothing(table, label):
    click(table, 1, label)
    assert (table.state.opened, table.state.problem) == (None, "")


def test_the_menu_of_a_header_sorts(table):
    sort(table, "Name", descending=True)
    assert (table.state.sort, table.state.descending) == ("name", True)
    assert table.state.results.query.ids().tolist() == [1, 3, 2]
    table._grid.set_state({"_transforms": []})
    assert (table.state.sort, table.state.descending) == ("id", False)


@pytest.mark.parametrize("label", ["Tags", "Channels"])
def test_a_header_that_cannot_be_sorted_by_leaves_the_order_and_says_so(table, label):
    sort(table, "Name", descending=True)
    sort(table, label)
    assert (table.state.sort, table.state.descending) == ("name", True)
    assert "can't be sorted by" in table.state.problem
    assert [(mark["column"], mark["desc"]) for mark in table._grid._transforms] == [("Name", True)]
    sort(table, "Phone")
    assert (table.state.sort, table.state.problem) == ("phone", "")


def test_an_order_of_the_state_is_marked_at_the_header(table):
    table.state.sort_by("created_at", descending=True)
    assert [(mark["column"], mark["desc"]) for mark in table._grid._transforms] == [("Created", True)]
    table.state.sort_by("id", descending=False)
    assert table._grid._transforms == []


def test_a_contact_deleted_since_it_was_painted_is_not_opened_and_that_is_said(workspace):
    contact = workspace.add_contact(first_name="Ann")
    table = ContactTable(workspace.contacts)
    forget(workspace, contact.id)
    click(table, 0, "Name")
    assert table.state.opened is None
    assert table.state.problem.startswith(f"There is no contact {contact.id}.")


def test_a_click_opens_the_contact_that_was_painted_there(table, workspace):
    sent = []
    table._grid.send = lambda content, _buffers=None: sent.append(content)
    table._grid._handle_custom_msg({"type": "data-request", "r1": 0, "r2": 2, "c1": 0, "c2": 0}, [])
    assert sent[-1]["value"]["data"]["Name"] == ["Cy", "Ann", "Bo"]
    forget(workspace, 1)
    click(table, 1, "Name")
    assert table.state.opened == 2


def test_rows_that_cannot_be_read_are_told_as_a_problem(table, workspace, caplog):
    with workspace._database.write() as connection:
        connection.execute(text("ALTER TABLE contacts RENAME TO gone"))
    table._grid._handle_custom_msg({"type": "data-request", "r1": 0, "r2": 2, "c1": 0, "c2": 0}, [])
    assert "Something went wrong" in table.state.problem
    assert "Exception in callback" not in caplog.text


def test_every_cell_is_text():
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    row = ContactRow(
        id=1,
        name="Zoë",
        channels=(Source.WHATSAPP, Source.SMS),
        phone="112",
        email=None,
        tags=("new", "vip"),
        country="GB",
        language="en",
        last_interaction=now - timedelta(days=1),
        last_interacted_channel=None,
        last_incoming=now - timedelta(minutes=5),
        created_at=now,
    )
    assert cells_of(row, now, ZoneInfo("Asia/Tokyo")) == (
        "Zoë",
        "WhatsApp, SMS",
        "112",
        "",
        "new, vip",
        "United Kingdom",
        "English",
        "Yesterday 21:00",
        "",
        "5 minutes",
        "2 Mar 2026",
    )
