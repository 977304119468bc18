"""The questions of `finding`, and other tools that answer them: each gives the count and a window of whole rows.

What each does is said in `finding`. All read one SQLite file; only `asked` is timed.
"""

from __future__ import annotations

import http.client
import json
import sqlite3
import subprocess
import sys
import urllib.parse
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Double, String, Table

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.app.demo_settings import OWNER
from contacts_nb.app.serving import free_port
from contacts_nb.model.filters import EVERYONE, Filter
from contacts_nb.model.places import countries, languages
from contacts_nb.model.search_text import has_cjk, search_terms, trigram_pattern
from contacts_nb.store import schema
from contacts_nb.store.constructs import like_pattern, search_match
from tests.browser.conftest import wait_for

Answer = tuple[int | None, list[int]]
TEN_MINUTES_MS = 600_000


@dataclass(frozen=True, eq=False)
class Part:
    """One criterion in each language; in SQL c and s are contacts and their states, and `{id}` the contact's."""

    filter: Filter
    sql: str
    mask: Callable[[Pandas], Any]


@dataclass(frozen=True, eq=False)
class Question:
    """A window of those who match; `counted` if also how many, `again` if the same order was used before."""

    said: str
    word: str = ""
    parts: tuple[Part, ...] = ()
    sort: str = "last_interaction"
    descending: bool = True
    offset: int = 0
    limit: int = 40
    counted: bool = True
    again: bool = False

    @property
    def filter(self) -> Filter:
        tree: Filter = EVERYONE
        for part in self.parts:
            tree &= part.filter
        return tree


class Tool(ABC):
    """Something to find contacts with."""

    name: str

    @abstractmethod
    def asked(self, question: Question) -> Answer | None:
        """How many match, if that is asked, and the ids of the window, all of whose rows were read."""


class Pandas(Tool):
    """A frame of all contacts by id, a table of who has which tag and channel, and documents to search in."""

    name = "pandas"

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        with cn.open(path, user=OWNER) as workspace:
            self.frame = workspace.contacts.sort_by("id").to_frame().set_index("id")
        for column in ("country", "language"):
            self.frame[column] = self.frame[column].astype("category")
        self.tags, self.channels, documents, names, phones, emails = (
            pd.DataFrame(connection.execute(statement).fetchall(), columns=["id", "value"])
            for statement in (
                "SELECT contact_id, name_key FROM contact_tags JOIN tags ON tags.id = tag_id",
                "SELECT contact_id, name_key FROM contact_channels JOIN channels ON channels.id = channel_id",
                "SELECT contact_id, text FROM search_documents",
                "SELECT id, sort_name FROM contacts",
                "SELECT id, coalesce(phone_e164, phone) FROM contacts",
                "SELECT id, email_key FROM contacts",
            )
        )
        for links in (self.tags, self.channels):
            links["value"] = links["value"].astype("category")
        self.documents = documents.set_index("id")["value"].reindex(self.frame.index)
        ranked = {
            column: self.frame[column].map({code: rank for rank, code in enumerate(names_of())}).astype(float)
            for column, names_of in (("country", countries), ("language", languages))
        }
        aligned = {
            column: values.set_index("id")["value"].reindex(self.frame.index)
            for column, values in (("name", names), ("phone", phones), ("email", emails))
        }
        others = {"id": self.frame.index.to_series(), "conversation_status": self.frame["conversation_open"]}
        self._keys: dict[str, pd.Series[Any]] = {**ranked, **aligned, **others}
        self._orders: dict[str, pd.Index[Any]] = {}

    def having(self, links: pd.DataFrame, *names: str) -> Any:
        """Who has a tag or channel of these names."""
        return self.frame.index.isin(links.loc[links["value"].isin(names), "id"])

    def asked(self, question: Question) -> Answer:
        mask = np.ones(len(self.frame), np.bool_)
        for spellings in search_terms(question.word):
            mask &= self._found(spellings)
        for part in question.parts:
            mask &= part.mask(self)
        key = self._keys[question.sort] if question.sort in self._keys else self.frame[question.sort]
        order = self._orders.get(question.sort) if question.again else None
        if order is None:
            chosen = key if mask.all() else key[mask]
            ascending = question.descending == (question.sort == "last_incoming")
            order = chosen.sort_values(ascending=ascending, na_position="last").index
            if mask.all():
                self._orders[question.sort] = order
        window = self.frame.loc[order[question.offset : question.offset + question.limit]]
        ids = [row[0] for row in window.itertuples()]
        return int(mask.sum()) if question.counted else None, ids

    def _found(self, spellings: Sequence[str]) -> Any:
        mask = np.zeros(len(self.frame), np.bool_)
        for spelling in spellings:
            mask |= self.documents.str.contains(trigram_pattern(spelling), regex=False).to_numpy(np.bool_)
            for links in (self.tags, self.channels):
                names = [name for name in links["value"].cat.categories if _part(spelling) in f" {name}"]
                if names:
                    mask |= self.having(links, *names)
        return mask


