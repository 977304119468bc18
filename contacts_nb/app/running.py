"""The app in the foreground: served, announced, shown in a browser where there is one, until it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import FrameType

from contacts_nb.app.place import Place
from contacts_nb.app.serving import served
from contacts_nb.app.sign_in import SignIn
from contacts_nb.model.errors import ContactsError, ServingFailed
from contacts_nb.workspace import open as open_workspace


def run_app(
    database: str | os.PathLike[str],
    place: Place | None = None,
    sign_in: SignIn | None = None,
    *,
    browser: bool = True,
    preheat: int = 0,
    log: Path | None = None,
) -> None:
    """Serve the workspace at `database` until Ctrl-C, which is its normal end; `served` says what is what.

    Raises `ServingFailed` if the server doesn't start or ends by itself, and KeyboardInterrupt while it starts.
    """
    try:
        code = _exit_code_once_served(served(database, place, sign_in, preheat=preheat, log=log), browser=browser)
    finally:
        # Kernels are ended without a word and leave SQLite's log; whoever closes last puts it into the file,
        # which can then be copied alone.
        with suppress(ContactsError):
            open_workspace(database).close()
    if code is not None:
        raise ServingFailed(f"The app's server ended by itself with exit code {code}. Start the app again.")


@contextmanager
def ended_gently() -> Iterator[None]:
    """Within, being ended and the closing of the terminal are like Ctrl-C: what was started ends too."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []  # others may not
    # A signal that is ignored, as under nohup, stays so.
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _exit_code_once_served(
    serving: AbstractContextManager[tuple[str, subprocess.Popen[bytes]]], *, browser: bool
) -> int | None:
    """That of a server that ended by itself; None after Ctrl-C."""
    print("Starting the app …", flush=True)
    with serving as (address, server):
        try:
            print(f"The app is at {address}\nPress Ctrl-C to stop it.", flush=True)
            if browser and _has_screen():
                webbrowser.open(address)
            return server.wait()
        except KeyboardInterrupt:
            print("\nStopping the app …", flush=True)
            return None


def _has_screen() -> bool:
    # Without one, webbrowser falls back on browsers that take over the terminal.
    return sys.platform in {"darwin", "win32"} or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
