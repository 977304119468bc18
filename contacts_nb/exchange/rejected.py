"""The records that an import rejected, in a file like the one they came from, each with the reason.

That file can be corrected and imported again as it is: readers pass over the reasons.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import NamedTuple, TextIO

from contacts_nb.exchange.guarded import guarded
from contacts_nb.exchange.headers import REJECTED_BECAUSE

_REASON = "X-REJECTED-BECAUSE"
_OLD_REASON = re.compile(rf"^{_REASON}:.*\r?\n", re.MULTILINE | re.IGNORECASE)
_FIRST_LINE = re.compile(r"\s*[^\r\n]*")
_LAST_LINE = re.compile(r"^END[ \t]*:[ \t]*VCARD\s*\Z", re.MULTILINE | re.IGNORECASE)
_NUMBERED = re.compile(r"(.+)\.rejected(?:-([0-9]{1,9}))?", re.DOTALL)


class Rejected(NamedTuple):
    """A record that was rejected: its line, its cells or the text of its card, and the reason."""

    line: int
    original: tuple[str, ...]
    reason: str


def write_rejected(stream: TextIO, header: tuple[str, ...], rejected: Iterable[Rejected]) -> None:
    """Write rejected records with their reasons: rows of a table where there is a `header`, else cards.

    Rows get a last column `rejected because`, cards a line `X-REJECTED-BECAUSE`.

    >>> import io
    >>> stream = io.StringIO()
    >>> write_rejected(stream, ("name",), [Rejected(2, ("=1",), "is no name")])
    >>> stream.getvalue().splitlines()
    ['name,rejected because', "'=1,is no name"]
    """
    if header:
        _write_table(stream, header, rejected)
        return
    stream.writelines(_card(row.original[0] if row.original else "", row.reason) for row in rejected)


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


def _write_table(stream: TextIO, header: tuple[str, ...], rejected: Iterable[Rejected]) -> None:
    kept = [index for index, cell in enumerate(header) if cell.strip().casefold() != REJECTED_BECAUSE]
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([*(guarded(header[index]) for index in kept), REJECTED_BECAUSE])
    for _, original, reason in rejected:
        cells = [guarded(original[index]) if index < len(original) else "" for index in kept]
        # What was too much for the header must not be lost; nor may it be taken for a value.
        surplus = " | ".join(cell for cell in original[len(header) :] if cell.strip())
        told = f"{reason} Beyond the last column: {surplus}" if surplus else reason
        writer.writerow([*cells, guarded(_one_line(told))])


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
