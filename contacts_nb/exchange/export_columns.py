"""The columns of an export: what they are called, which there are, and the choice and order of some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from contacts_nb.model.channels import Channel
from contacts_nb.model.errors import InvalidValue, NotFound
from contacts_nb.model.fields import Field
from contacts_nb.model.filter_criteria import suggestion
from contacts_nb.model.people import refusal
from contacts_nb.model.text import name_key
from contacts_nb.queries.entries import NAMES, EntryColumn

_BEFORE_FIELDS = (
    *("id", "first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture", "tags"),
    *("assignee", "team"),
)
_AFTER_CHANNELS = ("last_interaction", "created_at")


def column_name(column: EntryColumn) -> str:
    """What a column is called in files.

    >>> column_name("phone")
    'phone'
    """
    if isinstance(column, Channel):
        return f"channel:{column.name}"
    return column.slug if isinstance(column, Field) else column


def export_columns(
    columns: Iterable[str] | None,
    fields: Sequence[Field],
    channels: Sequence[Channel],
    placeless: Sequence[str] = (),
) -> tuple[EntryColumn, ...]:
    """Those that `columns` names, in its order; for None, all that make up a contact.

    They are the `NAMES` of `queries.entries`, custom fields by slug, and `channel:` with the name of a channel in
    any case. `placeless` are names that the format has no place for.
    Raises `NotFound` for one that isn't there, `InvalidValue` for one that comes twice or has no place, for none
    at all, and for text.

    >>> export_columns(["email", "id"], (), ())
    ('email', 'id')
    """
    if columns is None:
        everything: tuple[EntryColumn, ...] = (*_BEFORE_FIELDS, *fields, *channels, *_AFTER_CHANNELS)
        return tuple(column for column in everything if column not in placeless)
    if isinstance(columns, str) or not isinstance(columns, Iterable):
        raise refusal("columns", columns, "is not a list of columns; give one such as ['first_name', 'phone']")
    offered: list[EntryColumn] = [name for name in NAMES if name not in placeless]
    offered += [*fields, *channels]
    known = {_key(column_name(column)): column for column in offered}
    chosen: dict[EntryColumn, None] = {}
    for name in columns:
        column = known.get(_key(name)) if isinstance(name, str) else None
        if column is None:
            raise _refused(name, {column_name(one): one for one in offered}, placeless)
        if column in chosen:
            raise InvalidValue("column", name, "is given twice; give each column once")
        chosen[column] = None
    if not chosen:
        raise InvalidValue("columns", [], "has no columns; give at least one, or leave it out for all of them")
    return tuple(chosen)


def _key(name: str) -> str:
    """What two spellings of a channel's column have in common; other names have one spelling."""
    prefix, colon, channel = name.partition(":")
    return f"{prefix}:{name_key(channel)}" if colon else name


def _refused(name: object, known: Mapping[str, EntryColumn], placeless: Sequence[str]) -> InvalidValue:
    if not isinstance(name, str):
        return refusal("column", name, "is not the name of a column; give a text")
    if name in placeless:
        return InvalidValue("column", name, "has no place in a vCard; leave it out, or export as CSV or XLSX")
    near = suggestion(name, known)
    meant = f"did you mean {near}? There are" if near else "there are"
    return NotFound("column", name, f"is not a column of exports; {meant} {', '.join(known)}")
