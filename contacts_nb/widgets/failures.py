"""What people are told when something goes wrong."""

from __future__ import annotations

import errno
import logging

from contacts_nb.model.errors import ContactsError

logger = logging.getLogger("contacts_nb")
_UNEXPECTED = (
    "Something went wrong and this step was not done. Try it again; if it goes on, the log says what happened."
)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NO_SPACE = (
    "There is no space left on a disk of the machine that this runs on, so this step was not done. Free some, or "
    "ask whoever looks after that machine, then try again."
)


def sentence_of(error: Exception) -> str:
    """What people are told of an error; the log keeps the rest.

    >>> from contacts_nb.model.errors import InvalidValue
    >>> sentence_of(InvalidValue("phone", "x", "is not a phone"))
    "phone 'x' is not a phone"
    """
    if isinstance(error, ContactsError):
        # No warning: where this happens while a cell runs, its output would say it a second time.
        logger.info("%s", error)
        return str(error)
    if isinstance(error, OSError) and error.errno in _FULL:
        logger.error("No space left: %s", error)
        return _NO_SPACE
    logger.error("A step failed", exc_info=error)
    return _UNEXPECTED
