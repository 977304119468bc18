"""Merging in plain Python: what each contact holds while some stand for others, and what each gets back.

A merge is a row that hangs on its survivor: whom it absorbed, and its layers, which say what it changed of the
survivor. Contacts keep what was made on them for ever; whoever is there shows all of its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.workspace.plain_model import ME, THERE, Cells, Draft, PlainWorkspace
from tests.workspace.plain_reading import shown
from tests.workspace.plain_undo import Operation, Way, way_back

COLUMNS = ("first_name", "last_name", "phone", "email", "country", "language", "picture", "assignee", "team")
NUMBERS = "0123456789"
Key = Any  # of a value that merges choose: a column, ("tag", its number) or ("value", number of its field)
Layers = dict[Key, tuple[Any, Any]]


class MergingWorkspace(PlainWorkspace):
    """A plain workspace whose contacts can be merged."""

    # Who is there for whom.

    def merge_of(self, contact: int) -> int | None:
        """The merge in force that absorbed this contact, if one did."""
        return next(iter(self.rows("merge", absorbed=contact)), None)

    def root(self, contact: int) -> int:
        merge = self.merge_of(contact)
        return contact if merge is None else self.root(self.get("merge", merge, "contact"))

    def group(self, contact: int) -> list[int]:
        """The contact and all that were merged into it, and into those."""
        merges = self.rows("merge", contact=contact)
        return sorted({contact}.union(*(self.group(self.get("merge", one, "absorbed")) for one in merges)))

    def living(self) -> list[int]:
        return [contact for contact in self.rows("contact") if self.merge_of(contact) is None]

    def _point_at_roots(self) -> None:
        # Nobody reads these: they say of whom an operation has changed who is there for them.
        for contact in self.rows("contact"):
            root = self.root(contact)
            self.put("contact", contact, "root", None if root == contact else root)

    # What a contact has of its own.

    def keys(self) -> list[Key]:
        """What is chosen in a merge, tags aside."""
        return [*COLUMNS, *(("value", field) for field in self.rows("field"))]

    def own(self, contact: int, key: Key) -> Any:
        """The value of one contact, without its group; a phone is as typed and in E.164."""
        value = self.get("contact", contact, key)
        return (value, self.get("contact", contact, "phone_e164")) if key == "phone" and value else value

    def set_own(self, contact: int, key: Key, value: Any) -> None:
        if key == "phone":
            value, e164 = value or (None, None)
            self.put("contact", contact, "phone_e164", e164)
        self.put("contact", contact, key, value)

    def can_be(self, key: Key, value: Any) -> bool:
        """Whether there still is what a value names."""
        if key in ("assignee", "team"):
            return bool(self.get("user" if key == "assignee" else "team", value, THERE))
        if not isinstance(key, tuple):
            return True
        kind, number = ("tag" if key[0] == "tag" else "field"), key[1]
        allowed = self.get(kind, number, "allowed")
        return bool(self.get(kind, number, THERE)) and (allowed is None or value in allowed)

    # Merging and unmerging.

    def merge(self, number: int, survivor: int, other: int, chosen: Mapping[Key, Any]) -> None:
        """Merge `other` into `survivor`; `chosen` are values that differ from what is the rule."""
        layers: Layers = {}
        for key in self.keys():
            mine, theirs = self.own(survivor, key), self.own(other, key)
            result = chosen.get(key, theirs if mine is None else mine)
            if result != mine:
                layers[key] = mine, result
        layers |= {
            ("tag", tag): (None, True) for tag in self.held(other, "tag").keys() - self.held(survivor, "tag")
        }
        self.add("merge", number, contact=survivor, absorbed=other)
        for key, (before, after) in layers.items():
            self.put("merge", number, ("layer", key), (before, after))
            self.set_own(survivor, key, after)
        self._point_at_roots()

    def unmerge(self, number: int) -> None:
        survivor, layers = self.get("merge", number, "contact"), self.layers(number)
        self.drop("merge", number)
        for key, (before, after) in layers.items():
            self._replace(survivor, key, number, after, before)
        self._point_at_roots()

    def layers(self, merge: int) -> Layers:
        return {
            column[1]: layer
            for (kind, number, column), layer in self.cells.items()
            if (kind, number) == ("merge", merge) and isinstance(column, tuple)
        }

    def _replace(self, contact: int, key: Key, merge: int, old: Any, new: Any) -> None:
        """A merge into `contact` gives it `new` now, or nothing, and no longer `old`."""
        later = [one for one in self.rows("merge", contact=contact) if one > merge]
        for one in later:
            if key in (layers := self.layers(one)):
                if layers[key][0] == old:
                    self.put("merge", one, ("layer", key), (new, layers[key][1]))
                return
        if self.own(contact, key) != old:
            return
        if new is None or not self.can_be(key, new):
            new = None
            for one in later:
                value = self.own(self.get("merge", one, "absorbed"), key)
                if value is not None and self.can_be(key, value):
                    new = value
                    self.put("merge", one, ("layer", key), (None, value))
                    break
        self.set_own(contact, key, new)
        above = self.merge_of(contact)
        layer = None if above is None else self.get("merge", above, ("layer", key))
        if above is not None and layer is not None and layer[1] == old:
            self.put("merge", above, ("layer", key), None if new is None else (layer[0], new))
            self._replace(self.get("merge", above, "contact"), key, above, old, layer[0] if new is None else new)

    # What is done with a contact is done with its group.

    def is_talking(self, contact: int) -> bool:
        """Whether a conversation with any of the group is open."""
        return any(self.rows("conversation", contact=one, closed_at=None) for one in self.group(contact))

    def open_conversations(self, contacts: Iterable[int], at: datetime, by: object = ME) -> None:
        super().open_conversations((one for one in contacts if not self.is_talking(one)), at, by)

    def close_conversations(self, contacts: Iterable[int], at: datetime, **said: str | None) -> None:
        super().close_conversations([one for contact in contacts for one in self.group(contact)], at, **said)

    def delete(self, contacts: Iterable[int]) -> None:
        super().delete([one for contact in contacts for one in self.group(contact)])

    def record(self, drafts: Iterable[Draft], new_contacts: Iterable[int], at: datetime) -> None:
        numbers = iter(new_contacts)
        new: dict[int, list[tuple[datetime, int, int]]] = {}
        identities: list[int] = []
        for draft in drafts:
            columns: dict[str, Any] = {"channel": self.named("channel", draft.channel), "key": draft.key}
            found = self.rows("identity", **columns)
            if not found:
                contact = self.add("contact", next(numbers), created_at=at)
                found = [self.add("identity", contact=contact, identifier=draft.identifier, **columns)]
            (identity,) = found
            identities += [] if identity in identities else [identity]
            if draft.profile_name is not None:
                self.put("identity", identity, "profile_name", draft.profile_name)
            if message := self._recorded(identity, draft):
                root = self.root(self.get("identity", identity, "contact"))
                place = self.get("message", message, "place")
                new.setdefault(root, []).append((draft.sent_at, identities.index(identity), place))
                new[root].sort()
        for root in sorted(new, key=lambda one: min(order for _, order, _ in new[one])):
            self._open_by_message(root, new[root], identities)

    def _open_by_message(self, root: int, new: list[tuple[datetime, int, int]], identities: list[int]) -> None:
        closed = [
            self.get("conversation", number, "closed_at")
            for one in self.group(root)
            for number in self.rows("conversation", contact=one)
        ]
        opening = [one for one in new if None not in closed and (not closed or one[0] > max(closed))]
        if opening:
            sent_at, order, place = opening[0]
            (message,) = self.rows("message", identity=identities[order], at=sent_at, place=place)
            incoming, sender = (self.get("message", message, column) for column in ("incoming", "sender"))
            super().open_conversations([root], sent_at, sender or ("incoming" if incoming else "outgoing"))

    # What people see.

    def merged(self) -> PlainWorkspace:
        """A workspace without merges whose contacts hold what these show."""
        plain = PlainWorkspace()
        living = set(self.living())
        for (kind, number, column), value in self.cells.items():
            if kind == "contact" and number not in living:
                continue
            hangs = column == "contact" and kind != "merge"
            plain.cells[kind, number, column] = self.root(value) if hangs else value
        return plain

    def finds(self, word: str) -> list[int]:
        """Whom a search finds for `word`: three letters or more in small letters, or the digits of a phone."""
        is_number, plain = word.isdecimal(), self.merged()
        found = []
        for contact in self.living():
            texts = list(plain._texts(contact))
            for one in self.group(contact):
                texts += [self.get("contact", one, name) or "" for name in ("first_name", "last_name", "email")]
                texts += [str(value) for value in self.held(one, "value").values() if not isinstance(value, bool)]
                texts += [phone for phone in self.own(one, "phone") or () if phone]
            spelled = (
                "".join(filter(NUMBERS.__contains__, text)) if is_number else text.lower() for text in texts
            )
            found += [contact] if any(word in text for text in spelled) else []
        return found

    def seen(self) -> dict[str, Any]:
        """The same as `plain_reading.read` has of the real one."""
        content = shown(self.merged())
        for contact in content["contacts"].values():
            contact["channels"].sort(key=lambda one: -one[4].timestamp() if one[4] else 0)
            met = [one[0] for one in contact["channels"] if one[4]]
            contact["last_interacted_channel"] = next(iter(met), None)
            contact["messages"].sort(key=lambda one: one[4])
        return content

    def merges_into(self, contact: int) -> list[list[int]]:
        """The merges in force in a group, newest first: number, survivor, absorbed."""
        merges = {one for member in self.group(contact) for one in self.rows("merge", contact=member)}
        return [
            [one, self.get("merge", one, "contact"), self.get("merge", one, "absorbed")]
            for one in sorted(merges, reverse=True)
        ]


class MergingOperation(Operation):
    """What one operation did; `effect` says if it merged or unmerged, and `merge` which merge."""

    effect = ""
    merge = 0
    is_forgotten = False
    contacts: frozenset[int] = frozenset()  # those it changed, with all that stood for each other then

    def belongs_to(self, *workspaces: MergingWorkspace) -> None:
        """Note whose history it is, by the workspace as it was before and after."""
        for ws in workspaces:
            rows = {row for cell in self.changes for row in ws.chain(cell[:2])}
            there = {number for kind, number in rows if kind == "contact"} & set(ws.rows("contact"))
            groups = (ws.group(ws.root(contact)) for contact in there)
            self.contacts = self.contacts.union(there, *groups)


def undoing(ws: MergingWorkspace, undone: MergingOperation, later: Sequence[MergingOperation]) -> Way | None:
    """What undoing an operation leads to, and whether it may be undone; None if nothing is said of that."""
    # What was removed may have been left out of layers since, or not: nobody can tell until it is back.
    if undone.is_forgotten or (undone.kind == "remove" and later[-1] is not undone):
        return None
    if undone.effect == "" or undone.undone_by is not None:
        way = way_back(ws, undone, later, overwrite=False)
        return way._replace(refused=way.refused or _held_fast(ws, way.cells))
    return _unmerging(ws, undone) if undone.effect == "merge" else _merging_again(ws, undone, later)


def _unmerging(ws: MergingWorkspace, undone: MergingOperation) -> Way:
    apart = MergingWorkspace()
    apart.cells, apart.owners = dict(ws.cells), ws.owners
    if undone.merge not in ws.rows("merge"):
        return Way(ws.cells, "isn't in force", doubtful=False)
    apart.unmerge(undone.merge)
    return Way(apart.cells, None, doubtful=False)


def _merging_again(
    ws: MergingWorkspace, undone: MergingOperation, later: Sequence[MergingOperation]
) -> Way | None:
    two: list[Any] = [undone.changes["merge", undone.merge, column][0] for column in ("contact", "absorbed")]
    if not set(two) <= set(ws.rows("contact")):
        return Way(ws.cells, "one of the two isn't there", doubtful=False)
    groups = {one for contact in two for one in ws.group(ws.root(contact))}
    since = [
        one for one in later if one.id > undone.id and one.effect and one.contacts & (groups | undone.contacts)
    ]
    if any(one.effect == "merge" and ws.get("merge", one.merge, "contact") in groups for one in since):
        return Way(ws.cells, "others were merged since", doubtful=False)
    return None if since else way_back(ws, undone, later, overwrite=False)


def _held_fast(ws: MergingWorkspace, wanted: Cells) -> str | None:
    """Why merges are in the way of these cells, if they are."""
    for kind, number, column in {cell for cell, _ in ws.cells.items() ^ wanted.items()}:
        if kind == "contact" and ws.merge_of(number) is not None:
            return "its contact was merged away"
        if (kind, column) == ("contact", THERE) and ws.rows("merge", contact=number):
            return "others were merged into its contact"
    return None
