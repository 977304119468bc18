"""From bytes to text: byte order marks and strict UTF-8 are certain, everything older is a guess that is told.

A guess can only be good if the whole file has one encoding, so a file of two encodings is refused.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from charset_normalizer import from_bytes

from contacts_nb.model.errors import UnreadableFile, shown

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEVERAL_BYTES = ("gb18030", "big5", "cp932", "euc_jp", "euc_kr")
_CANDIDATES = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r",
    "mac_roman", "cp850", *_SEVERAL_BYTES,
)  # fmt: skip
# Codecs of Python that are no encodings of files; some take a time that grows with the square of the length.
_NO_FILE_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_LABELS = {"cp932": "shift_jis"}
_SAMPLE = 64 * 1024
# Control characters, currencies, lone accents and raised numbers: none of them touches a letter of a name.
_SIGNS = frozenset({"Cc", "Sc", "Sk", "No"})


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The `text` of a file, and a `note` for the person who imports if its encoding was guessed."""

    text: str
    note: str | None = None


def decoded(name: str, data: bytes, encoding: str | None = None) -> DecodedText:
    """The text of the file `name` with the content `data`, in `encoding` or the one that fits.

    Raises `UnreadableFile` if `encoding` is unknown or doesn't fit, and for two encodings in one file.

    >>> decoded("names.csv", "José".encode("cp1252")).note
    'names.csv was read as windows-1252; if names look wrong, give the right one with --encoding.'
    """
    if encoding is not None:
        return DecodedText(_as_told(name, data, encoding))
    certain = unicode_encoding(data)
    if certain is not None:
        return DecodedText(_as_told(name, data, certain))
    if utf8(data) is not None:
        return DecodedText(data.decode())
    guess = legacy_encoding(_not_ascii(data))
    _check_one_encoding(name, data, guess)
    return DecodedText(data.decode(guess, errors="replace"), guess_note(name, guess))


def unicode_encoding(data: bytes) -> str | None:
    """The Unicode encoding that `data` says it has by its mark, or shows by its NULs (UTF-16), or None."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # Even in a Chinese file the header and the delimiters are of ASCII, with every other byte NUL.
        if all(_nul_share(data[first:end:2]) > least for end, least in ((32, 0.5), (4096, 0.1))) and not (
            data[1 - first : 4096 : 2].count(0)
        ):
            return encoding
    return None


def utf8(data: bytes) -> str | None:
    """`data` as strict UTF-8, or None."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def known_encoding(name: str) -> str | None:
    """Python's name for the encoding called `name` if there is such an encoding of text, or None.

    >>> known_encoding("Windows-1253"), known_encoding("blabla")
    ('cp1253', None)
    """
    try:
        encoding = codecs.lookup(name.strip()).name
        b"a".decode(encoding, errors="ignore")
    except (LookupError, ValueError):
        return None
    return None if encoding.replace("_", "-") in _NO_FILE_ENCODINGS else encoding


def legacy_encoding(sample: bytes) -> str:
    """The encoding from before Unicode that `sample` (of lines that aren't ASCII) most likely has.

    Windows-1252 is taken unless it would give words that nobody writes.
    """
    sample = sample[:_SAMPLE]
    if _reads_like_words(sample):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=list(_CANDIDATES), enable_fallback=False).best()
    return best.encoding if best is not None else "cp1252"


def guess_note(name: str, encoding: str) -> str:
    """The sentence which says that the encoding of the file `name` is a guess."""
    label = _LABELS.get(encoding, encoding)
    label = label.replace("cp125", "windows-125").replace("_", "-" if label != "shift_jis" else "_")
    return f"{name} was read as {label}; if names look wrong, give the right one with --encoding."


def _as_told(name: str, data: bytes, encoding: str) -> str:
    known = known_encoding(encoding)
    if known is None:
        raise UnreadableFile(
            f"{shown(encoding)} is not a known encoding. Give one such as utf-8, windows-1252 or shift_jis "
            f"with --encoding to read {name}."
        )
    try:
        return data.decode(known).removeprefix("\ufeff")
    except ValueError as error:
        start = getattr(error, "start", 0)
        line = data.count(b"\n", 0, start) + 1
        raise UnreadableFile(
            f"{name} is not in the encoding {encoding}: line {line:,} has bytes that it doesn't know. "
            "Save it as UTF-8, or give another encoding with --encoding."
        ) from None


def _nul_share(data: bytes) -> float:
    return data.count(0) / len(data) if data else 0


def _not_ascii(data: bytes) -> bytes:
    """The lines that have an encoding at all, as many as a guess needs."""
    lines: list[bytes] = []
    length = 0
    for line in data.splitlines():
        if not line.isascii():
            lines.append(line)
            length += len(line)
            if length > _SAMPLE:
                break
    return b"\n".join(lines)


def _check_one_encoding(name: str, data: bytes, guess: str) -> None:
    fitting, first_bad, bad = 0, 0, 0
    for number, line in enumerate(data.splitlines(), start=1):
        if line.isascii():
            continue
        if utf8(line) is not None:
            fitting += 1
        else:
            bad += 1
            first_bad = first_bad or number
    # One short name in thirty of a Chinese file happens to be UTF-8 too; in files of single bytes none is.
    by_chance = guess in _SEVERAL_BYTES and fitting * 10 < bad
    if fitting and not by_chance:
        raise UnreadableFile(
            f"{name} mixes encodings: some of its lines are UTF-8, but line {first_bad:,} is not. "
            "Save it as UTF-8, or say which encoding it has with --encoding."
        )


def _reads_like_words(sample: bytes) -> bool:
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return all(_is_western(word) for word in text.split() if not word.isascii())


def _is_western(word: str) -> bool:
    """Accents are the exception in a word, capitals stand first or everywhere, and no sign is inside."""
    letters = [character for character in word if character.isalpha()]
    accented = [character for character in letters if not character.isascii()]
    if len(accented) > 1 and len(accented) * 2 > len(letters):
        return False
    return not any(_is_out_of_place(*three) for three in _threes(word))


def _threes(word: str) -> Iterable[tuple[str, str, str]]:
    padded = f" {word} "
    return zip(padded, padded[1:], padded[2:], strict=False)


def _is_out_of_place(before: str, character: str, after: str) -> bool:
    if character.isascii():
        return False
    if character.isalpha():
        return character.isupper() and before.islower() and character not in "ªº"
    sign = unicodedata.category(character) in _SIGNS and (before.isalpha() or after.isalpha())
    return sign or (before.isalpha() and after.isalpha() and character not in "’‘´·–—")
