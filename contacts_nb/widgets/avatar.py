"""The picture of a contact, or its initials on a colour of its own."""

from __future__ import annotations

from zlib import crc32

from markupsafe import Markup

from contacts_nb.model.names import initials
from contacts_nb.widgets.html import markup
from contacts_nb.widgets.style import AVATAR_COLOURS


def avatar(contact_id: int, name: str, picture: str | None) -> Markup:
    """The picture over the initials, which are seen where it is missing, unsafe or can't be loaded.

    >>> "img" in avatar(1, "Ann", "http://example.org/ann.png"), "img" in avatar(1, "Ann", "https://example.org/a.png")
    (False, True)
    """
    colour = AVATAR_COLOURS[crc32(str(contact_id).encode()) % len(AVATAR_COLOURS)]
    # Its host isn't told from which page it is looked at.
    image = markup('<img src="{picture}" alt="" referrerpolicy="no-referrer" loading="lazy">', picture=picture)
    return markup(
        '<span class="cnb-avatar" style="background:{colour}" aria-hidden="true">{initials}{image}</span>',
        colour=colour,
        initials=initials(name),
        image=image if picture and picture.startswith("https://") else "",
    )
