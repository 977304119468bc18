"""Taking a merge apart without code: which one, the two contacts to be, what happened since, and the way back."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup

from contacts_nb.model.times import day
from contacts_nb.widgets.html import html_widget, joined, markup, show
from contacts_nb.widgets.merge_choices import ChoiceForm
from contacts_nb.widgets.merge_panel import MergingPanel, OnDone, button, row, shown
from contacts_nb.widgets.merge_words import who
from contacts_nb.widgets.unmerge_review import Review
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.merging import UnmergePlan


class _Merge(NamedTuple):
    absorbed: int
    name: str
    at: datetime
    user: str


class UnmergePanel(MergingPanel):
    """The merges of `contact` (an id, be it of one that was absorbed, or a contact); one of them is taken apart.

    `on_done` is called with the operation of the unmerge, and with that of its undo. What is wrong is told in the
    widget.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import UnmergePanel
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> ann, anna = ws.add_contact(first_name="Ann"), ws.add_contact(first_name="Anna")
    >>> _ = ws.plan_merge(ann, anna).apply()
    >>> UnmergePanel(ws, ann).plan.other.name
    'Anna'
    """

    undone = "Undone. They are one contact again."

    def __init__(self, workspace: Workspace, contact: int | Contact, *, on_done: OnDone | None = None) -> None:
        self._id = contact.id if isinstance(contact, Contact) else contact
        self._absorbed = self._id
        self._seen: Review | None = None
        self._merges = ChoiceForm(lambda _name, value: self.guarded(lambda _told: self._chosen(value))(None))
        self._table = html_widget(markup(""), "cnb-merge-review")
        self._unmerge = button("Unmerge", "Make two contacts of this one again", primary=True)
        foot = row(self._unmerge, css_class="cnb-merge-footer")
        super().__init__(workspace, on_done, [self._merges, self._table], [foot], self._unmerge)
        self._unmerge.on_click(self.guarded(lambda _button: self._carry_out()))

    @property
    def plan(self) -> UnmergePlan | None:
        """The unmerge that is looked at; None where there is nothing to take apart."""
        return self._seen.plan if self._seen else None

    def _read(self) -> None:
        before, self._seen = self._seen, None
        contact = self._workspace.contacts[self._id]
        zone = ZoneInfo(self._workspace.time_zone)
        found = [
            _Merge(absorbed, name, at.to_pydatetime(), user)
            for absorbed, name, at, user in contact.merges()[["absorbed", "name", "at", "user"]]
            .fillna({"user": ""})
            .itertuples(index=False)
        ]
        if not found:
            self._merges.show(markup(""))
            show(self._table, _never_merged(contact))
            return
        if self._absorbed not in {one.absorbed for one in found}:
            self._absorbed = found[0].absorbed
        self._merges.show(_choices(found, self._absorbed, contact, zone))
        plan = self._workspace.plan_unmerge(self._absorbed)
        changed = _changed(before.plan, plan) if before else frozenset()
        self._seen = Review(plan, contact, zone, changed)
        show(self._table, self._seen.html())

    def _show_review(self, *, is_shown: bool = True) -> None:
        super()._show_review(is_shown=is_shown)
        shown(self._foot, is_shown=is_shown and self._seen is not None)

    def _chosen(self, absorbed: str) -> None:
        if absorbed.isdecimal():
            self._absorbed, self._seen = int(absorbed), None
            self._start()

    def _carry_out(self) -> None:
        if self._seen is None or self._operation is not None:
            return  # the second of two quick clicks
        plan = self._seen.plan
        operation = self._applied(plan)
        outcome = markup(
            "Unmerged: {other} is a contact of its own again, apart from {survivor}.",
            other=who(plan.other.name, plan.other.id),
            survivor=who(plan.survivor.name, plan.survivor.id),
        )
        self._was_done(operation, outcome)


def _changed(before: UnmergePlan, now: UnmergePlan) -> frozenset[str]:
    """The labels of what isn't as it was reviewed before; of another merge, none."""
    if before.merge.id != now.merge.id:
        return frozenset()
    return frozenset(one.label for one in set(now.rows) - set(before.rows))


def _choices(merges: list[_Merge], chosen: int, contact: Contact, zone: ZoneInfo) -> Markup:
    options = joined(
        markup(
            '<label class="cnb-merge-option{chosen}" data-part="{id}">'
            '<input type="radio" name="merge" value="{id}"{checked}>'
            "<span>{who}<small>merged on {day}{by}</small></span></label>",
            chosen=" cnb-chosen" if one.absorbed == chosen else "",
            id=one.absorbed,
            checked=markup(" checked") if one.absorbed == chosen else "",
            who=who(one.name, one.absorbed),
            day=day(one.at, zone),
            by=markup(" by <bdi>{user}</bdi>", user=one.user) if one.user else "",
        )
        for one in merges
    )
    return markup(
        "<p>Which contact is to be taken out of {who}?</p>"
        '<div class="cnb-merge-merges" role="radiogroup" aria-label="Contact to take out">{options}</div>',
        who=who(contact.name, contact.id),
        options=options,
    )


def _never_merged(contact: Contact) -> Markup:
    return markup(
        '<p class="cnb-merge-none">No contact is merged into {who}, so there is nothing to take apart.</p>',
        who=who(contact.name, contact.id),
    )
