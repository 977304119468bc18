"""The lines of one card as properties (vCard 2.1, 3.0 and 4.0), read as tolerantly as they are written.

Only lines of properties that are asked for are unfolded and decoded; a photo of megabytes is stepped over.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from contacts_nb.exchange.encodings import known_encoding, utf8

# Group, name and parameters, in which a colon may stand between quotes.
_HEAD = re.compile(rb'[ \t]*+(?:([\w-]++)\.)?([\w-]++)[ \t]*+((?:;(?:[^":;]++|"[^"]*+")*+)*+):')
_LOOSE_HEAD = re.compile(rb"[ \t]*+(?:([\w-]++)\.)?([\w-]++)[ \t]*+(;[^:]*+)?:")
_NAME = re.compile(rb"[ \t]*+(?:[\w-]++\.)?([\w-]++)[ \t]*+;")
# What a property has for a value that is only linked, so that nobody unpacks pictures.
_LINK = re.compile(rb"[ \t]*+https?:", re.IGNORECASE)
_LINKS = frozenset({"PHOTO"})
_LINES_OF_A_HEAD = 50
_PARAMETER = re.compile(r';((?:[^;"]++|"[^"]*+"?)*+)')
_ESCAPED = re.compile(r"\\([\\;,:nN])")
_PIECES = {
    ";": re.compile(r"((?:[^\\;]++|\\.|\\\Z)*+)(;|\Z)", re.DOTALL),
    ",": re.compile(r"((?:[^\\,]++|\\.|\\\Z)*+)(,|\Z)", re.DOTALL),
}
# RFC 6868: how a parameter holds a quote or a line end.
_CARET = re.compile(r"\^([n'^])")
_CARETS = {"n": "\n", "'": '"', "^": "^"}
_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a card; `types` are in capitals, `preference` is 1 for the most preferred, 101 for none.

    `text` is the value, decoded but with its backslashes: see `plain` and `pieces`. `parameters` are texts by
    their name in capitals.
    """

    group: str
    name: str
    types: frozenset[str]
    preference: int
    text: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def properties_of(card: bytes, wanted: Collection[str], fallback: str) -> Iterator[Property]:
    """The properties in `card`; those with names that aren't `wanted` have an empty text, or "…" for a value.

    A line is UTF-8, or else has the encoding it says, or else `fallback`.
    """
    lines = card.splitlines()
    position, depth = 0, 0
    while position < len(lines):
        line = lines[position]
        position += 1
        # Continuations of properties that nobody wants, base64 and blank lines end up here.
        if not line or line[:1] in b" \t":
            continue
        head = _HEAD.match(line)
        if head is None:
            head, position = _folded_head(line, lines, position, wanted)
        if head is None:
            continue
        name = head[2].decode("ascii", "replace").upper()
        if name in {"BEGIN", "END"}:
            depth += 1 if name == "BEGIN" else -1
        elif depth <= 1 and name in wanted and (name not in _LINKS or _LINK.match(head.string, head.end())):
            value, position = _whole_value(head, lines, position)
            yield _property(head, name, value, fallback)
        elif depth <= 1:
            # The value may begin on the next line, which then is folded, or base64 that isn't.
            following = lines[position] if position < len(lines) else b""
            has_value = head.string[head.end() :].strip() or (following.strip() and _HEAD.match(following) is None)
            yield Property(_group(head), name, frozenset(), 101, "…" if has_value else "")


def plain(text: str) -> str:
    r"""A value without the backslashes of its escapes.

    >>> plain(r"Smith\, Jones")
    'Smith, Jones'
    """
    return _ESCAPED.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], text)


def pieces(text: str, separator: str) -> list[str]:
    r"""The parts of a value between separators that aren't escaped; the parts keep their backslashes.

    >>> pieces(r"a\;b;c", ";")
    ['a\\;b', 'c']
    """
    found = []
    for match in _PIECES[separator].finditer(text):
        found.append(match[1])
        if not match[2]:
            break
    return found


