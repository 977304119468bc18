"""What the people of a demo wrote and were answered over the last year, a chunk of people at a time.

A thread is a chain of gaps, most of them minutes, some of them days; a long gap begins a new conversation,
perhaps on another channel. All threads of a chunk are drawn at once, as arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contacts_nb.app.demo_phrases import OTHERWISE, PHRASES

Integers = NDArray[np.int64]

SECOND = 1_000
DAY = 24 * 3600 * SECOND
YEAR = 365 * DAY
NEVER = -1
"""Stands for the time of a message that there isn't."""

_MEAN, _SPREAD, _MOST = 11.0, 1.2, 500
_SILENT = 0.08
_NEW_CONVERSATION = 0.3

_LANGUAGES = tuple(PHRASES)
# Each phrase is behind its answer: the place of a text is even for what goes out, odd for what comes in.
_TEXTS = np.array(
    [
        text
        for phrases in PHRASES.values()
        for pair in zip(phrases.outgoing, phrases.incoming, strict=True)
        for text in pair
    ],
    dtype=object,
)
_PAIRS = np.array([len(phrases.incoming) for phrases in PHRASES.values()])
_FIRST_PAIRS = np.cumsum(_PAIRS) - _PAIRS


@dataclass(frozen=True, slots=True)
class Threads:
    """The messages of a chunk, by person and time, and what the newest of each identity and person are.

    Identities and people are numbered from 0 within the chunk; times are milliseconds UTC, `NEVER` if none.
    `by_identity` are the places of the messages by identity and time.
    """

    person: Integers
    identity: Integers
    sent_at: Integers
    incoming: Integers
    texts: NDArray[np.object_]
    by_identity: Integers
    identity_last: Integers
    identity_last_incoming: Integers
    person_first: Integers
    person_last: Integers
    person_last_incoming: Integers
    person_last_identity: Integers


def phrase_language(language: str | None) -> int:
    """The number of the language that someone who speaks `language` is written to in."""
    return _LANGUAGES.index(language if language in PHRASES else OTHERWISE)


def drawn_threads(draw: np.random.Generator, identities: Integers, languages: Integers, now: int) -> Threads:
    """Threads of people who have so many `identities` each and these phrase `languages`; all before `now`."""
    people = len(identities)
    counts = _message_counts(draw, people)
    first_identity = np.cumsum(identities) - identities
    owner = np.repeat(np.arange(people), counts)
    begins = (np.cumsum(counts) - counts)[owner]
    position = np.arange(len(owner)) - begins
    opens = (draw.random(len(owner)) < _NEW_CONVERSATION) | (position == 0)
    sent_at = _times(draw, owner, begins, position, opens, counts, now)

    conversation = np.cumsum(opens) - 1
    turn = np.arange(len(owner)) - np.flatnonzero(opens)[conversation]
    conversations = int(opens.sum())
    # Squared: the first of a person's channels is the usual one.
    choice = (draw.random(conversations) ** 2)[conversation]
    identity = first_identity[owner] + (choice * identities[owner]).astype(np.int64)
    we_begin = (draw.random(conversations) < 0.15)[conversation]
    speaks_again = draw.random(len(owner)) < 0.12
    incoming = (((turn % 2 == 0) ^ we_begin) ^ speaks_again).astype(np.int64)
    text = _chosen_texts(draw, languages[owner], incoming, opens)

    last_incoming = np.where(incoming == 1, sent_at, NEVER)
    ends = np.cumsum(counts) - 1
    wrote = counts > 0
    return Threads(
        person=owner,
        identity=identity,
        sent_at=sent_at,
        incoming=incoming,
        texts=_TEXTS[text],
        by_identity=np.argsort(identity, kind="stable"),
        identity_last=_latest(sent_at, identity, int(identities.sum())),
        identity_last_incoming=_latest(last_incoming, identity, int(identities.sum())),
        person_first=_where(wrote, sent_at, ends - counts + 1),
        person_last=_where(wrote, sent_at, ends),
        person_last_incoming=_latest(last_incoming, owner, people),
        person_last_identity=_where(wrote, identity, ends),
    )


def _message_counts(draw: np.random.Generator, people: int) -> Integers:
    """Many with few, a few with hundreds, some with none."""
    sizes = draw.lognormal(np.log(_MEAN) - _SPREAD**2 / 2, _SPREAD, people)
    counts = np.clip(np.rint(sizes), 1, _MOST).astype(np.int64)
    counts[draw.random(people) < _SILENT] = 0
    return counts


def _times(
    draw: np.random.Generator,
    owner: Integers,
    begins: Integers,
    position: Integers,
    opens: NDArray[np.bool_],
    counts: Integers,
    now: int,
) -> Integers:
    """When each message was sent: ascending for each owner, no two in one millisecond, within the last year."""
    pauses = draw.exponential(12 * DAY, len(owner))
    replies = 15 * SECOND + draw.exponential(400 * SECOND, len(owner))
    gaps = np.where(opens, pauses, replies)
    gaps[position == 0] = 0
    elapsed = np.cumsum(gaps)
    elapsed -= elapsed[begins]
    span = np.zeros(len(counts))
    ends = np.cumsum(counts) - 1
    span[counts > 0] = elapsed[ends[counts > 0]]
    # Squared: many people wrote of late. At least two days of the year stay for a thread.
    last_ago = SECOND + draw.random(len(counts)) ** 2 * (YEAR - 2 * DAY)
    shrink = np.minimum(1.0, (YEAR - last_ago - DAY) / np.maximum(span, 1.0))
    ago = last_ago[owner] + (span[owner] - elapsed) * shrink[owner]
    whole: Integers = ago.astype(np.int64)
    return now - whole + position


def _chosen_texts(
    draw: np.random.Generator, languages: Integers, incoming: Integers, opens: NDArray[np.bool_]
) -> Integers:
    """A place in `_TEXTS` for each message; what goes out right after something came in answers that."""
    pair = _FIRST_PAIRS[languages] + (draw.random(len(languages)) * _PAIRS[languages]).astype(np.int64)
    answers = np.flatnonzero((incoming[1:] == 0) & (incoming[:-1] == 1) & ~opens[1:]) + 1
    pair[answers] = pair[answers - 1]
    chosen: Integers = pair * 2 + incoming
    return chosen


def _latest(times: Integers, groups: Integers, number: int) -> Integers:
    latest = np.full(number, NEVER, dtype=np.int64)
    np.maximum.at(latest, groups, times)
    return latest


def _where(wrote: NDArray[np.bool_], values: Integers, places: Integers) -> Integers:
    found = np.full(len(wrote), NEVER, dtype=np.int64)
    found[wrote] = values[places[wrote]]
    return found
