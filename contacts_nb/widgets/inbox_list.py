"""The list of inboxes as HTML: sections, a count each, and what can be done with those that were saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from contacts_nb.model.inboxes import TEAM_PREFIX, InboxKind, Sharing
from contacts_nb.model.text import folded
from contacts_nb.widgets.html import joined, markup
from contacts_nb.workspace.inboxes import Inbox

SEARCHED_FROM = 9
"""How many inboxes there are before one can search among them."""

_PENCIL = markup(
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2.5 13.5l.7-3 7.6-7.6 2.3 2.3-7.6 7.6z"/></svg>'
)
_BIN = markup(
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 4.5h10M6.5 4V2.5h3V4M4.5 4.5l.6 9h5.8l.6-9"/></svg>'
)


def key_of(inbox: Inbox) -> str | int:
    """What names an inbox and no other: the id of a saved one, else the name."""
    return inbox.id or inbox.name


@dataclass(frozen=True)
class Counted:
    """What is known of the contacts of an inbox: how many, and whether its filter names what is gone."""

    contacts: int
    is_broken: bool


@dataclass
class InboxList:
    """What is shown: `chosen` is the key of an inbox, `typed` what is searched among them.

    `users` are names by e-mail address.
    """

    inboxes: Sequence[Inbox] = ()
    is_owner: bool = False
    users: Mapping[str, str] = field(default_factory=dict)
    chosen: str | int = "All"
    typed: str = ""
    note: str = ""
    problem: str = ""
    counted: Mapping[str | int, Counted] = field(default_factory=dict)

    def html(self) -> Markup:
        """The whole list."""
        has_search = len(self.inboxes) >= SEARCHED_FROM
        typed = self.typed.strip() if has_search else ""
        found = {key_of(inbox) for inbox in self.inboxes if folded(typed) in folded(inbox.name)}
        return markup(
            '<nav aria-label="Inboxes">{search}{problem}{sections}{none}<p role="status" data-part="note"'
            ' class="{said}">{note}</p></nav>',
            search=_search() if has_search else "",
            problem=markup(
                '<p class="cnb-form-problem" role="alert" data-part="problem">{problem}</p>', problem=self.problem
            ),
            sections=joined(self._sections(found)),
            none=markup(
                '<p class="cnb-inboxes-none" data-part="none">No inbox is called “<bdi>{typed}</bdi>”.</p>',
                typed=typed,
            )
            if not found
            else "",
            said="cnb-inboxes-note" if self.note else "cnb-spoken",
            note=self.note or (f"{len(found)} found" if typed else ""),
        )

    def _sections(self, found: Collection[str | int]) -> list[Markup]:
        # Tab goes to one row only: the chosen one, or else the first.
        seen = [key_of(inbox) for inbox in self.inboxes if key_of(inbox) in found]
        stop = self.chosen if self.chosen in found else next(iter(seen), "")
        sections = (
            ("", [inbox for inbox in self.inboxes if inbox.kind is InboxKind.STANDARD]),
            ("Teams", [inbox for inbox in self.inboxes if inbox.kind is InboxKind.TEAM]),
            ("Created by me", [inbox for inbox in self.inboxes if inbox.id and inbox.mine]),
            ("Created by others", [inbox for inbox in self.inboxes if inbox.id and not inbox.mine]),
        )
        return [
            markup(
                '<section data-part="{title}"{hidden}>{heading}<ul aria-label="{label}">{rows}</ul></section>',
                title=title,
                label=title or "Standard inboxes",
                hidden=_hidden(not any(key_of(inbox) in found for inbox in inboxes)),
                heading=markup("<h4>{title}</h4>", title=title) if title else "",
                rows=joined(self._row(inbox, found, stop) for inbox in inboxes),
            )
            for title, inboxes in sections
            if inboxes
        ]

    def _row(self, inbox: Inbox, found: Collection[str | int], stop: str | int) -> Markup:
        key = key_of(inbox)
        known = self.counted.get(key)
        name = inbox.name.removeprefix(TEAM_PREFIX) if inbox.kind is InboxKind.TEAM else inbox.name
        is_stop = key == stop
        return markup(
            '<li data-part="{key}" data-row="{key}"{hidden}{chosen}>'
            '<button type="button" class="cnb-inbox" data-do="choose" data-name="{key}" data-stop'
            ' tabindex="{tab}" title="{title}"{current}>'
            '<span class="cnb-inbox-name"><bdi>{name}</bdi></span>'
            '<span class="cnb-inbox-count">{count}</span>{line}</button>{action}</li>',
            key=key,
            hidden=_hidden(key not in found),
            chosen=markup(' class="cnb-chosen"') if key == self.chosen else "",
            tab=0 if is_stop else -1,
            title=f"{inbox.name} · {inbox.filter}" if inbox.id else inbox.name,
            current=markup(' aria-current="true"') if key == self.chosen else "",
            name=name,
            count=markup(
                '{number}<span class="cnb-spoken"> {noun}</span>',
                number=f"{known.contacts:,}",
                noun="contact" if known.contacts == 1 else "contacts",
            )
            if known
            else "",
            line=_line(inbox, self.users, is_broken=known is not None and known.is_broken),
            action=self._action(inbox, tab=0 if is_stop else -1),
        )

    def _action(self, inbox: Inbox, *, tab: int) -> Markup:
        if not inbox.id or not (inbox.mine or self.is_owner):
            return markup("")
        return markup(
            '<button type="button" class="cnb-icon-button" data-do="{do}" data-name="{key}" data-also'
            ' tabindex="{tab}" title="{label}" aria-label="{label}">{icon}</button>',
            do="edit" if inbox.mine else "remove",
            key=inbox.id,
            tab=tab,
            label=f"Edit or delete {inbox.name}" if inbox.mine else f"Delete {inbox.name}",
            icon=_PENCIL if inbox.mine else _BIN,
        )


def _search() -> Markup:
    return markup(
        '<input type="search" name="search" class="cnb-inboxes-search" placeholder="Find an inbox"'
        ' aria-label="Find an inbox" autocomplete="off" data-part="search" data-typed data-to-stops>'
    )


def _line(inbox: Inbox, users: Mapping[str, str], *, is_broken: bool) -> Markup:
    """What stands small below the name of a saved inbox."""
    if is_broken:
        return markup('<span class="cnb-inbox-line cnb-inbox-broken">Part of its filter is gone</span>')
    if not inbox.id:
        return markup("")
    if not inbox.mine:
        said = markup("by {who}", who=_user(inbox.creator, users)) if inbox.creator else markup("by nobody")
    elif inbox.sharing is Sharing.PUBLIC:
        said = markup("Shared with everybody")
    elif inbox.sharing is Sharing.SHARED:
        teams = [markup("<bdi>{name}</bdi>", name=name) for name in inbox.teams]
        names = markup(", ").join([*teams, *(_user(email, users) for email in inbox.users)])
        said = markup("Shared with {names}", names=names or "nobody")
    else:
        return markup("")
    return markup('<span class="cnb-inbox-line">{said}</span>', said=said)


def _user(email: str, users: Mapping[str, str]) -> Markup:
    return markup('<bdi title="{email}">{name}</bdi>', email=email, name=users.get(email, email))


def _hidden(is_hidden: bool) -> Markup:  # noqa: FBT001 - it is all that there is
    return markup(" hidden") if is_hidden else markup("")
