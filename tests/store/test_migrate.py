import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import contacts_nb as cn
from contacts_nb.model.errors import ContactsError, NotAWorkspace, WorkspaceTooNew, WorkspaceUnavailable
from contacts_nb.store import migrate, schema, sqlite
from contacts_nb.store.database import Database


@pytest.fixture
def database(tmp_path):
    """A database without tables."""
    path = tmp_path / "contacts.db"
    path.touch()
    made = Database(path)
    yield made
    made.close()


@pytest.fixture
def old(tmp_path):
    """The path of a workspace of the first schema, with two contacts."""
    path = tmp_path / "old.db"
    path.touch()
    database = Database(path)
    with database.write() as connection:
        migrate.upgrade(connection, "0001")
        for statement in (
            "INSERT INTO workspace VALUES (1, 'Acme', 'UTC', NULL, 0)",
            "INSERT INTO channels VALUES (1, 'Shop', 'shop', 'sms', 0)",
            "INSERT INTO contacts (id, first_name, created_at, profile_name, sort_name)"
            " VALUES (1, 'Zoë', 0, 'Zoë', 'zoe'), (2, NULL, 0, 'annie', 'annie')",
            "INSERT INTO contact_channels (contact_id, channel_id, identifier, profile_name)"
            " VALUES (2, 1, '+442079460958', 'annie')",
        ):
            connection.execute(text(statement))
    database.close()
    return path


def revision_in(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        revision: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return revision


def described(connection: Connection) -> dict[str, Any]:
    """By table, everything that SQLAlchemy can see of it, and its own options."""
    inspector = inspect(connection)
    tables = set(inspector.get_table_names()) & schema.metadata.tables.keys()
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            ],
            "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                # Of a reference that came with its column, added later, SQLAlchemy can't read the name.
                (key["constrained_columns"], key["referred_table"], "" if later else key["name"] or "")
                for key in inspector.get_foreign_keys(table)
                for later in [key["constrained_columns"] in (["sender_id"], ["survivor_id"], ["origin_id"])]
            ),
            "unique": sorted(
                (key["name"], key["column_names"]) for key in inspector.get_unique_constraints(table)
            ),
            "checks": sorted((key["name"], key["sqltext"]) for key in inspector.get_check_constraints(table)),
            "indexes": sorted((index["name"], index["column_names"]) for index in inspector.get_indexes(table)),
            "options": re.findall(
                "AUTOINCREMENT|WITHOUT ROWID",
                connection.execute(
                    text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}
                ).scalar_one(),
            ),
        }
        for table in sorted(tables)
    }


EXPRESSIONS = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index", "ignore:autogenerate skipping"
)


@EXPRESSIONS
def test_migrations_make_what_the_schema_says(database):
    with database.write() as connection:
        migrate.upgrade(connection)
        difference = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    surplus = {entry[1].name for entry in difference if entry[0] == "remove_table"}
    assert all(name.startswith("search_index") for name in surplus)
    # Those are PostgreSQL's alone, which Alembic doesn't know.
    latest = {entry[1].name for entry in difference if entry[0] == "add_index"}
    assert latest == {"ix_contact_states_last_interaction_latest", "ix_contact_states_last_incoming_latest"}
    assert {entry[0] for entry in difference} <= {"remove_table", "add_index"}


@EXPRESSIONS
def test_migrations_make_the_same_tables_as_the_metadata_itself(database, tmp_path):
    with database.write() as connection:
        migrate.upgrade(connection)
        migrated = described(connection)
    (tmp_path / "other.db").touch()
    other = Database(tmp_path / "other.db")
    with other.write() as connection:
        schema.metadata.create_all(connection)
        created = described(connection)
    other.close()
    assert migrated == created
    assert migrated.keys() == schema.metadata.tables.keys()


def test_the_known_revisions_are_those_of_the_scripts():
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == migrate.REVISIONS
    assert scripts.get_heads() == [migrate.NEWEST]


def test_an_older_workspace_is_upgraded_behind_a_copy(old):
    with cn.open(old) as workspace:
        assert workspace.upgrade_backup is not None
        assert workspace.upgrade_backup.parent == old.parent
        assert revision_in(workspace.upgrade_backup) == "0001"
        assert workspace.name == "Acme"
        assert [workspace.contacts.search(typed).ids().tolist() for typed in ("zoe", "7946", "ann")] == [
            [1],
            [2],
            [2],
        ]
        copy = workspace.upgrade_backup
    assert revision_in(old) == migrate.NEWEST
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (2,)


def test_the_copy_of_an_older_workspace_can_be_opened_in_its_place(old):
    with cn.open(old) as workspace:
        copy = workspace.upgrade_backup
    assert copy is not None
    with cn.open(copy) as restored:
        assert restored.contacts.search("zoe").ids().tolist() == [1]


