"""A contact and what hangs on it, as read from a workspace at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from contacts_nb.model.fields import Value

FIELD_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "first_name": "First name",
        "last_name": "Last name",
        "phone": "Phone",
        "email": "Email",
        "country": "Country",
        "language": "Language",
        "picture": "Picture",
        "assignee": "Assignee",
        "team": "Team",
    }
)
"""The fields that every contact has, by their names in Python, as people read them."""


class Source(StrEnum):
    """The kind of messaging account a channel is."""

    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    INSTAGRAM = "instagram"
    TELEGRAM = "telegram"
    LINE = "line"
    VIBER = "viber"
    WECHAT = "wechat"
    SMS = "sms"
    EMAIL = "email"
    WEBCHAT = "webchat"
    CUSTOM = "custom"

    @property
    def label(self) -> str:
        """The name people know it by.

        >>> Source.WHATSAPP.label
        'WhatsApp'
        """
        return _SOURCE_LABELS.get(self, self.value.capitalize())


_SOURCE_LABELS = {
    Source.WHATSAPP: "WhatsApp",
    Source.LINE: "LINE",
    Source.WECHAT: "WeChat",
    Source.SMS: "SMS",
    Source.EMAIL: "E-mail",
    Source.WEBCHAT: "Web chat",
}


class Status(StrEnum):
    """What became of an outgoing message; incoming ones have none."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ContactChannel:
    """A contact's identity on one channel; times are UTC."""

    channel: str
    source: Source
    identifier: str
    profile_name: str | None
    last_message_at: datetime | None
    last_incoming_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a thread; `sent_at` is UTC, `sender` the e-mail address of the user who sent it, if known."""

    channel: str
    source: Source
    incoming: bool
    text: str
    sent_at: datetime
    sender: str | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact as one row of the table; channels come last-interacted first, tags by name, times are UTC.

    `assignee` is the name of a user, `team` that of a team. `fields` are the values of custom fields by their
    slugs, those that are empty left out.
    """

    id: int
    name: str
    channels: tuple[Source, ...]
    phone: str | None
    email: str | None
    tags: tuple[str, ...]
    country: str | None
    language: str | None
    last_interaction: datetime | None
    last_interacted_channel: str | None
    last_incoming: datetime | None
    created_at: datetime
    conversation_open: bool = False
    assignee: str | None = None
    team: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ContactRecord:
    """One contact with all that is known of it; times are UTC.

    `assignee` is the e-mail address of a user, `team` the name of a team. `fields` are the values of custom fields
    by their slugs, those that are empty left out. `conversation_opened` is that of the latest conversation.
    """

    id: int
    name: str
    first_name: str | None
    last_name: str | None
    phone: str | None
    phone_e164: str | None
    email: str | None
    country: str | None
    language: str | None
    picture: str | None
    created_at: datetime
    assignee: str | None
    team: str | None
    conversation_open: bool
    conversation_opened: datetime | None
    last_interaction: datetime | None
    last_incoming: datetime | None
    last_interacted_channel: str | None
    tags: tuple[str, ...]
    fields: Mapping[str, Value]
    channels: tuple[ContactChannel, ...]
