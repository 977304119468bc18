"""The app in the foreground: served, announced, shown in a browser where there is one, until it is stopped."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

from contacts_nb.app.serving import served
from contacts_nb.model.errors import ServingFailed


def run_app(database: Path, port: int | None = None, *, browser: bool = True) -> None:
    """Serve the workspace at `database` until Ctrl-C. Raises `ServingFailed` if the server ends by itself."""
    print("Starting the app …", flush=True)
    with served(database, port) as (address, server):
        print(f"The app is at {address}\nPress Ctrl-C to stop it.", flush=True)
        if browser and _has_screen():
            webbrowser.open(address)
        try:
            code = server.wait()
        except KeyboardInterrupt:
            print("\nStopping the app …", flush=True)
            return
    raise ServingFailed(f"The app's server ended by itself with exit code {code}. Start it again.")


def _has_screen() -> bool:
    # Without one, webbrowser falls back on browsers that take over the terminal.
    return sys.platform in {"darwin", "win32"} or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