def _folded_head(
    line: bytes, lines: list[bytes], position: int, wanted: Collection[str]
) -> tuple[re.Match[bytes] | None, int]:
    """What stands before the value where it goes over several lines, and the position of the line after them."""
    name = _NAME.match(line)
    if name is not None and name[1].decode("ascii", "replace").upper() in wanted:
        whole = line
        for end in range(position, min(position + _LINES_OF_A_HEAD, len(lines))):
            if lines[end][:1] not in (b" ", b"\t"):
                break
            whole += lines[end][1:]
            head = _HEAD.match(whole)
            if head is not None:
                return head, end + 1
    return _LOOSE_HEAD.match(line), position


def _whole_value(head: re.Match[bytes], lines: list[bytes], position: int) -> tuple[bytes, int]:
    """The value that begins behind `head` with its continuations, and the position of the line after them."""
    parts = [head.string[head.end() :]]
    if b"QUOTED-PRINTABLE" in head.group().upper():
        while parts[-1].rstrip().endswith(b"=") and position < len(lines):
            parts[-1] = parts[-1].rstrip()[:-1]
            # Some writers double the line end after a soft break.
            while position < len(lines) - 1 and not lines[position]:
                position += 1
            if lines[position][:4].upper() == b"END:":
                break
            parts.append(lines[position])
            position += 1
    while position < len(lines) and lines[position][:1] in (b" ", b"\t"):
        parts.append(lines[position][1:])
        position += 1
    return b"".join(parts), position


def _property(head: re.Match[bytes], name: str, value: bytes, fallback: str) -> Property:
    types: set[str] = set()
    parameters: dict[str, str] = {}
    preference, charset, encoding = 101, None, ""
    for parameter in _PARAMETER.findall(_text(head[3] or b"", None, fallback, told_first=False)):
        key, equals, text = (part.strip() for part in parameter.partition("="))
        key, setting = key.upper(), text.strip('"').upper()
        if not equals:
            types.add(key)
            encoding = key if key in _ENCODINGS else encoding
            continue
        parameters[key] = _CARET.sub(lambda escape: _CARETS[escape[1]], text.strip('"'))
        if key == "TYPE":
            types.update(part.strip() for part in setting.split(","))
        elif key == "CHARSET":
            charset = known_encoding(setting)
        elif key == "ENCODING":
            encoding = setting
        elif key == "PREF" and setting.isdecimal():
            preference = min(int(setting[:9]), 100)
    if "PREF" in types:
        preference = min(preference, 1)
    if encoding == "QUOTED-PRINTABLE":
        text = _text(binascii.a2b_qp(value), charset, fallback, told_first=True)
    elif encoding in {"BASE64", "B"}:
        text = _text(_unpacked(value), charset, fallback, told_first=True)
    else:
        text = _text(value, charset, fallback, told_first=value.isascii())
    return Property(_group(head), name, frozenset(types), preference, text.strip(), parameters)


def _unpacked(value: bytes) -> bytes:
    try:
        return binascii.a2b_base64(value)
    except binascii.Error:
        return b""


def _text(value: bytes, charset: str | None, fallback: str, *, told_first: bool) -> str:
    """`value` as text. A raw line that is UTF-8 is that, whatever it says: files get converted, labels don't."""
    for encoding in (charset, None) if told_first else (None, charset):
        try:
            return value.decode(encoding or "utf-8")
        except (ValueError, LookupError):
            continue
    return value.decode(fallback, errors="replace")


def _group(head: re.Match[bytes]) -> str:
    return (head[1] or b"").decode("latin-1").upper()


def readable(card: bytes, fallback: str) -> str:
    """The text of a whole card, each line in UTF-8 or else in `fallback`."""
    whole = utf8(card)
    if whole is not None:
        return whole
    return "".join(
        line.decode(fallback, errors="replace") if (text := utf8(line)) is None else text
        for line in card.splitlines(keepends=True)
    )
