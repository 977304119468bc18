"""What merging and unmerging say: values that may be long, missing or of any script, and sentences."""

from __future__ import annotations

from markupsafe import Markup

from contacts_nb.widgets.html import markup
from contacts_nb.widgets.import_words import counted, cut

_LONGEST = 160  # characters of a value that are shown


def value(text: str | None) -> Markup:
    """A value; of a long one the begin, with the whole in its title.

    >>> value(None)
    Markup('<i class="cnb-merge-empty">empty</i>')
    """
    if not text:
        return markup('<i class="cnb-merge-empty">empty</i>')
    shown = cut(text, _LONGEST)
    if shown == text:
        return markup("<bdi>{text}</bdi>", text=text)
    return markup('<bdi title="{text}">{shown}</bdi>', text=text, shown=shown)


def who(name: str, contact_id: int) -> Markup:
    """A contact in a sentence.

    >>> who("Ann", 41)
    Markup('<bdi>Ann</bdi> (contact 41)')
    """
    return markup("<bdi>{name}</bdi> (contact {id})", name=cut(name, 80), id=contact_id)


def said(messages: int, comments: int) -> str:
    """How much was said, as a line.

    >>> said(1_200, 1)
    '1,200 messages · 1 comment'
    """
    return f"{counted(messages, 'message')} · {counted(comments, 'comment')}"


def amounts(messages: int, comments: int) -> str:
    """How much was said, in a sentence.

    >>> amounts(1_200, 1), amounts(0, 0)
    ('1,200 messages and 1 comment', 'no messages and no comments')
    """
    return f"{_many(messages, 'message')} and {_many(comments, 'comment')}"


def _many(number: int, noun: str) -> str:
    return counted(number, noun) if number else f"no {noun}s"


def title(text: str, hint: str = "") -> Markup:
    """What stands above some rows of a table."""
    return markup(
        '<div class="cnb-merge-title" data-part="title {text}"><h5>{text}</h5><span>{hint}</span></div>',
        text=text,
        hint=hint,
    )


def line(part: str, text: str | Markup) -> Markup:
    """A sentence in place of rows; `part` is its name in the table."""
    return markup('<p class="cnb-merge-line" data-part="line {part}">{text}</p>', part=part, text=text)
