"""A chunk of the demo's people as rows of the tables, derived columns and search documents included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from contacts_nb.app.demo_conversations import Care, Conversations
from contacts_nb.app.demo_identities import Identities
from contacts_nb.app.demo_messages import NEVER, Threads
from contacts_nb.app.demo_profiles import Profiles
from contacts_nb.app.demo_settings import COLLEAGUES
from contacts_nb.app.demo_values import Values
from contacts_nb.model.emails import email_key
from contacts_nb.model.names import profile_name
from contacts_nb.model.search_text import search_document
from contacts_nb.model.text import folded
from contacts_nb.operations.fill import Batch, Row

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]

# What a user's number in a chunk stands for in a row; 0 is nobody.
_USER_IDS = np.array([None, *range(1, len(COLLEAGUES) + 1)], dtype=object)
_NO_USER_IDS = np.full(len(_USER_IDS), None, dtype=object)
# What people write between the digits of a phone; see the layouts of the demo's locales.
_BETWEEN_DIGITS = str.maketrans("", "", "+ ()-")


@dataclass(frozen=True, slots=True)
class Chunk:
    """All that was drawn of some people; `tagged` are people and `tags` which of the demo's tags they have."""

    profiles: Profiles
    identities: Identities
    threads: Threads
    created: list[int]
    tagged: Integers
    tags: Integers
    care: Care
    conversations: Conversations
    values: Values


@dataclass(frozen=True, slots=True)
class Firsts:
    """The ids that the first rows of a chunk get."""

    contact: int = 1
    identity: int = 1
    conversation: int = 1
    comment: int = 1

    def after(self, chunk: Chunk) -> Firsts:
        """Those of the chunk after this one."""
        return Firsts(
            self.contact + len(chunk.created),
            self.identity + len(chunk.identities.owner),
            self.conversation + len(chunk.conversations.person),
            self.comment + len(chunk.conversations.comment_person),
        )


def batch_of(chunk: Chunk, firsts: Firsts, *, users: bool) -> Batch:
    """The rows of a chunk; without `users`, nobody stands wherever a user would."""
    user_ids = _USER_IDS if users else _NO_USER_IDS
    return Batch(
        contacts=_contacts(chunk, firsts),
        contact_states=_states(chunk, firsts, user_ids),
        contact_channels=_identities(chunk, firsts),
        messages=_messages(chunk, firsts, user_ids),
        contact_tags=zip(
            (chunk.tagged + firsts.contact).tolist(),
            (chunk.tags + 1).tolist(),
            strict=True,
        ),
        search_documents=_documents(chunk, firsts),
        conversations=_conversations(chunk.conversations, firsts, user_ids),
        field_values=chunk.values.rows(firsts.contact),
        comments=_comments(chunk.conversations, firsts, user_ids),
    )


def _contacts(chunk: Chunk, firsts: Firsts) -> Iterator[Row]:
    profiles = chunk.profiles
    names = _names(chunk)
    return zip(
        range(firsts.contact, firsts.contact + len(names)),
        profiles.first_names,
        profiles.last_names,
        profiles.phones,
        profiles.e164s,
        profiles.emails,
        [email and email_key(email) for email in profiles.emails],
        profiles.countries,
        profiles.languages,
        repeat(None, len(names)),
        chunk.created,
        names,
        map(folded, names),
        [name and folded(name) for name in profiles.first_names],
        [name and folded(name) for name in profiles.last_names],
        # Digits in every script have their E.164 form.
        [international and international[1:] for international in profiles.e164s],
        strict=True,
    )


def _states(chunk: Chunk, firsts: Firsts, user_ids: Objects) -> Iterator[Row]:
    threads, conversations, care = chunk.threads, chunk.conversations, chunk.care
    channel_ids = np.array(chunk.identities.channel, dtype=np.int64) + 1
    return zip(
        range(firsts.contact, firsts.contact + len(chunk.created)),
        user_ids[care.assignee].tolist(),
        [team or None for team in care.team.tolist()],
        conversations.is_open.tolist(),
        _times(conversations.opened),
        _times(threads.person_last),
        _times(threads.person_last_incoming),
        # NEVER is no place in the list either, but whoever never wrote has no last channel.
        _times(np.where(threads.person_last == NEVER, NEVER, channel_ids[threads.person_last_identity])),
        strict=True,
    )


