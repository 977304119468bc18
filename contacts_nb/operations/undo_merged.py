"""Merges in the way of an undo: what a contact held when it was merged away stays until it is unmerged."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, exists, or_, select

from contacts_nb.model.errors import Conflict
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.undo_references import AT_MOST
from contacts_nb.queries.groups import anyone_merged
from contacts_nb.store.cells import CONTACT, CONTACT_CELLS, FIELD, MERGED, TAG
from contacts_nb.store.schema import changes, contacts, merges

_mine, _merging = changes.alias("mine"), changes.alias("merging")


def merged_conflicts(recording: Recording, operation_id: int) -> Iterator[Conflict]:
    """Cells of contacts that were merged away after the operation, and contacts into which others were merged."""
    if not anyone_merged(recording.connection):
        return
    merged_since = exists().where(
        _merging.c.contact_id == _mine.c.contact_id,
        _merging.c.cell == MERGED,
        _merging.c.old.is_(None),
        _merging.c.operation_id > operation_id,
    )
    survives = exists().where(merges.c.survivor_id == _mine.c.contact_id, merges.c.ended_by.is_(None))
    own = [*CONTACT.codes, *(cell.code for cell in CONTACT_CELLS), TAG, FIELD]
    statement = (
        select(_mine.c.contact_id, _mine.c.cell, _mine.c.subject, _mine.c.old, _mine.c.new, contacts.c.survivor_id)
        .join(contacts, contacts.c.id == _mine.c.contact_id)
        .where(
            _mine.c.operation_id == recording.id,
            _mine.c.cell.in_(own),
            or_(
                and_(contacts.c.survivor_id.is_not(None), merged_since),
                and_(_mine.c.cell == CONTACT.anchor, _mine.c.new.is_(None), survives),
            ),
        )
    )
    for contact_id, code, subject, old, new, survivor_id in recording.connection.execute(statement.limit(AT_MOST)):
        since = "others were merged into it since" if survivor_id is None else f"merged into {survivor_id} since"
        name = f"{CONTACT.name} ({since}; unmerge first)"
        yield Conflict(contact_id, name, new, old, old, code, subject, overwritable=False, cells=(code,))
