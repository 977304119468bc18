"""The stylesheet of all widgets; colours come from the theme of JupyterLab or Voilà, light or dark."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import ipywidgets
from markupsafe import Markup

from contacts_nb.widgets.html import html_widget, style_element

# White initials are readable on each (contrast 4.5 or more).
AVATAR_COLOURS = ("#2f6f8f", "#8a4f7d", "#5a7a2b", "#a8552e", "#4a5fa5", "#87621f", "#2e7d6b", "#9a3f4f")


def style_widget() -> ipywidgets.HTML:
    """A widget that brings the rules of all stylesheets here to the page, and takes no room on it."""
    widget = html_widget(_stylesheet())
    widget.layout.display = "none"
    return widget


@cache
def _stylesheet() -> Markup:
    files = sorted(Path(__file__).parent.glob("*.css"))
    return style_element("\n".join(file.read_text(encoding="utf-8") for file in files))
