"""Merging many pairs of contacts, each by the default choices and as an operation of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import pandas as pd
from sqlalchemy import Connection, select

from contacts_nb.exchange.progress import Progress, counting
from contacts_nb.model.errors import ContactNotFound, InvalidValue
from contacts_nb.model.people import refusal
from contacts_nb.operations.merge import NewMerge, merge_all
from contacts_nb.operations.mergeable import Mergeable
from contacts_nb.operations.recording import parts
from contacts_nb.queries.contact import Contact as ReadContact
from contacts_nb.queries.history import operations_with
from contacts_nb.queries.merges import cells_of
from contacts_nb.store.schema import contacts
from contacts_nb.workspace import listing
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation
from contacts_nb.workspace.merge_plan import contact_id_of

GivenPairs = pd.DataFrame | Iterable[Sequence[int | ReadContact]]
"""Pairs of contacts: a table, of which the first two columns count, or two ids or contacts each."""

_AT_ONCE = 500  # merges in one transaction
_IDS_AT_ONCE = 10_000  # parameters of one statement


class PairRow(NamedTuple):
    """One pair: who survives, who becomes part of it, and why nothing is done, if so."""

    survivor: int
    other: int
    why: str

    @property
    def what(self) -> str:
        """What is done with the pair: "merge" or "skip"."""
        return "skip" if self.why else "merge"


@dataclass(frozen=True, slots=True)
class MergesResult:
    """How many pairs were `merged`, each by one of `operations`, and which were `skipped`, with the reasons."""

    merged: int
    skipped: pd.DataFrame
    operations: tuple[Operation, ...]

    def __repr__(self) -> str:
        return f"<{self.merged:,} merged, {len(self.skipped):,} skipped>"


class MergesPlan:
    """What merging pairs of contacts would do, one after the other; nothing is changed until `apply()`."""

    def __init__(self, access: Access, rows: Sequence[PairRow]) -> None:
        self._access = access
        self.rows = tuple(rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a pair: `survivor`, `other` (int64), `what` ("merge" or "skip"), `why` (str)."""
        return _frame(self.rows)

    def apply(self, *, progress: Progress = True) -> MergesResult:
        """Merge the pairs; each merge is an operation, which can be undone. What can't be merged is skipped.

        Some hundred at a time are saved together: whoever interrupts this loses at most those.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ids = [ws.add_contact(first_name="Ann").id for _ in range(3)]
        >>> ws.plan_merges([(1, 2), (2, 3)]).apply(progress=False)
        <2 merged, 0 skipped>
        >>> ws.contacts.ids().tolist()
        [1]
        """
        numbers: list[int] = []
        skipped = [row for row in self.rows if row.why]
        wanted = [row for row in self.rows if not row.why]
        stopped = "Stopped. The pairs merged so far stay merged; each can be undone."
        with counting(progress, "Merging contacts", "pairs", len(wanted), stopped) as told:
            for some in parts(wanted, _AT_ONCE):
                with self._access.operations("merge") as connection:
                    for wave in _waves(some):
                        merged, left = _merged(connection, self._access, wave)
                        numbers += merged
                        skipped += left
                told(len(numbers) + len(skipped))
        with self._access.read() as connection:
            records = operations_with(connection, numbers)
        return MergesResult(
            len(records), _frame(skipped), tuple(Operation(self._access, record) for record in records)
        )

    def __repr__(self) -> str:
        count = sum(1 for row in self.rows if not row.why)
        return f"<{count:,} pairs to merge, {len(self.rows) - count:,} to skip>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        bundle = {"text/plain": repr(self)}
        if listing.table_html is not None:
            bundle["text/html"] = listing.table_html(self.to_frame().head(100))
        return bundle


def _waves(rows: Sequence[PairRow]) -> list[list[PairRow]]:
    """`rows` in sets, one after the other, of which none has a contact twice."""
    waves: list[list[PairRow]] = []
    busy: dict[int, int] = {}
    for row in rows:
        turn = max(busy.get(row.survivor, 0), busy.get(row.other, 0))
        busy[row.survivor] = busy[row.other] = turn + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(row)
    return waves


