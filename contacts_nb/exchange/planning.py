"""From a source to a plan: each record read, checked, and decided on; nothing is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from contacts_nb.exchange.deciding import Candidate, Decider
from contacts_nb.exchange.drafting import Drafter
from contacts_nb.exchange.headers import Known, TableColumns, table_columns
from contacts_nb.exchange.import_options import ImportOptions
from contacts_nb.exchange.planned import Action, Packer, PlannedRow, Spool
from contacts_nb.exchange.progress import Told
from contacts_nb.exchange.rows import SourceRow
from contacts_nb.exchange.sources import CardSource, TableSource
from contacts_nb.exchange.table_rows import TableRows
from contacts_nb.model.errors import InvalidValue, UnreadableFile
from contacts_nb.model.fields import Field, checked_field_name, checked_field_type
from contacts_nb.model.people import Team, User
from contacts_nb.model.text import name_key
from contacts_nb.queries.history import version_of
from contacts_nb.queries.settings import all_channels, all_fields, all_teams, all_users

_AT_ONCE = 5_000
_CELLS_AT_ONCE = 1_000_000
_NO_ID = -1  # the first of those that fields to be made go by meanwhile


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set up in a workspace, as far as records refer to it."""

    fields: tuple[Field, ...]
    channels: tuple[tuple[int, str, str], ...]
    users: tuple[tuple[int, str], ...]
    teams: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class PlannedImport:
    """What an import would do, row by row in `spool`, as the workspace was at its operation `version`.

    `columns` says by column of the file what it holds, `left_out` counts values that contacts have no place for,
    and `new_fields` are fields to be made, with ids that aren't theirs yet.
    """

    name: str
    header: tuple[str, ...]
    options: ImportOptions
    version: int
    settings: Settings
    packer: Packer
    new_fields: tuple[Field, ...] = ()
    columns: dict[str, str | None] = field(default_factory=dict)
    counts: Counter[Action] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    spool: Spool = field(default_factory=Spool)


def settings_of(connection: Connection) -> Settings:
    """What is set up now."""
    return Settings(
        tuple(all_fields(connection)),
        tuple((one.id, one.name, one.source.value) for one in all_channels(connection)),
        tuple((user.id, user.email) for user in all_users(connection)),
        tuple((team.id, team.name) for team in all_teams(connection)),
    )


def known_of(connection: Connection) -> Known:
    """What columns may be mapped to besides standard fields."""
    return Known(all_fields(connection), all_channels(connection))


def fields_to_make(types: Mapping[str, object], known: Known) -> tuple[Field, ...]:
    """A field for each column that is to become one, of the type that is said for it. Raises `InvalidValue`."""
    made = []
    there = {name_key(field.name) for field in known.fields}
    for number, (column, kind) in enumerate(types.items()):
        name = checked_field_name(column)
        if name_key(name) in there:
            raise InvalidValue("field", name, "is there already; map the column to it with columns=…")
        there.add(name_key(name))
        made.append(Field(_NO_ID - number, "", name, checked_field_type(kind)))
    return tuple(made)


def planned_import(
    connection: Connection,
    source: TableSource | CardSource,
    options: ImportOptions,
    *,
    columns: Mapping[str, str | None] | None = None,
    new_fields: tuple[Field, ...] = (),
    told: Told = lambda _done, _total=None: None,
) -> PlannedImport:
    """The plan for `source`, as the workspace is on `connection`; `told` gets the records done.

    Raises `UnreadableFile`, and `InvalidValue` for `columns` that name what doesn't exist.
    """
    known = known_of(connection)
    users, teams = all_users(connection), all_teams(connection)
    drafter = Drafter(
        known,
        users,
        teams,
        region=options.region,
        tags=options.tags,
        new_fields={field.name: field for field in new_fields},
    )
    plan = PlannedImport(
        source.name,
        source.header,
        options,
        version_of(connection),
        settings_of(connection),
        packer_of(known.fields, users, teams, new_fields),
        new_fields,
    )
    decider = decider_of(connection, plan)
    rows, left_out = _rows(source, plan, known, columns)
    planner = _Planner(drafter, decider, plan)
    done = 0
    expected = None
    for part in _parts(rows):
        expected = expected or _expected(source, part)
        planner.add(part)
        done += len(part)
        told(done, None if expected is None else max(done, expected))
    plan.left_out = left_out + drafter.left_out
    plan.choices = drafter.choices
    plan.notes = [*source.notes, *_notes(drafter)]
    return plan


