"""Merges and unmerges by many processes at once, and by processes that are killed in their midst."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workspace import merge_crowd, merge_killing
from tests.workspace.killing import Site, Stage, site_on

# `python -m tests.workspace.merge_crowd` and `python -m tests.workspace.merge_killing` do the same for longer.
SECONDS = 1
MOMENTS = 6  # on each database


def test_what_many_processes_merge_and_unmerge_at_once_is_there_once_and_can_be_taken_apart(workspace):
    merge_crowd.prepare(workspace)
    before = merge_crowd.before(workspace)

    # Whoever is too late is told so, and counts it; any other error comes out of here.
    here, *theirs = merge_crowd.crowd(workspace, SECONDS)

    assert sum(done.merges for done in theirs)
    assert sum(done.unmerges for done in theirs)
    assert list(merge_crowd.problems(workspace, before, [here, *theirs])) == []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    server = None if request.param == "sqlite" else request.getfixturevalue("server")
    with site_on(request.param, merge_killing.CONTACTS, server) as prepared:
        yield prepared


def test_of_killed_merges_and_unmerges_each_is_there_whole_or_not_at_all(site):
    all_kills = list(merge_killing.kills(site, MOMENTS))
    assert [kill for kill in all_kills if kill.outcome not in ("whole", "not at all") or kill.findings] == []
    # Where the others land is a matter of the machine's pace.
    assert {kill.landed for kill in all_kills if kill.aim.statement} == {Stage.TRANSACTION}
