import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

import contacts_nb as cn
from contacts_nb.app import serving
from contacts_nb.app.cli import main
from contacts_nb.app.place import Place
from contacts_nb.app.running import run_app
from contacts_nb.app.serving import free_port, served
from contacts_nb.model.errors import ServingFailed
from tests.app.commands import UNWRITABLE

# What another Voilà, told so by a file where it starts, would do: show the source and give away every file.
OTHER_SETTINGS = {
    "VoilaConfiguration": {"strip_sources": False, "file_allowlist": [".*"]},
    "Voila": {"ip": "0.0.0.0"},  # noqa: S104 - it isn't obeyed
}


class Running(NamedTuple):
    program: subprocess.Popen[str]
    address: str
    said: str


@contextmanager
def started(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[Running]:
    """The command line with these words in a process of its own, once it has said where the app is."""
    # A test run in the background ignores Ctrl-C, and what it starts would, too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    program = subprocess.Popen(
        [sys.executable, "-m", "contacts_nb", *arguments],
        cwd=folder,
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    assert program.stdout is not None
    try:
        said = ""
        for line in program.stdout:
            said += line
            if found := re.search(r"The app is at (http://127\.0\.0\.1:[0-9]+/)\n", line):
                yield Running(program, found[1], said)
                return
        raise AssertionError(said)
    finally:
        program.terminate()
        program.wait(30)
        program.stdout.close()


def ended(program: subprocess.Popen[str], number: signal.Signals) -> tuple[int, list[psutil.Process]]:
    """The exit code after a signal, and what is still there of all that the program had started."""
    all_of_it = psutil.Process(program.pid).children(recursive=True)
    assert sum("ipykernel_launcher" in process.cmdline() for process in all_of_it) >= 1
    assert sum("contacts_nb.app.server" in process.cmdline() for process in all_of_it) == 1
    program.send_signal(number)
    code = program.wait(20)
    _, alive = psutil.wait_procs(all_of_it, timeout=10)
    return code, alive


def answer(address: str, path: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address.split("/")[2], timeout=60)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    found = response.status, response.read().decode(errors="replace")
    connection.close()
    return found


def page(address: str) -> str:
    """The page, which starts a kernel."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=60) as response:
        assert response.status == 200
        text: str = response.read().decode()
        return text


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "contacts.db"
    with cn.create(path, name="Acme") as workspace:
        workspace.add_contact(first_name="Ann", email="ann@example.org")
    return path


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """A folder where a file tells another Voilà to give everything away."""
    folder: Path = tmp_path_factory.mktemp("elsewhere")
    (folder / "voila.json").write_text(json.dumps(OTHER_SETTINGS), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def app(database, elsewhere):
    """The app, started there, where a proxy is set."""
    proxy = {"http_proxy": "http://127.0.0.1:9/", "HTTP_PROXY": "http://127.0.0.1:9/"}
    words = ["serve", "--db", str(database), "--no-browser", "--log", "server.log"]
    with started(elsewhere, *words, environment=proxy) as running:
        yield running


def test_the_page_is_there_without_the_source_and_listens_to_this_machine_only(app, database):
    text = page(app.address)
    assert app.said == f"Starting the app …\nThe app is at {app.address}\n"
    assert "<title>Contacts</title>" in text
    for word in ("cn.open", "import contacts_nb", "CONTACTS_NB_DATABASE", str(database), "Traceback"):
        assert word not in text
    processes = psutil.Process(app.program.pid).children(recursive=True)
    addresses = {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}


def test_neither_the_notebook_nor_the_database_nor_code_is_given_away(app, database):
    for path in (
        "/contacts.ipynb", f"/{database.name}", str(database), "/api/contents", "/api/kernels", "/lab",
        "/voila/files/contacts.ipynb", f"/voila/files/{database.name}", f"/voila/files/..%2f..{database}",
        "/voila/files/screenshots/contacts.png",  # beside the notebook in a checkout
        f"/voila/static/..%2f..%2f..{database}", f"/voila/templates/..%2f..{database}",
        f"/voila/labextensions/..{database}", f"/voila/api/themes/..%2f..{database}",
        "/voila/static/../../app.py", "/voila/templates/lab/../../../../contacts.db",
    ):  # fmt: skip
        status, text = answer(app.address, path)
        assert status >= 400, path
        assert "SQLite format" not in text
        assert "nbformat" not in text


def test_a_web_site_whose_name_leads_here_gets_nothing(app):
    assert answer(app.address, "/", Host="evil.example")[0] == 403
    assert answer(app.address, "/api/kernels/x/channels", Host="evil.example")[0] == 403


@pytest.mark.usefixtures("app")
def test_the_log_says_when(elsewhere):
    log = (elsewhere / "server.log").read_text(encoding="utf-8")
    said = [line for line in log.splitlines() if "[Server]" in line]
    assert any("is running at" in line for line in said)
    for line in said:
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[Server\] ", line), line


def test_an_account_without_a_home_can_serve_it(database, tmp_path):
    nowhere = {"HOME": f"{UNWRITABLE}/nobody", "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "XDG_RUNTIME_DIR": ""}
    with started(tmp_path, "serve", "--db", str(database), "--no-browser", environment=nowhere) as app:
        assert "Entrance(children=(ContactsApp(" in page(app.address)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_when_it_is_stopped_all_that_it_started_ends(tmp_path, number):
    temporary, folder = tmp_path / "temporary", tmp_path / "folder"
    temporary.mkdir()
    folder.mkdir()
    words = ["demo", "--contacts", "20"]
    if number == signal.SIGINT:
        cn.create(folder / "contacts.db").close()
        words = ["serve"]
    before = set(folder.iterdir())
    with started(folder, *words, "--no-browser", environment={"TMPDIR": str(temporary)}) as app:
        page(app.address)
        assert ended(app.program, number) == (0, [])
        assert app.program.stdout is not None
        assert app.program.stdout.read() == "Press Ctrl-C to stop it.\n\nStopping the app …\n"
    assert list(temporary.iterdir()) == []
    assert set(folder.iterdir()) == before


def test_when_it_is_killed_all_that_it_started_ends_too(database, tmp_path):
    # Its temporary folder is what stays.
    words = ["serve", "--db", str(database), "--no-browser"]
    with started(tmp_path, *words, environment={"TMPDIR": str(tmp_path)}) as app:
        page(app.address)
        assert ended(app.program, signal.SIGKILL) == (-signal.SIGKILL, [])


def test_ctrl_c_while_it_starts_ends_the_server(database, monkeypatch, capsys):
    servers = []

    def interrupted(server, _port, _log):
        servers.append(server)
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "_wait_until_it_answers", interrupted)
    assert main(["serve", "--db", str(database), "--no-browser"]) == 130
    assert capsys.readouterr().err == "\nStopped. What was not finished was not saved.\n"
    assert not psutil.pid_exists(servers[0].pid)


def test_a_second_ctrl_c_ends_the_server_at_once(monkeypatch):
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert server.stdout is not None
    server.stdout.readline()
    wait = server.wait

    def interrupted(timeout=None):
        if timeout is not None:
            raise KeyboardInterrupt
        return wait()

    monkeypatch.setattr(server, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        serving._end(server)
    assert server.returncode == -signal.SIGKILL
    server.stdout.close()


@pytest.fixture
def busy() -> Iterator[int]:
    """A port where another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_free_port_is_one_that_nobody_has(busy):
    free = free_port()
    assert free not in {0, busy}
    assert free_port(free) == free
    with pytest.raises(ServingFailed, match=f"Port {busy} can't be used: another program has it"):
        free_port(busy)


def test_a_port_that_is_taken_is_said_before_anything_is_made(busy, database, tmp_path, capsys):
    for words in (["serve", "--db", str(database)], ["demo", "--db", str(tmp_path / "new.db")]):
        assert main([*words, "--port", str(busy), "--no-browser"]) == 2
        assert capsys.readouterr().err == (
            f"contacts-nb: Port {busy} can't be used: another program has it, or it needs more rights. "
            "Give another one with --port, or none to have a free one found.\n"
        )
    assert list(tmp_path.iterdir()) == []


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_server_that_does_not_start_is_quoted(database, monkeypatch):
    code = "print('\\n'.join(f'word {number}' for number in range(9))); raise SystemExit(3)"
    monkeypatch.setattr(serving, "_command", lambda: python(code))
    with pytest.raises(ServingFailed) as failure, served(database):
        pass
    assert str(failure.value) == (
        "The app did not start: its server ended with exit code 3. Try again; if that doesn't help, the last it "
        "said was:\nword 4\nword 5\nword 6\nword 7\nword 8"
    )


def test_a_server_that_does_not_answer_in_time_is_ended(database, monkeypatch):
    monkeypatch.setattr(serving, "_command", lambda: python("import time; time.sleep(60)"))
    monkeypatch.setattr(serving, "_START_SECONDS", 0.5)
    begin = time.monotonic()
    with (
        pytest.raises(ServingFailed, match=r"did not answer within 0\.5 seconds.*\n\(nothing\)"),
        served(database),
    ):
        pass
    assert time.monotonic() - begin < 10


ONE_ANSWER = """
import http.server, json, sys
place = json.loads(sys.stdin.readline())
server = http.server.HTTPServer((place["ip"], place["port"]), http.server.SimpleHTTPRequestHandler)
server.handle_request()
raise SystemExit(7)
"""


def test_a_server_that_ends_by_itself_is_said(database, monkeypatch, capsys):
    monkeypatch.setattr(serving, "_command", lambda: python(ONE_ANSWER))
    assert main(["serve", "--db", str(database), "--no-browser"]) == 2
    assert capsys.readouterr().err == (
        "contacts-nb: The app's server ended by itself with exit code 7. Start the app again.\n"
    )


@pytest.mark.parametrize(
    ("screen", "wanted", "opens"), [(":0", True, True), (":0", False, False), ("", True, False)]
)
def test_a_browser_is_opened_where_there_is_one_and_it_is_wanted(database, monkeypatch, screen, wanted, opens):
    opened: list[str] = []
    monkeypatch.setattr(serving, "_command", lambda: python(ONE_ANSWER))
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("webbrowser.open", opened.append)
    port = free_port()
    with pytest.raises(ServingFailed):
        run_app(database, Place(port=port), browser=wanted)
    assert opened == ([f"http://127.0.0.1:{port}/"] if opens else [])
