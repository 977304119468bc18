"""A file's records into contacts: added, already there, or rejected with a reason; never silently lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from contacts_nb.exchange.already_there import AlreadyThere
from contacts_nb.exchange.rows import SourceFile, SourceRow
from contacts_nb.model.draft import ContactDraft, drafted
from contacts_nb.model.errors import InvalidValue
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.recording import Recording

_AT_ONCE = 2_000
Rejected = tuple[SourceRow, str]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the records of one file.

    `added` counts new contacts, `already_there` records that a contact has word for word, `rejected` those in
    `rejected_file` with their reasons. `left_out` counts, by column or property, values that contacts have no
    place for. `notes` are sentences worth reading.
    """

    name: str
    added: int
    already_there: int
    rejected: int
    rejected_file: Path | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{self.added:,} added", f"{self.rejected:,} rejected"]
        if self.already_there:
            parts.insert(1, f"{self.already_there:,} already there")
        return f"{self.name}: {', '.join(parts)}"


@dataclass(slots=True)
class Importing:
    """The records of `source` on their way in; a phone without `+` is read in `region`."""

    source: SourceFile
    region: str | None
    added: int = 0
    already_there: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    unread_phones: int = 0

    def run(self, recording: Recording, progress: Callable[[int], None] | None = None) -> None:
        """Add what can be added, as part of the operation `recording`; `progress` gets the records done."""
        there = AlreadyThere(recording.connection)
        done = 0
        for rows in _parts(self.source.rows, _AT_ONCE):
            drafts = [draft for row in rows if (draft := self._draft(row)) is not None]
            fresh = there.fresh(drafts)
            self.added += len(added_contacts(recording, fresh))
            self.already_there += len(drafts) - len(fresh)
            done += len(rows)
            if progress is not None:
                progress(done)

    def result(self, rejected_file: Path | None) -> ImportResult:
        """What became of all records, once they have run."""
        notes = list(self.source.notes)
        if self.unread_phones:
            notes.append(
                f"Phones without + that stay as typed, because no region was given: {self.unread_phones:,}. "
                "Give one with --region, such as --region GB, to have them found by their international form."
            )
        return ImportResult(
            name=self.source.name,
            added=self.added,
            already_there=self.already_there,
            rejected=len(self.rejected),
            rejected_file=rejected_file,
            left_out=self.source.left_out,
            notes=tuple(notes),
        )

    def _draft(self, row: SourceRow) -> ContactDraft | None:
        if row.problem is not None:
            self.rejected.append((row, row.problem))
            return None
        try:
            values: dict[str, Any] = dict(row.values)
            draft = drafted(**values, tags=row.tags, region=self.region)
        except InvalidValue as error:
            self.rejected.append((row, str(error)))
            return None
        if draft.phone and not draft.phone_e164:
            self.unread_phones += 1
        return draft


def _parts(rows: Iterator[SourceRow], length: int) -> Iterator[Sequence[SourceRow]]:
    while part := list(islice(rows, length)):
        yield part
