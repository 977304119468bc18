"""Channels of a workspace, and what identifies a contact on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contacts_nb.model.contact import Source
from contacts_nb.model.emails import email_key
from contacts_nb.model.people import email_required, member_named, text_required
from contacts_nb.model.phones import e164
from contacts_nb.model.text import folded

CHANNEL_NAME_LENGTH = 255
IDENTIFIER_LENGTH = 255

_BY_PHONE = frozenset({Source.WHATSAPP, Source.SMS, Source.VIBER})


@dataclass(frozen=True, slots=True)
class Channel:
    """A connected messaging account of a workspace; `created_at` is UTC."""

    id: int
    name: str
    source: Source
    created_at: datetime


def checked_source(value: object) -> Source:
    """The source that `value` names, in any case; raises `InvalidValue` if there is none.

    >>> checked_source("WhatsApp").label, checked_source("Web chat").label
    ('WhatsApp', 'Web chat')
    """
    return member_named("source", value, Source)


def checked_channel_name(value: object) -> str:
    """The name of a channel, trimmed; raises `InvalidValue` if empty, too long or no text.

    >>> checked_channel_name(" Shop London ")
    'Shop London'
    """
    return text_required("channel", value, CHANNEL_NAME_LENGTH)


def checked_identifier(source: Source, value: object) -> str:
    """What identifies a contact on a channel of that source, trimmed; e-mail channels need an address.

    >>> checked_identifier(Source.EMAIL, " Ann@Example.org ")
    'Ann@Example.org'
    """
    if source is Source.EMAIL:
        return email_required("identifier", value)
    return text_required("identifier", value, IDENTIFIER_LENGTH)


def identity_likeness(source: Source, identifier: str, region: str | None) -> str:
    """What two identities have in common that people would take for one, though the channel keeps them apart.

    >>> identity_likeness(Source.TELEGRAM, "Ann_B", None) == identity_likeness(Source.TELEGRAM, "ann_b", None)
    True
    """
    key = identifier_key(source, identifier, region)
    if source in _BY_PHONE and not any(character.isalpha() for character in key):
        return "".join(character for character in key if character.isdecimal())
    return "".join(folded(key).split())


def identifier_key(source: Source, identifier: str, region: str | None) -> str:
    """What two spellings of one identity have in common; `region` is that of phones without `+`.

    >>> identifier_key(Source.SMS, "020 7946 0958", "GB"), identifier_key(Source.EMAIL, "Ann@Example.org", None)
    ('+442079460958', 'ann@example.org')
    """
    if source is Source.EMAIL:
        return email_key(identifier)
    if source not in _BY_PHONE:
        return identifier
    # Platform ids hold letters; a phone would be read from their digits, and two of them could be taken for one.
    is_phone = not any(character.isalpha() for character in identifier)
    return (e164(identifier, region) if is_phone else None) or "".join(identifier.split())
