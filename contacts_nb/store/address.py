"""Where a workspace is: the path of a file, or the URL of a PostgreSQL database. Passwords are never shown."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from contacts_nb.model.errors import InvalidValue
from contacts_nb.store.workspace_file import workspace_path

Address = Path | URL

_POSTGRES = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
# What of the part after `?` says where the database is, and may be shown.
_SHOWN = frozenset({"host", "port", "service"})


def address_of(given: str | os.PathLike[str] | URL) -> Address:
    """What was `given`: a path, a `sqlite:///` URL, or the URL of a PostgreSQL database.

    Raises `InvalidValue`.

    >>> address_of("postgresql://ana@db.example/acme").drivername
    'postgresql+psycopg'
    """
    if not isinstance(given, URL):
        text = os.fspath(given)
        scheme, divider, _ = text.partition("://")
        if not divider or scheme == "sqlite":
            return workspace_path(text)
        try:
            given = make_url(text)
        except (ArgumentError, ValueError):
            raise _refused(scheme) from None
    if given.drivername == "sqlite":
        return workspace_path(given.database or "")
    if given.drivername not in _POSTGRES or "\x00" in given.render_as_string(hide_password=False):
        raise _refused(given.drivername)
    return given.set(drivername="postgresql+psycopg")


def _refused(scheme: str) -> InvalidValue:
    # Without the rest of what was given, which may hold a password.
    rule = "is no workspace; give the path of a file, or postgresql://user@host/database"
    return InvalidValue("workspace", f"{scheme}://…", rule)


def shown_address(address: Address) -> str:
    """`address` as it may be read by anyone: without password.

    >>> shown_address(address_of("postgresql://ana:secret@db.example/acme"))
    'postgresql://ana@db.example/acme'
    """
    if isinstance(address, Path):
        return str(address)
    query = {key: value for key, value in address.query.items() if key in _SHOWN}
    shown = URL.create("postgresql", address.username, None, address.host, address.port, address.database, query)
    return shown.render_as_string()


def whole_address(address: Address) -> str:
    """`address` as it opens the workspace again, password included: not to be shown."""
    return str(address) if isinstance(address, Path) else address.render_as_string(hide_password=False)


def name_in(address: Address) -> str:
    """What a workspace at `address` is called unless told otherwise."""
    if isinstance(address, Path):
        return address.stem.encode("utf-8", "replace").decode()
    return address.database or address.username or "contacts"
