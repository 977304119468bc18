"""What merges keep of contacts that are deleted: it goes with them, from the history of others too."""

from __future__ import annotations

from sqlalchemy import Connection, Select, delete, or_, select, update

from contacts_nb.store.cells import CONTACT, FIELD
from contacts_nb.store.schema import changes, merge_values, merges, operations

_PERSONAL = (*(cell.code for cell in CONTACT.cells), FIELD)


def forget_merges(connection: Connection, gone: Select[int]) -> None:
    """Forget the merges that contacts of `gone` took part in, and the values that others had from them."""
    if connection.execute(select(merges.c.id).limit(1)).first() is None:
        return
    _forget_values(connection, gone)
    theirs = select(merges.c.id, merges.c.ended_by).where(
        or_(merges.c.survivor_id.in_(gone), merges.c.absorbed_id.in_(gone))
    )
    mine, ended = theirs.with_only_columns(merges.c.id), theirs.with_only_columns(merges.c.ended_by)
    # What lay over their values when another merge of the group ended.
    others = select(merge_values.c.unmerge_id).where(merge_values.c.merge_id.in_(mine))
    connection.execute(
        update(merge_values)
        .where(merge_values.c.unmerge_id.in_(others), merge_values.c.unmerge_id != 0)
        .values(before=None)
    )
    connection.execute(
        delete(merge_values).where(
            or_(
                merge_values.c.merge_id.in_(mine),
                merge_values.c.unmerge_id.in_(ended.where(merges.c.ended_by.is_not(None))),
            )
        )
    )
    connection.execute(delete(merges).where(merges.c.id.in_(mine)))


def _forget_values(connection: Connection, gone: Select[int]) -> None:
    """Empty, in the history of those who stay, what they had from contacts that are deleted now."""
    ended = select(merges.c.id).where(
        merges.c.absorbed_id.in_(gone), merges.c.survivor_id.not_in(gone), merges.c.ended_by.is_not(None)
    )
    again = operations.alias("again")
    undo = operations.alias("undo")
    # A merge that was undone, and whose undo was undone, has given the values once more.
    repeated = select(again.c.id).join(undo, undo.c.id == again.c.undoes).where(undo.c.undoes.in_(ended))
    given = (
        select(changes.c.contact_id, changes.c.cell, changes.c.subject, changes.c.operation_id)
        .where(
            or_(changes.c.operation_id.in_(ended), changes.c.operation_id.in_(repeated)),
            changes.c.contact_id.not_in(gone),
            changes.c.cell.in_(_PERSONAL),
        )
        .order_by(changes.c.operation_id)
    )
    for contact_id, cell, subject, operation_id in connection.execute(given).all():
        same = changes.c.contact_id == contact_id, changes.c.cell == cell, changes.c.subject == subject
        following = connection.execute(
            select(changes.c.operation_id)
            .where(*same, changes.c.operation_id > operation_id)
            .order_by(changes.c.operation_id)
            .limit(1)
        ).scalar()
        if following is None:
            continue
        connection.execute(update(changes).where(*same, changes.c.operation_id == operation_id).values(new=None))
        connection.execute(update(changes).where(*same, changes.c.operation_id == following).values(old=None))
