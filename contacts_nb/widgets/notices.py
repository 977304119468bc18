"""What went wrong, what goes on, and what was done last, each in one line."""

from __future__ import annotations

from markupsafe import Markup

from contacts_nb.widgets.doing import Doing, Outcome, Work
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import markup
from contacts_nb.widgets.icons import CROSS
from contacts_nb.widgets.state import ViewState
from contacts_nb.widgets.state_form import StateForm


class Notices(StateForm):
    """The lines of `state` and of what is being done; nothing where there is nothing to say."""

    def __init__(self, state: ViewState, doing: Doing) -> None:
        super().__init__(state, self._do, "cnb-notices")
        self._state = state
        self._doing = doing
        state.observe(lambda _change: self._draw(), ["problem", "unreachable"])
        doing.observe(lambda _change: self._draw(), ["work", "outcome"])
        self._draw()

    def _do(self, gesture: Gesture) -> None:
        if gesture.action == "undo":
            self._doing.undo()
        elif gesture.action == "stop":
            self._doing.stop()
        elif gesture.action == "forget":
            self._doing.forget()

    def _draw(self) -> None:
        state, doing = self._state, self._doing
        problem = state.unreachable and f"{state.unreachable} This page goes on by itself as soon as it can."
        self.show(
            markup(
                '<div class="cnb-notice-lines" tabindex="-1" data-refuge>'
                '<div class="cnb-problem" data-part="problem" role="alert">{problem}</div>'
                '<div data-part="work">{work}</div><div data-part="outcome" role="status">{outcome}</div></div>',
                problem=markup("<p>{text}</p>", text=problem or state.problem) if problem or state.problem else "",
                work=_work(doing.work) if doing.work else "",
                outcome=_outcome(doing.outcome) if doing.outcome else "",
            )
        )


def _work(work: Work) -> Markup:
    of = f": {work.done:,} of {work.total:,}" if work.total and work.done else ""
    amount = markup(' value="{done}" max="{total}"', done=work.done, total=work.total) if of else ""
    stop = markup(
        '<button type="button" class="cnb-button" data-do="stop" aria-disabled="{stopping}">{label}</button>',
        stopping="true" if work.is_stopping else "false",
        label="Cancelling…" if work.is_stopping else "Cancel",
    )
    return markup(
        '<div class="cnb-notice"><span role="status">{label}{of}…</span>'
        '<progress aria-label="{label}"{amount}></progress>{stop}</div>',
        label=work.label,
        of=of,
        amount=amount,
        stop=stop,
    )


def _outcome(outcome: Outcome) -> Markup:
    undo = markup('<button type="button" class="cnb-button" data-do="undo">Undo</button>')
    return markup(
        '<div class="cnb-notice cnb-notice-done"><span>{sentence}.</span>{undo}<button type="button"'
        ' class="cnb-icon-button" data-do="forget" title="Take this line away" aria-label="Take this line away">'
        "{cross}</button></div>",
        cross=CROSS,
        sentence=outcome.sentence.rstrip("."),
        undo=undo if outcome.can_undo else "",
    )
