"""Who works in a demo, whom they care for, the conversations they had, and what custom fields hold."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import Connection, text

from contacts_nb.app.demo_sentences import CLOSINGS, COMMENTS
from contacts_nb.app.demo_settings import COLLEAGUES, FIELDS, OWNER, TAGS, TEAMS, settings_rows
from contacts_nb.model.contact import Status
from contacts_nb.model.emails import checked_email
from contacts_nb.model.fields import Field, FieldType, checked_value, number_of, value_of
from contacts_nb.model.people import Restriction, Role
from contacts_nb.model.tags import checked_colour
from contacts_nb.operations.fill import COLUMNS
from contacts_nb.store.types import to_milliseconds
from tests.app.test_demo_people import NOW, made

MIDNIGHT = to_milliseconds(NOW.replace(hour=0, minute=0, second=0, microsecond=0))


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A reader of a demo of 3,000."""
    database = made(tmp_path_factory.mktemp("demo") / "demo.db", 3_000)
    with database.read() as connection:
        yield connection
    database.close()


def scalar(connection: Connection, statement: str) -> float:
    return float(connection.execute(text(statement)).scalar_one())


def test_one_owns_the_demo_and_each_restriction_is_on_somebody():
    roles = [colleague.role for colleague in COLLEAGUES]

    assert (roles.count(Role.OWNER), COLLEAGUES[0].role, COLLEAGUES[0].restriction) == (1, Role.OWNER, None)
    assert roles.count(Role.MANAGER) >= 3
    assert roles.count(Role.AGENT) >= 3
    assert len({colleague.email for colleague in COLLEAGUES}) == len(COLLEAGUES) == 12
    assert {colleague.restriction for colleague in COLLEAGUES} == {None, *Restriction}
    assert all(checked_email(colleague.email) == colleague.email for colleague in COLLEAGUES)
    assert COLLEAGUES[0].email == OWNER


def test_settings_are_rows_of_their_tables_and_valid():
    rows = settings_rows(NOW)

    for table, of_table in rows.items():
        assert {len(row) for row in of_table} == {len(COLUMNS[table])}
    assert len(rows["teams"]) == len(TEAMS) == 4
    assert {member for _, _, member in rows["team_members"]} == set(range(1, len(COLLEAGUES) + 1))
    assert {kind for _, kind in FIELDS} == set(FieldType)
    assert all(checked_colour(colour) == colour for _, _, _, colour, _ in rows["tags"])
    assert sum(description is not None for *_, description in rows["tags"]) >= len(TAGS) - 1


def test_without_users_the_rest_is_set_up_all_the_same():
    rows, without = settings_rows(NOW), settings_rows(NOW, users=False)

    assert without == {table: rows[table] for table in ("teams", "channels", "tags", "fields")}


def test_many_are_assigned_some_to_a_team_and_mostly_to_one_of_its_members(connection):
    assert scalar(connection, "SELECT avg(assignee_id IS NOT NULL) FROM contact_states") == pytest.approx(
        0.6, abs=0.03
    )
    assert scalar(connection, "SELECT avg(team_id IS NOT NULL) FROM contact_states") == pytest.approx(
        0.4, abs=0.03
    )
    assert scalar(connection, "SELECT count(DISTINCT assignee_id) FROM contact_states") == len(COLLEAGUES)
    assert scalar(
        connection,
        "SELECT avg((team_id, assignee_id) IN (SELECT team_id, user_id FROM team_members)) FROM contact_states"
        " WHERE team_id IS NOT NULL AND assignee_id IS NOT NULL",
    ) > 0.8  # fmt: skip
    busiest, idlest = (
        scalar(connection, f"SELECT {which}(n) FROM (SELECT count(*) n FROM contact_states GROUP BY assignee_id"
               " HAVING assignee_id IS NOT NULL)")
        for which in ("max", "min")
    )  # fmt: skip
    assert busiest > 4 * idlest


def test_every_message_is_in_a_conversation_that_a_first_message_opened(connection):
    outside = scalar(
        connection,
        "SELECT count(*) FROM messages m JOIN contact_channels i ON i.id = m.contact_channel_id WHERE 1 <> ("
        " SELECT count(*) FROM conversations c WHERE c.contact_id = i.contact_id AND m.sent_at >= c.opened_at"
        " AND m.sent_at <= coalesce(c.closed_at, m.sent_at))",
    )
    opened_otherwise = scalar(
        connection,
        "SELECT count(*) FROM conversations c WHERE NOT EXISTS (SELECT 1 FROM messages m"
        " JOIN contact_channels i ON i.id = m.contact_channel_id"
        " WHERE i.contact_id = c.contact_id AND m.sent_at = c.opened_at"
        " AND c.opened_by = CASE m.incoming WHEN 1 THEN 'incoming' ELSE 'outgoing' END"
        " AND c.opened_by_id IS m.sender_id)",
    )

    assert (outside, opened_otherwise) == (0, 0)
    assert scalar(connection, "SELECT max(closed_at) FROM conversations") <= MIDNIGHT
    assert scalar(connection, "SELECT count(*) FROM conversations") > 3_000


