"""Imports: a plan that can be looked at, that is carried out exactly or not at all, and that can be undone."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import select

from contacts_nb.exchange.applying import apply_plan
from contacts_nb.exchange.import_options import ImportOptions, checked_kept, checked_keys, checked_purpose
from contacts_nb.exchange.new_files import new_file
from contacts_nb.exchange.planned import Action, PlannedRow, ValueChange
from contacts_nb.exchange.planning import (
    PlannedImport,
    columns_held,
    fields_to_make,
    known_of,
    planned_import,
)
from contacts_nb.exchange.progress import Progress, counting
from contacts_nb.exchange.reading import open_source
from contacts_nb.exchange.rejected import Rejected, write_rejected
from contacts_nb.exchange.rows import CHANNEL, CUSTOM, NEW
from contacts_nb.exchange.sources import CardSource, Source
from contacts_nb.model.draft import ContactDraft, checked_tags
from contacts_nb.model.errors import CannotUndo, InvalidValue, PlanOutdated, UnwritableFile
from contacts_nb.model.phones import checked_region
from contacts_nb.operations.garbage import collector_paused
from contacts_nb.store.schema import workspace as workspace_table
from contacts_nb.workspace import listing
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation

if TYPE_CHECKING:
    from contacts_nb.exchange.headers import Known

GivenSource = str | os.PathLike[str] | tuple[str, bytes] | pd.DataFrame
"""What can be imported: the path of a file, an upload as its name and content, or a table."""

_SHOWN = 10  # rows of a plan that is displayed
_VALUES = ("first_name", "last_name", "phone", "phone_e164", "email", "country", "language")
_NOTHING = ContactDraft(None, None, None, None, None, None, None, ())  # what an unreadable record says


class RejectedRows:
    """Records that an import rejects, with their reasons: to be looked at, corrected and imported again."""

    def __init__(self, plan: PlannedImport) -> None:
        self._plan = plan

    def __len__(self) -> int:
        return self._plan.counts[Action.REJECT]

    def __iter__(self) -> Iterator[Rejected]:
        for part in self._plan.spool.parts():
            for row in part:
                if row.action == Action.REJECT:
                    yield Rejected(row.line, row.original, row.reason)

    def to_frame(self) -> pd.DataFrame:
        """One row a record: `line` (int64), the columns of the file or `card` (str), `rejected because` (str)."""
        rows = list(self)
        header = self._plan.header or ("card",)
        columns: dict[str, pd.Series] = {"line": listing.whole_numbers(row.line for row in rows)}
        for index, name in enumerate(header):
            cells = [row.original[index] if index < len(row.original) else "" for row in rows]
            columns[name.strip() or f"column {index + 1}"] = listing.texts(cells)
        return pd.DataFrame(columns | {"rejected because": listing.texts(row.reason for row in rows)})

    def to_csv(self, path: str | os.PathLike[str]) -> int:
        """Write them to a CSV file at `path`, as their table was and with the reasons; gives how many.

        Once corrected, that file can be imported as it is. Raises `UnwritableFile`, also for vCards.
        """
        if not self._plan.header:
            raise UnwritableFile(f"{self._plan.name} holds vCards. Write what was rejected with to_vcard().")
        return self.write(path)

    def to_vcard(self, path: str | os.PathLike[str]) -> int:
        """Write them to a vCard file at `path`, with the reasons; gives how many. Raises `UnwritableFile`."""
        if self._plan.header:
            raise UnwritableFile(f"{self._plan.name} is a table. Write what was rejected with to_csv().")
        return self.write(path)

    def write(self, path: str | os.PathLike[str]) -> int:
        """Write them as their file was: a table as CSV, cards as vCards; gives how many."""
        with new_file(path) as stream:
            write_rejected(stream, self._plan.header, self)
        return len(self)

    def text(self) -> str:
        """What `write` would write, to be downloaded."""
        stream = io.StringIO(newline="")
        write_rejected(stream, self._plan.header, self)
        return stream.getvalue()

    @property
    def suffix(self) -> str:
        """How the name of a file with them should end: ".csv" or ".vcf"."""
        return ".csv" if self._plan.header else ".vcf"

    def __repr__(self) -> str:
        return f"<{len(self):,} rejected>"


class ImportPlan:
    """What an import would do with each record; nothing is changed until `apply()`.

    `columns` says by column of the file what it is taken for, None for those left out. `left_out` counts, by
    column or property, the values that contacts have no place for. `notes` are sentences worth reading.
    """

    def __init__(self, access: Access, plan: PlannedImport) -> None:
        self._access = access
        self._plan = plan
        self._applied = False
        self.name = plan.name
        self.columns = {name: _public(target) for name, target in plan.columns.items()}
        self.left_out = plan.left_out
        self.notes = tuple(plan.notes)

    @property
    def counts(self) -> dict[str, int]:
        """How many records are to be created, updated, skipped and rejected."""
        return {action.label: self._plan.counts[action] for action in Action}

    @property
    def rejected(self) -> RejectedRows:
        """The records that won't be imported, with their reasons."""
        return RejectedRows(self._plan)

    def to_frame(self, action: str | None = None, limit: int | None = None) -> pd.DataFrame:
        """One row a record, at most `limit`, of one `action` ("create", "update", "skip", "reject") or of all.

        Columns: `line` (int64, where the record begins), `action` (str), `contact` (Int64), `reason`, `changes`
        (str), then the values: `first_name`, `last_name`, `phone`, `phone_e164`, `email`, `country`, `language`,
        `tags`, `assignee`, `team` and a column for each custom field (str).
        """
        if action is not None and action not in self.counts:
            raise InvalidValue("action", action, f"does not exist; use one of {', '.join(self.counts)}")
        rows = list(islice(self._rows(action), limit))
        drafts = [self._plan.packer.unpacked(row.packed)[0] if row.packed else _NOTHING for row in rows]
        columns: dict[str, pd.Series] = {
            "line": listing.whole_numbers(row.line for row in rows),
            "action": listing.texts(Action(row.action).label for row in rows),
            "contact": pd.Series([row.contact_id or pd.NA for row in rows], dtype="Int64"),
            "reason": listing.texts(row.reason for row in rows),
            "changes": listing.texts(self._changes(row.changes) for row in rows),
        }
        for name in _VALUES:
            columns[name] = listing.texts(getattr(draft, name) for draft in drafts)
        columns["tags"] = listing.texts(", ".join(draft.tags) or None for draft in drafts)
        columns["assignee"] = listing.texts(draft.assignee.email if draft.assignee else None for draft in drafts)
        columns["team"] = listing.texts(draft.team.name if draft.team else None for draft in drafts)
        for field in self._plan.packer.fields:
            columns[field.slug or field.name] = listing.texts(_value(draft, field.id) for draft in drafts)
        return pd.DataFrame(columns)

    def apply(self, *, progress: Progress = True) -> ImportResult:
        """Do exactly this, all of it or nothing, as one operation.

        Raises `PlanOutdated`, and changes nothing, if the workspace has moved so that something else would be done
        now; and for a plan that was carried out before.

        >>> import contacts_nb as cn, tempfile, pandas as pd
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> done = ws.plan_import(pd.DataFrame({"name": ["Ann", "Bo"]})).apply()
        >>> done.created
        2
        >>> done.undo().contacts
        2
        """
        if self._applied:
            raise PlanOutdated(f"This plan was carried out already. To import {self.name} again, plan it again.")
        total = sum(self._plan.counts.values())
        options = self._plan.options
        details = {
            "purpose": options.purpose.value,
            "match_on": [key.name for key in options.keys],
            **{action.label: self._plan.counts[action] for action in Action},
        }
        stopped = "Stopped. Nothing was imported; the workspace is as it was."
        with (
            collector_paused(),
            counting(progress, f"Importing {self.name}", "rows", total, stopped) as told,
            self._access.operation("import", details) as recording,
        ):
            if self._plan.new_fields:
                self._access.check(recording.connection, "add_field")
            apply_plan(recording, self._plan, told)
        self._applied = True
        return ImportResult(self, self._plan, Operation(self._access, recording.record))

    def _rows(self, action: str | None) -> Iterator[PlannedRow]:
        wanted = None if action is None else Action[action.upper()]
        for part in self._plan.spool.parts():
            yield from (row for row in part if wanted is None or row.action == wanted)

    def _changes(self, changes: Iterable[ValueChange]) -> str | None:
        users = dict(self._plan.settings.users)
        teams = dict(self._plan.settings.teams)
        parts = []
        for target, old, new in changes:
            names = {"assignee": users, "team": teams}.get(target)
            if names is not None:
                old, new = old and names.get(int(old), old), names[int(new)]  # noqa: PLW2901
            if target == "tags" or target.startswith(CHANNEL):
                parts.append(f"{_public(target)} + {new}")
            else:
                parts.append(f"{_public(target)}: {old or '(empty)'} → {new or '(empty)'}")
        return "; ".join(parts) or None

    def __repr__(self) -> str:
        lines = [f"<import of {self.name}: {_counted(self.counts)}>"]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        bundle = {"text/plain": repr(self)}
        if listing.table_html is not None:
            frame = self.to_frame(limit=_SHOWN)
            kept = [name for name in frame if name in {"line", "action"} or frame[name].notna().any()]
            summary = pd.DataFrame([{"file": self.name, **self.counts}])
            bundle["text/html"] = listing.table_html(summary) + listing.table_html(frame[kept])
        return bundle


