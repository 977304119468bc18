"""Tags of the workspace: added, changed and removed. `tag.py` gives them to contacts."""

from __future__ import annotations

from contacts_nb.model.tags import Tag, checked_colour, checked_description, checked_tag_name
from contacts_nb.model.text import name_key
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.settings_rows import KEEP, Keep, added, changed, refuse_taken, removed
from contacts_nb.operations.tag import take_off
from contacts_nb.queries.settings import tag_with
from contacts_nb.store.cells import TAGS
from contacts_nb.store.schema import tags


def add_tag(recording: Recording, name: object, colour: object = None, description: object = None) -> Tag:
    """Add a tag, which no contact has yet; raises `InvalidValue`."""
    checked = checked_tag_name(name)
    refuse_taken(recording, tags.c.name_key, name_key(checked), "tag", checked)
    added(recording, TAGS, _row(checked, checked_colour(colour), checked_description(description)))
    return tag_with(recording.connection, checked)


def update_tag(
    recording: Recording,
    tag: Tag,
    *,
    name: object | Keep = KEEP,
    colour: object | Keep = KEEP,
    description: object | Keep = KEEP,
) -> Tag:
    """Change what is given of a tag; raises `InvalidValue`."""
    checked = tag.name if name is KEEP else checked_tag_name(name)
    refuse_taken(recording, tags.c.name_key, name_key(checked), "tag", checked, tag.id)
    values = _row(
        checked,
        tag.colour if colour is KEEP else checked_colour(colour),
        tag.description if description is KEEP else checked_description(description),
    )
    changed(recording, TAGS, tag.id, values)
    return tag_with(recording.connection, checked)


def remove_tag(recording: Recording, tag: Tag) -> None:
    """Remove a tag, and take it off all contacts."""
    take_off(recording, None, [tag.id])
    removed(recording, TAGS, tag.id)


def _row(name: str, colour: str | None, description: str | None) -> dict[str, object]:
    return {"name": name, "name_key": name_key(name), "colour": colour, "description": description}
