"""Fixtures that most tests share: an empty workspace on each database, and the server for one of them."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import Phase, settings

import contacts_nb as cn
from contacts_nb.workspace import Workspace
from tests.compiled_once import compile_once
from tests.postgres_server import Server, postgres_server

# How long an example may take is no matter of behaviour; each test as a whole has its time. Every run draws other
# examples, so that few of them will do; `--hypothesis-profile thorough` draws many.
# To say which values a failure hangs on takes longer than to look.
settings.register_profile("house", deadline=None, max_examples=25, phases=set(Phase) - {Phase.explain})
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile("house")
compile_once()


class Workspaces:
    """Makes workspaces as copies of one, each gone at the end of its block: faster than making them anew."""

    def __init__(self, template: str | Path, server: Server | None = None, user: str | None = None) -> None:
        self._template = template
        self._server = server
        self._user = user

    @contextmanager
    def __call__(self) -> Iterator[Workspace]:
        if self._server is None:
            with (
                tempfile.TemporaryDirectory() as folder,
                cn.open(shutil.copy(self._template, folder), user=self._user) as opened,
            ):
                yield opened
            return
        name = self._server.new_database(str(self._template))
        try:
            with cn.open(self._server.url(name), user=self._user) as opened:
                yield opened
        finally:
            self._server.drop(name)

    def like(self, workspace: Workspace, user: str | None = None) -> Workspaces:
        """Makes copies of `workspace`, which has to stay where it is, and shut; they are opened as `user`."""
        workspace.close()
        return Workspaces(workspace.path or workspace.address.rpartition("/")[2], self._server, user)


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


@pytest.fixture(scope="session")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty workspace in a file, for the same reason."""
    path = tmp_path_factory.mktemp("template") / "contacts.db"
    cn.create(path, name="Acme").close()
    return path


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_workspace(request: pytest.FixtureRequest) -> Workspaces:
    """Makes empty workspaces, for tests that need many."""
    if request.param == "sqlite":
        return Workspaces(request.getfixturevalue("template_file"))
    return Workspaces(request.getfixturevalue("template"), request.getfixturevalue("server"))


@pytest.fixture
def workspace(new_workspace: Workspaces) -> Iterator[Workspace]:
    """An empty workspace, once on each database."""
    with new_workspace() as made:
        yield made


@pytest.fixture
def database_url(server: Server) -> Iterator[str]:
    """The address of an empty PostgreSQL database, without a workspace."""
    name = server.new_database()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(autouse=True)
def no_widgets_left() -> Iterator[None]:
    """Close all widgets of a test: ipywidgets keeps every one that isn't, and with thousands all slows down."""
    yield
    if ipywidgets := sys.modules.get("ipywidgets"):
        ipywidgets.Widget.close_all()
