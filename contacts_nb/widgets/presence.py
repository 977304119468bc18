"""Tells people when nobody is there any more to answer: the kernel has died, or the connection to it is lost."""

from __future__ import annotations

from typing import Any

import anywidget

from contacts_nb.widgets.html_form import script


class Presence(anywidget.AnyWidget):
    """Takes no room while the page is answered; else a bar says so, and what to do.

    The page asks, because whoever has died can't tell.

    >>> Presence().comm is not None
    True
    """

    _esm = script("presence.js")

    def __init__(self) -> None:
        super().__init__()
        self.add_class("cnb-presence")
        self.on_msg(self._told)

    def _told(self, _presence: object, asked: dict[str, Any], _buffers: object) -> None:
        if "asked" in asked:
            self.send({"answered": asked["asked"]})
