"""Workbooks for tests, as bytes: such as programs write them, and such as nobody should."""

import io
import re
from collections.abc import Callable, Sequence
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
BOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
_INLINE = re.compile(rb't="inlineStr"><is><t[^>]*>(.*?)</t></is>', re.DOTALL)
_TEXTS_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
_TEXTS_RELATION = (
    b'<Relationship Id="texts" Target="sharedStrings.xml" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
)


def workbook(**sheets: Sequence[Sequence[object]]) -> Workbook:
    """A workbook with sheets of these names, each with these rows."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


def saved(book: Workbook) -> bytes:
    """The file of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_part(data: bytes, path: str, change: Callable[[bytes], bytes]) -> bytes:
    """The file `data` with the content of the part at `path` changed; a part that isn't there is added."""
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == path else old.read(part))
        if path not in old.namelist():
            new.writestr(path, change(b""))
    return stream.getvalue()


def with_shared_texts(data: bytes) -> bytes:
    """The file `data` with the texts of its first sheet where Excel keeps them: in a part of their own."""
    texts: list[bytes] = []

    def shared(match: re.Match[bytes]) -> bytes:
        texts.append(match[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    data = with_part(data, SHEET, lambda xml: _INLINE.sub(shared, xml))
    data = with_part(data, RELATIONS, lambda xml: xml.replace(b"</Relationships>", _TEXTS_RELATION))
    data = with_part(data, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", _TEXTS_TYPE))
    space = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    items = b"".join(b'<si><t xml:space="preserve">' + text + b"</t></si>" for text in texts)
    return with_part(data, TEXTS, lambda _: space + items + b"</sst>")
