"""Choosing columns: what is ticked is shown, in the order of the list, at once and from one visit to the next."""

import re

import pytest

from contacts_nb.model.columns import COLUMNS
from contacts_nb.widgets import ContactTable
from contacts_nb.widgets.column_chooser import ColumnChooser
from contacts_nb.workspace import Workspace

DEFAULT = [column.key for column in COLUMNS if column.is_default]


def tell(chooser: ColumnChooser, action: str, name: str = "", value: object = "") -> None:
    chooser._form._handle_custom_msg({"action": action, "name": name, "value": value}, [])


def listed(chooser: ColumnChooser) -> list[str]:
    return re.findall(r'<li data-part="(\w+)"', chooser._form.content)


def ticked(chooser: ColumnChooser) -> list[str]:
    return re.findall(r'name="(\w+)" data-tick="show"[^>]* checked>', chooser._form.content)


def kept(workspace: Workspace) -> list[str] | None:
    """The keys of the columns that were chosen, if any were."""
    value = workspace.preferences["columns"]
    return value and [column["key"] for column in value]


@pytest.fixture
def told() -> list[list[str]]:
    """The keys of what a chooser told, each time."""
    return []


@pytest.fixture
def chooser(workspace, told) -> ColumnChooser:
    workspace.fields.add("Plan")
    return ColumnChooser(workspace, on_change=lambda columns: told.append([column["key"] for column in columns]))


def test_at_first_custom_fields_are_off_and_nothing_is_kept(chooser, workspace):
    assert ["name", *ticked(chooser)] == DEFAULT
    assert listed(chooser) == [*DEFAULT, "team", "plan"]
    assert kept(workspace) is None
    assert f"{len(DEFAULT)} of {len(COLUMNS) + 1} columns are shown" in chooser._form.content
    assert 'data-do="reset" aria-disabled="true"' in chooser._form.content


def test_a_tick_acts_at_once_and_rows_stay_where_they_are(chooser, workspace, told):
    order = listed(chooser)
    tell(chooser, "show", "phone", value=False)
    tell(chooser, "show", "plan", value=True)
    wanted = [*(key for key in DEFAULT if key != "phone"), "plan"]
    assert told == [wanted[:-1], wanted]
    assert (kept(workspace), listed(chooser)) == (wanted, order)
    tell(chooser, "show", "phone", value=True)
    assert told[-1] == [*DEFAULT, "plan"]


def test_columns_move_by_one_place_and_never_above_the_name(chooser, workspace, told):
    tell(chooser, "down", "channels")
    assert told[-1][:4] == ["name", "phone", "channels", "email"]
    tell(chooser, "up", "channels")
    tell(chooser, "up", "channels")
    assert told[-1][:3] == ["name", "channels", "phone"]
    tell(chooser, "up", "plan")
    tell(chooser, "down", "plan")
    count = len(told)
    tell(chooser, "down", "plan")
    tell(chooser, "down", "name")
    assert (len(told), listed(chooser)[0], listed(chooser)[-1]) == (count, "name", "plan")
    tell(chooser, "down", "channels")
    assert f"Channels is number 3 of {len(COLUMNS) + 1}" in chooser._form.content


def test_the_name_cannot_be_hidden(chooser, workspace, told):
    tell(chooser, "show", "name", value=False)
    assert told == [DEFAULT]
    assert re.search(
        r'<li data-part="name"[^>]*><label><input type="checkbox" checked disabled>', chooser._form.content
    )


def test_reset_forgets_the_choice(chooser, workspace, told):
    tell(chooser, "show", "plan", value=True)
    tell(chooser, "down", "channels")
    tell(chooser, "reset")
    assert (told[-1], kept(workspace)) == (DEFAULT, None)
    assert listed(chooser) == [*DEFAULT, "team", "plan"]
    assert 'data-do="reset" aria-disabled="true"' in chooser._form.content


def test_the_choice_is_there_at_the_next_visit_without_what_is_gone(chooser, workspace):
    tell(chooser, "show", "plan", value=True)
    tell(chooser, "down", "name")
    workspace.fields.add("Size")
    assert ticked(ColumnChooser(workspace))[-1] == "plan"
    assert "size" not in ticked(ColumnChooser(workspace))
    workspace.fields.remove("plan")
    again = ColumnChooser(workspace)
    assert "plan" not in listed(again)
    tell(again, "show", "size", value=True)
    assert kept(workspace) == [*DEFAULT, "size"]


def test_a_field_that_was_removed_meanwhile_is_told_and_the_rest_goes_on(chooser, workspace, told):
    workspace.fields.remove("plan")
    for action, value in (("show", True), ("up", "")):
        tell(chooser, action, "plan", value=value)
        assert "is not a column" in chooser._form.content
    assert (told, listed(chooser)) == ([], [*DEFAULT, "team"])
    tell(chooser, "show", "phone", value=False)
    assert "phone" not in told[-1]
    assert "is not a column" not in chooser._form.content


def test_what_is_kept_is_ticked_even_if_telling_of_it_fails(workspace):
    def refuses(_columns: object) -> None:
        raise RuntimeError("no")

    chooser = ColumnChooser(workspace, on_change=refuses)
    tell(chooser, "show", "phone", value=False)
    assert "Something went wrong" in chooser._form.content
    assert ["name", *ticked(chooser)] == kept(workspace)


def test_names_of_fields_are_text(workspace):
    workspace.fields.add("<img src=x onerror=alert(1)>")
    content = ColumnChooser(workspace)._form.content
    assert "<img" not in content
    assert "&lt;img src=x onerror=alert(1)&gt;" in content


def test_a_table_follows_and_widths_that_were_dragged_stay(workspace):
    workspace.fields.add("Plan")
    workspace.add_contact(first_name="Ann", fields={"plan": "gold"})
    table = ContactTable(workspace.contacts)
    chooser = ColumnChooser(workspace, on_change=lambda columns: setattr(table, "columns", columns))
    widths = [222.4 if column["key"] == "phone" else column["width"] for column in table.columns]
    table._gestures.set_state({"widths": [44, *widths]})
    tell(chooser, "show", "plan", value=True)
    assert [column["width"] for column in table.columns if column["key"] == "phone"] == [222]
    assert list(table._grid.column_widths)[-1] == "Plan"
    assert ContactTable(workspace.contacts).columns == table.columns == workspace.preferences["columns"]


def test_each_user_has_a_choice_of_their_own(workspace):
    from contacts_nb.workspace.access import Access

    workspace.users.add("ana@acme.example", role="owner")
    ana = Workspace(Access(workspace._access.database, 1))
    ana.users.add("bo@acme.example")
    bo = Workspace(Access(workspace._access.database, 2))
    ColumnChooser(ana).show_column("phone", shown=False)
    assert kept(ana) == [key for key in DEFAULT if key != "phone"]
    assert kept(bo) is None
    assert "phone" in ticked(ColumnChooser(bo))
