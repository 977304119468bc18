"""Processes that write to one workspace at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import TypeVar

WRITERS = 8

PROCESSES = get_context("forkserver")
Result = TypeVar("Result")
_ready: Barrier


def _wait_with(barrier: Barrier) -> None:
    global _ready  # noqa: PLW0603 - a barrier can only be handed over when its process begins
    _ready = barrier


def wait_for_all() -> None:
    """Wait until every writer has come so far."""
    _ready.wait()


def at_once(work: Callable[[str, int], Result], address: str) -> list[Result]:
    """What `work` gives to each of the writers, who have a process each; it has to call `wait_for_all` once."""
    PROCESSES.set_forkserver_preload(["contacts_nb"])
    barrier = PROCESSES.Barrier(WRITERS, timeout=60)
    with ProcessPoolExecutor(WRITERS, PROCESSES, _wait_with, (barrier,)) as pool:
        return list(pool.map(work, [address] * WRITERS, range(WRITERS)))
