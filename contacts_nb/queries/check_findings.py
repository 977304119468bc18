"""What a check finds, and a rule: a statement whose every row is something found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """At `where`, something is as `found` and not as `expected`; `what` is the kind. No personal data but ids.

    >>> str(Inconsistency("contact_states", "contact 7", "no row", "one row"))
    'contact_states: contact 7 has no row instead of one row.'
    """

    what: str
    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        if not self.found:  # only how many more there are
            return f"{self.what}: {self.where}"
        return f"{self.what}: {self.where} has {self.found} instead of {self.expected}."


class Rule(NamedTuple):
    """What holds as long as `statement` finds no rows; the texts are formatted with each row's values."""

    what: str
    statement: Select[*tuple[Any, ...]]
    where: str
    found: str
    expected: str


def broken(connection: Connection, rule: Rule) -> Iterator[Inconsistency]:
    """Where `rule` doesn't hold."""
    for row in streamed(connection, rule.statement):
        where, found, expected = (text.format(*row) for text in (rule.where, rule.found, rule.expected))
        yield Inconsistency(rule.what, where, found, expected)


def streamed(connection: Connection, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """The rows that `statement` finds, a few thousand at a time in memory."""
    with connection.execute(statement, execution_options={"yield_per": 5_000}) as rows:
        yield from rows