class Sql(Tool):
    """What writes questions in SQL."""

    def asked(self, question: Question) -> Answer:
        conditions = [part.sql for part in question.parts]
        for spellings in search_terms(question.word):
            named = (
                f"SELECT contact_id FROM contact_{things} WHERE {things[:-1]}_id IN"
                f" (SELECT id FROM {things} WHERE {_named(spellings)})"
                for things in ("tags", "channels")
            )
            found = " UNION ".join([self.documents_with(spellings), *named])
            conditions.append(f"{{id}} IN ({found})")
        count = self.rows(_selected("count(*)", conditions))[0][0] if question.counted else None
        key = SORT_SQL[question.sort]
        descends = question.descending != (question.sort == "last_incoming")
        # Descending, SQLite and DuckDB put what is empty last by themselves, or by setting.
        direction = "DESC" if descends else "ASC NULLS LAST"
        tie = "DESC" if question.descending else "ASC"
        page = _selected("{id} AS id", conditions, key)
        page += f" ORDER BY {_with_id(key, page)} {direction}, 1 {tie}"
        page += f" LIMIT {question.limit} OFFSET {question.offset}"
        return count, self.window(page)

    @abstractmethod
    def rows(self, statement: str) -> Sequence[Sequence[Any]]:
        """What `statement` gives."""

    @abstractmethod
    def documents_with(self, spellings: Sequence[str]) -> str:
        """SQL for whose document has one of `spellings`."""

    def window(self, page: str) -> list[int]:
        """The ids of `page`, whose rows are read with what hangs on them."""
        # SQLite takes the left of a CROSS JOIN first, so the rows come in the order of the page.
        statement = (
            f"SELECT c.id, {_ROW}, {', '.join(f'({_of_one(part)})' for part in _HANGING)} FROM ({page}) AS page"
            " CROSS JOIN contacts c ON c.id = page.id CROSS JOIN contact_states s ON s.contact_id = c.id"
        )
        return [row[0] for row in self.rows(statement)]


class Like(Sql):
    """SQLite in this process."""

    name = "LIKE"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str) -> Sequence[Sequence[Any]]:
        return self._connection.execute(statement).fetchall()

    def documents_with(self, spellings: Sequence[str]) -> str:
        likes = " OR ".join(f"text LIKE {_quoted(like_pattern(spelling))} ESCAPE '\\'" for spelling in spellings)
        return f"SELECT contact_id FROM search_documents WHERE {likes}"


class Datasette(Sql):
    """Its JSON of SQL, from a server of our own."""

    name = "Datasette"

    def __init__(self, path: Path, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TEN_MINUTES_MS / 1000)
        self._page = f"/{path.stem}.json?_shape=arrays&sql="

    def rows(self, statement: str) -> Sequence[Sequence[Any]]:
        page = self._page + urllib.parse.quote(statement)
        try:
            self._connection.request("GET", page)
            response = self._connection.getresponse()
        except http.client.RemoteDisconnected:
            # It doesn't wait long for the next question; a connection is new at the next request.
            self._connection.request("GET", page)
            response = self._connection.getresponse()
        answer = json.loads(response.read())
        assert answer["ok"], answer
        rows: list[list[Any]] = answer["rows"]
        return rows

    def documents_with(self, spellings: Sequence[str]) -> str:
        return f"SELECT rowid FROM search_index WHERE search_index MATCH {_quoted(search_match(spellings))}"


