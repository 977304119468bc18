"""Making two contacts one: a handful of rows, however much was said with them.

All that hangs on a contact keeps the contact it was made on. Many merges at once are carried out as sets.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from contacts_nb.operations.derived import refresh_states, refresh_texts
from contacts_nb.operations.recording import COLUMNS, Recording, parts
from contacts_nb.operations.set_cells import CellsUpdate, set_cells
from contacts_nb.queries.merges import Cells
from contacts_nb.store.backend import backend_of
from contacts_nb.store.cells import ABSORBED, MERGED
from contacts_nb.store.schema import changes, contact_channels, contacts, merge_values, merges, operations

_AT_ONCE = 500


class NewMerge(NamedTuple):
    """`other` becomes part of `survivor`, whose cells are `old` and become `new`."""

    survivor: int
    other: int
    old: Cells
    new: Cells


def merge(recording: Recording, new: NewMerge) -> None:
    """Carry out one merge, which has been checked, as the operation of `recording`."""
    _carry_out(recording.connection, {recording.id: new}, _groups(recording.connection, [new.other]))


def merge_all(
    connection: Connection, merging: Sequence[NewMerge], user_id: int | None, now: datetime
) -> list[int]:
    """Carry out merges, of which no two touch one contact, each as an operation; gives the numbers of those."""
    numbers: list[int] = []
    for some in parts(merging, _AT_ONCE):
        groups = _groups(connection, [one.other for one in some])
        ids = backend_of(connection).new_ids(connection, operations.name, len(some))
        connection.execute(
            insert(operations),
            [
                {
                    "id": number,
                    "at": now,
                    "user_id": user_id,
                    "kind": "merge",
                    "contacts": 1 + len(groups[one.other]),
                    "details": json.dumps(details_of(one.survivor, one.other)),
                }
                for number, one in zip(ids, some, strict=True)
            ],
        )
        _carry_out(connection, dict(zip(ids, some, strict=True)), groups)
        numbers += ids
    return numbers


def details_of(survivor: int, other: int) -> dict[str, Any]:
    """What history says of how a merge was done, or taken apart."""
    return {"survivor": survivor, "other": other}


def _groups(connection: Connection, ids: Sequence[int]) -> dict[int, list[int]]:
    """By id, the contact itself and all that were merged into it."""
    found = {contact_id: [contact_id] for contact_id in ids}
    statement = select(contacts.c.survivor_id, contacts.c.id).where(contacts.c.survivor_id.in_(ids))
    for survivor_id, contact_id in connection.execute(statement.order_by(contacts.c.id)):
        found[survivor_id].append(contact_id)
    return found


def _carry_out(connection: Connection, merging: dict[int, NewMerge], groups: dict[int, list[int]]) -> None:
    updates = [CellsUpdate(number, one.survivor, one.old, one.new) for number, one in merging.items()]
    set_cells(connection, updates)
    connection.execute(
        insert(merges),
        [{"id": number, "survivor_id": one.survivor, "absorbed_id": one.other} for number, one in merging.items()],
    )
    layers = [
        {
            "unmerge_id": 0,
            "merge_id": one.operation_id,
            "cell": cell,
            "subject": subject,
            "before": before,
            "after": after,
        }
        for one in updates
        for (cell, subject), (before, after) in one.changed().items()
    ]
    if layers:
        connection.execute(insert(merge_values), layers)
    absorb(
        connection,
        [Absorption(number, one.survivor, one.survivor, one.other) for number, one in merging.items()],
        groups,
    )


class Absorption(NamedTuple):
    """By an operation, `present` comes to be there for `other`, which was merged into `survivor`."""

    operation_id: int
    present: int
    survivor: int
    other: int


def absorb(
    connection: Connection, absorbing: Sequence[Absorption], groups: dict[int, list[int]] | None = None
) -> None:
    """Have others be there for contacts and for the `groups` of those, with all of their identities."""
    groups = groups or _groups(connection, [one.other for one in absorbing])
    present: defaultdict[int, list[dict[str, int]]] = defaultdict(list)
    rows: list[tuple[int, int, int, int, str | None, str | None]] = []
    for one in absorbing:
        for contact_id in groups[one.other]:
            before = None if contact_id == one.other else str(one.other)
            rows.append((one.operation_id, contact_id, MERGED, 0, before, str(one.present)))
            present[one.present].append({"contact": contact_id, "present": one.present})
        rows.append((one.operation_id, one.survivor, ABSORBED, one.other, None, "1"))
    backend_of(connection).inserted(connection, changes.name, COLUMNS, rows)
    connection.execute(
        update(contacts).where(contacts.c.id == bindparam("contact")).values(survivor_id=bindparam("present")),
        [row for mine in present.values() for row in mine],
    )
    there = contact_channels.c
    connection.execute(
        update(contact_channels)
        .where(there.contact_id == bindparam("contact"))
        .values(contact_id=bindparam("present"), origin_id=func.coalesce(there.origin_id, there.contact_id)),
        [{"contact": one.other, "present": one.present} for one in absorbing],
    )
    ids = sorted({*present, *(row["contact"] for mine in present.values() for row in mine)})
    for some in parts(ids, 5_000):
        touched = select(contacts.c.id).where(contacts.c.id.in_(some))
        refresh_texts(connection, touched)
        refresh_states(connection, touched)
