"""Channels: added, renamed and removed. Who wrote on them and what was written stays."""

from __future__ import annotations

from contacts_nb.model.channels import Channel, checked_channel_name, checked_source
from contacts_nb.model.text import name_key
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.settings_rows import added, changed, refuse_taken, removed
from contacts_nb.queries.settings import channel_with
from contacts_nb.store.cells import CHANNEL
from contacts_nb.store.schema import channels


def add_channel(recording: Recording, name: object, source: object) -> Channel:
    """Add a channel of that source; raises `InvalidValue`."""
    checked, of_source = checked_channel_name(name), checked_source(source)
    refuse_taken(recording, channels.c.name_key, name_key(checked), "channel", checked)
    values = {
        "name": checked,
        "name_key": name_key(checked),
        "source": of_source.value,
        "created_at": recording.now,
    }
    added(recording, CHANNEL, values)
    return channel_with(recording.connection, checked)


def update_channel(recording: Recording, channel: Channel, name: object) -> Channel:
    """Rename a channel; its source never changes, because identities depend on it. Raises `InvalidValue`."""
    checked = checked_channel_name(name)
    refuse_taken(recording, channels.c.name_key, name_key(checked), "channel", checked, channel.id)
    changed(recording, CHANNEL, channel.id, {"name": checked, "name_key": name_key(checked)})
    return channel_with(recording.connection, checked)


def remove_channel(recording: Recording, channel: Channel) -> None:
    """Remove a channel; the identities and messages of contacts on it stay."""
    removed(recording, CHANNEL, channel.id)
