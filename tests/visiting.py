"""A visitor of the served app without a browser: its page, and messages to the kernel behind it."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate, pairwise
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

# Whatever proxy the environment names, the app is asked directly.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SECONDS = 60
# What pages speak: a message is a row of parts, after where each of them begins and the last one ends.
_PROTOCOL = Subprotocol("v1.kernel.websocket.jupyter.org")
_PARTS = ("header", "parent_header", "metadata", "content")
_NUMBER = 8  # bytes


class Refused(Exception):
    """The server's answer was an error, and what it said."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status}: {said[:300]}")
        self.status = status
        self.said = said


def answer(address: str, path: str = "", method: str = "GET", **headers: str) -> str:
    """What the server says to a request, redirects followed; raises `Refused`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address.rstrip("/") + "/" + path.lstrip("/"), headers=names, method=method)
    try:
        with _DIRECT.open(request, timeout=_SECONDS) as response:
            text: str = response.read().decode(errors="replace")
            return text
    except HTTPError as error:
        with error:
            raise Refused(error.code, error.read().decode(errors="replace")) from None


def kernel_of(page: str) -> str:
    """The id of the kernel behind a page."""
    found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page)
    assert found, page[:2000]
    return found[1]


@contextmanager
def channels(address: str, kernel: str, **headers: str) -> Iterator[Channels]:
    """A connection to a kernel, as a page has it; what the server refuses raises what `websockets` raises."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    origin = names.pop("Origin", address.rstrip("/"))
    parts = urlsplit(address)
    session = uuid.uuid4().hex
    with connect(
        f"ws://{parts.netloc}{parts.path}api/kernels/{kernel}/channels?session_id={session}",
        origin=Origin(origin),
        additional_headers=names,
        subprotocols=[_PROTOCOL],
        proxy=None,
        legacy=True,  # what is given is one connection, not one that comes back
        max_size=None,
        open_timeout=_SECONDS,
    ) as connection:
        yield Channels(connection, session)


class Channels:
    """Messages to a kernel and from it."""

    def __init__(self, connection: ClientConnection, session: str) -> None:
        self._connection = connection
        self._session = session

    def send(self, kind: str, content: Mapping[str, Any], channel: str = "shell") -> str:
        """Send a message; gives its id."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": kind, "session": self._session, "username": "", "version": "5.3"}
        # The version is that of the widgets' protocol; other messages have no use for it.
        message = {"header": header, "parent_header": {}, "metadata": {"version": "1.0.0"}, "content": content}
        parts = [channel.encode(), *(json.dumps(message[part]).encode() for part in _PARTS)]
        ends = accumulate(map(len, parts), initial=_NUMBER * (len(parts) + 2))
        numbers = [len(parts) + 1, *ends]
        self._connection.send(b"".join([*(one.to_bytes(_NUMBER, "little") for one in numbers), *parts]))
        return number

    def received(self, seconds: float) -> Iterator[dict[str, Any]]:
        """The messages that come, until none came for so long."""
        while True:
            try:
                data = self._connection.recv(seconds)
            except TimeoutError:
                return
            assert isinstance(data, bytes), data
            ends = [
                int.from_bytes(data[at : at + _NUMBER], "little") for at in range(_NUMBER, 7 * _NUMBER, _NUMBER)
            ]
            parts = [data[start:end] for start, end in pairwise(ends)]
            yield {part: json.loads(text) for part, text in zip(_PARTS, parts[1:], strict=True)}


def widget_states(address: str, page: str, **headers: str) -> str:
    """All that a page's widgets are told, as one text."""
    with channels(address, kernel_of(page), **headers) as connection:
        opened = {"comm_id": "attack", "target_name": "jupyter.widget.control", "data": {}}
        connection.send("comm_open", opened)
        connection.send("comm_msg", {"comm_id": "attack", "data": {"method": "request_states"}})
        for message in connection.received(20):
            if message["header"]["msg_type"] == "comm_msg" and message["content"]["comm_id"] == "attack":
                return str(message["content"]["data"])
    raise AssertionError("no states came")
