"""Undoing an operation: history is written first, as the way back from what is there now, and is then applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from contacts_nb.model.errors import CannotUndo, Conflict, UndoConflict
from contacts_nb.operations.derived import refresh_states, refresh_texts, refresh_times
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.undo_applying import apply
from contacts_nb.operations.undo_conflicts import conflicts
from contacts_nb.operations.undo_messages import origin
from contacts_nb.operations.undo_planning import plan
from contacts_nb.operations.unmerge import merge_again, unmerge
from contacts_nb.operations.users import may_set_up
from contacts_nb.queries.merges import merge_with
from contacts_nb.queries.settings import all_users
from contacts_nb.store.cells import CONTACT, CONVERSATION, FIELD, IDENTITY, MESSAGES, NAMING_CELLS, USER
from contacts_nb.store.schema import changes, operations

_NEVER = frozenset({"delete", "fill"})


def undo(recording: Recording, operation_id: int, overwrite: Sequence[Conflict] | Literal["all"] | None) -> None:
    """Take back what the operation did, as part of `recording`.

    Later changes that would be lost raise `UndoConflict`, unless `overwrite` says which of them may be; the others
    then stay. Raises `CannotUndo`.
    """
    connection = recording.connection
    undone = connection.execute(select(operations).where(operations.c.id == operation_id)).one()
    if undone.kind in ("export", "backup"):
        raise CannotUndo(f"Operation {operation_id} ({undone.kind}) changed nothing; there is nothing to undo.")
    if undone.kind in _NEVER:
        raise CannotUndo(f"Operation {operation_id} ({undone.kind}) can't be undone; it was for ever.")
    if undone.undone_by is not None:
        raise CannotUndo(
            f"Operation {operation_id} was undone already, by {undone.undone_by}. To do it again, undo that."
        )
    recorded_by = origin(recording, operation_id)
    if undone.kind in ("merge", "unmerge", "undo") and _is_merge(recording, recorded_by):
        in_force = merge_with(connection, recorded_by)
        if (in_force is not None) is not _has_merged(recording, operation_id):
            raise CannotUndo(
                f"There is nothing left to undo of operation {operation_id}: all is as it was before it."
            )
        if in_force is not None:
            unmerge(recording, in_force)
        else:
            merge_again(recording, recorded_by, overwrite)
        mark_undone(recording, operation_id)
        return
    plan(recording, operation_id, recorded_by)
    found = conflicts(recording, operation_id, recorded_by)
    if found and overwrite is None:
        raise UndoConflict(
            f"{len(found):,} later changes are in the way of undoing operation {operation_id}: {found[0]}. "
            "Nothing was changed; undo those first, or say which to overwrite.",
            tuple(found),
        )
    for_good = [conflict for conflict in found if not conflict.overwritable]
    if for_good and overwrite == "all":
        raise UndoConflict(
            f"Undoing operation {operation_id} would lose something for good: {for_good[0]}. Nothing was changed.",
            tuple(for_good),
        )
    _leave_alone(
        recording,
        [one for one in found if overwrite != "all" and (one not in (overwrite or ()) or one in for_good)],
    )
    if (
        connection.execute(select(changes.c.cell).where(changes.c.operation_id == recording.id).limit(1)).first()
        is None
    ):
        raise CannotUndo(f"There is nothing left to undo of operation {operation_id}: all is as it was before it.")
    try:
        apply(recording, operation_id, recorded_by)
    except IntegrityError as error:
        raise CannotUndo(
            f"What operation {operation_id} took away can't come back: something else is in its place now. "
            "Nothing was changed; undo later operations first."
        ) from error
    _check_owner(recording)
    _refresh(recording)
    mark_undone(recording, operation_id)


def _is_merge(recording: Recording, operation_id: int) -> bool:
    kind = select(operations.c.kind).where(operations.c.id == operation_id)
    return bool(recording.connection.execute(kind).scalar_one() == "merge")


def _has_merged(recording: Recording, operation_id: int) -> bool:
    """Whether an operation has merged, first or again; otherwise, as the undo of one that did, it has unmerged."""
    before = select(operations.c.undoes).where(operations.c.id == operation_id)
    undone = recording.connection.execute(before).scalar_one()
    return undone is None or not _has_merged(recording, undone)


def mark_undone(recording: Recording, operation_id: int) -> None:
    """Say of the operation that it is undone, of what it had undone itself that it stands again, and so on."""
    undone, by = operation_id, recording.id
    stands = False
    while True:
        change = update(operations).where(operations.c.id == undone).values(undone_by=None if stands else by)
        recording.connection.execute(change)
        before = recording.connection.execute(
            select(operations.c.undoes).where(operations.c.id == undone)
        ).scalar_one()
        if before is None:
            return
        undone, by, stands = before, undone, not stands


def _leave_alone(recording: Recording, kept: Sequence[Conflict]) -> None:
    for conflict in kept:
        mine = delete(changes).where(
            changes.c.operation_id == recording.id, changes.c.contact_id == conflict.contact_id
        )
        if conflict.cell == CONTACT.anchor:  # the contact stays, and so does all of it
            recording.connection.execute(mine)
        else:
            recording.connection.execute(
                mine.where(changes.c.cell.in_(conflict.cells), changes.c.subject == conflict.subject)
            )


def _check_owner(recording: Recording) -> None:
    """A workspace that has, or just had, users has an owner who may change its settings."""
    if recording.connection.execute(recording.changed(*USER.codes).limit(1)).first() is None:
        return
    if not any(may_set_up(user.role, user.restrictions) for user in all_users(recording.connection)):
        raise CannotUndo(
            "No owner could change the settings any more. Make another user an owner without "
            "restrict_workspace_settings first."
        )


def _refresh(recording: Recording) -> None:
    connection = recording.connection
    refresh_times(connection, recording.subjects(MESSAGES))
    texts = (CONTACT.anchor, *(cell.code for cell in NAMING_CELLS), FIELD, *IDENTITY.codes)
    if connection.execute(recording.changed(*texts).limit(1)).first() is not None:
        refresh_texts(connection, recording.changed(*texts))
    states = (CONTACT.anchor, MESSAGES, *CONVERSATION.codes, *IDENTITY.codes)
    if connection.execute(recording.changed(*states).limit(1)).first() is not None:
        refresh_states(connection, recording.changed(*states))
