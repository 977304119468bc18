"""The one shape that comes out of every reader: records with their file, line and original text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# The fields a record may carry; `tags` holds several.
FIELDS = ("first_name", "last_name", "phone", "email", "country", "language", "tags")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One record of a file: `values` by field as text, or the `problem` why it can't be read.

    `line` is where the record begins (the first is 1); `original` is its cells, or a card's text in one cell.
    """

    line: int
    original: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(slots=True)
class SourceFile:
    """A file being read. `rows` can be gone through once; after that `left_out` is complete.

    `header` is the original header of a table, or empty for cards. `left_out` counts, by column or property,
    the values that a contact has no place for. `notes` are sentences for the person who imports.
    """

    name: str
    header: tuple[str, ...]
    rows: Iterator[SourceRow]
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
