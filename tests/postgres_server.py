"""A PostgreSQL server of the tests' own: made in a temporary folder, thrown away at the end."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import URL

# Nothing here has to outlive a power cut.
_CONFIGURATION = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 100
listen_addresses = '127.0.0.1'
log_min_messages = fatal
"""


class Server:
    """A running server, whose user `tester` may do everything, with any password."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._numbers = count(1)

    def url(self, database: str, password: str | None = None) -> str:
        """The address of `database` on this server."""
        url = URL.create("postgresql+psycopg", "tester", password, "127.0.0.1", self.port, database)
        return url.render_as_string(hide_password=False)

    def new_database(self, template: str = "template1") -> str:
        """The name of a new database that is a copy of `template`."""
        name = f"test_{next(self._numbers)}"
        # Copying its files takes half the time of copying it page by page.
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def drop(self, database: str) -> None:
        """Drop `database`, whoever is still connected to it."""
        self.run(f'DROP DATABASE "{database}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        """Run `statement` as the superuser, outside of any transaction."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def dsn(self) -> str:
        """What leads a superuser's connection here."""
        return f"host=127.0.0.1 port={self.port} user=tester dbname=postgres"

    def restart(self) -> None:
        """End all connections, as a server that goes down does, and come back."""
        _pg_ctl(self.folder, "restart", "-m", "fast")

    def stop(self, mode: str = "fast") -> None:
        """Go down: "fast" ends all connections in good order, "immediate" is as a crash."""
        _pg_ctl(self.folder, "stop", "-m", mode)

    def start(self) -> None:
        """Come back after `stop`."""
        _pg_ctl(self.folder, "start")


@contextmanager
def postgres_server(shared_buffers: str = "64MB") -> Iterator[Server]:
    """A server that runs until the block is left. PostgreSQL's programs must be installed."""
    folder = Path(tempfile.mkdtemp(prefix="contacts-nb-postgres-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _run("initdb", "--auth=trust", "--username=tester", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
             "-D", str(data))  # fmt: skip
        port = _free_port()
        with (data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(
                f"{_CONFIGURATION}shared_buffers = {shared_buffers}\nport = {port}\n"
                f"unix_socket_directories = '{folder}'\n"
            )
        _pg_ctl(data, "start")
        try:
            yield Server(data, port)
        finally:
            _pg_ctl(data, "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pg_ctl(data: Path, *words: str) -> None:
    _run("pg_ctl", "-D", str(data), "-w", "-s", "-l", str(data.parent / "log"), *words)


def _run(program: str, *words: str) -> None:
    command = [_program(program), *words]
    # The server refuses to run as root.
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=[] if user else None,
        cwd="/",
    )


def _program(name: str) -> str:
    # Debian keeps them out of the PATH, a folder for each version.
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    return str(found[-1]) if found else name


def _free_port() -> int:
    # Below the ports that systems give to outgoing connections: another program's
    # connection would take such a one while the server is down.
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(20_000, 32_000)))  # noqa: S311 - not a secret
            port: int = probe.getsockname()[1]
            return port
