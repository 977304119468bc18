"""How long a transaction waits for others: as long as its database lets it, or less where a page waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PAGE_MS = 3_000  # while somebody looks at a page that doesn't move

_MOST_MS: ContextVar[int | None] = ContextVar("contacts_nb_patience", default=None)


@contextmanager
def waiting_at_most(milliseconds: int) -> Iterator[None]:
    """In this block and this thread a transaction that can't have its turn by then fails.

    >>> with waiting_at_most(200):
    ...     patience(30_000)
    200
    >>> patience(30_000)
    30000
    """
    before = _MOST_MS.set(milliseconds)
    try:
        yield
    finally:
        _MOST_MS.reset(before)


def patience(usual: int) -> int:
    """The milliseconds that a transaction waits, which are `usual` ones unless less was asked for."""
    most = _MOST_MS.get()
    return usual if most is None else min(most, usual)
