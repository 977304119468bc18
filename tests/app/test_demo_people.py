import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import phonenumbers
import pytest
from sqlalchemy import Connection, insert, text

from contacts_nb.app.demo_people import demo_batches
from contacts_nb.app.demo_profiles import DOMAINS
from contacts_nb.app.demo_settings import settings_rows
from contacts_nb.model.contact import Source
from contacts_nb.model.emails import checked_email, email_key
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.names import profile_name
from contacts_nb.model.phones import e164
from contacts_nb.model.text import folded
from contacts_nb.operations.fill import COLUMNS, SETTINGS, fill
from contacts_nb.store import migrate, schema
from contacts_nb.store.constructs import search_match
from contacts_nb.store.database import Database
from contacts_nb.store.search_documents import contact_document
from contacts_nb.store.types import to_milliseconds

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
YEAR_MS = 365 * 24 * 3600 * 1000
_OF_TWO_COLUMNS = {"contact_tags", "search_documents"}


def made(path: Path, contacts: int, seed: int = 1, now: datetime = NOW) -> Database:
    path.touch()
    database = Database(path)
    with database.write() as connection:
        migrate.upgrade(connection)
        connection.execute(insert(schema.workspace).values(id=1, name="Demo", time_zone="UTC", created_at=NOW))
        fill(
            connection,
            database.address,
            settings=settings_rows(now),
            batches=demo_batches(contacts, seed, now),
        )
    return database


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A reader of a demo of 5,000."""
    database = made(tmp_path_factory.mktemp("demo") / "demo.db", 5_000)
    with database.read() as connection:
        yield connection
    database.close()


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as connection:
        tables = {
            table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2, 3"))]
            for table in set(COLUMNS) - _OF_TWO_COLUMNS
        }
        for table in _OF_TWO_COLUMNS:
            tables[table] = [
                tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))
            ]
    database.close()
    return tables


def share(connection: Connection, condition: str) -> float:
    return float(connection.execute(text(f"SELECT avg({condition}) FROM contacts")).scalar_one())


def test_the_same_seed_and_day_give_the_same_rows_in_every_table(tmp_path):
    first = contents(made(tmp_path / "a.db", 300, seed=7))
    again = contents(made(tmp_path / "b.db", 300, seed=7, now=NOW + timedelta(hours=2)))

    assert {table for table, rows in first.items() if rows} == set(COLUMNS)
    assert first == again


def test_another_seed_gives_other_rows(tmp_path):
    first = contents(made(tmp_path / "a.db", 300, seed=7))
    other = contents(made(tmp_path / "b.db", 300, seed=8))

    for table in set(COLUMNS) - set(SETTINGS):
        assert first[table] != other[table]


def test_chunks_follow_on_one_another():
    first, second = list(demo_batches(20_010, 1, NOW))
    contacts = [row[0] for row in first.contacts] + [row[0] for row in second.contacts]
    before, after = list(first.contact_channels), list(second.contact_channels)

    assert contacts == list(range(1, 20_011))
    assert [row[0] for row in before + after] == list(range(1, len(before) + len(after) + 1))
    assert len({row[2:4] for row in before + after}) == len(before) + len(after)
    assert {row[1] for row in after} == set(range(20_001, 20_011))
    assert {row[0] for row in second.messages} <= {row[0] for row in after}
    for table in ("conversations", "comments"):
        before, after = list(getattr(first, table)), list(getattr(second, table))
        assert [row[0] for row in before + after] == list(range(1, len(before) + len(after) + 1))
        assert {row[1] for row in after} <= set(range(20_001, 20_011))


def test_none_is_a_workspace_without_contacts():
    assert list(demo_batches(0, 1, NOW)) == []


@pytest.mark.parametrize(("contacts", "seed"), [(-1, 1), (10**9, 1), (10, -1)])
def test_impossible_wishes_are_refused_at_once(contacts, seed):
    with pytest.raises(InvalidValue):
        demo_batches(contacts, seed, NOW)


def test_a_time_without_zone_is_refused():
    with pytest.raises(InvalidValue, match="no time zone"):
        demo_batches(1, 1, NOW.replace(tzinfo=None))


def test_five_thousand_contacts_have_about_fifty_thousand_messages_unevenly(connection):
    counts = connection.execute(
        text(
            "SELECT count(m.text) FROM contacts c JOIN contact_channels i ON i.contact_id = c.id"
            " LEFT JOIN messages m ON m.contact_channel_id = i.id GROUP BY c.id ORDER BY 1"
        )
    ).scalars()
    messages = list(counts)

    assert len(messages) == 5_000
    assert 45_000 <= sum(messages) <= 55_000
    assert messages[2_500] <= 8
    assert 100 <= messages[-1] <= 500


def test_names_are_written_in_ten_scripts_or_more(connection):
    names = connection.execute(
        text("SELECT first_name || last_name FROM contacts WHERE last_name <> ''")
    ).scalars()

    scripts = {unicodedata.name(letter).split()[0] for name in names for letter in name if letter.isalpha()}

    assert len(scripts & {
        "LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "BENGALI", "GEORGIAN", "CJK", "HIRAGANA",
        "KATAKANA", "HANGUL", "THAI",
    }) >= 10  # fmt: skip


def test_what_is_known_of_contacts_varies(connection):
    assert share(connection, "first_name IS NULL") == pytest.approx(0.04, abs=0.02)
    assert share(connection, "phone IS NULL") == pytest.approx(0.15, abs=0.03)
    assert share(connection, "email IS NULL") == pytest.approx(0.25, abs=0.03)
    assert share(connection, "country IS NULL") == pytest.approx(0.08, abs=0.02)
    assert share(connection, "language IS NULL") == pytest.approx(0.10, abs=0.02)
    assert share(
        connection, "(SELECT last_interaction IS NULL FROM contact_states WHERE contact_id = id)"
    ) == pytest.approx(0.08, abs=0.02)
    assert share(connection, "(SELECT count(*) FROM contact_tags WHERE contact_id = id)") == pytest.approx(
        1.2, abs=0.1
    )
    assert share(connection, "(SELECT count(*) FROM contact_channels i WHERE contact_id = contacts.id)") == (
        pytest.approx(2.2, abs=0.1)
    )
    # Emoji are beyond the scripts of the names.
    assert share(
        connection,
        "EXISTS (SELECT 1 FROM contact_channels i WHERE contact_id = contacts.id"
        " AND profile_name GLOB '*[☀-⟿🌀-🫿]*')",
    ) == pytest.approx(0.03, abs=0.015)


def test_every_phone_is_valid_and_reads_as_its_normal_form(connection):
    rows = connection.execute(text("SELECT phone, phone_e164, country FROM contacts WHERE phone IS NOT NULL"))

    for typed, normal, country in rows:
        assert phonenumbers.is_valid_number(phonenumbers.parse(normal)), normal
        assert e164(typed, country) == normal


def test_phones_and_addresses_are_nobody_elses(connection):
    for column in ("phone_e164", "email_key"):
        total, distinct = connection.execute(
            text(f"SELECT count({column}), count(DISTINCT {column}) FROM contacts")
        ).one()
        assert total == distinct


def test_every_address_is_valid_and_on_a_reserved_domain(connection):
    for email, key in connection.execute(text("SELECT email, email_key FROM contacts WHERE email <> ''")):
        assert email.isascii()
        assert checked_email(email) == email
        assert email_key(email) == key
        assert key.rpartition("@")[2] in DOMAINS


def test_identities_are_proper_to_their_channel(connection):
    rows = connection.execute(
        text(
            "SELECT source, identifier, email_key FROM contact_channels i"
            " JOIN channels ON channels.id = channel_id JOIN contacts ON contacts.id = contact_id"
        )
    )

    seen = set()
    for source, identifier, email in rows:
        seen.add(source)
        if source in {Source.WHATSAPP, Source.SMS}:
            assert phonenumbers.is_valid_number(phonenumbers.parse(identifier))
        elif source == Source.EMAIL:
            assert identifier == email
        else:
            assert not identifier.startswith("+")
    assert len(seen) >= 7


def test_names_for_showing_and_sorting_follow_the_rule(connection):
    identities = connection.execute(
        text("SELECT contact_id, profile_name, identifier FROM contact_channels ORDER BY contact_id, id")
    )
    by_contact: dict[int, list[tuple[str | None, str]]] = {}
    for contact, name, identifier in identities:
        by_contact.setdefault(contact, []).append((name, identifier))
    values: defaultdict[int, list[str]] = defaultdict(list)
    for contact, value in connection.execute(
        text("SELECT contact_id, value FROM field_values ORDER BY 1, field_id")
    ):
        values[contact].append(value)
    rows = connection.execute(
        text(
            "SELECT id, first_name, last_name, phone, phone_e164, email, profile_name, sort_name, text"
            " FROM contacts JOIN search_documents ON contact_id = id"
        )
    )

    for contact, first, last, phone, normal, email, shown, sorted_by, document in rows:
        names, identifiers = zip(*by_contact[contact], strict=True)
        assert shown == profile_name(first, last, names, phone, email, identifiers)
        assert sorted_by == folded(shown)
        words = [first, last, email, *values[contact]]
        assert document == contact_document(words, [phone, normal], by_contact[contact])


def test_last_times_and_channels_are_what_the_messages_say(connection):
    of_identities = connection.execute(
        text(
            "SELECT count(*) FROM contact_channels i WHERE (last_message_at, last_incoming_at) IS NOT"
            " (SELECT max(sent_at), max(sent_at) FILTER (WHERE incoming) FROM messages"
            " WHERE contact_channel_id = i.id)"
        )
    ).scalar_one()
    of_contacts = connection.execute(
        text(
            "SELECT count(*) FROM contact_states c LEFT JOIN ("
            " SELECT contact_id, max(sent_at) AS last, max(sent_at) FILTER (WHERE incoming) AS last_incoming"
            " FROM messages JOIN contact_channels i ON i.id = contact_channel_id GROUP BY contact_id"
            ") m ON m.contact_id = c.contact_id"
            " WHERE c.last_interaction IS NOT m.last OR c.last_incoming IS NOT m.last_incoming"
        )
    ).scalar_one()
    of_channels = connection.execute(
        text(
            "SELECT count(*) FROM contact_states c WHERE last_channel_id IS NOT ("
            " SELECT channel_id FROM messages JOIN contact_channels i ON i.id = contact_channel_id"
            " WHERE i.contact_id = c.contact_id ORDER BY sent_at DESC LIMIT 1)"
        )
    ).scalar_one()

    assert (of_identities, of_contacts, of_channels) == (0, 0, 0)


def test_messages_are_of_the_last_year_and_contacts_older_than_their_messages(connection):
    midnight = to_milliseconds(NOW.replace(hour=0, minute=0, second=0, microsecond=0))
    oldest, newest = connection.execute(text("SELECT min(sent_at), max(sent_at) FROM messages")).one()
    too_late = connection.execute(
        text(
            "SELECT count(*) FROM messages JOIN contact_channels i ON i.id = contact_channel_id"
            " JOIN contacts c ON c.id = contact_id WHERE sent_at <= c.created_at"
        )
    ).scalar_one()
    made_at = connection.execute(text("SELECT min(created_at), max(created_at) FROM contacts")).one()

    assert midnight - YEAR_MS <= oldest <= newest < midnight
    assert too_late == 0
    assert midnight - 3 * YEAR_MS - 1_000 <= made_at[0] <= made_at[1] < midnight


def test_both_sides_write(connection):
    incoming = connection.execute(text("SELECT avg(incoming) FROM messages")).scalar_one()
    assert 0.4 < incoming < 0.7


def test_search_finds_people_by_name_in_any_script(connection):
    for name in ("smith", "muller", "佐藤", "иванов"):
        by_search = connection.execute(
            text("SELECT count(*) FROM search_index WHERE search_index MATCH :match"),
            {"match": search_match([folded(name)])},
        ).scalar_one()
        by_name = connection.execute(
            text("SELECT count(*) FROM contacts WHERE instr(sort_name, :name)"), {"name": folded(name)}
        ).scalar_one()
        assert by_search >= by_name > 0


def test_the_file_passes_every_check_of_sqlite(tmp_path):
    database = made(tmp_path / "demo.db", 500)
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        connection.exec_driver_sql("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)")
    database.close()
