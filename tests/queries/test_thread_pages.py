"""Threads a page at a time: every message once and in order, through merges, and read through the index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, event

from contacts_nb.model.errors import InvalidValue, NotAllowed
from contacts_nb.model.text import folded
from contacts_nb.queries.thread_pages import MessagePlace
from contacts_nb.store.constructs import Explained
from contacts_nb.workspace import Contact, Workspace
from contacts_nb.workspace.access import Access
from tests.conftest import Workspaces

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOURCES = ("sms", "whatsapp", "webchat")
IDENTIFIERS = ("+442079460958", "+442079460958", "visitor")

# The channel a message comes on, and the second it comes in: few, so that many come at once.
logs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6)), max_size=25)


def one_contact(workspace: Workspace, log: list[tuple[int, int]], texts: list[str] | None = None) -> Contact:
    """A contact whom all that wrote in a log were merged into."""
    for source in SOURCES:
        workspace.channels.add(source, source)
    ann = workspace.add_contact(first_name="Ann")
    workspace.record_messages(
        [
            {
                "channel": SOURCES[channel],
                "identifier": IDENTIFIERS[channel],
                "direction": "outgoing" if number % 3 else "incoming",
                "text": texts[number] if texts else f"message {number}",
                "sent_at": NOON + timedelta(seconds=second),
            }
            for number, (channel, second) in enumerate(log)
        ]
    )
    for other in map(int, workspace.contacts.ids()):
        if other != ann.id:
            workspace.plan_merge(ann.id, other).apply()
    return workspace.contacts[ann.id]


def pages(contact: Contact, limit: int) -> list[list[str]]:
    """The texts of all pages, the newest first."""
    page = contact.message_page(limit=limit)
    found = [page]
    while page.older is not None:
        page = contact.message_page(page.older, limit)
        found.append(page)
    return [[message.text for message in one.messages] for one in found]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(log=logs, limit=st.integers(1, 9))
def test_pages_one_after_the_other_are_the_thread(new_workspace: Workspaces, log, limit):
    with new_workspace() as workspace:
        contact = one_contact(workspace, log)
        whole = [message.text for message in contact.last_messages(1_000)]
        assert sorted(whole) == sorted(f"message {number}" for number in range(len(log)))
        found = pages(contact, limit)
        assert [text for page in reversed(found) for text in page] == whole
        assert all(len(page) == limit for page in found[:-1])
        assert [message.sent_at for message in contact.last_messages(1_000)] == sorted(
            NOON + timedelta(seconds=second) for _, second in log
        )


def test_no_page_is_older_than_the_oldest(workspace):
    contact = one_contact(workspace, [(0, 1), (1, 2)])
    assert pages(contact, 2) == [["message 0", "message 1"]]
    assert contact.message_page(limit=0).older is None
    assert contact.message_page(MessagePlace(NOON, 1, 0)).messages == ()
    assert len(contact.message_page(limit=10**30).messages) == 2


def test_messages_that_come_meanwhile_do_not_move_older_pages(workspace):
    contact = one_contact(workspace, [(0, second) for second in range(6)])
    page = contact.message_page(limit=2)
    later = {"channel": "sms", "identifier": IDENTIFIERS[0], "direction": "incoming", "text": "later"}
    workspace.record_messages([later | {"sent_at": NOON + timedelta(hours=1)}])
    older = contact.message_page(page.older, 2)
    assert [message.text for message in older.messages] == ["message 2", "message 3"]
    assert contact.message_page(limit=1).messages[0].text == "later"


def test_a_page_and_what_is_found_are_of_the_survivor_under_every_id(workspace):
    contact = one_contact(workspace, [(0, 1), (1, 2), (2, 3)])
    (absorbed, *_) = contact.merges()["absorbed"]
    copy = workspace.contacts[int(absorbed)]
    assert pages(copy, 5) == [["message 0", "message 1", "message 2"]]
    assert copy.find_messages("message").count == 3


def test_search_finds_words_whatever_their_case_and_accents(workspace):
    texts = [
        "The INVOICE for café Zoë",
        "cafe without bill",
        "Rechnung straße",
        "re: invoice CAFÉ\nsecond line",
        "",
    ]
    contact = one_contact(workspace, [(0, 1), (1, 2), (2, 3), (0, 4), (1, 5)], texts)

    def found(typed: str) -> list[str]:
        return [message.text for message in contact.find_messages(typed).messages]

    assert found("invoice") == [texts[3], texts[0]]
    assert found("Cafe voice") == [texts[3], texts[0]]
    assert found("STRASSE") == [texts[2]]
    assert found("invoice bill") == []
    assert found("50%") == found("_") == []


def test_search_gives_the_newest_and_counts_all(workspace):
    contact = one_contact(workspace, [(number % 3, number // 2) for number in range(20)])
    found = contact.find_messages("message 1", limit=3)
    whole = list(reversed(contact.message_page(limit=100).messages))
    matching = [message for message in whole if "message" in message.text and "1" in message.text]
    assert found.count == len(matching) == 11
    assert list(found.messages) == matching[:3]
    assert contact.find_messages("message", limit=0).messages == ()


@pytest.mark.parametrize("typed", ["", "  ", "a" * 501, "a\x00b"])
def test_what_cannot_be_looked_for_is_refused(workspace, typed):
    contact = one_contact(workspace, [(0, 1)])
    with pytest.raises(InvalidValue, match="search"):
        contact.find_messages(typed)


def test_whoever_may_not_read_contacts_reads_no_threads(workspace):
    contact_id = one_contact(workspace, [(0, 1)]).id
    workspace.users.add("ana@acme.example", role="owner")
    ana = Workspace(Access(workspace._database, 1))
    ana.users.add("bo@acme.example", role="manager")
    contact = Workspace(Access(workspace._database, 2)).contacts[contact_id]
    assert len(contact.message_page().messages) == contact.find_messages("message").count == 1
    ana.users.update("bo@acme.example", role="agent")
    for reading in (contact.message_page, lambda: contact.find_messages("message")):
        with pytest.raises(NotAllowed):
            reading()


@pytest.mark.parametrize("is_first", [True, False])
def test_a_page_reads_one_stretch_of_the_index_for_each_identity(workspace, is_first):
    contact = one_contact(workspace, [(number % 3, number) for number in range(400)])
    before = None if is_first else contact.message_page(limit=30).older
    said: list[Select[Any]] = []

    def listen(_connection, statement, *_rest):
        said.append(statement)

    engine = workspace._database._reader
    event.listen(engine, "before_execute", listen)
    try:
        contact.message_page(before, 30)
    finally:
        event.remove(engine, "before_execute", listen)
    reading = [one for one in said if "FROM messages" in str(one)]
    assert len(reading) == 3
    with workspace._database.write() as connection:
        if connection.dialect.name == "postgresql":
            # Of few rows it would read all.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        for statement in reading:
            plan = " ".join(str(row[-1]) for row in connection.execute(Explained(statement)))
            assert "USE TEMP B-TREE" not in plan
            assert "Sort" not in plan
            assert "SCAN messages" not in plan
            assert "Seq Scan on messages" not in plan


def test_folding_here_is_the_folding_of_search(workspace):
    contact = one_contact(workspace, [(0, 1)], ["ŁÓDŹ ﬁn"])
    assert contact.find_messages("lodz fin").messages[0].text == "ŁÓDŹ ﬁn"
    assert folded("ŁÓDŹ ﬁn") == "lodz fin"
