"""Merging two contacts: a plan that shows every field of both and the result, and that is carried out exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from contacts_nb.model.draft import checked_standard
from contacts_nb.model.emails import email_key
from contacts_nb.model.errors import ContactNotFound, InvalidValue, NotFound, PlanOutdated, shown
from contacts_nb.model.fields import checked_value
from contacts_nb.model.merging import MergeRow, Side, said
from contacts_nb.model.people import refusal
from contacts_nb.model.text import name_key
from contacts_nb.operations.merge import NewMerge, details_of, merge
from contacts_nb.operations.mergeable import check_mergeable
from contacts_nb.queries.contact import Contact as ReadContact
from contacts_nb.queries.merge_views import Sides, Vocabulary, sides_of, vocabulary_of
from contacts_nb.queries.merges import Cells, Possible, phone_cell
from contacts_nb.queries.rows import LARGEST_INTEGER
from contacts_nb.store.cells import TAG
from contacts_nb.store.schema import contacts
from contacts_nb.workspace import listing
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.contact import Contact, found_contact
from contacts_nb.workspace.history import Operation

_SIDES = {Side.SAME: "the same", Side.GIVEN: "given", Side.BOTH: "of both"}


@dataclass(frozen=True)
class MergePlan:
    """What merging `other` into `survivor` would do; nothing is changed until `apply()`.

    Both are as they were when the plan was made. `keep` has the choices that were made, by field.
    """

    survivor: Contact
    other: Contact
    keep: Mapping[str, object]
    _access: Access = field(repr=False)
    _sides: Sides = field(repr=False)
    _vocabulary: Vocabulary = field(repr=False)

    @property
    def rows(self) -> tuple[MergeRow, ...]:
        """Each field with both values, the result and why; then tags and channels, which are those of both."""
        words, mine, others = self._vocabulary, self._cells(self.survivor), self._cells(self.other)
        chosen = self._chosen()
        found = []
        for name, label, key in words.choices():
            value, side, why = chosen[name]
            one, other = (words.text(key, cells.get(key)) for cells in (mine, others))
            found.append(MergeRow(name, label, one, other, words.text(key, value), why, side))
        tags = [", ".join(words.tags(cells)) or None for cells in (mine, others, {**others, **mine})]
        channels = [
            ", ".join(f"{channel} {identifier}" for channel, identifier in identities) or None
            for identities in (*self._identities, (*self._identities[0], *self._identities[1]))
        ]
        for name, label, (one, other, both) in (("tags", "Tags", tags), ("channels", "Channels", channels)):
            side = Side.SAME if one == other else Side.BOTH
            found.append(MergeRow(name, label, one, other, both, _SIDES[side] if both else "", side))
        return tuple(found)

    def to_frame(self) -> pd.DataFrame:
        """The rows as a table: `field`, `survivor`, `other`, `result`, `why` (str).

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann, annie = ws.add_contact(first_name="Ann"), ws.add_contact(first_name="Annie", country="GB")
        >>> frame = ws.plan_merge(ann, annie).to_frame().set_index("field")
        >>> frame.loc["country", ["other", "result", "why"]].tolist()
        ['United Kingdom', 'United Kingdom', 'only the other has one']
        """
        rows = self.rows
        return pd.DataFrame(
            {
                name: listing.texts(getattr(row, name) for row in rows)
                for name in ("field", "survivor", "other", "result", "why")
            }
        )

    def choose(
        self, survivor: int | ReadContact | None = None, keep: Mapping[str, object] | None = None
    ) -> MergePlan:
        """The same plan with another survivor, or with other choices; nothing is read anew.

        Choices that were made before stay, unless `keep` replaces them. Raises as `ws.plan_merge` does.
        """
        plan = self
        if survivor is not None:
            wanted = contact_id_of(survivor)
            if wanted not in (self.survivor.id, self.other.id):
                rule = f"is neither {self.survivor.id} nor {self.other.id}; give one of the two as the survivor"
                raise InvalidValue("survivor", wanted, rule)
            if wanted != self.survivor.id:
                plan = replace(plan, survivor=self.other, other=self.survivor)
        if keep:
            plan = replace(plan, keep={**plan.keep, **keep})
        plan.check()
        return plan

    def check(self) -> None:
        """Raise what is wrong with the choices: `InvalidValue` and `NotFound`."""
        self._chosen()

    def apply(self) -> Operation:
        """Merge them, exactly as the plan shows. It can be taken apart again by `ws.plan_unmerge`, or undone.

        Raises `PlanOutdated`, and changes nothing, if either of them was changed since.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann, annie = ws.add_contact(first_name="Ann"), ws.add_contact(email="ann@acme.example")
        >>> ws.plan_merge(ann, annie).apply()
        <operation 3: merge, 2 contacts>
        >>> ws.contacts[annie.id].name, ws.contacts[annie.id].email
        ('Ann', 'ann@acme.example')
        """
        old = self._cells(self.survivor)
        new: Cells = {key: value for key, value in {**self._cells(self.other), **old}.items() if key[0] == TAG}
        chosen = self._chosen()
        for name, _, key in self._vocabulary.choices():
            value = chosen[name][0]
            if value is not None:
                new[key] = value
        survivor, other = self.survivor.id, self.other.id
        with self._access.operation("merge", details_of(survivor, other)) as recording:
            self._check(recording.connection)
            check_mergeable(recording.connection, survivor, other)
            self._check_possible(recording.connection, old, new)
            merge(recording, NewMerge(survivor, other, old, new))
        return Operation(self._access, recording.record)

    def _cells(self, contact: Contact) -> Cells:
        return self._sides.cells[contact.id]

    @property
    def _identities(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        return self._sides.identities[self.survivor.id], self._sides.identities[self.other.id]

    def _chosen(self) -> dict[str, tuple[str | None, Side, str]]:
        """By field, the value of the result, where it comes from, and why."""
        mine, others = self._cells(self.survivor), self._cells(self.other)
        known = {name: key for name, _, key in self._vocabulary.choices()}
        for name in self.keep:
            if name not in known:
                rule = f"is not one that is chosen in a merge; use one of {', '.join(known)}"
                raise InvalidValue("field", name, rule)
        found: dict[str, tuple[str | None, Side, str]] = {}
        for name, key in known.items():
            one, other = mine.get(key), others.get(key)
            if name in self.keep:
                found[name] = self._kept(name, self.keep[name], one, other)
            elif one == other:
                found[name] = (one, Side.SAME, "the same" if one is not None else "")
            elif one is None:
                found[name] = (other, Side.OTHER, "only the other has one")
            else:
                found[name] = (one, Side.SURVIVOR, "the survivor's")
        return found

    def _kept(self, name: str, wanted: object, one: str | None, other: str | None) -> tuple[str | None, Side, str]:
        is_id = isinstance(wanted, Integral) and not isinstance(wanted, bool)
        side = contact_id_of(wanted) if isinstance(wanted, ReadContact) or is_id else None
        if side == self.survivor.id:
            return one, Side.SURVIVOR, "chosen"
        if side == self.other.id:
            return other, Side.OTHER, "chosen"
        if isinstance(wanted, ReadContact):
            rule = f"is neither {self.survivor.id} nor {self.other.id}; give one of the two, or a value"
            raise InvalidValue(name, wanted.id, rule)
        return self._read(name, wanted), Side.GIVEN, "given"

    def _read(self, name: str, value: object) -> str | None:
        """The text that a cell keeps of a value which was given for the field `name`."""
        words = self._vocabulary
        if value is None:
            return None
        if name == "assignee":
            given = str(value)
            user = next((user for user in words.users if email_key(user.email) == email_key(given)), None)
            if user is None:
                raise NotFound("user", value, "doesn't exist; ws.users lists those that do")
            return str(user.id)
        if name == "team":
            team = next((team for team in words.teams if name_key(team.name) == name_key(str(value))), None)
            if team is None:
                raise NotFound("team", value, "doesn't exist; ws.teams lists those that do")
            return str(team.id)
        for custom in words.fields:
            if custom.slug == name:
                return checked_value(custom, value)
        checked = checked_standard(name, value, words.region)
        return phone_cell(checked["phone"], checked["phone_e164"]) if name == "phone" else checked[name]

    def _check(self, connection: Connection) -> None:
        """Raise `PlanOutdated` unless both are as the plan shows them."""
        ids = [self.survivor.id, self.other.id]
        statement = select(contacts.c.id, contacts.c.survivor_id).where(contacts.c.id.in_(ids))
        present = {row.id: row.survivor_id for row in connection.execute(statement)}
        for contact_id in ids:
            if contact_id not in present:
                raise _outdated(f"contact {contact_id} was deleted")
            if present[contact_id] is not None:
                raise _outdated(f"contact {contact_id} was merged into contact {present[contact_id]}")
        now = sides_of(connection, ids)
        words = vocabulary_of(connection)
        for contact_id in ids:
            if self._sides.groups[contact_id] != now.groups[contact_id]:
                raise _outdated(f"others were merged into contact {contact_id}, or unmerged from it")
            before, cells = self._sides.cells[contact_id], now.cells[contact_id]
            for name, _, key in words.choices():
                if before.get(key) != cells.get(key):
                    was, is_now = (said(words.text(key, of.get(key))) for of in (before, cells))
                    raise _outdated(f"{name} of contact {contact_id} was {was} and is {is_now} now")
            if before != cells:
                raise _outdated(f"contact {contact_id} {_difference(words, before, cells)}")
            if self._sides.identities[contact_id] != now.identities[contact_id]:
                both = (self._sides.identities[contact_id], now.identities[contact_id])
                were, are = (", ".join(" ".join(identity) for identity in of) or "none" for of in both)
                raise _outdated(f"the channels of contact {contact_id} were {were} and are {are} now")

    def _check_possible(self, connection: Connection, old: Cells, new: Cells) -> None:
        """Raise `PlanOutdated` if a value can't be any more, because what it names was removed."""
        possible = Possible(connection)
        for name, _, key in self._vocabulary.choices():
            value = new.get(key)
            if value is not None and value != old.get(key) and not possible(key, value):
                lost = said(self._vocabulary.text(key, value))
                raise _outdated(f"{name} can't be {lost} any more, because that was removed from the workspace")

    def __repr__(self) -> str:
        return (
            f"<merge of contact {self.other.id}, {self.other.name!r}, into {self.survivor.id}, "
            f"{self.survivor.name!r}>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        bundle = {"text/plain": repr(self)}
        if listing.table_html is not None:
            bundle["text/html"] = listing.table_html(self.to_frame())
        return bundle


def _difference(words: Vocabulary, before: Cells, now: Cells) -> str:
    """What else differs than the fields of now: tags, or values of a field that was removed."""
    lost = sorted(set(words.tags(before)) - set(words.tags(now)))
    gained = sorted(set(words.tags(now)) - set(words.tags(before)))
    if gained:
        return f"got the tag {shown(gained[0])}"
    return f"lost the tag {shown(lost[0])}" if lost else "lost the value of a field that was removed"


def _outdated(what: str) -> PlanOutdated:
    return PlanOutdated(
        f"Since the merge was planned, {what}. Nothing was merged; plan it again and look at what is different."
    )


def merge_planned(
    access: Access,
    one: int | ReadContact,
    other: int | ReadContact,
    survivor: int | ReadContact | None,
    keep: Mapping[str, object] | None,
) -> MergePlan:
    """See `Workspace.plan_merge`."""
    ids = [contact_id_of(one), contact_id_of(other)]
    with access.read("merge") as connection:
        check_mergeable(connection, *ids)
        both = sorted(
            (found_contact(access, connection, contact_id) for contact_id in ids),
            key=lambda contact: (contact.created_at, contact.id),
        )
        plan = MergePlan(both[0], both[1], {}, access, sides_of(connection, ids), vocabulary_of(connection))
    return plan.choose(survivor, keep)


def contact_id_of(contact: Any) -> int:
    """The id of a contact that was given as such or by its id; raises `InvalidValue` and `ContactNotFound`."""
    if isinstance(contact, ReadContact):
        return contact.id
    if isinstance(contact, bool) or not hasattr(contact, "__index__"):
        raise refusal("contact", contact, "is not a contact; give its id, or the contact itself")
    number = int(contact)
    if not 0 < number <= LARGEST_INTEGER:
        raise ContactNotFound(contact)
    return number
