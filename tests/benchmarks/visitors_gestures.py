"""What visitors do on their pages, how long each gesture takes, and what has to be seen after it.

The time is that from the message sent until all of the answer has come: the rows that the new search, filter or
order must show (by their names) and the sentence of how many they are, a name in the details, the sentence of what
was done.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, perf_counter
from zoneinfo import ZoneInfo

from contacts_nb import F
from contacts_nb.model.columns import COLUMNS
from contacts_nb.model.filters import EVERYONE, Filter
from contacts_nb.widgets.cells import cells_of
from contacts_nb.widgets.import_words import counted
from contacts_nb.widgets.state import ViewState
from contacts_nb.widgets.status_line import status
from contacts_nb.workspace import Workspace
from tests.benchmarks.visitors_client import HEIGHT, Page

SEARCH = "search: the last key of a word"
CLEAR_SEARCH = "search: cleared"
OFFER = "filter: values offered"
FILTER = "filter: a value chosen"
CLEAR_FILTER = "filter: cleared"
SORT = "sort: by a column"
TURN = "sort: the other way"
SCROLL = "scroll: to anywhere"
OPEN = "details: opened"
TICK = "tick: one contact"
TICK_MORE = "tick: all up to another"
TAG = "tag: given to them"
UNTAG = "tag: taken off again"
GESTURES = (
    SEARCH,
    CLEAR_SEARCH,
    OFFER,
    FILTER,
    CLEAR_FILTER,
    SORT,
    TURN,
    SCROLL,
    OPEN,
    TICK,
    TICK_MORE,
    TAG,
    UNTAG,
)

_KEY_SECONDS = 0.12
_MOST_TAGGED = 20
_FIRST_ORDER, _OTHER_ORDERS = "last_interaction", ("name", "phone", "email", "country", "created_at")
_WORDS = 40
_CHECKED = 10  # rows


def tag_of(visitor: int) -> str:
    """The name of a tag that only this visitor gives."""
    return f"Round {visitor}"


@dataclass(frozen=True)
class View:
    """What the table has to show: the names in its first rows and the sentence below; `count` rows in all."""

    names: tuple[str, ...]
    said: str
    count: int

    def is_shown(self, page: Page) -> bool:
        """Whether `page` shows it, with rows that came since the gesture."""
        shown = [list(rows.columns["Name"][:_CHECKED]) for rows in page.rows if not rows.first]
        return page.content("cnb-status") == self.said and list(self.names) in shown


@dataclass(frozen=True)
class Sought:
    """What is looked for, with what it has to show: words, criteria with values, orders by their labels."""

    everyone: View
    words: dict[str, View]
    filters: dict[tuple[str, str], View]
    orders: dict[str, tuple[View, View]]  # descending and ascending

    @classmethod
    def of(cls, workspace: Workspace) -> Sought:
        """Taken from contacts all over a workspace."""
        state = ViewState(workspace.contacts, sort=_FIRST_ORDER, descending=True)
        fields = {one.slug: one for one in workspace.fields}
        zone = ZoneInfo(workspace.time_zone)

        def view() -> View:
            results = state.results
            names = [
                cells_of(row, ["name"], datetime.now(UTC), zone)[0] for row in results.query.rows(0, _CHECKED)
            ]
            return View(tuple(names), status(state, fields), results.count)

        def searched(word: str) -> View:
            state.search = word
            return view()

        def filtered(tree: Filter) -> View:
            state.filter = tree
            return view()

        def sorted_by(key: str, *, descending: bool) -> View:
            state.sort_by(key, descending=descending)
            return view()

        count = state.results.count
        rows = [row for part in range(8) for row in state.results.query.rows(count * part // 8, _WORDS // 4)]
        found = sorted({word for row in rows for word in re.findall("[a-z]{3,6}", (row.name or "").lower())})
        words = [word for word in found if word not in tag_of(0).lower()]
        random.Random(1).shuffle(words)  # noqa: S311 - the same each time
        everyone = view()
        by_word = {word: searched(word) for word in words[:_WORDS]}
        state.search = ""
        values = {("country", row.country): F.country == row.country for row in rows if row.country}
        values |= {("language", row.language): F.language == row.language for row in rows if row.language}
        by_value = {value: filtered(tree) for value, tree in values.items() if value[1] is not None}
        state.filter = EVERYONE
        labels = {column.key: column.label for column in COLUMNS}
        orders = {
            labels[key]: (sorted_by(key, descending=True), sorted_by(key, descending=False))
            for key in (*_OTHER_ORDERS, _FIRST_ORDER)
        }
        return cls(everyone, by_word, by_value, orders)

    @property
    def first_order(self) -> str:
        """The label of the order that pages begin with."""
        return next(reversed(self.orders))


class Over(Exception):
    """The time is over."""


@dataclass
class Visit:
    """A visitor at work on `page`, who thinks for about `think` seconds between gestures."""

    page: Page
    sought: Sought
    number: int
    think: float
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    doing: str = ""

    def work(self, deadline: float) -> None:
        """Search and tag, filter, and sort, in turns by chance; raises TimeoutError for what isn't answered."""
        self._deadline = deadline
        self._chance = random.Random(self.number)  # noqa: S311 - the same each time
        try:
            while True:
                for task in self._chance.sample((self._look_up, self._look_up, self._filter, self._sort), 4):
                    task()
        except Over:
            return

    def _timed(self, gesture: str, act: Callable[[], None], shown: Callable[[], object]) -> None:
        self._wait_for(gesture, act, shown, self.times[gesture])
        self._pause()

    def _wait_for(
        self, what: str, act: Callable[[], None], shown: Callable[[], object], times: list[float] | None = None
    ) -> None:
        self.doing = what
        self.page.expect()
        started = perf_counter()
        act()
        self.page.until(shown)
        if times is not None:
            times.append((perf_counter() - started) * 1_000)

    def _pause(self) -> None:
        self.page.rest(self.think * self._chance.uniform(0.5, 1.5))
        if monotonic() > self._deadline:
            raise Over

    def _look_up(self) -> None:
        page, word = self.page, self._chance.choice(list(self.sought.words))
        view = self.sought.words[word]
        box = page.widget("cnb-search")
        for typed in range(1, len(word)):
            page.change(box, value=word[:typed])
            page.listen(_KEY_SECONDS)
        self._timed(SEARCH, lambda: page.change(box, value=word), lambda: view.is_shown(page))
        self._open(view)
        self._tag(view)
        self._scroll(view)
        self._timed(
            CLEAR_SEARCH,
            lambda: page.do(page.widget("cnb-tools", 'data-do="clear"'), "clear"),
            lambda: self.sought.everyone.is_shown(page),
        )

    def _open(self, view: View) -> None:
        page, row = self.page, self._chance.randrange(min(len(view.names), _CHECKED))
        before = set(page.widgets("cnb-profile"))

        def is_open() -> bool:
            new = set(page.widgets("cnb-profile")) - before
            return bool(new) and view.names[row] in page.content("cnb-profile")

        self._timed(OPEN, lambda: page.press(row, "Name"), is_open)
        self._close()

    def _close(self) -> None:
        page = self.page
        body = page.widget("cnb-body")
        self._wait_for(
            "closing the drawer",
            lambda: page.do(page.widget("cnb-drawer-bar"), "close"),
            lambda: len(page.state(body)["children"]) == 2,  # the inboxes and the table
        )

    def _tag(self, view: View) -> None:
        page = self.page
        count = self._chance.randint(1, min(view.count, _MOST_TAGGED))
        self._timed(TICK, lambda: page.press(0, "☐"), lambda: self._are_selected(1))
        if count > 1:
            press = lambda: page.press(count - 1, "☐", shift=True)  # noqa: E731 - one of a pair
            self._timed(TICK_MORE, press, lambda: self._are_selected(count))
        self._change_tag("tag", TAG, f"“{tag_of(self.number)}” given to {counted(count, 'contact')}")
        self._change_tag("untag", UNTAG, f"“{tag_of(self.number)}” taken off {counted(count, 'contact')}")
        self._wait_for(
            "clearing the selection",
            lambda: page.do(page.widget("cnb-selection"), "none"),
            lambda: "No contact is selected" in page.content("cnb-selection"),
        )

    def _are_selected(self, count: int) -> bool:
        said = f"{counted(count, 'contact')} selected"
        return bool(self.page.rows) and said in self.page.content("cnb-selection")

    def _change_tag(self, action: str, gesture: str, said: str) -> None:
        page, tag = self.page, tag_of(self.number)
        before = set(page.widgets("cnb-tags-panel"))
        self._wait_for(
            "opening the panel of tags",
            lambda: page.do(page.widget("cnb-selection"), action),
            lambda: set(page.widgets("cnb-tags-panel")) - before,
        )
        form = page.widget("cnb-tags-panel")
        self._wait_for(
            "choosing a tag",
            lambda: page.do(form, "offer", tag),
            lambda: f'data-do="drop" data-name="{tag}"' in page.state(form)["content"],
        )
        self._timed(
            gesture,
            lambda: page.do(form, "submit", values={"tag": [""]}),
            lambda: said in page.content("cnb-notices") and any(not rows.first for rows in page.rows),
        )

    def _filter(self) -> None:
        page, value = self.page, self._chance.choice(list(self.sought.filters))
        criterion, chosen = value
        view = self.sought.filters[value]
        before = set(page.widgets("cnb-filter"))
        tools = page.widget("cnb-tools", 'data-do="filter"')
        self._wait_for("opening the filter", lambda: page.do(tools, "filter"), lambda: self._filter_form(before))
        form = self._filter_form(before)
        add = self._control(form, r'data-at="(group\d+:add)"')
        names = r'data-at="(line\d+:names)"'
        self._wait_for(
            "adding a criterion",
            lambda: page.tell(form, do="choose", at=add, value=criterion),
            lambda: self._control(form, names),
        )
        box = self._control(form, names)
        self._timed(
            OFFER,
            lambda: page.tell(form, do="suggest", at=box, value=""),
            lambda: chosen in page.offered,
        )
        self._timed(
            FILTER,
            lambda: page.tell(form, do="choose", at=box, value=chosen),
            lambda: view.is_shown(page),
        )
        self._scroll(view)
        self._timed(
            CLEAR_FILTER,
            lambda: page.tell(form, do="press", at="drawer:clear", value=""),
            lambda: self.sought.everyone.is_shown(page),
        )
        self._close()

    def _filter_form(self, before: set[str]) -> str:
        """The form of the filter drawer that has come, if it has."""
        page = self.page
        new = [drawer for drawer in page.widgets("cnb-filter") if drawer not in before]
        inside = [one.removeprefix("IPY_MODEL_") for drawer in new for one in page.state(drawer)["children"]]
        return next((one for one in inside if 'data-at="drawer:clear"' in page.state(one).get("content", "")), "")

    def _control(self, form: str, pattern: str) -> str:
        found = re.search(pattern, self.page.state(form)["content"])
        return found[1] if found else ""

    def _sort(self) -> None:
        other = self._chance.choice([label for label in self.sought.orders if label != self.sought.first_order])
        for label, (first, then) in (
            (other, self.sought.orders[other]),
            (self.sought.first_order, tuple(reversed(self.sought.orders[self.sought.first_order]))),
        ):
            self._order(label, first)
            self._turn(then)

    def _order(self, label: str, view: View) -> None:
        page = self.page
        ((order, labels),) = self._orders()
        self._timed(SORT, lambda: page.change(order, index=labels.index(label)), lambda: view.is_shown(page))
        self._scroll(view)

    def _orders(self) -> Iterator[tuple[str, Sequence[str]]]:
        toolbar = self.page.state(self.page.widget("cnb-toolbar"))["children"]
        for child in (one.removeprefix("IPY_MODEL_") for one in toolbar):
            if "_options_labels" in self.page.state(child):
                yield child, self.page.state(child)["_options_labels"]

    def _turn(self, view: View) -> None:
        page = self.page
        toolbar = page.state(page.widget("cnb-toolbar"))["children"]
        button = next(
            one.removeprefix("IPY_MODEL_")
            for one in toolbar
            if page.state(one.removeprefix("IPY_MODEL_"))["_model_name"] == "ButtonModel"
        )
        self._timed(TURN, lambda: page.tell(button, event="click"), lambda: view.is_shown(page))

    def _scroll(self, view: View) -> None:
        if view.count <= HEIGHT:
            return
        first = self._chance.randrange(1, view.count - HEIGHT + 1)
        self._timed(
            SCROLL,
            lambda: self.page.ask_for_rows(first),
            lambda: any(rows.first == first for rows in self.page.rows),
        )
