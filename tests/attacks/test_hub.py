"""Signing in at JupyterHub, whose part a small server plays: it says whom a token belongs to."""

from __future__ import annotations

import http.cookiejar
import json
import threading
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

import psutil
import pytest

import contacts_nb as cn
from contacts_nb.app.place import HUB_TOKEN_VARIABLE, hub_place
from contacts_nb.app.serving import free_port, served
from contacts_nb.app.sign_in import SignIn, Way
from tests.visiting import Refused, answer, widget_states

ACCESS = "access:services!service=contacts"
OURS = "what-the-hub-trusts-the-service-by"
# By the token that a browser or a script has: who that is, and what they may use.
PEOPLE = {
    "of-ana": {"name": "ana", "kind": "user", "scopes": [ACCESS]},
    "of-bo": {"name": "bo", "kind": "user", "scopes": ["self"]},
}


class Hub(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "").partition(" ")[2]
        person = PEOPLE.get(token) if self.path.startswith("/hub/api/user") else None
        said = json.dumps(person or {"message": "no"}).encode()
        self.say(200 if person else 403, said)

    def do_POST(self) -> None:
        """Give a token for a code that a browser brought back, to whom the hub trusts."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        is_ours = self.path == "/hub/api/oauth2/token" and form["client_secret"] == [OURS]
        self.say(200 if is_ours else 403, json.dumps({"access_token": "of-ana"} if is_ours else {}).encode())

    def say(self, status: int, said: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


class App(NamedTuple):
    address: str
    server: psutil.Process
    log: Path


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[App]:
    """The app as the hub would start it, with a page made ahead."""
    folder = tmp_path_factory.mktemp("hub")
    cn.create(folder / "contacts.db", owner="ana@acme.example").close()
    hub = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=hub.serve_forever)
    thread.start()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub.server_port}/hub/api",
            HUB_TOKEN_VARIABLE: OURS,
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_CLIENT_ID": "service-contacts",
            "JUPYTERHUB_OAUTH_SCOPES": json.dumps([ACCESS]),
            "JUPYTERHUB_SERVICE_NAME": "contacts",
            "JUPYTERHUB_SERVICE_PREFIX": "/services/contacts/",
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{free_port()}",
        }.items():
            environment.setenv(name, value)
        sign_in = SignIn(Way.JUPYTERHUB, email_domain="acme.example", secret=OURS)
        log = folder / "server.log"
        with served(folder / "contacts.db", hub_place(), sign_in, preheat=1, log=log) as (address, server):
            yield App(address, psutil.Process(server.pid), log)
    hub.shutdown()
    thread.join()
    hub.server_close()


def test_whom_the_hub_lets_in_gets_a_page_of_their_own(app):
    assert app.address.endswith("/services/contacts/")
    headers = {"Authorization": "token of-ana"}
    assert "· owner" in widget_states(app.address, answer(app.address, **headers), **headers)


def test_a_browser_that_comes_back_from_the_hub_gets_a_page(app):
    browser = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    with pytest.raises(HTTPError, match="404") as sent:  # what is the hub's is not at this server
        browser.open(app.address, timeout=60)
    with sent.value:
        (state,) = parse_qs(urlsplit(sent.value.url).query)["state"]
    back = urlencode({"code": "given-by-the-hub", "state": state})
    with browser.open(f"{app.address}oauth_callback?{back}", timeout=60) as response:
        assert "kernelId" in response.read().decode()


def test_others_are_sent_to_sign_in_at_the_hub(app):
    parts = urlsplit(app.address)
    for headers in ({}, {"Authorization": "token of-nobody"}, {"X-Contacts-User": "ana@acme.example"}):
        connection = HTTPConnection(parts.netloc, timeout=60)
        connection.request("GET", parts.path, headers=headers)
        response = connection.getresponse()
        assert response.status == 302
        assert str(response.headers["Location"]).startswith("/hub/api/oauth2/authorize?client_id=service-contacts")
        assert b"kernelId" not in response.read()
        connection.close()


def test_whom_the_hub_does_not_let_use_the_service_is_refused(app):
    with pytest.raises(Refused) as refused:
        answer(app.address, Authorization="token of-bo")
    assert refused.value.status == 403
    assert "kernelId" not in refused.value.said


def test_kernels_do_not_know_what_the_hub_trusts_the_service_by(app):
    answer(app.address, Authorization="token of-ana")
    kernels = [one for one in app.server.children(recursive=True) if "ipykernel_launcher" in one.cmdline()]
    assert kernels
    for process in (app.server, *kernels):
        assert OURS not in (*process.cmdline(), *process.environ().values())
    assert OURS not in app.log.read_text()


def test_signing_out_of_the_app_leads_to_signing_out_of_the_hub(app):
    answer(app.address, Authorization="token of-ana")
    kernels = [one for one in app.server.children(recursive=True) if "ipykernel_launcher" in one.cmdline()]
    assert {one.environ()["CONTACTS_NB_SIGN_OUT"] for one in kernels} == {"/services/contacts/logout"}
    connection = HTTPConnection(urlsplit(app.address).netloc, timeout=60)
    connection.request("GET", "/services/contacts/logout")
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (302, "/hub/logout")
    connection.close()
