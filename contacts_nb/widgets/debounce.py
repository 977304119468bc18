"""Waiting until a person stops typing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Debounced:
    """Calls `action` once, `delay` seconds after the last of a burst of calls to this object."""

    def __init__(self, action: Callable[[], None], delay: float) -> None:
        self._action = action
        self._delay = delay
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self) -> None:
        """Ask for the action; where no event loop runs (a script, a test) it happens at once."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._action()
        else:
            self._timer = loop.call_later(self._delay, self._action)