def decider_of(connection: Connection, plan: PlannedImport) -> Decider:
    """What decides on the records of a plan, as the workspace is on `connection`."""
    return Decider(connection, plan.options, {number: name for number, name, _ in plan.settings.channels})


def packer_of(
    fields: Sequence[Field], users: Sequence[User], teams: Sequence[Team], new_fields: Sequence[Field]
) -> Packer:
    """What writes drafts with these down and reads them again."""
    return Packer([*fields, *new_fields], users, teams)


class _Planner:
    def __init__(self, drafter: Drafter, decider: Decider, plan: PlannedImport) -> None:
        self._drafter = drafter
        self._decider = decider
        self._plan = plan

    def add(self, rows: Sequence[SourceRow]) -> None:
        planned: list[PlannedRow | None] = []
        candidates: list[Candidate] = []
        for row in rows:
            problem = row.problem
            if problem is None:
                try:
                    draft = self._drafter.draft(row.values, row.tags)
                except InvalidValue as error:
                    problem = str(error)
                else:
                    candidates.append(Candidate(row.line, draft, row.values.get("id")))
                    planned.append(None)
                    continue
            planned.append(PlannedRow(row.line, Action.REJECT, 0, problem, (), None, row.original))
        decisions = iter(zip(candidates, self._decider.decided(candidates), strict=True))
        packed = self._plan.packer.packed
        finished = []
        for row, done in zip(rows, planned, strict=True):
            if done is None:
                one, decision = next(decisions)
                original = row.original if decision.action is Action.REJECT else ()
                done = PlannedRow(row.line, *decision, packed(one.draft, one.given_id), original)  # noqa: PLW2901
            finished.append(done)
        self._plan.counts.update(Action(row.action) for row in finished)
        self._plan.spool.append(finished)


def _parts(rows: Iterator[SourceRow]) -> Iterator[list[SourceRow]]:
    """The rows, fewer at once where they are long: a workbook of kilobytes can have thousands of cells in each."""
    part: list[SourceRow] = []
    cells = 0
    for row in rows:
        part.append(row)
        cells += len(row.original)
        if len(part) == _AT_ONCE or cells > _CELLS_AT_ONCE:
            yield part
            part, cells = [], 0
    if part:
        yield part


def _expected(source: TableSource | CardSource, first: Sequence[SourceRow]) -> int | None:
    """About how many records there will be, by the length of the first ones."""
    if len(first) < _AT_ONCE:
        return len(first)
    if source.size is None or (isinstance(source, TableSource) and source.encoding is None):
        return None  # of a workbook only the packed size is known
    length = sum(len(cell.encode(errors="replace")) + 1 for row in first for cell in row.original)
    return round(source.size * len(first) / max(length, 1))


def _rows(
    source: TableSource | CardSource,
    plan: PlannedImport,
    known: Known,
    columns: Mapping[str, str | None] | None,
) -> tuple[Iterator[SourceRow], Counter[str]]:
    """The records of a source as values of fields, and what is left out of them as they are gone through."""
    if isinstance(source, CardSource):
        if columns or plan.new_fields:
            raise InvalidValue("columns", "", "is for tables; the properties of vCards have fields of their own")
        return source.rows(), source.left_out
    names = [field.name for field in plan.new_fields]
    found = table_columns(source.name, source.header, columns, names, known)
    plan.columns = _held(source.header, found)
    rows = TableRows(found)
    return _table_rows(source, rows), rows.left_out


def columns_held(name: str, header: tuple[str, ...], known: Known) -> dict[str, str | None]:
    """By column of the table `name`, what it seems to hold; nothing at all is no error here."""
    try:
        return _held(header, table_columns(name, header, known=known))
    except UnreadableFile:
        return dict.fromkeys(cell for cell in header if cell.strip())


def _held(header: tuple[str, ...], found: TableColumns) -> dict[str, str | None]:
    held: dict[str, str | None] = dict.fromkeys(cell for cell in header if cell.strip())
    return held | {header[column.index]: column.field for column in found.with_field}


def _table_rows(source: TableSource, rows: TableRows) -> Iterator[SourceRow]:
    for line, cells, problem in source.records():
        if problem is None:
            yield rows.row(line, cells)
        else:
            yield SourceRow(line, tuple(cells), problem=problem)


def _notes(drafter: Drafter) -> list[str]:
    if not drafter.unread_phones:
        return []
    return [
        f"Phones without + that stay as typed, because no region was given: {drafter.unread_phones:,}. "
        "Give a region such as GB to have them found by their international form."
    ]
