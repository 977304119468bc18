"""The details of one contact: who it is and was merged from, how it is reached, its tags and last messages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import ipywidgets
from markupsafe import Markup

from contacts_nb.model.contact import ContactChannel, Message
from contacts_nb.model.places import country_name, language_name
from contacts_nb.model.times import day, moment, span
from contacts_nb.widgets.avatar import avatar
from contacts_nb.widgets.html import html_widget, joined, markup
from contacts_nb.widgets.style import style_widget
from contacts_nb.workspace.contact import Contact

_MESSAGES = 30


class ContactDetails(ipywidgets.VBox):
    """All that is known of `contact`, read when the widget is made; times are told in `time_zone`.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import ContactDetails
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> "Ann" in ContactDetails(ws.add_contact(first_name="Ann")).children[-1].value
    True
    """

    def __init__(self, contact: Contact, time_zone: str = "UTC", *, styled: bool = False) -> None:
        now, zone = datetime.now(UTC), ZoneInfo(time_zone)
        body = joined([
            _head(contact),
            _facts(contact, now, zone),
            _merges(contact, zone),
            _tags(contact),
            _channels(contact, now, zone),
            _thread(contact, now, zone),
        ])  # fmt: skip
        super().__init__([*([] if styled else [style_widget()]), html_widget(body, "cnb-details")])


def _head(contact: Contact) -> Markup:
    return markup(
        "<header>{avatar}<h2><bdi>{name}</bdi></h2><p>Contact {id}</p></header>",
        avatar=avatar(contact.id, contact.name, contact.picture),
        name=contact.name,
        id=contact.id,
    )


def _merges(contact: Contact, zone: ZoneInfo) -> Markup:
    merges = contact.merges()
    items = joined(
        markup(
            "<li>Merged from <bdi>{name}</bdi> (contact {id}) on {day}{by}</li>",
            name=name,
            id=absorbed,
            day=day(at, zone),
            by=markup(" by <bdi>{user}</bdi>", user=user) if isinstance(user, str) else "",
        )
        for name, absorbed, at, user in merges[["name", "absorbed", "at", "user"]].itertuples(index=False)
    )
    return _section("Merges", markup('<ul class="cnb-merges">{items}</ul>', items=items)) if items else items


def _facts(contact: Contact, now: datetime, zone: ZoneInfo) -> Markup:
    facts = {
        "First name": contact.first_name,
        "Last name": contact.last_name,
        "Phone": contact.phone,
        "Email": contact.email,
        "Country": country_name(contact.country),
        "Language": language_name(contact.language),
        "Last interaction": moment(contact.last_interaction, now, zone),
        "Since last incoming": span(now - contact.last_incoming) if contact.last_incoming else "",
        "Created": day(contact.created_at, zone),
    }
    rows = (
        markup("<dt>{label}</dt><dd><bdi>{value}</bdi></dd>", label=label, value=value)
        if value
        else markup('<dt>{label}</dt><dd class="cnb-none">—</dd>', label=label)
        for label, value in facts.items()
    )
    return markup('<dl class="cnb-facts">{rows}</dl>', rows=joined(rows))


def _tags(contact: Contact) -> Markup:
    chips = joined(markup('<li class="cnb-chip"><bdi>{tag}</bdi></li>', tag=tag) for tag in contact.tags)
    return _section("Tags", markup("<ul>{chips}</ul>", chips=chips) if chips else _none("No tags"))


def _channels(contact: Contact, now: datetime, zone: ZoneInfo) -> Markup:
    channels = joined(_channel(channel, now, zone) for channel in contact.channels)
    return _section(
        "Channels",
        markup('<ul class="cnb-channels">{channels}</ul>', channels=channels)
        if channels
        else _none("Not connected to any channel"),
    )


def _channel(channel: ContactChannel, now: datetime, zone: ZoneInfo) -> Markup:
    names = (channel.identifier, channel.profile_name)
    return markup(
        "<li><strong>{channel}</strong><span><bdi>{who}</bdi></span><time>{last}</time></li>",
        channel=channel.channel,
        who=" · ".join(name for name in names if name),
        last=moment(channel.last_message_at, now, zone) or "no messages",
    )


def _thread(contact: Contact, now: datetime, zone: ZoneInfo) -> Markup:
    messages = contact.last_messages(_MESSAGES)
    if not messages:
        return _section("Messages", _none("No messages yet"))
    total = contact.message_count()
    title = f"Last {len(messages)} of {total:,} messages" if total > len(messages) else "Messages"
    # Newest first in the markup: the stylesheet turns the column round, so that it opens at the newest.
    bubbles = joined(_bubble(message, now, zone) for message in reversed(messages))
    return _section(
        title,
        markup(
            '<ol class="cnb-thread" tabindex="0" aria-label="{title}">{bubbles}</ol>', title=title, bubbles=bubbles
        ),
    )


def _bubble(message: Message, now: datetime, zone: ZoneInfo) -> Markup:
    return markup(
        '<li class="{direction}"><p dir="auto">{text}</p><small>{said}{channel} · {sent}</small></li>',
        direction="cnb-in" if message.incoming else "cnb-out",
        text=message.text,
        said=markup(
            '<span class="cnb-spoken">{direction}, </span>', direction="Received" if message.incoming else "Sent"
        ),
        channel=message.channel,
        sent=moment(message.sent_at, now, zone),
    )


def _section(title: str, content: Markup) -> Markup:
    return markup("<section><h3>{title}</h3>{content}</section>", title=title, content=content)


def _none(text: str) -> Markup:
    return markup('<p class="cnb-none">{text}</p>', text=text)
