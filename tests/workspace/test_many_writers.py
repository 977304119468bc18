"""Eight processes write to one workspace at once: nothing is lost or there twice, and nobody gets an error."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

import contacts_nb as cn
from contacts_nb.model.errors import StaleContact
from contacts_nb.workspace import Workspace
from tests.workspace.writers import WRITERS, at_once, wait_for_all

VISITS = 60  # of each writer, to one contact
ROUNDS = 3  # of each writer, each of a dozen calls for overlapping sets

PEOPLE = 40
GUESTS = 10
START = datetime(2026, 3, 2, tzinfo=UTC)
ALL = 100_000  # more than there are of anything here


def count_visits(address: str, writer: int) -> int:
    """Read how many visits there were and write one more, again and again; gives how often others were faster."""
    faster = 0
    chance = random.Random(writer)  # noqa: S311 - nothing secret
    with cn.open(address) as ws:
        wait_for_all()
        for _ in range(VISITS):
            for again in count():
                contact = ws.contacts[1]
                visits = contact.fields["visits"]
                assert isinstance(visits, (int, float))
                try:
                    contact.update(fields={"visits": visits + 1})
                except StaleContact:
                    faster += 1
                    # If all came back at once, seven of eight would be too late again.
                    time.sleep(chance.uniform(0, 0.01 * 2 ** min(again, 7)))
                else:
                    break
    return faster


@pytest.mark.timeout(900)  # on a busy machine; it is a matter of seconds on an idle one
def test_no_update_of_one_contact_is_lost(workspace):
    workspace.fields.add("Visits", "number")
    contact = workspace.add_contact(first_name="Ann", fields={"visits": 0})
    before = len(workspace.history(ALL))

    at_once(count_visits, workspace.address)

    visits = WRITERS * VISITS
    assert workspace.contacts[contact.id].fields["visits"] == visits
    changed = workspace.contacts[contact.id].history(ALL).query("what == 'update'")
    assert changed["cell"].unique().tolist() == ["field visits"]
    assert [float(value) for value in changed["new"]] == list(range(visits, 0, -1))
    assert [float(value) for value in changed["old"]] == list(range(visits - 1, -1, -1))
    assert changed["operation"].is_unique
    assert len(workspace.history(ALL)) == before + visits
    assert workspace.check() == []


def written(writer: int, number: int) -> list[dict[str, object]]:
    """Messages of a writer's round: some that it alone has, some that all writers have word for word."""
    texts = [f"from {writer} in {number}", f"again from {writer} in {number}", f"from all in {number}"]
    return [
        {
            "channel": "Shop",
            "identifier": f"guest-{(writer + number + place) % GUESTS}",
            "direction": "incoming",
            "text": text,
            # All in the same millisecond, so that they are told apart by their numbers.
            "sent_at": START + timedelta(minutes=number),
            "profile_name": f"Guest {(writer + number + place) % GUESTS}",
        }
        for place, text in enumerate(texts)
    ]


def work_on_sets(address: str, writer: int) -> list[tuple[int, str]]:
    """Change contacts that others change too; gives what was done by its number in history."""
    done = []
    with cn.open(address) as ws:
        circle = ws.contacts.search(f"circle{writer}")
        wait_for_all()
        for number in range(ROUNDS):
            calls = [
                circle.tag("everyone", f"writer{writer}"),
                circle.update(fields={f"count_{writer}": number + 1}),
                circle.update(last_name=f"Smith {writer} {number}", country="GB" if writer % 2 else "FR"),
                circle.assign(team=f"Team {writer % 2}"),
                ws.record_messages(written(writer, number)),
                circle.open_conversation(),
                circle.comment(f"Note {writer} {number}"),
                circle.untag(f"writer{writer}"),
                circle.close_conversation(),
            ]
            ws.add_contact(first_name=f"New {writer} {number}", tags=["added"])
            done += [(call.id, call.kind) for call in calls if call.id is not None and call.kind is not None]
        last = circle.tag(f"writer{writer}")
        assert last.id is not None
        return [*done, (last.id, "tag")]


def prepared(ws: Workspace) -> None:
    """Make people of whom each is in the circles of three writers, and what the writers need."""
    ws.channels.add("Shop", "custom")
    for number in range(2):
        ws.teams.add(f"Team {number}")
    for writer in range(WRITERS):
        ws.fields.add(f"Count {writer}", "number")
    for number in range(PEOPLE):
        ws.add_contact(first_name=f"Ann{number}", tags=[f"circle{(number + k) % WRITERS}" for k in range(3)])


def test_of_overlapping_sets_all_that_was_done_is_there_once(workspace):
    prepared(workspace)
    before = set(workspace.history(ALL)["id"])

    done = [one for each in at_once(work_on_sets, workspace.address) for one in each]

    history = workspace.history(ALL)
    new = [(number, kind) for number, kind in history[["id", "operation"]].to_numpy() if number not in before]
    assert len(set(done)) == len(done)
    assert sorted(one for one in new if one[1] != "add") == sorted(done)
    assert Counter(kind for _, kind in new)["add"] == WRITERS * ROUNDS

    sizes = {tag.name: tag.contacts for tag in workspace.tags}
    circle = sizes["circle0"]
    assert sizes == {
        "added": WRITERS * ROUNDS,
        "everyone": PEOPLE,
        **{f"circle{writer}": circle for writer in range(WRITERS)},
        **{f"writer{writer}": circle for writer in range(WRITERS)},
    }
    assert workspace.contacts.count() == PEOPLE + WRITERS * ROUNDS + GUESTS
    notes: Counter[str] = Counter()
    for number in workspace.contacts.search("everyone").ids():
        contact = workspace.contacts[number]
        circles = [tag.removeprefix("circle") for tag in contact.tags if tag.startswith("circle")]
        assert contact.fields == {f"count_{writer}": ROUNDS for writer in circles}
        assert not contact.conversation_open
        notes.update(contact.comments()["text"])
    assert notes == {f"Note {writer} {number}": circle for writer in range(WRITERS) for number in range(ROUNDS)}
    assert_messages_are_there_once(workspace)
    assert workspace.check() == []


def assert_messages_are_there_once(ws: Workspace) -> None:
    expected = {
        (message["identifier"], message["text"])
        for writer in range(WRITERS)
        for number in range(ROUNDS)
        for message in written(writer, number)
    }
    found = []
    for number in ws.contacts.search("guest-").ids():
        contact = ws.contacts[number]
        (identity,) = contact.channels
        found += [(identity.identifier, text) for text in contact.messages(ALL)["text"]]
    assert len(found) == len(set(found))
    assert set(found) == expected
