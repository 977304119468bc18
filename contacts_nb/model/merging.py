"""What a merge, or taking one apart, would do, as people look at it: by field, both values and the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from contacts_nb.model.errors import shown


def said(value: str | None) -> str:
    """A value as it stands in the sentence that says how a plan is outdated.

    >>> said("GB"), said(None)
    ("'GB'", 'empty')
    """
    return "empty" if value is None else shown(value)


class Side(StrEnum):
    """Where the result of a field comes from."""

    SAME = "same"
    SURVIVOR = "survivor"
    OTHER = "other"
    GIVEN = "given"
    BOTH = "both"


class MergeRow(NamedTuple):
    """One field of two contacts: what each has, what the merged one will have, and why; None is empty."""

    field: str
    label: str
    survivor: str | None
    other: str | None
    result: str | None
    why: str
    side: Side

    @property
    def differs(self) -> bool:
        """Whether the two have different values."""
        return self.survivor != self.other


@dataclass(frozen=True, slots=True)
class MergeRecord:
    """A merge in force: `id` is the number of its operation, `at` is UTC, `user` an e-mail address."""

    id: int
    at: datetime
    user: str | None
    survivor_id: int
    absorbed_id: int


@dataclass(frozen=True)
class Profile:
    """A contact as it will be: `values` by label. Messages and comments are counted when they are asked for."""

    id: int
    name: str
    values: Mapping[str, str | None]
    tags: tuple[str, ...]
    channels: tuple[str, ...]
    count: Callable[[], tuple[int, int]] = field(repr=False, compare=False)

    @property
    def messages(self) -> int:
        """How many messages it will have."""
        return self._counts[0]

    @property
    def comments(self) -> int:
        """How many comments it will have."""
        return self._counts[1]

    @cached_property
    def _counts(self) -> tuple[int, int]:
        return self.count()


class UnmergeRow(NamedTuple):
    """One field: what the merged contact has now, and what each of the two will have; None is empty."""

    field: str
    label: str
    now: str | None
    survivor: str | None
    other: str | None
    why: str

    @property
    def differs(self) -> bool:
        """Whether the survivor's value changes."""
        return self.survivor != self.now


class SinceRow(NamedTuple):
    """Something that happened since the merge, and where it goes; `at` is UTC."""

    at: datetime
    what: str
    user: str | None
    detail: str | None
    goes_to: str
