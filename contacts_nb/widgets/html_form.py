"""What every form of HTML has: the markup it shows, and scripts of its own in the browser."""

from __future__ import annotations

from pathlib import Path

import anywidget
from markupsafe import Markup, escape
from traitlets import Unicode


def script(*names: str) -> str:
    """The JavaScript in files beside this one, one after the other, as one module.

    >>> "export default" in script("menu.js")
    True
    """
    return "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)


class HtmlForm(anywidget.AnyWidget):
    """Shows HTML that its script works on."""

    content = Unicode().tag(sync=True)

    def show(self, content: Markup) -> None:
        """Replace what is shown, which must come from `markup` or `joined`."""
        self.content = str(escape(content))
