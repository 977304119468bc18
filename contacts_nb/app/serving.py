"""The app in Voilà: started on a free loopback port, watched until it answers, ended with all its kernels."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import contacts_nb
from contacts_nb.model.errors import ServingFailed

DATABASE_VARIABLE = "CONTACTS_NB_DATABASE"
_START_SECONDS = 60
_STOP_SECONDS = 10
# A closed tab leaves its kernel behind; ten idle minutes later it is gone.
_IDLE_SECONDS = 600


def app_notebook() -> Path:
    """The notebook that Voilà serves: inside an installed package, or beside the package in a checkout."""
    package = Path(contacts_nb.__file__).parent
    installed = package / "app" / "notebooks" / "contacts.ipynb"
    return installed if installed.exists() else package.parent / "notebooks" / "contacts.ipynb"


@contextmanager
def served(database: Path, port: int | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The app on the workspace at `database`, answering at the address given, until the block is left.

    `port` is a free one unless given. Raises `ServingFailed` if the server doesn't come up.
    """
    port = free_port(port or 0)
    address = f"http://127.0.0.1:{port}/"
    # Started in a folder of its own, because Voilà obeys a voila.json where it starts.
    with (
        tempfile.TemporaryDirectory(prefix="contacts-nb-") as folder,
        Path(folder, "voila.log").open("w+b") as log,
    ):
        server = subprocess.Popen(  # noqa: S603 - our own interpreter and notebook
            _command(port),
            cwd=folder,
            env=os.environ | {DATABASE_VARIABLE: str(database.absolute())},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its kernels can be ended with it, and Ctrl-C reaches us first
        )
        try:
            _wait_until_it_answers(server, address, log.name)
            yield address, server
        finally:
            _end(server)


def _command(port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "voila",
        str(app_notebook()),
        "--no-browser",
        f"--port={port}",
        "--Voila.port_retries=0",
        "--Voila.ip=127.0.0.1",
        "--VoilaConfiguration.show_tracebacks=False",
        f"--MappingKernelManager.cull_idle_timeout={_IDLE_SECONDS}",
        "--MappingKernelManager.cull_interval=60",
    ]


def free_port(wanted: int = 0) -> int:
    """The port `wanted` if nothing listens there; any free one for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as error:
            raise ServingFailed(
                f"Port {wanted} can't be used: another program has it, or it needs more rights. "
                "Give another one with --port, or none to have a free one found."
            ) from error
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(server: subprocess.Popen[bytes], address: str, log: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            # A page of its own costs a kernel; the static files answer as soon as the server does.
            urllib.request.urlopen(f"{address}voila/static/", timeout=2).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError:
            return  # it answers, if only to say that a folder isn't served
        except OSError:
            time.sleep(0.1)
        else:
            return
    last_words = Path(log).read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    raise ServingFailed("The app did not start. Its server said last:\n" + "\n".join(last_words))


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()  # Voilà then ends its kernels
        with suppress(subprocess.TimeoutExpired):
            server.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)  # whatever is left
    server.wait()
