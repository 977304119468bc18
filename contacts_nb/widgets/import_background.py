"""Long work beside a page: in a thread where an event loop runs, so that the page stays alive and can stop it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import TypeVar

Told = Callable[[int, int | None], None]
"""Takes how much is done, and of how much (None if that isn't known)."""

Result = TypeVar("Result")
_TELLING_PAUSE = 0.2  # seconds; numbers that change faster can't be read


class Stopped(Exception):
    """The work was told to stop, and has left everything as it was."""


class Background:
    """Does one piece of work after the other.

    >>> Background().run(lambda told: 6 * 7, told=print, done=print, failed=print)
    42
    """

    def __init__(self) -> None:
        self._stop = Event()

    def stop(self) -> None:
        """Let the work end the next time it tells how far it is."""
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        """Whether the work was told to stop, be it too late."""
        return self._stop.is_set()

    def run(
        self,
        work: Callable[[Told], Result],
        *,
        told: Told,
        done: Callable[[Result], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Start `work`; the others are called on the loop that runs here, `done` or `failed` at the end.

        `work` gets what it has to call with its progress, which raises `Stopped` in it after `stop()`. Where no
        loop runs (a script, a test) all is done before this returns.
        """
        stop = self._stop = Event()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            _done(work, stop, told, lambda call: call(), done, failed)
            return

        def on_loop(call: Callable[[], None]) -> None:
            try:
                loop.call_soon_threadsafe(call)
            except RuntimeError:  # the loop ended with the page it served; the work's end must not be lost
                call()

        # A daemon: a kernel that is shut down must not wait. What isn't committed is then rolled back.
        Thread(target=_done, args=(work, stop, told, on_loop, done, failed), daemon=True).start()


def _done(
    work: Callable[[Told], Result],
    stop: Event,
    told: Told,
    on_loop: Callable[[Callable[[], None]], None],
    done: Callable[[Result], None],
    failed: Callable[[Exception], None],
) -> None:
    last_told = 0.0

    def tell(number: int, total: int | None) -> None:
        nonlocal last_told
        if monotonic() - last_told >= _TELLING_PAUSE:
            last_told = monotonic()
            on_loop(lambda: told(number, total))
        if stop.is_set():
            raise Stopped

    try:
        result = work(tell)
    except Exception as error:  # noqa: BLE001 - whatever it is, the page has to say so
        problem = error
        on_loop(lambda: failed(problem))
    else:
        on_loop(lambda: done(result))
