"""What search compares: a document per contact, and terms from what was typed.

A document is the contact's words, folded, each behind two spaces. On an index of trigrams one letter is
then the trigram "  a", two letters are " ab", and anything longer is a plain substring: every length is
one look-up. Words of CJK scripts, which carry no spaces, are also indexed from each of their characters on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from contacts_nb.model.text import folded

_NUMBER_LIKE = re.compile(r"^[\s+()\-./]*\d[\d\s+()\-./]*$")
_NOT_DIGITS = re.compile(r"\D+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fa1f]")


def search_document(words: Iterable[str | None], numbers: Iterable[str | None]) -> str:
    """The text that search looks in, from `words` (names, addresses) and `numbers` (phones, typed or E.164).

    >>> search_document(["Zoë Smith", None], ["+44 20 7946 0958"])
    '  zoe  smith  442079460958'
    """
    parts: dict[str, None] = {}  # a dict keeps the order and drops repeats
    for text in words:
        if text:
            for word in folded(text).split():
                parts.update(dict.fromkeys(_with_cjk_suffixes(word)))
    for number in numbers:
        if number:
            digits = _NOT_DIGITS.sub("", folded(number))
            if digits:
                parts[digits] = None
    return "".join(f"  {part}" for part in parts)


def search_terms(typed: str) -> tuple[tuple[str, ...], ...]:
    """What was `typed`, as terms of which all must match; each term is a tuple of spellings of which one must.

    A text of digits and punctuation alone is one number; leading zeros of a number also match without them,
    because `020 7946` and `+44 20 7946` are one phone.

    >>> search_terms("Ann gmail"), search_terms("+44 (0)20"), search_terms("0044 20")
    ((('ann',), ('gmail',)), (('44020',),), (('004420', '4420'),))
    """
    if _NUMBER_LIKE.match(typed):
        return (_number_spellings(_NOT_DIGITS.sub("", folded(typed))),)
    terms = dict.fromkeys(folded(typed.replace("\x00", " ")).split())
    return tuple(_number_spellings(term) if term.isdecimal() else (term,) for term in terms)


def trigram_pattern(spelling: str) -> str:
    """The substring that finds `spelling` in documents: short ones match at the start of a word.

    >>> trigram_pattern("a"), trigram_pattern("ab"), trigram_pattern("abc")
    ('  a', ' ab', 'abc')
    """
    return spelling.rjust(3)


def _number_spellings(digits: str) -> tuple[str, ...]:
    without_zeros = digits.lstrip("0")
    return (digits,) if without_zeros in ("", digits) else (digits, without_zeros)


def _with_cjk_suffixes(word: str) -> Iterator[str]:
    yield word
    if _CJK.search(word):
        for start in range(1, len(word)):
            if _CJK.match(word[start]):
                yield word[start:]
