"""That a sound workspace is found sound, and each kind of corruption is found.

Each corruption is one that the database would refuse or the package never makes; each is found alone.
"""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Table, insert, select, text, update

from contacts_nb.model.draft import drafted
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.changing import set_columns
from contacts_nb.operations.comment import comment
from contacts_nb.operations.conversations import close_conversations, open_conversations
from contacts_nb.operations.delete import delete_contacts, receipt
from contacts_nb.operations.derived import refresh_states, refresh_texts, refresh_times
from contacts_nb.operations.recording import Change, Recording, recorded
from contacts_nb.operations.tag import existing_tag_ids, give, tag_ids, take_off
from contacts_nb.operations.undo import undo
from contacts_nb.operations.values import set_value
from contacts_nb.queries.check import SHOWN, inconsistencies, search_index_inconsistencies
from contacts_nb.store import schema
from contacts_nb.store.cells import CELL_NAMED, IDENTITY, MESSAGES, TAGS
from contacts_nb.workspace import Workspace
from tests.conftest import Workspaces

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 13, tzinfo=UTC)
SEATS = Field(1, "seats", "Seats", FieldType.NUMBER)
PLAN = Field(2, "plan", "Plan", FieldType.LIST, ("Gold", "Silver"))
EVERYONE = select(schema.contacts.c.id)


def only(*ids: int):
    return EVERYONE.where(schema.contacts.c.id.in_(ids))


def set_up(connection: Connection) -> None:
    rows: dict[Table, dict[str, object]] = {
        schema.users: {
            "id": 50, "email": "Ann@Example.org", "email_key": "ann@example.org", "name": "Ann", "role": "owner",
            "restrict_data_export": 0, "restrict_contact_deletion": 0, "restrict_workspace_settings": 0,
            "created_at": NOW,
        },
        schema.teams: {"id": 50, "name": "Sales", "name_key": "sales", "created_at": NOW},
        schema.team_members: {"id": 50, "team_id": 50, "user_id": 50},
        schema.channels: {"id": 50, "name": "Shop", "name_key": "shop", "source": "sms", "created_at": NOW},
    }  # fmt: skip
    for table, values in rows.items():
        connection.execute(insert(table).values(values))
    for field in (SEATS, PLAN):
        allowed = '["Gold", "Silver"]' if field is PLAN else None
        connection.execute(
            insert(schema.fields).values(
                id=field.id, slug=field.slug, name=field.name, type=field.type, allowed=allowed, created_at=NOW
            )
        )


def done(
    workspace: Workspace,
    kind: str,
    do: Callable[[Recording], object],
    *,
    kept: bool = False,
    undoes: int | None = None,
) -> int:
    with (
        workspace._database.write() as connection,
        recorded(connection, kind, None, NOW, kept=kept, undoes=undoes) as recording,
    ):
        do(recording)
    return recording.id


def add_identity(recording: Recording) -> None:
    identity = {"id": 70, "contact_id": 1, "channel_id": 50, "identifier": "+44 20 7946 0958"}
    recording.connection.execute(
        insert(schema.contact_channels).values(**identity, identifier_key="+442079460958")
    )
    recording.add([Change(1, IDENTITY.anchor, 70, None, "1")])
    add_message(recording, NOW)


def add_message(recording: Recording, moment: datetime) -> None:
    connection = recording.connection
    message = {"contact_channel_id": 70, "sent_at": moment, "number": 0, "incoming": 1, "text": "Hi"}
    connection.execute(insert(schema.messages).values(**message, operation_id=recording.id))
    recording.add([Change(1, MESSAGES, 70, None, "1")])
    refresh_times(connection, select(schema.contact_channels.c.id))
    refresh_states(connection, EVERYONE)
    refresh_texts(connection, only(1))


def name(recording: Recording) -> None:
    set_columns(recording, only(1, 2), {CELL_NAMED["first_name"]: "Zoë", CELL_NAMED["assignee"]: "50"})
    refresh_texts(recording.connection, only(1, 2))


