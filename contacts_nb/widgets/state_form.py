"""A form whose gestures change what is looked at; what goes wrong is told as the problem of the view."""

from __future__ import annotations

from collections.abc import Callable

from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.state import ViewState


class StateForm(GestureForm):
    """HTML with buttons about `state`; `on_gesture` is called with what is done to it."""

    def __init__(self, state: ViewState, on_gesture: Callable[[Gesture], None], css_class: str) -> None:
        super().__init__(state.guarded(on_gesture), lambda problem: setattr(state, "problem", problem), css_class)
