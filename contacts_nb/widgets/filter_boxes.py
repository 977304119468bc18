"""Boxes of the filter drawer in which things are found by typing, and the notes beside its controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from contacts_nb.widgets.html import joined, markup


@dataclass(frozen=True)
class Chip:
    """A chosen value: how it is called, and whether it is still there."""

    label: str
    is_there: bool = True


def names_box(
    key: str, label: str, wanted: str, chips: Sequence[Chip], *, is_wrong: bool = False, typed: str = ""
) -> Markup:
    """Chosen values, each with a button that takes it away, and a box to find more by typing."""
    items = joined(
        markup(
            '<li class="cnb-filter-chip{look}" data-key="{key}-{label}"><bdi>{label}</bdi>{gone}'
            '<button type="button" data-at="{key}:drop{place}" aria-label="Remove {label}">✕</button></li>',
            look="" if chip.is_there else " cnb-filter-gone",
            gone="" if chip.is_there else markup('<span class="cnb-spoken"> (isn’t there any more)</span>'),
            key=key,
            label=chip.label,
            place=place,
        )
        for place, chip in enumerate(chips)
    )
    return markup(
        '<div class="cnb-filter-names{look}">{items}{box}</div>',
        look=" cnb-filter-wrong" if is_wrong else "",
        items=markup("<ul>{items}</ul>", items=items) if chips else "",
        box=combobox(f"{key}:names", f"{label}: find", wanted, described=key, is_wrong=is_wrong, typed=typed),
    )


def combobox(
    at: str, label: str, wanted: str, *, described: str = "", is_wrong: bool = False, typed: str = ""
) -> Markup:
    """A box that offers what fits what is typed in it."""
    return markup(
        '<input type="text" role="combobox" aria-expanded="false" aria-autocomplete="list" autocomplete="off" '
        'data-at="{at}" aria-label="{label}" placeholder="{wanted}" value="{typed}"{more}>',
        at=at,
        label=label,
        wanted=wanted,
        typed=typed,
        more=described_by(described, is_wrong=is_wrong),
    )


def note_of(key: str, text: str, *, is_wrong: bool) -> Markup:
    """What is missing, quietly, or what is wrong; beside what `key` stands for."""
    if not text:
        return markup("")
    return markup(
        '<p class="{look}" id="cnb-{key}-note">{text}</p>',
        look="cnb-filter-error" if is_wrong else "cnb-filter-missing",
        key=key,
        text=text,
    )


def described_by(key: str, *, is_wrong: bool) -> Markup:
    """The attributes of a control that `note_of` the same key is about; none for the key ""."""
    attributes = markup(' aria-describedby="cnb-{key}-note"', key=key) if key else markup("")
    return attributes + (markup(' aria-invalid="true"') if is_wrong else markup(""))
