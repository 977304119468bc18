"""Eight processes merge and unmerge the same contacts, comment on them and record their messages, all at once.

    python -m tests.workspace.merge_crowd --seconds 30 --database sqlite

Afterwards everything must be there exactly once, seen from the contacts that are left; and when all that is merged
has been taken apart, in no special order, every contact must be as it was before.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import pandas as pd

import contacts_nb as cn
from contacts_nb.model.errors import CannotMerge, PlanOutdated
from contacts_nb.workspace import Workspace
from tests.postgres_server import postgres_server
from tests.workspace.stored import Stored, stored
from tests.workspace.writers import at_once, wait_for_all

CONTACTS = 200
MESSAGES = 3  # with each of them, before
IDS = range(1, CONTACTS + 1)
LEAST = 8  # things that each process does, on however busy a machine
ALL = 1_000_000  # more than there are of anything here
START = datetime(2026, 3, 2, tzinfo=UTC)

# What messages and merges leave behind once nobody is merged any more.
_CHANGED = (
    *("operations", "changes", "merges", "merge_values", "messages", "comments", "conversations"),
    *("contact_channels.last_message_at", "contact_channels.last_incoming_at"),
    *(
        f"contact_states.{column}"
        for column in (
            *("conversation_open", "conversation_opened"),
            *("last_interaction", "last_incoming", "last_channel_id"),
        )
    ),
)


class Done(NamedTuple):
    """What one process has done; `refused` counts the errors that it got, by their names."""

    merges: int
    unmerges: int
    refused: Counter[str]
    comments: list[str]
    messages: list[str]


def prepare(ws: Workspace) -> None:
    """Make contacts who have something in each kind of cell, or don't, with an identity and messages each."""
    ws.channels.add("Shop", "custom")
    ws.fields.add("Plan", "list", allowed=["gold", "silver"])
    ws.fields.add("Visits", "number")
    teams = [ws.teams.add(f"Team {number}").name for number in range(2)]

    def some(number: int, every: int, value: object) -> object:
        return value if number % every == 0 else None

    people = pd.DataFrame(
        {
            "first_name": [some(n, 2, f"Ann {n}") for n in IDS],
            "last_name": [f"Smith {n}" for n in IDS],
            "email": [some(n, 3, f"person{n}@example.org") for n in IDS],
            "phone": [some(n, 5, f"+44 20 7946 0{n:03}") for n in IDS],
            "country": [some(n, 2, "GB" if n % 3 else "FR") for n in IDS],
            "plan": [some(n, 3, "gold" if n % 2 else "silver") for n in IDS],
            "visits": [some(n, 4, str(n)) for n in IDS],
            "team": [some(n, 3, teams[n % 2]) for n in IDS],
            "tags": [", ".join(f"tag{number}" for number in range(1, 6) if n % number == 0) for n in IDS],
            "identifier": [f"guest-{n}" for n in IDS],
        }
    )
    ws.plan_import(people, columns={"identifier": "channel:Shop"}, progress=False).apply(progress=False)
    ws.record_messages([_message(n, f"Hello {place}", place) for n in IDS for place in range(MESSAGES)])
    ws.contacts.comment("Note")
    ws.contacts.search("tag4").close_conversation()


def _message(number: int, text: str, place: int) -> dict[str, object]:
    return {
        "channel": "Shop",
        "identifier": f"guest-{number}",
        "direction": "incoming",
        "text": text,
        "sent_at": START + timedelta(seconds=place),
    }


