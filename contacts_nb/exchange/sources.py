"""What every reader gives: tables as records of text cells, vCards as rows with fields.

A source can be gone through as often as needed; each time it is read anew from where it is kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contacts_nb.exchange.rows import SourceRow
from contacts_nb.model.errors import UnreadableFile

MOST_COLUMNS = 1_000


class Record(NamedTuple):
    """One record of a table: its `cells` as text, as many as the header, or the `problem` why they don't fit it.

    `line` is where it begins: a line of the file (the first is 1), a row of a sheet, or a position plus 1.
    """

    line: int
    cells: Sequence[str]
    problem: str | None = None


@dataclass(slots=True)
class TableSource(ABC):
    """A table. `notes` are sentences for the person who imports, complete once `records` ran through.

    `encoding` is what a text was read as; `size` counts bytes. Both are None where there is none.
    """

    name: str
    header: tuple[str, ...]
    notes: list[str]
    encoding: str | None
    size: int | None

    @abstractmethod
    def records(self) -> Iterator[Record]:
        """The records below the header that aren't blank, in order. Raises `UnreadableFile`."""


@dataclass(slots=True)
class CardSource(ABC):
    """A file of vCards, which has no header; otherwise as `TableSource`.

    `left_out` counts, by property, the values that a contact has no place for, in the rows given since `rows`
    was last called.
    """

    name: str
    notes: list[str]
    encoding: str | None
    size: int | None
    header: tuple[str, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)

    @abstractmethod
    def rows(self) -> Iterator[SourceRow]:
        """The cards, in order. Raises `UnreadableFile`."""


Source = TableSource | CardSource


def checked_header(name: str, header: Sequence[str]) -> tuple[str, ...]:
    """The header of the table `name`; raises `UnreadableFile` for more columns than any list of contacts has.

    >>> checked_header("people.csv", ["name", "phone"])
    ('name', 'phone')
    """
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(
            f"{name} has {len(header):,} columns; at most {MOST_COLUMNS:,} are read. "
            "Leave out those that aren't about contacts."
        )
    return tuple(header)


def fitted(
    line: int, cells: Sequence[str], header: Sequence[str], delimiter: str = "", *, may_be_short: bool = False
) -> Record:
    """The record in `cells`, brought to the length of `header`, or with its problem where that can't be right.

    Empty cells beyond the header are dropped, and nameless columns at its end may be missing; with `may_be_short`
    any may. `delimiter` is the name of what stands between cells in the file.

    >>> fitted(2, ["Ann", "112", ""], ["name", "phone"]).cells
    ['Ann', '112']
    """
    width, length = len(header), len(cells)
    while length > width and not cells[length - 1].strip():
        length -= 1
    least = 0 if may_be_short else max((n for n, name in enumerate(header, 1) if name.strip()), default=0)
    if least <= length <= width:
        return Record(line, [*cells[:length], *[""] * (width - length)])
    if not delimiter:
        cause = "Name the columns of the cells that stand beyond it, or empty them,"
        return Record(line, cells, f"{_lengths(length, width)}. {cause} and import it again.")
    cause = f"a value with a {delimiter} in it is not in quotes" if length > width else f"a {delimiter} is missing"
    return Record(line, cells, f"{_lengths(length, width)}; most likely {cause}. Correct it and import it again.")


def without_rows(name: str) -> UnreadableFile:
    """What is raised for a table that ends with its header."""
    return UnreadableFile(f"{name} has a header line but no contacts below it. Add one line for each.")


def _lengths(length: int, width: int) -> str:
    return f"This row has {length:,} {'cell' if length == 1 else 'cells'}, but the header has {width:,}"
