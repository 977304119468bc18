"""Waiting until a person stops typing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

_LONGEST = 0.3  # seconds; a longer pause is felt


class Debounced:
    """Calls `action` once, `delay` seconds after the last of a burst of calls to this object.

    An action that takes longer is waited for as long as it took the last time, so that bursts don't pile up.
    """

    def __init__(self, action: Callable[[], None], delay: float) -> None:
        self._action = action
        self._delay = delay
        self._took = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def _act(self) -> None:
        began = perf_counter()
        self._action()
        self._took = perf_counter() - began

    def __call__(self) -> None:
        """Ask for the action; where no event loop runs (a script, a test) it happens at once."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._act()
        else:
            self._timer = loop.call_later(max(self._delay, min(self._took, _LONGEST)), self._act)
