"""The app on a page, read the way a person reads it: what was painted where, and what the page says.

The table is one canvas, so the text in it is caught as it is painted.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from playwright.sync_api import FloatRect, Page

from contacts_nb.model.columns import COLUMNS as ALL
from contacts_nb.model.columns import default_columns

CATCH_PAINTED_TEXT = """
window.painted = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  window.painted.push([performance.now(), String(text), x, y]);
  return fillText.apply(this, arguments);
};
"""
HEADER_PX = 36
ROW_PX = 40
COLUMNS = default_columns(ALL)
_SIGN_PX = 44
_KEYS = ["tick", *(column.key for column in COLUMNS), "menu"]
_WIDTHS = [_SIGN_PX, *(column.width for column in COLUMNS), _SIGN_PX]
_LEFTS = [0, *accumulate(_WIDTHS)][:-1]
_QUIET_MS = 400


def shows(painted: str, text: str) -> bool:
    """Whether what was painted is `text`, in whole or as far as the cell is wide."""
    return painted == text or (painted.endswith("…") and text.startswith(painted[:-1]))


class TablePage:
    """The app on `page`, which must have been opened with `CATCH_PAINTED_TEXT`."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def rows_after(self, gesture: Callable[[], object]) -> list[dict[str, str]]:
        """The rows that were painted in answer to `gesture`, from top to bottom: cell texts by column key."""
        since = self.page.evaluate("performance.now()")
        gesture()
        return self.rows_since(since)

    def rows_since(self, since: float) -> list[dict[str, str]]:
        """The rows that were painted since a moment of the page, 0 being its begin.

        Waits until the page has painted something, then nothing more for a while, and no row is still awaited.
        """
        self.page.wait_for_function(
            """([since, quiet]) => {
                const painted = window.painted.filter(([at]) => at > since);
                const names = painted.filter(([, , x, y]) => x > 44 && x < 64 && y > 36);
                return painted.length && performance.now() - painted.at(-1)[0] > quiet
                    && !(names.length && names.at(-1)[1] === "...");
            }""",
            arg=[since, _QUIET_MS],
            timeout=30_000,
        )
        painted = self.page.evaluate("since => window.painted.filter(([at]) => at > since)", since)
        # "..." stands where a row is awaited; when rows come, all in view are painted anew.
        awaited = max((number for number, (_, text, _, _) in enumerate(painted) if text == "..."), default=-1)
        cells: dict[float, dict[str, str]] = {}
        for _, text, x, y in painted[awaited + 1 :]:
            if y > HEADER_PX:
                # Signs stand a little lower than text. A later text at the same place covers the earlier one.
                row = next((other for other in cells if abs(other - y) < ROW_PX / 4), y)
                cells.setdefault(row, {})[_column_at(x)] = text
        return [cells[y] for y in sorted(cells)]

    def rows_with_header(
        self, gesture: Callable[[], object], label: str, *, is_there: bool
    ) -> list[dict[str, str]]:
        """The rows that were painted in answer to `gesture`, once there is a header `label`, or none any more.

        The table that was there may be painted again before the new one is.
        """
        since = self.page.evaluate("performance.now()")
        gesture()
        self.page.wait_for_function(
            """([since, edge, label, isThere]) => {
                const headers = window.painted.filter(([at, , , y]) => at > since && y < edge);
                const byPlace = new Map(headers.map(([, text, x]) => [Math.round(x), text]));
                return headers.length && [...byPlace.values()].includes(label) === isThere;
            }""",
            arg=[since, HEADER_PX, label, is_there],
            timeout=30_000,
        )
        return self.rows_since(since)

    def names_after(self, gesture: Callable[[], object]) -> list[str]:
        """The names that were painted in answer to `gesture`, from top to bottom."""
        return [row["name"] for row in self.rows_after(gesture) if "name" in row]

    def click_cell(self, row: int, column: str) -> None:
        """Click the cell of `column` ("tick" is the first) in the row at position `row` of those in view."""
        box = self._grid_box()
        x = box["x"] + _LEFTS[_index_of(column)] + 22
        self.page.mouse.click(x, box["y"] + HEADER_PX + ROW_PX * row + ROW_PX / 2)

    def sort(self, column: str, command: str) -> None:
        """Choose `command` ("Sort Ascending" …) from the menu of a column's header."""
        box = self._grid_box()
        index = _index_of(column)
        self.page.mouse.click(box["x"] + _LEFTS[index] + _WIDTHS[index] - 7, box["y"] + HEADER_PX - 8)
        self.page.locator(".lm-Menu-item", has_text=command).click()

    def drag_scroll_bar_to_the_end(self) -> None:
        """Drag the thumb of the vertical scroll bar down to the end and let go."""
        thumb = self.page.locator(".lm-ScrollBar[data-orientation=vertical] .lm-ScrollBar-thumb").bounding_box()
        assert thumb is not None
        x, y = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x, y + 5_000, steps=4)
        self.page.mouse.up()

    def type_search(self, text: str) -> None:
        """Type into the search box, key by key."""
        self.page.get_by_placeholder("Search name").press_sequentially(text, delay=30)

    def status(self) -> str:
        """What the page says of how many contacts are shown."""
        return self.page.locator(".cnb-status").inner_text()

    def _grid_box(self) -> FloatRect:
        box = self.page.locator(".lm-DataGrid").bounding_box()
        assert box is not None
        return box


def _index_of(column: str) -> int:
    return _KEYS.index(column)


def _column_at(x: float) -> str:
    return _KEYS[max(index for index, left in enumerate(_LEFTS) if left <= x)]
