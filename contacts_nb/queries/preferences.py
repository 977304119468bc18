"""How a user likes to see things: small values by name, which nobody else sees and history doesn't keep."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from contacts_nb.store.schema import preferences


def preference(connection: Connection, user_id: int | None, name: str) -> Any:
    """The value of that name, or None; without users, it is everybody's."""
    mine = preferences.c.user_id == (user_id or 0), preferences.c.name == name
    text = connection.execute(select(preferences.c.value).where(*mine)).scalar()
    return None if text is None else json.loads(text)
