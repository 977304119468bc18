"""A workspace in plain Python, which the real one must equal: each operation by its meaning, over a dictionary.

The dictionary holds *cells*: a row's kind and number, a column, and the value; empty cells aren't in it. A row is
there as long as its cell `THERE` is. Nothing is derived and stored, so that an undo is nothing but cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

Row = tuple[str, int]
Cell = tuple[str, int, Any]
Cells = dict[Cell, Any]

THERE = "there"
NOT_ALLOWED = "a value that its field doesn't allow"
ME = "ana@acme.example"  # who does everything
# Rows that history can name after they went: they come back with what their columns hold by then.
KEPT = ("user", "team", "channel", "tag", "field", "message")
STANDARD = ("first_name", "last_name", "phone", "phone_e164", "email", "country", "language", "picture")


class Draft(NamedTuple):
    """A message to be recorded; `key` is what spellings of its identifier have in common."""

    channel: str
    identifier: str
    key: str
    incoming: bool
    text: str
    sent_at: datetime
    profile_name: str | None = None
    sender: str | None = None
    status: str | None = None


class PlainWorkspace:
    """What is in a workspace; `owners` says for ever on which row another one hangs."""

    def __init__(self) -> None:
        self.cells: Cells = {}
        self.owners: dict[Row, Row] = {}
        self._numbers = count(1)

    def get(self, kind: str, number: int | None, column: Any) -> Any:
        return None if number is None else self.cells.get((kind, number, column))

    def put(self, kind: str, number: int, column: Any, value: object) -> None:
        if value is None:
            self.cells.pop((kind, number, column), None)
        else:
            self.cells[kind, number, column] = value

    def rows(self, kind: str, **columns: object) -> list[int]:
        """The numbers of the rows that are there and have these values, in the order they were made."""
        return sorted(
            number
            for of, number, column in self.cells
            if of == kind and column == THERE and all(self.get(kind, number, c) == v for c, v in columns.items())
        )

    def add(self, kind: str, number: int | None = None, **columns: Any) -> int:
        number = next(self._numbers) if number is None else number
        for column, value in {THERE: True, **columns}.items():
            self.put(kind, number, column, value)
        owner = next((name for name in ("identity", "contact") if name in columns), None)
        if owner is not None:
            self.owners[kind, number] = (owner, self.get(kind, number, owner))
        return number

    def drop(self, kind: str, number: int) -> None:
        """Take a row away, its columns too unless its kind keeps them."""
        for cell in [cell for cell in self.cells if cell[:2] == (kind, number)]:
            if kind not in KEPT or cell[2] == THERE:
                del self.cells[cell]

    def named(self, kind: str, name: str | None, column: str = "name") -> int | None:
        """The row of that name, in any case."""
        found = (n for n in self.rows(kind) if name and self.get(kind, n, column).lower() == name.lower())
        return next(found, None)

    def held(self, contact: int, kind: str) -> dict[int, Any]:
        """Of the tags or values of a contact, by the number of the tag or field."""
        return {
            column[1]: value
            for (of, number, column), value in self.cells.items()
            if (of, number) == ("contact", contact) and isinstance(column, tuple) and column[0] == kind
        }

    def matching(self, word: str | None) -> list[int]:
        """The contacts that a search for `word`, three letters or more, finds; all for None."""
        return [c for c in self.rows("contact") if word is None or any(word in text for text in self._texts(c))]

    def _texts(self, contact: int) -> Iterable[str]:
        texts = [self.get("contact", contact, column) for column in ("first_name", "last_name", "email")]
        texts += [str(value) for value in self.held(contact, "value").values()]
        texts += [self.get("tag", tag, "name") for tag in self.held(contact, "tag")]
        for identity in self.rows("identity", contact=contact):
            texts += [self.get("identity", identity, column) for column in ("profile_name", "identifier")]
            channel = self.get("identity", identity, "channel")
            texts += [self.get("channel", channel, "name")] if self.get("channel", channel, THERE) else []
        return (text.lower() for text in texts if text)

    # What is done with contacts.

    def add_contact(
        self, number: int, at: datetime, tags: Iterable[str], values: Mapping[str, Any], **columns: object
    ) -> None:
        self.add("contact", number, created_at=at, **columns)
        self.tag([number], tags)
        self.update([number], {}, values)

    def tag(self, contacts: Iterable[int], names: Iterable[str]) -> None:
        tags = [self.named("tag", name) or self.add("tag", name=name) for name in names]
        for contact in contacts:
            for tag in tags:
                self.put("contact", contact, ("tag", tag), True)

    def untag(self, contacts: Iterable[int], names: Iterable[str]) -> None:
        for contact in contacts:
            for name in names:
                self.put("contact", contact, ("tag", self.named("tag", name)), None)

    def update(self, contacts: Iterable[int], columns: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        for contact in contacts:
            for column, value in columns.items():
                self.put("contact", contact, column, value)
            for slug, value in values.items():
                self.put("contact", contact, ("value", self.named("field", slug, "slug")), value)

    def open_conversations(self, contacts: Iterable[int], at: datetime, by: object = ME) -> None:
        for contact in contacts:
            if not self.rows("conversation", contact=contact, closed_at=None):
                self.add("conversation", contact=contact, opened_at=at, opened_by=by)

    def close_conversations(self, contacts: Iterable[int], at: datetime, **said: str | None) -> None:
        for contact in contacts:
            for number in self.rows("conversation", contact=contact, closed_at=None):
                for column, value in {"closed_at": at, "closed_by": ME, **said}.items():
                    self.put("conversation", number, column, value)

    def comment(self, contacts: Iterable[int], at: datetime, text: str) -> None:
        for contact in contacts:
            self.add("comment", contact=contact, at=at, text=text)

    def delete(self, contacts: Iterable[int]) -> None:
        """Contacts with all that hangs on them; nothing of it is kept."""
        gone = {("contact", contact) for contact in contacts}
        self.cells = {cell: value for cell, value in self.cells.items() if gone.isdisjoint(self.chain(cell[:2]))}

    def chain(self, row: Row) -> list[Row]:
        """A row, what it hangs on, and so on."""
        return [row, *self.chain(self.owners[row])] if row in self.owners else [row]

    def record(self, drafts: Iterable[Draft], new_contacts: Iterable[int], at: datetime) -> None:
        by_identity: dict[int, list[Draft]] = {}
        numbers = iter(new_contacts)
        for draft in drafts:
            channel = self.named("channel", draft.channel)
            found = self.rows("identity", channel=channel, key=draft.key)
            if not found:
                contact = self.add("contact", next(numbers), created_at=at)
                columns: dict[str, Any] = {"channel": channel, "identifier": draft.identifier, "key": draft.key}
                found = [self.add("identity", contact=contact, **columns)]
            by_identity.setdefault(found[0], []).append(draft)
        for identity, mine in by_identity.items():
            self._record_of(identity, mine)

    def _record_of(self, identity: int, drafts: Sequence[Draft]) -> None:
        named = [draft for draft in drafts if draft.profile_name]
        if named:
            latest = max(reversed(named), key=lambda draft: draft.sent_at)
            before = self.times(identity)
            is_older = bool(before) and latest.sent_at < max(before)
            if not (is_older and self.get("identity", identity, "profile_name")):
                self.put("identity", identity, "profile_name", latest.profile_name)
        new = [number for draft in drafts if (number := self._recorded(identity, draft))]
        contact = self.get("identity", identity, "contact")
        closed = [self.get("conversation", one, "closed_at") for one in self.rows("conversation", contact=contact)]
        if None in closed:
            return
        for message in sorted(new, key=self.order):
            sent_at, incoming, sender = (self.get("message", message, c) for c in ("at", "incoming", "sender"))
            if not closed or sent_at > max(closed):
                # With the first of them; for the others there is one then.
                self.open_conversations([contact], sent_at, sender or ("incoming" if incoming else "outgoing"))

    def _recorded(self, identity: int, draft: Draft) -> int | None:
        same: dict[str, Any] = {
            "identity": identity,
            "at": draft.sent_at,
            "incoming": draft.incoming,
            "text": draft.text,
        }
        for number in self.rows("message", **same):
            if draft.status:
                self.put("message", number, "status", draft.status)
            return None
        # Places of those that an undo took away stay free: they may come back.
        numbers = {n for kind, n, column in self.cells if (kind, column) == ("message", "place")}
        at_once = {"identity": identity, "at": draft.sent_at}
        there = [
            self.get("message", n, "place")
            for n in numbers
            if all(self.get("message", n, column) == value for column, value in at_once.items())
        ]
        sender = self.named("user", draft.sender, "email")
        return self.add("message", **same, place=max(there, default=-1) + 1, sender=sender, status=draft.status)

    def times(self, identity: int, **columns: object) -> list[datetime]:
        """When messages were exchanged."""
        return [self.get("message", n, "at") for n in self.rows("message", identity=identity, **columns)]

    def order(self, message: int) -> tuple[datetime, int]:
        return self.get("message", message, "at"), self.get("message", message, "place")

    # What is set up for all contacts.

    def remove(self, kind: str, number: int) -> None:
        """Take something off all contacts, or them off it, and away; identities stay on a removed channel."""
        column: dict[str, Callable[[int], Any]] = {
            "tag": lambda n: ("tag", n), "field": lambda n: ("value", n), "user": lambda _: "assignee",
            "team": lambda _: "team",
        }  # fmt: skip
        if kind in column:
            for contact in self.rows("contact"):
                if kind in ("tag", "field") or self.get("contact", contact, column[kind](number)) == number:
                    self.put("contact", contact, column[kind](number), None)
        for member in self.rows("member", **{kind: number}) if kind in ("user", "team") else ():
            self.drop("member", member)
        self.drop(kind, number)

    def set_members(self, kind: str, number: int, wanted: Iterable[int]) -> None:
        """Let a team have these users, or a user be in these teams."""
        other = "user" if kind == "team" else "team"
        present = {self.get("member", m, other): m for m in self.rows("member", **{kind: number})}
        for one in present.keys() - set(wanted):
            self.drop("member", present[one])
        for one in sorted(set(wanted) - present.keys()):
            self.add("member", **{kind: number, other: one})

    def respell(self, field: int, allowed: Sequence[str]) -> bool:
        """Give a list field these choices, in which contacts' values are spelled; False if one in use would go."""
        spelled = {choice.lower(): choice for choice in allowed}
        used = {c: values[field] for c in self.rows("contact") if field in (values := self.held(c, "value"))}
        if any(value.lower() not in spelled for value in used.values()):
            return False
        for contact, value in used.items():
            self.put("contact", contact, ("value", field), spelled[value.lower()])
        self.put("field", field, "allowed", tuple(allowed))
        return True

    # History.

    def fault(self) -> str | None:
        """What a workspace may not hold, if anything: names twice, references to what isn't there and so on."""
        unique = {
            "user": ["email"], "team": ["name"], "channel": ["name"], "tag": ["name"], "field": ["slug"],
            "member": ["team", "user"], "identity": ["channel", "key"],
            "message": ["identity", "at", "incoming", "text"],
        }  # fmt: skip
        for kind, columns in unique.items():
            keys = [tuple(self.get(kind, n, column) for column in columns) for n in self.rows(kind)]
            if len(columns) == 1:
                keys = [(name.lower(),) for (name,) in keys]
            if len(set(keys)) < len(keys):
                return f"{kind} twice"
        talking = [self.get("conversation", n, "contact") for n in self.rows("conversation", closed_at=None)]
        if len(set(talking)) < len(talking):
            return "two open conversations"
        needed = {"member": ("team", "user"), "message": ("identity",)} | dict.fromkeys(
            ("identity", "conversation", "comment"), ("contact",)
        )
        for kind, owners in needed.items():
            for number, owner in ((number, owner) for number in self.rows(kind) for owner in owners):
                if not self.get(owner, self.get(kind, number, owner), THERE):
                    return f"{kind} without {owner}"
        for contact in self.rows("contact"):
            held = [*(("tag", tag) for tag in self.held(contact, "tag"))]
            held += [("field", field) for field in self.held(contact, "value")]
            held += [("user", user) for user in [self.get("contact", contact, "assignee")] if user]
            held += [("team", team) for team in [self.get("contact", contact, "team")] if team]
            if not all(self.get(kind, number, THERE) for kind, number in held):
                return "reference to what was removed"
            for field, value in self.held(contact, "value").items():
                allowed = self.get("field", field, "allowed")
                if allowed is not None and value not in allowed:
                    return NOT_ALLOWED
        return None

    def is_used(self, kind: str, number: int) -> bool:
        if kind == "channel":
            return bool(self.rows("identity", channel=number))
        if kind in ("user", "team") and self.rows("member", **{kind: number}):
            return True
        held = {"tag": "tag", "field": "value"}.get(kind)
        column = {"user": "assignee"}.get(kind, kind)
        return any(
            number in self.held(c, held) if held else self.get("contact", c, column) == number
            for c in self.rows("contact")
        )
