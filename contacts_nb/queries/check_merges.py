"""Checks that merges in force, the contacts they made one, and what hangs on those agree."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, case, exists, func, literal, null, or_, select

from contacts_nb.queries.check_findings import Rule
from contacts_nb.store.schema import contact_channels, contacts, merge_values, merges, operations


def merge_rules() -> Iterator[Rule]:
    """Whoever was merged away belongs to the one contact that is there for it, and so do its identities."""
    survivor, absorbed = contacts.alias("survivor"), contacts.alias("absorbed")
    in_force = merges.c.ended_by.is_(None)
    yield Rule(
        "contacts.survivor_id",
        select(contacts.c.id, contacts.c.survivor_id)
        .join(survivor, survivor.c.id == contacts.c.survivor_id)
        .where(survivor.c.survivor_id.is_not(None))
        .order_by(contacts.c.id),
        "contact {0}",
        "the survivor {1}, which was merged away itself,",
        "one that is there",
    )
    merged = exists().where(merges.c.absorbed_id == contacts.c.id, in_force)
    yield Rule(
        "merges of contacts",
        select(contacts.c.id, case((contacts.c.survivor_id.is_(None), "no survivor"), else_="a survivor"))
        .where(
            or_(and_(contacts.c.survivor_id.is_(None), merged), and_(contacts.c.survivor_id.is_not(None), ~merged))
        )
        .order_by(contacts.c.id),
        "contact {0}",
        "{1}",
        "what its merges say",
    )
    for column in (merges.c.survivor_id, merges.c.absorbed_id):
        yield Rule(
            f"reference merges.{column.name}",
            select(merges.c.id, column)
            .where(in_force, ~exists().where(contacts.c.id == column))
            .order_by(merges.c.id),
            f"the {column.name} of merge {{0}}",
            "{1}",
            "the id of a row of contacts",
        )
    yield Rule(
        "merges.survivor_id",
        select(merges.c.id)
        .join(survivor, survivor.c.id == merges.c.survivor_id)
        .join(absorbed, absorbed.c.id == merges.c.absorbed_id)
        .where(
            in_force,
            func.coalesce(survivor.c.survivor_id, survivor.c.id) != func.coalesce(absorbed.c.survivor_id, 0),
        )
        .order_by(merges.c.id),
        "merge {0}",
        "two contacts with different survivors",
        "one survivor for both",
    )
    origin = contacts.alias("origin")
    made_on = func.coalesce(contact_channels.c.origin_id, contact_channels.c.contact_id)
    yield Rule(
        "contact_channels.contact_id",
        select(contact_channels.c.id, contact_channels.c.contact_id)
        .join(origin, origin.c.id == made_on)
        .where(
            or_(
                contact_channels.c.contact_id != func.coalesce(origin.c.survivor_id, origin.c.id),
                contact_channels.c.origin_id == contact_channels.c.contact_id,
            )
        )
        .order_by(contact_channels.c.id),
        "contact channel {0}",
        "contact {1}",
        "the contact that is there for the one it was made on",
    )
    for column, kept in ((merges.c.id, literal(value=True)), (merges.c.ended_by, merges.c.ended_by.is_not(None))):
        yield Rule(
            f"reference merges.{column.name}",
            select(merges.c.id).where(kept, ~exists().where(operations.c.id == column)).order_by(merges.c.id),
            f"the {column.name} of merge {{0}}",
            "an unknown number",
            "that of an operation",
        )
    yield Rule(
        "merge_values.unmerge_id",
        select(merge_values.c.merge_id, merge_values.c.unmerge_id, null())
        .where(
            merge_values.c.unmerge_id != 0,
            ~exists().where(merges.c.ended_by == merge_values.c.unmerge_id),
        )
        .distinct()
        .order_by(merge_values.c.merge_id),
        "values of merge {0}",
        "operation {1}, which ended no merge,",
        "one that did",
    )
