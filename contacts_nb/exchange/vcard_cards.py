"""A vCard file as separate cards, found by their BEGIN and END lines only; so no card can spoil another.

Everything here is bytes: each card, even each line of a card, may have its own encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MARKER = re.compile(
    rb"^(?:(?P<begin>BEGIN)[ \t]*+:[ \t]*+VCARD|(?P<end>END)[ \t]*+:[ \t]*+VCARD"
    rb"|AGENT(?:;[^\r\n:]*+)?:)[ \t\r]*+$",
    re.MULTILINE | re.IGNORECASE,
)


class Card(NamedTuple):
    """The bytes of one card, from BEGIN to END, and the line of the file where it begins."""

    line: int
    data: bytes


def unix_lines(data: bytes) -> bytes:
    """`data` with the line ends of old Macs, which are carriage returns only, made line feeds."""
    return data.replace(b"\r", b"\n") if b"\n" not in data else data


def cards_in(data: bytes) -> Iterator[Card]:
    """The cards in `data`; one that isn't ended reaches to the next one, or to the end."""
    open_at, line, counted = -1, 1, 0
    nested, agent_end = 0, -1
    for marker in _MARKER.finditer(data):
        start = marker.start()
        if marker["begin"]:
            if open_at >= 0 and agent_end >= 0 and not data[agent_end:start].strip():
                nested += 1
                agent_end = -1
                continue
            if open_at >= 0:
                yield Card(line, data[open_at:start])
            line += data.count(b"\n", counted, start)
            open_at, counted, nested = start, start, 0
        elif marker["end"]:
            if nested:
                nested -= 1
            elif open_at >= 0:
                yield Card(line, data[open_at : marker.end()])
                open_at = -1
        # The card of an agent stands inside the card of the one who has the agent.
        agent_end = -1 if marker["begin"] or marker["end"] else marker.end()
    if open_at >= 0:
        yield Card(line, data[open_at:])
