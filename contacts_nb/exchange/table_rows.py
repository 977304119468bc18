"""From the cells of one row to the values of a contact.

Where several columns hold one field, the first value that its rule accepts is taken and the others are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from contacts_nb.exchange.csv_writer import tags_of_cell
from contacts_nb.exchange.full_names import name_parts
from contacts_nb.exchange.headers import Column, TableColumns
from contacts_nb.exchange.rows import SEVERAL, SourceRow
from contacts_nb.model.emails import checked_email, email_key
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.phones import checked_phone
from contacts_nb.model.places import country_code, language_code
from contacts_nb.model.text import folded

_RULES: Mapping[str, Callable[[str | None], str | None]] = {
    "phone": checked_phone,
    "email": checked_email,
    "country": country_code,
    "language": language_code,
}
_NOT_A_DIGIT = re.compile(r"\D+")
_SEVERAL_FIELDS = frozenset({"phone", "email", "country"})
_PARTS_OF_NAMES = frozenset({"name", "middle_name"})
_NO_VOICE = ("fax", "pager")
_CELL = ("mobile", "cell", "mobil", "movil", "iphone")


class _Candidate(NamedTuple):
    rank: int
    column: str
    text: str


class TableRows:
    """Reads records of a table with these `columns`; values without a place are counted in `left_out`.

    >>> from contacts_nb.exchange.headers import table_columns
    >>> rows = TableRows(table_columns("people.csv", ["name", "tel"]))
    >>> dict(rows.row(2, ["Ann Smith", "112"]).values)
    {'first_name': 'Ann', 'last_name': 'Smith', 'phone': '112'}
    """

    def __init__(self, columns: TableColumns) -> None:
        self.left_out: Counter[str] = Counter()
        self._separator = columns.tag_separator
        self._without_field = columns.without_field
        self._tags = [column for column in columns.with_field if column.field == "tags"]
        number = Counter(column.field for column in columns.with_field)
        # Most fields have one column, whose text is the value; only the others have to be weighed.
        one_value = [column for column in columns.with_field if column.field != "tags"]
        self._alone = [
            (column.index, column.field, column)
            for column in one_value
            if number[column.field] == 1 and column.kind_index is None
        ]
        self._weighed = [
            column for column in one_value if number[column.field] > 1 or column.kind_index is not None
        ]

    def row(self, line: int, cells: Sequence[str]) -> SourceRow:
        """The record in `cells`, which begins in `line`."""
        values = {}
        for index, field, column in self._alone:
            text = cells[index].strip()
            if text:
                several = SEVERAL in text and field in _SEVERAL_FIELDS
                values[field] = self._first_of([column], cells)[field] if several else text
        if self._weighed:
            values |= self._first_of(self._weighed, cells)
        for index, name in self._without_field:
            if cells[index].strip():
                self.left_out[name] += 1
        if not _PARTS_OF_NAMES.isdisjoint(values):
            values = _with_names(values)
        tags: list[str] = []
        for column in self._tags:
            text = cells[column.index].strip()
            if text:
                tags.extend(_tags(text, self._separator))
        return SourceRow(line, tuple(cells), values, tuple(tags))

    def _first_of(self, columns: Sequence[Column], cells: Sequence[str]) -> dict[str, str]:
        """By field, the best of the values that several columns have for it."""
        found: dict[str, list[_Candidate]] = {}
        for column in columns:
            text = cells[column.index].strip()
            if not text:
                continue
            for candidate in _candidates(column, text, cells):
                if candidate is None:
                    self.left_out[column.name] += 1
                else:
                    found.setdefault(column.field, []).append(candidate)
        return {field: _chosen(field, candidates, self.left_out) for field, candidates in found.items()}


def _candidates(column: Column, text: str, cells: Sequence[str]) -> list[_Candidate | None]:
    """The values in one cell, with None for those that are no voice numbers."""
    parts = [text]
    if column.field in _SEVERAL_FIELDS and SEVERAL in text:
        parts = [part.strip() for part in text.split(SEVERAL) if part.strip()]
    kind = ""
    if column.kind_index is not None:
        kind = folded(cells[column.kind_index])
    if any(word in kind for word in _NO_VOICE):
        return [None] * len(parts)
    rank = 0 if column.rank and any(word in kind for word in _CELL) else column.rank
    return [_Candidate(rank, column.name, part) for part in parts]


def _chosen(field: str, candidates: list[_Candidate], left_out: Counter[str]) -> str:
    if len(candidates) == 1:
        return candidates[0].text
    candidates.sort(key=lambda candidate: candidate.rank)
    usable = [candidate for candidate in candidates if _is_usable(field, candidate.text)]
    # If none is usable the first one stays, so that the row is rejected with the reason.
    chosen = (usable or candidates)[0]
    seen = {_same(field, chosen.text)}
    for candidate in candidates:
        key = _same(field, candidate.text)
        if key not in seen:
            seen.add(key)
            left_out[candidate.column] += 1
    return chosen.text


def _is_usable(field: str, text: str) -> bool:
    rule = _RULES.get(field)
    try:
        return rule is None or rule(text) is not None
    except InvalidValue:
        return False


def _same(field: str, text: str) -> str:
    """What two ways to write one value have in common."""
    if field == "phone":
        return _NOT_A_DIGIT.sub("", text).lstrip("0") or text
    if field == "country" and _is_usable(field, text):
        return country_code(text) or text
    return email_key(text) if field == "email" else folded(text)


def _with_names(values: dict[str, str]) -> dict[str, str]:
    full_name, middle = values.pop("name", ""), values.pop("middle_name", "")
    first, last = values.pop("first_name", ""), values.pop("last_name", "")
    if full_name and not (first or last or middle):
        first, last = name_parts(full_name)
    first = " ".join(part for part in (first, middle) if part)
    return {key: text for key, text in (("first_name", first), ("last_name", last)) if text} | values


@lru_cache(maxsize=10_000)
def _tags(text: str, separator: str | None) -> tuple[str, ...]:
    if separator is None:
        return tuple(tags_of_cell(text))
    tags = [part.strip() for part in text.split(separator)]
    if separator == SEVERAL:
        # A star marks the groups that Google itself made, of which everyone is in the first.
        tags = [tag.removeprefix("* ") for tag in tags if tag not in {"* myContacts", "myContacts"}]
    return tuple(tag for tag in tags if tag)