def test_a_workspace_that_is_up_to_date_is_opened_without_a_copy(old):
    cn.open(old).close()
    files = sorted(path.name for path in old.parent.iterdir())
    with cn.open(old) as workspace:
        assert workspace.upgrade_backup is None
    assert sorted(path.name for path in old.parent.iterdir()) == files


def test_a_workspace_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "contacts.db"
    cn.create(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(WorkspaceTooNew, match=r"9999.*pip install --upgrade"):
        cn.open(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["contacts.db"]


def test_without_a_copy_nothing_is_upgraded(old, monkeypatch):
    def full(_source, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sqlite, "backed_up", full)
    with pytest.raises(WorkspaceUnavailable, match=r"no backup copy.*Nothing was changed"):
        cn.open(old)
    assert revision_in(old) == "0001"
    assert [path.name for path in old.parent.iterdir()] == ["old.db"]


def test_an_upgrade_that_fails_leaves_the_old_schema(old, monkeypatch):
    def broken(connection):
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("broken")

    monkeypatch.setattr(migrate, "upgrade", broken)
    with pytest.raises(RuntimeError, match="broken"):
        cn.open(old)
    assert revision_in(old) == "0001"
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)


@pytest.mark.parametrize(
    "content", [b"", b"hi", b"name,phone\nAnn,112\n" * 1_000, b"SQLite format 3\x00" + b"\xff" * 5_000]
)
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    with pytest.raises(NotAWorkspace, match=r"(is|but) not a contacts workspace"):
        cn.open(path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE contacts (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(NotAWorkspace, match="is a database, but not a contacts workspace"):
        cn.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("table", ["alembic_version", "workspace"])
def test_a_workspace_that_has_lost_its_head_is_refused_with_a_sentence(tmp_path, table):
    path = tmp_path / "contacts.db"
    cn.create(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"DELETE FROM {table}")
    with pytest.raises(ContactsError, match=r"contacts\.db"):
        cn.open(path)


def test_times_of_creation_are_kept_over_an_upgrade(old):
    with cn.open(old) as workspace:
        contact = workspace.contacts[1]
    assert contact.created_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_phones_of_identities_are_found_in_any_spelling_after_an_upgrade(tmp_path):
    path = tmp_path / "old.db"
    with cn.create(path, phone_region="GB") as workspace:
        workspace.channels.add("Shop", "sms")
        for name, identifier in (("Ann", "020 7946 0958"), ("Bo", "+442079460959")):
            people = pd.DataFrame({"name": [name], "channel:Shop": [identifier]})
            workspace.plan_import(people, progress=False).apply(progress=False)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE search_documents SET text = replace(text, '  442079460958', '')")
        connection.execute("UPDATE search_documents SET text = replace(text, '  02079460958', '')")
        connection.executescript("""
            DROP TABLE merge_values; DROP TABLE merges;
            DROP TABLE inbox_shares; DROP TABLE inboxes; DROP TABLE preferences;
            DROP INDEX ix_contacts_survivor_id; ALTER TABLE contacts DROP COLUMN survivor_id;
            DROP INDEX ix_contact_channels_origin_id; ALTER TABLE contact_channels DROP COLUMN origin_id;
            UPDATE alembic_version SET version_num = '0004'
        """)
    with cn.open(path) as workspace:
        assert workspace.contacts.search("+44 20 7946 0958").ids().tolist() == [1]
        assert workspace.contacts.search("02079460958").ids().tolist() == [1]
        assert workspace.contacts.search("442079460959").ids().tolist() == [2]
        assert workspace.check() == []


def test_numbers_of_identities_are_found_by_their_digits_after_an_upgrade(tmp_path):
    path = tmp_path / "old.db"
    with cn.create(path) as workspace:
        workspace.channels.add("Shop", "sms")
        for name, identifier in (("Ann", "020 7946 0958"), ("Bo", "(020) 7946-0959"), ("Cy", "0207946 0960")):
            people = pd.DataFrame({"name": [name], "channel:Shop": [identifier]})
            workspace.plan_import(people, progress=False).apply(progress=False)
        workspace.plan_merge(1, 3).apply()
    with closing(sqlite3.connect(path)) as connection:
        for digits in ("02079460958", "02079460959", "02079460960"):
            connection.execute("UPDATE search_documents SET text = replace(text, ?, '')", (f"  {digits}",))
        connection.executescript("UPDATE alembic_version SET version_num = '0007'")
    with cn.open(path) as workspace:
        assert workspace.contacts.search("79460958").ids().tolist() == [1]
        assert workspace.contacts.search("79460959").ids().tolist() == [2]
        assert workspace.contacts.search("79460960").ids().tolist() == [1]
        assert workspace.check() == []
