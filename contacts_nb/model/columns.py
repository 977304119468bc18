"""The columns of the contacts table, each in one place: its key, its label and whether it can be sorted by."""

from __future__ import annotations

from dataclasses import dataclass

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import checked_slug


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; `key` is its name in Python, `label` the one people see, `width` in pixels."""

    key: str
    label: str
    width: int
    sortable: bool = True


COLUMNS = (
    Column("name", "Name", 190),
    Column("channels", "Channels", 150, sortable=False),
    Column("phone", "Phone", 140),
    Column("email", "Email", 210),
    Column("tags", "Tags", 140, sortable=False),
    Column("country", "Country", 125),
    Column("language", "Language", 95),
    Column("last_interaction", "Last interaction", 145),
    Column("last_interacted_channel", "Last channel", 140),
    Column("last_incoming", "Since last incoming", 165),
    Column("created_at", "Created", 120),
)
_BY_KEY = {column.key: column for column in COLUMNS}
SORTABLE = tuple(column.key for column in COLUMNS if column.sortable)
SORT_KEYS = ("id", *SORTABLE, "conversation_status", "assignee", "team")
"""What can be sorted by in every workspace."""


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


def column_labelled(label: str) -> Column | None:
    """The column that shows `label` as its header, or None."""
    return next((column for column in COLUMNS if column.label == label), None)
