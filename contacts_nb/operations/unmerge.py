"""Taking a merge apart exactly: each of the two gets back what is its, and keeps what was done with it since.

An unmerge is the undo of a merge, and may be undone itself: the merge is in force again then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from sqlalchemy import case, delete, func, insert, literal, null, or_, select, update

from contacts_nb.model.errors import CannotUndo, Conflict, UndoConflict
from contacts_nb.model.merge_layers import MergeLayers
from contacts_nb.model.merging import MergeRecord
from contacts_nb.operations.derived import refresh_states, refresh_texts
from contacts_nb.operations.merge import Absorption, absorb
from contacts_nb.operations.recording import Change, Recording
from contacts_nb.operations.set_cells import CellsUpdate, set_cells
from contacts_nb.queries.groups import group_of, present_id
from contacts_nb.queries.merges import (
    E164,
    PHONE,
    Cells,
    Key,
    Possible,
    Spelling,
    cells_of,
    layers_of,
    phone_cell,
    phone_of,
)
from contacts_nb.store.cells import ABSORBED, BY_CODE, CONTACT_CELLS, FIELD, MERGED, TAG
from contacts_nb.store.schema import changes, contact_channels, contacts, merge_values, merges

_COPIED = ("merge_id", "cell", "subject", "before", "after")


def unmerge(recording: Recording, merge: MergeRecord) -> None:
    """End `merge`, which is in force."""
    connection = recording.connection
    group = layers_of(connection, merge.absorbed_id)
    old = {contact_id: dict(cells) for contact_id, cells in group.cells.items()}
    _keep_layers(recording, group)
    group.take_out(merge.id)
    set_cells(
        connection,
        [
            CellsUpdate(recording.id, contact_id, cells, group.cells[contact_id])
            for contact_id, cells in old.items()
        ],
    )
    _write_layers(recording, group, merge)
    connection.execute(update(merges).where(merges.c.id == merge.id).values(ended_by=recording.id))
    _part(recording, merge, group)


def _keep_layers(recording: Recording, group: MergeLayers[Key]) -> None:
    """Keep all layers of the group as they are, for the undo of this."""
    there = merge_values.c
    recording.connection.execute(
        insert(merge_values).from_select(
            ["unmerge_id", *_COPIED],
            select(literal(recording.id), *(there[name] for name in _COPIED)).where(
                there.unmerge_id == 0, there.merge_id.in_(group.merges)
            ),
        )
    )


def _write_layers(recording: Recording, group: MergeLayers[Key], ended: MergeRecord) -> None:
    connection, there = recording.connection, merge_values.c
    connection.execute(
        delete(merge_values).where(there.unmerge_id == 0, there.merge_id.in_([ended.id, *group.merges]))
    )
    rows = [
        {
            "unmerge_id": 0,
            "merge_id": merge_id,
            "cell": cell,
            "subject": subject,
            "before": layer.before,
            "after": layer.after,
        }
        for merge_id, layers in group.layers.items()
        for (cell, subject), layer in layers.items()
    ]
    if rows:
        connection.execute(insert(merge_values), rows)


def _part(recording: Recording, merge: MergeRecord, group: MergeLayers[Key]) -> None:
    """Have the absorbed contact be there for its own part of the group again, with the identities made on that."""
    connection, other = recording.connection, merge.absorbed_id
    mine = sorted(group.part_of(other))
    survivor = connection.execute(select(contacts.c.survivor_id).where(contacts.c.id == other)).scalar_one()
    recording.add(
        [
            *(
                Change(contact_id, MERGED, 0, str(survivor), None if contact_id == other else str(other))
                for contact_id in mine
            ),
            Change(merge.survivor_id, ABSORBED, other, "1", None),
        ]
    )
    connection.execute(
        update(contacts)
        .where(contacts.c.id.in_(mine))
        .values(survivor_id=case((contacts.c.id == other, null()), else_=literal(other)))
    )
    there = contact_channels.c
    connection.execute(
        update(contact_channels)
        .where(there.origin_id.in_(mine))
        .values(contact_id=other, origin_id=case((there.origin_id == other, null()), else_=there.origin_id))
    )
    touched = select(contacts.c.id).where(
        or_(contacts.c.id.in_([survivor, merge.survivor_id, *mine]), contacts.c.survivor_id == survivor)
    )
    refresh_texts(connection, touched)
    refresh_states(connection, touched)


def merge_again(
    recording: Recording, merge_id: int, overwrite: Sequence[Conflict] | Literal["all"] | None
) -> None:
    """Undo the unmerge that ended the merge `merge_id`; cells that were changed since are conflicts, as always."""
    connection = recording.connection
    row = connection.execute(select(merges).where(merges.c.id == merge_id)).one_or_none()
    remaining = 0
    if row is not None and row.ended_by is not None:
        both = contacts.c.id.in_([row.survivor_id, row.absorbed_id])
        remaining = connection.execute(select(func.count()).select_from(contacts).where(both)).scalar_one()
    if row is None or remaining < 2:
        raise CannotUndo("One of the two contacts isn't there any more, so that they can't be merged again.")
    survivor, other, unmerge_id = row.survivor_id, row.absorbed_id, row.ended_by
    touched = select(contacts.c.id).where(
        or_(contacts.c.id.in_(group_of(survivor)), contacts.c.id.in_(group_of(other)))
    )
    regrouped = select(changes.c.operation_id).where(
        changes.c.cell.in_([MERGED, ABSORBED]),
        changes.c.operation_id > unmerge_id,
        changes.c.operation_id != recording.id,
        changes.c.contact_id.in_(touched),
    )
    since = connection.execute(regrouped.limit(1)).scalar()
    if since is not None:
        raise CannotUndo(
            f"Contacts {survivor} and {other} have taken part in other merges since (operation {since}). "
            f"Merge them anew: ws.plan_merge({survivor}, {other})."
        )
    changed = _give_back(recording, unmerge_id, overwrite)
    there = merge_values.c
    in_force = select(merges.c.id).where(merges.c.absorbed_id.in_(touched), merges.c.ended_by.is_(None))
    connection.execute(delete(merge_values).where(there.unmerge_id == 0, there.merge_id.in_(in_force)))
    connection.execute(update(merge_values).where(there.unmerge_id == unmerge_id).values(unmerge_id=0))
    connection.execute(update(merges).where(merges.c.id == merge_id).values(ended_by=None))
    present = connection.execute(select(present_id(survivor))).scalar_one()
    absorb(connection, [Absorption(recording.id, present, survivor, other)])
    # Of a chain, also those that aren't its ends.
    refresh_texts(connection, select(contacts.c.id).where(contacts.c.id.in_(changed)))


def _give_back(
    recording: Recording, unmerge_id: int, overwrite: Sequence[Conflict] | Literal["all"] | None
) -> list[int]:
    """Set the cells that the unmerge has changed to what they were before it; gives whose they are."""
    connection, there = recording.connection, changes.c
    codes = [*(cell.code for cell in CONTACT_CELLS), TAG, FIELD]
    mine = there.operation_id == unmerge_id, there.cell.in_(codes)
    by_contact: defaultdict[int, list[Change]] = defaultdict(list)
    spelled = Spelling(connection)
    for row in connection.execute(select(changes).where(*mine)):
        values = (spelled(row.cell, row.subject, value) for value in (row.old, row.new))
        by_contact[row.contact_id].append(Change(row.contact_id, row.cell, row.subject, *values))
    present = cells_of(connection, list(by_contact))
    possible = Possible(connection)
    found: list[Conflict] = []
    wanted: dict[int, Cells] = {}
    for contact_id, rows in by_contact.items():
        now = present[contact_id]
        wanted[contact_id] = dict(now)
        for key, conflict, back in _ways_back(rows, now):
            if conflict is not None:
                found.append(conflict)
                if overwrite is None or (overwrite != "all" and conflict not in overwrite):
                    continue
            if back is not None and possible(key, back):
                wanted[contact_id][key] = back
            else:
                wanted[contact_id].pop(key, None)
    if found and overwrite is None:
        raise UndoConflict(
            f"{len(found):,} later changes are in the way of merging again: {found[0]}. Nothing was changed; undo "
            "those first, or say which to overwrite.",
            tuple(found),
        )
    set_cells(
        connection,
        [
            CellsUpdate(recording.id, contact_id, present[contact_id], cells)
            for contact_id, cells in wanted.items()
        ],
    )
    return list(wanted)


def _ways_back(rows: Sequence[Change], now: Cells) -> Iterator[tuple[Key, Conflict | None, str | None]]:
    """Of each cell that `rows` changed: a conflict, if it isn't as they left it, and its value before."""
    phones = dict(zip((PHONE, E164), phone_of(now.get((PHONE, 0))), strict=True))
    before, edited = dict(phones), None
    for row in rows:
        is_phone = row.cell in phones
        current = phones[row.cell] if is_phone else now.get((row.cell, row.subject))
        conflict = None
        if current not in (row.new, row.old):
            name = {TAG: "tag", FIELD: "field"}.get(row.cell) or BY_CODE[row.cell].name
            conflict = Conflict(
                row.contact_id, name, row.old, row.new, current, row.cell, row.subject, cells=(row.cell,)
            )
        if is_phone:
            before[row.cell] = row.old
            edited = edited or conflict
        else:
            yield (row.cell, row.subject), conflict, row.old
    if before != phones:
        yield (PHONE, 0), edited, phone_cell(before[PHONE], before[E164])
