"""The app on a page, read the way a person reads it: what was painted where, and what the page says.

The table is one canvas, so the text in it is caught as it is painted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import accumulate

from playwright.sync_api import FloatRect, Page, expect

from contacts_nb.model.columns import COLUMNS as ALL
from contacts_nb.model.columns import default_columns

# Fills tell which texts were painted over: those of a selection can be seen through, and have no "#".
CATCH_PAINTED_TEXT = """
window.painted = [];
window.filled = [];
const { fillText, fillRect } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  window.painted.push([performance.now(), String(text), x, y]);
  return fillText.apply(this, arguments);
};
CanvasRenderingContext2D.prototype.fillRect = function (x, y, width, height) {
  if (String(this.fillStyle).startsWith("#")) window.filled.push([window.painted.length, x, y, width, height]);
  return fillRect.apply(this, arguments);
};
"""
# What was painted since a moment and is still to be seen, once nothing more is painted and no row is awaited. What
# is painted beyond the edges is seen by nobody, and never gets its row.
_PAINTED = """([since, quiet]) => {
  const first = window.painted.findIndex(([at]) => at > since);
  const view = document.querySelector(".lm-DataGrid-viewport");
  if (!view || first < 0 || performance.now() - window.painted.at(-1)[0] < quiet) return null;
  const fills = window.filled.filter(([count]) => count > first);
  const isSeen = (x, y, number) =>
    !fills.some(([count, left, top, width, height]) =>
      count > number && x >= left && x < left + width && y >= top && y < top + height);
  const isThere = ([, , x, y], number) => number >= first && isSeen(x, y, number)
    && x < view.clientWidth && y < view.clientHeight;
  const seen = window.painted.filter(isThere);
  return seen.some(([, text]) => text === "...") ? null : seen.map(([, text, x, y]) => [text, x, y]);
}"""
HEADER_PX = 36
ROW_PX = 40
COLUMNS = default_columns(ALL)
_SIGN_PX = 44
_KEYS = ["tick", *(column.key for column in COLUMNS), "menu"]
_WIDTHS = [_SIGN_PX, *(column.width for column in COLUMNS), _SIGN_PX]
_LEFTS = [0, *accumulate(_WIDTHS)][:-1]
_QUIET_MS = 400
_PATIENCE_S = 30
Rows = list[dict[str, str]]
Texts = list[tuple[str, float, float]]  # with their places, in pixels


def shows(painted: str, text: str) -> bool:
    """Whether what was painted is `text`, in whole or as far as the cell is wide."""
    return painted == text or (painted.endswith("…") and text.startswith(painted[:-1]))


def ends_with(name: str) -> Callable[[list[str]], bool]:
    """What tells whether the last of the names that were painted is `name`."""
    return lambda names: bool(names) and shows(names[-1], name)


class TablePage:
    """The app on `page`, which must have been opened with `CATCH_PAINTED_TEXT`."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def rows_after(self, gesture: Callable[[], object], until: Callable[[Rows], bool] = bool) -> Rows:
        """The rows that were painted in answer to `gesture`, from top to bottom: cell texts by column key.

        Those that were there may be painted again before the answer is: `until` says what is waited for.
        """
        since = self.page.evaluate("performance.now()")
        gesture()
        return self.rows_since(since, until)

    def rows_since(self, since: float, until: Callable[[Rows], bool] = bool) -> Rows:
        """The rows that were painted since a moment of the page, 0 being its begin.

        Waits until they are as they should be; where they don't become so, they are given as they are.
        """
        return _rows_of(self._texts_since(since, lambda texts: until(_rows_of(texts))))

    def rows_with_header(self, gesture: Callable[[], object], label: str, *, is_there: bool) -> Rows:
        """The rows that were painted in answer to `gesture`, once there is a header `label`, or none any more."""
        since = self.page.evaluate("performance.now()")
        gesture()

        def is_as_said(texts: Texts) -> bool:
            headers = [text for text, _, y in texts if y <= HEADER_PX]
            return bool(headers and _rows_of(texts)) and (label in headers) is is_there

        texts = self._texts_since(since, is_as_said)
        assert is_as_said(texts), texts
        return _rows_of(texts)

    def names_after(self, gesture: Callable[[], object], until: Callable[[list[str]], bool] = bool) -> list[str]:
        """The names that were painted in answer to `gesture`, from top to bottom."""
        return _names_of(self.rows_after(gesture, lambda rows: until(_names_of(rows))))

    def _texts_since(self, since: float, until: Callable[[Texts], bool]) -> Texts:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            texts: Texts = self.page.evaluate(_PAINTED, [since, _QUIET_MS]) or []
            if until(texts):
                return texts
            if time.monotonic() > deadline:
                assert texts, "nothing was painted, or a row is still awaited"
                return texts
            self.page.wait_for_timeout(_QUIET_MS / 4)

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

    def says(self, text: str) -> None:
        """Wait until the page says `text` of how many contacts are shown."""
        expect(self.page.locator(".cnb-status")).to_have_text(text)

    def _grid_box(self) -> FloatRect:
        box = self.page.locator(".lm-DataGrid").bounding_box()
        assert box is not None
        return box


def _rows_of(texts: Texts) -> Rows:
    """The cells by column key, of each row from top to bottom."""
    cells: dict[float, dict[str, str]] = {}
    for text, x, y in texts:
        if y > HEADER_PX:
            # Signs stand a little lower than text.
            row = next((other for other in cells if abs(other - y) < ROW_PX / 4), y)
            cells.setdefault(row, {})[_column_at(x)] = text
    return [cells[y] for y in sorted(cells)]


def _names_of(rows: Rows) -> list[str]:
    return [row["name"] for row in rows if "name" in row]


def _index_of(column: str) -> int:
    return _KEYS.index(column)


def _column_at(x: float) -> str:
    return _KEYS[max(index for index, left in enumerate(_LEFTS) if left <= x)]
