"""Contacts that already have a phone, an e-mail address or a channel identity, found through indices alone."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, Select, func, select, union

from contacts_nb.model.channels import identifier_key
from contacts_nb.model.contact import Source
from contacts_nb.model.emails import email_key
from contacts_nb.model.phones import e164, same_phone
from contacts_nb.store.constructs import ids_of_documents_with
from contacts_nb.store.schema import channels, contact_channels, contacts, workspace

# Who is found by what one had that was merged away is the contact that is there for it.
_PRESENT = func.coalesce(contacts.c.survivor_id, contacts.c.id).label("id")
_PHONES = frozenset({Source.WHATSAPP, Source.SMS, Source.VIBER})


def ids_matching(
    connection: Connection, *, phone: str | None, email: str | None, identifier: str | None, limit: int
) -> list[int]:
    """At most `limit` ids, in ascending order, of contacts that have one of these values, which were checked."""
    region: str | None = connection.execute(select(workspace.c.phone_region)).scalar_one()
    found = _with_identity(connection, region, phone, email, identifier)
    if phone is not None:
        found += _with_phone(phone, region)
    if email is not None:
        found.append(_with_email(email))
    if not found:
        return []
    ids = union(*found).subquery()
    return list(connection.execute(select(ids.c.id).order_by(ids.c.id).limit(limit)).scalars())


def _with_email(email: str) -> Select[int]:
    return select(_PRESENT).where(contacts.c.email_key == email_key(email))


def _with_phone(phone: str, region: str | None) -> list[Select[int]]:
    keys = same_phone(phone, region)
    # No index has the digits of phones without an E.164 form, but the one that search uses finds them.
    typed = contacts.c.id.in_(ids_of_documents_with(keys))
    found = [select(_PRESENT).where(typed, contacts.c.phone_e164.is_(None), contacts.c.phone_key.in_(keys))]
    # Without a region, a number may be the international one as it stands.
    international = e164(phone, region) or e164(f"+{keys[0]}", None)
    if international is not None:
        found.append(select(_PRESENT).where(contacts.c.phone_e164 == international))
    return found


def _with_identity(
    connection: Connection, region: str | None, phone: str | None, email: str | None, identifier: str | None
) -> list[Select[int]]:
    by_keys: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for channel_id, name in connection.execute(select(channels.c.id, channels.c.source)):
        keys = _keys(Source(name), region, phone, email, identifier)
        if keys:
            by_keys[keys].append(channel_id)
    there = contact_channels.c
    return [
        select(there.contact_id.label("id")).where(there.channel_id.in_(ids), there.identifier_key.in_(keys))
        for keys, ids in by_keys.items()
    ]


def _keys(
    source: Source, region: str | None, phone: str | None, email: str | None, identifier: str | None
) -> frozenset[str]:
    """What an identity on a channel of that source may be kept under."""
    keys = set() if identifier is None else {identifier_key(source, identifier, region)}
    if phone is not None and source in _PHONES:
        # Some logs leave out the plus.
        keys |= {identifier_key(source, phone, region), *same_phone(phone, region)}
    if email is not None and source not in _PHONES:
        keys |= {email, email_key(email)}
    return frozenset(keys)
