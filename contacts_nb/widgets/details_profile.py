"""The upper part of the details of a contact: who it is, its fields, its assignment, tags, channels and merges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from markupsafe import Markup

from contacts_nb.model.errors import ContactNotFound, ContactsError, StaleContact
from contacts_nb.widgets.details_contact import OpenContact
from contacts_nb.widgets.details_facts import channels_of, facts_of, head_of, merges_of, section
from contacts_nb.widgets.details_fields import (
    EditedField,
    Typed,
    Wrong,
    assignments_of,
    fields_of,
    problem_of,
    row_of,
    stale,
)
from contacts_nb.widgets.details_status import closing_form, status_of
from contacts_nb.widgets.details_tags import tags_of
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.html import joined, markup

_UNFINISHED = "Only a part of it is there; give all of it, or empty it."


class Profile(GestureForm):
    """What is known of the contact that is open, edited in place; `on_gone` is called when it is no more."""

    def __init__(self, opened: OpenContact, on_gone: Callable[[], None]) -> None:
        super().__init__(self._do, self._say, "cnb-profile")
        self._opened = opened
        self._on_gone = on_gone
        self.forget()

    def forget(self) -> None:
        """Begin anew, as another contact is open now."""
        self._wrong: dict[str, Wrong] = {}
        self._turns: Counter[str] = Counter()
        self._closing = False
        self._problem = ""
        self.draw()

    @property
    def unsaved(self) -> list[str]:
        """The fields in which something stands that was refused."""
        fields = (*fields_of(self._opened), *assignments_of(self._opened))
        return [one.label for one in fields if one.name in self._wrong]

    def _do(self, gesture: Gesture) -> None:
        self._problem = ""
        try:
            self._done(gesture)
        except ContactNotFound:
            self._on_gone()

    def _done(self, gesture: Gesture) -> None:
        name = gesture.name
        if gesture.action == "save":
            self._save(gesture)
        elif gesture.action == "overwrite" and name in self._wrong:
            self._put(self._field(name), self._held(name))
            self._back_to(name)
        elif gesture.action in ("keep", "unsaved"):
            self._wrong.pop(name, None)
            self._turns[name] += 1
            self.draw()
            self._back_to(name)
        elif gesture.action == "tag":
            self._tag(gesture.text("tag").strip())
        elif gesture.action == "untag":
            self._untag(name)
        elif gesture.action in ("open", "close", "closing", "escape", "cancel"):
            self._turn_status(gesture)

    def _save(self, gesture: Gesture) -> None:
        field = self._field(gesture.name)
        if "unfinished" in gesture.values:
            self._wrong[field.name] = Wrong(_UNFINISHED)
            self.draw()
            return
        was = gesture.values.get("was")
        # It may have been read again while it was being edited, and what was seen then is what counts.
        if was is not None and _lines(was[0]) != _lines(field.text(self._opened.contact)):
            self._wrong[field.name] = stale(field, self._opened.contact, gesture.value)
            self.draw()
            return
        self._put(field, gesture.value)

    def _put(self, field: EditedField, value: Typed) -> None:
        opened = self._opened
        try:
            operation = field.save(opened.contact, value)
        except ContactNotFound:
            raise
        except StaleContact:
            opened.read()
            self._wrong[field.name] = stale(field, opened.contact, value)
            self.draw()
        except ContactsError as error:
            self._wrong[field.name] = Wrong(_sentence(error), value)
            self.draw()
        else:
            self._wrong.pop(field.name, None)
            self._turns[field.name] += 1
            opened.changed(lambda name: field.said(opened, name), operation)

    def _held(self, name: str) -> Typed:
        typed = self._wrong[name].typed
        return "" if typed is None else typed

    def _tag(self, tag: str) -> None:
        contact = self._opened.contact
        if tag in contact.tags:
            self._refuse("tag", f"The tag “{tag}” is there already.")
            return
        try:
            operation = contact.tag(tag, progress=False)
        except ContactNotFound:
            raise
        except ContactsError as error:
            self._refuse("tag", _sentence(error))
        else:
            self._wrong.pop("tag", None)
            self._turns["tag"] += 1
            self._opened.changed(lambda name: f"“{tag}” given to {name}", operation)
        self.focus_on("[name=tag]")

    def _untag(self, tag: str) -> None:
        try:
            operation = self._opened.contact.untag(tag, progress=False)
        except ContactNotFound:
            raise
        except ContactsError as error:
            self._refuse("tag", _sentence(error))
        else:
            self._wrong.pop("tag", None)
            self._opened.changed(lambda name: f"“{tag}” taken off {name}", operation)
            self.focus_on("[name=tag]")

    def _turn_status(self, gesture: Gesture) -> None:
        opened = self._opened
        self._wrong.pop("status", None)
        if gesture.action in ("closing", "escape", "cancel"):
            self._closing = gesture.action == "closing"
            self.draw()
            self.focus_on("[name=category]" if self._closing else "[data-do=closing]")
            return
        try:
            if gesture.action == "open":
                operation, done = opened.contact.open_conversation(), "opened"
            else:
                category, summary = gesture.text("category"), gesture.text("summary")
                operation, done = opened.contact.close_conversation(category, summary), "closed"
        except ContactNotFound:
            raise
        except ContactsError as error:
            self._refuse("status", _sentence(error))
            return
        self._closing = False
        opened.changed(lambda name: f"Conversation with {name} {done}", operation)
        self.focus_on("[data-do=open], [data-do=closing]")

    def _refuse(self, name: str, sentence: str) -> None:
        self._wrong[name] = Wrong(sentence)
        self.draw()

    def _field(self, name: str) -> EditedField:
        return next(one for one in (*fields_of(self._opened), *assignments_of(self._opened)) if one.name == name)

    def _back_to(self, name: str) -> None:
        self.focus_on(f'[name="{name}"]')

    def _say(self, problem: str) -> None:
        self._problem = problem
        self.draw()

    def draw(self) -> None:
        """Show the contact as it was read last, and what is wrong with what was typed."""
        opened, contact = self._opened, self._opened.contact
        form = str(self.model_id)

        def rows(fields: list[EditedField]) -> Markup:
            rows = (row_of(one, contact, form, self._turns[one.name], self._wrong.get(one.name)) for one in fields)
            return markup('<div class="cnb-fields">{rows}</div>', rows=joined(rows))

        self.show(
            joined([
                head_of(contact),
                status_of(opened, is_closing=self._closing),
                closing_form() if self._closing and contact.conversation_open else markup(""),
                problem_of("status", f"{form}-status", self._wrong.get("status")),
                markup('<p class="cnb-form-problem" role="alert">{problem}</p>', problem=self._problem),
                rows(fields_of(opened)),
                facts_of(opened),
                section("Assigned to", rows(assignments_of(opened))),
                section("Tags", tags_of(opened, form, self._turns["tag"], self._wrong.get("tag"))),
                section("Channels", channels_of(opened)),
                merges_of(opened),
            ])
        )  # fmt: skip


def _sentence(error: ContactsError) -> str:
    said = sentence_of(error)
    return said[:1].upper() + said[1:]


def _lines(text: str) -> str:
    """`text` as browsers give it back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