class Duck(Sql):
    """DuckDB on a copy of the tables, in a file of its own."""

    name = "DuckDB"

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        is_new = not path.exists()
        self._database = duckdb.connect(str(path))
        self._database.execute("SET default_null_order = 'nulls_last'")
        if is_new:
            for table in _COPIED:
                self._copy(table, connection)

    def close(self) -> None:
        self._database.close()

    def rows(self, statement: str) -> Sequence[Sequence[Any]]:
        return self._database.execute(statement).fetchall()

    def documents_with(self, spellings: Sequence[str]) -> str:
        found = " OR ".join(f"contains(text, {_quoted(trigram_pattern(spelling))})" for spelling in spellings)
        return f"SELECT contact_id FROM search_documents WHERE {found}"

    def window(self, page: str) -> list[int]:
        # One look at each table for all rows is faster here than one for each.
        ids = [row[0] for row in self.rows(page)]
        among = ", ".join(map(str, ids)) or "NULL"
        hanging = [
            f"LEFT JOIN (SELECT x.contact_id, list({value}) AS found FROM {tables} WHERE x.contact_id IN ({among})"
            f" GROUP BY ALL) t{number} ON t{number}.contact_id = c.id"
            for number, (value, tables) in enumerate(_HANGING)
        ]
        rows = self.rows(
            f"SELECT c.id, {_ROW}, t0.found, t1.found, t2.found FROM contacts c"
            f" JOIN contact_states s ON s.contact_id = c.id {' '.join(hanging)} WHERE c.id IN ({among})"
        )
        assert len(rows) == len(ids)
        return ids

    def _copy(self, table: Table, connection: sqlite3.Connection) -> None:
        kinds = {column.name: _arrow_type(column.type) for column in table.columns}
        names = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.int64(): "BIGINT"}
        columns = ", ".join(f"{name} {names[kind]}" for name, kind in kinds.items())
        self._database.execute(f"CREATE TABLE {table.name} ({columns})")
        first = next(iter(kinds))
        cursor = connection.execute(f"SELECT {', '.join(kinds)} FROM {table.name} ORDER BY {first}")
        while rows := cursor.fetchmany(100_000):
            values = zip(kinds.items(), zip(*rows, strict=True), strict=True)
            chunk = pa.table({name: pa.array(column, kind) for (name, kind), column in values})
            self._database.register("chunk", chunk)
            self._database.execute(f"INSERT INTO {table.name} SELECT * FROM chunk")
            self._database.unregister("chunk")