def fill_in(recording: Recording) -> None:
    set_value(recording, only(1, 2), SEATS, "12")
    set_value(recording, only(1), PLAN, "Gold")
    refresh_texts(recording.connection, only(1, 2))


def take_tag_away(recording: Recording) -> None:
    tag_id = recording.connection.execute(
        select(schema.tags.c.id).where(schema.tags.c.name_key == "gone")
    ).scalar_one()
    recording.connection.execute(update(schema.tags).where(schema.tags.c.id == tag_id).values(removed_at=NOW))
    recording.add([Change(0, TAGS.anchor, tag_id, "1", None), Change(0, TAGS.cells[0].code, tag_id, "gone", None)])


def undone(workspace: Workspace, operation: int) -> int:
    return done(workspace, "undo", lambda recording: undo(recording, operation, None), undoes=operation)


@pytest.fixture(scope="module")
def used_ones(new_workspace: Workspaces) -> Iterator[Workspaces]:
    """Makes workspaces after many operations."""
    with new_workspace() as workspace:
        use(workspace)
        yield new_workspace.like(workspace, user="ann@example.org")


@pytest.fixture
def used(used_ones: Workspaces) -> Iterator[Workspace]:
    """A workspace after many operations."""
    with used_ones() as workspace:
        yield workspace


def use(workspace: Workspace) -> None:
    with workspace._database.write() as connection:
        set_up(connection)
    drafts = [
        drafted(first_name=first, email=f"{first}@Example.org", tags=["new"]) for first in ("Al", "Bo", "Cy")
    ]
    done(workspace, "add", lambda recording: added_contacts(recording, drafts))
    undone(
        workspace, done(workspace, "add", lambda recording: added_contacts(recording, [drafted(first_name="Di")]))
    )
    done(workspace, "add", lambda recording: added_contacts(recording, [drafted(first_name="Ed")]))
    done(workspace, "delete", lambda recording: receipt(recording, delete_contacts(recording, only(5))), kept=True)
    done(
        workspace, "tag", lambda recording: give(recording, EVERYONE, tag_ids(recording, ["VIP", "gone"]).values())
    )
    done(workspace, "untag", lambda recording: take_off(recording, only(2), existing_tag_ids(recording, ["VIP"])))
    done(
        workspace, "untag", lambda recording: take_off(recording, EVERYONE, existing_tag_ids(recording, ["gone"]))
    )
    done(workspace, "remove tag", take_tag_away)
    done(workspace, "set", name)
    done(workspace, "set", fill_in)
    done(workspace, "set", lambda recording: set_value(recording, only(2), SEATS, None))
    with workspace._database.write() as connection:
        refresh_texts(connection, EVERYONE)
    done(workspace, "open", lambda recording: open_conversations(recording, EVERYONE))
    done(workspace, "close", lambda recording: close_conversations(recording, only(1), "Sale", "Sold"))
    done(workspace, "open", lambda recording: open_conversations(recording, only(1)))
    done(workspace, "comment", lambda recording: comment(recording, EVERYONE, "Good"))
    done(workspace, "import", add_identity)
    for how_often in (1, 2):
        last = done(workspace, "import", lambda recording: add_message(recording, LATER))
        for _ in range(how_often):
            last = undone(workspace, last)


def found(workspace: Workspace) -> list[str]:
    with workspace._database.read() as connection:
        return [str(inconsistency) for inconsistency in inconsistencies(connection)]


def corrupt(workspace: Workspace, *statements: str) -> None:
    """As something else than the package might, which no constraint hinders."""
    if workspace.path is not None:
        connection = sqlite3.connect(workspace.path)
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return
    with workspace._database.write() as writer:
        writer.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            writer.exec_driver_sql(statement)


def test_an_empty_workspace_is_sound(workspace):
    assert found(workspace) == []


def test_a_workspace_after_many_operations_is_sound(used):
    assert found(used) == []


