"""Statements of all workspaces in a test process are compiled once, as those of one workspace are.

SQLAlchemy keeps what it has compiled with an engine, and a workspace has engines of its own. With thousands of
workspaces a seventh of the time went into compiling the same statements again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

from contacts_nb.store import postgres, sqlite

_STATEMENTS = 1_000
_first: dict[str, Engine] = {}  # by dialect, the first that was connected


def compile_once() -> None:
    """Let all engines that are made from now on share what they compile."""
    for module in (sqlite, postgres):
        vars(module).update(create_engine=_sharing)


def _sharing(url: URL, **options: Any) -> Engine:
    engine = create_engine(url, query_cache_size=_STATEMENTS, **options)
    first = _first.get(engine.dialect.name)
    if first is None:
        # Only a connection tells the dialect which version it speaks to.
        event.listen(engine, "connect", lambda *_: _first.setdefault(engine.dialect.name, engine))
    else:
        # What is compiled is kept by dialect.
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
    return engine