@contextmanager
def others(path: Path) -> Iterator[list[Tool]]:
    """The other tools on the workspace in the file at `path`; DuckDB's copy is put beside it, or found there."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection, _datasette(path) as port:
        connection.execute("PRAGMA cache_size = -32768")
        duck = Duck(path.with_suffix(".duckdb"), connection)
        with closing(duck):
            yield [Pandas(path, connection), duck, Datasette(path, port), Like(connection)]


@contextmanager
def _datasette(path: Path) -> Iterator[int]:
    port = free_port()
    settings = {"suggest_facets": "off", "sql_time_limit_ms": str(TEN_MINUTES_MS)}
    command = [sys.executable, "-m", "datasette", "serve", str(path), "--host", "127.0.0.1", "--port", str(port)]
    for setting in settings.items():
        command += ["--setting", *setting]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/-/versions.json", server)
        yield port
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()


_COPIED = (
    *(schema.contacts, schema.contact_states, schema.contact_tags, schema.tags, schema.contact_channels),
    *(schema.channels, schema.field_values, schema.fields, schema.search_documents, schema.users, schema.teams),
)
_ROW = (
    "c.profile_name, c.phone, c.email, c.country, c.language, c.created_at, s.last_interaction, s.last_incoming,"
    " s.conversation_open, (SELECT name FROM channels h WHERE h.id = s.last_channel_id),"
    " (SELECT name FROM users u WHERE u.id = s.assignee_id), (SELECT name FROM teams m WHERE m.id = s.team_id)"
)
_HANGING = (
    ("t.name", "contact_tags x JOIN tags t ON t.id = x.tag_id"),
    ("h.source", "contact_channels x JOIN channels h ON h.id = x.channel_id"),
    ("f.slug || '=' || x.value", "field_values x JOIN fields f ON f.id = x.field_id"),
)
SORT_SQL = {
    "id": "{id}",
    "name": "c.sort_name",
    "phone": "coalesce(c.phone_e164, c.phone)",
    "email": "c.email_key",
    "country": f"instr('{''.join(f' {code}' for code in countries())}', ' ' || c.country)",
    "language": f"instr('{''.join(f' {code}' for code in languages())}', ' ' || c.language)",
    "last_interaction": "s.last_interaction",
    "last_interacted_channel": "(SELECT name FROM channels h WHERE h.id = s.last_channel_id)",
    "last_incoming": "s.last_incoming",
    "created_at": "c.created_at",
    "conversation_status": "s.conversation_open",
    "assignee": "(SELECT name FROM users u WHERE u.id = s.assignee_id)",
    "team": "(SELECT name FROM teams m WHERE m.id = s.team_id)",
    "visits": "(SELECT number FROM field_values v WHERE v.contact_id = {id} AND v.field_id = 5)",
}


def _selected(what: str, conditions: Sequence[str], key: str = "") -> str:
    everything = " ".join((*conditions, key))
    if "c." in everything and "s." in everything:
        tables = "contacts c JOIN contact_states s ON s.contact_id = c.id"
    else:
        tables = "contact_states s" if "s." in everything else "contacts c"
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    statement = f"SELECT {what} FROM {tables}{where}"
    return _with_id(statement, statement)


def _with_id(sql: str, statement: str) -> str:
    return sql.replace("{id}", "c.id" if "contacts c" in statement else "s.contact_id")


def _named(spellings: Sequence[str]) -> str:
    return " OR ".join(f"' ' || name_key LIKE {_quoted(f'%{_part(spelling)}%')}" for spelling in spellings)


def _part(spelling: str) -> str:
    return spelling if len(spelling) >= 3 or has_cjk(spelling) else f" {spelling}"


def _of_one(part: tuple[str, str]) -> str:
    value, tables = part
    return f"SELECT group_concat({value}) FROM {tables} WHERE x.contact_id = c.id"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _arrow_type(kind: Any) -> pa.DataType:
    if isinstance(kind, String):
        return pa.string()
    return pa.float64() if isinstance(kind, Double) else pa.int64()


def tagged(operator: str, *names: str) -> Part:
    def mask(held: Pandas) -> Any:
        if operator == "has_all":
            return np.logical_and.reduce([held.having(held.tags, name) for name in names])
        having = held.having(held.tags, *names)
        return ~having if operator == "has_none" else having

    def having(some: Sequence[str]) -> str:
        ids = f"SELECT id FROM tags WHERE name_key IN ({', '.join(map(_quoted, some))})"
        return f"{{id}} IN (SELECT contact_id FROM contact_tags WHERE tag_id IN ({ids}))"

    sql = " AND ".join(having([name]) for name in names) if operator == "has_all" else having(names)
    sql = f"NOT {sql}" if operator == "has_none" else sql
    return Part(getattr(F.tags, operator)(*names), sql, mask)


def aged(operator: str, days: int) -> Part:
    since = pd.Timestamp.now("UTC") - timedelta(days=days)
    sign = ">" if operator == "within" else "<"

    def mask(held: Pandas) -> Any:
        at = held.frame["last_incoming"]
        return (at > since if operator == "within" else at < since).to_numpy()

    filter_ = getattr(F.last_incoming, operator)(days=days)
    return Part(filter_, f"s.last_incoming {sign} {int(since.timestamp() * 1000)}", mask)


def numbered(slug: str, field_id: int, least: float, most: float) -> Part:
    return Part(
        F[slug].between(least, most),
        f"{{id}} IN (SELECT contact_id FROM field_values WHERE field_id = {field_id}"
        f" AND number BETWEEN {least} AND {most})",
        lambda held: held.frame[slug].between(least, most).to_numpy(),
    )


def from_countries(*codes: str) -> Part:
    return Part(
        F.country.is_any_of(*codes),
        f"c.country IN ({', '.join(map(_quoted, codes))})",
        lambda held: held.frame["country"].isin(codes).to_numpy(),
    )


def on_channels(*names: str) -> Part:
    keys = [name.lower() for name in names]
    ids = f"SELECT id FROM channels WHERE name_key IN ({', '.join(map(_quoted, keys))})"
    return Part(
        F.channels.has_any(*names),
        f"{{id}} IN (SELECT contact_id FROM contact_channels WHERE channel_id IN ({ids}))",
        lambda held: held.having(held.channels, *keys),
    )
