from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from contacts_nb.model.columns import COLUMNS
from contacts_nb.model.contact import ContactRow, Source
from contacts_nb.model.errors import InvalidValue
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
    table._grid._handle_custom_msg({"type": "data-request", "r1": 0, "r2": 2, "c1": 0, "c2": 1}, [])
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


def keys(table: ContactTable) -> list[str]:
    return [column["key"] for column in table.columns]


def drag(table: ContactTable, **widths: float) -> None:
    """What the browser tells when the pointer is let go."""
    dragged = [widths.get(column["key"], column["width"]) for column in table.columns]
    table._gestures.set_state({"widths": [44, *dragged]})


def painted(table: ContactTable) -> dict[str, list[str]]:
    """What the browser gets when it asks for the first rows, by header."""
    sent = []
    table._grid.send = lambda content, _buffers=None: sent.append(content)
    table._grid._handle_custom_msg({"type": "data-request", "r1": 0, "r2": 2, "c1": 0, "c2": 99}, [])
    return {
        name: cells for name, cells in sent[-1]["value"]["data"].items() if name not in ("key", "ipydguuid", "☐")
    }


def test_the_default_columns_are_shown_where_nobody_chose(table):
    assert keys(table) == [column.key for column in COLUMNS if column.is_default]
    assert {"tags", "conversation_status", "assignee"} <= set(keys(table))


def test_columns_are_shown_as_asked_with_the_name_first(workspace):
    workspace.fields.add("Plan")
    workspace.add_contact(first_name="Ann", phone="+442079460958", fields={"plan": "gold"})
    table = ContactTable(workspace.contacts, columns=["plan", {"key": "phone", "width": 90}])
    assert painted(table) == {"Name": ["Ann"], "Plan": ["gold"], "Phone": ["+442079460958"]}
    assert table._grid.column_widths == {"☐": 44, "Name": 190, "Plan": 150, "Phone": 90}
    table.columns = ["email"]
    assert list(painted(table)) == ["Name", "Email"]
    with pytest.raises(InvalidValue, match="column 'plans' is not a column of the table"):
        table.columns = ["plans"]
    assert keys(table) == ["name", "email"]


def test_a_choice_of_the_user_is_read_and_one_of_the_cell_goes_before(workspace):
    workspace.preferences["columns"] = [{"key": "email", "width": 300}, {"key": "gone", "width": 1}]
    workspace.add_contact(first_name="Ann")
    assert ContactTable(workspace.contacts).columns == [
        {"key": "name", "width": 190}, {"key": "email", "width": 300},
    ]  # fmt: skip
    told = ContactTable(workspace.contacts, columns=["phone"])
    drag(told, name=99, phone=88)
    assert told.columns == [{"key": "name", "width": 99}, {"key": "phone", "width": 88}]
    assert workspace.preferences["columns"][0] == {"key": "email", "width": 300}


def test_widths_that_are_dragged_are_remembered_within_bounds(table, workspace):
    drag(table, phone=321.6, email=3)
    widths = {column["key"]: column["width"] for column in workspace.preferences["columns"]}
    assert (widths["phone"], widths["email"], keys(table)) == (322, 40, list(widths))
    assert ContactTable(workspace.contacts).columns == table.columns


def test_widths_that_are_set_are_seen_and_not_remembered(table, workspace):
    grid = table._grid
    table.columns = [column | {"width": 100} for column in table.columns]
    assert table._grid is grid
    assert set(grid.column_widths.values()) == {44, 100}
    assert workspace.preferences["columns"] is None


def test_the_order_and_the_opened_contact_stay_when_columns_change(table):
    sort(table, "Phone", descending=True)
    click(table, 0, "Name")
    opened = table.state.opened
    table.columns = ["email"]
    assert (table.state.sort, table.state.descending, table.state.opened) == ("phone", True, opened)
    assert table._grid._transforms == []
    table.columns = ["email", "phone"]
    assert [(mark["column"], mark["desc"]) for mark in table._grid._transforms] == [("Phone", True)]
    click(table, 1, "Name")


def test_an_order_by_a_column_that_is_not_shown_holds(table):
    sort(table, "Name")
    table.state.sort_by("team", descending=True)
    assert (table.state.sort, table.state.descending, table._grid._transforms) == ("team", True, [])


def test_the_menu_of_a_custom_field_sorts(workspace):
    workspace.fields.add("Size", type="number")
    for size in (37, None, 5):
        workspace.add_contact(first_name="Ann", fields={"size": size} if size else {})
    table = ContactTable(workspace.contacts, columns=["size"])
    sort(table, "Size")
    assert table.state.results.query.ids().tolist() == [3, 1, 2]
    sort(table, "Size", descending=True)
    assert (table.state.results.query.ids().tolist(), table.state.problem) == ([1, 3, 2], "")


def test_fields_that_others_rename_or_remove_are_followed(workspace):
    workspace.fields.add("Plan")
    workspace.add_contact(first_name="Ann", fields={"plan": "gold"})
    table = ContactTable(workspace.contacts, columns=["plan", "phone"])
    workspace.fields.update("plan", name="Contract")
    table.state.keep_up()
    assert painted(table) == {"Name": ["Ann"], "Contract": ["gold"], "Phone": [""]}
    workspace.fields.remove("plan")
    table.state.keep_up()
    assert list(painted(table)) == ["Name", "Phone"]
    assert keys(table) == ["name", "phone"]


