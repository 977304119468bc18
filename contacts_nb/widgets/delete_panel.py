"""Deleting contacts: how much would go is counted, said, and confirmed."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from contacts_nb.widgets.closing import close_all
from contacts_nb.widgets.confirm_panel import ConfirmPanel
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.import_background import Background
from contacts_nb.widgets.import_words import counted
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.delete_plan import DeletePlan


class DeletePanel(ipywidgets.VBox):
    """Asks whether `contacts` are to be deleted; `on_confirm` gets the plan that was confirmed.

    `plan` is None until their messages are counted.
    """

    def __init__(
        self, contacts: Contacts, *, on_confirm: Callable[[DeletePlan], None], on_cancel: Callable[[], None]
    ) -> None:
        self._on_confirm = on_confirm
        self._on_cancel = on_cancel
        self._name = ""
        self.plan: DeletePlan | None = None
        self.question: ConfirmPanel | None = None
        self._said = html_widget(markup('<p role="status">Counting what would be deleted…</p>'), "cnb-note")
        super().__init__([self._said])

        def planned() -> DeletePlan:
            plan = contacts.plan_delete()
            if plan.contacts == 1:
                self._name = contacts.rows(0, 1)[0].name
            return plan

        Background().run(lambda _told: planned(), told=lambda *_: None, done=self._ask, failed=self._fail)

    def _ask(self, plan: DeletePlan) -> None:
        self.plan = plan
        messages = f" and {counted(plan.messages, 'message')}" if plan.messages else ""
        if not plan.contacts:
            show(self._said, markup('<p role="alert">They are gone already.</p>'))
            return
        if plan.contacts == 1:
            question = markup(
                "<bdi>{name}</bdi>{messages} will be deleted for ever.", name=self._name, messages=messages
            )
        else:
            question = markup(
                "{contacts}{messages} will be deleted for ever.",
                contacts=counted(plan.contacts, "contact"),
                messages=messages,
            )
        self.question = ConfirmPanel(
            question,
            details="Their comments, tags and history go too. This can't be undone; what stays is a note of who "
            "deleted how many contacts, and when.",
            confirm_label=f"Delete {counted(plan.contacts, 'contact')}",
            number=plan.contacts if plan.contacts > 1 else None,
            danger=True,
            on_confirm=lambda: self._on_confirm(plan),
            on_cancel=self._on_cancel,
        )
        self.children = [self.question]

    def close(self) -> None:
        """Take it off the page for good."""
        if self.comm is not None:
            close_all(self._said)
        super().close()

    def _fail(self, error: Exception) -> None:
        show(self._said, markup('<p role="alert">{problem}</p>', problem=sentence_of(error)))
