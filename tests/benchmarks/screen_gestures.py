"""How long the app takes to answer each gesture on its page, by the page's own clock.

From the time stamp of the gesture's event (a key or the mouse going down, the click, the change of a list) to the
moment when the last text in the rows was painted; for a tick until its sign was; for details until the frame after
the one that has the name in it; for a selection of all until all signs in view were and its sentence was said; and
from just before another process stores a name until it was painted.
What is searched and filtered for is taken from the contacts of the workspace.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from playwright.sync_api import Locator, Page

from contacts_nb.model.contact import ContactRow
from contacts_nb.model.places import country_name, language_name
from contacts_nb.workspace import Workspace
from tests.browser.table_page import HEADER_PX, ROW_PX, TablePage, shows

CATCH_GESTURES = """
window.gestureAt = {};
for (const kind of ["keydown", "pointerdown", "pointermove", "click", "change"])
  window.addEventListener(kind, (event) => { window.gestureAt[kind] = event.timeStamp; }, true);
"""
SCROLL = "scroll bar: to anywhere"
GOALS = {
    "search: the first letter": 400,
    "search: the last key of a word": 400,
    "filter: a value chosen": 400,
    "filter: cleared": 400,
    "sort: by a column": 500,
    "sort: the other way": 500,
    "sort: from a header's menu": 500,
    "details: opened": 300,
    "tick: one contact": 150,
    "select all that are shown": 300,
    SCROLL: 400,
    "another's change: seen": 3_000,
}  # milliseconds
_KEY_MS = 120
_QUIET_MS = 500
_GIVE_UP_MS = 60_000
_EVERYONE = r"^[\d,]+ contacts?$"
_HEADING = ".cnb-drawer .cnb-head h2"
_SAID = ".cnb-selection [data-part=said]"
_ORDERS = ("Name", "Phone", "Email", "Country", "Last interaction")
_MENUS = ("name", "phone", "email")
# In thousandths of the way, none beside the one before.
PLACES = (500, 20, 910, 333, 777, 150, 640, 1000, 250, 850)

_BEGIN = """([selector, text]) => {
  window.painted.length = 0;
  window.gestureAt = {};
  window.shownAt = null;
  if (!selector) return;
  const look = () => {
    const isShown = document.querySelector(selector)?.textContent.trim().endsWith(text);
    requestAnimationFrame(isShown ? () => { window.shownAt = performance.now(); } : look);
  };
  look();
}"""
# "..." stands where a row is awaited. What is painted below the edge is seen by nobody, and never gets its row.
_ROWS_CAME = """([kind, quiet, status, before]) => {
  const since = window.gestureAt[kind];
  const bottom = document.querySelector(".lm-DataGrid-viewport").clientHeight;
  const cells = window.painted.filter(([at, , , y]) => at > since && y > 36 && y < bottom);
  const byPlace = new Map(cells.filter(([, , x]) => x > 44 && x < 64).map(([, text, , y]) => [y, text]));
  const names = [...byPlace.keys()].sort((one, other) => one - other).map((y) => byPlace.get(y));
  if (!names.length || names.includes("...") || performance.now() - cells.at(-1)[0] < quiet) return null;
  const isAnswer = status
    ? new RegExp(status).test(document.querySelector(".cnb-status").textContent.trim())
    : JSON.stringify(names) !== JSON.stringify(before);
  return isAnswer ? [cells.at(-1)[0] - since, names] : null;
}"""
_SIGN_CAME = """([top, bottom, sign]) => {
  const since = window.gestureAt.pointerdown;
  const signs = window.painted.filter(([at, , x, y]) => at > since && x < 44 && y > top && y < bottom);
  return signs.at(-1)?.[1] === sign ? signs.find(([, text]) => text === sign)[0] - since : null;
}"""
_ALL_SIGNS_CAME = """([quiet, rows]) => {
  const since = window.gestureAt.click;
  const bottom = document.querySelector(".lm-DataGrid-viewport").clientHeight;
  const painted = window.painted.filter(([at, , x, y]) => at > since && x < 44 && y > 36 && y < bottom);
  const signs = new Map(painted.map(([, text, , y]) => [y, text]));
  const areAll = signs.size >= rows && [...signs.values()].every((sign) => sign === "☑");
  if (window.shownAt === null || !areAll || performance.now() - painted.at(-1)[0] < quiet) return null;
  return Math.max(window.shownAt, painted.at(-1)[0]) - since;
}"""
_NAME_CAME = """([since, name]) => {
  const painted = window.painted.find(([at, text]) => at > since && text === name);
  return painted ? painted[0] - since : null;
}"""


@dataclass(frozen=True)
class Sought:
    """Words to search for, and criteria with a value to filter by."""

    words: Sequence[str]
    filters: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, workspace: Workspace, count: int) -> Sought:
        """Taken from contacts all over a workspace; the words are ASCII, as they are typed key by key."""
        contacts = workspace.contacts
        rows = [row for number in range(8) for row in contacts.rows(contacts.count() * number // 8, count)]
        words = dict.fromkeys(word.lower() for number, row in enumerate(rows) for word in _word_of(number, row))
        return cls(list(words)[:: max(1, len(words) // count)][:count], list(_filters_of(rows))[:count])


def _word_of(number: int, row: ContactRow) -> Iterator[str]:
    first, *others = row.name.split() or [""]
    digits = re.sub(r"\D", "", row.phone or "")
    address = (row.email or "").partition("@")[0]
    kinds = (first, "".join(others[-1:]), row.name, digits, address, "".join(row.tags[:1]))
    word = kinds[number % len(kinds)]
    if word.isascii() and len(word) > 1:
        yield word


def _filters_of(rows: Sequence[ContactRow]) -> Iterator[tuple[str, str]]:
    kinds: dict[str, Callable[[ContactRow], str | None]] = {
        "Country": lambda row: country_name(row.country),
        "Language": lambda row: language_name(row.language),
        "Tags": lambda row: "".join(row.tags[:1]),
        "Last interacted channel": lambda row: row.last_interacted_channel,
        "Assignee": lambda row: row.assignee,
    }
    for criterion, value_of in kinds.items():
        yield from ((criterion, value) for value in list(filter(None, map(value_of, rows)))[:1])


class Gestures:
    """A person at the app on `page`, opened with `CATCH_GESTURES`; `times` are milliseconds by gesture."""

    def __init__(self, page: Page) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self._page = page
        self._table = TablePage(page)
        self._drawer = page.locator(".cnb-drawer")
        self._names: list[str] = []

    def follow(self, workspace: Workspace, count: int) -> None:
        """See what another process, which has `workspace`, changes in the rows that the page shows at first."""
        newest = workspace.contacts.sort_by("last_interaction", descending=True)
        for number, row in enumerate(newest.rows(0, count)):
            # Somewhere between two looks.
            self._page.wait_for_timeout(_QUIET_MS + 970 * number / count)
            name = f"Seen {number}"
            since = self._page.evaluate("performance.now()")
            operation = workspace.contacts[row.id].update(first_name=name, last_name="")
            self.times["another's change: seen"].append(self._wait(_NAME_CAME, [since, name]))
            if operation is not None:
                operation.undo()

    def search(self, words: Sequence[str]) -> None:
        """Search for each word: its first letter alone, and then all of it."""
        box = self._page.get_by_placeholder("Search name")
        for word in words:
            with self._rows("search: the first letter", "keydown", _found(word[0])):
                box.press(word[0])
            with self._rows("search: the last key of a word", "keydown", _found(word)):
                box.press_sequentially(word[1:], delay=_KEY_MS)
            self._empty(box)

    def filter(self, filters: Sequence[tuple[str, str]]) -> None:
        """Filter by one value after the other, and clear the filter after each."""
        self._page.get_by_role("button", name=re.compile("^Filter, ")).click()
        for criterion, value in filters:
            self._offered(self._drawer.get_by_role("combobox").first, criterion).press("Enter")
            box = self._offered(self._drawer.get_by_role("combobox", name=f"{criterion}: find"), value)
            with self._rows("filter: a value chosen", "keydown", re.escape(f": {criterion} ")):
                box.press("Enter")
            with self._rows("filter: cleared", "click", _EVERYONE):
                self._drawer.get_by_role("button", name="Clear", exact=True).click()
        self._close()

    def sort(self, count: int) -> None:
        """Sort by columns, each both ways, from the list above the table and from the menus of headers."""
        toolbar = self._page.locator(".cnb-toolbar")
        by = toolbar.get_by_label("Sort by")
        turn = toolbar.get_by_role("button", name=re.compile("ending$"))
        for column in _ORDERS[:count]:
            with self._rows("sort: by a column", "change"):
                by.select_option(column)
            with self._rows("sort: the other way", "click"):
                turn.click()
        for column in _MENUS[:count]:
            for command in ("Sort Ascending", "Sort Descending"):
                with self._rows("sort: from a header's menu", "pointerdown"):
                    self._table.sort(column, command)

    def open(self, count: int) -> None:
        """Open the details of the first rows by a click on the name, the drawer being closed."""
        for row, name in enumerate(self._names[:count]):
            self._begin(_HEADING)
            self._table.click_cell(row, "name")
            shown_at = "() => window.shownAt && [window.shownAt - window.gestureAt.pointerdown]"
            self.times["details: opened"].append(self._wait(shown_at)[0])
            opened = " ".join(self._page.locator(_HEADING).inner_text().split())
            assert shows(" ".join(name.split()), opened), f"{opened} was opened, not {name}"
            self._close()

    def tick(self, count: int) -> None:
        """Tick contacts from the first row on, and untick them."""
        rows = range(min(count, len(self._names) - 1))  # the last one is seen in part
        for sign in "☑☐":
            for row in rows:
                top = HEADER_PX + ROW_PX * row
                self._begin()
                self._table.click_cell(row, "tick")
                self.times["tick: one contact"].append(self._wait(_SIGN_CAME, [top, top + ROW_PX, sign]))
                self._page.wait_for_timeout(_QUIET_MS)

    def select_all(self, count: int, word: str) -> None:
        """Select all contacts, and all that are found by a word, in turn."""
        bar = self._page.get_by_role("toolbar", name="Selection")
        box = self._page.get_by_placeholder("Search name")
        for _, typed in zip(range(count), cycle(("", word)), strict=False):
            if typed:
                with self._rows("", "keydown", _found(typed)):
                    box.press_sequentially(typed)
            every = bar.get_by_role("button", name=re.compile("^Select (all|the)"))
            wanted = re.sub(r"^Select (?:all|the) (.*) shown$", r"\1 selected", every.inner_text())
            self._begin(_SAID, wanted)
            every.click()
            self.times["select all that are shown"].append(
                self._wait(_ALL_SIGNS_CAME, [_QUIET_MS, len(self._names)])
            )
            bar.get_by_role("button", name="Clear selection").click()
            self._page.locator(_SAID, has_text="No contact is selected").wait_for()
            if typed:
                self._empty(box)

    def scroll(self, places: Sequence[int]) -> None:
        """Drag the scroll bar to places, in thousandths of the way."""
        for place in places:
            with self._rows(SCROLL, "pointermove"):
                self._drag_to(place / 1_000)

    def _drag_to(self, share: float) -> None:
        bar = self._page.locator(".lm-ScrollBar[data-orientation=vertical]")
        track = bar.locator(".lm-ScrollBar-track").bounding_box()
        thumb = bar.locator(".lm-ScrollBar-thumb").bounding_box()
        assert track
        assert thumb
        mouse, x, half = self._page.mouse, thumb["x"] + thumb["width"] / 2, thumb["height"] / 2
        mouse.move(x, thumb["y"] + half)
        mouse.down()
        mouse.move(x, track["y"] + half + share * (track["height"] - thumb["height"]), steps=4)
        mouse.up()

    def _offered(self, box: Locator, typed: str) -> Locator:
        box.fill(typed)
        # What is chosen is timed, not the finding of it.
        self._page.locator(".cnb-filter-list [role=option]").first.wait_for()
        return box

    def _close(self) -> None:
        self._begin()
        self._drawer.get_by_role("button", name=re.compile("^Close ")).click()
        self._drawer.wait_for(state="detached")
        self._page.wait_for_timeout(_QUIET_MS)

    def _empty(self, box: Locator) -> None:
        box.press("Control+a")
        with self._rows("", "keydown", _EVERYONE):
            box.press("Delete")

    @contextmanager
    def _rows(self, name: str, event: str, status: str = "") -> Iterator[None]:
        """Time until the rows came and the page says `status`, a pattern; without, until others came."""
        self._begin()
        yield
        milliseconds, self._names = self._wait(_ROWS_CAME, [event, _QUIET_MS, status, self._names])
        if name:
            self.times[name].append(milliseconds)

    def _begin(self, selector: str = "", text: str = "") -> None:
        self._page.evaluate(_BEGIN, [selector, text])

    def _wait(self, answer: str, arguments: Sequence[object] = ()) -> Any:
        found = self._page.wait_for_function(answer, arg=arguments, timeout=_GIVE_UP_MS, polling=50)
        return found.json_value()


def _found(typed: str) -> str:
    return re.escape(f"“{typed}” is found")
