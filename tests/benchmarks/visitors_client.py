"""A page of the app without a browser: what its widgets are, and the messages by which a page speaks to them."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from http.cookiejar import CookieJar
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from tests.visiting import Channels, channels, kernel_of

Found = TypeVar("Found")
HEIGHT = 30  # rows that a page shows
_GIVE_UP_SECONDS = 60
_START_SECONDS = 300
_ASK_SECONDS = 5  # as presence.js does
_TRIES = 3
_ALERT = re.compile(r'role="alert"[^>]*>(?:<p>|<h1>)?([^<\s][^<]*)')


class Rows(NamedTuple):
    """Rows that came, from the row `first` on; cells by the label of their column."""

    first: int
    columns: dict[str, list[str]]


class Page:
    """The widgets of a page, as its kernel last told them.

    `rows` are those that came since `expect` was called. `renewals` counts how often they came by themselves,
    `problems` is what the page told its visitor that went wrong.
    """

    def __init__(self, connection: Channels) -> None:
        self._connection = connection
        self._states: dict[str, dict[str, Any]] = {}
        self._is_resting = False
        self._awaited = 0  # answers with the first rows that were asked for
        self._asked_at = monotonic()
        self._asked = self._unanswered = 0
        self.rows: list[Rows] = []
        self.offered: list[str] = []
        self.renewals = 0
        self.problems: list[str] = []

    def begin(self) -> None:
        """Learn what widgets there are, and ask for the first rows."""
        self._connection.send(
            "comm_open", {"comm_id": "page", "target_name": "jupyter.widget.control", "data": {}}
        )
        self._connection.send("comm_msg", {"comm_id": "page", "data": {"method": "request_states"}})
        self.expect()
        self.until(lambda: self.widgets("cnb-app"))
        self.ask_for_rows(0)
        self.until(lambda: self.rows)

    def widgets(self, css_class: str, holding: str = "") -> list[str]:
        """Those of that class with something in their content, the newest last."""
        return [
            model
            for model, state in self._states.items()
            if css_class in (state.get("_dom_classes") or ()) and holding in state.get("content", "")
        ]

    def widget(self, css_class: str, holding: str = "") -> str:
        """The newest of them."""
        return self.widgets(css_class, holding)[-1]

    def state(self, model: str) -> dict[str, Any]:
        """What a widget was last told to be."""
        return self._states[model]

    def content(self, css_class: str) -> str:
        """The text of the newest widget of a class."""
        state = self._states[self.widget(css_class)]
        return unescape(re.sub("<[^>]*>", "", state.get("content") or state.get("value") or ""))

    def tell(self, model: str, **told: Any) -> None:
        """Tell a widget something, as its script would."""
        self._send(model, {"method": "custom", "content": told})

    def do(self, model: str, action: str, name: str = "", values: Mapping[str, list[str]] | None = None) -> None:
        """Tell a form of HTML what was done in it."""
        self.tell(model, action=action, name=name, value="", values=dict(values or {}))

    def change(self, model: str, **state: Any) -> None:
        """Change what a widget holds, as typing and choosing does."""
        self._states[model] |= state
        self._send(model, {"method": "update", "state": state, "buffer_paths": []})

    def ask_for_rows(self, first: int) -> None:
        """Ask for the rows that are in view when that one is the first."""
        self._awaited += not first
        right = len(self._states[self.widget("cnb-grid")]["_data"]["schema"]["fields"]) - 3
        last = first + HEIGHT - 1
        self.tell(self.widget("cnb-grid"), type="data-request", r1=first, r2=last, c1=0, c2=right)

    def press(self, row: int, column: str, *, shift: bool = False) -> None:
        """Press a cell."""
        gestures = next(model for model, state in self._states.items() if "widths" in state)
        grid = self.widget("cnb-grid")
        labels = [field["name"] for field in self._states[grid]["_data"]["schema"]["fields"]][1:-1]
        place = labels.index(column)
        self.tell(gestures, pressed={"shift": shift, "x": 100, "y": 100})
        self.tell(
            grid, event_type="cell-click", region="body", column=column, column_index=place, row=row, cell_value=""
        )
        self.change(grid, selections=[{"r1": row, "r2": row, "c1": 0, "c2": len(labels) - 1}])

    def expect(self) -> None:
        """Forget what came until now."""
        self.rows, self.offered = [], []

    def until(self, shown: Callable[[], Found], seconds: float = _GIVE_UP_SECONDS) -> Found:
        """Take in what comes until something is `shown`; raises TimeoutError."""
        deadline = monotonic() + seconds
        while not (found := shown()):
            self._receive(deadline)
            if monotonic() > deadline:
                raise TimeoutError(f"nothing came for {seconds:.0f} s")
        return found

    def rest(self, seconds: float) -> None:
        """Take in what comes while the visitor does nothing, and nothing has to come."""
        self._is_resting = True
        self.listen(seconds)
        self._is_resting = False

    def listen(self, seconds: float) -> None:
        """Take in what comes for a while."""
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            self._receive(deadline)

    def _send(self, model: str, data: Mapping[str, Any]) -> None:
        self._connection.send("comm_msg", {"comm_id": model, "data": data})

    def _receive(self, deadline: float) -> None:
        self._ask_whether_it_is_there()
        wait = min(deadline, self._asked_at + _ASK_SECONDS) - monotonic()
        message = next(self._connection.received(max(0.0, wait)), None)
        if message is None:
            return
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "error":
            self.problems.append(f"{content['ename']}: {content['evalue']}")
        elif kind == "comm_open":
            self._take(content["comm_id"], content["data"].get("state", {}))
        elif kind == "comm_close":
            self._states.pop(content["comm_id"], None)
        elif kind == "comm_msg":
            self._told(content["comm_id"], content["data"])

    def _told(self, model: str, data: Mapping[str, Any]) -> None:
        if data["method"] == "update_states":
            for one, told in data["states"].items():
                self._take(one, told["state"])
        elif data["method"] == "update":
            self._take(model, data["state"])
        elif data["method"] == "custom":
            self._said(data["content"])

    def _said(self, said: Mapping[str, Any]) -> None:
        kind = said.get("event_type")
        if kind == "data-reply":
            # Texts come as they are; the numbers of the hidden key are bytes.
            cells = {label: column for label, column in said["value"]["data"].items() if isinstance(column, list)}
            rows = Rows(int(said["r1"]), cells)
            self.rows.append(rows)
            if rows.first == 0 and len(cells) > 1:
                self.renewals += self._is_resting and not self._awaited
                self._awaited = max(0, self._awaited - 1)
        elif kind == "tick":
            self.ask_for_rows(0)  # the page is at the top then
        elif said.get("do") == "offer":
            self.offered = [offer["value"] for offer in said["offers"]]
        elif "answered" in said:
            self._unanswered = 0

    def _take(self, model: str, state: dict[str, Any]) -> None:
        self._states.setdefault(model, {}).update(state)
        self.problems += [unescape(said) for said in _ALERT.findall(state.get("content") or "")]

    def _ask_whether_it_is_there(self) -> None:
        if monotonic() - self._asked_at < _ASK_SECONDS or not self.widgets("cnb-presence"):
            return
        self._asked_at = monotonic()
        self._asked += 1
        self._unanswered += 1
        if self._unanswered == _TRIES + 1:
            self.problems.append("The app doesn’t answer any more.")
        self.tell(self.widget("cnb-presence"), asked=self._asked)


class Browser:
    """What asks for a page and tells the server that it is left, with cookies; `headers` say who it is."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self._address = address
        self._headers = dict(headers)
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._cookies)
        )
        self._kernel = ""

    @contextmanager
    def page(self) -> Iterator[Page]:
        """The page, once it has its first rows; its connection ends with the block."""
        self._kernel = kernel_of(self._said(""))
        with channels(self._address, self._kernel, **self._headers) as connection:
            page = Page(connection)
            page.begin()
            yield page

    def say_goodbye(self) -> None:
        """End the kernel, as the script of a page does when it is left; raises HTTPError."""
        token = next((cookie.value for cookie in self._cookies if cookie.name.startswith("_xsrf")), None) or ""
        self._said(f"voila/api/shutdown/{self._kernel}", urllib.parse.urlencode({"_xsrf": token}).encode())

    def _said(self, path: str, data: bytes | None = None) -> str:
        request = urllib.request.Request(self._address + path, data, self._headers)
        with self._opener.open(request, timeout=_START_SECONDS) as response:
            text: str = response.read().decode(errors="replace")
            return text
