"""Choosing what is looked at: the inboxes that a user sees, each with how many contacts it holds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any
from weakref import ReferenceType, ref

import ipywidgets
from traitlets import Int, Unicode, Union, observe, validate

from contacts_nb.model.errors import NotFound
from contacts_nb.model.inboxes import Sharing
from contacts_nb.model.people import Role
from contacts_nb.model.text import name_key
from contacts_nb.widgets.confirm_panel import ConfirmPanel
from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.html import markup
from contacts_nb.widgets.inbox_editor import InboxEditor
from contacts_nb.widgets.inbox_list import Counted, InboxList, key_of
from contacts_nb.widgets.style import style_widget
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.inboxes import Inbox

logger = logging.getLogger("contacts_nb")
OnChoice = Callable[[Inbox], None]
_LOOKING = 1.0  # seconds from one look at what others did to the next
_COUNTING = 0.01  # seconds between two counts, for what a person does meanwhile
_DRAWING = 0.2  # seconds; counts that come quicker are shown together
_FIRST = "All"
_tasks: set[asyncio.Task[None]] = set()  # a loop itself keeps no hold of its tasks


class InboxSelector(ipywidgets.VBox):
    """The inboxes of `workspace`, one of which is chosen; `inbox` is its id if somebody saved it, else its name.

    It can be set to any name or id, which raises `NotFound` if there is none. `on_choice` is called with each
    inbox that is chosen. What a user saved can be renamed, shared and deleted here.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets.inbox_selector import InboxSelector
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> _ = ws.inboxes.save("British", cn.F.country == "GB")
    >>> selector = InboxSelector(ws, on_choice=print)
    >>> selector.inbox = "british"
    <inbox British: Country is United Kingdom>
    >>> selector.chosen.contacts.count()
    0
    """

    inbox = Union([Int(), Unicode()], default_value=_FIRST)

    def __init__(self, workspace: Workspace, *, on_choice: OnChoice | None = None) -> None:
        self._workspace = workspace
        self._on_choice = on_choice
        self._shown = InboxList()
        self._counted: dict[str | int, Counted] = {}
        self._to_count: list[str | int] = []
        self._version = 0
        self._drawn = 0.0
        self._is_failing = False
        self._style = style_widget()
        self._list = GestureForm(self._do, self._say, "cnb-inboxes")
        super().__init__([self._style, self._list])
        self.add_class("cnb-inbox-selector")
        self._keeps_up = self._keep_up()
        self._read()

    @property
    def chosen(self) -> Inbox:
        """The inbox that is chosen, as it was when the list was read."""
        return self._with(self.inbox)

    def step(self) -> float:
        """Do the next small piece of keeping up with the workspace; gives the seconds until there is another."""
        started = perf_counter()
        try:
            if self._to_count:
                self._count(self._to_count.pop(0))
            elif self._workspace.contacts.version() != self._version:
                self._read()
            self._is_failing = False
        except Exception as error:  # noqa: BLE001 - the next gesture says so, and this goes on when the cause is gone
            if not self._is_failing:
                logger.warning("Inboxes can't be counted: %s", error)
            self._is_failing = True
            return _LOOKING
        # At most half of the time: every count takes turns with what a person does.
        return max(_COUNTING, perf_counter() - started) if self._to_count else _LOOKING

    def _keep_up(self) -> bool:
        """Whether there is a loop to keep up in from now on, as in every notebook."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        task = loop.create_task(_follow(ref(self)))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        return True

    def _read(self) -> None:
        """Read which inboxes there are; what they hold is counted in the steps that follow."""
        self._version = self._workspace.contacts.version()
        user = self._workspace.user
        self._shown.inboxes = list(self._workspace.inboxes)
        self._shown.users = {one.email: one.name for one in self._workspace.users}
        self._shown.is_owner = user is not None and user.role is Role.OWNER
        self._to_count = [key_of(inbox) for inbox in self._shown.inboxes]
        self._counted = {key: known for key, known in self._counted.items() if key in self._to_count}
        self._draw()
        if self.inbox not in self._to_count:
            self.inbox = _FIRST
            self._shown.note = "The inbox isn't there any more, so you see all contacts."
            self._draw()
        while self._to_count and not self._keeps_up:
            self._count(self._to_count.pop(0))

    def _count(self, key: str | int) -> None:
        inbox = self._with(key)
        self._counted[key] = Counted(inbox.count(), bool(inbox.id and inbox.broken()))
        if not self._to_count or perf_counter() - self._drawn > _DRAWING:
            self._draw()

    def _draw(self) -> None:
        self._shown.chosen, self._shown.counted = self.inbox, self._counted
        self._list.show(self._shown.html())
        self._drawn = perf_counter()

    def _with(self, key: object) -> Inbox:
        for inbox in self._shown.inboxes:
            if key_of(inbox) == key:
                return inbox
        raise NotFound("inbox", key, "isn't there any more; choose another one")

    @validate("inbox")
    def _found(self, proposal: Mapping[str, Any]) -> str | int:
        wanted = proposal["value"]
        if wanted not in {key_of(inbox) for inbox in self._shown.inboxes}:
            self._read_new(wanted)
        for inbox in self._shown.inboxes:
            if wanted in (inbox.id, inbox.name) or name_key(inbox.name) == name_key(str(wanted)):
                return key_of(inbox)
        raise NotFound("inbox", wanted, "doesn't exist, or isn't shared with you; ws.inboxes lists those you see")

    def _read_new(self, wanted: object) -> None:
        """It may have been saved a moment ago."""
        if any(isinstance(wanted, str) and name_key(one.name) == name_key(wanted) for one in self._shown.inboxes):
            return
        self._read()

    @observe("inbox")
    def _tell(self, _change: object) -> None:
        self._shown.note = ""
        self._draw()
        if self._on_choice is not None:
            self._on_choice(self.chosen)

    def _do(self, gesture: Gesture) -> None:
        self._shown.problem = self._shown.note = ""
        if gesture.action == "typed":
            self._shown.typed = str(gesture.value)
        elif gesture.action == "choose":
            self.inbox = _key(gesture.name)
        elif gesture.action in ("edit", "remove"):
            inbox = self._with(_key(gesture.name))
            (self._edit if gesture.action == "edit" else self._ask)(inbox)
        self._draw()

    def _edit(self, inbox: Inbox) -> None:
        self._put(
            InboxEditor(
                self._workspace,
                inbox,
                on_saved=lambda: self._come_back(inbox),
                on_remove=lambda: self._ask(inbox),
                on_cancel=lambda: self._come_back(inbox),
            )
        )

    def _ask(self, inbox: Inbox) -> None:
        question = markup("The inbox “<bdi>{name}</bdi>” is deleted; its contacts stay.", name=inbox.name)
        shared = "Those it is shared with won't see it any more."
        self._put(
            ConfirmPanel(
                question,
                details="" if inbox.sharing is Sharing.PRIVATE else shared,
                confirm_label="Delete inbox",
                danger=True,
                on_confirm=lambda: self._remove(inbox),
                on_cancel=lambda: self._come_back(inbox),
            )
        )

    def _remove(self, inbox: Inbox) -> None:
        self._workspace.inboxes.remove(inbox.id)
        if self.inbox == inbox.id:
            self.inbox = _FIRST
        self._come_back(self.chosen)
        self._shown.note = f"The inbox “{inbox.name}” was deleted."
        self._draw()

    def _put(self, panel: ipywidgets.DOMWidget) -> None:
        """Show `panel` in place of the list."""
        self._list.layout.display = "none"
        self.children = [self._style, self._list, panel]

    def _come_back(self, inbox: Inbox) -> None:
        self._read()
        panels = self.children[2:]
        self.children = [self._style, self._list]
        for panel in panels:
            panel.close()
        self._list.layout.display = None
        self._list.focus_on(f'[data-stop][data-name="{inbox.id}"]' if inbox.id else "[data-stop][aria-current]")

    def _say(self, problem: str) -> None:
        self._shown.problem = problem
        self._draw()


async def _follow(watched: ReferenceType[InboxSelector]) -> None:
    pause = 0.0
    while True:
        await asyncio.sleep(pause)
        selector = watched()
        if selector is None:
            return
        pause = selector.step()
        del selector


def _key(name: str) -> str | int:
    return int(name) if name.isdecimal() else name
