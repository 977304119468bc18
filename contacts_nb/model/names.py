"""The name a contact goes by, and the initials that stand in for a picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def profile_name(
    first_name: str | None,
    last_name: str | None,
    channel_profile_names: Iterable[str | None] = (),
    phone: str | None = None,
    email: str | None = None,
    identifiers: Iterable[str] = (),
) -> str:
    """The first there is of: first and last name, a channel's profile name, phone, e-mail, channel identifier.

    >>> profile_name("Ann", "Smith"), profile_name(None, None, [None, "annie"], "+442079460958")
    ('Ann Smith', 'annie')
    """
    full_name = " ".join(part for part in (first_name, last_name) if part)
    candidates = (full_name, *channel_profile_names, phone, email, *identifiers)
    return next((candidate for candidate in candidates if candidate), "")


def initials(name: str) -> str:
    """One or two letters for an avatar: of the first and last word that begin with a letter, else "#".

    >>> initials("Ann van Smith"), initials("王小明"), initials("+44 20 7946 0958")
    ('AS', '王', '#')
    """
    letters = [word[0].upper()[0] for word in name.split() if unicodedata.category(word[0]).startswith("L")]
    if not letters:
        return "#"
    return letters[0] if len(letters) == 1 else letters[0] + letters[-1]
