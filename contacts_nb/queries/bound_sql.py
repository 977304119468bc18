"""The SQL of a query to be read by people: the statement, and apart from it the values that are bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine.default import DefaultDialect

from contacts_nb.store.constructs import Explained


@dataclass(frozen=True)
class BoundSql:
    """A statement as the database gets it: `text`, in which each `:name` stands for one of `values`.

    >>> BoundSql("SELECT :one", {"one": 1})
    SELECT :one
    -- one = 1
    """

    text: str
    values: Mapping[str, Any]

    def __repr__(self) -> str:
        lines = [self.text.strip(), *(f"-- {name} = {value!r}" for name, value in self.values.items())]
        # A line break within a value would end its comment.
        return "\n".join([lines[0], *(line.replace("\n", " ") for line in lines[1:])])


def bound_sql(connection: Connection, statement: Select[Any]) -> BoundSql:
    """`statement` as `connection` would run it."""
    dialect = (
        type(connection.dialect)(paramstyle="named") if isinstance(connection.dialect, DefaultDialect) else None
    )
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return BoundSql(str(compiled), dict(compiled.params))


def plan_of(connection: Connection, statement: Select[Any]) -> str:
    """How the database would find what `statement` asks for, in its own words, a line a step."""
    rows = connection.execute(Explained(statement)).all()
    if connection.dialect.name != "sqlite":
        return "\n".join(row[0] for row in rows)
    depths = {0: -1}
    for row in rows:
        depths[row[0]] = depths.get(row[1], -1) + 1
    return "\n".join("  " * depths[row[0]] + row[3] for row in rows)
