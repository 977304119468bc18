"""Made-up people by the million, as rows ready to `fill` a workspace with.

Everything is drawn from a seed, chunk by chunk, so that the same seed, number of contacts and day give the
same rows (with the same numpy, whose distributions may change between versions).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from contacts_nb.app.demo_conversations import drawn_care, drawn_conversations
from contacts_nb.app.demo_identities import drawn_identities
from contacts_nb.app.demo_locales import CAPACITY
from contacts_nb.app.demo_messages import NEVER, SECOND, YEAR, Threads, drawn_threads, phrase_language
from contacts_nb.app.demo_profiles import drawn_profiles
from contacts_nb.app.demo_rows import Chunk, Firsts, batch_of
from contacts_nb.app.demo_settings import TAGS, midnight
from contacts_nb.app.demo_values import drawn_values
from contacts_nb.model.errors import InvalidValue
from contacts_nb.operations.fill import Batch

_CHUNK = 20_000
_TAG_SHARES = np.array([share for _, share, *_ in TAGS])


def demo_batches(contacts: int, seed: int, now: datetime, *, users: bool = True) -> Iterator[Batch]:
    """The rows of so many made-up contacts, numbered from 1, as of the start of the day (UTC) of `now`.

    Without `users` they are the same, but nobody is assigned, and nobody is said to have done anything.
    Raises `InvalidValue` for more contacts than there are phones, and for a negative number or seed.
    """
    if not 0 <= contacts <= CAPACITY:
        raise InvalidValue("contacts", contacts, f"can't be made up; give a number from 0 to {CAPACITY:,}")
    if seed < 0:
        raise InvalidValue("seed", seed, "is negative; give 0 or more")
    return _batches(contacts, seed, midnight(now), users=users)


def _batches(contacts: int, seed: int, now: int, *, users: bool) -> Iterator[Batch]:
    accounts: dict[str, int] = {}
    firsts = Firsts()
    for number, start in enumerate(range(0, contacts, _CHUNK)):
        chunk = _drawn_chunk(seed, number, start + 1, min(_CHUNK, contacts - start), accounts, now)
        batch = batch_of(chunk, firsts, users=users)
        firsts = firsts.after(chunk)
        del chunk  # its rows go one by one as they are inserted, and so there is room for the next
        yield batch


def _drawn_chunk(seed: int, number: int, first: int, size: int, accounts: dict[str, int], now: int) -> Chunk:
    draw = _generator(seed, number)
    profiles = drawn_profiles(draw, first, size, accounts)
    identities = drawn_identities(draw, profiles)
    languages = np.array([phrase_language(language) for language in profiles.languages])
    threads = drawn_threads(draw, identities.counts, languages, now)
    tagged, tags = np.nonzero(draw.random((size, len(TAGS))) < _TAG_SHARES)
    created = _created(draw, threads, now)
    # Of their own, so that who people are and what they wrote doesn't hang on how they are cared for.
    draw = _generator(seed, number, 1)
    care = drawn_care(draw, size)
    return Chunk(
        profiles=profiles,
        identities=identities,
        threads=threads,
        created=created,
        tagged=tagged,
        tags=tags,
        care=care,
        conversations=drawn_conversations(draw, threads, care, now),
        values=drawn_values(draw, size),
    )


def _generator(*seeds: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seeds)))


def _created(draw: np.random.Generator, threads: Threads, now: int) -> list[int]:
    """When each contact was made: within the hour before its first message, or in the last three years."""
    chance = draw.random(len(threads.person_first))
    before_first = threads.person_first - SECOND - chance * 3600 * SECOND
    whenever = now - SECOND - chance * 3 * YEAR
    created: list[int] = np.where(threads.person_first == NEVER, whenever, before_first).astype(np.int64).tolist()
    return created
