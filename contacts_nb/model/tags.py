"""Tags of a workspace: their names, colours and descriptions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contacts_nb.model.draft import TAG_LENGTH
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.people import text_given, text_required
from contacts_nb.model.text import folded

COLOUR_LENGTH = 50
DESCRIPTION_LENGTH = 1_000

# Middle tones: each can be told from a white and from a dark page (a contrast of 3 to 1 or more, WCAG 1.4.11).
COLOURS = {
    "red": "#d64545",
    "orange": "#c2691a",
    "yellow": "#a8800b",
    "green": "#3a8f4d",
    "teal": "#1f8a8a",
    "cyan": "#1d87a6",
    "blue": "#3b7dd8",
    "indigo": "#6b6edb",
    "purple": "#9560d4",
    "pink": "#cf4f93",
    "brown": "#9a6b4b",
    "grey": "#7a7f87",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a workspace; `colour` is `#rrggbb`, `contacts` how many have the tag."""

    id: int
    name: str
    colour: str | None
    description: str | None
    contacts: int = 0


def checked_tag_name(value: object) -> str:
    """The name of a tag, trimmed; raises `InvalidValue` if empty, too long or no text.

    >>> checked_tag_name(" VIP ")
    'VIP'
    """
    return text_required("tag", value, TAG_LENGTH)


def checked_colour(value: object) -> str | None:
    """A colour as `#rrggbb`, given so, as `#rgb` or by one of the names in `COLOURS`; None if empty.

    >>> checked_colour("#FA0"), checked_colour("Red"), checked_colour("")
    ('#ffaa00', '#d64545', None)
    """
    text = text_given("colour", value, COLOUR_LENGTH)
    if text is None:
        return None
    name = folded(text)
    if name in COLOURS:
        return COLOURS[name]
    if not re.fullmatch("#([0-9a-f]{3}|[0-9a-f]{6})", name):
        raise InvalidValue("colour", text, f"is not a colour; give one such as #d64545, or {', '.join(COLOURS)}")
    return name if len(name) == 7 else "#" + "".join(digit * 2 for digit in name[1:])


def checked_description(value: object) -> str | None:
    """The description of a tag, trimmed, or None if empty.

    >>> checked_description(" Buys often ")
    'Buys often'
    """
    return text_given("description", value, DESCRIPTION_LENGTH)