VIP = "(SELECT id FROM tags WHERE name_key = 'vip')"
LAST = "(SELECT max(id) FROM operations)"
NEW_OPERATION = "INSERT INTO operations (id, at, kind, contacts, details{}) VALUES (999, 0, 'x', {}, '{{}}'{})"
REST = "contact 2 has something else instead of what follows from the rest."
WHAT_IT_LEFT = "has something else instead of what operation"

CORRUPTIONS = {
    # references
    "foreign key": (
        ["INSERT INTO contact_tags (contact_id, tag_id) VALUES (3, 998)"],
        "reference contact_tags.tag_id: the row with contact_id 3, tag_id 998 has 998 instead of the id of a row"
        " of tags.",
    ),
    "foreign key of a column": (
        ["UPDATE comments SET user_id = 998 WHERE contact_id = 3"],
        "reference comments.user_id: the row with id {comments3} has 998 instead of the id of a row of users.",
    ),
    "operation of messages": (
        ["INSERT INTO messages (contact_channel_id, sent_at, number, incoming, text, operation_id)"
         " VALUES (70, 1, 0, 0, 'x', 998)"],
        "reference messages.operation_id: the row with contact_channel_id 70, sent_at 1, number 0 has 998 instead"
        " of the id of a row of operations.",
    ),
    "operation of changes": (
        ["INSERT INTO changes (operation_id, contact_id, cell, subject, new) VALUES (998, 3, 8, 0, NULL)"],
        "reference changes.operation_id: operation 998 has changes but no row instead of a row of operations.",
    ),
    "contact of changes": (
        [f"INSERT INTO changes (operation_id, contact_id, cell, subject) VALUES ({LAST} - 2, 888, 13, {VIP})",
         f"UPDATE operations SET contacts = 99 WHERE id = {LAST} - 2"],
        "reference changes.contact_id: contact 888 has changes but no row instead of a row of contacts, or an undo"
        " that took it away.",
    ),
    "undoes": (
        [NEW_OPERATION.format(", undoes", 0, ", 1")],
        "operations.undoes: operation 999 has 1 instead of an operation that says the same.",
    ),
    "undone by": (
        [NEW_OPERATION.format(", undone_by", 0, ", 1")],
        "operations.undone_by: operation 999 has 1 instead of an operation that says the same.",
    ),
    "withdrawn by": (
        [NEW_OPERATION.format("", 0, ""),
         "INSERT INTO withdrawn_messages (undo_id, contact_channel_id, sent_at, number, incoming, text)"
         " VALUES (999, 70, 1, 0, 0, 'x')"],
        "withdrawn_messages.undo_id: operation 999 has 1 withdrawn messages but undoes nothing instead of undoing"
        " an operation.",
    ),
    # presence
    "no state": (
        ["DELETE FROM contact_states WHERE contact_id = 3"],
        "contact_states: contact 3 has no row instead of one row.",
    ),
    "no document": (
        ["DELETE FROM search_documents WHERE contact_id = 2"],
        "search_documents: contact 2 has no row instead of one row.",
    ),
    "unknown source": (
        ["UPDATE channels SET source = 'fax' WHERE id = 50"],
        "channels.source: channel 50 has an unknown one instead of a known one.",
    ),
    # uniqueness
    "two open conversations": (
        ["DROP INDEX ix_conversations_contact_id_open",
         "INSERT INTO conversations (id, contact_id, opened_at, opened_by) VALUES (900, 2, 1, 'user')"],
        "unique conversations (contact_id): what row {conversations2} is of has 2 rows instead of one.",
    ),
    "two tags": (
        ["DROP INDEX ix_tags_name_key_kept",
         "INSERT INTO tags (id, name, name_key) VALUES (900, 'Vip', 'vip')"],
        "unique tags (name_key): what row {vip} is of has 2 rows instead of one.",
    ),
    # derived
    "conversation open": (
        ["UPDATE contact_states SET conversation_open = 0 WHERE contact_id = 2"],
        f"contact_states.conversation_open: {REST}",
    ),
    "last incoming of a channel": (
        ["UPDATE contact_channels SET last_incoming_at = 5 WHERE id = 70",
         "UPDATE contact_states SET last_incoming = 5 WHERE contact_id = 1"],
        "contact_channels.last_incoming_at: contact channel 70 has something else instead of",
    ),
    "last interaction": (
        ["UPDATE contact_states SET last_interaction = 5 WHERE contact_id = 2"],
        f"contact_states.last_interaction: {REST}",
    ),
    "last channel": (
        ["UPDATE contact_states SET last_channel_id = 50 WHERE contact_id = 2"],
        f"contact_states.last_channel_id: {REST}",
    ),
    "profile name": (
        ["UPDATE contacts SET profile_name = 'Zoe' WHERE id = 2"],
        f"contacts.profile_name: {REST}",
    ),
    "sort name": (["UPDATE contacts SET sort_name = 'Zoë' WHERE id = 2"], f"contacts.sort_name: {REST}"),
    "e-mail key": (["UPDATE contacts SET email_key = NULL WHERE id = 2"], f"contacts.email_key: {REST}"),
    "document": (
        ["UPDATE search_documents SET text = 'something' WHERE contact_id = 2"],
        f"search_documents.text: {REST}",
    ),
    "identifier key": (
        ["UPDATE contact_channels SET identifier_key = '4420' WHERE id = 70"],
        "contact_channels.identifier_key: contact channel 70 has another key instead of that of its identifier.",
    ),
    "user key": (
        ["UPDATE users SET email_key = 'Ann@Example.org' WHERE id = 50"],
        "users.email_key: user 50 has another key instead of that of its email.",
    ),
    "team key": (
        ["UPDATE teams SET name_key = 'Sales' WHERE id = 50"],
        "teams.name_key: team 50 has another key instead of that of its name.",
    ),
    "channel key": (
        ["UPDATE channels SET name_key = 'Shop' WHERE id = 50"],
        "channels.name_key: channel 50 has another key instead of that of its name.",
    ),
    "tag key": (
        ["UPDATE tags SET name_key = 'VIP' WHERE name = 'VIP'"],
        "tags.name_key: tag {vip} has another key instead of that of its name.",
    ),
    "number": (
        ["UPDATE field_values SET number = 13 WHERE contact_id = 1 AND field_id = 1"],
        "field_values.number: contact 1, field 1, has another number instead of that of its value.",
    ),
    "value": (
        ["UPDATE changes SET new = 'gold' WHERE new = 'Gold'",
         "UPDATE field_values SET value = 'gold' WHERE field_id = 2"],
        "field_values.value: contact 1, field 2, has a text of no value instead of one that the field can hold.",
    ),
    "value of another type": (
        ["UPDATE fields SET type = 'date' WHERE id = 2"],
        "field_values.value: contact 1, field 2, has a text of no value instead of one that the field can hold.",
    ),
    # history
    "first name": (
        ["UPDATE changes SET new = 'Zoé' WHERE contact_id = 2 AND cell = 2"],
        f"history of contact: first_name of contact 2, subject 0, {WHAT_IT_LEFT}",
    ),
    "contact that went": (
        ["UPDATE changes SET new = NULL WHERE contact_id = 3 AND cell = 1"],
        f"history of contact: presence of contact 3, subject 0, {WHAT_IT_LEFT}",
    ),
    "assignee": (
        ["UPDATE contact_states SET assignee_id = NULL WHERE contact_id = 2"],
        f"history of contact state: assignee of contact 2, subject 0, {WHAT_IT_LEFT}",
    ),
    "tag taken off": (
        [f"DELETE FROM contact_tags WHERE contact_id = 3 AND tag_id = {VIP}"],
        f"history of tagging: presence of contact 3, subject {{vip}}, {WHAT_IT_LEFT}",
    ),
    "tag put on": (
        [f"INSERT INTO contact_tags (contact_id, tag_id) VALUES (2, {VIP})"],
        f"history of tagging: presence of contact 2, subject {{vip}}, {WHAT_IT_LEFT}",
    ),
    "field value": (
        ["UPDATE field_values SET value = '13', number = 13 WHERE contact_id = 1 AND field_id = 1",
         "UPDATE search_documents SET text = replace(text, '12', '13') WHERE contact_id = 1"],
        f"history of field value: value of contact 1, subject 1, {WHAT_IT_LEFT}",
    ),
    "conversation": (
        ["UPDATE conversations SET category = 'Loss' WHERE category = 'Sale'"],
        f"history of conversation: category of contact 1, subject {{conversations1}}, {WHAT_IT_LEFT}",
    ),
    "comment": (
        ["DELETE FROM comments WHERE contact_id = 3"],
        f"history of comment: presence of contact 3, subject {{comments3}}, {WHAT_IT_LEFT}",
    ),
    "removed tag": (
        ["UPDATE tags SET removed_at = NULL WHERE name = 'gone'",
         "UPDATE changes SET new = 'gone' WHERE old = 'gone'"],
        f"history of tag: presence of contact 0, subject {{gone}}, {WHAT_IT_LEFT}",
    ),
    "message": (
        ["DELETE FROM withdrawn_messages"],
        "history of messages: contact channel 70 of contact 1 has 0 messages of operation",
    ),
    "number of contacts": (
        ["UPDATE operations SET contacts = 2 WHERE kind = 'comment'"],
        "operations.contacts: operation",
    ),
}  # fmt: skip


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_corruption_is_found_and_nothing_else(used, corruption):
    statements, expected = CORRUPTIONS[corruption]
    with used._database.read() as connection:
        ids = {key: number for number, key in connection.execute(select(schema.tags.c.id, schema.tags.c.name_key))}
        for kind, latest_first in (
            (schema.comments, ()),
            (schema.conversations, (schema.conversations.c.id.desc(),)),
        ):
            rows = connection.execute(select(kind.c.id, kind.c.contact_id).order_by(*latest_first))
            ids |= {f"{kind.name}{contact_id}": number for number, contact_id in rows}
    corrupt(used, *statements)
    (only_one,) = found(used)
    assert only_one.startswith(expected.format(**ids))