def test_conversations_of_a_contact_follow_on_one_another_and_only_the_last_may_be_open(connection):
    rows = connection.execute(
        text("SELECT contact_id, opened_at, closed_at FROM conversations ORDER BY contact_id, opened_at")
    ).all()

    for (contact, opened, closed), (other, next_opened, _) in pairwise(rows):
        assert closed is None or opened <= closed
        if contact == other:
            assert closed is not None
            assert closed < next_opened


def test_contacts_say_what_their_conversations_do(connection):
    contradicting = scalar(
        connection,
        "SELECT count(*) FROM contact_states s WHERE (conversation_open, conversation_opened) IS NOT ("
        " SELECT coalesce(max(closed_at IS NULL), 0), max(opened_at) FROM conversations c"
        " WHERE c.contact_id = s.contact_id)",
    )

    assert contradicting == 0
    assert 0.05 < scalar(connection, "SELECT avg(conversation_open) FROM contact_states") < 0.3


def test_closed_conversations_say_by_whom_and_how(connection):
    rows = connection.execute(text("SELECT closed_at, closed_by_id, category, summary FROM conversations")).all()

    summaries = {text for texts in CLOSINGS.values() for text in texts}
    for closed_at, closed_by, category, summary in rows:
        assert (closed_at is None) == (closed_by is None) == (category is None)
        assert summary is None or summary in CLOSINGS[category]
    assert {category for _, _, category, _ in rows} == {None, *CLOSINGS}
    assert {summary for *_, summary in rows} == {None, *summaries}


def test_messages_that_go_out_have_a_status_and_mostly_a_sender_and_others_neither(connection):
    rows = connection.execute(
        text("SELECT status, count(*), count(sender_id) FROM messages WHERE NOT incoming GROUP BY 1")
    ).all()
    counts = {status: count for status, count, _ in rows}
    sent = sum(counts.values())

    assert set(counts) == {status.value for status in Status}
    assert counts["read"] > counts["delivered"] > counts["sent"] > counts["failed"] > 0
    assert 0.85 < sum(with_sender for _, _, with_sender in rows) / sent < 0.97
    assert scalar(
        connection, "SELECT count(*) FROM messages WHERE incoming AND coalesce(status, sender_id) IS NOT NULL"
    ) == 0  # fmt: skip


def test_comments_are_by_users_after_the_contact_was_made(connection):
    rows = connection.execute(
        text(
            "SELECT c.text, user_id, c.created_at, k.created_at"
            " FROM comments c JOIN contacts k ON k.id = contact_id"
        )
    ).all()

    assert len(rows) > 500
    assert {words for words, *_ in rows} == set(COMMENTS)
    assert all(user is not None and made_at < at <= MIDNIGHT for _, user, at, made_at in rows)


def test_values_of_fields_are_canonical_and_known_of_a_part_of_the_contacts(connection):
    fields = {
        row.id: Field(row.id, row.slug, row.name, FieldType(row.type), tuple(json.loads(row.allowed or "[]")))
        for row in connection.execute(text("SELECT * FROM fields"))
    }
    counts = dict.fromkeys(fields, 0)
    for field_id, value, number in connection.execute(text("SELECT field_id, value, number FROM field_values")):
        field = fields[field_id]
        counts[field_id] += 1
        assert checked_value(field, value_of(field.type, value)) == value
        assert number_of(field.type, value) == number
    for field_id, count in counts.items():
        assert 0.27 < count / 3_000 < 0.73, fields[field_id]


def test_small_values_are_more_usual_than_large_ones(connection):
    of_field = "FROM field_values JOIN fields ON fields.id = field_id WHERE slug"
    plans = connection.execute(text(f"SELECT count(*) {of_field} = 'plan' GROUP BY value")).scalars().all()
    visits = connection.execute(text(f"SELECT number {of_field} = 'visits' ORDER BY 1")).scalars().all()

    assert len(plans) == 4
    assert max(plans) > 4 * min(plans)
    assert visits[len(visits) // 2] <= 5
    assert visits[-1] >= 30


def test_users_joined_before_their_first_message():
    assert max(row[-1] for row in settings_rows(NOW)["users"]) < to_milliseconds(datetime(2025, 3, 1, tzinfo=UTC))
