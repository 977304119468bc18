"""What becomes of each record: created, an update, skipped or rejected, by what the workspace holds.

Two records of one file that mean the same contact are never both carried out: which of them counts isn't for a
program to say, and importing the file again would then change something again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from contacts_nb.exchange.existing import (
    COLUMNS,
    ExistingContact,
    Finder,
    existing_contacts,
    has_word_for_word,
    key_texts,
)
from contacts_nb.exchange.import_options import ImportOptions, MatchKey, Purpose
from contacts_nb.exchange.planned import Action, ValueChange
from contacts_nb.exchange.rows import CHANNEL, CUSTOM, NEW
from contacts_nb.model.draft import ContactDraft
from contacts_nb.model.emails import email_key
from contacts_nb.model.text import folded, name_key

_PHONES = frozenset({"phone", "phone_e164"})
_NAMED_IDS = 5  # of those that a reason names


class Decision(NamedTuple):
    """What becomes of a record, with which contact (0 for none), and why."""

    action: Action
    contact_id: int = 0
    reason: str = ""
    changes: tuple[ValueChange, ...] = ()


class Candidate(NamedTuple):
    """A record whose values are sound; `given_id` is what it has in a column for ids."""

    line: int
    draft: ContactDraft
    given_id: str | None


class _Match(NamedTuple):
    key: MatchKey
    text: str
    ids: tuple[int, ...]


class Decider:
    """Decides on the records of one file, in their order, as the workspace is on `connection`.

    `channel_names` are those of identities, by id of the channel.
    """

    def __init__(self, connection: Connection, options: ImportOptions, channel_names: dict[int, str]) -> None:
        self._connection = connection
        self._options = options
        self._channel_names = channel_names
        self._finder = Finder(connection)
        # By what a contact is known by: the line of the record that takes it, with a hash of what that one says.
        self._taken: dict[str | int, int] = {}
        self._stood_for: Counter[int] = Counter()

    def decided(self, candidates: Sequence[Candidate]) -> list[Decision]:
        """What becomes of each of `candidates`, which follow on those decided before."""
        matches = self._matches(candidates)
        # A record with a value to match on that no contact has is nobody's word for word either.
        keyless = [one.draft.name for one, match in zip(candidates, matches, strict=True) if match is None]
        namesakes = self._finder.named(keyless)
        identities = [(who.channel_id, who.key) for one in candidates for who in one.draft.identities]
        owners = self._finder.owners(identities) if identities else {}
        ids = {number for match in matches if match for number in match.ids}
        ids.update(number for found in namesakes.values() for number in found)
        there = existing_contacts(self._connection, ids) if ids else {}
        decisions = []
        for one, match in zip(candidates, matches, strict=True):
            decision = self._decided(one, match, namesakes, there)
            if one.draft.identities and decision.action in (Action.CREATE, Action.UPDATE):
                decision = self._with_free_identities(one, decision, owners)
            if decision.action in (Action.CREATE, Action.UPDATE, Action.SKIP):
                decision = self._taking(one, match, decision)
            decisions.append(decision)
        return decisions

    def _matches(self, candidates: Sequence[Candidate]) -> list[_Match | None]:
        """For each record the first key that finds contacts, or else the first that it has a value for."""
        found: list[_Match | None] = [None] * len(candidates)
        if not self._options.purpose.matches:
            return found
        for key in self._options.keys:
            texts = {
                index: texts
                for index, one in enumerate(candidates)
                if (match := found[index]) is None or not match.ids
                if (texts := key_texts(key, one.draft, one.given_id))
            }
            ids = self._finder.ids(key, (text for several in texts.values() for text in several))
            for index, several in texts.items():
                mine = tuple(sorted({number for text in several for number in ids.get(text, ())}))
                if mine or found[index] is None:
                    found[index] = _Match(key, several[0], mine)
        return found

    def _decided(
        self,
        one: Candidate,
        match: _Match | None,
        namesakes: dict[str, list[int]],
        there: dict[int, ExistingContact],
    ) -> Decision:
        if match is not None and len(match.ids) > 1:
            return Decision(Action.REJECT, 0, _ambiguous(match))
        if match is not None and match.ids:
            return self._with_match(one.draft, there[match.ids[0]])
        if match is not None and match.key.name == "id":
            rule = f"There is no contact {match.text} here; leave the id empty or match on something else."
            return Decision(Action.REJECT, 0, rule)
        if self._options.purpose is Purpose.UPDATE_ONLY:
            return Decision(Action.SKIP, 0, "No contact to update was found.")
        for number in namesakes.get(folded(one.draft.name), ()) if match is None else ():
            # Each contact stands for one record: two equal ones may be two people.
            if not self._stood_for[number] and has_word_for_word(one.draft, there[number]):
                self._stood_for[number] += 1
                return Decision(Action.SKIP, number, "Is there already, word for word.")
        return Decision(Action.CREATE)

    def _with_match(self, draft: ContactDraft, contact: ExistingContact) -> Decision:
        changes = tuple(self._changes(draft, contact))
        if not changes:
            return Decision(Action.SKIP, contact.id, "Has all of this already.")
        if self._options.purpose is Purpose.ADD_ONLY:
            return Decision(Action.SKIP, contact.id, "Is there already; only new contacts are added.")
        return Decision(Action.UPDATE, contact.id, "", changes)

    def _changes(self, draft: ContactDraft, contact: ExistingContact) -> list[ValueChange]:
        keeps, changes = self._options.keeps, []
        for target in COLUMNS:
            old, new = contact.values[target], getattr(draft, target)
            if new is None or new == old or (old is not None and keeps(target)):
                continue
            if target in _PHONES and (_same_phone(draft, contact) or (contact.values["phone"] and keeps("phone"))):
                continue
            if target == "email" and old is not None and email_key(old) == email_key(new):
                continue
            changes.append(ValueChange(target, old, new))
        if draft.phone and draft.phone_e164 is None and any(change.target == "phone" for change in changes):
            old = contact.values["phone_e164"]
            if old is not None:
                changes.append(ValueChange("phone_e164", old, ""))
        for field, value in draft.fields:
            old = contact.fields.get(field.id)
            target = f"{CUSTOM}{field.slug}" if field.slug else f"{NEW}{field.name}"
            if value != old and (old is None or not keeps(target)):
                changes.append(ValueChange(target, old, value))
        for target, person, old_id in (
            ("assignee", draft.assignee, contact.assignee_id),
            ("team", draft.team, contact.team_id),
        ):
            if person is not None and person.id != old_id and (old_id is None or not keeps(target)):
                changes.append(ValueChange(target, None if old_id is None else str(old_id), str(person.id)))
        changes += [ValueChange("tags", None, tag) for tag in draft.tags if name_key(tag) not in contact.tags]
        changes += [
            ValueChange(f"{CHANNEL}{self._channel_names[one.channel_id]}", None, one.identifier)
            for one in draft.identities
            if (one.channel_id, one.key) not in contact.identities
        ]
        return changes

    def _with_free_identities(
        self, one: Candidate, decision: Decision, owners: dict[tuple[int, str], int]
    ) -> Decision:
        for who in one.draft.identities:
            owner = owners.get((who.channel_id, who.key), decision.contact_id)
            if owner != decision.contact_id:
                name = self._channel_names[who.channel_id]
                taken = f"{who.identifier} on {name} is contact {owner} already"
                return Decision(Action.REJECT, 0, f"{taken}; to update that contact, match on channel:{name}.")
        return decision

    def _taking(self, one: Candidate, match: _Match | None, decision: Decision) -> Decision:
        """The decision, unless an earlier record has taken what this one is about."""
        about: dict[str | int, str] = {}
        if match is not None and match.ids:
            about[match.ids[0]] = f"contact {match.ids[0]}"
        elif match is not None and decision.action is Action.CREATE:
            for text in key_texts(match.key, one.draft, one.given_id):
                about[f"{match.key.name}\0{text}"] = f"the same {match.key.label}"
        if decision.action in (Action.CREATE, Action.UPDATE):
            for who in one.draft.identities:
                about[f"{who.channel_id}\0{who.key}"] = "the same identity on a channel"
        if not about:
            return decision
        says = hash(one.draft) & _MASK
        for key, label in about.items():
            earlier = self._taken.get(key)
            if earlier is None:
                self._taken[key] = one.line << _BITS | says
            elif earlier & _MASK == says:
                return Decision(Action.SKIP, decision.contact_id, f"Says the same as line {earlier >> _BITS:,}.")
            else:
                return Decision(
                    Action.REJECT,
                    0,
                    f"Line {earlier >> _BITS:,} is about {label} and says something else; keep one of the two.",
                )
        return decision


_BITS = 61
_MASK = (1 << _BITS) - 1


def _same_phone(draft: ContactDraft, contact: ExistingContact) -> bool:
    """Whether the phones are one number, however they are typed."""
    known = contact.values["phone_e164"]
    if draft.phone_e164 is None or known is None:
        return draft.phone == contact.values["phone"] and draft.phone_e164 == known
    return draft.phone_e164 == known


def _ambiguous(match: _Match) -> str:
    named = [str(number) for number in match.ids[:_NAMED_IDS]]
    more = f", and {len(match.ids) - _NAMED_IDS:,} more" if len(match.ids) > _NAMED_IDS else ""
    listed = ", ".join(named) + more if more else f"{', '.join(named[:-1])} and {named[-1]}"
    return (
        f"Contacts {listed} have that {match.key.label}; give the id of the one that is meant, or make them one "
        "contact first."
    )
