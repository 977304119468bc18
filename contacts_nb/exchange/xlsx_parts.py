"""The parts of an Excel workbook (ISO/IEC 29500), each read as a stream of XML that never is in memory as a whole.

A small archive can unpack to gigabytes, so everything here has a limit: texts, tokens, parts, and no entities.
"""

from __future__ import annotations

import io
import posixpath
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from contacts_nb.exchange.files import FileContent
from contacts_nb.model.errors import UnreadableFile, shown

MEGABYTE = 1024 * 1024
_CHUNK = 16 * 1024  # of whose rows each may have thousands of empty cells
_LONGEST_TOKEN = 2 * MEGABYTE
_MOST_PARTS = 5_000
_MOST_SHEETS = 1_000
_DIRECTORY_SIZE = 4 * MEGABYTE
_SMALL = 20 * MEGABYTE
_WORKBOOK = "xl/workbook.xml"
# What reading raises for files that aren't what they say.
_BROKEN = (
    expat.ExpatError, BadZipFile, EOFError, LookupError, NotImplementedError, OSError, OverflowError, RuntimeError,
    ValueError, zlib.error,
)  # fmt: skip


class Element(NamedTuple):
    """The start of an element: its name without prefix, and its attributes, likewise."""

    name: str
    attributes: dict[str, str]


class Sheet(NamedTuple):
    """A sheet of a workbook and the part that holds its cells."""

    title: str
    path: str
    hidden: bool


class Parts:
    """The parts in the archive of the workbook `name`."""

    def __init__(self, name: str, archive: ZipFile) -> None:
        self.name = name
        self._archive = archive
        self._parts = {part.filename.replace("\\", "/").casefold(): part for part in archive.infolist()}
        if len(self._parts) > _MOST_PARTS:
            raise too_large(name, f"has {len(self._parts):,} parts")
        self._book = self._related("", "/officeDocument") or _WORKBOOK
        self.book = list(self._of_sheets())

    def _of_sheets(self) -> Iterator[Element]:
        count = 0
        for element in self.elements(self._book):
            if element.name in {"sheet", "workbookPr"}:
                count += 1
                if count > _MOST_SHEETS:
                    raise too_large(self.name, f"has more than {_MOST_SHEETS:,} sheets")
                yield element

    def sheets(self) -> list[Sheet]:
        """The sheets that hold cells, in order."""
        paths = self._relations(self._book)
        sheets = [element.attributes for element in self.book if element.name == "sheet"]
        return [
            Sheet(sheet.get("name", ""), paths[sheet["id"]][1], sheet.get("state", "visible") != "visible")
            for sheet in sheets
            if paths[sheet["id"]][0].endswith("/worksheet")
        ]

    def of_book(self, kind: str) -> str | None:
        """The path of the part of this kind, such as "/styles", that the workbook has; None if it has none."""
        # Some programs don't say where they put it.
        usual = f"{posixpath.dirname(self._book)}{kind}.xml"
        return self._related(self._book, kind) or (usual if usual.casefold() in self._parts else None)

    def elements(self, path: str, most: int = _SMALL) -> Iterator[Element]:
        """The starts of all elements in a small part."""
        found: list[Element] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            local = {key.rpartition(":")[2]: text for key, text in attributes.items()}
            found.append(Element(name.rpartition(":")[2], local))

        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        for _ in self.fed(path, parser, most):
            yield from found
            found.clear()

    def fed(self, path: str, parser: expat.XMLParserType, most: int) -> Iterator[None]:
        """Feed the part at `path` to `parser`, with a stop after each stretch of it.

        Raises `UnreadableFile` if it is larger than `most` bytes, and for what only attackers put into XML.
        """
        part = self._parts.get(path.casefold())
        if part is None:
            raise BadZipFile(f"no {path}")
        if part.flag_bits & 1:
            raise UnreadableFile(
                f"{self.name} is protected by a password. Take it away and import the file again."
            )
        if part.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            # Of others, a few bytes may unpack to gigabytes at once.
            raise BadZipFile(f"compression {part.compress_type}")
        if part.file_size > most:
            sizes = f"{part.file_size // MEGABYTE:,} MB in {shown(path)}; at most {most // MEGABYTE:,} MB are read"
            raise too_large(self.name, f"unpacks to {sizes}")
        parser.StartDoctypeDeclHandler = self._refuse_definitions
        given = 0
        with self._archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)  # noqa: FBT003 - it takes no keywords
                given += len(chunk)
                if given - parser.CurrentByteIndex > _LONGEST_TOKEN:
                    raise too_large(self.name, f"holds an element of many megabytes in {shown(path)}")
                yield
        parser.Parse(b"", True)  # noqa: FBT003 - as above
        yield

    def _refuse_definitions(self, *_: object) -> None:
        # By definitions of entities a few lines of XML become gigabytes.
        raise UnreadableFile(
            f"{self.name} holds definitions of XML entities, which no spreadsheet writes, so it was not read. "
            "Open it in a spreadsheet and save it as XLSX or CSV."
        )

    def _related(self, path: str, kind: str) -> str | None:
        return next((target for type_, target in self._relations(path).values() if type_.endswith(kind)), None)

    def _relations(self, path: str) -> dict[str, tuple[str, str]]:
        """By id, the type and the path of what the part at `path` ("" for the whole) refers to."""
        folder, name = posixpath.split(path)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations.casefold() not in self._parts:
            return {}
        return {
            element.attributes["Id"]: (
                element.attributes["Type"],
                # A path from the top begins with a slash.
                posixpath.normpath(posixpath.join("/", folder, element.attributes["Target"].replace("\\", "/")))[
                    1:
                ],
            )
            for element in self.elements(relations)
            if element.name == "Relationship"
        }


class _InParts(io.BufferedIOBase):
    """A stream of which nothing large is read at once, as the directory of an archive would be."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _DIRECTORY_SIZE:
            raise BadZipFile(f"a directory of {size // MEGABYTE:,} MB")
        return self._stream.read(-1 if size is None else size)


def opened_archive(stream: BinaryIO) -> ZipFile:
    """The archive in `stream`; raises `BadZipFile` also where its directory alone would take much memory."""
    return ZipFile(_InParts(stream))


@contextmanager
def opened_parts(content: FileContent) -> Iterator[Parts]:
    """The parts of the workbook in `content`; what goes wrong in the block raises `UnreadableFile`."""
    with content.opened() as stream:
        try:
            with opened_archive(stream) as archive:
                yield Parts(content.name, archive)
        except _BROKEN as error:
            raise UnreadableFile(
                f"{content.name} can't be read as an Excel workbook ({shown(str(error), 100)}); it is damaged or "
                "cut off. Open it in a spreadsheet and save it anew as XLSX or CSV."
            ) from error


def too_large(name: str, what: str) -> UnreadableFile:
    """What is raised for a workbook that would take too much memory."""
    return UnreadableFile(f"{name} {what}. Save its sheet of contacts as CSV and import that.")
