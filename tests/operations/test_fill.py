from collections.abc import Callable, Iterable, Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

import contacts_nb as cn
from contacts_nb.model.errors import WorkspaceError
from contacts_nb.model.text import folded
from contacts_nb.operations.fill import COLUMNS, Batch, Phase
from contacts_nb.operations.fill import fill as filled
from contacts_nb.store import schema
from contacts_nb.store.backend import backend_of
from contacts_nb.store.constructs import ids_of_documents_with
from contacts_nb.store.database import Database
from contacts_nb.workspace import Workspace

CHANNELS = [(1, "WhatsApp", "whatsapp", "whatsapp", 0), (2, "E-mail", "e-mail", "email", 0)]
TAGS = [(1, "VIP", "vip", "#b42318", None)]


def fill(
    database: Database, batches: Iterable[Batch], progress: Callable[[Phase, int], None] | None = None
) -> None:
    with database.write() as connection:
        filled(
            connection,
            database.address,
            settings={"channels": CHANNELS, "tags": TAGS},
            batches=batches,
            progress=progress,
        )


@pytest.fixture
def database(workspace: Workspace) -> Database:
    return workspace._database


def contact(number: int) -> tuple[object, ...]:
    name = f"Zoë Smith{number}"
    return (number, "Zoë", f"Smith{number}", *[None] * 7, 1_000, name, folded(name), "zoe", f"smith{number}", None)


def batch(*numbers: int) -> Batch:
    return Batch(
        contacts=[contact(number) for number in numbers],
        contact_states=[(number, None, None, 0, None, 5_000, 5_000, 1) for number in numbers],
        contact_channels=[
            (number, number, 1, f"+44770090{number:04d}", f"+44770090{number:04d}", None, None, 5_000, 5_000)
            for number in numbers
        ],
        messages=[(number, 5_000, 0, 1, "Hello", None, None) for number in numbers],
        contact_tags=[(number, 1) for number in numbers],
        search_documents=[(number, f"  zoe  smith{number}  44770090{number:04d}") for number in numbers],
    )


def definitions(connection: Connection) -> set[tuple[str, str, str]]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type, name, coalesce(sql, '') FROM sqlite_master"))
    else:
        rows = connection.execute(text("SELECT 'index', indexname, indexdef FROM pg_indexes"))
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows}


def settings(connection: Connection) -> list[tuple[str, object]]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT k, v FROM search_index_config WHERE k <> 'hashsize' ORDER BY k"))
    else:
        rows = connection.execute(
            text("SELECT name, setting FROM pg_settings WHERE name ~ '_mem$|_timeout$' ORDER BY 1")
        )
    return [(key, value) for key, value in rows]


def counts(connection: Connection) -> dict[str, int]:
    return {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in COLUMNS} | {
        "indexed": len(found(connection, "smith"))
    }


def found(connection: Connection, spelling: str) -> list[int]:
    return sorted(connection.execute(ids_of_documents_with([spelling])).scalars())


def test_rows_of_all_batches_are_in_the_workspace(database):
    fill(database, batches=[batch(1, 2), batch(3)])

    with database.read() as connection:
        assert counts(connection) == {
            **dict.fromkeys(COLUMNS, 0), "channels": 2, "tags": 1, "contacts": 3, "contact_states": 3,
            "contact_channels": 3, "messages": 3, "contact_tags": 3, "search_documents": 3, "indexed": 3,
        }  # fmt: skip
        stored = connection.execute(text(f"SELECT {', '.join(COLUMNS['contacts'])} FROM contacts WHERE id = 2"))
        assert tuple(stored.one()) == contact(2)


def test_rows_may_be_iterators_that_are_gone_through_once(database):
    ready = batch(1, 2)
    streamed = Batch(**{name: iter(getattr(ready, name)) for name in Batch.__dataclass_fields__})

    fill(database, batches=iter([streamed]))

    with database.read() as connection:
        assert counts(connection)["messages"] == 2


