from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.widgets.window_grid import WindowGrid

COLUMNS = {"Name": 100, "Phone": 80, "Tags": 60}
ROWS = [(f"name {row}", f"phone {row}", f"tag {row}") for row in range(100)]


class Spy:
    """A grid over `ROWS`, with what it fetched, sent and was told."""

    def __init__(self, row_count: int = 100) -> None:
        self.fetched: list[tuple[int, int]] = []
        self.sorts: list[tuple[str | None, bool]] = []
        self.clicks: list[tuple[int, str]] = []
        self.headers: list[str] = []
        self.moves: list[int] = []
        self.sent: list[dict[str, Any]] = []
        self.grid = WindowGrid(
            COLUMNS,
            fetch=self.fetch,
            on_sort=lambda label, descending: self.sorts.append((label, descending)),
            on_click=lambda row, label: self.clicks.append((row, label)),
            on_header=self.headers.append,
            on_move=self.moves.append,
            emphasised="Name",
        )
        self.grid.show(row_count, sorted_by=None, descending=False)
        self.grid.send = lambda content, _buffers=None: self.sent.append(content)
        self.fetched.clear()

    def fetch(self, first: int, last: int) -> list[tuple[str, str, str]]:
        self.fetched.append((first, last))
        return ROWS[first : last + 1]

    def asks(self, **content: object) -> None:
        self.sent.clear()
        self.fetched.clear()
        self.grid._handle_custom_msg(content, [])


@pytest.fixture
def spy():
    return Spy()


@given(st.integers(0, 99), st.integers(0, 120), st.integers(0, 2), st.integers(0, 4))
def test_a_rectangle_is_answered_with_its_rows_and_columns_inclusive(first, height, left, width):
    spy = Spy()
    spy.asks(type="data-request", r1=first, r2=first + height, c1=left, c2=left + width)
    last, right = min(first + height, 99), min(left + width, 2)
    (reply,) = spy.sent
    assert {key: reply[key] for key in ("event_type", "r1", "r2", "c1", "c2")} == {
        "event_type": "data-reply",
        "r1": first,
        "r2": last,
        "c1": left,
        "c2": right,
    }
    labels = list(COLUMNS)[left : right + 1]
    data = reply["value"]["data"]
    assert {label: data[label] for label in labels} == {
        label: [row[list(COLUMNS).index(label)] for row in ROWS[first : last + 1]] for label in labels
    }
    assert not set(COLUMNS) - set(labels) & set(data)
    assert spy.fetched == [(first, last)]


@pytest.mark.parametrize(("first", "last"), [(100, 120), (250, 300), (-5, 3)])
def test_what_is_past_the_end_is_not_answered(spy, caplog, first, last):
    spy.asks(type="data-request", r1=first, r2=last, c1=0, c2=2)
    assert (spy.sent, spy.fetched, caplog.text) == ([], [], "")


def test_a_rectangle_turned_round_is_answered_with_a_window_from_its_first_row(spy):
    spy.asks(type="data-request", r1=0, r2=9, c1=0, c2=2)
    spy.asks(type="data-request", r1=20, r2=-1, c1=0, c2=-1)
    (reply,) = spy.sent
    assert reply["r1"] == 20
    assert reply["r2"] >= 29
    assert (reply["c1"], reply["c2"]) == (0, 2)


def test_a_grid_without_rows_answers_nothing():
    spy = Spy(row_count=0)
    spy.asks(type="data-request", r1=0, r2=20, c1=0, c2=2)
    assert (spy.sent, spy.fetched) == ([], [])


def test_rows_that_are_gone_by_now_are_not_answered(spy, caplog):
    spy.grid._fetch = lambda _first, _last: []
    spy.asks(type="data-request", r1=0, r2=9, c1=0, c2=2)
    assert (spy.sent, caplog.text) == ([], "")


def test_a_filter_dialog_is_answered_with_nothing_to_choose(spy):
    spy.asks(type="unique-values-request", column="Name")
    (reply,) = spy.sent
    assert (reply["event_type"], reply["column"]) == ("unique-values-reply", "Name")
    assert spy.fetched == []


@pytest.mark.parametrize("region", ["column-header", "row-header", "corner-header"])
def test_a_click_on_a_header_opens_nothing(spy, region):
    spy.asks(event_type="cell-click", region=region, column="Name", column_index=0, row=0, cell_value="Name")
    assert spy.clicks == []


