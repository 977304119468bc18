"""The details of one contact: what is known of it, edited in place, its messages and its timeline."""

from __future__ import annotations

from functools import cache

import ipywidgets
from markupsafe import Markup
from traitlets import Int

from contacts_nb.model.errors import ContactNotFound
from contacts_nb.model.places import countries, languages
from contacts_nb.widgets.closing import close_all
from contacts_nb.widgets.details_activity import Activity
from contacts_nb.widgets.details_contact import OnChange, OpenContact
from contacts_nb.widgets.details_profile import Profile
from contacts_nb.widgets.html import html_widget, joined, markup
from contacts_nb.widgets.style import style_widget
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.contact import Contact


class ContactDetails(ipywidgets.VBox):
    """All that is known of `contact`, given itself or by its id, for a manager to work in.

    `on_change` is called after each change made here, with a sentence of what was done and the operation. `styled`
    says that the page has the styles already. Raises `ContactNotFound`.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import ContactDetails
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> details = ContactDetails(ws, ws.add_contact(first_name="Ann"))
    >>> details.contact_id
    1
    """

    contact_id = Int(help="The id of the contact that is shown.", read_only=True)

    def __init__(
        self,
        workspace: Workspace,
        contact: int | Contact,
        *,
        on_change: OnChange | None = None,
        styled: bool = False,
    ) -> None:
        found = contact if isinstance(contact, Contact) else workspace.contacts[contact]
        self._opened = OpenContact(workspace, found, on_change)
        self._profile = Profile(self._opened, self._gone)
        self._activity = Activity(self._opened, self._gone)
        self._opened.on_read = self._changed
        self._frame = [] if styled else [style_widget()]
        self._names = _place_names()
        super().__init__([*self._frame, self._names, self._profile, self._activity])
        self.add_class("cnb-details")
        self.set_trait("contact_id", found.id)

    @property
    def name(self) -> str:
        """The name of the contact, as it was read last."""
        return self._opened.contact.name

    @property
    def has_merges(self) -> bool:
        """Whether other contacts were merged into it."""
        return not self._opened.merges.empty

    @property
    def unsaved(self) -> list[str]:
        """The fields in which something stands that was refused, by their names."""
        return self._profile.unsaved

    @property
    def draft(self) -> str:
        """The comment that was begun and not added yet."""
        return self._activity.draft

    @draft.setter
    def draft(self, text: str) -> None:
        self._activity.begin_with(text)

    def refresh(self) -> None:
        """Read again what others may have changed.

        What is being typed, the search and the messages that were loaded stay. Of a contact that was merged into
        another that one is shown, and of one that was deleted only that it was.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb.widgets import ContactDetails
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> annie, ann = ws.add_contact(first_name="Annie"), ws.add_contact(first_name="Ann")
        >>> details = ContactDetails(ws, ann)
        >>> _ = ws.plan_merge(annie, ann).apply()
        >>> details.refresh()
        >>> details.contact_id
        1
        """
        try:
            self._opened.read()
            if self._opened.contact.id == self.contact_id:
                self._profile.draw()
                self._activity.read()
            else:
                self._begin_anew()
        except ContactNotFound:
            self._gone()

    def show_messages(self) -> None:
        """Go to the messages: they are scrolled into view, with the keyboard.

        >>> import contacts_nb as cn, tempfile
        >>> from contacts_nb.widgets import ContactDetails
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ContactDetails(ws, ws.add_contact(first_name="Ann")).show_messages()
        """
        self._activity.show_messages()

    def close(self) -> None:
        """Take it off the page for good, also what of it isn't shown now."""
        if self.comm is not None:
            for part in {*self.children, self._names, self._profile, self._activity}:
                close_all(part)
            self.layout.close()
        super().close()

    def _changed(self) -> None:
        """A change was made here, and the contact was read again."""
        if self._opened.contact.id == self.contact_id:
            self._profile.draw()
            self._activity.read_timeline()
        else:
            self._begin_anew()

    def _begin_anew(self) -> None:
        self.set_trait("contact_id", self._opened.contact.id)
        self._profile.forget()
        self._activity.forget()

    def _gone(self) -> None:
        said = markup('<p class="cnb-details-gone" role="status">This contact was deleted.</p>')
        self.children = [*self._frame, html_widget(said)]


@cache
def _datalists() -> Markup:
    lists = {"cnb-countries": countries(), "cnb-languages": languages()}
    return joined(
        markup(
            '<datalist id="{id}">{names}</datalist>',
            id=name,
            names=joined(markup('<option value="{name}"></option>', name=one) for one in names.values()),
        )
        for name, names in lists.items()
    )


def _place_names() -> ipywidgets.HTML:
    """The names that are offered for countries and languages; they are the same for all contacts."""
    offered = html_widget(_datalists())
    offered.layout.display = "none"
    return offered
