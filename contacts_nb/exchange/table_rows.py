"""From the cells of one row to the values of a contact.

Where several columns hold one field, the first value that its rule accepts is taken and the others are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from contacts_nb.exchange.csv_writer import tags_of_cell
from contacts_nb.exchange.full_names import name_parts
from contacts_nb.exchange.headers import Column, TableColumns
from contacts_nb.exchange.rows import SourceRow
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
# Google joins several values of one cell by this.
_SEVERAL = ":::"
_NO_VOICE = ("fax", "pager")
_CELL = ("mobile", "cell", "mobil", "movil", "iphone")


class _Candidate(NamedTuple):
    rank: int
    column: str
    text: str


def table_row(line: int, cells: Sequence[str], columns: TableColumns, left_out: Counter[str]) -> SourceRow:
    """The record in `cells`, which begins in `line`; values without a place are counted in `left_out`."""
    found: dict[str, list[_Candidate]] = {}
    tags: list[str] = []
    for column in columns.with_field:
        text = cells[column.index].strip() if column.index < len(cells) else ""
        if not text:
            continue
        if column.field == "tags":
            tags.extend(_tags(text, columns.tag_separator))
            continue
        for candidate in _candidates(column, text, cells):
            if candidate is None:
                left_out[column.name] += 1
            else:
                found.setdefault(column.field, []).append(candidate)
    for index, name in columns.without_field:
        if index < len(cells) and cells[index].strip():
            left_out[name] += 1
    values = {field: _chosen(field, candidates, left_out) for field, candidates in found.items()}
    return SourceRow(line, tuple(cells), _with_names(values), tuple(tags))


def _candidates(column: Column, text: str, cells: Sequence[str]) -> list[_Candidate | None]:
    """The values in one cell, with None for those that are no voice numbers."""
    parts = [text]
    if column.field in {"phone", "email", "country"} and _SEVERAL in text:
        parts = [part.strip() for part in text.split(_SEVERAL) if part.strip()]
    kind = ""
    if column.kind_index is not None and column.kind_index < len(cells):
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


def _tags(text: str, separator: str | None) -> list[str]:
    if separator is None:
        return list(tags_of_cell(text))
    tags = [part.strip() for part in text.split(separator)]
    if separator == _SEVERAL:
        # A star marks the groups that Google itself made, of which everyone is in the first.
        tags = [tag.removeprefix("* ") for tag in tags if tag not in {"* myContacts", "myContacts"}]
    return [tag for tag in tags if tag]
