"""A source of any kind: what it holds decides how it is read, its name only where that is open."""

from __future__ import annotations

import os
import re
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from contacts_nb.exchange.csv_reader import csv_source
from contacts_nb.exchange.encodings import unicode_encoding
from contacts_nb.exchange.files import FileContent, file_content
from contacts_nb.exchange.frame_reader import frame_source
from contacts_nb.exchange.sources import Source
from contacts_nb.exchange.vcard_reader import vcard_source
from contacts_nb.exchange.xlsx_parts import opened_archive
from contacts_nb.model.errors import UnreadableFile, shown

_KINDS = "CSV, XLSX or vCard"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_OTHER_KINDS = (
    (b"PK\x05\x06", "an empty ZIP archive; give a CSV, XLSX or vCard file"),
    (b"%PDF", f"a PDF; export the contacts as {_KINDS} from the program they come from"),
    (b"\x89PNG", f"a picture; contacts come in {_KINDS} files"),
    (b"\xff\xd8\xff", f"a picture; contacts come in {_KINDS} files"),
    (b"GIF8", f"a picture; contacts come in {_KINDS} files"),
    (b"\x1f\x8b", f"compressed; unpack it and import the {_KINDS} file in it"),
    (b"SQLite format 3", f"a database; export its contacts as {_KINDS}"),
    (b"PAR1", "a Parquet file; read it with pandas and import the DataFrame"),
    (b"<!doctype", f"a web page; export the contacts as {_KINDS}"),
    (b"<html", f"a web page; export the contacts as {_KINDS}"),
    (b"<?xml", f"an XML file; export the contacts as {_KINDS}"),
)
_SPREADSHEET = "a spreadsheet of another kind; save it as XLSX or CSV and import that"
_ARCHIVE = f"a ZIP archive; unpack it and import the {_KINDS} files in it"
_BY_SUFFIX = {
    **dict.fromkeys((".ods", ".numbers", ".xlsb"), _SPREADSHEET),
    **dict.fromkeys((".html", ".htm"), f"a web page; export the contacts as {_KINDS}"),
    ".json": f"a JSON file; export the contacts as {_KINDS}, or import a DataFrame",
    ".pdf": f"a PDF; export the contacts as {_KINDS} from the program they come from",
    ".zip": _ARCHIVE,
}
_XLSX_SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")
_VCARD_SUFFIXES = (".vcf", ".vcard")
_BEGIN = re.compile(rb"\s*+BEGIN[ \t]*+:[ \t]*+VCARD", re.IGNORECASE)
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1b")
_SAMPLE = 64 * 1024


def open_source(
    source: str | os.PathLike[str] | tuple[str, bytes] | pd.DataFrame, *, encoding: str | None = None
) -> Source:
    r"""What `source` holds: a CSV, XLSX or vCard file by its path or as name and bytes, or a DataFrame.

    `encoding` is needed only where the guess for a text file is wrong. Raises `UnreadableFile`.

    >>> people = open_source(("people.csv", b"name,phone\nAnn,112\n"))
    >>> people.header, [(record.line, record.cells) for record in people.records()]
    (('name', 'phone'), [(2, ['Ann', '112'])])
    """
    if isinstance(source, pd.DataFrame):
        return frame_source(source)
    if not isinstance(source, (str, os.PathLike, tuple)):
        raise UnreadableFile(f"{shown(source)} is no source of contacts. Give the path of a file, or a DataFrame.")
    content = file_content(source)
    start = content.start(_SAMPLE)
    suffix = Path(content.name).suffix.lower()
    if start.startswith(_ZIP) and _is_workbook(content, start, suffix):
        from contacts_nb.exchange.xlsx_reader import xlsx_source  # noqa: PLC0415 - loaded with the first workbook

        return xlsx_source(content)
    _check_kind(content, suffix, start)
    if holds_cards(suffix, start):
        return vcard_source(content, encoding=encoding)
    if encoding is None:
        _check_text(content.name, start)
    return csv_source(content, encoding=encoding)


def holds_cards(suffix: str, start: bytes) -> bool:
    """Whether a file with this suffix that begins with `start` is of vCards."""
    if suffix in _VCARD_SUFFIXES:
        return True
    encoding = unicode_encoding(start)
    text = start.decode(encoding, errors="replace").removeprefix("\ufeff").encode() if encoding else start
    return _BEGIN.match(text) is not None


def _is_workbook(content: FileContent, start: bytes, suffix: str) -> bool:
    try:
        with content.opened() as stream, opened_archive(stream) as archive:
            names = archive.namelist()
    except (BadZipFile, ValueError, NotImplementedError):
        # Cut off; then only what is left of it can tell.
        return suffix in _XLSX_SUFFIXES or b"xl/" in start
    return any(name.startswith("xl/") for name in names) and "xl/workbook.bin" not in names


def _check_kind(content: FileContent, suffix: str, start: bytes) -> None:
    # Behind the mark of UTF-8 there may still be a web page.
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    kind = next((kind for magic, kind in _OTHER_KINDS if text.startswith(magic.lower())), None)
    if start.startswith(_OLE):
        kind = _old_office(content, suffix)
    elif start.startswith(_ZIP):
        kind = _BY_SUFFIX.get(suffix, _SPREADSHEET if b"opendocument.spreadsheet" in start else _ARCHIVE)
    elif kind is None:
        kind = _BY_SUFFIX.get(suffix)
    if kind is not None:
        raise UnreadableFile(f"{content.name} is {kind}.")


def _old_office(content: FileContent, suffix: str) -> str:
    """What a file in the container of Office before 2007 is; workbooks with a password are put into one still."""
    if suffix in _XLSX_SUFFIXES or "EncryptedPackage".encode("utf-16-le") in content.whole():
        return "protected by a password; take it away, save the workbook and import it again"
    return "an Excel workbook of the old kind; save it as XLSX or CSV and import that"


def _check_text(name: str, start: bytes) -> None:
    if unicode_encoding(start) is not None:
        return
    if len(start) - len(start.translate(None, _CONTROL)) > len(start) // 10:
        raise UnreadableFile(f"{name} is not text. Give a {_KINDS} file.")
