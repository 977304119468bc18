"""Tagging and untagging many contacts at once; a tag that doesn't exist yet is made by its first use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Select, Text, delete, exists, insert, literal, null, select

from contacts_nb.model.errors import NotFound
from contacts_nb.model.text import name_key
from contacts_nb.operations.recording import Change, Recording, parts
from contacts_nb.store.cells import TAG, TAGS
from contacts_nb.store.schema import changes, contact_tags, tags

_AT_ONCE = 500


def give(recording: Recording, ids: Select[int], ids_of_tags: Collection[int]) -> None:
    """Give the contacts `ids` tags."""
    chosen = ids.order_by(None).subquery()
    (contact_id,) = chosen.c
    for tag_id in ids_of_tags:
        rows = recording.select(contact_id, TAG, tag_id, null(), literal("1", Text)).select_from(chosen)
        has = exists().where(contact_tags.c.tag_id == tag_id)
        # Of a tag that nobody has, which many are when they are first given, not every contact is asked.
        if recording.connection.execute(select(has)).scalar_one():
            rows = rows.where(~has.where(contact_tags.c.contact_id == contact_id))
        recording.add_selected(rows)
    # Only now: what `ids` selects may depend on tags.
    recording.connection.execute(
        insert(contact_tags).from_select(
            ["contact_id", "tag_id"],
            select(changes.c.contact_id, changes.c.subject).where(
                recording.mine(), changes.c.cell == TAG, changes.c.subject.in_(ids_of_tags)
            ),
        )
    )


def existing_tag_ids(recording: Recording, names: Sequence[str]) -> list[int]:
    """The ids of the tags of these names; raises `NotFound` for one that doesn't exist."""
    found = _existing(recording, [name_key(name) for name in names])
    for name in names:
        if name_key(name) not in found:
            raise NotFound("tag", name, "doesn't exist; ws.tags lists those that do")
    return list(found.values())


def take_off(recording: Recording, ids: Select[int] | None, tag_ids: Iterable[int]) -> None:
    """Take tags off the contacts `ids`, or off all."""
    for tag_id in tag_ids:
        rows = recording.select(contact_tags.c.contact_id, TAG, tag_id, literal("1", Text), null()).where(
            contact_tags.c.tag_id == tag_id
        )
        recording.add_selected(rows if ids is None else rows.where(contact_tags.c.contact_id.in_(ids)))
    for tag_id in tag_ids:
        recording.connection.execute(
            delete(contact_tags).where(
                contact_tags.c.tag_id == tag_id,
                contact_tags.c.contact_id.in_(recording.changed(TAG, subject=tag_id)),
            )
        )


def tag_ids(recording: Recording, names: Iterable[str]) -> dict[str, int]:
    """By key of the name, the ids of the tags with these names; tags that don't exist yet are made."""
    by_key = {name_key(name): name for name in reversed(list(names))}
    found = _existing(recording, list(by_key))
    missing = [{"name": by_key[key], "name_key": key} for key in by_key if key not in found]
    if missing:
        recording.connection.execute(insert(tags), missing)
        made = _existing(recording, [row["name_key"] for row in missing])
        recording.add(Change(0, TAGS.anchor, tag_id, None, "1") for tag_id in made.values())
        found |= made
    return found


def _existing(recording: Recording, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in parts(keys, _AT_ONCE):
        statement = select(tags.c.name_key, tags.c.id).where(
            tags.c.name_key.in_(some), tags.c.removed_at.is_(None)
        )
        found.update((key, tag_id) for key, tag_id in recording.connection.execute(statement))
    return found