@pytest.mark.parametrize("name", ["key", "ipydguuid", "Name", "Email", "a.b", "<b>", "index", "0", "☐", "⋮"])
def test_a_field_may_be_called_anything(workspace, name):
    slug = workspace.fields.add(name).slug
    workspace.add_contact(first_name="Ann", fields={slug: "here"})
    table = ContactTable(workspace.contacts, columns=["email", slug])
    assert list(painted(table).values()) == [["Ann"], [""], ["here"]]
    header = list(painted(table))[-1]
    sort(table, header)
    click(table, 0, header)
    assert (table.state.sort, table.state.opened, table.state.problem) == (slug, None, "")


def test_an_empty_table_takes_columns_too(workspace):
    table = ContactTable(workspace.contacts, columns=["phone"])
    table.columns = ["email"]
    assert "No contacts yet" in table.children[-1].value
    workspace.add_contact(first_name="Ann", email="ann@example.org")
    table.state.keep_up()
    assert painted(table) == {"Name": ["Ann"], "Email": ["ann@example.org"]}


def ticks(table: ContactTable) -> list[str]:
    """The signs that the browser has in the first rows, from the last it was told of each."""
    sent = []
    table._grid.send = lambda content, _buffers=None: sent.append(content)
    table._grid._handle_custom_msg({"type": "data-request", "r1": 0, "r2": 5, "c1": 0, "c2": 0}, [])
    shown = dict(enumerate(sent[-1]["value"]["data"]["☐"]))
    return [shown[row] for row in sorted(shown)]


def press(table: ContactTable, row: int, *, shift: bool = False) -> None:
    table._gestures._handle_custom_msg({"pressed": {"shift": shift, "x": 10, "y": 20}}, [])
    click(table, row, "☐")


@pytest.fixture
def six(workspace):
    for number in range(6):
        workspace.add_contact(first_name=f"No {number}")
    table = ContactTable(workspace.contacts)
    ticks(table)
    return table


def test_a_click_on_the_box_selects_and_a_second_one_takes_back(six):
    press(six, 1)
    press(six, 3)
    assert six.state.ticked.tolist() == [2, 4]
    assert ticks(six) == ["☐", "☑", "☐", "☑", "☐", "☐"]
    press(six, 1)
    assert (six.state.ticked.tolist(), six.state.opened) == ([4], None)
    assert six.selected.ids().tolist() == [4]


def test_a_tick_is_shown_at_once_and_only_the_boxes_are_sent(six):
    sent = []
    six._grid.send = lambda content, _buffers=None: sent.append(content)
    press(six, 2)
    (told,) = sent
    assert (told["r1"], told["r2"], told["c1"], told["c2"]) == (0, 5, 0, 0)
    assert told["value"]["data"]["☐"] == ["☐", "☐", "☑", "☐", "☐", "☐"]


def test_shift_selects_all_from_the_last_click_and_unselects_too(six):
    press(six, 4)
    press(six, 1, shift=True)
    assert six.state.ticked.tolist() == [2, 3, 4, 5]
    press(six, 2)
    press(six, 3, shift=True)
    assert six.state.ticked.tolist() == [2, 5]


def test_the_header_selects_all_that_match_and_then_nobody(six):
    six.state.search = "no"
    six._grid._handle_custom_msg(
        {"event_type": "cell-click", "region": "column-header", "row": 0, "column": "☐"}, []
    )
    assert len(six.state.ticked) == 6
    six._grid._handle_custom_msg(
        {"event_type": "cell-click", "region": "column-header", "row": 0, "column": "☐"}, []
    )
    assert len(six.state.ticked) == 0
    sort(six, "☐")
    assert (six.state.sort, six.state.problem, six._grid._transforms) == ("id", "", [])


def test_a_range_starts_anew_in_another_order(six):
    press(six, 0)
    six.state.sort_by("name", descending=True)
    ticks(six)
    press(six, 2, shift=True)
    assert six.state.ticked.tolist() == [1, 4]


def test_the_space_bar_selects_the_marked_row_and_enter_opens_it(six):
    six._grid.selections = [{"r1": 2, "r2": 2, "c1": 0, "c2": 5}]
    assert (six.state.focused.row, six.state.focused.contact, six.state.focused.name) == (2, 3, "No 2")
    six._gestures._handle_custom_msg({"key": "tick"}, [])
    assert six.state.ticked.tolist() == [3]
    six._gestures._handle_custom_msg({"key": "open"}, [])
    assert (six.state.opened, six.state.position) == (3, 2)


def test_the_menu_of_a_row_is_asked_for_where_it_was_pressed(workspace):
    workspace.add_contact(first_name="Ann")
    asked = []
    table = ContactTable(workspace.contacts, on_menu=lambda focus, place: asked.append((focus.contact, place)))
    assert list(table._grid.column_widths)[-1] == "⋮"
    assert painted(table)["⋮"] == ["⋮"]
    table._gestures._handle_custom_msg({"pressed": {"shift": False, "x": 640, "y": 120}}, [])
    click(table, 0, "⋮")
    assert (asked, table.state.opened) == ([(1, (640.0, 120.0))], None)


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
        conversation_open=True,
        assignee="Ana",
        fields={"plan": "gold", "seats": 12.5, "paid": False, "since": date(2026, 3, 2), "call": time(9, 5)},
    )
    custom = ("plan", "seats", "paid", "since", "call", "nothing")
    keys = [*(column.key for column in COLUMNS), *custom]
    assert cells_of(row, keys, now, ZoneInfo("Asia/Tokyo")) == (
        "Zoë",
        "WhatsApp, SMS",
        "112",
        "",
        "new, vip",
        "United Kingdom",
        "English",
        "Open",
        "Ana",
        "",
        "Yesterday 21:00",
        "",
        "5 minutes",
        "2 Mar 2026",
        "gold",
        "12.5",
        "No",
        "2 Mar 2026",
        "09:05",
        "",
    )
