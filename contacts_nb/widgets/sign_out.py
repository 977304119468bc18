"""The way out, where somebody has signed in."""

from __future__ import annotations

from markupsafe import Markup

from contacts_nb.widgets.html import markup


def sign_out_link(address: str | None) -> Markup:
    """A link to the page at `address` that signs out; nothing where there is none.

    >>> sign_out_link("/logout")
    Markup('<a class="cnb-sign-out" href="/logout">Sign out</a>')
    """
    if not address:
        return markup("")
    return markup('<a class="cnb-sign-out" href="{address}">Sign out</a>', address=address)
