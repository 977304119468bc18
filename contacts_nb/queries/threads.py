"""The comments on a contact and the conversations with it, as frames."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from contacts_nb.queries.groups import group_of
from contacts_nb.store.schema import comments, conversations, users


def comments_of(connection: Connection, contact_id: int) -> pd.DataFrame:
    """The comments on a contact, oldest first: `at` (datetime64[ms, UTC]), `user`, `text` (str)."""
    statement = (
        select(comments.c.created_at, users.c.email, comments.c.text)
        .outerjoin(users, users.c.id == comments.c.user_id)
        .where(comments.c.contact_id.in_(group_of(contact_id)))
        .order_by(comments.c.created_at, comments.c.id)
    )
    rows = connection.execute(statement).all()
    return pd.DataFrame(
        {
            "at": pd.to_datetime([row.created_at for row in rows], utc=True).as_unit("ms"),
            "user": pd.array([row.email for row in rows], dtype="str"),
            "text": pd.array([row.text for row in rows], dtype="str"),
        }
    )


def conversations_of(connection: Connection, contact_id: int) -> pd.DataFrame:
    """The conversations with a contact, oldest first.

    Columns: `opened_at`, `closed_at` (datetime64[ms, UTC]), `opened_by`, `closed_by`, `category`, `summary` (str).
    """
    opener, closer = users.alias(), users.alias()
    statement = (
        select(conversations, opener.c.email.label("opener"), closer.c.email.label("closer"))
        .outerjoin(opener, opener.c.id == conversations.c.opened_by_id)
        .outerjoin(closer, closer.c.id == conversations.c.closed_by_id)
        .where(conversations.c.contact_id.in_(group_of(contact_id)))
        .order_by(conversations.c.opened_at, conversations.c.id)
    )
    rows = connection.execute(statement).all()
    return pd.DataFrame(
        {
            "opened_at": pd.to_datetime([row.opened_at for row in rows], utc=True).as_unit("ms"),
            "closed_at": pd.to_datetime([row.closed_at for row in rows], utc=True).as_unit("ms"),
            "opened_by": pd.array([row.opener or row.opened_by for row in rows], dtype="str"),
            "closed_by": pd.array([row.closer for row in rows], dtype="str"),
            "category": pd.array([row.category for row in rows], dtype="str"),
            "summary": pd.array([row.summary for row in rows], dtype="str"),
        }
    )
