"""Whether a conversation with a contact is open, and the form in which one is closed."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup

from contacts_nb.model.times import moment
from contacts_nb.widgets.details_contact import OpenContact
from contacts_nb.widgets.html import markup

_CATEGORY_LENGTH = 255


def status_of(opened: OpenContact, *, is_closing: bool) -> Markup:
    """The conversation status, and the button that turns it."""
    contact = opened.contact
    since = moment(contact.conversation_opened, datetime.now(UTC), opened.zone, inside=True)
    if contact.conversation_open:
        status = markup('<strong class="cnb-open">Open</strong> since {since}', since=since)
        button = markup("") if is_closing else _button("closing", "Close conversation")
    else:
        status = markup("<strong>Closed</strong>") if since else markup("No conversation yet")
        button = _button("open", "Open conversation")
    return markup('<div class="cnb-conversation"><p>{status}</p>{button}</div>', status=status, button=button)


def closing_form() -> Markup:
    """What may be said of a conversation that is closed."""
    return markup(
        '<div class="cnb-form cnb-closing" role="group" aria-label="Close conversation" data-escape>'
        '<label class="cnb-form-field"><span>Category (optional)</span><input name="category" type="text"'
        ' maxlength="{length}" autocomplete="off" dir="auto" data-enter="close"></label>'
        '<label class="cnb-form-field"><span>Summary (optional)</span><textarea name="summary" rows="3" dir="auto"'
        ' data-enter="close"></textarea></label><div class="cnb-form-foot">'
        '<button type="button" class="cnb-button" data-do="cancel">Cancel</button>'
        '<button type="button" class="cnb-button cnb-button-primary" data-do="close" data-of="category summary">'
        "Close conversation</button></div></div>",
        length=_CATEGORY_LENGTH,
    )


def _button(action: str, label: str) -> Markup:
    return markup(
        '<button type="button" class="cnb-button" data-do="{action}">{label}</button>', action=action, label=label
    )
