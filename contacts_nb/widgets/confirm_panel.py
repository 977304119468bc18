"""Asking before something is done that can't be taken back, or is done to many."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

from contacts_nb.widgets.answered_panel import AnsweredPanel
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import markup

# Digits, maybe in groups of three as people of many countries write them.
_NUMBER = re.compile(r"\d{1,20}|\d{1,3}(?:[ ,.'’\u00a0\u202f\u2009]\d{3}){1,6}")


class ConfirmPanel(AnsweredPanel):
    """`question` says in one sentence what will happen, `details` what else to know; both may be markup.

    With a `number` it has to be typed. `danger` is for what can't be undone. After `on_confirm` or `on_cancel` was
    called the panel is gone from the page; what `on_confirm` raises is told, and the panel stays.

    >>> done = []
    >>> panel = ConfirmPanel(
    ...     "2 contacts are deleted for ever.", confirm_label="Delete 2 contacts", number=2, danger=True,
    ...     on_confirm=lambda: done.append("deleted"), on_cancel=lambda: done.append("cancelled"),
    ... )
    >>> panel.confirm("3"), panel.confirm("2"), done
    (False, True, ['deleted'])
    """

    def __init__(
        self,
        question: str,
        *,
        details: str = "",
        confirm_label: str = "Confirm",
        number: int | None = None,
        danger: bool = False,
        on_confirm: Callable[[], None],
        on_cancel: Callable[[], None],
    ) -> None:
        self._question = question
        self._details = details
        self._label = confirm_label
        self._number = number
        self._danger = danger
        self._on_confirm = on_confirm
        super().__init__("cnb-confirm", on_cancel)

    def confirm(self, typed: str = "") -> bool:
        """Do it, if `typed` is the number that has to be; tells whether it was done."""
        self._form.do(Gesture("submit", values={"number": [typed]}))
        return self.is_over

    def _do(self, gesture: Gesture) -> None:
        if gesture.action != "submit":
            return
        typed = gesture.text("number")
        if self._number is None or _is(self._number, typed):
            self._on_confirm()
            self._end()
        else:
            given = f"you typed “{typed.strip()}”" if typed.strip() else "nothing was typed"
            self._problem = f"Type {self._number:,} to go on; {given}."
            self._form.focus_on("input")

    def _draw(self) -> None:
        self._form.show(
            markup(
                '<div class="cnb-confirm-box{danger}" role="alertdialog" aria-label="{label}" data-escape>'
                '<p class="cnb-confirm-question">{question}</p>{details}{number}'
                '<p class="cnb-form-problem" role="alert" id="{id}-problem">{problem}</p>'
                '<div class="cnb-form-foot">'
                '<button type="button" class="cnb-button" data-do="cancel"{on_cancel}>Cancel</button>'
                '<button type="submit" class="cnb-button {kind}"{on_confirm}>{label}</button></div></div>',
                danger=" cnb-danger" if self._danger else "",
                question=self._question,
                details=markup('<p class="cnb-confirm-details">{details}</p>', details=self._details)
                if self._details
                else "",
                number=self._number_field(),
                problem=self._problem,
                id=self._form.model_id,
                # Enter doesn't do by chance what can't be undone.
                on_cancel=markup(" data-focus") if self._danger and self._number is None else "",
                on_confirm=markup(" data-focus") if not self._danger and self._number is None else "",
                kind="cnb-button-danger" if self._danger else "cnb-button-primary",
                label=self._label,
            )
        )

    def _number_field(self) -> Markup:
        if self._number is None:
            return markup("")
        return markup(
            '<label class="cnb-form-field"><span>Type <strong>{number}</strong> to confirm</span>'
            '<input name="number" type="text" inputmode="numeric" autocomplete="off" data-focus'
            ' aria-describedby="{id}-problem"{wrong}></label>',
            number=f"{self._number:,}",
            id=self._form.model_id,
            wrong=markup(' aria-invalid="true"') if self._problem else "",
        )


def _is(number: int, typed: str) -> bool:
    written = _NUMBER.fullmatch(typed.strip())
    return written is not None and int("".join(filter(str.isdecimal, written[0]))) == number
