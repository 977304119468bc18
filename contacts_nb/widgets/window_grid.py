"""The only module that knows ipydatagrid: a grid of text whose rows are fetched window by window.

The browser asks for the rectangle it shows and is answered from a function; the frame behind ipydatagrid's
own streaming grid is never held. What has been measured of ipydatagrid 1.4 stands where it bites.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd
from ipydatagrid import Expr, StreamingDataGrid, TextRenderer
from traitlets import observe

# Rows of a window as columns of text: the grid shows int64 above 32 bits as 0, a missing text as an italic
# NaN, and never renders with a NaT.
Cells = Sequence[Sequence[str]]
_ROW_PX = 40
_HEADER_PX = 36
_IN_VIEW = 40  # rows, on most screens
_RENEWED_AT_MOST = 2_000  # rows; of more it is quicker to begin at the top again
_MARKED = "rgba(36, 120, 212, 0.1)"
_LINE = "rgba(128, 128, 128, 0.28)"
_SHADOW, _SHADOW_END, _NO_SHADOW = (f"rgba(128, 128, 128, {share})" for share in (0.28, 0.1, 0))


class WindowGrid(StreamingDataGrid):
    """A grid of `columns` (label to width in pixels) with `row_count` rows.

    `fetch(first, last)` gives the rows from `first` to `last` inclusive, each a sequence of texts in the order
    of the columns. `on_sort(label, descending)` is called when a header's menu asks for an order (label None
    for none), `on_click(row, label)` when a body cell is clicked, `on_header(label)` when a header is, and
    `on_move(row)` when the mark of a row moves, by mouse or by keys. `signs` are columns of single characters.
    """

    _data: dict[str, Any]
    _transforms: list[dict[str, Any]]

    def __init__(
        self,
        columns: Mapping[str, int],
        *,
        fetch: Callable[[int, int], Cells],
        on_sort: Callable[[str | None, bool], None],
        on_click: Callable[[int, str], None],
        on_header: Callable[[str], None],
        on_move: Callable[[int], None],
        emphasised: str,
        signs: Collection[str] = (),
    ) -> None:
        self._labels = list(columns)
        self._fetch = fetch
        self._on_sort = on_sort
        self._on_click = on_click
        self._on_header = on_header
        self._on_move = on_move
        self._height = _IN_VIEW  # rows in view; known from the first request on
        self._given: set[int] = set()  # rows that the browser has
        family = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans Symbols 2', sans-serif"
        font = f"13px {family}"
        super().__init__(
            pd.DataFrame({label: pd.Series(dtype="str") for label in columns}),
            debounce_delay=40,
            base_row_size=_ROW_PX,
            base_column_header_size=_HEADER_PX,
            header_visibility="column",
            selection_mode="row",
            column_widths=dict(columns),
            default_renderer=TextRenderer(font=font, text_color=Expr("default_value")),
            renderers={
                emphasised: TextRenderer(font=f"600 {font}", text_color="#2478d4"),
                **{sign: TextRenderer(font=f"17px {family}", horizontal_alignment="center") for sign in signs},
            },
            header_renderer=TextRenderer(font=f"600 {font}"),
            # Half-transparent greys are quiet lines on white and on black alike.
            grid_style={
                "horizontal_grid_line_color": _LINE,
                "vertical_grid_line_color": "transparent",
                "header_horizontal_grid_line_color": _LINE,
                "header_vertical_grid_line_color": _LINE,
                # It lies over the text, which has to stay readable.
                "selection_fill_color": _MARKED,
                # A hint that there is more, no dark edge.
                "scroll_shadow": {"size": 6, "color1": _SHADOW, "color2": _SHADOW_END, "color3": _NO_SHADOW},
            },
        )
        # With no frame at all a click throws in the browser and never arrives here, and headers don't show
        # their sort. With an empty one it comes without the row's key, on which ipydatagrid's handler fails.
        self._data = self._data | {
            "data": pd.DataFrame(
                {field["name"]: pd.Series(dtype="str") for field in self._data["schema"]["fields"]}
            )
        }
        self.on_msg(self._DataGrid__handle_custom_msg, remove=True)

    def show(self, row_count: int, *, sorted_by: str | None, descending: bool) -> None:
        """Show `row_count` rows, fetched anew, and mark the header they are sorted by."""
        self._given.clear()
        with self.hold_sync():
            self._row_count = row_count
            self._transforms = (
                [] if sorted_by is None else [{"type": "sort", "column": sorted_by, "desc": descending}]
            )
            # The browser never forgets rows it has had, and draws the mark of the sort only together with
            # everything else. Data that differs makes it begin anew; the type of the hidden key is all that may.
            key, *others = self._data["schema"]["fields"]
            turned = key | {"type": "number" if key["type"] == "integer" else "integer"}
            self._data = self._data | {"schema": self._data["schema"] | {"fields": [turned, *others]}}
        # It is at the top then, and would ask by itself, but later.
        if row_count:
            self._answer(0, min(self._height, row_count) - 1, 0, len(self._labels) - 1)
        self.tick()

    def renew(self, row_count: int) -> None:
        """Show `row_count` rows, some of which may have changed; the browser stays where it is."""
        if len(self._given) > _RENEWED_AT_MOST:
            label, descending = _sort_of(self._transforms)
            self.show(row_count, sorted_by=label, descending=descending)
            return
        revealed = self._revealed_by(row_count)
        self._row_count = row_count
        # It keeps rows that are out of sight too, and never asks for them again.
        given = sorted(row for row in self._given | revealed if row < row_count)
        self._given.clear()
        for first, last in _stretches(given):
            self._answer(first, last, 0, len(self._labels) - 1)

    def _revealed_by(self, row_count: int) -> set[int]:
        """Rows that come into view at the end as there are more or fewer: the browser asks for none of them."""
        if row_count == self._row_count or self._row_count - 1 not in self._given:
            return set()
        end, height = min(row_count, self._row_count), max(_IN_VIEW, self._height)
        return set(range(max(0, end - height), end + height))

    def repaint(self, label: str, text: Callable[[int], str]) -> None:
        """Show other texts, by row, in one column of the rows that the browser has."""
        column = self._labels.index(label)
        for first, last in _stretches(sorted(row for row in self._given if row < self._row_count)):
            self._send_rows(first, [[text(row)] for row in range(first, last + 1)], column, column)

    def _handle_comm_msg(self, _: object, content: dict[str, Any], _buffers: object) -> None:
        kind = content.get("type") or content.get("event_type")
        if kind == "cell-click":
            self._clicked(content)
        elif kind == "data-request":
            first, last = int(content["r1"]), int(content["r2"])
            if last < first:  # past the end of the rows, in a grid that is higher than they are
                last = first + self._height
            last = min(last, self._row_count - 1)
            if 0 <= first <= last:
                self._height = last - first + 1
                self._answer(first, last, max(0, int(content["c1"])), int(content["c2"]))
        elif kind == "unique-values-request":
            # Asked by a filter dialog that the stylesheet hides; an empty answer keeps it from waiting.
            value, buffers = self._serialize_helper(pd.DataFrame({content["column"]: pd.Series(dtype="str")}))
            self.send({"event_type": "unique-values-reply", "column": content["column"], "value": value}, buffers)

    def _answer(self, first: int, last: int, left: int, right: int) -> None:
        rows = self._fetch(first, last)
        if not rows:
            return
        self._given.update(range(first, first + len(rows)))
        right = len(self._labels) - 1 if right < left else right
        self._send_rows(first, [row[left : right + 1] for row in rows], left, right)

    def _send_rows(self, first: int, rows: Cells, left: int, right: int) -> None:
        labels = self._labels[left : right + 1]
        frame = pd.DataFrame(rows, columns=labels, dtype="object")
        value, buffers = self._serialize_helper(frame)
        self.send(
            {
                "event_type": "data-reply",
                "value": value,
                "r1": first,
                "r2": first + len(rows) - 1,
                "c1": left,
                "c2": left + len(labels) - 1,
            },
            buffers,
        )

    @observe("_transforms")
    def _on_transforms_changed(self, change: Mapping[str, Any]) -> None:
        if _sort_of(change["new"]) != _sort_of(change["old"] or []):
            self._on_sort(*_sort_of(change["new"]))

    def _clicked(self, click: Mapping[str, Any]) -> None:
        if click["region"] == "body":
            self._on_click(int(click["row"]), str(click["column"]))
        elif click["region"] == "column-header":
            self._on_header(str(click["column"]))

    @observe("selections")
    def _selected(self, change: Mapping[str, Any]) -> None:
        marked = change["new"]
        if marked:
            self._on_move(int(marked[-1]["r2"]))


def _stretches(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and last of each run of neighbours in `rows`, which ascend."""
    for _, run in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
        neighbours = [row for _, row in run]
        yield neighbours[0], neighbours[-1]


def _sort_of(transforms: Sequence[Mapping[str, Any]]) -> tuple[str | None, bool]:
    sorts = [transform for transform in transforms if transform.get("type") == "sort"]
    return (sorts[-1]["column"], bool(sorts[-1].get("desc"))) if sorts else (None, False)
