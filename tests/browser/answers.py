"""Answers of a server that is slow to come, as far away or busy ones are."""

from __future__ import annotations

import re

from playwright.sync_api import Page, WebSocketRoute


class Answers:
    """What kernels tell `page`, which has to be opened after this is made."""

    def __init__(self, page: Page) -> None:
        self._is_held = False
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket(re.compile("/channels"), self._pass_on)

    def hold(self) -> None:
        """Let nothing come to the page from now on."""
        self._is_held = True

    def release(self) -> None:
        """Let all come that was held, and what comes from now on."""
        self._is_held = False
        for page_side, message in self._held:
            page_side.send(message)
        self._held.clear()

    def _pass_on(self, page_side: WebSocketRoute) -> None:
        server = page_side.connect_to_server()
        server.on_message(
            lambda message: self._held.append((page_side, message)) if self._is_held else page_side.send(message)
        )
