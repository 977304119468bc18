"""Text as people mean it: cleaned when it comes in, folded when it is compared.

Folding makes case, accents and compatibility forms equal, so that `É`, `é` and `e` are one letter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from contacts_nb.model.errors import InvalidValue

_SURROGATE = re.compile("[\ud800-\udfff]")
# Letters that people type without their stroke or dot, but that Unicode doesn't take apart.
_WITHOUT_STROKES = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe"}
)


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
    if not text.isascii() and _SURROGATE.search(text):
        raise InvalidValue(field, text, "contains half of a Unicode surrogate pair; type it again")
    if len(text) > limit:
        raise InvalidValue(field, text, f"is {len(text):,} characters long; at most {limit:,} are kept")
    return text


def folded(text: str) -> str:
    """`text` with case, accents and compatibility forms made equal.

    Marks with a combining class are dropped (Latin accents, Hebrew and Arabic vowel points); vowel signs of
    Indic scripts stay, and Hangul stays in syllables.

    >>> folded("ÉCOLE Straße"), folded("ﬁn"), folded("Łukasz Sørensen"), folded("YILMAZ") == folded("Yılmaz")
    ('ecole strasse', 'fin', 'lukasz sorensen', True)
    """
    return text.lower() if text.isascii() else _folded(text)


@lru_cache(maxsize=100_000)
def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_WITHOUT_STROKES)
    return unicodedata.normalize("NFC", letters)


def name_key(name: str) -> str:
    """What two spellings of one tag or channel name have in common.

    >>> name_key("Spring\u2003 SALE")
    'spring sale'
    """
    return " ".join(folded(name).split())
