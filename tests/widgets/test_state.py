import pytest
from sqlalchemy import text

import contacts_nb as cn
from contacts_nb.model.errors import InvalidValue
from contacts_nb.widgets.state import ViewState


@pytest.fixture
def state(workspace):
    for name in ("Cy", "Ann", "Bo"):
        workspace.add_contact(first_name=name)
    return ViewState(workspace.contacts)


def ids(state: ViewState) -> list[int]:
    found: list[int] = state.results.query.ids().tolist()
    return found


def test_a_view_begins_with_everyone_in_the_order_of_its_query(workspace):
    workspace.add_contact(first_name="Ann")
    workspace.add_contact(first_name="Bo")
    state = ViewState(workspace.contacts.sort_by("name", descending=True))
    assert (state.sort, state.descending, state.search, state.opened) == ("name", True, "", None)
    assert (state.results.count, state.results.total, ids(state)) == (2, 2, [2, 1])


def test_a_search_narrows_the_results_and_an_empty_one_widens_them(state):
    state.search = "ann"
    assert (state.results.count, state.results.total, ids(state)) == (1, 3, [2])
    state.search = " "
    assert (state.results.count, state.results.total, ids(state)) == (3, 3, [1, 2, 3])


def test_column_and_direction_change_in_one_step(state):
    seen = []
    state.observe(lambda _change: seen.append(ids(state)), "results")
    state.sort_by("name", descending=True)
    assert seen == [[1, 3, 2]]


def test_a_column_without_an_order_changes_nothing(state):
    with pytest.raises(InvalidValue):
        state.sort_by("tags", descending=True)
    assert (state.sort, state.descending, ids(state)) == ("id", False, [1, 2, 3])


def test_a_row_is_opened_by_its_position(state):
    state.sort_by("name", descending=False)
    state.open_at(0)
    assert (state.opened, state.position) == (2, 0)
    state.open_at(7)
    assert (state.opened, state.position) == (2, 0)


def test_the_position_is_forgotten_when_the_rows_move_and_the_contact_stays_open(state):
    state.open_at(1)
    state.search = "o"
    assert (state.opened, state.position) == (2, None)


def test_a_refresh_sees_what_was_added_since(state, workspace):
    workspace.add_contact(first_name="Dee")
    assert state.results.count == 3
    state.refresh()
    assert (state.results.count, state.results.total) == (4, 4)


def test_a_gesture_that_is_refused_says_why_and_a_good_one_takes_that_away(state, caplog):
    def refused() -> None:
        raise InvalidValue("country", "Atlantis", "is not a country")

    caplog.set_level("INFO")
    state.guarded(refused)()
    assert state.problem == "country 'Atlantis' is not a country"
    assert "Atlantis" in caplog.text
    state.guarded(lambda: None)()
    assert state.problem == ""


def test_a_gesture_that_breaks_says_so_without_its_details_and_logs_them(state, caplog):
    def broken(number: int) -> None:
        raise ZeroDivisionError(f"secret {number}")

    state.guarded(broken)(42)
    assert "Something went wrong" in state.problem
    assert "secret" not in state.problem
    assert "ZeroDivisionError: secret 42" in caplog.text


def test_a_failure_inside_a_gesture_is_still_told_when_the_gesture_ends(state):
    def inner() -> None:
        raise InvalidValue("country", "Atlantis", "is not a country")

    state.guarded(state.guarded(inner))()
    assert "Atlantis" in state.problem


def test_a_search_that_failed_can_be_tried_again(tmp_path):
    with cn.create(tmp_path / "contacts.db") as workspace:
        workspace.add_contact(first_name="Ann")
        workspace.add_contact(first_name="Bo")
        state = ViewState(workspace.contacts)
        with workspace._database.write() as connection:
            connection.execute(text("ALTER TABLE contacts RENAME TO gone"))
        search = state.guarded(lambda: state.look_for("ann"))
        search()
        assert "Something went wrong" in state.problem
        with workspace._database.write() as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO contacts"))
        search()
        assert (state.results.count, state.problem) == (1, "")


def test_looking_for_what_is_shown_reads_nothing_again(workspace):
    workspace.add_contact(first_name="Ann")
    state = ViewState(workspace.contacts)
    state.look_for("ann")
    shown = state.results

    state.look_for("ann")

    assert state.results is shown
