"""What is on the screen follows what others do: a look once a second, as long as the view is in use."""

from __future__ import annotations

import asyncio
from time import monotonic
from weakref import ReferenceType, ref

from contacts_nb.store.patience import waiting_at_most
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.state import ViewState

_SECONDS = 1.0
_PART = 10  # of the time at most one tenth
_MOST_SECONDS = 5.0
_PATIENCE_MS = 200
_tasks: set[asyncio.Task[None]] = set()  # a loop itself keeps no hold of its tasks


def keep_up(state: ViewState) -> None:
    """Let `state` follow from now on, where there is a loop to do so, as in every notebook."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    task = loop.create_task(_follow(ref(state)))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _follow(watched: ReferenceType[ViewState]) -> None:
    failing = False
    took = 0.0
    while True:
        # A server that can't be reached may take long to say so, and the page has to answer in between. Where many
        # look at pages and change things at once, most of the time is for what they do.
        await asyncio.sleep(max(_SECONDS, took, min(_MOST_SECONDS, _PART * took)))
        state = watched()
        if state is None:
            return
        begun = monotonic()
        try:
            with waiting_at_most(_PATIENCE_MS):
                state.keep_up()
            failing = False
        except Exception as error:  # noqa: BLE001 - this goes on when the cause is gone, whatever it is
            if not failing:  # once in the log
                state.unreachable = sentence_of(error)
            failing = True
        took = monotonic() - begun
        del state