def test_comments_are_filled_and_those_made_after_get_the_next_ids(workspace, database):
    ready = batch(1, 2)
    commented = Batch(
        **{name: getattr(ready, name) for name in Batch.__dataclass_fields__ if name != "comments"},
        comments=[
            (1, 2, None, "Prefers to be called in the morning.", 5_000),
            (2, 2, None, "Moved house.", 6_000),
        ],
    )

    fill(database, batches=[commented])
    workspace.contacts[2].comment("Call back on Friday.")

    with database.read() as connection:
        rows = connection.execute(text("SELECT id, contact_id, text FROM comments ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        (1, 2, "Prefers to be called in the morning."), (2, 2, "Moved house."), (3, 2, "Call back on Friday."),
    ]  # fmt: skip


def test_search_finds_filled_contacts_and_those_added_after(database):
    fill(database, batches=[batch(1, 2)])
    with database.write() as connection:
        connection.execute(
            text("INSERT INTO contacts (profile_name, sort_name, created_at) VALUES ('Zoe', 'zoe', 0)")
        )
        connection.execute(text("INSERT INTO search_documents VALUES (3, '  zoe')"))
        connection.execute(text("DELETE FROM search_documents WHERE contact_id = 1"))

    with database.read() as connection:
        assert found(connection, "zoe") == [2, 3]
        assert found(connection, "smith2") == [2]


def test_indexes_and_triggers_are_those_of_a_new_workspace(database):
    with database.read() as connection:
        before = definitions(connection), settings(connection)

    fill(database, batches=[batch(1)])

    with database.read() as connection:
        assert (definitions(connection), settings(connection)) == before


def test_every_index_of_the_schema_exists_under_its_name(database):
    fill(database, batches=[])

    with database.read() as connection:
        names = {name for kind, name, _ in definitions(connection) if kind == "index"}
    indexes = {str(index.name) for table in schema.metadata.sorted_tables for index in table.indexes}
    assert {name for name in indexes if not name.endswith("_latest")} <= names  # those are PostgreSQL's alone


def test_the_next_contact_gets_the_next_id(database):
    fill(database, batches=[batch(1, 2)])

    with database.read() as connection:
        assert backend_of(connection).next_id(connection, "contacts") == 3


def test_progress_tells_the_phases_and_the_contacts_so_far(database):
    told: list[tuple[str, int]] = []

    fill(
        database,
        batches=[batch(1, 2), batch(3)],
        progress=lambda phase, contacts: told.append((phase, contacts)),
    )

    assert told == [("rows", 2), ("rows", 3), ("indexes", 3), ("search", 3)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO tags (name, name_key) VALUES ('VIP', 'vip')",
        "INSERT INTO channels (name, name_key, source, created_at) VALUES ('SMS', 'sms', 'sms', 0)",
        "INSERT INTO contacts (profile_name, sort_name, created_at) VALUES ('Zoe', 'zoe', 0)",
    ],
)
def test_a_workspace_with_something_in_it_is_refused_and_stays_as_it_is(database, statement):
    with database.write() as connection:
        connection.execute(text(statement))
    with database.read() as connection:
        before = definitions(connection), counts(connection)

    with pytest.raises(WorkspaceError, match="only a new workspace can be filled"):
        fill(database, batches=[batch(1)])

    with database.read() as connection:
        assert (definitions(connection), counts(connection)) == before


def test_a_workspace_whose_contacts_were_deleted_is_refused_because_their_ids_never_name_others(database):
    with database.write() as connection:
        connection.execute(text("INSERT INTO contacts (profile_name, sort_name, created_at) VALUES ('Z', 'z', 0)"))
        connection.execute(text("DELETE FROM contacts"))

    with pytest.raises(WorkspaceError, match="has or had contacts already"):
        fill(database, batches=[batch(1)])


def test_a_failure_in_the_middle_leaves_an_empty_workspace_as_it_was(database):
    with database.read() as connection:
        before = definitions(connection), counts(connection), settings(connection)

    def failing() -> Iterator[Batch]:
        yield batch(1, 2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(database, batches=failing())

    with database.read() as connection:
        assert (definitions(connection), counts(connection), settings(connection)) == before
    fill(database, batches=[batch(1)])
    with database.read() as connection:
        assert found(connection, "zoe") == [1]


def test_a_row_that_breaks_a_rule_of_the_tables_fails_the_whole_fill(database):
    orphan = Batch([], [], [(1, 99, 1, "+447700900001", "+447700900001", *[None] * 4)], [], [], [])

    with pytest.raises(DBAPIError, match=r"(?i)foreign key") as raised:
        fill(database, batches=[batch(), orphan])

    assert type(raised.value.__cause__).__name__ in {"IntegrityError", "ForeignKeyViolation"}
    with database.read() as connection:
        assert set(counts(connection).values()) == {0}


def test_the_page_cache_is_as_large_after_as_before(tmp_path):
    cn.create(tmp_path / "contacts.db").close()
    database = Database(tmp_path / "contacts.db")
    with database.write() as connection:
        before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()

    fill(database, batches=[batch(1)])

    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA cache_size").scalar_one() == before
    database.close()
