"""From bytes to text: byte order marks and strict UTF-8 are certain, everything older is a guess that is told.

A guess can only be good if the whole file has one encoding, so a file of two encodings is refused.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from charset_normalizer import from_bytes

from contacts_nb.exchange.files import FileContent
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
# What files that say the first are in: Windows' additions to the standard.
_WIDER = {"shift_jis": "cp932"}
_SAMPLE = 64 * 1024
_CHUNK = 1024 * 1024
_LINE_LENGTH = 20_000_000
# Control characters, currencies, lone accents and raised numbers: none of them touches a letter of a name.
_SIGNS = frozenset({"Cc", "Sc", "Sk", "No"})


class TextEncoding(NamedTuple):
    """What a file is to be read as: Python's `codec`, with a `note` for people if it is a guess."""

    codec: str
    note: str | None = None

    @property
    def label(self) -> str:
        """The name that people know it by, which is understood when it is given back."""
        label = _LABELS.get(self.codec) or self.codec.removesuffix("-sig")
        return label.replace("cp125", "windows-125").replace("_", "-" if label != "shift_jis" else "_")


def text_encoding(content: FileContent, encoding: str | None = None) -> TextEncoding:
    """What the text in `content` is to be read as: `encoding`, or else the one that fits.

    The whole file is looked at, a part at a time. Raises `UnreadableFile` if `encoding` is unknown or doesn't
    fit, for two encodings in one file, and for lines so long that they are none.

    >>> from contacts_nb.exchange.files import file_content
    >>> text_encoding(file_content(("names.csv", "José".encode("cp1252")))).label
    'windows-1252'
    """
    certain = unicode_encoding(content.start(_SAMPLE))
    if encoding is not None or certain is not None:
        told = encoding or certain or ""
        codec = _codec(content.name, told, certain)
        line = _misfit(content, codec)
        if line is not None:
            raise _not_in(content.name, told, line)
        return TextEncoding(codec)
    if _misfit(content, "utf-8") is None:
        return TextEncoding("utf-8")
    guess = _guess(content)
    _misfit(content, guess, errors="replace")  # for the length of its lines
    return TextEncoding(guess, guess_note(content.name, guess))


def decoded(name: str, data: bytes, encoding: str) -> str:
    r"""The text in `data`, the content of the file `name`; raises `UnreadableFile` unless `encoding` fits.

    >>> decoded("names.csv", b"Jos\xe9", "windows-1252")
    'José'
    """
    codec = _codec(name, encoding, unicode_encoding(data))
    try:
        return data.decode(codec).removeprefix("\ufeff")
    except ValueError as error:
        raise _not_in(name, encoding, data.count(b"\n", 0, getattr(error, "start", 0)) + 1) from None


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


def is_utf8(data: bytes) -> bool:
    """Whether `data` is strict UTF-8."""
    return utf8(data) is not None


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
    if encoding.replace("_", "-") in _NO_FILE_ENCODINGS:
        return None
    return _WIDER.get(encoding, encoding)


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
    label = TextEncoding(encoding).label
    return f"{name} was read as {label}; if names look wrong, give the right encoding."


def _codec(name: str, encoding: str, certain: str | None) -> str:
    known = known_encoding(encoding)
    if known is None:
        raise UnreadableFile(
            f"{shown(encoding)} is not a known encoding. Give one such as utf-8, windows-1252 or shift_jis "
            f"to read {name}."
        )
    if known in {"utf-16", "utf-32"} and certain != known:
        # Without a mark these have no byte order; nearly all files have that of PCs.
        return certain if certain and certain.startswith(known) else f"{known}-le"
    return known


def _not_in(name: str, encoding: str, line: int) -> UnreadableFile:
    return UnreadableFile(
        f"{name} is not in the encoding {encoding}: line {line:,} has bytes that it doesn't know. "
        "Save it as UTF-8, or give another encoding."
    )


def _misfit(content: FileContent, codec: str, errors: str = "strict") -> int | None:
    """The line with the first bytes that `codec` doesn't know, or None."""
    decoder = codecs.getincrementaldecoder(codec)(errors)
    lines, unended = 0, 0
    with content.opened() as stream:
        more = True
        while more:
            chunk = stream.read(_CHUNK)
            more = bool(chunk)
            try:
                text = decoder.decode(chunk, final=not more)
            except ValueError as error:
                at = getattr(error, "start", 0)
                return lines + getattr(error, "object", b"").count(b"\n", 0, at) + 1
            lines += text.count("\n")
            end = max(text.rfind("\n"), text.rfind("\r"))
            unended = unended + len(text) if end < 0 else len(text) - end
            if unended > _LINE_LENGTH:
                raise UnreadableFile(
                    f"Line {lines + 1:,} of {content.name} is longer than {_LINE_LENGTH:,} characters. Leave out "
                    "the column with the long values, or correct the line ends, and import the file again."
                )
    return None


def _guess(content: FileContent) -> str:
    """The most likely encoding of a file that isn't UTF-8; raises `UnreadableFile` if parts of it are."""
    sample: list[bytes] = []
    number, length, fitting, bad, first_bad = 0, 0, 0, 0, 0
    with content.opened() as stream:
        for block in _blocks(stream):
            if block.isascii():
                number += block.count(b"\n") or block.count(b"\r")
                continue
            for line in block.splitlines():
                number += 1
                if line.isascii():
                    continue
                if length <= _SAMPLE:
                    sample.append(line)
                    length += len(line)
                if is_utf8(line):
                    fitting += 1
                else:
                    bad += 1
                    first_bad = first_bad or number
    guess = legacy_encoding(b"\n".join(sample))
    # One short name in thirty of a Chinese file happens to be UTF-8 too; in files of single bytes none is.
    by_chance = guess in _SEVERAL_BYTES and fitting * 10 < bad
    if fitting and not by_chance:
        raise UnreadableFile(
            f"{content.name} mixes encodings: some of its lines are UTF-8, but line {first_bad:,} is not. "
            "Save it as UTF-8, or say which encoding it has."
        )
    return guess


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Everything in `stream` in blocks that end where a line does; only lines far too long are cut."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        block = rest + chunk
        end = block.rfind(b"\n") + 1 or block.rfind(b"\r") + 1
        if not end and len(block) > _LINE_LENGTH:
            end = len(block)
        rest = block[end:]
        if end:
            yield block[:end]
    if rest:
        yield rest


def _nul_share(data: bytes) -> float:
    return data.count(0) / len(data) if data else 0


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
