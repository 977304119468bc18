"""Saving what the filter drawer holds as an inbox: its name, and who else sees it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from markupsafe import Markup

from contacts_nb.model.errors import ContactsError, InvalidValue
from contacts_nb.model.filters import Filter
from contacts_nb.model.inboxes import INBOX_NAME_LENGTH, Sharing
from contacts_nb.model.text import name_key
from contacts_nb.widgets.filter_boxes import Chip, described_by, names_box, note_of
from contacts_nb.widgets.filter_offers import Offer, Offers, matching
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.import_words import cut
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.inboxes import Inbox

_SHARING: Mapping[Sharing, str] = MappingProxyType(
    {
        Sharing.PRIVATE: "Only me",
        Sharing.PUBLIC: "Everyone here",
        Sharing.SHARED: "Users and teams I name",
    }
)


class Saving:
    """The form in which a filter is saved as a new inbox."""

    def __init__(self, workspace: Workspace, offers: Offers) -> None:
        self._workspace = workspace
        self._offers = offers
        self.is_open = False
        self.begin(is_open=False)

    def begin(self, *, is_open: bool = True) -> None:
        """An empty form, or none."""
        self.is_open = is_open
        self.name = ""
        self.sharing = Sharing.PRIVATE
        self.shared_with: list[str] = []
        self.typed = ""
        self.errors: dict[str, str] = {}

    def save(self, tree: Filter) -> Inbox | None:
        """The inbox that was saved; None if something is wrong, which the form says then."""
        self.errors = {}
        if not self.name.strip():
            self.errors["name"] = "Give the inbox a name"
        if self.sharing is Sharing.SHARED:
            if self.typed:
                self.errors["share"] = self._no_sharer()
            elif not self.shared_with:
                self.errors["share"] = "Choose at least one user or team"
        if self.errors:
            return None
        share = self.shared_with if self.sharing is Sharing.SHARED else self.sharing.value
        try:
            saved = self._workspace.inboxes.save(self.name, tree, share=share)
        except InvalidValue as error:
            place = {"inbox": "name", "share": "share"}.get(error.field, "")
            said = str(error) if not place else f"“{cut(str(error.value), 40)}” {error.rule}"
            self.errors[place] = said
            return None
        except ContactsError as error:
            self.errors[""] = str(error)
            return None
        self.begin(is_open=False)
        return saved

    def fitting(self, typed: str) -> list[Offer]:
        """Users and teams that what was `typed` is found in."""
        return matching(self._offers.sharers(), typed, self.shared_with)

    def choose(self, value: str) -> None:
        """Share with that user or team too."""
        self.typed = ""
        self.errors.pop("share", None)
        if value not in self.shared_with:
            self.shared_with.append(value)

    def type(self, typed: str) -> None:
        """Choose the user or team whose whole name was `typed`; keep what is none, for `save` to refuse."""
        key = name_key(typed)
        for offer in self._offers.sharers():
            if key in (name_key(offer.label), name_key(offer.value)):
                self.choose(offer.value)
                return
        self.typed = typed.strip()
        self.errors.pop("share", None)
        if self.typed:
            self.errors["share"] = self._no_sharer()

    def _no_sharer(self) -> str:
        return f"“{cut(self.typed, 40)}” is no user or team; choose one from the list"

    def share(self, sharing: str) -> None:
        """Share it that way."""
        self.sharing = Sharing(sharing)
        self.errors.pop("share", None)

    def first_wrong(self) -> str:
        """The control that the first error is beside."""
        return "save:name" if "share" not in self.errors or "name" in self.errors else "save:names"

    def html(self, left_out: int) -> Markup:
        """The form; `left_out` is how many lines aren't complete."""
        choices = joined(
            markup(
                '<label><input type="radio" name="{group}" data-at="save:sharing" value="{value}"{checked}>'
                " {label}</label>",
                group=f"cnb-sharing-{id(self)}",
                value=sharing.value,
                checked=markup(" checked") if sharing is self.sharing else "",
                label=label,
            )
            for sharing, label in _SHARING.items()
        )
        left = (
            markup(
                '<p class="cnb-filter-missing">{many} incomplete and not saved.</p>',
                many="1 criterion is" if left_out == 1 else f"{left_out:,} criteria are",
            )
            if left_out
            else ""
        )
        return markup(
            '<div class="cnb-filter-save" data-key="save" role="group" aria-label="New inbox"'
            ' data-escape="save:cancel">'
            '<label class="cnb-filter-field"><span>Name of the inbox</span>'
            '<input type="text" data-at="save:name" data-enter="save:confirm" value="{name}" '
            'maxlength="{length}" autocomplete="off"{more}></label>{name_error}'
            "<fieldset><legend>Who sees it</legend>{choices}</fieldset>{names}{left}{error}"
            '<div class="cnb-filter-buttons">'
            '<button type="button" class="cnb-filter-primary" data-at="save:confirm">Save inbox</button>'
            '<button type="button" data-at="save:cancel">Cancel</button></div></div>',
            name=self.name,
            length=INBOX_NAME_LENGTH,
            more=described_by("save-name", is_wrong="name" in self.errors),
            name_error=note_of("save-name", self.errors.get("name", ""), is_wrong=True),
            choices=choices,
            names=self._names() if self.sharing is Sharing.SHARED else "",
            left=left,
            error=note_of("save-all", self.errors.get("", ""), is_wrong=True),
        )

    def _names(self) -> Markup:
        called = {offer.value: offer.label for offer in self._offers.sharers()}
        box = names_box(
            "save",
            "Users and teams",
            "Add user or team…",
            [Chip(called.get(value, value), value in called) for value in self.shared_with],
            is_wrong="share" in self.errors,
            typed=self.typed,
        )
        return box + note_of("save", self.errors.get("share", ""), is_wrong=True)
