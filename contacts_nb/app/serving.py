"""The app in Voilà: started, watched until it answers, ended with all its kernels."""

from __future__ import annotations

import json
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
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import contacts_nb
from contacts_nb.app.place import HUB_TOKEN_VARIABLE, Place, check_reach
from contacts_nb.app.sign_in import SignIn
from contacts_nb.model.errors import ServingFailed
from contacts_nb.store.address import address_of, whole_address

DATABASE_VARIABLE = "CONTACTS_NB_DATABASE"
_START_SECONDS = 60
_STOP_SECONDS = 10


def app_notebook() -> Path:
    """The notebook that Voilà serves: inside an installed package, or beside the package in a checkout."""
    package = Path(contacts_nb.__file__).parent
    installed = package / "app" / "notebooks" / "contacts.ipynb"
    return installed if installed.exists() else package.parent / "notebooks" / "contacts.ipynb"


@contextmanager
def served(
    database: str | os.PathLike[str],
    place: Place | None = None,
    sign_in: SignIn | None = None,
    *,
    preheat: int = 0,
    log: Path | None = None,
    idle_seconds: int = 600,
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The app on the workspace at `database` (a path or URL), answering at the address given.

    It runs until the block is left, at a free port of this machine unless a `place` is given, for whom `sign_in`
    lets in. As many kernels as `preheat` says are started ahead, for pages that are then there sooner; what the
    server says goes to the file `log`, if there is one. A closed tab may leave its kernel behind, which is ended
    after `idle_seconds`.
    Raises `ServingFailed` if the server doesn't come up, or would show contacts to strangers.
    """
    place, sign_in = place or Place(), sign_in or SignIn()
    check_reach(place.ip, sign_in)
    place = place._replace(port=free_port(place.port, place.ip))
    # Started in a folder of its own, because Voilà obeys files where it starts.
    with tempfile.TemporaryDirectory(prefix="contacts-nb-") as folder, _opened(log, Path(folder)) as output:
        server = subprocess.Popen(  # noqa: S603 - our own interpreter and notebook
            _command(),
            cwd=folder,
            env=_environment() | {DATABASE_VARIABLE: whole_address(address_of(database))},
            stdin=subprocess.PIPE,
            bufsize=0,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that it can be ended as a group, and Ctrl-C reaches us first
        )
        try:
            told = {"preheat": preheat, "idle_seconds": idle_seconds, "sign_in": sign_in.as_json()}
            _tell(server, {"notebook": str(app_notebook())} | told, place)
            _wait_until_it_answers(server, place, Path(output.name))
            yield place.url, server
        finally:
            _end(server)


def _environment() -> dict[str, str]:
    # What a hub trusts us by is told apart, as all secrets are.
    return {name: value for name, value in os.environ.items() if name != HUB_TOKEN_VARIABLE}


def _command() -> list[str]:
    return [sys.executable, "-m", "contacts_nb.app.server"]


def _opened(log: Path | None, folder: Path) -> BinaryIO:
    if log is None:
        return Path(folder, "server.log").open("wb")
    try:
        return log.open("ab")
    except OSError as error:
        raise ServingFailed(
            f"--log {log} can't be written. Give another file, in a folder that exists."
        ) from error


def _tell(server: subprocess.Popen[bytes], told: dict[str, Any], place: Place) -> None:
    """What it waits for; the pipe then stays open for as long as we are here."""
    if server.stdin is None:
        raise RuntimeError("The server was started without an input")
    with suppress(BrokenPipeError):  # what ends early is told soon, with its last words
        server.stdin.write(json.dumps(told | place._asdict()).encode() + b"\n")


def free_port(wanted: int = 0, ip: str = "127.0.0.1") -> int:
    """The port `wanted` if nothing listens there; any free one for 0. Raises `ServingFailed`."""
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, wanted))
        except (OSError, OverflowError) as error:
            raise ServingFailed(
                f"Port {wanted} can't be used: another program has it, or it needs more rights. "
                "Give another one with --port, or none to have a free one found."
                if ip == Place().ip
                else f"Port {wanted} of {ip} can't be used: this machine isn't at that address, another program "
                "has the port, or it needs more rights. Give another --ip or --port."
            ) from error
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(server: subprocess.Popen[bytes], place: Place, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if _answers(place):
            return
        time.sleep(0.1)
    code = server.poll()
    what = f"did not answer within {_START_SECONDS} seconds" if code is None else f"ended with exit code {code}"
    last_words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    raise ServingFailed(
        f"The app did not start: its server {what}. Try again; if that doesn't help, the last it said was:\n"
        + "\n".join(last_words or ["(nothing)"])
    )


def _answers(place: Place) -> bool:
    # Asked directly, whatever proxy the environment names. A page would cost a kernel; any answer will do.
    with closing(HTTPConnection(urlsplit(place.url).hostname or place.ip, place.port, timeout=2)) as connection:
        try:
            connection.request("GET", f"{place.base_url}voila/static/")
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
