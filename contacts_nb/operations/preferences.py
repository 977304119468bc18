"""Keeping how a user likes to see things."""

from __future__ import annotations

import json

from sqlalchemy import Connection, delete, insert

from contacts_nb.store.schema import preferences


def set_preference(connection: Connection, user_id: int | None, name: str, value: object) -> None:
    """Keep a value, of which JSON can be made, under a name; None forgets it."""
    owner = user_id or 0
    mine = preferences.c.user_id == owner, preferences.c.name == name
    connection.execute(delete(preferences).where(*mine))
    if value is not None:
        text = json.dumps(value, ensure_ascii=False)
        connection.execute(insert(preferences).values(user_id=owner, name=name, value=text))
