"""Where the words of a search stand in a text, whatever their case and accents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from markupsafe import Markup

from contacts_nb.model.text import folded
from contacts_nb.widgets.html import joined, markup

_LENGTH, _BEFORE = 600, 120  # characters of an excerpt, and of those the ones before the first word


def marked(text: str, words: Iterable[str]) -> Markup:
    """`text` with each place where one of the folded `words` stands in a `<mark>`.

    >>> marked("Un café au lait", ["cafe"])
    Markup('Un <mark>café</mark> au lait')
    """
    parts, end = [], 0
    for start, stop in _places(text, words):
        parts += [markup("{text}<mark>{word}</mark>", text=text[end:start], word=text[start:stop])]
        end = stop
    return joined([*parts, markup("{text}", text=text[end:])])


def excerpt(text: str, words: Iterable[str]) -> str:
    """What stands around the first of the folded `words` in a long text; a short one as it is.

    >>> excerpt("a" * 300 + "bill" + "c" * 900, ["bill"])[118:126]
    'aaabillc'
    """
    if len(text) <= _LENGTH:
        return text
    places = _places(text, words)
    start = max(0, places[0][0] - _BEFORE) if places else 0
    end = start + _LENGTH
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _places(text: str, words: Iterable[str]) -> Sequence[tuple[int, int]]:
    """Where words begin and end, in order; those that overlap are one."""
    letters = text.lower() if text.isascii() else ""
    origins: Sequence[int] = range(len(text))
    if not letters:
        # A letter may be folded to several, or to none.
        pieces = [_letter(letter) for letter in text]
        letters = "".join(pieces)
        origins = [place for place, piece in enumerate(pieces) for _ in piece]
    found: list[tuple[int, int]] = []
    for word in words:
        at = letters.find(word)
        while at >= 0:
            found.append((origins[at], origins[at + len(word) - 1] + 1))
            at = letters.find(word, at + len(word))
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


@lru_cache(maxsize=10_000)
def _letter(letter: str) -> str:
    return folded(letter)