def test_of_many_alike_some_are_shown_and_the_others_counted(workspace):
    drafts = [drafted(first_name="Al")] * (SHOWN + 1_234)
    done(workspace, "add", lambda recording: added_contacts(recording, drafts))
    corrupt(workspace, "UPDATE contacts SET sort_name = 'AL'")
    lines = found(workspace)
    assert len(lines) == SHOWN + 1
    assert lines[-1] == "contacts.sort_name: and 1,234 more"


def test_progress_names_each_stage_and_counts_contacts(used):
    told: list[tuple[str, int]] = []
    with used._database.read() as connection:
        assert not list(inconsistencies(connection, lambda stage, number: told.append((stage, number))))
    stages = dict.fromkeys(stage for stage, _ in told)
    assert list(stages) == ["pages", "references", "derived columns", "history", "names", "keys", "field values"]
    assert ("names", 3) in told


def searched(workspace: Workspace) -> list[str]:
    with workspace._database.write() as connection:
        lines = [str(inconsistency) for inconsistency in search_index_inconsistencies(connection)]
        connection.rollback()
    return lines


def test_a_search_index_that_is_whole_is_sound(used):
    assert searched(used) == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO search_index (rowid, text) VALUES (3, 'ghost')",
        "DROP TRIGGER search_documents_update",
        "DROP TABLE search_index",
    ],
)
def test_a_search_index_that_is_not_that_of_the_documents_is_found(used, statement):
    corrupt(used, statement if used.path is not None else "DROP INDEX ix_search_documents_text_trigrams")
    (line,) = searched(used)
    assert line == "search index: the workspace has one that can't be relied on instead of one of all documents."
