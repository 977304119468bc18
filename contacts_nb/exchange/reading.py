"""Contacts from a file of any kind: what it holds decides how it is read, its name only where that is open."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from contacts_nb.exchange.csv_reader import csv_source
from contacts_nb.exchange.encodings import unicode_encoding
from contacts_nb.exchange.files import file_bytes
from contacts_nb.exchange.rows import SourceFile
from contacts_nb.exchange.vcard_reader import vcard_source
from contacts_nb.model.errors import UnreadableFile

_EXCEL = "an Excel workbook; save it as CSV and import that"
_ZIP = b"PK\x03\x04"
_OTHER_KINDS = (
    (_ZIP, "a ZIP archive; unpack it and import the CSV or vCard files in it"),
    (b"\xd0\xcf\x11\xe0", _EXCEL),
    (b"%PDF", "a PDF; export the contacts as CSV or vCard from the program they come from"),
    (b"\x89PNG", "a picture; contacts come in CSV or vCard files"),
    (b"\xff\xd8\xff", "a picture; contacts come in CSV or vCard files"),
    (b"GIF8", "a picture; contacts come in CSV or vCard files"),
    (b"\x1f\x8b", "compressed; unpack it and import the CSV or vCard file in it"),
    (b"SQLite format 3", "a database; export its contacts as CSV or vCard"),
    (b"PAR1", "a Parquet file; save it as CSV and import that"),
    (b"<!doctype", "a web page; export the contacts as CSV or vCard"),
    (b"<html", "a web page; export the contacts as CSV or vCard"),
    (b"<?xml", "an XML file; export the contacts as CSV or vCard"),
)
_BY_SUFFIX = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls"), _EXCEL),
    **dict.fromkeys((".ods", ".numbers"), "a spreadsheet; save it as CSV and import that"),
    **dict.fromkeys((".html", ".htm"), "a web page; export the contacts as CSV or vCard"),
    ".json": "a JSON file; export the contacts as CSV or vCard",
    ".pdf": "a PDF; export the contacts as CSV or vCard from the program they come from",
    ".zip": "a ZIP archive; unpack it and import the CSV or vCard files in it",
}
_VCARD_SUFFIXES = (".vcf", ".vcard")
_BEGIN = re.compile(rb"\s*+BEGIN[ \t]*+:[ \t]*+VCARD", re.IGNORECASE)
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1b")
_SAMPLE = 64 * 1024


def read_contacts(
    path: str | os.PathLike[str], *, columns: Mapping[str, str] | None = None, encoding: str | None = None
) -> SourceFile:
    r"""The contacts in the CSV or vCard file at `path`.

    `columns` says by column of a table which field it holds; `encoding` is needed only where the guess is wrong.
    Raises `UnreadableFile`, and `InvalidValue` for `columns` that name what doesn't exist.

    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "people.csv")
    >>> _ = file.write_text("name,phone\nAnn Smith,+442079460958\n")
    >>> [dict(row.values) for row in read_contacts(file).rows]
    [{'first_name': 'Ann', 'last_name': 'Smith', 'phone': '+442079460958'}]
    """
    name, suffix = Path(path).name, Path(path).suffix.lower()
    data = file_bytes(path)
    _check_kind(name, suffix, data)
    if holds_cards(suffix, data):
        return vcard_source(name, data, encoding=encoding)
    if encoding is None:
        _check_text(name, data)
    return csv_source(name, data, columns=columns, encoding=encoding)


def holds_cards(suffix: str, data: bytes) -> bool:
    """Whether the content of a file with this suffix is vCards."""
    if suffix in _VCARD_SUFFIXES:
        return True
    start = data[:_SAMPLE]
    encoding = unicode_encoding(start)
    text = start.decode(encoding, errors="replace").removeprefix("\ufeff").encode() if encoding else start
    return _BEGIN.match(text) is not None


def _check_kind(name: str, suffix: str, data: bytes) -> None:
    # Behind the mark of UTF-8 there may still be a web page.
    start = data[:_SAMPLE].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    kind = next((kind for magic, kind in _OTHER_KINDS if start.startswith(magic.lower())), None)
    if suffix in _BY_SUFFIX and (kind is None or data.startswith(_ZIP)):
        kind = _BY_SUFFIX[suffix]
    elif data.startswith(_ZIP) and b"xl/" in data:
        kind = _EXCEL
    if kind is not None:
        raise UnreadableFile(f"{name} is {kind}.")


def _check_text(name: str, data: bytes) -> None:
    if unicode_encoding(data) is not None:
        return
    sample = data[:_SAMPLE]
    if len(sample) - len(sample.translate(None, _CONTROL)) > len(sample) // 10:
        raise UnreadableFile(f"{name} is not text. Give a CSV or vCard file.")
