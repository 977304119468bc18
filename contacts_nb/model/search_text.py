"""What search compares: a document per contact, and terms from what was typed.

A document is the contact's words, folded, each behind two spaces. On an index of trigrams one letter is
then the trigram "  a", two letters are " ab", and anything longer is a plain substring: every length is
one look-up. Words of CJK scripts, which carry no spaces, are also indexed from each of their characters on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import folded

SEARCH_LENGTH = 500
_NUMBER_LIKE = re.compile(r"^[\s+()\-./]*\d[\d\s+()\-./]*$")
_NOT_DIGITS = re.compile(r"\D+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fa1f]")


def search_document(words: Iterable[str | None], numbers: Iterable[str | None]) -> str:
    """The text that search looks in, from `words` (names, addresses) and `numbers` (phones, typed or E.164).

    >>> search_document(["Zoë Smith", None], ["+44 20 7946 0958"])
    '  zoe  smith  442079460958'
    """
    together = " ".join(filter(None, words))
    if together.isascii():
        parts = dict.fromkeys(together.lower().split())  # a dict keeps the order and drops repeats
    else:
        # Words come again and again, whole names don't.
        found = [part for word in together.split() for part in folded(word).split()]
        if has_cjk(" ".join(found)):
            found = [part for word in found for part in _with_cjk_suffixes(word)]
        parts = dict.fromkeys(found)
    for number in filter(None, numbers):
        digits = number[1:]
        if not (digits.isascii() and digits.isdecimal() and number[0] == "+"):
            digits = _NOT_DIGITS.sub("", folded(number))
        if digits:
            parts[digits] = None
    return f"  {'  '.join(parts)}" if parts else ""


def search_terms(typed: str) -> tuple[tuple[str, ...], ...]:
    """What was `typed`, as terms of which all must match; each term is a tuple of spellings of which one must.

    A text of digits and punctuation is looked for as one number, and word by word as it stands. A number also
    matches without its leading zeros, because `020 7946` and `+44 20 7946` are one phone. Raises
    `InvalidValue` for more than 500 characters.

    >>> search_terms("Ann gmail"), search_terms("0044 20"), search_terms("ann +44")
    ((('ann',), ('gmail',)), (('004420', '4420', '0044'), ('004420', '4420', '20')), (('ann',), ('44', '+44')))
    """
    if len(typed) > SEARCH_LENGTH:
        raise InvalidValue("search", typed, f"is {len(typed):,} characters long; give at most {SEARCH_LENGTH}")
    # What no database can hold is in no contact either.
    words = folded(typed.replace("\x00", " ").encode("utf-8", "replace").decode()).split()
    if is_number_like(typed):
        # "The whole number, or each of its words": as terms, the whole stands in each of them.
        number = number_spellings(typed)
        return tuple(dict.fromkeys(_once(*number, word) for word in words))
    return tuple(
        dict.fromkeys(_once(*number_spellings(word), word) if is_number_like(word) else (word,) for word in words)
    )


def trigram_pattern(spelling: str) -> str:
    """The substring that finds `spelling` in documents: short ones match at the start of a word.

    >>> trigram_pattern("a"), trigram_pattern("ab"), trigram_pattern("abc")
    ('  a', ' ab', 'abc')
    """
    return spelling.rjust(3)


def has_cjk(text: str) -> bool:
    """Whether `text` has characters of a script that puts no spaces between words.

    >>> has_cjk("王 Wang"), has_cjk("Wang")
    (True, False)
    """
    return _CJK.search(text) is not None


def is_number_like(text: str) -> bool:
    """Whether `text` is nothing but digits and what people write between them.

    >>> is_number_like("(020) 7946-0958"), is_number_like("ann.7")
    (True, False)
    """
    return _NUMBER_LIKE.match(text) is not None


def number_spellings(number: str) -> tuple[str, ...]:
    """The digits of a number as people write it, with and without its leading zeros.

    >>> number_spellings("0044 20"), number_spellings("+44 (0)20")
    (('004420', '4420'), ('44020', '4420'))
    """
    digits = _NOT_DIGITS.sub("", folded(number))
    # +44 (0)20 is how people write that the zero is for callers from within the country.
    without_trunk_zero = _NOT_DIGITS.sub("", folded(number.replace("(0)", "")))
    return _once(*(spelling for full in (digits, without_trunk_zero) for spelling in (full, full.lstrip("0"))))


def _once(*spellings: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(spelling for spelling in spellings if spelling))


def _with_cjk_suffixes(word: str) -> Iterator[str]:
    yield word
    if has_cjk(word):
        for start in range(1, len(word)):
            if _CJK.match(word[start]):
                yield word[start:]
