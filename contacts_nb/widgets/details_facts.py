"""What is only read of a contact: its head, when it was there last, its channels and merges."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup

from contacts_nb.model.contact import ContactChannel
from contacts_nb.model.times import day, moment, span
from contacts_nb.widgets.avatar import avatar
from contacts_nb.widgets.details_contact import OpenContact
from contacts_nb.widgets.html import joined, markup
from contacts_nb.workspace.contact import Contact


def head_of(contact: Contact) -> Markup:
    """Picture or initials, name and number."""
    return markup(
        '<div class="cnb-head">{avatar}<h2><bdi>{name}</bdi></h2><p>Contact {id}</p></div>',
        avatar=avatar(contact.id, contact.name, contact.picture),
        name=contact.name,
        id=contact.id,
    )


def facts_of(opened: OpenContact) -> Markup:
    """When the contact was made, and when it was there last."""
    contact, now = opened.contact, datetime.now(UTC)
    facts = {
        "Last interaction": moment(contact.last_interaction, now, opened.zone),
        "Since last incoming": span(now - contact.last_incoming) if contact.last_incoming else "",
        "Created": day(contact.created_at, opened.zone),
    }
    rows = joined(
        markup(
            "<dt>{label}</dt><dd{look}>{value}</dd>", label=label, value=value or "—", look="" if value else _NONE
        )
        for label, value in facts.items()
    )
    return markup('<dl class="cnb-facts">{rows}</dl>', rows=rows)


def channels_of(opened: OpenContact) -> Markup:
    """Each channel the contact is on, last used first."""
    now = datetime.now(UTC)
    channels = joined(_channel(channel, opened, now) for channel in opened.contact.channels)
    if not channels:
        return markup('<p class="cnb-none">Not connected to any channel</p>')
    return markup('<ul class="cnb-channels">{channels}</ul>', channels=channels)


def _channel(channel: ContactChannel, opened: OpenContact, now: datetime) -> Markup:
    source = channel.source.label
    times = (
        [f"Last message {moment(channel.last_message_at, now, opened.zone, inside=True)}"]
        if channel.last_message_at
        else []
    )
    if channel.last_incoming_at:
        times.append(f"last incoming {moment(channel.last_incoming_at, now, opened.zone, inside=True)}")
    return markup(
        "<li><p><strong><bdi>{channel}</bdi></strong>{source}{removed}</p>"
        "<p><bdi>{identifier}</bdi>{name}</p><p>{times}</p></li>",
        channel=channel.channel,
        source=markup(" <small>{source}</small>", source=source) if source != channel.channel else "",
        removed=""
        if channel.channel in opened.channels
        else markup(' <small class="cnb-removed" title="This channel is no longer connected">removed</small>'),
        identifier=channel.identifier,
        name=markup(" · <bdi>{name}</bdi>", name=channel.profile_name) if channel.profile_name else "",
        times=", ".join(times) or "No messages",
    )


def merges_of(opened: OpenContact) -> Markup:
    """Which contacts were merged into this one; nothing where none was."""
    merges = opened.merges
    items = joined(
        markup(
            "<li>Merged from <bdi>{name}</bdi> (contact {id}) on {day}{by}</li>",
            name=name,
            id=absorbed,
            day=day(at, opened.zone),
            by=markup(" by <bdi>{user}</bdi>", user=user) if isinstance(user, str) else "",
        )
        for name, absorbed, at, user in merges[["name", "absorbed", "at", "user"]].itertuples(index=False)
    )
    return section("Merges", markup('<ul class="cnb-merges">{items}</ul>', items=items)) if items else items


def section(title: str, content: Markup) -> Markup:
    """A part of the details with a heading."""
    return markup("<section><h3>{title}</h3>{content}</section>", title=title, content=content)


_NONE = markup(' class="cnb-none"')
