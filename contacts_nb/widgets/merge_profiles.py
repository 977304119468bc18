"""The two profiles of a merge or an unmerge, side by side: who they are, and what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from contacts_nb.widgets.avatar import avatar
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.import_words import cut


def card(contact_id: int, name: str, picture: str | None, *, mark: str = "", notes: Iterable[str] = ()) -> Markup:
    """The head of a profile; `mark` says what becomes of it, `notes` are lines below."""
    return markup(
        '<div class="cnb-merge-card">{mark}{avatar}<div><h4><bdi title="{name}">{shown}</bdi></h4>'
        "<p>Contact {id}</p>{notes}</div></div>",
        avatar=avatar(contact_id, name, picture),
        name=name,
        shown=cut(name, 80) or "No name",
        id=contact_id,
        notes=joined(markup("<p>{note}</p>", note=note) for note in notes if note),
        mark=markup('<strong class="cnb-merge-mark">{mark}</strong>', mark=mark) if mark else "",
    )


def chips(tags: Iterable[str], added: Iterable[str] = ()) -> Markup:
    """Tags; those `added` are marked with a sign."""
    new = set(added)
    items = joined(
        markup(
            '<li class="cnb-chip">{sign}<bdi title="{tag}">{shown}</bdi></li>',
            sign=markup('<span class="cnb-merge-added" title="added">+</span> ') if tag in new else "",
            tag=tag,
            shown=cut(tag, 40),
        )
        for tag in tags
    )
    return markup('<ul class="cnb-merge-chips">{items}</ul>', items=items) if items else _none("no tags")


def listed(channels: Iterable[str]) -> Markup:
    """Identities on channels, one below the other."""
    items = joined(
        markup('<li><bdi title="{name}">{shown}</bdi></li>', name=name, shown=cut(name, 120)) for name in channels
    )
    return markup('<ul class="cnb-merge-channels">{items}</ul>', items=items) if items else _none("no channels")


def _none(text: str) -> Markup:
    return markup('<i class="cnb-merge-empty">{text}</i>', text=text)
