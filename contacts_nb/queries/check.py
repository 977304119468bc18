"""Whether a workspace agrees with itself: all of it is looked through, in the database wherever that can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import Connection

from contacts_nb.queries.check_derived import derived_rules, wrong_keys, wrong_texts, wrong_values
from contacts_nb.queries.check_findings import Inconsistency, broken
from contacts_nb.queries.check_history import history_rules
from contacts_nb.queries.check_merges import merge_rules
from contacts_nb.queries.check_references import presence_rules, reference_rules, uniqueness_rules
from contacts_nb.queries.groups import anyone_merged
from contacts_nb.store.backend import backend_of

__all__ = ["SHOWN", "Inconsistency", "inconsistencies", "search_index_inconsistencies"]

SHOWN = 100  # of each kind


def inconsistencies(
    connection: Connection, progress: Callable[[str, int], None] | None = None
) -> Iterator[Inconsistency]:
    """What isn't as it should be, as it is found; of each kind at most `SHOWN` and then how many more.

    `progress` is called with what is looked at now, and the number of contacts or rules that are done of it.
    """
    told = progress or (lambda _stage, _done: None)
    told("pages", 0)
    backend_of(connection).check_pages(connection)
    rules = {
        "references": (*reference_rules(), *presence_rules(), *uniqueness_rules(), *merge_rules()),
        "derived columns": tuple(derived_rules(merged=anyone_merged(connection))),
        "history": tuple(history_rules()),
    }
    for stage, of_stage in rules.items():
        for done, rule in enumerate(of_stage):
            told(stage, done)
            yield from _shortened(broken(connection, rule))
    told("names", 0)
    yield from _shortened(wrong_texts(connection, lambda done: told("names", done)))
    told("keys", 0)
    yield from _shortened(wrong_keys(connection))
    told("field values", 0)
    yield from _shortened(wrong_values(connection))


def search_index_inconsistencies(connection: Connection) -> Iterator[Inconsistency]:
    """Whether the search index is that of the documents; `connection` must be able to write, but nothing is."""
    if not backend_of(connection).check_search_index(connection):
        yield Inconsistency("search index", "the workspace", "one that can't be relied on", "one of all documents")


def _shortened(findings: Iterable[Inconsistency]) -> Iterator[Inconsistency]:
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.what] += 1
        if counts[finding.what] <= SHOWN:
            yield finding
    for what, count in counts.items():
        if count > SHOWN:
            yield Inconsistency(what, f"and {count - SHOWN:,} more", "", "")
