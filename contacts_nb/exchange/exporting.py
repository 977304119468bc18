"""Contacts to a file that can be imported again: the formats, and what stands in the cells of a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from contacts_nb.exchange.csv_writer import Cells, guarded_cells, identifiers_cell, tags_cell, write_columns
from contacts_nb.exchange.export_columns import column_name
from contacts_nb.exchange.guarded import guarded
from contacts_nb.exchange.vcard_writer import Cards
from contacts_nb.exchange.xlsx_writer import check_rows, exact_number, write_xlsx
from contacts_nb.model.channels import Channel
from contacts_nb.model.errors import UnwritableFile
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.queries.entries import EntryColumn
from contacts_nb.queries.frame_columns import TIMES

Parts = Iterable[Sequence[Sequence[Any]]]


class Format(StrEnum):
    """What contacts can be exported as."""

    CSV = "csv"
    XLSX = "xlsx"
    VCARD3 = "vcard3"
    VCARD4 = "vcard4"

    @property
    def is_card(self) -> bool:
        """Whether it is one of cards, not a table."""
        return self in (Format.VCARD3, Format.VCARD4)

    @property
    def label(self) -> str:
        """What people call it."""
        return {"csv": "CSV", "xlsx": "XLSX", "vcard3": "vCard 3.0", "vcard4": "vCard 4.0"}[self]


_CARDS = (".vcf", ".vcard")
_SUFFIXES = {
    Format.CSV: (".csv", ".txt", ""),
    Format.XLSX: (".xlsx",),
    Format.VCARD3: _CARDS,
    Format.VCARD4: _CARDS,
}


def format_of(path: str | os.PathLike[str]) -> Format:
    """The format that the name of the file promises; raises `UnwritableFile` if there is none.

    >>> str(format_of("people.xlsx")), str(format_of("people.vcf"))
    ('xlsx', 'vcard3')
    """
    suffix = Path(path).suffix.lower()
    for kind, suffixes in _SUFFIXES.items():
        if suffix in suffixes:
            return kind
    raise UnwritableFile(
        f"{path} can't be written: contacts are exported as CSV, XLSX or vCard. Give a name that ends with "
        ".csv, .xlsx or .vcf."
    )


def check_name(path: str | os.PathLike[str], kind: Format) -> None:
    """Raise `UnwritableFile` for a name that promises another format."""
    suffixes = _SUFFIXES[kind]
    if Path(path).suffix.lower() not in suffixes:
        raise UnwritableFile(
            f"{path} can't be written as {kind.label}: its name promises something else. "
            f"Give a name that ends with {suffixes[0]}."
        )


def write_export(
    draft: Path,
    kind: Format,
    columns: Sequence[EntryColumn],
    parts: Parts,
    *,
    total: int,
    raw: bool,
    told: Callable[[int], None],
) -> None:
    """Write the file `draft`: `total` contacts in `parts`, each with a sequence for each of `columns`.

    `told` is called with the number of contacts written so far. Raises `UnwritableFile` for what XLSX can't hold.
    """
    header = [column_name(column) for column in columns]
    counted = _counted(parts, told)
    if kind is Format.XLSX:
        check_rows(total)
        xlsx = ([_xlsx_cells(*one) for one in zip(columns, part, strict=True)] for part in counted)
        write_xlsx(draft, header, xlsx, raw=raw)
        return
    with draft.open("w", encoding="utf-8", newline="") as stream:
        if kind.is_card:
            Cards("4.0" if kind is Format.VCARD4 else "3.0", columns).write(stream, counted)
            return
        cells = _cells if raw else _guarded_cells
        csv = ([cells(*one) for one in zip(columns, part, strict=True)] for part in counted)
        write_columns(stream, header if raw else [guarded(name) for name in header], csv)


def _counted(parts: Parts, told: Callable[[int], None]) -> Iterator[Sequence[Sequence[Any]]]:
    done = 0
    for part in parts:
        yield part
        done += len(part[0])
        told(done)


def _cells(column: EntryColumn, values: Sequence[Any]) -> Cells:
    if isinstance(column, Field):
        return list(map(_TICKS.get, values)) if column.type is FieldType.CHECKBOX else values
    if isinstance(column, Channel):
        return [identifiers_cell(some) if some else None for some in values]
    if column == "tags":
        return [_tags(some) if some else None for some in values]
    if column == "id":
        return list(map(str, values))
    return _moments(values) if column in TIMES else values


def _guarded_cells(column: EntryColumn, values: Sequence[Any]) -> Cells:
    cells = _cells(column, values)
    if column in _HARMLESS or (isinstance(column, Field) and column.type in _HARMLESS_TYPES):
        return cells
    if column == "phone_e164":
        # Those of the length that `guarded` leaves alone are of its shape, too.
        return [cell if cell is None or len(cell) >= _E164_LENGTH else guarded(cell) for cell in cells]
    return guarded_cells(cells)


def _xlsx_cells(column: EntryColumn, values: Sequence[Any]) -> Sequence[str | float | None]:
    if column == "id" or (isinstance(column, Field) and column.type is FieldType.NUMBER):
        return [None if value is None else exact_number(str(value)) for value in values]
    return _cells(column, values)


# Of these no value can look like a formula.
_HARMLESS = frozenset({"id", "country", "language", "conversation_status", *TIMES})
_HARMLESS_TYPES = frozenset({FieldType.CHECKBOX, FieldType.DATE, FieldType.TIME})
_E164_LENGTH = 8

_TICKS = {"1": "yes", "0": "no"}

# The same few tags come together again and again.
_tags = lru_cache(maxsize=10_000)(tags_cell)


def _moments(milliseconds: Sequence[int | None]) -> list[str | None]:
    """As ISO 8601 in UTC, to the millisecond."""
    texts = np.datetime_as_string(np.array([one or 0 for one in milliseconds], "datetime64[ms]")).tolist()
    return [None if one is None else f"{text}+00:00" for one, text in zip(milliseconds, texts, strict=True)]
