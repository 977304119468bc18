"""Timelines: what people call an event, in their words, and as much of it as was asked for."""

from __future__ import annotations

import pytest

from contacts_nb.workspace import Workspace

NOON = "2026-03-02T12:00:00Z"


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    """Ann and Annie."""
    workspace.add_contact(first_name="Ann")
    workspace.add_contact(first_name="Annie")
    return workspace


def told(workspace: Workspace, contact_id: int, limit: int = 1_000) -> list[tuple[str, str]]:
    events = workspace.contacts[contact_id].events(limit)
    assert events["at"].is_monotonic_increasing
    return list(events[["event", "detail"]].fillna("").itertuples(index=False, name=None))


def test_merges_and_their_ends_are_events_of_both(ws):
    ws.plan_merge(1, 2).apply()
    merged = [("merged", "Annie (contact 2)")]
    assert told(ws, 1)[2:] == told(ws, 2)[2:] == merged
    ws.plan_unmerge(2).apply()
    assert told(ws, 1) == [("created", ""), *merged, ("unmerged", "Annie (contact 2)")]
    assert told(ws, 2) == [
        ("created", ""),
        ("merged into", "Ann (contact 1)"),
        ("unmerged from", "Ann (contact 1)"),
    ]


def test_merges_of_the_merged_are_told_once(ws):
    ws.add_contact(first_name="Anna")
    ws.plan_merge(2, 3, survivor=2).apply()
    ws.plan_merge(1, 2, survivor=1).apply()
    merges = [("merged", "Anna (contact 3)"), ("merged", "Annie (contact 2)")]
    for contact_id in (1, 2, 3):
        assert [one for one in told(ws, contact_id) if one[0] != "created"] == merges


def test_a_merge_with_a_contact_that_was_deleted_is_told_without_its_name(ws):
    ws.plan_merge(1, 2).apply()
    ws.plan_unmerge(2).apply()
    ws.contacts[2].delete()
    assert told(ws, 1)[1:] == [("merged", "contact 2"), ("unmerged", "contact 2")]


def test_countries_and_languages_are_told_by_name(ws):
    ws.contacts[1].update(country="GB", language="fr")
    ws.contacts[1].update(country=None)
    changed, emptied = told(ws, 1)[1:3], told(ws, 1)[3:]
    assert set(changed) == {
        ("changed", "country: empty → United Kingdom"),
        ("changed", "language: empty → French"),
    }
    assert emptied == [("changed", "country: United Kingdom → empty")]


def test_checkboxes_are_told_as_yes_and_no(ws):
    ws.fields.add("Paid", "checkbox")
    ws.contacts[1].update(fields={"paid": True})
    ws.contacts[1].update(fields={"paid": False})
    assert told(ws, 1)[1:] == [("changed", "paid: empty → yes"), ("changed", "paid: yes → no")]


def test_assignees_are_told_by_address_and_teams_by_name_even_when_removed(ws):
    ws.users.add("ana@acme.example", role="owner")
    ana = Workspace(type(ws._access)(ws._database, 1))
    ana.users.add("bo@acme.example")
    ana.teams.add("Sales")
    ana.contacts[1].assign("bo@acme.example", team="Sales")
    ana.users.remove("bo@acme.example")
    ana.teams.remove("Sales")
    assert {("assigned", "bo@acme.example"), ("team assigned", "Sales")} <= set(told(ana, 1))


def test_what_is_said_of_a_closed_conversation_is_told(ws):
    for category, summary in (("Sale", "Sent the offer"), ("Sale", None), (None, "Sent it"), (None, None)):
        ws.contacts[1].open_conversation()
        ws.contacts[1].close_conversation(category, summary)
    closed = [detail for event, detail in told(ws, 1) if event == "conversation closed"]
    assert closed == ["Sale: Sent the offer", "Sale", "Sent it", ""]


def test_a_limit_gives_the_newest_of_all_kinds(ws):
    ws.contacts[1].tag("vip")
    for number in range(3):
        ws.contacts[1].comment(f"comment {number}")
        ws.contacts[1].update(last_name=f"Smith {number}")
    everything = told(ws, 1)
    assert len(everything) == 8
    for limit in range(10):
        assert told(ws, 1, limit) == everything[max(0, 8 - limit) :]


def test_changes_by_many_messages_do_not_crowd_out_others(ws):
    ws.channels.add("Web", "custom")
    hello = {"channel": "Web", "identifier": "ann", "direction": "incoming", "text": "Hi", "profile_name": "ann"}
    ws.record_messages([hello | {"sent_at": NOON}])
    ws.plan_merge(1, 3, survivor=1).apply()
    ws.contacts[1].tag("vip")
    for minute in range(12):
        ws.record_messages([hello | {"sent_at": f"2026-03-02T12:{minute + 1:02}:00Z"}])
    assert ("tag added", "vip") in told(ws, 1, 3)
