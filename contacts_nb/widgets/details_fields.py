"""The fields of a contact that are edited in place: what stands in each, and the control it is edited in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from markupsafe import Markup

from contacts_nb.model.contact import FIELD_LABELS
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.places import country_name, language_name
from contacts_nb.widgets.details_contact import OpenContact
from contacts_nb.widgets.html import joined, markup
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.history import Operation

_SHOWN_LENGTH = 60  # characters, of a value in a sentence
_LABEL_LENGTH = 30  # of longer ones not all may be seen
_EDITED_APART = ("assignee", "team")
_ATTRIBUTES = {
    "phone": markup(' type="tel"'),
    "email": markup(' type="text" inputmode="email"'),
    "country": markup(' type="text" list="cnb-countries"'),
    "language": markup(' type="text" list="cnb-languages"'),
    "picture": markup(' type="text" inputmode="url" placeholder="https://…"'),
    # Browsers give nothing at all of what isn't a number to them, and change some addresses.
    FieldType.NUMBER: markup(' type="text" inputmode="decimal"'),
    FieldType.EMAIL: markup(' type="text" inputmode="email"'),
    FieldType.URL: markup(' type="text" inputmode="url"'),
    FieldType.DATE: markup(' type="date"'),
    FieldType.TIME: markup(' type="time" step="1"'),
}

Typed = str | bool
"""What was given in a control: a text, or whether it is ticked."""


@dataclass(frozen=True)
class Wrong:
    """What was given for a field and isn't saved, and why; `typed` is None where only the browser knows.

    With `is_stale` it would overwrite what somebody else has put there meanwhile.
    """

    sentence: str
    typed: Typed | None = None
    is_stale: bool = False


@dataclass(frozen=True)
class EditedField:
    """A field that is edited in place; `choices` are values with their labels, where it is chosen from a list.

    `custom` is the custom field that it is, if it is one.
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    custom: Field | None = None

    def text(self, contact: Contact) -> str:
        """What stands in the control for this contact."""
        if self.custom is not None:
            value = contact.fields.get(self.custom.slug)
            if isinstance(value, bool):
                return "1" if value else "0"
            return value.isoformat("seconds") if isinstance(value, time) else "" if value is None else str(value)
        value = getattr(contact, self.name)
        if self.name == "country":
            return country_name(value)
        if self.name == "language":
            return language_name(value)
        return value or ""

    def save(self, contact: Contact, value: Typed) -> Operation:
        """Give the contact a value as it was typed; raises `InvalidValue`, `StaleContact` and `NotAllowed`."""
        if self.name == "assignee":
            return contact.assign(str(value) or None, progress=False)
        if self.name == "team":
            return contact.assign(team=str(value) or None, progress=False)
        if self.custom is not None:
            return contact.update(fields={self.custom.slug: value}, progress=False)
        values: dict[str, Any] = {self.name: value}
        return contact.update(progress=False, **values)

    def said(self, opened: OpenContact, name: str) -> str:
        """What was done, in a sentence, when this field of the contact of that name was changed."""
        if self.name == "assignee":
            assignee = opened.contact.assignee
            return f"{name} assigned to {opened.users.get(assignee, assignee) if assignee else 'nobody'}"
        if self.name == "team":
            team = opened.contact.team
            return f"{name} assigned to the team {team}" if team else f"{name} assigned to no team"
        return f"{self.label} of {name} changed"


def fields_of(opened: OpenContact) -> list[EditedField]:
    """The fields of every contact and the custom ones."""
    return [
        *(EditedField(name, label) for name, label in FIELD_LABELS.items() if name not in _EDITED_APART),
        *(EditedField(f"field-{one.slug}", one.name, _choices_of(one), one) for one in opened.fields),
    ]


def assignments_of(opened: OpenContact) -> list[EditedField]:
    """Assignee and team."""
    contact = opened.contact
    users = dict(opened.users)
    if contact.assignee:
        users.setdefault(contact.assignee, contact.assignee)
    teams = opened.teams if contact.team in (None, *opened.teams) else [*opened.teams, str(contact.team)]
    return [
        EditedField("assignee", "Assignee", (("", "Nobody"), *users.items())),
        EditedField("team", "Team", (("", "No team"), *((team, team) for team in teams))),
    ]


def _choices_of(field: Field) -> tuple[tuple[str, str], ...]:
    return (("", "—"), *((choice, choice) for choice in field.allowed)) if field.allowed else ()


