"""The fields of a contact to be added: how each is written in the form, and what may stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from markupsafe import Markup

from contacts_nb.model.draft import checked_standard
from contacts_nb.model.errors import InvalidValue, shown
from contacts_nb.model.fields import Field, FieldType, checked_value
from contacts_nb.model.places import countries, country_name, languages
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.panel_form import described, option, problem_of
from contacts_nb.workspace import Workspace

# Number, e-mail and address boxes of browsers rewrite or hide what they don't like, so these are texts.
_INPUTS = {
    "phone": markup('type="tel"'),
    FieldType.EMAIL: markup('type="text" inputmode="email" autocapitalize="off" spellcheck="false"'),
    FieldType.NUMBER: markup('type="text" inputmode="decimal"'),
    FieldType.URL: markup(
        'type="text" inputmode="url" autocapitalize="off" spellcheck="false" placeholder="https://"'
    ),
    FieldType.DATE: markup('type="date"'),
    FieldType.TIME: markup('type="time"'),
}
_TEXT = markup('type="text" dir="auto"')
_SHORT = (FieldType.CHECKBOX, FieldType.NUMBER, FieldType.DATE, FieldType.TIME)
_ASSIGNED = ("assignee", "team")


class FormField(NamedTuple):
    """A field of the form; a `custom` one of a workspace, or else one that every contact has."""

    name: str
    label: str
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    custom: Field | None = None
    hint: str = ""

    def problem(self, text: str, region: str | None) -> str:
        """What is wrong with `text` as the value of this field, or nothing."""
        try:
            if self.custom is not None:
                checked_value(self.custom, text)
            elif self.name not in _ASSIGNED:
                checked_standard(self.name, text, region)
        except InvalidValue as error:
            return problem_said(error)
        return ""

    def html(self, form_id: str, told: str, problem: str, *, focused: bool) -> Markup:
        """The field with its label, and what is wrong with it; leaving it is told as `told`."""
        problem_id = f"{form_id}-{self.name}"
        attributes = described(problem, problem_id) + (markup(" data-focus") if focused else markup(""))
        template = _CHECKBOX if self.kind == FieldType.CHECKBOX else _LIST if self.choices else _INPUT
        return markup(
            template,
            name=self.name,
            label=self.label,
            input=_INPUTS.get(self.kind, _TEXT),
            size=" cnb-panel-short" if self.choices or self.kind in _SHORT else "",
            told=told,
            attributes=attributes,
            options=joined([option("", ""), *(option(value, label) for value, label in self.choices)]),
            hint=markup("<small>{hint}</small>", hint=self.hint) if self.hint else "",
            problem=problem_of(problem, problem_id),
        )


_INPUT = (
    '<div class="cnb-panel-cell{size}" data-part="{name}"><label class="cnb-panel-field"><span>{label}</span>'
    '<input name="{name}" {input} autocomplete="off" data-left="{told}"{attributes}></label>{problem}{hint}</div>'
)
_LIST = (
    '<div class="cnb-panel-cell{size}" data-part="{name}"><label class="cnb-panel-field"><span>{label}</span>'
    '<select name="{name}"{attributes}>{options}</select></label>{problem}{hint}</div>'
)
_CHECKBOX = (
    '<div class="cnb-panel-cell{size}" data-part="{name}"><label class="cnb-panel-tick">'
    '<input type="checkbox" name="{name}" value="yes"{attributes}>'
    "<span>{label}</span></label>{problem}{hint}</div>"
)


def form_fields(workspace: Workspace) -> Mapping[str, FormField]:
    """The fields of the form by name, in order; names of custom ones begin with `field:`."""
    region = workspace.phone_region
    phone_hint = (
        "Begin with + and the code of the country, as in +44 20 7946 0958."
        if region is None
        else f"Without +, it is read as a number of {country_name(region)}."
    )
    standard = [
        FormField("first_name", "First name"),
        FormField("last_name", "Last name"),
        FormField("phone", "Phone", "phone", hint=phone_hint),
        FormField("email", "Email", FieldType.EMAIL),
        FormField("country", "Country", choices=tuple(countries().items())),
        FormField("language", "Language", choices=tuple(languages().items())),
        FormField(
            "assignee",
            "Assignee",
            choices=tuple((user.email, f"{user.name} ({user.email})") for user in workspace.users),
        ),
        FormField("team", "Team", choices=tuple((team.name, team.name) for team in workspace.teams)),
    ]
    custom = [
        FormField(f"field:{field.slug}", field.name, field.type, tuple((one, one) for one in field.allowed), field)
        for field in workspace.fields
    ]
    # There is nothing to choose where there are no users, or no teams.
    return {one.name: one for one in (*standard, *custom) if one.choices or one.name not in _ASSIGNED}


def problem_said(error: InvalidValue) -> str:
    """What is wrong, beside the field that it is about."""
    return f"{shown(error.value)} {error.rule}."
