"""The columns of the contacts table, each in one place: its key, its label and whether it can be sorted by."""

from __future__ import annotations

from dataclasses import dataclass

from contacts_nb.model.errors import InvalidValue


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


def checked_sort_key(key: str) -> str:
    """`key` itself; raises `InvalidValue` unless it is a column that can be sorted by (or `id`)."""
    if key != "id" and (key not in _BY_KEY or not _BY_KEY[key].sortable):
        raise InvalidValue("column", key, f"can't be sorted by; use one of id, {', '.join(SORTABLE)}")
    return key


def column_labelled(label: str) -> Column | None:
    """The column that shows `label` as its header, or None."""
    return next((column for column in COLUMNS if column.label == label), None)
