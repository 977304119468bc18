"""Widths of columns that are dragged in the browser, which ipydatagrid doesn't tell by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
from traitlets import Instance, List


class DraggedWidths(anywidget.AnyWidget):
    """Tells the `widths` of the columns of `grid`, in order, as they are on the page; it is never shown itself."""

    _esm = Path(__file__).with_name("column_widths.js").read_text(encoding="utf-8")
    grid = Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    widths: List[Any] = List().tag(sync=True)