def test_a_click_on_a_cell_tells_its_row_and_column(spy, caplog):
    spy.asks(event_type="cell-click", region="body", column="Phone", column_index=1, row=7, cell_value="phone 7")
    assert (spy.clicks, caplog.text) == ([(7, "Phone")], "")


@pytest.mark.parametrize("content", [{}, {"type": "frontend-event"}, {"event_type": "nonsense"}, {"type": None}])
def test_other_messages_are_passed_over(spy, caplog, content):
    spy.asks(**content)
    assert (spy.sent, spy.clicks, spy.sorts, caplog.text) == ([], [], [], "")


def test_a_sort_from_the_menu_of_a_header_is_told(spy):
    for transforms in (
        [{"type": "sort", "column": "Phone", "desc": False}],
        [{"type": "sort", "column": "Phone", "desc": True}],
        [],
    ):
        spy.grid.set_state({"_transforms": transforms})
    assert spy.sorts == [("Phone", False), ("Phone", True), (None, False)]
    assert spy.grid._row_count == 100


def test_a_filter_from_the_browser_changes_nothing(spy):
    spy.grid.set_state({"_transforms": [{"type": "filter", "column": "Name", "operator": "=", "value": "x"}]})
    assert (spy.sorts, spy.grid._row_count) == ([], 100)


def test_showing_answers_with_the_first_rows_and_data_that_differs(spy):
    before = spy.grid._data["schema"]
    spy.grid.show(50, sorted_by="Phone", descending=True)
    replies = [content for content in spy.sent if content["event_type"] == "data-reply"]
    assert [(reply["r1"], reply["c1"], reply["c2"]) for reply in replies] == [(0, 0, 2)]
    assert spy.grid._data["schema"] != before
    assert spy.grid._row_count == 50
    assert [(sort["column"], sort["desc"]) for sort in spy.grid._transforms] == [("Phone", True)]
    assert {"event_type": "tick"} in spy.sent


def test_showing_twice_makes_the_browser_begin_anew_each_time(spy):
    schemas = []
    for _ in range(3):
        spy.grid.show(100, sorted_by=None, descending=False)
        schemas.append(spy.grid._data["schema"])
    assert schemas[0] != schemas[1] != schemas[2]


def test_showing_nothing_fetches_nothing(spy):
    spy.grid.show(0, sorted_by=None, descending=False)
    assert spy.fetched == []
    assert spy.grid._row_count == 0


def test_rows_that_the_browser_has_are_renewed_where_it_is(spy):
    spy.asks(type="data-request", r1=10, r2=19, c1=0, c2=2)
    spy.asks(type="data-request", r1=15, r2=24, c1=0, c2=2)
    spy.asks(type="data-request", r1=60, r2=69, c1=0, c2=2)
    schema = spy.grid._data["schema"]
    spy.sent.clear()
    spy.grid.renew(65)
    replies = [(reply["r1"], reply["r2"]) for reply in spy.sent if reply["event_type"] == "data-reply"]
    assert replies == [(0, 39), (60, 64)]  # the first rows came with the grid
    assert spy.grid._row_count == 65
    assert spy.grid._data["schema"] == schema  # another one would take it back to the top


@pytest.mark.parametrize(
    ("before", "seen", "after", "renewed"),
    [
        (4, (0, 3), 5, [(0, 4)]),
        (4, (0, 3), 100, [(0, 43)]),
        (100, (84, 99), 99, [(0, 39), (59, 98)]),
        (100, (84, 99), 60, [(0, 59)]),
        (100, (84, 99), 90, [(0, 39), (50, 89)]),
        (90, (50, 65), 91, [(0, 39), (50, 65)]),
        (100, (84, 99), 100, [(0, 39), (84, 99)]),
    ],
)
def test_rows_that_come_into_view_at_the_end_are_given_unasked(before, seen, after, renewed):
    spy = Spy(before)
    spy.asks(type="data-request", r1=seen[0], r2=seen[1], c1=0, c2=2)
    spy.sent.clear()
    spy.grid.renew(after)
    assert [(reply["r1"], reply["r2"]) for reply in spy.sent if reply["event_type"] == "data-reply"] == renewed


def test_where_the_browser_has_too_many_rows_to_renew_it_begins_anew(spy, monkeypatch):
    monkeypatch.setattr("contacts_nb.widgets.window_grid._RENEWED_AT_MOST", 5)
    spy.asks(type="data-request", r1=10, r2=19, c1=0, c2=2)
    schema = spy.grid._data["schema"]
    spy.grid.renew(100)
    assert spy.grid._data["schema"] != schema
