"""The columns a frame of contacts may have: their names, in order, and the choice of some of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import Field
from contacts_nb.model.people import refusal

TEXTS = ("first_name", "last_name", "phone", "phone_e164", "email", "country", "language")
TIMES = ("last_interaction", "last_incoming", "created_at", "conversation_opened")
LISTS = ("tags", "channels")
STANDARD = (
    *("id", "name", *TEXTS, *LISTS, "last_interacted_channel", "last_interaction", "last_incoming", "created_at"),
    *("assignee", "team", "conversation_open", "conversation_opened"),
)


def chosen_columns(columns: Iterable[str] | None, fields: Sequence[Field]) -> tuple[str, ...]:
    """The names in `columns`, or, for None, of all: those of every contact, then the slugs of `fields`.

    Raises `InvalidValue` for one that isn't there or comes twice, for none at all, and for text.

    >>> chosen_columns(["name", "id"], ())
    ('name', 'id')
    """
    known = dict.fromkeys((*STANDARD, *(field.slug for field in fields)))
    if columns is None:
        return tuple(known)
    if isinstance(columns, str) or not isinstance(columns, Iterable):
        raise refusal("columns", columns, "is not a list of columns; give one such as ['id', 'name']")
    chosen: dict[str, None] = {}
    for name in columns:
        if not isinstance(name, str) or name not in known:
            raise refusal("column", name, f"is not a column of contacts; {_hint(name, list(known))}")
        if name in chosen:
            raise InvalidValue("column", name, "is given twice; give each column once")
        chosen[name] = None
    if not chosen:
        raise InvalidValue("columns", [], "has no columns; give at least one, or leave it out for all of them")
    return tuple(chosen)


def _hint(name: object, known: list[str]) -> str:
    near = get_close_matches(str(name)[:100].lower(), known, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"those are {', '.join(known)}"
