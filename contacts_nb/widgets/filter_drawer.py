"""The filter drawer: criteria are added, changed and removed on the screen, and each change acts at once."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets
from markupsafe import Markup
from traitlets import Instance

from contacts_nb.model.errors import ContactsError
from contacts_nb.model.filter_sentence import sentence
from contacts_nb.model.filters import EVERYONE, Criterion, Filter
from contacts_nb.widgets.debounce import Debounced
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.filter_drafts import drafted, filter_of
from contacts_nb.widgets.filter_editing import Editing
from contacts_nb.widgets.filter_form import FilterForm
from contacts_nb.widgets.filter_lines import LinesView
from contacts_nb.widgets.filter_offers import Offers
from contacts_nb.widgets.filter_saving import Saving
from contacts_nb.widgets.html import markup
from contacts_nb.widgets.import_words import counted
from contacts_nb.widgets.style import style_widget
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.inboxes import Inbox

_COUNTING = 0.1  # seconds without a change


class FilterDrawer(ipywidgets.VBox):
    """A filter of `workspace` to be edited on the screen; it begins with `filter`, or else with that of `inbox`.

    `filter` (a filter made with `F`) is what is complete of it, at every moment; set, it is shown instead.
    `on_change` is called with it after each change by the person. `inbox` (or None) is the inbox that changes
    can be saved to if it is one's own; whatever was saved last becomes it. Contacts are counted `within` another
    filter, which is saved too.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb import F
    >>> from contacts_nb.widgets import FilterDrawer
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> drawer = FilterDrawer(ws, F.country == "GB")
    >>> drawer.filter
    F.country == 'GB'
    """

    filter = Instance(Filter, args=None, kw=None)
    inbox = Instance(Inbox, allow_none=True)
    within = Instance(Filter)

    def __init__(
        self,
        workspace: Workspace,
        filter: Filter | None = None,  # noqa: A002 - the word of the domain
        *,
        within: Filter = EVERYONE,
        on_change: Callable[[Filter], None] | None = None,
        inbox: Inbox | None = None,
    ) -> None:
        self._workspace = workspace
        self._on_change = on_change
        self._offers = Offers(workspace)
        self._saving = Saving(workspace, self._offers)
        self._broken: frozenset[Criterion] = frozenset()
        self._counts = (0, 0)
        self._problem = self._outcome = ""
        self._is_counting = self._is_own = False
        self._form = FilterForm(self._told)
        self._count_soon = Debounced(self._count_late, _COUNTING)
        begin = filter if filter is not None else inbox.filter if inbox is not None else EVERYONE
        self._editing = Editing(drafted(begin, self._offers.definition), self._offers)
        self._focus: tuple[str, bool] | None = None
        super().__init__([style_widget(), self._form], filter=begin, inbox=inbox, within=within)
        self.add_class("cnb-filter")
        self.observe(self._set_from_outside, "filter")
        self.observe(lambda _change: self._draw(), "inbox")
        self.observe(lambda _change: self._guarded(self._count), "within")
        self._guarded(self._count)

    def refresh(self) -> None:
        """Look again at what can be asked for, what is broken, and how many contacts there are."""
        self._offers.renew()
        self._guarded(self._count)

    def _set_from_outside(self, change: dict[str, Filter]) -> None:
        if self._is_own:
            return
        self._problem = self._outcome = ""
        self._offers.renew()
        self._editing.draft = drafted(change["new"], self._offers.definition)
        self._guarded(self._count)

    def _told(self, what: str, at: str, value: str) -> None:
        if what == "suggest":
            self._guarded(lambda: self._suggest(at, value), draws=False)
            return
        self._problem, self._focus = "", None
        if what != "type":  # which is also told of a box that is just left
            self._outcome = ""
        self._guarded(lambda: self._do(what, at, value))

    def _guarded(self, gesture: Callable[[], None], *, draws: bool = True) -> None:
        # Voilà shows nothing at all of an exception in a widget's callback.
        try:
            gesture()
            if draws:
                self._draw()
        except Exception as error:  # noqa: BLE001 - told on the page and in the log
            self._show_problem(sentence_of(error))
        else:
            if self._focus is not None:
                at, offering = self._focus
                self._form.focus(at, offering=offering)
        self._focus = None

    def _show_problem(self, problem: str) -> None:
        self._problem = problem
        try:
            self._draw()
        except ContactsError:  # nothing can be read now, which is what the problem is
            self._form.show(self._head())
        self._form.show_again()

    def _suggest(self, at: str, typed: str) -> None:
        if not typed:
            self._offers.renew()
        key, _, what = at.partition(":")
        if key == "save":
            self._form.offer(at, typed, self._saving.fitting(typed))
        else:
            self._form.offer(at, typed, self._editing.fitting(key, what, typed))

    def _do(self, what: str, at: str, value: str) -> None:
        key, _, control = at.partition(":")
        if key == "drawer":
            self._pressed(control)
        elif key == "save":
            self._save_gesture(what, control, value)
        else:
            self._focus = self._editing.do(what, key, control, value)
            self._apply()

    def _pressed(self, control: str) -> None:
        if control == "clear":
            self._focus = self._editing.clear()
            self._saving.begin(is_open=False)
            self._apply()
        elif control == "new":
            self._saving.begin()
            self._focus = ("save:name", False)
        elif control == "changes" and self.inbox is not None:
            self.inbox = self._workspace.inboxes.update(self.inbox.id, contacts=self.filter)
            self._outcome = f"Changes to “{self.inbox.name}” saved."
            self._focus = ("drawer:new", False)

    def _save_gesture(self, what: str, control: str, value: str) -> None:
        saving = self._saving
        if control.startswith("drop"):
            saving.shared_with.pop(int(control.removeprefix("drop")))
            self._focus = ("save:names", False)
        elif what == "choose":
            saving.choose(value)
        elif what == "type":
            saving.type(value)
        elif control == "name":
            saving.name = value
            saving.errors.pop("name", None)
        elif control == "sharing":
            saving.share(value)
        elif control == "cancel":
            saving.begin(is_open=False)
            self._focus = ("drawer:new", False)
        elif control == "confirm":
            self._save()

    def _save(self) -> None:
        saved = self._saving.save(self.within & self.filter)
        if saved is None:
            self._focus = (self._saving.first_wrong(), False)
            return
        self._outcome = f"Inbox “{saved.name}” saved."
        self.inbox = saved
        self._focus = ("drawer:new", False)

    def _apply(self) -> None:
        """Let the filter be what the screen says; what waits for its values is left out."""
        tree = filter_of(self._editing.draft, self._editing.criterion)
        if tree == self.filter:
            return
        self._is_own = True
        try:
            self.filter = tree
        finally:
            self._is_own = False
        self._is_counting = True
        self._count_soon()
        if self._on_change is not None:
            self._on_change(tree)

    def _count_late(self) -> None:
        self._guarded(self._count)

    def _count(self) -> None:
        self._is_counting = False
        contacts = self._workspace.contacts.where(self.within, missing_ok=True)
        query = contacts.where(self.filter, missing_ok=True)
        total = contacts.count()
        self._broken = frozenset(query.broken())
        self._counts = (total if self.filter == EVERYONE else query.count(), total)

    def _draw(self) -> None:
        self._form.show(
            markup(
                '{head}{lines}<div class="cnb-filter-foot" data-key="foot">{foot}</div>',
                head=self._head(),
                lines=LinesView(self._offers, self._broken).html(self._editing.draft),
                foot=self._foot(),
            )
        )

    def _head(self) -> Markup:
        count, total = self._counts
        said = (
            counted(total, "contact") if self.filter == EVERYONE else f"{count:,} of {counted(total, 'contact')}"
        )
        meant = "" if self.filter == EVERYONE else sentence(self.filter, self._offers.fields)
        return markup(
            '<div class="cnb-filter-top" data-key="top"><p class="cnb-filter-count{busy}" role="status">{said}</p>'
            '<p class="cnb-filter-sentence" data-key="sentence" dir="auto">{meant}</p>'
            '<div class="cnb-problem" data-key="problem" role="alert">{problem}</div></div>',
            busy=" cnb-filter-counting" if self._is_counting else "",
            said=said,
            meant=meant,
            problem=markup("<p>{text}</p>", text=self._problem) if self._problem else "",
        )

    def _foot(self) -> Markup:
        outcome = markup(
            '<p class="cnb-filter-outcome" data-key="outcome" role="status">{outcome}</p>', outcome=self._outcome
        )
        if self._saving.is_open:
            return outcome + self._saving.html(self._editing.left_out())
        changes = ""
        if self.inbox is not None and self.inbox.mine and self.inbox.filter != self.filter:
            changes = markup(
                '<button type="button" data-at="drawer:changes" title="Save to the inbox {name}">Save changes'
                "</button>",
                name=self.inbox.name,
            )
        return outcome + markup(
            '<div class="cnb-filter-buttons" data-key="buttons"><button type="button" data-at="drawer:new">'
            "Save new inbox</button>{changes}"
            '<button type="button" class="cnb-filter-clear" data-at="drawer:clear">'
            "Clear</button></div>",
            changes=changes,
        )
