"""The least that Voilà serves, to compare pages of the app with: a notebook with one slider."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from contacts_nb.app.serving import free_port
from tests.browser.conftest import wait_for

_SLIDER = "import ipywidgets\nipywidgets.IntSlider()"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


@contextmanager
def slider_served(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Its address, and the server; the notebook is written into `folder`."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": _SLIDER,
    }
    notebook = {"cells": [cell], "metadata": {"kernelspec": _KERNEL}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "slider.ipynb").write_text(json.dumps(notebook))
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "voila",
        "slider.ipynb",
        "--no-browser",
        f"--port={port}",
        "--Voila.ip=127.0.0.1",
    ]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/"
        wait_for(f"{address}voila/static/", server)
        yield address, server
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
