"""A workspace with merges is found sound, and each kind of corruption of them is found, and nothing else.

A merged workspace is made once a database; whatever a test corrupts of it is rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, text

from contacts_nb.queries.check import inconsistencies
from contacts_nb.workspace import Workspace
from tests.conftest import Workspaces

# Merged in this order: 2 into 1, 4 into 3, 3 into 1; 6 into 5, which is undone.
ANN, BO, CY, DEE, EVE, FAY = range(1, 7)


@pytest.fixture(scope="module")
def merged(new_workspace: Workspaces) -> Iterator[Workspace]:
    """Contacts with an identity each, some of whom were merged, unmerged and undone, and are used ever since."""
    with new_workspace() as ws:
        ws.teams.add("Sales")
        ws.channels.add("Web", "custom")
        ws.fields.add("Plan", "list", allowed=["gold", "silver"])
        for number, name in enumerate(("Ann", "Bo", "Cy", "Dee", "Eve", "Fay"), 1):
            ws.record_messages([message(number, "Hello", name)])
            values: dict[str, Any] = {}
            if number % 2 == 0:
                values = {"country": "FR", "phone": f"+44 20 7946 09{number:02}"}
            contact = ws.contacts[number]
            contact.update(last_name=name, fields={"plan": "gold"} if number == DEE else {}, **values)
            contact.tag(f"of {name}")
        ws.contacts[BO].comment("Prefers tea")
        ws.plan_merge(ANN, BO).apply()
        ws.plan_merge(CY, DEE).apply()
        ws.plan_merge(ANN, CY, keep={"last_name": CY}).apply()
        ws.plan_merge(EVE, FAY).apply().undo()
        ws.contacts[CY].comment("Prefers coffee")
        ws.contacts[BO].close_conversation("solved")
        ws.record_messages([message(DEE, "Hello again", None), message(FAY, "Hello again", None)])
        ws.contacts[EVE].assign(team="Sales")
        yield ws


def message(number: int, said: str, name: str | None) -> dict[str, Any]:
    return {
        "channel": "Web",
        "identifier": f"guest-{number}",
        "direction": "incoming",
        "text": said,
        "sent_at": f"2026-03-02T12:00:{len(said):02}Z",
        "profile_name": name,
    }


@contextmanager
def corrupted(ws: Workspace, *statements: str) -> Iterator[Connection]:
    """What reads the workspace after these statements, which no constraint hinders; they are taken back."""
    with ws._database.write() as connection:
        unchecked = "SET LOCAL session_replication_role = replica"
        connection.execute(text("PRAGMA defer_foreign_keys = ON" if ws.path is not None else unchecked))
        for statement in statements:
            connection.exec_driver_sql(statement)
        yield connection
        connection.rollback()


def found(connection: Connection) -> list[str]:
    return [str(inconsistency) for inconsistency in inconsistencies(connection)]


def test_a_workspace_with_merges_is_sound(merged):
    assert merged.contacts.ids().tolist() == [ANN, EVE, FAY]
    assert merged.check() == []


def test_a_workspace_is_sound_at_every_step_of_merges_unmerges_and_their_undos(workspace):
    ids = [workspace.add_contact(first_name=name, tags=[name], country="GB").id for name in ("Ann", "Bo", "Cy")]
    steps: list[Callable[[], object]] = [
        lambda: workspace.plan_merge(2, 3).apply(),
        lambda: workspace.plan_merge(1, 2, survivor=2, keep={"country": None}).apply(),
        lambda: workspace.contacts[2].update(country="FR"),
        lambda: workspace.plan_unmerge(3).apply(),
        lambda: newest(workspace).undo(),
        lambda: newest(workspace).undo(),
        workspace.contacts[1].delete,
    ]
    for step in steps:
        step()
        assert workspace.check() == []
    assert workspace.contacts.ids().tolist() == [ids[2]]


def newest(ws: Workspace):
    return ws.history[int(ws.history(1)["id"][0])]


OF = "(SELECT id FROM merges WHERE absorbed_id = {} AND ended_by {})"
OF_BO, OF_CY, OF_DEE = (OF.format(contact, "IS NULL") for contact in (BO, CY, DEE))
OF_FAY = OF.format(FAY, "IS NOT NULL")
IDENTITY = "(SELECT id FROM contact_channels WHERE identifier = 'guest-{}')"
INTO = "(SELECT max(operation_id) FROM changes WHERE contact_id = {} AND cell = 17)"

# By name: what is done, and how each line begins that is found of it; "…" stands for anything.
CORRUPTIONS: dict[str, tuple[list[str], list[str]]] = {
    # contacts and merges
    "a survivor that was merged away itself": (
        [f"UPDATE contacts SET survivor_id = {CY} WHERE id = {DEE}",
         f"UPDATE contact_channels SET contact_id = {CY} WHERE identifier = 'guest-{DEE}'"],
        [f"contacts.survivor_id: contact {DEE} has the survivor {CY}, which was merged away itself, instead of one"
         " that is there.",
         "merges.survivor_id: merge {merge of Dee} has two contacts with different survivors instead of one",
         f"history of contact: … of contact {DEE}, ",
         "derived"],
    ),
    "a survivor that isn't there": (
        [f"UPDATE contacts SET survivor_id = 999 WHERE id = {BO}"],
        ["reference contacts.survivor_id: ",
         "merges.survivor_id: ",
         "contact_channels.contact_id: ",
         f"history of contact: … of contact {BO}, ",
         "derived"],
    ),
    "a contact that was merged away without a merge": (
        [f"UPDATE contacts SET survivor_id = {EVE} WHERE id = {FAY}",
         f"UPDATE contact_channels SET contact_id = {EVE}, origin_id = {FAY} WHERE identifier = 'guest-{FAY}'"],
        [f"merges of contacts: contact {FAY} has a survivor instead of what its merges say.",
         f"history of contact: … of contact {FAY}, ",
         "derived"],
    ),
    "a merge of a contact that was not merged away": (
        [f"UPDATE contacts SET survivor_id = NULL WHERE id = {BO}",
         f"UPDATE contact_channels SET contact_id = {BO}, origin_id = NULL WHERE identifier = 'guest-{BO}'"],
        [f"merges of contacts: contact {BO} has no survivor instead of what its merges say.",
         "merges.survivor_id: merge",
         f"history of contact: … of contact {BO}, ",
         "derived"],
    ),
    "a merge that was ended of a contact that is still merged away": (
        [f"UPDATE merges SET ended_by = 1 WHERE absorbed_id = {BO}"],
        [f"merges of contacts: contact {BO} has a survivor instead of what its merges say.",
         f"history of merge: … of contact {ANN}, subject {BO}, "],
    ),
    "a merge into another than the survivor": (
        [f"UPDATE contacts SET survivor_id = {EVE} WHERE id = {BO}",
         f"UPDATE contact_channels SET contact_id = {EVE} WHERE identifier = 'guest-{BO}'"],
        ["merges.survivor_id: ", f"history of contact: … of contact {BO}, ", "derived"],
    ),
    "two merges of one contact": (
        ["DROP INDEX ix_merges_absorbed_id_in_force",
         f"INSERT INTO merges (id, survivor_id, absorbed_id) VALUES (1, {CY}, {BO})"],
        ["unique merges (absorbed_id): "],
    ),
    # identities
    "an identity of one that was merged away": (
        [f"UPDATE contact_channels SET contact_id = {BO}, origin_id = NULL WHERE identifier = 'guest-{BO}'"],
        [f"contact_channels.contact_id: contact channel {{guest-{BO}}} has contact {BO} instead of the contact"
         " that is there for the one it was made on.",
         "derived"],
    ),
    "an identity of a stranger": (
        [f"UPDATE contact_channels SET contact_id = {EVE} WHERE identifier = 'guest-{BO}'"],
        [f"contact_channels.contact_id: contact channel {{guest-{BO}}} has contact {EVE} instead", "derived"],
    ),
    "an identity that was made where it is": (
        [f"UPDATE contact_channels SET origin_id = {ANN} WHERE identifier = 'guest-{ANN}'"],
        [f"contact_channels.contact_id: contact channel {{guest-{ANN}}} has contact {ANN} instead"],
    ),
    "an identity that was made nowhere": (
        [f"UPDATE contact_channels SET origin_id = 999 WHERE identifier = 'guest-{BO}'"],
        ["reference contact_channels.origin_id: ", "derived"],
    ),
    # references
    "a merge of no operation": (
        [f"DELETE FROM operations WHERE id = {OF_BO}"],
        ["reference merges.id: the id of merge {merge of Bo} has an unknown number instead of that of an",
         "reference changes.operation_id: "],
    ),
    "a merge that no operation has ended": (
        [f"UPDATE merges SET ended_by = 998 WHERE absorbed_id = {FAY}"],
        ["reference merges.ended_by: the ended_by of merge {merge of Fay} has an unknown number instead of",
         "merge_values.unmerge_id: "],
    ),
    "a merge into nobody": (
        [f"UPDATE merges SET survivor_id = 999 WHERE absorbed_id = {BO}"],
        ["reference merges.survivor_id: the survivor_id of merge {merge of Bo} has 999 instead of the id of a row",
         f"history of merge: … of contact {ANN}, subject {BO}, "],
    ),
    "a merge of nobody": (
        [f"UPDATE merges SET absorbed_id = 999 WHERE absorbed_id = {BO}"],
        ["reference merges.absorbed_id: the absorbed_id of merge {merge of Bo} has 999 instead of the id of a row",
         f"merges of contacts: contact {BO} has a survivor instead of what its merges say.",
         f"history of merge: … of contact {ANN}, subject {BO}, "],
    ),
    "values of a merge that is not there": (
        ["INSERT INTO merge_values (unmerge_id, merge_id, cell, subject, before, after)"
         " VALUES (0, 998, 7, 0, NULL, 'GB')"],
        ["reference merge_values.merge_id: "],
    ),
    "values before something that was no unmerge": (
        [f"UPDATE merge_values SET unmerge_id = 1 WHERE merge_id = {OF_BO} AND cell = 7"],
        ["merge_values.unmerge_id: values of merge {merge of Bo} has operation 1, which ended no merge, instead"
         " of one that did."],
    ),
    # history
    "history that merged a contact into another": (
        [f"UPDATE changes SET new = '{EVE}' WHERE contact_id = {DEE} AND cell = 17"
         f" AND operation_id = {INTO.format(DEE)}"],
        [f"history of contact: … of contact {DEE}, subject 0, has something else instead of what"
         " operation {merge of Cy} left."],
    ),
    "history that does not know of a merge": (
        [f"DELETE FROM changes WHERE contact_id = {DEE} AND cell = 17 AND operation_id = {INTO.format(DEE)}"],
        [f"history of contact: … of contact {DEE}, subject 0, "],
    ),
    "history that ended a merge": (
        [f"UPDATE changes SET new = NULL WHERE cell = 18 AND subject = {BO}"],
        [f"history of merge: … of contact {ANN}, subject {BO}, has something else instead of what"
         " operation {merge of Bo} left."],
    ),
    "history that merged again": (
        [f"UPDATE changes SET new = '1' WHERE cell = 18 AND subject = {FAY}"],
        [f"history of merge: … of contact {EVE}, subject {FAY}, has something else instead of what"
         " operation {end of Fay} left."],
    ),
    # derived
    "a conversation that only one of the group has": (
        [f"UPDATE contact_states SET conversation_open = 1 - conversation_open WHERE contact_id = {ANN}"],
        [f"contact_states.conversation_open: contact {ANN} has something else instead of what follows"],
    ),
    "a document without those who were merged into it": (
        [f"UPDATE search_documents SET text = replace(text, '02079460902', '') WHERE contact_id = {ANN}",
         f"UPDATE search_documents SET text = replace(text, '2079460902', '') WHERE contact_id = {ANN}"],
        [f"search_documents.text: contact {ANN} has something else instead of what follows from the rest."],
    ),
    "a document of one that was merged away": (
        [f"UPDATE search_documents SET text = 'bo' WHERE contact_id = {BO}"],
        [f"search_documents.text: contact {BO} has something else instead of what follows from the rest."],
    ),
}  # fmt: skip

# What follows from the rest follows along: not each of these rules has to find it, but no other one may.
DERIVED = ("contact_states.", "search_documents.text: ", "contacts.profile_name: ", "contacts.sort_name: ")


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_corruption_is_found_and_nothing_else(merged, corruption):
    statements, expected = CORRUPTIONS[corruption]
    with merged._database.read() as connection:
        names = {
            "merge of Bo": OF_BO, "merge of Cy": OF_CY, "merge of Dee": OF_DEE, "merge of Fay": OF_FAY,
            "end of Fay": f"(SELECT max(ended_by) FROM merges WHERE absorbed_id = {FAY})",
        } | {f"guest-{contact}": IDENTITY.format(contact) for contact in (ANN, BO, DEE)}  # fmt: skip
        ids = {name: connection.execute(text(f"SELECT {sql}")).scalar_one() for name, sql in names.items()}
    with corrupted(merged, *statements) as connection:
        lines = found(connection)
    wanted = [beginning(one.format(**ids)) for one in expected if one != "derived"]
    assert [one.pattern for one in wanted if not any(map(one.match, lines))] == [], lines
    allowed = [*wanted, *map(beginning, DERIVED)] if "derived" in expected else wanted
    assert [line for line in lines if not any(one.match(line) for one in allowed)] == []


def beginning(said: str) -> re.Pattern[str]:
    return re.compile(re.escape(said).replace("…", ".+"))
