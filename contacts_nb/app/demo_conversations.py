"""Who works with the people of a demo, and their conversations: these follow from the messages.

A conversation is opened by the first message after the one before was closed, as a recorded message would do;
it is closed some hours after its last message, and only the latest of a person may still be open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contacts_nb.app.demo_messages import DAY, NEVER, Threads
from contacts_nb.app.demo_sentences import CLOSINGS, COMMENTS
from contacts_nb.app.demo_settings import COLLEAGUES, team_places
from contacts_nb.model.contact import Status
from contacts_nb.model.messages import Direction

Integers = NDArray[np.int64]
Objects = NDArray[np.object_]

NOBODY = 0
"""Stands for a user or team where there is none; the others are their ids."""

_ASSIGNED, _IN_TEAM = 0.60, 0.40
_BY_ASSIGNEE = 0.8
_WITHOUT_SENDER = 0.08
_WITH_SUMMARY, _WITH_COMMENT = 0.7, 0.12
_PAUSE = 5 * DAY
_HOUR = DAY / 24

_SHARES = np.cumsum([colleague.share for colleague in COLLEAGUES])
_TEAM_SHARES = np.cumsum([0.3, 0.4, 0.2, 0.1])
# The first team that somebody is in, by user.
_HOME = np.array(
    [NOBODY]
    + [
        next(team for team, members in enumerate(team_places(), 1) if number in members)
        for number in range(1, len(COLLEAGUES) + 1)
    ]
)
_STATUSES = np.array([None, *(status.value for status in Status)], dtype=object)
_READ = 3
_OPENERS = np.array([Direction.OUTGOING.value, Direction.INCOMING.value], dtype=object)
# By closing, from 1, because a conversation that is open has none.
_CATEGORIES = np.array([None, *(category for category, texts in CLOSINGS.items() for _ in texts)], dtype=object)
_SUMMARIES = np.array([None, *(summary for texts in CLOSINGS.values() for summary in texts)], dtype=object)
_COMMENTS = np.array(COMMENTS, dtype=object)


@dataclass(frozen=True, slots=True)
class Care:
    """Who cares for each person of a chunk: the ids of a user and a team, `NOBODY` if none."""

    assignee: Integers
    team: Integers


@dataclass(frozen=True, slots=True)
class Conversations:
    """The conversations of a chunk, by person and time, and what follows from them.

    Persons are numbered from 0 within the chunk; users are ids, `NOBODY` if none; times `NEVER` if none.
    `sender` and `status` are of messages, as `Threads` has them. Of each person, `is_open` says whether the
    latest conversation is, and `opened` when it began.
    """

    person: Integers
    opened_at: Integers
    opened_by: Objects
    opener: Integers
    closed_at: Integers
    closer: Integers
    category: Objects
    summary: Objects
    sender: Integers
    status: Objects
    is_open: Integers
    opened: Integers
    comment_person: Integers
    comment_user: Integers
    comment_text: Objects
    commented_at: Integers


def drawn_care(draw: np.random.Generator, people: int) -> Care:
    """Who cares for so many people: a team is mostly that of the user, where there are both."""
    assignee = np.where(draw.random(people) < _ASSIGNED, _drawn_users(draw, people), NOBODY)
    any_team = 1 + np.searchsorted(_TEAM_SHARES[:-1], draw.random(people), side="right")
    at_home = (assignee != NOBODY) & (draw.random(people) < 0.85)
    team = np.where(at_home, _HOME[assignee], any_team)
    return Care(assignee, np.where(draw.random(people) < _IN_TEAM, team, NOBODY))


def drawn_conversations(draw: np.random.Generator, threads: Threads, care: Care, now: int) -> Conversations:
    """The conversations that these messages make up; whoever cares for a person has mostly answered."""
    sent_at, people = threads.sent_at, len(care.assignee)
    opens = (np.diff(threads.person, prepend=-1) != 0) | (np.diff(sent_at, prepend=0) >= _PAUSE)
    conversation = np.cumsum(opens) - 1
    first = np.flatnonzero(opens)
    count = len(first)
    person, opened_at = threads.person[first], sent_at[first]
    is_latest = np.diff(person, append=-1) != 0
    ended = sent_at[np.flatnonzero(np.diff(conversation, append=-1) != 0)]
    until = np.where(is_latest, now, np.append(opened_at[1:], now)[:count])
    # Open are mostly those that were written in of late.
    stays_open = 0.03 + 0.75 * np.exp((ended - now) / (6 * DAY))
    is_open = is_latest & (draw.random(count) < stays_open)
    took = np.minimum(draw.exponential(9 * _HOUR, count), 0.9 * (until - ended)).astype(np.int64)
    closed_at = np.where(is_open, NEVER, ended + took)

    assignee = care.assignee[person]
    by_assignee = (assignee != NOBODY) & (draw.random(count) < _BY_ASSIGNEE)
    handler = np.where(by_assignee, assignee, _drawn_users(draw, count))
    sender, status = _senders_and_statuses(draw, threads.incoming, conversation, handler)
    # Squared: the first categories are the usual ones.
    closing = 1 + (draw.random(count) ** 2 * (len(_SUMMARIES) - 1)).astype(np.int64)
    closing[is_open] = 0
    summarised = np.where(draw.random(count) < _WITH_SUMMARY, closing, 0)

    commented = np.flatnonzero(draw.random(count) < _WITH_COMMENT)
    span = np.where(is_open, now, closed_at)[commented] - opened_at[commented]
    latest = np.flatnonzero(is_latest)
    return Conversations(
        person=person,
        opened_at=opened_at,
        opened_by=_OPENERS[threads.incoming[first]],
        opener=sender[first],
        closed_at=closed_at,
        closer=np.where(is_open, NOBODY, handler),
        category=_CATEGORIES[closing],
        summary=_SUMMARIES[summarised],
        sender=sender,
        status=status,
        is_open=_of_people(people, person[latest], is_open[latest].astype(np.int64), otherwise=0),
        opened=_of_people(people, person[latest], opened_at[latest], otherwise=NEVER),
        comment_person=person[commented],
        comment_user=handler[commented],
        comment_text=_COMMENTS[(draw.random(len(commented)) * len(_COMMENTS)).astype(np.int64)],
        commented_at=opened_at[commented] + (draw.random(len(commented)) * span).astype(np.int64),
    )


def _senders_and_statuses(
    draw: np.random.Generator, incoming: Integers, conversation: Integers, handler: Integers
) -> tuple[Integers, Objects]:
    """What comes in has neither; some of what goes out is sent by no user; whatever is answered was read."""
    count = len(incoming)
    outgoing = incoming == 0
    sender = np.where(outgoing & (draw.random(count) >= _WITHOUT_SENDER), handler[conversation], NOBODY)
    chance = draw.random(count)
    status = np.searchsorted((0.10, 0.38, 0.98), chance, side="right") + 1  # sent, delivered, read, failed
    answered = np.zeros(count, dtype=np.bool_)
    answered[:-1] = (incoming[1:] == 1) & (conversation[1:] == conversation[:-1])
    status[answered] = _READ
    return sender, _STATUSES[np.where(outgoing, status, 0)]


def _drawn_users(draw: np.random.Generator, count: int) -> Integers:
    users: Integers = 1 + np.searchsorted(_SHARES[:-1], draw.random(count), side="right")
    return users


def _of_people(people: int, places: Integers, values: Integers, *, otherwise: int) -> Integers:
    found = np.full(people, otherwise, dtype=np.int64)
    found[places] = values
    return found
