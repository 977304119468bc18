"""Progress of what takes more than a second: a bar with a rate and the time left, in notebooks and terminals."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from tqdm.auto import tqdm
from tqdm.notebook import tqdm as notebook_tqdm

Progress = bool | Callable[[int, int | None], None]
"""True for a bar, False for none, or what is called with the number done and the total (None if unknown)."""

_SHOWN_AFTER = 1.0  # seconds


class Told(Protocol):
    """What is called with the number of things done, and with their total once that can be told."""

    def __call__(self, done: int, total: int | None = None, /) -> None: ...


@contextmanager
def counting(
    progress: Progress, label: str, unit: str, total: int | None = None, stopped: str = ""
) -> Iterator[Told]:
    """What is to be called with the number of things done so far, while a block works on `total` of them.

    The bar comes after a second, and only where somebody sees it. Whoever interrupts the block is told `stopped`.
    A total that isn't known at first may be given with a number done.

    >>> seen = []
    >>> with counting(lambda done, total: seen.append((done, total)), "Reading", "rows", total=2) as done:
    ...     done(2)
    >>> seen
    [(2, 2)]
    """
    try:
        if callable(progress):
            told = progress
            yield lambda done, known=None: told(done, known or total)
        elif progress:
            # Where output goes to a file nobody watches a bar; in a notebook it is a widget.
            hidden = not issubclass(tqdm, notebook_tqdm) and not sys.stderr.isatty()
            with tqdm(
                desc=label,
                total=total,
                unit=f" {unit}",
                unit_scale=True,
                delay=_SHOWN_AFTER,
                leave=False,
                disable=hidden,
            ) as bar:
                yield partial(_advance, bar)
        else:
            yield lambda _done, _total=None: None
    except KeyboardInterrupt as interrupt:
        # What became of the work stands where people look: behind the name of the error.
        raise KeyboardInterrupt(*interrupt.args or (stopped,)) from None


def _advance(bar: tqdm, done: int, total: int | None = None) -> None:  # type: ignore[type-arg]
    if total is not None:
        bar.total = total
    bar.update(done - bar.n)