class ImportResult:
    """What an import has done: `created`, `updated`, `skipped` count records, `rejected` holds those left out.

    `operation` is its entry in the history.
    """

    def __init__(self, plan: ImportPlan, planned: PlannedImport, operation: Operation) -> None:
        self.name = plan.name
        self.created = planned.counts[Action.CREATE]
        self.updated = planned.counts[Action.UPDATE]
        self.skipped = planned.counts[Action.SKIP]
        self.rejected = plan.rejected
        self.left_out: Counter[str] = plan.left_out
        self.notes = plan.notes
        self.operation = operation

    def undo(self) -> Operation:
        """Take back all that was created and updated; raises `CannotUndo` and `UndoConflict` as any undo does."""
        if self.operation.id is None:
            raise CannotUndo(f"The import of {self.name} changed nothing, so there is nothing to undo.")
        return self.operation.undo()

    def __str__(self) -> str:
        counts = {"created": self.created, "updated": self.updated, "skipped": self.skipped}
        return f"{self.name}: {_counted(counts | {'rejected': len(self.rejected)})}"

    def __repr__(self) -> str:
        return f"<{self}>"


class SourcePreview:
    """The beginning of a source before it is planned.

    `header` are its columns (none for vCards), `columns` what they seem to hold, `rows` the first records as
    texts, `encoding` how it was read (None where there is no choice), and `fields` what columns may be mapped to,
    each with a label for people.
    """

    def __init__(
        self, source: Source, known: Known, rows: list[tuple[str, ...]], columns: dict[str, str | None]
    ) -> None:
        self.name = source.name
        self.header = source.header
        self.encoding = source.encoding
        self.notes = tuple(source.notes)
        self.rows = rows
        self.columns = {name: _public(target) for name, target in columns.items()}
        self.fields = known.targets()


