"""SQL that each database spells its own way; `sqlite.py` and `postgres.py` say how.

A statement is built once, without knowing on which database it will run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, column, literal, select
from sqlalchemy.sql.expression import ClauseElement, Executable
from sqlalchemy.sql.functions import FunctionElement

from contacts_nb.model.search_text import trigram_pattern


class DocumentsWith(FunctionElement[int]):
    """A table `contact_id` of those whose search document has one of some spellings.

    Its arguments are one full-text expression and then a `LIKE` pattern for each spelling; a database uses
    the one or the others. All are bound, not pasted.
    """

    name = "documents_with"
    inherit_cache = True


class Explained(Executable, ClauseElement):
    """The plan that the database has for a statement, as rows."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


class CodePoint(FunctionElement[int]):
    """The number of the first character of a text."""

    name = "code_point"
    type = BigInteger()
    inherit_cache = True


class Position(FunctionElement[int]):
    """Where the second text begins in the first, counted from 1; 0 if nowhere."""

    name = "position"
    type = BigInteger()
    inherit_cache = True


class GivenIds(FunctionElement[int]):
    """A table `id` of whole numbers that are given as one text, with commas between them."""

    name = "given_ids"
    inherit_cache = True


def given_ids(text: str) -> Select[int]:
    """SQL for the whole numbers in `text`, with commas between them: one bound value, however many they are."""
    return select(GivenIds(literal(text)).table_valued(column("id", BigInteger)).c.id)


def ids_of_documents_with(spellings: Sequence[str]) -> Select[int]:
    """SQL for the ids of contacts whose search document has one of `spellings`."""
    patterns = [literal(like_pattern(spelling)) for spelling in spellings]
    found = DocumentsWith(literal(search_match(spellings)), *patterns)
    return select(found.table_valued(column("contact_id", BigInteger)).c.contact_id)


def position(text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[Any]:
    """SQL for where `part` begins in `text`, counted from 1; 0 if nowhere, NULL if either is."""
    return Position(text, part)


def search_match(spellings: Sequence[str]) -> str:
    """The full-text expression that finds documents with one of `spellings`.

    >>> search_match(["ann", 'a"b'])
    '"ann" OR "a""b"'
    """
    phrases = (trigram_pattern(spelling).replace('"', '""') for spelling in spellings)
    return " OR ".join(f'"{phrase}"' for phrase in phrases)


def like_pattern(spelling: str) -> str:
    r"""The `LIKE` pattern of documents with `spelling`, escaped by a backslash.

    >>> like_pattern("ann"), like_pattern("a"), like_pattern("50%")
    ('%ann%', '%  a%', '%50\\%%')
    """
    pattern = trigram_pattern(spelling)
    for special in "\\%_":
        pattern = pattern.replace(special, f"\\{special}")
    return f"%{pattern}%"
