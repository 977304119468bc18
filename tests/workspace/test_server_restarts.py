"""A PostgreSQL server that goes down in the midst of work: that is said clearly, and the same `ws` works on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.pool import Pool

import contacts_nb as cn
from contacts_nb.app.demo import demo_workspace
from contacts_nb.model.errors import WorkspaceUnavailable
from contacts_nb.operations.fill import Batch
from contacts_nb.workspace import Workspace
from tests.postgres_server import Server, postgres_server
from tests.workspace.killing import counts

MODES = ["fast", "immediate"]
PASSWORD = "s3cr3t"  # noqa: S105 - the server takes any


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that only these tests use, so that it may go down."""
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="module")
def people(own: Server) -> str:
    """The name of a database with some contacts and their messages, to be copied."""
    name = own.new_database()
    demo_workspace(own.url(name), contacts=50).close()
    return name


@pytest.fixture
def ws(own: Server, people: str) -> Iterator[Workspace]:
    name = own.new_database(people)
    # What was committed is to outlive a crash here.
    own.run(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
    with cn.open(own.url(name, PASSWORD)) as opened:
        yield opened
    own.drop(name)


def messages() -> list[dict[str, object]]:
    start = datetime(2030, 3, 2, tzinfo=UTC)
    return [
        {
            "channel": "SMS",
            "identifier": f"+44 20 7946 0{number % 9:03}",
            "direction": "incoming",
            "text": f"Hello {number}",
            "sent_at": start + timedelta(seconds=number),
        }
        for number in range(90)
    ]


# What is done, and the beginning of a statement in its midst.
CALLS: dict[str, tuple[Callable[[Workspace], object], str]] = {
    "tag": (lambda ws: ws.contacts.tag("bulk"), "INSERT INTO contact_tags"),
    "update": (lambda ws: ws.contacts.update(first_name="Zoë"), "INSERT INTO search_documents"),
    "comment": (lambda ws: ws.contacts.comment("Hello"), "INSERT INTO comments"),
    "record": (lambda ws: ws.record_messages(messages()), "UPDATE contact_states"),
    "add": (lambda ws: ws.add_contact(first_name="Zoë"), "UPDATE operations"),
    "delete": (lambda ws: ws.contacts.delete(confirm=ws.contacts.count()), "DELETE FROM contacts "),
    "read": (lambda ws: ws.contacts.to_frame(), "SELECT"),
}


@contextmanager
def once(
    name: str, happens: Callable[..., bool], then: Callable[[], None], source: type = Engine
) -> Iterator[None]:
    """Do `then` at the first event `name` of any `source` for which `happens`."""
    done = False

    def listener(*given: object) -> None:
        nonlocal done
        if not done and happens(*given):
            done = True
            then()

    event.listen(source, name, listener)
    try:
        yield
    finally:
        event.remove(source, name, listener)
    assert done


def lost(ws: Workspace, call: Callable[[Workspace], object]) -> str:
    """What is said to whoever makes a `call` that doesn't come through."""
    with pytest.raises(WorkspaceUnavailable) as refused:
        call(ws)
    said = str(refused.value)
    assert ws.address in said
    assert PASSWORD not in said
    return said


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CALLS)
def test_a_server_that_stops_in_the_midst_leaves_nothing_half_done_and_work_goes_on(own, ws, name, mode):
    call, midst = CALLS[name]
    before = counts(ws.address)

    def is_midst(_connection: object, _cursor: object, statement: str, *_: object) -> bool:
        return statement.startswith(midst)

    with once("before_cursor_execute", is_midst, lambda: own.stop(mode)):
        said = lost(ws, call)
    assert "was lost" in said
    assert "try again" in said

    own.start()
    assert counts(ws.address) == before
    call(ws)
    assert name == "read" or counts(ws.address) != before
    assert ws.check() == []


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_stops_while_it_works_on_a_statement_is_said_to_be_lost(own, ws, mode):
    def stop() -> None:
        at_work = "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"
        with psycopg.connect(own.dsn, autocommit=True) as connection:
            while not connection.execute(at_work).fetchone():
                time.sleep(0.01)
        own.stop(mode)

    def sleep(ws: Workspace) -> None:
        with ws._database.write() as connection:
            connection.execute(text("UPDATE workspace SET name = 'half'"))
            connection.execute(text("SELECT pg_sleep(60)"))

    stopping = threading.Thread(target=stop)
    stopping.start()
    said = lost(ws, sleep)
    stopping.join()
    assert "was lost" in said
    own.start()
    assert ws.update(phone_region="GB").id
    assert ws.name == "Demo"


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_stops_while_rows_are_sent_is_said_to_be_lost(own, database, mode):
    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(1, 20_000):
            if number == 10_000:
                own.stop(mode)
            yield number, f"Ann{number}", *[None] * 8, 0, f"Ann{number}", f"ann{number}"

    with cn.create(own.url(database, PASSWORD)) as ws:
        said = lost(ws, lambda ws: ws.fill(settings={}, batches=[Batch(rows(), (), (), (), (), ())]))
        assert "was lost" in said
        own.start()
        assert ws.contacts.count() == 0
        assert ws.add_contact(first_name="Ann").id
        assert ws.check() == []


@pytest.fixture
def database(own: Server) -> Iterator[str]:
    name = own.new_database()
    yield name
    own.drop(name)


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_stops_at_the_commit_leaves_open_whether_it_was_saved(own, ws, mode):
    before = counts(ws.address)
    with once("commit", lambda _: True, lambda: own.stop(mode)):
        said = lost(ws, lambda ws: ws.contacts.comment("Hello"))
    assert "isn't known" in said
    assert "ws.history()" in said
    own.start()
    # Here it was not, because the server was gone before it was asked to.
    assert counts(ws.address) == before
    ws.contacts.comment("Hello")
    assert ws.check() == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["update", "comment"])
def test_what_was_saved_before_the_server_stopped_is_not_said_to_be_lost(own, ws, name, mode):
    before = counts(ws.address)
    with once("checkin", lambda *_: True, lambda: own.stop(mode), Pool):
        CALLS[name][0](ws)
    own.start()
    assert counts(ws.address) != before
    assert ws.check() == []


@pytest.mark.parametrize("mode", MODES)
def test_while_the_server_is_down_every_call_says_so_until_it_is_back(own, ws, mode):
    with ws._database.read(), ws._database.read(), ws._database.write():
        pass  # so many idle connections
    before = counts(ws.address)
    own.stop(mode)
    for call in (*(call for call, _ in CALLS.values()), lambda ws: cn.open(ws.address)):
        said = lost(ws, call)
        assert "that the server runs" in said
        assert "refused" in said
    own.start()
    assert counts(ws.address) == before
    assert ws.contacts.tag("bulk").id
    assert ws.check() == []


@pytest.mark.parametrize("mode", MODES)
def test_a_restart_between_two_calls_is_not_noticed(own, ws, mode):
    with ws._database.read(), ws._database.read(), ws._database.write():
        pass
    own.stop(mode)
    own.start()
    with ws._database.read() as one, ws._database.read() as other:
        assert one.execute(text("SELECT 1")).scalar() == other.execute(text("SELECT 1")).scalar()
    assert ws.contacts.tag("bulk").id
    assert ws.check() == []
