"""Text as people mean it: cleaned when it comes in, folded when it is compared.

Folding makes case, accents and compatibility forms equal, so that `É`, `é` and `e` are one letter.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from contacts_nb.model.errors import InvalidValue


def cleaned(field: str, value: str | None, limit: int) -> str | None:
    """`value` without surrounding white space, or None if nothing is left.

    Raises `InvalidValue` for NUL and lone surrogates, which no database column can hold, and for more
    than `limit` characters.
    """
    if value is None:
        return None
    text = value.strip()
    if not text:
        return None
    if "\x00" in text:
        raise InvalidValue(field, text, "contains a NUL character; remove it")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidValue(field, text, "contains half of a Unicode surrogate pair; type it again")
    if len(text) > limit:
        raise InvalidValue(field, text, f"is {len(text):,} characters long; at most {limit:,} are kept")
    return text


@lru_cache(maxsize=100_000)
def folded(text: str) -> str:
    """`text` with case, accents and compatibility forms made equal.

    Marks with a combining class are dropped (Latin accents, Hebrew and Arabic vowel points); vowel signs of
    Indic scripts stay, and Hangul stays in syllables.

    >>> folded("ÉCOLE Straße"), folded("ﬁn"), folded("Đorđe Ångström")
    ('ecole strasse', 'fin', 'đorđe angstrom')
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
