"""What a mail says, as plain text, however broken it is: words of headers, addresses, and the best of its body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import NamedTuple

from contacts_nb.exchange.encodings import known_encoding, utf8
from contacts_nb.model.messages import MESSAGE_LENGTH

_HTML_LENGTH = 2_000_000  # more of it can't be seen in a text of MESSAGE_LENGTH
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
# Mail programs write the names on the left and mean the larger sets on the right.
_WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
_HIDDEN = frozenset({"script", "style", "title", "template"})
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "pre", "section", "table", "tr",
    "ul",
})  # fmt: skip
# Comments, and declarations, of which HTMLParser refuses some; one that is left open hides all that follows.
_UNSEEN = re.compile(r"<!--(?:.*?-->|.*)|<!(?!--)[^>]*>?", re.DOTALL)
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n[ \n]*\n")


class Address(NamedTuple):
    """An address of a header with the name that stands with it, "" if none."""

    name: str
    address: str


def header_text(raw: str) -> str:
    """The words of a header in one line: encoded words (RFC 2047) decoded, other bytes as they are likely meant.

    >>> header_text("=?utf-8?q?Gr=C3=BC=C3=9Fe?= from =?latin1?b?TfxuY2hlbg==?="), header_text("=?utf-8?b?x?=")
    ('Grüße from München', '=?utf-8?b?x?=')
    """
    text = _as_text(raw)
    if "=?" in text:
        try:
            parts = decode_header(text)
        except (HeaderParseError, ValueError):
            parts = [(text, None)]
        text = "".join(_part_text(part, charset) for part, charset in parts)
    return " ".join(storable(text).split())


def addresses(raw: Iterable[str]) -> list[Address]:
    """The e-mail addresses in headers, in their order; what holds no @ is none.

    >>> addresses(['"Li, Ann" <ann@example.org>, =?utf-8?q?Z=C3=B6e?= <zoe@example.org>, team:;'])
    [Address(name='Li, Ann', address='ann@example.org'), Address(name='Zöe', address='zoe@example.org')]
    """
    found = []
    for header in raw:
        text = _as_text(header)
        pairs = [(name, address) for name, address in getaddresses([text]) if "@" in address]
        if not pairs:  # newer versions of Python give nothing for a header with any mistake in it
            pairs = [("", address) for address in _ADDRESS.findall(text)]
        found += [Address(header_text(name), storable(address).strip()) for name, address in pairs]
    return found


def mail_text(mail: Message) -> str:
    """The text of a mail's body, from its plain parts or else its HTML, and the names of what is attached."""
    plain: list[str] = []
    html: list[str] = []
    attached: list[str] = []
    for part in _leaves(mail):
        kind = part.get_content_type()
        name = part.get_filename()
        if part is not mail and _is_attached(part, name):
            attached.append(f"[attachment: {header_text(name or kind)}]")
        elif kind == "text/plain":
            plain.append(_part_body(part))
        elif kind == "text/html":
            html.append(_part_body(part))
    text = "\n".join(plain).strip() or "\n".join(html_text(one) for one in html).strip()
    return "\n\n".join(one for one in (text, "\n".join(attached)) if one)


def html_text(html: str) -> str:
    r"""What a browser would show of `html`, without its looks.

    >>> html_text("<style>p {}</style><p>Dear&nbsp;Ann,<p>1 &lt; 2<br>Bye<script>run()</script>")
    'Dear Ann,\n\n1 < 2\nBye'
    """
    reader = _Reader()
    # Never closed: at the end, older versions of Python look through all the rest for each tag left open.
    reader.feed(_UNSEEN.sub("", html[:_HTML_LENGTH]) + "\n")
    lines = (line.strip() for line in _BLANKS.sub(" ", "".join(reader.pieces)).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def decoded(data: bytes, charset: str | None) -> str:
    """`data` in the charset that a mail says it has, or else, where that can't be, the most likely one.

    >>> decoded("Größe".encode(), "us-ascii"), decoded("Größe".encode("latin1"), "no such charset")
    ('Größe', 'Größe')
    """
    known = known_encoding(charset.split("*")[0]) if charset else None
    for encoding in dict.fromkeys((_WIDER.get(known or "", known), known)):
        if encoding is None or (known == "ascii" and not data.isascii()):
            continue
        try:
            return data.decode(encoding)
        except ValueError:
            continue
    text = utf8(data)
    return data.decode("cp1252", "replace") if text is None else text


def storable(text: str) -> str:
    """`text` without what no database can hold."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\x00", "")


def _as_text(raw: str) -> str:
    """A header as it stands in the parsed mail, unfolded, and with the bytes that aren't ASCII as letters."""
    text = _FOLD.sub("", raw)
    return text if text.isascii() else decoded(text.encode("utf-8", "surrogateescape"), None)


def _part_text(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    # What stands between encoded words comes in Python's own escapes.
    return decoded(part, charset) if charset else part.decode("raw-unicode-escape", "replace")


def _leaves(mail: Message) -> Iterator[Message]:
    """The parts that hold something themselves; a mail within the mail is one of them."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [one for one in reversed(payload) if isinstance(one, Message)]
        else:
            yield part


def _is_attached(part: Message, name: str | None) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_content_type() == "message/rfc822":
        return True
    # Pictures that a text shows where it mentions them have an id.
    return name is not None and "Content-ID" not in part


def _part_body(part: Message) -> str:
    data = part.get_payload(decode=True)
    text = decoded(data, part.get_content_charset()) if isinstance(data, bytes) else ""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n")


class _Reader(HTMLParser):
    """Collects the text of HTML in `pieces`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._length = 0
        self._hidden: str | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the name is HTMLParser's
        if tag in _HIDDEN and self._hidden is None:
            self._hidden = tag
        elif tag == "body":  # shown, even if a title before it was never closed
            self._hidden = None
        if tag == "br":
            self._add("\n")
        elif tag in {"td", "th"}:
            self._add(" ")
        else:
            self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = None
        self._break(tag)

    def handle_data(self, data: str) -> None:
        # Line ends in HTML are blanks, and blanks at the start of a line are nothing.
        text = data.replace("\n", " ").replace("\r", " ")
        if self._hidden is None and not (text.isspace() and self._at_start):
            self._add(text)

    @property
    def _at_start(self) -> bool:
        return not self.pieces or self.pieces[-1].endswith("\n")

    def _break(self, tag: str) -> None:
        if tag == "p":
            self._add("\n\n")
        elif tag in _BLOCKS and not self._at_start:
            self._add("\n")

    def _add(self, text: str) -> None:
        if self._length <= 2 * MESSAGE_LENGTH:
            self.pieces.append(text)
            self._length += len(text)
