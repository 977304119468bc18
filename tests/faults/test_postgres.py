"""A PostgreSQL server that stops, starts again, or has no connection left: said clearly, and gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

import contacts_nb as cn
from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.errors import WorkspaceUnavailable
from contacts_nb.store.postgres import translated
from contacts_nb.widgets import ContactsApp, Entrance
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.workspace import Workspace
from tests.postgres_server import Server, postgres_server


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that only these tests use, so that it may go down."""
    with postgres_server() as running:
        yield running


@pytest.fixture
def ws(own: Server) -> Iterator[Workspace]:
    name = own.new_database()
    # What was committed is to outlive a crash here.
    own.run(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
    with cn.create(own.url(name), name="Acme") as made:
        for first in ("Ann", "Bo", "Cy"):
            made.add_contact(first_name=first)
        yield made
    own.drop(name)


@contextmanager
def down(own: Server, mode: str = "fast") -> Iterator[None]:
    """The server is down, and back for the next test, whatever fails meanwhile."""
    own.stop(mode)
    try:
        yield
    finally:
        own.start()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_page_says_that_the_server_is_gone_keeps_what_is_selected_and_goes_on(own, ws, mode):
    app = ContactsApp(ws)
    app.state.tick([1, 2])
    with down(own, mode):
        app.toolbar.search.value = "ann"
        assert "Check its name, user and password, and that the server runs" in app.notices.content
        app.actions.tag(("vip",))
        assert "that the server runs" in app.notices.content
        with pytest.raises(WorkspaceUnavailable):
            app.state.keep_up()
    app.state.keep_up()
    assert (app.state.search, app.state.results.count, app.state.ticked) == ("ann", 1, ContactIds([1, 2]))
    app.actions.tag(("vip",))
    assert app.state.problem == ""
    assert ws.tags["vip"].contacts == 2


def test_a_server_restarted_between_two_gestures_is_not_noticed(own, ws):
    app = ContactsApp(ws)
    app.state.tick([1, 2])
    own.restart()
    app.actions.tag(("vip",))
    app.toolbar.search.value = "bo"
    assert (app.state.problem, app.state.results.count, ws.tags["vip"].contacts) == ("", 1, 2)


def let_in(entrance: Entrance) -> ContactsApp:
    """The app that somebody has come into."""
    assert entrance.app is not None
    return entrance.app


def test_the_way_into_the_app_can_be_tried_again_when_the_server_is_back(own, ws):
    with down(own):
        entrance = Entrance(ws.address)
        assert entrance.app is None
        assert "The contacts can&#39;t be opened" in entrance._page.content
        entrance._page.do(Gesture("again"))
        assert entrance.app is None
    entrance._page.do(Gesture("again"))
    let_in(entrance)._workspace.close()


@pytest.fixture
def guest(own: Server) -> Iterator[str]:
    """Somebody who may have two connections."""
    own.run("CREATE ROLE guest LOGIN SUPERUSER")
    own.run("ALTER ROLE guest NOSUPERUSER CONNECTION LIMIT 2")
    own.run("GRANT tester TO guest")
    yield "guest"
    own.run("REVOKE tester FROM guest")
    own.run("DROP ROLE guest")


def test_a_user_without_a_connection_left_is_told_so_and_goes_on_when_there_is_one(own, ws, guest):
    address = ws.address.replace("tester@", f"{guest}@")
    own.run(f"ALTER ROLE {guest} IN DATABASE \"{address.rpartition('/')[2]}\" SET role = 'tester'")
    with ExitStack() as others:
        for _ in range(2):
            others.enter_context(psycopg.connect(address))
        entrance = Entrance(address)
        assert "has too many connections" in entrance._page.content
        assert "Close some programs that use it, then try again" in entrance._page.content
        with pytest.raises(WorkspaceUnavailable, match="has too many connections"):
            cn.open(address)
    entrance._page.do(Gesture("again"))
    let_in(entrance)._workspace.close()


def test_a_server_without_a_connection_left_is_told_so(own, ws):
    own.run("ALTER SYSTEM SET max_connections = 5")
    own.run("ALTER SYSTEM SET superuser_reserved_connections = 1")
    own.restart()
    app = ContactsApp(ws)
    ws._database.close()
    try:
        with ExitStack() as others:
            for _ in range(5):
                others.enter_context(psycopg.connect(own.dsn))
            app.actions.tag(("vip",))
            with pytest.raises(WorkspaceUnavailable, match="has too many connections"):
                app.state.keep_up()
            with pytest.raises(WorkspaceUnavailable, match="has too many connections"):
                ws.add_contact(first_name="Dee")
        app.state.keep_up()
        assert ws.add_contact(first_name="Dee").id
    finally:
        own.run("ALTER SYSTEM RESET ALL")
        ws._database.close()
        own.restart()


class OperationalError(psycopg.OperationalError):
    """What the driver raises where no connection came about."""


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "FATAL:  the database system is starting up",
            "is starting, stopping or recovering. Try again in a moment.",
        ),
        ("FATAL:  the database system is shutting down", "is starting, stopping or recovering"),
        ("FATAL:  the database system is in recovery mode", "is starting, stopping or recovering"),
        ("FATAL:  sorry, too many clients already", "has too many connections"),
        ("FATAL:  remaining connection slots are reserved for roles with SUPERUSER", "has too many connections"),
        ('FATAL:  too many connections for database "acme"', "has too many connections"),
        ('FATAL:  password authentication failed for user "ana"', "Check its name, user and password"),
    ],
)
def test_what_a_server_says_that_lets_nobody_in_is_said_plainly(said, line):
    error = DBAPIError(None, None, OperationalError(f'connection to server at "db.example" failed: {said}'))
    assert line in str(translated(error, "postgresql://ana@db.example/acme"))
