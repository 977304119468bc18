"""The lower part of the details of a contact: its messages, and its timeline with a box for comments."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from contacts_nb.model.errors import ContactNotFound, ContactsError
from contacts_nb.widgets.details_contact import OpenContact
from contacts_nb.widgets.details_messages import Thread
from contacts_nb.widgets.details_timeline import Timeline
from contacts_nb.widgets.failures import sentence_of
from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.html import joined, markup
from contacts_nb.workspace.changes import COMMENT_LENGTH

_MESSAGES, _TIMELINE = "messages", "timeline"


class Activity(GestureForm):
    """Two tabs of the contact that is open; the timeline is read when it is looked at first."""

    def __init__(self, opened: OpenContact, on_gone: Callable[[], None]) -> None:
        super().__init__(self._do, self._say, "cnb-activity")
        self._opened = opened
        self._on_gone = on_gone
        self.forget()

    def forget(self) -> None:
        """Begin anew, as another contact is open now."""
        self._thread = Thread(self._opened)
        self._timeline = Timeline(self._opened)
        self._tab = _MESSAGES
        self.draft = ""
        self._turn = 0
        self._refused = ""
        self._problem = ""
        self._draw()

    def read(self) -> None:
        """Read what may have changed, as far as it is shown."""
        self._thread.read()
        if self._tab == _TIMELINE:
            self._timeline.read()
        self._draw()

    def read_timeline(self) -> None:
        """Read what was done, where it is shown; messages are as they were."""
        if self._tab == _TIMELINE:
            self._timeline.read()
            self._draw()

    def show_messages(self) -> None:
        """Go to the messages, with the keyboard."""
        self._tab = _MESSAGES
        self._draw(has_focus=True)
        self.focus_on(".cnb-thread" if self._thread.count else f"[data-name={_MESSAGES}]")

    def _do(self, gesture: Gesture) -> None:
        self._problem = ""
        try:
            self._done(gesture)
        except ContactNotFound:
            self._on_gone()

    def _done(self, gesture: Gesture) -> None:
        if gesture.action == "tab":
            self._tab = gesture.name
            if self._tab == _TIMELINE:
                self._timeline.read()
        elif gesture.action == "older":
            self._thread.older()
            if gesture.name and self._thread.is_whole:  # the button that was pressed is gone
                self.focus_on(".cnb-thread")
        elif gesture.action == "typed" and gesture.name == "comment":
            self.draft = str(gesture.value)
            return
        elif gesture.action == "typed" and gesture.name == "search":
            self._thread.look_for(str(gesture.value))
        elif gesture.action == "more":
            self._timeline.more()
            if self._timeline.is_whole:
                self.focus_on("[role=tab][aria-selected=true]")
        elif gesture.action == "comment":
            self._comment(gesture.text("comment"))
        else:
            return
        self._draw()

    def begin_with(self, draft: str) -> None:
        """Let a comment that was begun before be gone on with."""
        self.draft = draft
        self._turn += 1
        self._draw()

    def _comment(self, text: str) -> None:
        self._refused = ""
        try:
            operation = self._opened.contact.comment(text)
        except ContactNotFound:
            raise
        except ContactsError as error:
            said = sentence_of(error)
            self._refused = "Write something first." if not text.strip() else said[:1].upper() + said[1:]
        else:
            self.draft = ""
            self._turn += 1
            self._opened.changed(lambda name: f"Comment added to {name}", operation)
        self.focus_on("[name=comment]")

    def _say(self, problem: str) -> None:
        self._problem = problem
        self._draw()

    def _draw(self, *, has_focus: bool = False) -> None:
        form = str(self.model_id)
        count = self._thread.count
        tabs = ((_MESSAGES, f"Messages ({count:,})"), (_TIMELINE, "Timeline"))
        panels = {
            _MESSAGES: self._thread.content(form, has_focus=has_focus),
            _TIMELINE: self._comment_box(form) + self._timeline.content(),
        }
        self.show(
            markup(
                '<div class="cnb-tabs" role="tablist" aria-label="Messages and timeline">{tabs}</div>'
                '<p class="cnb-form-problem" role="alert">{problem}</p>{panels}',
                tabs=joined(self._tab_of(form, name, label) for name, label in tabs),
                problem=self._problem,
                panels=joined(self._panel_of(form, name, content) for name, content in panels.items()),
            )
        )

    def _tab_of(self, form: str, name: str, label: str) -> Markup:
        return markup(
            '<button type="button" role="tab" id="{form}-{name}-tab" aria-controls="{form}-{name}"'
            ' aria-selected="{chosen}" tabindex="{stop}" data-do="tab" data-name="{name}">{label}</button>',
            form=form,
            name=name,
            label=label,
            chosen="true" if name == self._tab else "false",
            stop=0 if name == self._tab else -1,
        )

    def _panel_of(self, form: str, name: str, content: Markup) -> Markup:
        return markup(
            '<div role="tabpanel" id="{form}-{name}" aria-labelledby="{form}-{name}-tab" data-part="{name}"'
            "{hidden}>{content}</div>",
            form=form,
            name=name,
            hidden="" if name == self._tab else markup(" hidden"),
            content=content,
        )

    def _comment_box(self, form: str) -> Markup:
        return markup(
            '<div class="cnb-comment-box" data-part="comment box"><textarea name="comment" rows="2"'
            ' aria-label="Add a comment" placeholder="Add a comment" maxlength="{length}" dir="auto"'
            ' data-enter="comment" data-typed data-turn="{turn}"{wrong}>{draft}</textarea>'
            '<p class="cnb-field-problem" role="alert" id="{form}-comment">{refused}</p>'
            '<div class="cnb-form-foot"><span>Ctrl+Enter</span><button type="button" class="cnb-button"'
            ' data-do="comment" data-of="comment">Add comment</button></div></div>',
            form=form,
            length=COMMENT_LENGTH,
            turn=self._turn,
            draft=self.draft,
            wrong=markup(' aria-invalid="true" aria-describedby="{form}-comment"', form=form)
            if self._refused
            else "",
            refused=self._refused,
        )
