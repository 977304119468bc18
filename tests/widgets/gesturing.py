"""What the browser tells a form of HTML that a person does with it."""

from __future__ import annotations

from contacts_nb.widgets.gestures import GestureForm


def gesture(form: GestureForm, action: str, name: str, value: object, **values: str) -> None:
    """Have `form` told of an `action`; `values` are those of the fields it is about."""
    told = {"action": action, "name": name, "value": value, "values": {key: [one] for key, one in values.items()}}
    form._handle_custom_msg(told, [])
