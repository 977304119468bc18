"""Taking widgets off the page for good."""

from __future__ import annotations

import ipywidgets


def close_all(widget: ipywidgets.Widget) -> None:
    """Close a widget with all that is in it; ipywidgets keeps for ever what isn't closed.

    >>> inner = ipywidgets.Label("Ann")
    >>> close_all(ipywidgets.VBox([inner]))
    >>> inner.comm is None
    True
    """
    for child in getattr(widget, "children", ()):
        close_all(child)
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if part is not None:
            part.close()
    widget.close()
