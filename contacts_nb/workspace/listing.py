"""What `ws.users`, `ws.tags` and their like have in common: listed, found by name, and shown as a table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

import pandas as pd
from sqlalchemy import Connection

from contacts_nb.model.errors import NotFound

if TYPE_CHECKING:
    from contacts_nb.workspace.access import Access

Item = TypeVar("Item")

_CELL_WIDTH = 40  # in plain text

# Makes HTML of a table. Markup is made a floor above, which sets this.
table_html: Callable[[pd.DataFrame], str] | None = None


class Listing(ABC, Generic[Item]):
    """What is set up in a workspace, of one kind; read anew each time it is asked for.

    Iterating gives all, `[name]` the one of that name (raises `NotFound`), `in` tells whether there is one.
    Whatever is done raises `NotAllowed` where the user may not do it.
    """

    _plural: str

    def __init__(self, access: Access) -> None:
        self._access = access

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """All of them as a table, one a row."""

    @abstractmethod
    def _all(self, connection: Connection) -> list[Item]:
        """All of them, in order."""

    @abstractmethod
    def _named(self, connection: Connection, name: object) -> Item:
        """The one of that name; raises `NotFound`."""

    def __iter__(self) -> Iterator[Item]:
        with self._access.read() as connection:
            return iter(self._all(connection))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, name: str) -> Item:
        with self._access.read() as connection:
            return self._named(connection, name)

    def __contains__(self, name: object) -> bool:
        with self._access.read() as connection:
            try:
                self._named(connection, name)
            except NotFound:
                return False
            return True

    def __repr__(self) -> str:
        return _plain(self.to_frame(), self._plural)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        frame = self.to_frame()
        bundle = {"text/plain": _plain(frame, self._plural)}
        if table_html is not None:
            bundle["text/html"] = table_html(frame)
        return bundle


def whole_numbers(values: Iterable[int]) -> pd.Series[int]:
    """A column of ids or counts."""
    return pd.Series(list(values), dtype="int64")


def texts(values: Iterable[str | None]) -> pd.Series[str]:
    """A column of texts."""
    return pd.Series(list(values), dtype="str")


def lists(values: Iterable[Iterable[str]]) -> pd.Series[list[str]]:
    """A column of lists of texts."""
    return pd.Series([list(value) for value in values], dtype="object")


def moments(values: Iterable[datetime | None]) -> pd.Series[pd.Timestamp]:
    """A column of moments, in UTC."""
    return pd.Series(list(values), dtype="datetime64[ms, UTC]")


def _plain(frame: pd.DataFrame, plural: str) -> str:
    if frame.empty:
        return f"No {plural}"
    header = [str(name) for name in frame]
    rows = [header, *([_cell(value) for value in row] for row in frame.itertuples(index=False))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    aligned = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return "\n".join("  ".join(cells).rstrip() for cells in aligned)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if value is None or value != value:  # noqa: PLR0124 - pandas' "missing" isn't itself
        return ""
    # On one line, whatever white space names have.
    text = " ".join((", ".join(value) if isinstance(value, list) else str(value)).split())
    return text if len(text) <= _CELL_WIDTH else text[: _CELL_WIDTH - 1] + "…"
