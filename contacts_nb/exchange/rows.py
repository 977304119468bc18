"""The one shape that comes out of every reader: records with their file, line and original text."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# The fields a record may carry; `tags` holds several.
FIELDS = (
    "first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture", "tags",
    "assignee", "team", "id",
)  # fmt: skip
# What stands before the slug of a custom field, the name of a channel, and of a field to be made.
CUSTOM, CHANNEL, NEW = "field:", "channel:", "new:"
SEVERAL = ":::"
"""What stands between several values in one cell, as Google writes them."""


class SourceRow(NamedTuple):
    """One record of a file: `values` by target as text, or the `problem` why it can't be read.

    `line` is where the record begins (the first is 1); `original` is its cells, or a card's text in one cell.
    """

    line: int
    original: tuple[str, ...]
    values: Mapping[str, str] = MappingProxyType({})
    tags: tuple[str, ...] = ()
    problem: str | None = None
