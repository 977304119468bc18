"""Merging two contacts without code: compare, choose, look at the result, merge, and undo it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import ipywidgets
from markupsafe import Markup

from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.merge_choices import ChoiceForm
from contacts_nb.widgets.merge_fields import Comparison, Said
from contacts_nb.widgets.merge_panel import MergingPanel, OnDone, button, row, shown, stack
from contacts_nb.widgets.merge_words import amounts, who
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.merging import MergePlan


class MergeComparison(MergingPanel):
    """The contacts `a` and `b` (ids or contacts) side by side; what differs is chosen, and then they are merged.

    `on_done` is called with the operation of the merge, and with that of its undo. What is wrong, such as a
    contact that is gone, is told in the widget.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import MergeComparison
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> ann, anna = ws.add_contact(first_name="Ann"), ws.add_contact(first_name="Anna")
    >>> comparison = MergeComparison(ws, ann, anna)
    >>> comparison.plan.survivor.name
    'Ann'
    """

    undone = "Undone. Both contacts are as they were."

    def __init__(
        self, workspace: Workspace, a: int | Contact, b: int | Contact, *, on_done: OnDone | None = None
    ) -> None:
        self._ids = tuple(one.id if isinstance(one, Contact) else one for one in (a, b))
        self._keep: dict[str, int] = {}
        self._seen: Comparison | None = None
        self._swap = button("Swap which survives", "Let the other contact absorb this one")
        self._differing = ipywidgets.Checkbox(description="Show only what differs", indent=False)
        self._table = ChoiceForm(lambda field, side: self.guarded(lambda _told: self._chosen(field, side))(None))
        self._merge = button("Merge contact", "Look at it once more, then merge", primary=True)
        self._sentence = html_widget(markup(""), "cnb-merge-sentence")
        self._confirm = button("Merge now", "Merge the two contacts", primary=True)
        self._back = button("Back", "Go on comparing")
        # Away from the place of the first button, so that a double click doesn't skip the last look.
        sure = row(self._confirm, self._back, css_class="cnb-merge-tools")
        self._last_look = stack(self._sentence, sure, css_class="cnb-merge-last-look")
        self._footer = row(self._merge, css_class="cnb-merge-footer")
        tools = row(self._swap, self._differing, css_class="cnb-merge-tools")
        super().__init__(workspace, on_done, [tools, self._table], [self._footer, self._last_look], self._merge)
        self._swap.on_click(self.guarded(lambda _button: self._swapped()))
        self._differing.observe(self.guarded(lambda _change: self._redraw()), "value")
        self._merge.on_click(self.guarded(lambda _button: self._turn(is_last=True)))
        self._back.on_click(self.guarded(lambda _button: self._turn(is_last=False)))
        self._confirm.on_click(self.guarded(lambda _button: self._carry_out()))

    @property
    def plan(self) -> MergePlan | None:
        """The merge as it is chosen now; None where the two can't be merged."""
        return self._seen.plan if self._seen else None

    def _read(self) -> None:
        before, self._seen = self._seen, None
        plan = self._workspace.plan_merge(*self._ids)
        fields = {one.field for one in plan.rows}
        keep = {field: side for field, side in self._keep.items() if field in fields}
        survivor = before.plan.survivor.id if before else plan.survivor.id
        left = before.left if before else survivor
        plan = plan.choose(survivor=survivor, keep=keep)
        said = {one.id: Said(one.message_count(), len(one.comments())) for one in (plan.survivor, plan.other)}
        changed = _changed(before.plan, plan) if before else frozenset()
        self._show(Comparison(plan, left, said, ZoneInfo(self._workspace.time_zone), changed))
        has_same = any(not one.differs and one.result for one in plan.rows)
        shown(self._differing, is_shown=has_same)
        self._look_last(is_last=False)

    def _chosen(self, field: str, side: str) -> None:
        seen = self._seen
        if seen is None:
            return
        try:
            chosen = {str(one.id): one.id for one in seen.sides}[side]
            self._choose(seen, seen.plan.choose(keep={field: chosen}))
        except Exception:
            self._table.show_again()
            raise
        self._keep[field] = chosen

    def _swapped(self) -> None:
        if self._seen is not None:
            self._choose(self._seen, self._seen.plan.choose(survivor=self._seen.plan.other.id))

    def _choose(self, seen: Comparison, plan: MergePlan) -> None:
        self._show(Comparison(plan, seen.left, seen.said, seen.zone, seen.changed))

    def _show(self, seen: Comparison) -> None:
        self._seen = seen
        self._redraw()
        show(self._sentence, _what_will_happen(seen))

    def _redraw(self) -> None:
        if self._seen is not None:
            self._table.show(self._seen.html(all_fields=not self._differing.value))

    def _turn(self, *, is_last: bool) -> None:
        self._look_last(is_last=is_last)
        # The button that was pressed is gone, and with it the place of the keyboard.
        (self._confirm if is_last else self._merge).focus()

    def _look_last(self, *, is_last: bool) -> None:
        shown(self._last_look, is_shown=is_last)
        shown(self._footer, is_shown=not is_last)

    def _carry_out(self) -> None:
        seen = self._seen
        if seen is None or self._operation is not None:
            return  # the second of two quick clicks
        operation = self._applied(seen.plan)
        outcome = markup(
            "Merged: {absorbed} is now part of {survivor}.",
            absorbed=who(seen.plan.other.name, seen.plan.other.id),
            survivor=who(seen.name, seen.plan.survivor.id),
        )
        self._was_done(operation, outcome)


def _changed(before: MergePlan, now: MergePlan) -> frozenset[str]:
    """The fields that aren't as they were compared before."""

    def told(plan: MergePlan) -> dict[str, set[tuple[int, str | None]]]:
        return {one.field: {(plan.survivor.id, one.survivor), (plan.other.id, one.other)} for one in plan.rows}

    old = told(before)
    return frozenset(field for field, texts in told(now).items() if old.get(field) != texts)


def _what_will_happen(seen: Comparison) -> Markup:
    return markup(
        "<p>{survivor} survives and takes in {absorbed}; it will hold {amounts}. "
        "You can undo this at any time.</p>",
        survivor=who(seen.name, seen.plan.survivor.id),
        absorbed=who(seen.plan.other.name, seen.plan.other.id),
        amounts=amounts(seen.total.messages, seen.total.comments),
    )