def planned(
    access: Access,
    source: GivenSource,
    *,
    match_on: str | Iterable[str] | None,
    purpose: str | None,
    region: str | None,
    columns: Mapping[str, str | None] | None,
    new_fields: Mapping[str, str] | None,
    do_not_overwrite: Collection[str] | bool,
    tags: Iterable[str],
    encoding: str | None,
    progress: Progress,
) -> ImportPlan:
    """The plan for a source; see `Workspace.plan_import`."""
    opened = open_source(source, encoding=encoding)
    stopped = "Stopped. Nothing was planned, and nothing was changed."
    with (
        collector_paused(),
        counting(progress, f"Reading {opened.name}", "rows", None, stopped) as told,
        access.read("import") as connection,
    ):
        known = known_of(connection)
        keys = checked_keys(match_on, known)
        if new_fields:
            access.check(connection, "add_field")
        workspace_region = connection.execute(select(workspace_table.c.phone_region)).scalar_one()
        options = ImportOptions(
            checked_purpose(purpose, keys),
            keys,
            checked_region(region) or workspace_region,
            checked_kept(do_not_overwrite, known),
            checked_tags(tags),
        )
        plan = planned_import(
            connection,
            opened,
            options,
            columns=columns,
            new_fields=fields_to_make(new_fields or {}, known),
            told=told,
        )
    return ImportPlan(access, plan)


def previewed(access: Access, source: GivenSource, rows: int, encoding: str | None) -> SourcePreview:
    """The beginning of a source; see `Workspace.preview_import`."""
    opened = open_source(source, encoding=encoding)
    with access.read("import") as connection:
        known = known_of(connection)
    if isinstance(opened, CardSource):
        first = [row.original for row in islice(opened.rows(), rows)]
        return SourcePreview(opened, known, first, {})
    held = columns_held(opened.name, opened.header, known)
    return SourcePreview(opened, known, [tuple(record.cells) for record in islice(opened.records(), rows)], held)


def _public(target: str | None) -> str | None:
    """What people call a target: a custom field by its slug, one to be made by its name."""
    return None if target is None else target.removeprefix(CUSTOM).removeprefix(NEW)


def _value(draft: ContactDraft, field_id: int) -> str | None:
    return next((value for field, value in draft.fields if field.id == field_id), None)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {label}" for label, count in counts.items())