def row_of(field: EditedField, contact: Contact, form: str, turn: int, wrong: Wrong | None) -> Markup:
    """The label of a field, its control, and what is wrong with what was typed there."""
    saved = field.text(contact)
    return markup(
        '<div class="cnb-field{look}" data-part="{name}"><label for="{id}"{whole}><bdi>{label}</bdi></label>'
        '<div class="cnb-field-value">{control}{link}</div>{problem}</div>',
        look=" cnb-field-wrong" if wrong else "",
        name=field.name,
        id=f"{form}-{field.name}",
        label=field.label,
        whole=markup(' title="{label}"', label=field.label) if len(field.label) > _LABEL_LENGTH else "",
        control=_control(field, saved, f"{form}-{field.name}", turn, wrong),
        link=_link(field, saved),
        problem=problem_of(field.name, f"{form}-{field.name}", wrong, theirs=_shown(field, saved)),
    )


def problem_of(name: str, control: str, wrong: Wrong | None, *, theirs: str = "") -> Markup:
    """What is wrong at a control, beside it; with ways on where somebody else was there before."""
    if wrong is None:
        return markup("")
    ways = markup(
        '<span class="cnb-field-ways"><button type="button" class="cnb-link" data-do="overwrite"'
        ' data-name="{name}">Save mine</button><button type="button" class="cnb-link" data-do="keep"'
        ' data-name="{name}">Keep {theirs}</button></span>',
        name=name,
        theirs=theirs,
    )
    return markup(
        '<p class="cnb-field-problem" role="alert" id="{control}-problem">{sentence}{ways}</p>',
        control=control,
        sentence=wrong.sentence,
        ways=ways if wrong.is_stale else "",
    )


def stale(field: EditedField, contact: Contact, typed: Typed) -> Wrong:
    """What is to be said where somebody else has changed a field since it was shown."""
    now = _shown(field, field.text(contact))
    return Wrong(f"Somebody else has changed this meanwhile: it is {now} now.", typed, is_stale=True)


def _shown(field: EditedField, text: str) -> str:
    label = dict(field.choices).get(text, text) if text or field.name in ("assignee", "team") else ""
    if field.custom is not None and field.custom.type is FieldType.CHECKBOX:
        label = "ticked" if text == "1" else "not ticked"
    if not label:
        return "empty"
    return f"“{label}”" if len(label) <= _SHOWN_LENGTH else f"“{label[:_SHOWN_LENGTH]}…”"


def _control(field: EditedField, saved: str, control: str, turn: int, wrong: Wrong | None) -> Markup:
    kind = None if field.custom is None else field.custom.type
    shown = saved if wrong is None or wrong.typed is None else wrong.typed
    more = markup(' id="{id}" name="{name}"', id=control, name=field.name)
    if wrong is not None:
        more += markup(' aria-invalid="true" aria-describedby="{id}-problem"', id=control)
    if kind is FieldType.CHECKBOX:
        ticked = markup(" checked") if shown in (True, "1") else ""
        return markup('<input type="checkbox" data-tick="save"{more}{ticked}>', more=more, ticked=ticked)
    more += markup(' data-saves="save" data-saved="{saved}" data-turn="{turn}"', saved=saved, turn=turn)
    if wrong is not None:
        more += markup(" data-held")
    if field.choices:
        return markup("<select{more}>{options}</select>", more=more, options=_options(field.choices, str(shown)))
    if kind is FieldType.TEXT:
        return markup(
            '<textarea rows="1" dir="auto" placeholder="—"{more}>{shown}</textarea>', more=more, shown=shown
        )
    attributes = _ATTRIBUTES.get(field.name if kind is None else kind, markup(' type="text"'))
    empty = "" if "placeholder" in attributes else markup(' placeholder="—"')
    return markup(
        '<input{attributes}{empty} dir="auto" autocomplete="off" value="{shown}"{more}>',
        attributes=attributes,
        empty=empty,
        shown=shown,
        more=more,
    )


def _options(choices: Sequence[tuple[str, str]], chosen: str) -> Markup:
    return joined(
        markup(
            '<option value="{value}"{chosen}>{label}</option>',
            value=value,
            label=label,
            chosen=markup(" selected") if value == chosen else "",
        )
        for value, label in choices
    )


def _link(field: EditedField, saved: str) -> Markup:
    if field.custom is None or field.custom.type is not FieldType.URL or not saved:
        return markup("")
    return markup(
        '<a href="{url}" target="_blank" rel="noopener noreferrer" aria-label="Open {label}">Open</a>',
        url=saved,
        label=field.label,
    )