def _identities(chunk: Chunk, firsts: Firsts) -> Iterator[Row]:
    identities, threads = chunk.identities, chunk.threads
    count = len(identities.owner)
    return zip(
        range(firsts.identity, firsts.identity + count),
        (np.array(identities.owner, dtype=np.int64) + firsts.contact).tolist(),
        (np.array(identities.channel, dtype=np.int64) + 1).tolist(),
        identities.identifier,
        # Accounts are in small letters and phones in E.164: what identities compare by is what they are.
        identities.identifier,
        identities.profile_name,
        repeat(None, count),
        _times(threads.identity_last),
        _times(threads.identity_last_incoming),
        strict=True,
    )


def _messages(chunk: Chunk, firsts: Firsts, user_ids: Objects) -> Iterator[Row]:
    threads, conversations, order = chunk.threads, chunk.conversations, chunk.threads.by_identity
    return zip(
        (threads.identity[order] + firsts.identity).tolist(),
        threads.sent_at[order].tolist(),
        repeat(0, len(order)),  # no two messages of a person are in the same millisecond
        threads.incoming[order].tolist(),
        threads.texts[order].tolist(),
        user_ids[conversations.sender[order]].tolist(),
        conversations.status[order].tolist(),
        strict=True,
    )


def _conversations(conversations: Conversations, firsts: Firsts, user_ids: Objects) -> Iterator[Row]:
    count = len(conversations.person)
    return zip(
        range(firsts.conversation, firsts.conversation + count),
        (conversations.person + firsts.contact).tolist(),
        conversations.opened_at.tolist(),
        conversations.opened_by.tolist(),
        user_ids[conversations.opener].tolist(),
        _times(conversations.closed_at),
        user_ids[conversations.closer].tolist(),
        conversations.category.tolist(),
        conversations.summary.tolist(),
        strict=True,
    )


def _comments(conversations: Conversations, firsts: Firsts, user_ids: Objects) -> Iterator[Row]:
    count = len(conversations.comment_person)
    return zip(
        range(firsts.comment, firsts.comment + count),
        (conversations.comment_person + firsts.contact).tolist(),
        user_ids[conversations.comment_user].tolist(),
        conversations.comment_text.tolist(),
        conversations.commented_at.tolist(),
        strict=True,
    )


def _names(chunk: Chunk) -> list[str]:
    """The name that each contact goes by."""
    profiles, identities = chunk.profiles, chunk.identities
    return [
        profile_name(
            first, last, identities.profile_name[begin:end], phone, email, identities.identifier[begin:end]
        )
        for first, last, phone, email, (begin, end) in zip(
            profiles.first_names,
            profiles.last_names,
            profiles.phones,
            profiles.emails,
            _stretches(identities.counts),
            strict=True,
        )
    ]


def _documents(chunk: Chunk, firsts: Firsts) -> Iterator[Row]:
    """What `contact_document` would make of each contact, but each name and value is taken apart only once."""
    profiles, identities, values = chunk.profiles, chunk.identities, chunk.values
    value_words = list(map(_words, values.texts))
    on_channels = list(map(_parts_of_identity, identities.profile_name, identities.identifier))
    rows = zip(
        profiles.first_names,
        profiles.last_names,
        profiles.phones,
        profiles.e164s,
        profiles.emails,
        _stretches(identities.counts),
        _stretches(values.counts),
        strict=True,
    )
    for contact_id, (first, last, phone, e164, email, (begin, end), (begin_values, end_values)) in enumerate(
        rows, firsts.contact
    ):
        parts: list[str] = []
        numbers: list[str] = []
        if first:
            parts += _words(first)
        if last:
            parts += _words(last)
        if email:
            parts.append(email.lower())
        for words in value_words[begin_values:end_values]:
            parts += words
        if phone and e164:
            numbers += (phone.translate(_BETWEEN_DIGITS), e164[1:])
        for words, digits in on_channels[begin:end]:
            parts += words
            numbers += digits
        yield contact_id, "  ".join(("", *dict.fromkeys(parts + numbers)))


@lru_cache(maxsize=30_000)
def _words(text: str) -> tuple[str, ...]:
    return tuple(search_document([text], ()).split())


def _parts_of_identity(name: str | None, identifier: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words and the numbers."""
    words = _words(name) if name else ()
    return (words, (identifier[1:],)) if identifier.startswith("+") else ((*words, identifier.lower()), ())


def _stretches(counts: Integers) -> Iterator[tuple[int, int]]:
    """Where the rows of each person begin and end, where each has so many."""
    return pairwise(accumulate(counts.tolist(), initial=0))


def _times(values: Integers) -> list[int | None]:
    return [None if value == NEVER else value for value in values.tolist()]