def crowd(ws: Workspace, seconds: float) -> list[Done]:
    """Merge some contacts, then have processes work for so long; gives what was done here, and by each of them."""
    merged = ws.plan_merges([(number, number + 1) for number in IDS[: CONTACTS // 4 : 2]]).apply(progress=False)
    here = Done(merged.merged, 0, Counter(), [], [])
    return [here, *at_once(partial(_work, seconds=seconds), ws.address)]


def _work(address: str, writer: int, *, seconds: float) -> Done:
    chance = random.Random(writer)  # noqa: S311 - nothing secret
    done = Done(0, 0, Counter(), [], [])
    with cn.open(address) as ws:
        wait_for_all()
        end = time.monotonic() + seconds
        things = 0
        while things < LEAST or time.monotonic() < end:
            things += 1
            try:
                done = _one_thing(ws, chance, done, writer)
            except (CannotMerge, PlanOutdated) as error:
                done.refused[type(error).__name__] += 1
    return done


def _one_thing(ws: Workspace, chance: random.Random, done: Done, writer: int) -> Done:
    """Do something with contacts that seem to be there; about half of all are merged away before long."""
    kind = chance.random()
    text = f"From {writer}, {len(done.comments) + len(done.messages)}"
    if kind < 0.1:
        ws.contacts[chance.choice(IDS)].comment(text)
        done.comments.append(text)
        return done
    if kind < 0.2:
        ws.record_messages([_message(chance.choice(IDS), text, MESSAGES + len(done.messages))])
        done.messages.append(text)
        return done
    living = ws.contacts.ids().tolist()
    absorbed = sorted(set(IDS) - set(living))
    if chance.random() < len(absorbed) / CONTACTS:
        ws.plan_unmerge(chance.choice(absorbed)).apply()
        return done._replace(unmerges=done.unmerges + 1)
    if kind < 0.3:
        pairs = [tuple(chance.sample(living, 2)) for _ in range(5)]
        result = ws.plan_merges(pairs).apply(progress=False)
        done.refused["skipped"] += len(result.skipped)
        return done._replace(merges=done.merges + result.merged)
    one, other = chance.sample(living, 2)
    ws.plan_merge(one, other, survivor=chance.choice([one, other]), keep={"last_name": one}).apply()
    return done._replace(merges=done.merges + 1)


def before(ws: Workspace) -> Stored:
    """What has to be the same again once everybody was unmerged."""
    return stored(ws, without=_CHANGED)


def problems(ws: Workspace, was: Stored, all_done: list[Done]) -> Iterator[str]:
    """What isn't as it must be after the crowd, where it `was` so `before`; unmerges everybody."""
    yield from _seen(ws, all_done)
    yield from map(str, ws.check())
    absorbed = sorted(set(IDS) - set(ws.contacts.ids().tolist()))
    random.Random(1).shuffle(absorbed)  # noqa: S311 - nothing secret
    for number in absorbed:
        ws.plan_unmerge(number).apply()
    yield from map(str, ws.check())
    for name, rows in before(ws).items():
        if rows != was[name]:
            differing = [pair for pair in zip_longest(was[name], rows) if pair[0] != pair[1]]
            yield f"{name} holds {len(differing)} other rows, such as {differing[0]}"


def _seen(ws: Workspace, all_done: list[Done]) -> Iterator[str]:
    """What can't be seen, or more than once, in the contacts that are left."""
    resolved = {contact.id: contact for contact in (ws.contacts[number] for number in IDS)}
    living = [resolved[number] for number in ws.contacts.ids().tolist() if number in resolved]
    merged = sum(done.merges - done.unmerges for done in all_done)
    for left in (ws.contacts.count(), len(living), len(resolved)):
        if left != CONTACTS - merged:
            yield f"{left} contacts are left of {CONTACTS} after {merged} merges"
    for what, expected, found in (
        (
            "channel identities",
            Counter(f"guest-{number}" for number in IDS),
            Counter(one.identifier for contact in living for one in contact.channels),
        ),
        (
            "messages",
            Counter({f"Hello {place}": CONTACTS for place in range(MESSAGES)})
            + Counter(text for done in all_done for text in done.messages),
            Counter(text for contact in living for text in contact.messages(ALL)["text"]),
        ),
        (
            "comments",
            Counter({"Note": CONTACTS}) + Counter(text for done in all_done for text in done.comments),
            Counter(text for contact in living for text in contact.comments()["text"]),
        ),
    ):
        if found != expected:
            yield f"{what}: {expected - found} are missing, {found - expected} are too many"


@contextmanager
def _new_workspace(database: str) -> Iterator[Workspace]:
    if database == "sqlite":
        with tempfile.TemporaryDirectory() as folder, cn.create(Path(folder, "contacts.db")) as made:
            yield made
    else:
        with postgres_server() as server, cn.create(server.url(server.new_database())) as made:
            yield made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    with _new_workspace(options.database) as ws:
        prepare(ws)
        was = before(ws)
        here, *all_done = crowd(ws, options.seconds)
        print(f"{CONTACTS} contacts on {options.database}, {len(all_done)} processes, {options.seconds:.0f} s")
        print(f"{'process':<9}{'merges':>8}{'unmerges':>10}{'comments':>10}{'messages':>10}  refused")
        for number, done in enumerate(all_done):
            refused = ", ".join(f"{count} {name}" for name, count in sorted(done.refused.items()))
            print(
                f"{number:<9}{done.merges:>8}{done.unmerges:>10}{len(done.comments):>10}{len(done.messages):>10}"
                f"  {refused}"
            )
        found = list(problems(ws, was, [here, *all_done]))
    print("\n".join(found) or "Everything is there once, and as it was when unmerged; check finds nothing")


if __name__ == "__main__":
    main()
