"""Contacts that were merged: who is there for whom, and of whom a contact is made.

A contact that was merged away keeps its rows. Whoever reads contacts leaves it out; whoever reads what hangs on a
contact goes through its group, which is itself and all that were merged into it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, ScalarSelect, Select, func, or_, select, union

from contacts_nb.store.schema import contacts

_asked, _member = contacts.alias("asked"), contacts.alias("member")

Ids = Select[int] | CompoundSelect[int]


def merged_away() -> Select[int]:
    """SQL for the ids of all contacts that were merged into others."""
    return select(_member.c.id).where(_member.c.survivor_id.is_not(None))


def anyone_merged(connection: Connection) -> bool:
    """Whether there is any; most workspaces have none, and needn't look for groups."""
    return connection.execute(merged_away().limit(1)).first() is not None


def present_id(contact_id: int) -> ScalarSelect[int]:
    """SQL for the id of the contact that is there for `contact_id`: itself, or whom it was merged into."""
    present = func.coalesce(_asked.c.survivor_id, _asked.c.id)
    return select(present).where(_asked.c.id == contact_id).scalar_subquery()


def group_of(contact_id: int) -> Select[int]:
    """SQL for the ids of all that the contact which is there for `contact_id` is made of."""
    present = present_id(contact_id)
    return select(_member.c.id).where(or_(_member.c.id == present, _member.c.survivor_id == present))


def members(contact_id: ColumnElement[Any]) -> Select[int]:
    """SQL for the ids of the group of the contact in that column of an enclosing statement."""
    mine = or_(_member.c.id == contact_id, _member.c.survivor_id == contact_id)
    return select(_member.c.id).where(mine).correlate(contact_id.table)


def members_of(connection: Connection, ids: Ids) -> Ids:
    """SQL for the ids of the groups of all contacts in `ids`, which are there."""
    if not anyone_merged(connection):
        return ids
    return select(_member.c.id).where(or_(_member.c.id.in_(ids), _member.c.survivor_id.in_(ids)))


def with_survivors(connection: Connection, ids: Ids) -> Ids:
    """SQL for `ids` and for the contacts that are there for them."""
    if not anyone_merged(connection):
        return ids
    return union(ids, select(_asked.c.survivor_id).where(_asked.c.id.in_(ids), _asked.c.survivor_id.is_not(None)))
