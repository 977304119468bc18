"""What a person decides about an import: what to match on, what it is for, and what must not be overwritten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contacts_nb.exchange.headers import Known
from contacts_nb.exchange.rows import CHANNEL
from contacts_nb.model.channels import Channel
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.people import member_named

KEYS = ("phone", "email", "id")


class Purpose(StrEnum):
    """What an import is for; `add_all` adds every record but those that a contact has word for word."""

    ADD_ONLY = "add_only"
    UPDATE_ONLY = "update_only"
    ADD_AND_UPDATE = "add_and_update"
    ADD_ALL = "add_all"

    @property
    def label(self) -> str:
        """What people read.

        >>> Purpose.ADD_ONLY.label
        'Add new contacts only'
        """
        return _LABELS[self]

    @property
    def matches(self) -> bool:
        """Whether contacts are looked for that a record may mean."""
        return self is not Purpose.ADD_ALL


_LABELS = {
    Purpose.ADD_ONLY: "Add new contacts only",
    Purpose.UPDATE_ONLY: "Update existing contacts only",
    Purpose.ADD_AND_UPDATE: "Add new and update existing contacts",
    Purpose.ADD_ALL: "Add all despite duplicates",
}


@dataclass(frozen=True, slots=True)
class MatchKey:
    """What records and contacts are compared by: "phone", "email", "id", or who they are on a channel."""

    name: str
    channel: Channel | None = None

    @property
    def label(self) -> str:
        """What stands in a sentence.

        >>> MatchKey("email").label
        'e-mail'
        """
        if self.channel is not None:
            return f"identity on {self.channel.name}"
        return "e-mail" if self.name == "email" else self.name


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The decisions, checked. `kept` are targets whose values in the workspace stay; None means all."""

    purpose: Purpose
    keys: tuple[MatchKey, ...] = ()
    region: str | None = None
    kept: frozenset[str] | None = frozenset()
    tags: tuple[str, ...] = ()

    def keeps(self, target: str) -> bool:
        """Whether a value that a contact has for `target` stays."""
        return self.kept is None or target in self.kept


def checked_purpose(value: object | None, keys: Sequence[MatchKey]) -> Purpose:
    """The purpose that `value` names; without one it depends on whether there is something to match on.

    Raises `InvalidValue`.

    >>> str(checked_purpose(None, [])), str(checked_purpose(None, [MatchKey("phone")]))
    ('add_all', 'add_and_update')
    """
    if value is None:
        return Purpose.ADD_AND_UPDATE if keys else Purpose.ADD_ALL
    purpose = member_named("purpose", value, Purpose)
    if purpose.matches and not keys:
        raise InvalidValue("purpose", purpose.value, 'needs something to match on; give match_on, such as "phone"')
    return purpose


def checked_keys(value: str | Iterable[str] | None, known: Known) -> tuple[MatchKey, ...]:
    """What `match_on` names, in the order in which they are tried. Raises `InvalidValue`.

    >>> [key.name for key in checked_keys(["email", "phone"], Known())]
    ['email', 'phone']
    """
    names = [value] if isinstance(value, str) else list(value or ())
    return tuple(dict.fromkeys(_key(name, known) for name in names))


def checked_kept(value: Collection[str] | bool, known: Known) -> frozenset[str] | None:  # noqa: FBT001 - a value
    """The targets that `do_not_overwrite` names; None for all. Raises `InvalidValue`.

    >>> checked_kept(True, Known()), sorted(checked_kept(["phone"], Known()))
    (None, ['phone', 'phone_e164'])
    """
    if isinstance(value, bool):
        return None if value else frozenset()
    names = [value] if isinstance(value, str) else value
    targets = {known.target(name) for name in names}
    if "name" in targets:
        targets |= {"first_name", "last_name"}
    return frozenset(targets | ({"phone", "phone_e164"} if "phone" in targets else set()))


def _key(name: object, known: Known) -> MatchKey:
    text = name.strip() if isinstance(name, str) else ""
    if text.startswith(CHANNEL):
        return MatchKey(text, known.channel(text.removeprefix(CHANNEL)))
    if text not in KEYS:
        raise InvalidValue("match_on", name, 'is not known; use "phone", "email", "id" or "channel:NAME"')
    return MatchKey(text)
