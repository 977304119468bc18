import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from contacts_nb.model.errors import (
    InvalidValue,
    NotAWorkspace,
    PlanOutdated,
    WorkspaceError,
    WorkspaceExists,
    WorkspaceTooNew,
    WorkspaceUnavailable,
)
from contacts_nb.store import migrate, postgres, schema
from contacts_nb.store.address import address_of
from contacts_nb.store.database import Database
from contacts_nb.workspace.importing import ImportPlan

CREATES = """
import sys
import contacts_nb as cn
try:
    cn.create(sys.argv[1]).close()
except cn.model.errors.WorkspaceExists:
    sys.exit(3)
"""


def with_password(url: str) -> str:
    return url.replace("tester@", "tester:s3cr3t@")


def tables_at(url: str) -> set[str]:
    database = Database(address_of(url))
    with database.read() as connection:
        names = postgres.tables(connection)
    database.close()
    return {name for name in names if not name.startswith(("pg_", "sql_"))}


def test_a_workspace_keeps_its_settings_when_it_is_opened_again(database_url):
    cn.create(database_url, name="Acme", time_zone="Europe/London", phone_region="GB").close()
    with cn.open(database_url) as workspace:
        assert (workspace.name, workspace.time_zone, workspace.phone_region) == ("Acme", "Europe/London", "GB")
        assert (workspace.path, workspace.upgrade_backup) == (None, None)


def test_a_workspace_is_not_created_twice(database_url):
    with cn.create(database_url) as workspace:
        workspace.add_contact(first_name="Ann")
        with pytest.raises(WorkspaceExists, match="choose another database"):
            cn.create(database_url)
        assert workspace.contacts.count() == 1


def test_of_processes_that_create_one_workspace_exactly_one_does(database_url):
    processes = [subprocess.Popen([sys.executable, "-c", CREATES, database_url]) for _ in range(4)]
    assert sorted(process.wait(60) for process in processes) == [0, 3, 3, 3]


def test_a_creation_that_fails_leaves_nothing(database_url, monkeypatch):
    def interrupted(connection: Connection, to: str = "") -> None:
        upgrade(connection, "0001")
        raise KeyboardInterrupt

    upgrade = migrate.upgrade
    monkeypatch.setattr(migrate, "upgrade", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cn.create(database_url)
    assert tables_at(database_url) == set()


def test_a_demo_that_fails_leaves_nothing_and_another_one_can_be_made(database_url, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(postgres, "restart_search_index", interrupted)
        with pytest.raises(KeyboardInterrupt):
            demo_workspace(database_url, contacts=30)
    assert tables_at(database_url) == set()
    with demo_workspace(database_url, contacts=30) as workspace:
        assert workspace.contacts.count() == 30
        assert workspace.add_contact(first_name="Xaver").id == 31
        assert workspace.contacts.search("xav").ids().tolist() == [31]


def test_what_is_no_workspace_is_said_to_be_none(database_url, server):
    with pytest.raises(NotAWorkspace, match="Choose another database"):
        cn.open(database_url)


def test_a_newer_workspace_is_refused(database_url):
    with cn.create(database_url) as workspace, workspace._database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WorkspaceTooNew, match="schema 9999"):
        cn.open(database_url)


def test_an_older_workspace_is_upgraded_with_its_contacts(database_url):
    database = Database(address_of(database_url))
    with database.write() as connection:
        migrate.upgrade(connection, "0001")
        connection.execute(
            text("INSERT INTO workspace (id, name, time_zone, created_at) VALUES (1, 'Old', 'UTC', 0)")
        )
        connection.execute(
            text(
                "INSERT INTO contacts (first_name, created_at, profile_name, sort_name)"
                " VALUES ('Zoë', 0, 'Zoë', 'zoe')"
            )
        )
    database.close()
    with cn.open(database_url) as workspace:
        assert workspace.contacts.search("zo").count() == 1


@pytest.mark.parametrize("begin", [cn.create, cn.open])
def test_a_database_that_cannot_be_reached_is_said_to_be_so_without_its_password(server, begin):
    for url in (server.url("nowhere", "s3cr3t"), "postgresql://ana:s3cr3t@127.0.0.1:1/acme?password=s3cr3t"):
        with pytest.raises(WorkspaceUnavailable, match="can't be opened") as refused:
            begin(url)
        assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize("url", ["mysql://ana:s3cr3t@host/acme", "postgresql://ana:s3cr3t@host:port/acme"])
def test_an_address_that_is_none_is_refused_without_its_password(url):
    with pytest.raises(InvalidValue) as refused:
        cn.open(url)
    assert "s3cr3t" not in str(refused.value)


def test_the_password_is_in_nothing_that_is_shown(database_url):
    with cn.create(with_password(database_url)) as workspace:
        told = [repr(workspace), workspace.address, repr(workspace._database), repr(workspace._database._reader)]
    with pytest.raises(WorkspaceExists) as exists:
        cn.create(with_password(database_url))
    assert not any("s3cr3t" in one for one in [*told, str(exists.value)])


def test_a_missing_driver_is_named_with_the_way_to_get_it(database_url, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WorkspaceUnavailable, match=r"pip install 'contacts_nb\[postgres\]'"):
        cn.open(database_url)


def test_a_reader_cannot_write_and_sees_one_moment_all_along(database_url):
    name = text("SELECT name FROM workspace")
    with cn.create(database_url, name="0") as workspace:
        database = workspace._database
        with pytest.raises(WorkspaceUnavailable, match="can't be written"), database.read() as connection:
            connection.execute(text("UPDATE workspace SET name = 'half'"))
        with database.read() as reader:
            before = reader.execute(name).scalar_one()
            with database.write() as writer:
                writer.execute(text("UPDATE workspace SET name = 'Acme'"))
            assert (before, reader.execute(name).scalar_one()) == ("0", "0")


def test_of_writers_that_count_up_none_loses_a_step(database_url):
    with cn.create(database_url, name="0") as workspace:

        def count_up(_: int) -> None:
            with workspace._database.write() as connection:
                count = connection.execute(text("SELECT name FROM workspace")).scalar_one()
                connection.execute(text("UPDATE workspace SET name = :count"), {"count": str(int(count) + 1)})

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(count_up, range(100)))
    with cn.open(database_url) as workspace:
        assert workspace.name == "100"


