"""The messages of a contact as one thread: newest at the bottom, older ones when asked for, and what is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from markupsafe import Markup

from contacts_nb.model.contact import Status
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.times import day, moment
from contacts_nb.queries.thread_pages import FoundMessages, MessagePage, ThreadMessage, words_of
from contacts_nb.widgets.details_contact import OpenContact
from contacts_nb.widgets.details_marks import excerpt, marked
from contacts_nb.widgets.html import joined, markup

_AT_ONCE = 30
_FOUND = 200


class Thread:
    """What is shown of the messages of the contact that is open; read when it is made and by `read`."""

    def __init__(self, opened: OpenContact) -> None:
        self._opened = opened
        self.count = opened.contact.message_count()
        self._page = opened.contact.message_page(limit=_AT_ONCE)
        self._typed = ""
        self._words: tuple[str, ...] = ()
        self._found = FoundMessages((), 0)
        self._problem = ""

    def read(self) -> None:
        """Read what may have come, as far back as was shown."""
        contact, count = self._opened.contact, self._opened.contact.message_count()
        shown = len(self._page.messages) + max(0, count - self.count)
        self._page = contact.message_page(limit=max(_AT_ONCE, shown))
        self.count = count
        self._find()

    def older(self) -> None:
        """Show more, from before those that are shown."""
        if self._page.older is not None:
            before = self._opened.contact.message_page(self._page.older, _AT_ONCE)
            self._page = MessagePage((*before.messages, *self._page.messages), before.older)

    @property
    def is_whole(self) -> bool:
        """Whether there are none older."""
        return self._page.older is None

    def look_for(self, typed: str) -> None:
        """Show the messages with the words that were typed, or the thread again where there are none."""
        self._typed = typed
        self._find()

    def _find(self) -> None:
        self._problem, self._words, self._found = "", (), FoundMessages((), 0)
        if not self._typed.strip():
            return
        try:
            self._words = words_of(self._typed)
            self._found = self._opened.contact.find_messages(self._typed, _FOUND)
        except InvalidValue as error:
            self._problem = str(error)

    def content(self, form: str, *, has_focus: bool = False) -> Markup:
        """All of it; with the keyboard where it appears, if it `has_focus`."""
        if not self.count:
            return markup('<p class="cnb-none">No messages yet</p>')
        return self._search(form) + (self._results() if self._typed.strip() else self._thread(has_focus=has_focus))

    def _search(self, form: str) -> Markup:
        wrong = markup(' aria-invalid="true"') if self._problem else ""
        return markup(
            '<div class="cnb-thread-search" data-part="search"><input type="search" name="search"'
            ' aria-label="Search messages" placeholder="Search messages" autocomplete="off" data-typed data-clears'
            ' aria-describedby="{form}-found"{wrong}><p id="{form}-found" role="status">{said}</p></div>',
            form=form,
            wrong=wrong,
            said=self._said(),
        )

    def _said(self) -> str:
        if self._problem or not self._typed.strip():
            return self._problem
        found, messages = self._found, "message" if self.count == 1 else "messages"
        shown = f"; the newest {_FOUND} are shown" if found.count > _FOUND else ""
        return f"{found.count:,} of {self.count:,} {messages}{shown}"

    def _results(self) -> Markup:
        now = datetime.now(UTC)
        return markup(
            '<ol class="cnb-thread cnb-found" tabindex="0" aria-label="Messages found, newest first"'
            ' data-part="found">{items}</ol>',
            items=joined(
                self._bubble(message, moment(message.sent_at, now, self._opened.zone))
                for message in self._found.messages
            ),
        )

    def _thread(self, *, has_focus: bool) -> Markup:
        more = not self.is_whole
        return markup(
            '{button}<ol class="cnb-thread" tabindex="0" aria-label="Messages, newest last" data-part="thread"'
            " data-end{near}{focus}>{items}</ol>",
            button=markup(
                '<button type="button" class="cnb-link cnb-older" data-part="older" data-do="older"'
                ' data-name="button">'
                "Load older</button>"
            )
            if more
            else "",
            near=markup(' data-near-top="older"') if more else "",
            focus=markup(" data-focus") if has_focus else "",
            items=joined(self._items()),
        )

    def _items(self) -> Iterator[Markup]:
        zone, shown = self._opened.zone, ""
        for message in self._page.messages:
            of_day = day(message.sent_at, zone)
            if of_day != shown:
                shown = of_day
                yield markup('<li class="cnb-day" data-part="{day}">{day}</li>', day=of_day)
            yield self._bubble(message, f"{message.sent_at.astimezone(zone):%H:%M}")

    def _bubble(self, message: ThreadMessage, sent: str) -> Markup:
        at, identity, number = message.place
        sender = self._opened.users.get(message.sender, message.sender) if message.sender else ""
        facts = joined(markup(" · <bdi>{fact}</bdi>", fact=fact) for fact in (sent, sender) if fact) + (
            _status(message.status) if message.status else markup("")
        )
        text = excerpt(message.text, self._words) if self._words else message.text
        return markup(
            '<li class="{direction}" data-anchor data-part="{at}-{identity}-{number}"><p dir="auto">{text}</p>'
            '<small><span class="cnb-spoken">{said}</span><bdi>{channel}</bdi>{facts}</small></li>',
            direction="cnb-in" if message.incoming else "cnb-out",
            at=f"{at.timestamp():.3f}",
            identity=identity,
            number=number,
            text=marked(text, self._words),
            said="Received, " if message.incoming else "Sent, ",
            channel=message.channel,
            facts=facts,
        )


def _status(status: Status) -> Markup:
    look = markup(' class="cnb-failed"') if status is Status.FAILED else ""
    return markup(" · <span{look}>{status}</span>", look=look, status=status.value.capitalize())
