"""Made-up people by the million, as rows ready to `fill` a workspace with.

Everything is drawn from a seed, chunk by chunk, so that the same seed, number of contacts and day give the
same rows (with the same numpy, whose distributions may change between versions).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate, repeat

import numpy as np
from numpy.typing import NDArray

from contacts_nb.app.demo_identities import CHANNELS, Identities, drawn_identities
from contacts_nb.app.demo_locales import CAPACITY
from contacts_nb.app.demo_messages import DAY, NEVER, SECOND, YEAR, Threads, drawn_threads, phrase_language
from contacts_nb.app.demo_profiles import Profiles, drawn_profiles
from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.names import profile_name
from contacts_nb.model.text import folded, name_key
from contacts_nb.operations.fill import Batch, Row
from contacts_nb.store.search_documents import contact_document
from contacts_nb.store.types import to_milliseconds

TAGS = (
    ("customer", 0.30), ("lead", 0.22), ("newsletter", 0.20), ("vip", 0.05), ("wholesale", 0.06),
    ("complaint", 0.04), ("spring sale", 0.10), ("🎁 gift list", 0.05), ("returning", 0.09), ("press", 0.01),
    ("café regulars", 0.03), ("do not call", 0.05),
)  # fmt: skip
"""Name, and the share of contacts that have it."""

_CHUNK = 20_000
_TAG_SHARES = np.array([share for _, share in TAGS])


def channel_rows(now: datetime) -> list[Row]:
    """The rows of `CHANNELS`, numbered from 1, made four years before the day of `now`."""
    made_at = _midnight(now) - 4 * YEAR
    return [
        (number, name, name_key(name), source.value, made_at)
        for number, (name, source, _) in enumerate(CHANNELS, 1)
    ]


def tag_rows() -> list[Row]:
    """The rows of `TAGS`, numbered from 1."""
    return [(number, name, name_key(name), None, None) for number, (name, _) in enumerate(TAGS, 1)]


def demo_batches(contacts: int, seed: int, now: datetime) -> Iterator[Batch]:
    """The rows of so many made-up contacts, numbered from 1, as of the start of the day (UTC) of `now`.

    Raises `InvalidValue` for more contacts than there are phones, and for a negative number or seed.
    """
    if not 0 <= contacts <= CAPACITY:
        raise InvalidValue("contacts", contacts, f"can't be made up; give a number from 0 to {CAPACITY:,}")
    if seed < 0:
        raise InvalidValue("seed", seed, "is negative; give 0 or more")
    return _batches(contacts, seed, _midnight(now))


def _batches(contacts: int, seed: int, now: int) -> Iterator[Batch]:
    accounts: dict[str, int] = {}
    identities_before = 0
    for chunk, start in enumerate(range(0, contacts, _CHUNK)):
        draw = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, chunk])))
        profiles = drawn_profiles(draw, start + 1, min(_CHUNK, contacts - start), accounts)
        identities = drawn_identities(draw, profiles)
        languages = np.array([phrase_language(language) for language in profiles.languages])
        threads = drawn_threads(draw, identities.counts, languages, now)
        yield _batch(draw, profiles, identities, threads, start + 1, identities_before + 1, now)
        identities_before += len(identities.owner)


def _batch(
    draw: np.random.Generator,
    profiles: Profiles,
    identities: Identities,
    threads: Threads,
    first_contact: int,
    first_identity: int,
    now: int,
) -> Batch:
    contact_ids = range(first_contact, first_contact + len(profiles.people))
    identity_ids = range(first_identity, first_identity + len(identities.owner))
    channel_ids = np.array(identities.channel, dtype=np.int64) + 1
    names, documents = _names_and_documents(profiles, identities)
    tagged, tags = np.nonzero(draw.random((len(contact_ids), len(TAGS))) < _TAG_SHARES)
    return Batch(
        contacts=zip(
            contact_ids,
            profiles.first_names,
            profiles.last_names,
            profiles.phones,
            profiles.e164s,
            profiles.emails,
            [email and email_key(email) for email in profiles.emails],
            profiles.countries,
            profiles.languages,
            repeat(None, len(contact_ids)),
            _created(draw, threads, now),
            names,
            map(folded, names),
            strict=True,
        ),
        contact_states=zip(
            contact_ids,
            repeat(None, len(contact_ids)),
            repeat(None, len(contact_ids)),
            repeat(0, len(contact_ids)),
            repeat(None, len(contact_ids)),
            _times(threads.person_last),
            _times(threads.person_last_incoming),
            # NEVER is no place in the list either, but whoever never wrote has no last channel.
            _times(np.where(threads.person_last == NEVER, NEVER, channel_ids[threads.person_last_identity])),
            strict=True,
        ),
        contact_channels=zip(
            identity_ids,
            (np.array(identities.owner, dtype=np.int64) + first_contact).tolist(),
            channel_ids.tolist(),
            identities.identifier,
            # Accounts are in small letters and phones in E.164: what identities compare by is what they are.
            identities.identifier,
            identities.profile_name,
            repeat(None, len(identities.owner)),
            _times(threads.identity_last),
            _times(threads.identity_last_incoming),
            strict=True,
        ),
        messages=zip(
            (threads.identity + first_identity).tolist(),
            threads.sent_at.tolist(),
            repeat(0),  # no two messages of a person are in the same millisecond
            threads.incoming.tolist(),
            threads.texts,
            repeat(None),
            repeat(None),
        ),
        contact_tags=zip((tagged + first_contact).tolist(), (tags + 1).tolist(), strict=True),
        search_documents=zip(contact_ids, documents, strict=True),
    )


def _names_and_documents(profiles: Profiles, identities: Identities) -> tuple[list[str], list[str]]:
    """The name that each contact goes by, and its search document."""
    names, documents = [], []
    ends = accumulate(identities.counts.tolist())
    begin = 0
    for first, last, phone, e164, email, end in zip(
        profiles.first_names,
        profiles.last_names,
        profiles.phones,
        profiles.e164s,
        profiles.emails,
        ends,
        strict=True,
    ):
        profile_names, identifiers = identities.profile_name[begin:end], identities.identifier[begin:end]
        begin = end
        names.append(profile_name(first, last, profile_names, phone, email, identifiers))
        documents.append(
            contact_document([first, last, email], [phone, e164], zip(profile_names, identifiers, strict=True))
        )
    return names, documents


def _created(draw: np.random.Generator, threads: Threads, now: int) -> list[int]:
    """When each contact was made: within the hour before its first message, or in the last three years."""
    chance = draw.random(len(threads.person_first))
    before_first = threads.person_first - SECOND - chance * 3600 * SECOND
    whenever = now - SECOND - chance * 3 * YEAR
    created: list[int] = np.where(threads.person_first == NEVER, whenever, before_first).astype(np.int64).tolist()
    return created


def _times(values: NDArray[np.int64]) -> list[int | None]:
    return [None if value == NEVER else value for value in values.tolist()]


def _midnight(now: datetime) -> int:
    moment = to_milliseconds(now)
    return moment - moment % DAY
