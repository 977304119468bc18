"""A visitor who speaks to the server as no page does gets no answer, and everybody else still gets theirs."""

from __future__ import annotations

import http.cookiejar
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

import contacts_nb as cn
from contacts_nb.app.serving import served
from tests.visiting import Refused, answer, channels, kernel_of


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[tuple[str, psutil.Process]]:
    path: Path = tmp_path_factory.mktemp("spoken-to") / "contacts.db"
    cn.create(path).close()
    with served(path) as (address, server):
        yield address, psutil.Process(server.pid)


@pytest.fixture(scope="module")
def kernel(app) -> str:
    return kernel_of(answer(app[0]))


def test_messages_in_an_older_form_are_refused(app, kernel):
    address = f"{app[0].replace('http', 'ws')}api/kernels/{kernel}/channels?session_id=x"
    refused = pytest.raises(InvalidStatus, match="400")
    with refused, connect(address, origin=Origin(app[0].rstrip("/")), proxy=None):
        pass


def number(value: int) -> bytes:
    return value.to_bytes(8, "little")


@pytest.mark.parametrize(
    "message",
    [
        number(2**63) + b"x" * 100,
        number(1_000_000) + b"x" * 8_000_100,
        number(7) + number(2**62) * 6,
        number(3),
        b"",
        b"\xff",
        "{}",
        "[" * 100_000,
    ],
    ids=["endless", "very many", "far away", "cut off", "nothing", "one byte", "text", "deep"],
)
def test_a_message_that_no_page_sends_ends_its_connection_or_nothing(app, kernel, message):
    with channels(app[0], kernel) as evil, channels(app[0], kernel) as page:
        evil._connection.send(message)
        asked = page.send("kernel_info_request", {})
        replies = (one for one in page.received(20) if one["parent_header"].get("msg_id") == asked)
        assert next(replies)["header"]["msg_type"] in {"status", "kernel_info_reply"}
        with pytest.raises(ConnectionClosed):
            list(evil.received(20))


def test_a_page_that_is_left_ends_its_kernel_and_not_without_its_cookie(app):
    address, server = app
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
    with browser.open(address, timeout=60) as response:
        left = kernel_of(response.read().decode())
    with pytest.raises(Refused, match="403"):
        answer(address, f"voila/api/shutdown/{left}", "POST")
    assert left in answer(address, f"api/kernels/{left}")
    token = next(cookie.value for cookie in jar if cookie.name.startswith("_xsrf"))
    goodbye = urllib.request.Request(
        f"{address}voila/api/shutdown/{left}", method="POST", headers={"X-XSRFToken": str(token)}
    )
    browser.open(goodbye, timeout=60).close()
    end = time.monotonic() + 20
    while any(left in " ".join(one.cmdline()) for one in server.children(recursive=True)):
        assert time.monotonic() < end
        time.sleep(0.1)