def test_a_workspace_that_is_locked_for_too_long_is_said_to_be_so(database_url, monkeypatch):
    monkeypatch.setattr(postgres, "LOCK_TIMEOUT_MS", 50)
    with cn.create(database_url) as workspace, workspace._database.write():
        refused: list[WorkspaceError] = []

        def add() -> None:
            try:
                workspace.add_contact(first_name="Ann")
            except WorkspaceError as error:
                refused.append(error)

        thread = threading.Thread(target=add)
        thread.start()
        thread.join()
    assert "locked by another program" in str(refused[0])


def test_a_call_whose_connection_is_lost_is_told_so_and_the_next_one_works(database_url):
    with cn.create(database_url) as workspace:
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()")
        with pytest.raises(WorkspaceUnavailable, match="was lost"), workspace._database.read() as connection:
            connection.execute(end)
        assert workspace.contacts.count() == 0


def test_a_server_that_was_restarted_is_not_noticed(database_url, server):
    with cn.create(database_url) as workspace:
        server.restart()
        assert workspace.add_contact(first_name="Ann").id == 1


def test_two_imports_of_one_file_at_once_add_it_once(database_url, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name\n" + "\n".join(f"Ann {number}" for number in range(500)), encoding="utf-8")

    def created(plan: ImportPlan) -> int:
        try:
            return plan.apply().created
        except PlanOutdated:
            return 0

    with cn.create(database_url) as workspace:
        plans = [workspace.plan_import(file) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(created, plans)) == [0, 500]
        assert workspace.contacts.count() == 500


def test_a_database_of_another_encoding_is_refused(server):
    server.run("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(WorkspaceUnavailable, match="LATIN1"):
        cn.create(server.url("latin"))


def test_a_short_search_goes_through_the_index(database_url):
    with demo_workspace(database_url, contacts=30) as workspace, workspace._database.read() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for pattern in ("%  a%", "% an%", "%ann%"):
            plan = connection.execute(
                text("EXPLAIN SELECT contact_id FROM search_documents WHERE text LIKE :pattern"),
                {"pattern": pattern},
            ).scalars()
            assert "ix_search_documents_text_trigrams" in "\n".join(plan)


def test_a_name_that_folding_makes_very_long_is_kept(database_url):
    with cn.create(database_url) as workspace:
        added = workspace.add_contact(first_name="ﷺ" * 255, tags=["ﷺ" * 255])
        assert workspace.contacts[added.id].first_name == "ﷺ" * 255


def test_the_migrations_make_the_tables_of_the_schema(database_url):
    with cn.create(database_url) as workspace, workspace._database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, schema.metadata)
        collations = connection.execute(
            text(
                "SELECT table_name || '.' || column_name FROM information_schema.columns"
                " WHERE collation_name = 'C' AND table_schema = 'public'"
            )
        ).scalars()
    index = "ix_search_documents_text_trigrams"
    assert [one for one in differences if not (one[0] == "remove_index" and one[1].name == index)] == []
    assert set(collations) == {
        f"{column.table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if getattr(column.type.dialect_impl(connection.dialect), "collation", None) == "C"
    }