def _merged(connection: Connection, access: Access, wave: Sequence[PairRow]) -> tuple[list[int], list[PairRow]]:
    """Merge pairs as they are now; gives the numbers of the operations, and the pairs that can't be merged."""
    mergeable = Mergeable(connection, (contact_id for row in wave for contact_id in (row.survivor, row.other)))
    pairs, left = [], []
    for row in wave:
        error = mergeable.error(row.survivor, row.other)
        if error is None:
            pairs.append((row.survivor, row.other))
        else:
            left.append(row._replace(why=str(error)))
    cells = cells_of(connection, [contact_id for pair in pairs for contact_id in pair])
    new = [
        NewMerge(survivor, other, cells[survivor], {**cells[other], **cells[survivor]})
        for survivor, other in pairs
    ]
    return merge_all(connection, new, access.user_id, datetime.now(UTC)), left


def merges_planned(access: Access, pairs: GivenPairs) -> MergesPlan:
    """See `Workspace.plan_merges`."""
    given = list(_given(pairs))
    with access.read("merge") as connection:
        return MergesPlan(access, list(_planned(connection, given)))


def _given(pairs: GivenPairs) -> Iterator[tuple[int, int]]:
    if isinstance(pairs, pd.DataFrame):
        if len(pairs.columns) < 2:
            raise InvalidValue(
                "pairs", list(pairs.columns), "has fewer than two columns; give two with contact ids"
            )
        pairs = zip(pairs.iloc[:, 0].tolist(), pairs.iloc[:, 1].tolist(), strict=True)
    if not isinstance(pairs, Iterable):
        raise refusal("pairs", pairs, "is not a table or a list of pairs; give one such as [(41, 42)]")
    for pair in pairs:
        try:
            one, other = pair
        except (TypeError, ValueError):
            raise refusal("pairs", pair, "is not a pair; give two contacts each, such as (41, 42)") from None
        yield contact_id_of(one), contact_id_of(other)


def _planned(connection: Connection, pairs: Sequence[tuple[int, int]]) -> Iterator[PairRow]:
    """By the contacts that are there for the two, after the pairs before: of those the older one survives."""
    present = _present(connection, {contact_id for pair in pairs for contact_id in pair})
    roots = set(present.values())
    ages = _ages(connection, roots)
    mergeable = Mergeable(connection, roots)
    for one, other in pairs:
        missing = next((contact_id for contact_id in (one, other) if contact_id not in present), None)
        if missing is not None:
            yield PairRow(one, other, str(ContactNotFound(missing)))
            continue
        first, second = sorted(
            (_root(present, one), _root(present, other)), key=lambda found: (ages[found], found)
        )
        if first == second:
            yield PairRow(one, other, f"Both are contact {first} already.")
            continue
        error = mergeable.error(first, second)
        if error is None:
            mergeable.united(first, second)
            present[second] = first
        yield PairRow(first, second, "" if error is None else str(error))


def _present(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    """By id, the contact that is there for it; those that are there for others, too."""
    found: dict[int, int] = {}
    for some in parts(sorted(ids), _IDS_AT_ONCE):
        statement = select(contacts.c.id, contacts.c.survivor_id).where(contacts.c.id.in_(some))
        found |= {row.id: row.survivor_id or row.id for row in connection.execute(statement)}
    return {root: root for root in found.values()} | found


def _root(present: Mapping[int, int], contact_id: int) -> int:
    while present[contact_id] != contact_id:
        contact_id = present[contact_id]
    return contact_id


def _ages(connection: Connection, ids: Iterable[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for some in parts(sorted(ids), _IDS_AT_ONCE):
        statement = select(contacts.c.id, contacts.c.created_at).where(contacts.c.id.in_(some))
        found |= {row.id: row.created_at for row in connection.execute(statement)}
    return found


def _frame(rows: Sequence[PairRow]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "survivor": listing.whole_numbers(row.survivor for row in rows),
            "other": listing.whole_numbers(row.other for row in rows),
            "what": listing.texts(row.what for row in rows),
            "why": listing.texts(row.why for row in rows),
        }
    )
