"""Memory that is free again, given back to the machine."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Let the C library return what it keeps of freed memory; where it can't be told to, nothing happens.

    glibc keeps the pages of many small texts for itself, tens of megabytes after a load, and a kernel that only
    answers questions from then on would never need them again.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
