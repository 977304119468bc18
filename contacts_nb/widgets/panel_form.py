"""Forms of several fields: what else they tell than other forms of HTML, and how a field is written."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.html import markup
from contacts_nb.widgets.html_form import script


class PanelForm(GestureForm):
    """A form whose fields tell when they are left; `panel_form.js` says by what attributes."""

    _esm = script("gestures.js", "panel_form.js")

    def __init__(
        self, on_gesture: Callable[[Gesture], None], on_failure: Callable[[str], None], css_class: str
    ) -> None:
        super().__init__(on_gesture, on_failure, css_class)
        self.add_class("cnb-panel")


def problem_of(problem: str, problem_id: str) -> Markup:
    """What is wrong with the field that `problem_id` describes; takes no room while that is nothing."""
    return markup(
        '<p class="cnb-panel-problem" role="alert" id="{id}">{problem}</p>', id=problem_id, problem=problem
    )


def described(problem: str, problem_id: str) -> Markup:
    """The attributes of a field that `problem_of` describes."""
    wrong = markup(' aria-invalid="true"') if problem else ""
    return markup(' aria-describedby="{id}"{wrong}', id=problem_id, wrong=wrong)


def option(value: str, label: str) -> Markup:
    """One choice of a list, whose first is chosen at first."""
    return markup('<option value="{value}">{label}</option>', value=value, label=label)
