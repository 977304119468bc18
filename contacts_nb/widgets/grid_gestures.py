"""What is done to a grid in the browser and ipydatagrid doesn't tell by itself: widths, pressed keys, places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import ipywidgets
from traitlets import Instance, List

from contacts_nb.widgets.html_form import script


class GridGestures(anywidget.AnyWidget):
    """Tells the `widths` of the columns of `grid`, in order, as they are on the page; it is never shown itself.

    `place` is where on the page it was pressed last, in pixels, and `shift` whether with the shift key; both are
    known before the grid tells the click. `on_key` is called with "tick" or "open" for the space bar and Enter.
    """

    _esm = script("grid_painting.js", "grid_gestures.js")
    grid = Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    widths: List[Any] = List().tag(sync=True)

    def __init__(self, grid: ipywidgets.Widget, on_key: Callable[[str], None]) -> None:
        super().__init__(grid=grid)
        self.shift = False
        self.place = (0.0, 0.0)
        self._on_key = on_key
        self.on_msg(self._told)

    def _told(self, _widget: object, told: dict[str, Any], _buffers: object) -> None:
        if pressed := told.get("pressed"):
            self.shift = bool(pressed["shift"])
            self.place = (float(pressed["x"]), float(pressed["y"]))
        elif key := told.get("key"):
            self._on_key(str(key))
