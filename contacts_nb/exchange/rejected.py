"""The records that an import rejected, in a file like the one they came from, each with the reason.

That file can be corrected and imported again as it is: readers pass over the reasons.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from contacts_nb.exchange.csv_writer import write_csv
from contacts_nb.exchange.files import new_file
from contacts_nb.exchange.headers import REJECTED_BECAUSE
from contacts_nb.exchange.rows import SourceFile, SourceRow

_REASON = "X-REJECTED-BECAUSE"
_OLD_REASON = re.compile(rf"^{_REASON}:.*\r?\n", re.MULTILINE | re.IGNORECASE)
_FIRST_LINE = re.compile(r"\s*[^\r\n]*")
_LAST_LINE = re.compile(r"^END[ \t]*:[ \t]*VCARD\s*\Z", re.MULTILINE | re.IGNORECASE)
_NUMBERED = re.compile(r"(.+)\.rejected(?:-([0-9]{1,9}))?", re.DOTALL)


def write_rejected(
    path: str | os.PathLike[str], source: SourceFile, rejected: Sequence[tuple[SourceRow, str]]
) -> None:
    """Write rejected records of `source` with their reasons to the file at `path`.

    Rows of a table get a last column `rejected because`, cards a line `X-REJECTED-BECAUSE`.
    Raises `UnwritableFile`.
    """
    if source.header:
        _write_table(path, source.header, rejected)
        return
    with new_file(path) as stream:
        for row, reason in rejected:
            stream.write(_card(row.original[0] if row.original else "", reason))


def rejected_path(
    source_path: str | os.PathLike[str], folder: str | os.PathLike[str], *, cards: bool | None = None
) -> Path:
    """Where in `folder` the rejected records of the file at `source_path` go: a name that is free.

    `cards` says whether they are vCards; without it the name of the source decides.

    >>> rejected_path("exports/people.csv", "out").name, rejected_path("people.rejected.csv", ".").name
    ('people.rejected.csv', 'people.rejected-2.csv')
    """
    source = Path(source_path)
    if cards is None:
        cards = source.suffix.lower() in {".vcf", ".vcard"}
    numbered = _NUMBERED.fullmatch(source.stem)
    stem, number = (numbered[1], int(numbered[2] or 1) + 1) if numbered else (source.stem, 1)
    names = (f"{stem}.rejected{f'-{n}' if n > 1 else ''}{'.vcf' if cards else '.csv'}" for n in count(number))
    # Rows of an earlier import may be there, half corrected.
    return next(path for name in names if not os.path.lexists(path := Path(folder) / name))


def _write_table(
    path: str | os.PathLike[str], header: tuple[str, ...], rejected: Sequence[tuple[SourceRow, str]]
) -> None:
    kept = [index for index, cell in enumerate(header) if cell.strip().casefold() != REJECTED_BECAUSE]

    def rows() -> Iterator[list[str]]:
        for row, reason in rejected:
            cells = [row.original[index] if index < len(row.original) else "" for index in kept]
            yield [*cells, _one_line(reason)]

    write_csv(path, [*(header[index] for index in kept), REJECTED_BECAUSE], rows())


def _card(original: str, reason: str) -> str:
    text = _OLD_REASON.sub("", original)
    begin = _FIRST_LINE.match(text)
    end = begin.end() if begin else 0
    escaped = _one_line(reason).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    line_end = "\r\n" if "\r\n" in text or "\n" not in text else "\n"
    card = f"{text[:end].strip()}{line_end}{_REASON}:{escaped}{line_end}{text[end:].lstrip(chr(13) + chr(10))}"
    card = card.rstrip("\r\n") + line_end
    return card if _LAST_LINE.search(card) else f"{card}END:VCARD{line_end}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
