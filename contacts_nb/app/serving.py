"""The app in Voilà: started on a free loopback port, watched until it answers, ended with all its kernels."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import contacts_nb
from contacts_nb.model.errors import ServingFailed
from contacts_nb.store.address import address_of, whole_address

DATABASE_VARIABLE = "CONTACTS_NB_DATABASE"
_START_SECONDS = 60
_STOP_SECONDS = 10
# A closed tab leaves its kernel behind; ten idle minutes later it is gone.
_IDLE_SECONDS = 600
# Were remote access allowed, any web site could read the contacts, by having its own name lead to this machine. An
# upload is one message; one that is too long would end the connection without a word.
_TORNADO_SETTINGS = {"allow_remote_access": False, "websocket_max_message_size": 110 * 1024 * 1024}

# Voilà in a process that reads from us and never gets anything: when we are gone, however that came (even by
# SIGKILL), the reading ends, and it ends itself and its kernels. A raw read, because a thread inside sys.stdin
# would make the interpreter's own end fail.
_VOILA = f"""
import os, signal, threading, time

def end_with_parent():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep({_STOP_SECONDS})
    os._exit(1)

threading.Thread(target=end_with_parent, daemon=True).start()
from voila.app import main
main()
"""


def app_notebook() -> Path:
    """The notebook that Voilà serves: inside an installed package, or beside the package in a checkout."""
    package = Path(contacts_nb.__file__).parent
    installed = package / "app" / "notebooks" / "contacts.ipynb"
    return installed if installed.exists() else package.parent / "notebooks" / "contacts.ipynb"


@contextmanager
def served(
    database: str | os.PathLike[str], port: int | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The app on the workspace at `database` (a path or URL), answering at the address given.

    It runs until the block is left. `port` is a free one unless given.
    Raises `ServingFailed` if the server doesn't come up.
    """
    port = free_port(port or 0)
    # Started in a folder of its own, because Voilà obeys a voila.json where it starts.
    with (
        tempfile.TemporaryDirectory(prefix="contacts-nb-") as folder,
        Path(folder, "voila.log").open("w+b") as log,
    ):
        server = subprocess.Popen(  # noqa: S603 - our own interpreter and notebook
            _command(port),
            cwd=folder,
            env=os.environ | {DATABASE_VARIABLE: whole_address(address_of(database))},
            stdin=subprocess.PIPE,  # see _VOILA
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that it can be ended as a group, and Ctrl-C reaches us first
        )
        try:
            _wait_until_it_answers(server, port, Path(log.name))
            yield f"http://127.0.0.1:{port}/", server
        finally:
            _end(server)


def _command(port: int) -> list[str]:
    return [
        sys.executable,
        "-c",
        _VOILA,
        str(app_notebook()),
        "--no-browser",
        f"--port={port}",
        "--Voila.port_retries=0",
        "--Voila.ip=127.0.0.1",
        f"--Voila.tornado_settings={_TORNADO_SETTINGS}",
        "--VoilaConfiguration.show_tracebacks=False",
        f"--MappingKernelManager.cull_idle_timeout={_IDLE_SECONDS}",
        "--MappingKernelManager.cull_interval=60",
    ]


def free_port(wanted: int = 0) -> int:
    """The port `wanted` if nothing listens there; any free one for 0. Raises `ServingFailed`."""
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


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if _answers(port):
            return
        time.sleep(0.1)
    code = server.poll()
    what = f"did not answer within {_START_SECONDS} seconds" if code is None else f"ended with exit code {code}"
    last_words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    raise ServingFailed(
        f"The app did not start: its server {what}. Try again; if that doesn't help, the last it said was:\n"
        + "\n".join(last_words or ["(nothing)"])
    )


def _answers(port: int) -> bool:
    # Asked directly, whatever proxy the environment names. A page would cost a kernel; any answer will do.
    with closing(HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", "/voila/static/")
            connection.getresponse()
        except (OSError, HTTPException):
            return False
        return True


def _end(server: subprocess.Popen[bytes]) -> None:
    try:
        if server.poll() is None:
            server.terminate()  # Voilà then ends its kernels
            with suppress(subprocess.TimeoutExpired):
                server.wait(_STOP_SECONDS)
    finally:
        # Also where a second Ctrl-C cuts the waiting short; kernels end when they see that their server is gone.
        if sys.platform == "win32":
            server.kill()
        else:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        if server.stdin is not None:
            server.stdin.close()
