"""Fixtures that most tests share: an empty workspace on each database, and the server for one of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

import contacts_nb as cn
from contacts_nb.workspace import Workspace
from tests.postgres_server import Server, postgres_server

# How long an example may take is no matter of behaviour; each test as a whole has its time. Every run draws other
# examples, so that few of them will do; `--hypothesis-profile thorough` draws many.
settings.register_profile("house", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile("house")

NewWorkspace = Callable[[], AbstractContextManager[Workspace]]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for the whole run."""
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """The name of a database with an empty workspace, to be copied: faster than making one each time."""
    name = server.new_database()
    cn.create(server.url(name), name="Acme").close()
    return name


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_workspace(request: pytest.FixtureRequest) -> NewWorkspace:
    """Makes empty workspaces, each gone at the end of its block, for tests that need many."""
    if request.param == "sqlite":
        return _in_file
    server, template = request.getfixturevalue("server"), request.getfixturevalue("template")

    @contextmanager
    def on_server() -> Iterator[Workspace]:
        name = server.new_database(template)
        try:
            with cn.open(server.url(name)) as opened:
                yield opened
        finally:
            server.drop(name)

    return on_server


@contextmanager
def _in_file() -> Iterator[Workspace]:
    with tempfile.TemporaryDirectory() as folder, cn.create(Path(folder, "contacts.db"), name="Acme") as made:
        yield made


@pytest.fixture
def workspace(new_workspace: NewWorkspace) -> Iterator[Workspace]:
    """An empty workspace, once on each database."""
    with new_workspace() as made:
        yield made


@pytest.fixture
def database_url(server: Server) -> Iterator[str]:
    """The address of an empty PostgreSQL database, without a workspace."""
    name = server.new_database()
    yield server.url(name)
    server.drop(name)
