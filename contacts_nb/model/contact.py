"""A contact and what hangs on it, as read from a workspace at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    """One message of a thread; `sent_at` is UTC."""

    channel: str
    source: Source
    incoming: bool
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact as one row of the table; channels come last-interacted first, tags by name, times are UTC."""

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


@dataclass(frozen=True, kw_only=True)
class ContactRecord:
    """One contact with all that is known of it; times are UTC."""

    id: int
    name: str
    first_name: str | None
    last_name: str | None
    phone: str | None
    phone_e164: str | None
    email: str | None
    country: str | None
    language: str | None
    created_at: datetime
    last_interaction: datetime | None
    last_incoming: datetime | None
    last_interacted_channel: str | None
    tags: tuple[str, ...]
    channels: tuple[ContactChannel, ...]
