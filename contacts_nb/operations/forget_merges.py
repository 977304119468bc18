"""What merges keep of contacts that are deleted: it goes with them, from the history of others too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, or_, select, update

from contacts_nb.operations.recording import parts
from contacts_nb.queries.merges import phone_of
from contacts_nb.store.cells import CONTACT, FIELD
from contacts_nb.store.schema import changes, contacts, field_values, merge_values, merges

_PERSONAL = tuple(cell for cell in CONTACT.cells if cell.name != "created_at")
_CODES = (*(cell.code for cell in _PERSONAL), FIELD)
_AT_ONCE = 5_000

Values = dict[tuple[int, int], set[str]]
"""By cell and subject, texts that a contact had there."""


def forget_merges(connection: Connection, gone: Select[int]) -> None:
    """Forget all merges that a contact of `gone` took part in, and what others have had from it meanwhile."""
    theirs = or_(merges.c.survivor_id.in_(gone), merges.c.absorbed_id.in_(gone))
    found = connection.execute(select(merges.c.id, merges.c.survivor_id, merges.c.absorbed_id).where(theirs)).all()
    if not found:
        return
    first = min(row.id for row in found)
    partners = {contact_id for row in found for contact_id in (row.survivor_id, row.absorbed_id)}
    doomed = set(connection.execute(gone.where(gone.selected_columns[0].in_(partners))).scalars())
    others = _connected(connection, partners) - doomed
    if others:
        _forget_values(connection, sorted(others), _values_of(connection, sorted(doomed)), first)
    mine = select(merges.c.id).where(theirs)
    ended = select(merges.c.ended_by).where(theirs, merges.c.ended_by.is_not(None))
    kept = merge_values.c
    connection.execute(delete(merge_values).where(or_(kept.merge_id.in_(mine), kept.unmerge_id.in_(ended))))
    connection.execute(delete(merges).where(theirs))


def _connected(connection: Connection, ids: Iterable[int]) -> set[int]:
    """All that ever were of one group with contacts of `ids`, or with contacts that were, and so on."""
    found, new = set(ids), set(ids)
    while new:
        reached: set[int] = set()
        for some in parts(sorted(new), _AT_ONCE):
            near = or_(merges.c.survivor_id.in_(some), merges.c.absorbed_id.in_(some))
            for pair in connection.execute(select(merges.c.survivor_id, merges.c.absorbed_id).where(near)):
                reached.update(pair)
        new = reached - found
        found |= new
    return found


def _values_of(connection: Connection, ids: list[int]) -> Values:
    """What these contacts have, and have had, in their own fields."""
    values: Values = defaultdict(set)
    for some in parts(ids, _AT_ONCE):
        own = select(*(cell.column for cell in _PERSONAL)).where(contacts.c.id.in_(some))
        for row in connection.execute(own):
            for cell, value in zip(_PERSONAL, row, strict=True):
                if value is not None:
                    values[cell.code, 0].add(str(value))
        custom = select(field_values.c.field_id, field_values.c.value).where(field_values.c.contact_id.in_(some))
        for field_id, value in connection.execute(custom):
            values[FIELD, field_id].add(value)
        had = select(changes.c.cell, changes.c.subject, changes.c.old, changes.c.new).where(
            changes.c.contact_id.in_(some), changes.c.cell.in_(_CODES)
        )
        for cell, subject, old, new in connection.execute(had):
            values[cell, subject] |= {value for value in (old, new) if value is not None}
    return values


def _forget_values(connection: Connection, others: list[int], values: Values, first: int) -> None:
    """Empty such values in what is kept of `others` since the merge `first`, where they don't have them now."""
    emptied: dict[str, list[dict[str, Any]]] = {"old": [], "new": []}
    for some in parts(others, _AT_ONCE):
        statement = (
            select(changes)
            .where(changes.c.contact_id.in_(some), changes.c.cell.in_(_CODES), changes.c.operation_id >= first)
            .order_by(changes.c.contact_id, changes.c.cell, changes.c.subject, changes.c.operation_id)
        )
        rows = connection.execute(statement).all()
        for (contact_id, cell, subject), of_cell in groupby(
            rows, lambda row: (row.contact_id, row.cell, row.subject)
        ):
            told = list(of_cell)
            for row in told:
                place = {"contact": contact_id, "of": cell, "thing": subject, "by": row.operation_id}
                if row.old in values.get((cell, subject), ()):
                    emptied["old"].append(place)
                if row.new in values.get((cell, subject), ()) and row is not told[-1]:
                    emptied["new"].append(place)
    there = changes.c
    for name, places in emptied.items():
        if places:
            mine = (
                there.operation_id == bindparam("by"),
                there.contact_id == bindparam("contact"),
                there.cell == bindparam("of"),
                there.subject == bindparam("thing"),
            )
            connection.execute(update(changes).where(*mine).values({name: None}), places)
    _forget_layers(connection, others, values)


def _forget_layers(connection: Connection, others: list[int], values: Values) -> None:
    """What would be given back is emptied, and in layers that aren't in force also what was given."""
    for some in parts(others, _AT_ONCE):
        mine = select(merges.c.id).where(merges.c.survivor_id.in_(some))
        layer = merge_values.c
        statement = select(merge_values).where(layer.merge_id.in_(mine), layer.cell.in_(_CODES))
        for row in connection.execute(statement).all():
            texts = {_text(value) for value in values.get((row.cell, row.subject), ())}
            emptied = {
                name: None
                for name, value in (("before", row.before), ("after", row.after))
                if value is not None and _text(value) in texts and (name == "before" or row.unmerge_id)
            }
            if emptied:
                place = (
                    layer.unmerge_id == row.unmerge_id,
                    layer.merge_id == row.merge_id,
                    layer.cell == row.cell,
                    layer.subject == row.subject,
                )
                connection.execute(update(merge_values).where(*place).values(emptied))


def _text(value: str) -> str:
    """A phone is kept in a layer with its international form."""
    return phone_of(value)[0] or value
