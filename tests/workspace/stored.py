"""All that a workspace's tables hold, to be compared with what they hold later."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from contacts_nb.store.schema import metadata
from contacts_nb.workspace import Workspace

Stored = dict[str, list[tuple[Any, ...]]]
"""The rows of each table, in the order of their keys."""


def stored(ws: Workspace, *, without: Collection[str] = ()) -> Stored:
    """What is in the tables now, `without` some of them or of their columns, such as `operations.at`."""
    found: Stored = {}
    with ws._database.read() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if f"{table.name}.{column.name}" not in without]
            if table.name not in without:
                rows = connection.execute(select(*columns).order_by(*table.primary_key or table.c))
                found[table.name] = [tuple(row) for row in rows]
    return found
