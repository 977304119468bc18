"""What happened to a contact, newest first: events and history as one list, with days as headings."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from contacts_nb.model.times import day
from contacts_nb.widgets.details_contact import OpenContact
from contacts_nb.widgets.html import joined, markup

_AT_ONCE = 50
_SAID = {
    "created": "Created",
    "assigned": "Assigned to",
    "unassigned": "No longer assigned to",
    "team assigned": "Assigned to the team",
    "team unassigned": "No longer assigned to the team",
    "commented": "Comment",
    "merged": "Merged with",
    "unmerged": "Unmerged from",
    "changed": "Changed",
}


class Timeline:
    """What is shown of the events of the contact that is open; nothing is read until `read` is called."""

    def __init__(self, opened: OpenContact) -> None:
        self._opened = opened
        self._events: pd.DataFrame | None = None
        self._shown = _AT_ONCE

    def read(self) -> None:
        """Read the newest events."""
        self._events = self._opened.contact.events(self._shown + 1)

    def more(self) -> None:
        """Show older ones too."""
        self._shown += _AT_ONCE
        self.read()

    @property
    def is_whole(self) -> bool:
        """Whether all that was read is shown."""
        return self._events is None or len(self._events) <= self._shown

    def content(self) -> Markup:
        """All that is shown of it."""
        if self._events is None:
            return markup("")
        more = markup(
            '<button type="button" class="cnb-button" data-part="more" data-do="more">Show more</button>'
        )
        return markup(
            '<div class="cnb-timeline" data-part="timeline">{days}</div>{more}',
            days=joined(self._days(self._events.iloc[::-1].head(self._shown))),
            more="" if self.is_whole else more,
        )

    def _days(self, events: pd.DataFrame) -> Iterator[Markup]:
        zone = self._opened.zone
        days: dict[str, list[Markup]] = {}
        for at, event, user, detail in events[["at", "event", "user", "detail"]].itertuples(index=False):
            days.setdefault(day(at, zone), []).append(
                self._item(f"{at.astimezone(zone):%H:%M}", event, _text(user), _text(detail))
            )
        for title, items in days.items():
            yield markup("<h4>{title}</h4><ol>{items}</ol>", title=title, items=joined(items))

    def _item(self, time: str, event: str, user: str, detail: str) -> Markup:
        name = self._opened.users.get(user, user)
        if event in ("assigned", "unassigned"):
            detail = self._opened.users.get(detail, detail)
        is_comment = event == "commented"
        return markup(
            "<li{look}><p><span>{said}</span>{detail}</p><small><time>{time}</time>{by}</small></li>",
            look=markup(' class="cnb-comment"') if is_comment else "",
            said=_SAID.get(event, event.capitalize()),
            detail=markup(' <bdi class="cnb-event-detail">{detail}</bdi>', detail=detail) if detail else "",
            time=time,
            by=markup(' · <bdi title="{user}">{name}</bdi>', user=user, name=name) if user else "",
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
