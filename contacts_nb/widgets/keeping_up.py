"""What is on the screen follows what others do: a look once a second, as long as the view is in use."""

from __future__ import annotations

import asyncio
import logging
from weakref import ReferenceType, ref

from contacts_nb.model.errors import ContactsError
from contacts_nb.widgets.state import ViewState

_SECONDS = 1.0
logger = logging.getLogger("contacts_nb")
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
    while True:
        await asyncio.sleep(_SECONDS)
        state = watched()
        if state is None:
            return
        try:
            state.keep_up()
            failing = False
        except ContactsError as error:
            # The next gesture says so on the screen, and this goes on when the cause is gone.
            if not failing:
                logger.warning("%s", error)
            failing = True
        del state
