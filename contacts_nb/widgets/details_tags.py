"""The tags of a contact: chips that can be taken off, and a box to add more."""

from __future__ import annotations

from markupsafe import Markup

from contacts_nb.model.draft import TAG_LENGTH
from contacts_nb.widgets.details_contact import OpenContact
from contacts_nb.widgets.details_fields import Wrong, problem_of
from contacts_nb.widgets.html import joined, markup


def tags_of(opened: OpenContact, form: str, turn: int, wrong: Wrong | None) -> Markup:
    """The tags of the contact that is open; `turn` is a new number whenever the box is to be empty again."""
    chips = joined(
        markup(
            '<li class="cnb-chip" data-part="tag {tag}"><bdi>{tag}</bdi><button type="button" data-do="untag"'
            ' data-name="{tag}" aria-label="Remove tag {tag}" title="Remove tag">{cross}</button></li>',
            tag=tag,
            cross=_CROSS,
        )
        for tag in opened.contact.tags
    )
    return markup(
        '{chips}<div class="cnb-add-tag"><input type="text" name="tag" aria-label="Add tag" placeholder="Add tag"'
        ' list="{form}-tags" autocomplete="off" dir="auto" maxlength="{length}" data-enter="tag"'
        ' data-turn="{turn}"{more}><button type="button" class="cnb-button" data-do="tag" data-of="tag">Add'
        '</button><datalist id="{form}-tags">{offers}</datalist></div>{problem}',
        chips=markup('<ul class="cnb-chips">{chips}</ul>', chips=chips)
        if chips
        else markup('<p class="cnb-none">No tags</p>'),
        form=form,
        length=TAG_LENGTH,
        turn=turn,
        more=markup(' aria-invalid="true" aria-describedby="{form}-tag-problem"', form=form) if wrong else "",
        offers=joined(
            markup('<option value="{tag}"></option>', tag=tag)
            for tag in opened.tags
            if tag not in opened.contact.tags
        ),
        problem=problem_of("tag", f"{form}-tag", wrong),
    )


_CROSS = markup('<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 4.5l7 7m0-7l-7 7"/></svg>')
