"""The columns of the contacts table: standard ones, one for each custom field, and those that a person chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import Field, FieldType, checked_slug

NAME = "name"
NARROWEST, WIDEST = 40, 1_200  # pixels


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; `key` is its name in Python, `label` the one people see, `width` in pixels.

    The key of a custom field's is the slug. Without a choice those are shown that `is_default` says.
    """

    key: str
    label: str
    width: int
    sortable: bool = True
    is_default: bool = True


COLUMNS = (
    Column(NAME, "Name", 190),
    Column("channels", "Channels", 150, sortable=False),
    Column("phone", "Phone", 140),
    Column("email", "Email", 210),
    Column("tags", "Tags", 140, sortable=False),
    Column("country", "Country", 125),
    Column("language", "Language", 95),
    Column("conversation_status", "Conversation status", 180),
    Column("assignee", "Assignee", 140),
    Column("team", "Team", 120, is_default=False),
    Column("last_interaction", "Last interaction", 145),
    Column("last_interacted_channel", "Last channel", 140),
    Column("last_incoming", "Since last incoming", 165),
    Column("created_at", "Created", 120),
)
"""The standard columns."""

SORTABLE = tuple(column.key for column in COLUMNS if column.sortable)
SORT_KEYS = ("id", *SORTABLE)
"""What can be sorted by in every workspace."""

_WIDTHS = {
    FieldType.CHECKBOX: 100,
    FieldType.NUMBER: 110,
    FieldType.DATE: 120,
    FieldType.TIME: 100,
    FieldType.EMAIL: 210,
    FieldType.URL: 210,
}

Wanted = str | Mapping[str, object]
"""A column by its key, or by `{"key": …, "width": …}`."""


def checked_sort_key(key: str) -> str:
    """`key` itself, if it may name something to sort by: a column, `id`, or the slug of a custom field.

    Raises `InvalidValue`. Whether a custom field of that slug exists, only a workspace knows.
    """
    if is_standard_sort(key):
        return key
    try:
        return checked_slug(key)
    except InvalidValue:
        rule = f"can't be sorted by; use one of {', '.join(SORT_KEYS)}, or the slug of a custom field"
        raise InvalidValue("column", key, rule) from None


def is_standard_sort(key: str) -> bool:
    """Whether every workspace can sort by `key`.

    >>> is_standard_sort("name"), is_standard_sort("tags"), is_standard_sort("plan")
    (True, False, False)
    """
    return key in SORT_KEYS


def columns_with(fields: Iterable[Field]) -> tuple[Column, ...]:
    """All columns of a workspace with these custom fields; no two have the same label.

    >>> [column.label for column in columns_with([Field(1, "mail", "Email", FieldType.EMAIL)])[-2:]]
    ['Created', 'Email (mail)']
    """
    columns = list(COLUMNS)
    taken = {column.label for column in columns}
    for field in fields:
        label = " ".join(field.name.split())  # a header is one line
        if label in taken:
            label = f"{label} ({field.slug})"
        taken.add(label)
        columns.append(Column(field.slug, label, _WIDTHS.get(field.type, 150), is_default=False))
    return tuple(columns)


def default_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Those of `columns` that are shown to whoever chose none."""
    return tuple(column for column in columns if column.is_default)


def chosen_columns(columns: Sequence[Column], kept: object) -> tuple[Column, ...]:
    """Those of `columns` that were chosen before, in their order and widths, the name first.

    `kept` is what was kept of the choice, as a list of `{"key": …, "width": …}`. What isn't there any more is left
    out, and where it is no list nothing was chosen.

    >>> kept = [{"key": "phone", "width": 90}, {"key": "gone", "width": 90}]
    >>> [(column.key, column.width) for column in chosen_columns(COLUMNS, kept)]
    [('name', 190), ('phone', 90)]
    """
    if not isinstance(kept, list):
        return default_columns(columns)
    by_key = {column.key: column for column in columns}
    chosen: dict[str, Column] = {NAME: by_key[NAME]}
    for one in kept:
        key, width = (one.get("key"), one.get("width")) if isinstance(one, Mapping) else (one, None)
        column = by_key.get(key) if isinstance(key, str) else None
        if column is not None:
            chosen[column.key] = replace(column, width=_width(width, column))
    return tuple(chosen.values())


def checked_columns(columns: Sequence[Column], wanted: Iterable[Wanted]) -> tuple[Column, ...]:
    """Those of `columns` that are `wanted`, in that order, the name first; raises `InvalidValue` for others.

    >>> [column.key for column in checked_columns(COLUMNS, ["phone", {"key": "email", "width": 300}])]
    ['name', 'phone', 'email']
    """
    listed = list(wanted)
    keys = [column.key for column in columns]
    for one in listed:
        key = one.get("key") if isinstance(one, Mapping) else one
        if key not in keys:
            raise InvalidValue("column", key, f"is not a column of the table; use some of {', '.join(keys)}")
    return chosen_columns(columns, listed)


def kept_columns(columns: Iterable[Column]) -> list[dict[str, str | int]]:
    """What is kept of a choice of columns: keys and widths, in order."""
    return [{"key": column.key, "width": column.width} for column in columns]


def _width(width: object, column: Column) -> int:
    if isinstance(width, bool) or not isinstance(width, int | float):
        return column.width
    return round(max(NARROWEST, min(WIDEST, width)))
