"""Merges and unmerges that can't be: each is a clear error, and every table stays as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, NamedTuple

import pandas as pd
import pytest

from contacts_nb.model.errors import (
    CannotMerge,
    CannotUndo,
    ContactNotFound,
    ContactsError,
    InvalidValue,
    NotAllowed,
    NotFound,
    PlanOutdated,
)
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access
from tests.conftest import Workspaces
from tests.workspace.stored import stored

ANN, BO, CY, DEE = 1, 2, 3, 4
OWNER, MANAGER, THIRD = "owner@acme.example", "manager@acme.example", "third@acme.example"


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    """A prepared workspace."""
    return prepared(workspace)


@pytest.fixture(scope="module")
def shared(new_workspace: Workspaces) -> Iterator[Workspace]:
    """The same, for all tests in which nothing may change it."""
    with new_workspace() as made:
        yield prepared(made)


def prepared(workspace: Workspace) -> Workspace:
    """Four contacts with something in every kind of cell, opened by a manager."""
    workspace.users.add(OWNER, role="owner")
    owner = _as(workspace, 1)
    owner.users.add(MANAGER)
    owner.teams.add("Sales")
    owner.channels.add("Shop", "sms")
    owner.channels.add("Web", "custom")
    owner.fields.add("Plan", "list", allowed=["gold", "silver"])
    owner.fields.add("Visits", "number")
    assert [added(owner, name) for name in ("Ann", "Bo", "Cy", "Dee")] == [ANN, BO, CY, DEE]
    owner.plan_import(
        pd.DataFrame({"id": [ANN, BO], "shop": ["+442079460951", "+442079460952"]}),
        match_on="id",
        columns={"shop": "channel:Shop"},
        progress=False,
    ).apply(progress=False)
    owner.record_messages([message("+442079460951"), message("+442079460952")])
    owner.contacts[BO].comment("Prefers tea")
    return _as(workspace, 2)


def added(ws: Workspace, name: str) -> int:
    return ws.add_contact(
        first_name=name,
        phone="+44 20 7946 0958",
        country="GB",
        tags=["all", name],
        fields={"plan": "gold", "visits": 1},
        assignee=OWNER,
        team="Sales",
    ).id


def _as(ws: Workspace, user_id: int) -> Workspace:
    return Workspace(Access(ws._database, user_id))


def message(identifier: str, channel: str = "Shop", text: str = "Hello") -> dict[str, object]:
    return {
        "channel": channel,
        "identifier": identifier,
        "direction": "incoming",
        "text": text,
        "sent_at": "2026-03-02T12:00:00Z",
    }


@contextmanager
def refused(ws: Workspace, kind: type[ContactsError], *words: str) -> Iterator[None]:
    """The block ends with exactly this kind of error, whose text has these words, and changes no table."""
    before = stored(ws)
    with pytest.raises(ContactsError) as error:
        yield
    said = str(error.value)
    assert type(error.value) is kind, said
    assert [word for word in words if not re.search(word, said)] == [], said
    assert said.endswith((".", ")")) or kind in (InvalidValue, NotFound), said
    assert stored(ws) == before


def test_a_contact_is_not_merged_with_itself(shared):
    with refused(shared, CannotMerge, "itself"):
        shared.plan_merge(ANN, ANN)
    with refused(shared, CannotMerge, "itself"):
        shared.plan_merge(shared.contacts[ANN], ANN, survivor=ANN)


def test_two_ids_of_one_contact_are_not_merged(ws):
    ws.plan_merge(ANN, BO).apply()
    ws.plan_merge(ANN, CY).apply()
    for one, other in ((ANN, BO), (BO, ANN), (BO, CY)):
        with refused(ws, CannotMerge, rf"\b{one}\b", rf"\b{other}\b", rf"contact {ANN}\b"):
            ws.plan_merge(one, other)


def test_of_a_contact_that_was_merged_away_it_is_said_into_whom(ws):
    copy = ws.contacts[BO]
    ws.plan_merge(ANN, BO).apply()
    ws.plan_merge(CY, ANN, survivor=CY).apply()
    for other in (BO, copy):
        with refused(ws, CannotMerge, rf"\b{BO}\b", rf"into .*\b{CY}\b"):
            ws.plan_merge(DEE, other)
        with refused(ws, CannotMerge, rf"\b{BO}\b", rf"into .*\b{CY}\b"):
            ws.plan_merge(other, DEE)


def test_a_contact_that_does_not_exist_is_neither_merged_nor_unmerged(shared, subtests):
    calls: list[Callable[[int], object]] = [
        lambda missing: shared.plan_merge(ANN, missing),
        lambda missing: shared.plan_merge(missing, ANN),
        shared.plan_unmerge,
    ]
    for missing, call in product((99, 0, -1, 10**30), calls):
        with subtests.test(str(missing)), refused(shared, ContactNotFound, str(missing)):
            call(missing)


def test_a_deleted_contact_is_not_merged(ws):
    copy = ws.contacts[BO]
    copy.delete()
    for other in (BO, copy):
        with refused(ws, ContactNotFound, rf"\b{BO}\b", "deleted"):
            ws.plan_merge(ANN, other)


def test_the_survivor_is_one_of_the_two(shared):
    with refused(shared, InvalidValue, "survivor", rf"\b{CY}\b"):
        shared.plan_merge(ANN, BO, survivor=CY)
    plan = shared.plan_merge(ANN, BO)
    with refused(shared, InvalidValue, "survivor", rf"\b{CY}\b"):
        plan.choose(survivor=CY)


def new_identity(ws: Workspace, contact_id: int) -> None:
    frame = pd.DataFrame({"id": [contact_id], "web": [f"guest {contact_id}"]})
    plan = ws.plan_import(frame, match_on="id", columns={"web": "channel:Web"}, progress=False)
    plan.apply(progress=False)


def another_team(ws: Workspace) -> None:
    """One of the same name."""
    ws.teams.remove("Sales")
    ws.teams.add("Sales")


class Three(NamedTuple):
    """Three new contacts of a workspace."""

    ws: Workspace
    a: int
    b: int
    c: int


Happening = Callable[[Three], object]

# What happens to the two, or with a third, before the plan is carried out; and what the error has to say of it.
CHANGES: list[tuple[Happening, str]] = [
    (lambda x: x.ws.contacts[x.a].update(last_name="Lee"), "(?i)last.name of contact {a} .*Lee"),
    (lambda x: x.ws.contacts[x.b].update(country="FR"), "country of contact {b} .*France"),
    (lambda x: x.ws.contacts[x.b].update(phone="+44 20 7946 0999"), "phone of contact {b} .*0999"),
    (lambda x: x.ws.contacts[x.b].update(phone=None), "phone of contact {b}"),
    (lambda x: x.ws.contacts[x.a].update(fields={"visits": 7}), "(?i)visits of contact {a} .*7"),
    (lambda x: x.ws.contacts[x.b].update(fields={"plan": None}), "(?i)plan of contact {b}"),
    (lambda x: x.ws.contacts[x.a].assign(MANAGER), "assignee of contact {a} .*manager"),
    (lambda x: x.ws.contacts[x.b].assign(team=None), "team of contact {b}"),
    (lambda x: x.ws.contacts[x.b].tag("vip"), "tag.*vip"),
    (lambda x: x.ws.contacts[x.a].untag("all"), "tag.*all"),
    (lambda x: new_identity(x.ws, x.b), "channel.*guest {b}"),
    (lambda x: x.ws.plan_merge(x.c, x.b, survivor=x.c).apply(), "{b} was merged into contact {c}"),
    (lambda x: x.ws.plan_merge(x.c, x.a, survivor=x.c).apply(), "{a} was merged into contact {c}"),
    (lambda x: x.ws.plan_merge(x.a, x.b).apply(), "{b} was merged into contact {a}"),
    (lambda x: x.ws.plan_merge(x.a, x.b, survivor=x.b).apply(), "{a} was merged into contact {b}"),
    (lambda x: x.ws.plan_merge(x.b, x.c).apply(), "merged into contact {b}"),
    (lambda x: x.ws.contacts[x.b].delete(), "contact {b} was deleted"),
    (lambda x: x.ws.contacts[x.a].delete(), "contact {a} was deleted"),
    (lambda x: x.ws.tags.remove("Bo"), "tag"),
    (lambda x: another_team(x.ws), "team"),
    (lambda x: x.ws.fields.remove("visits"), "(?i)field"),
]


def test_a_merge_of_what_has_changed_since_is_refused_and_says_what(ws, subtests):
    for happens, words in CHANGES:
        new = Three(ws, *(added(ws, name) for name in ("Ann", "Bo", "Cy")))
        plan = ws.plan_merge(new.a, new.b)
        happens(new)
        with subtests.test(words), refused(ws, PlanOutdated, words.format(**new._asdict())):
            plan.apply()


# Once the second is part of the first, both of what they will be can change.
CHANGES_OF_MERGED: list[tuple[Happening, str]] = [
    (lambda x: x.ws.contacts[x.a].update(last_name="Lee"), "(?i)last.name"),
    (lambda x: x.ws.contacts[x.a].update(fields={"visits": 7}), "(?i)visits"),
    (lambda x: x.ws.contacts[x.a].assign(MANAGER), "(?i)assignee"),
    (lambda x: x.ws.contacts[x.a].tag("vip"), "(?i)tag"),
    (lambda x: x.ws.contacts[x.a].untag("Bo"), "(?i)tag"),
    (lambda x: new_identity(x.ws, x.a), "(?i)channel"),
    (lambda x: x.ws.plan_merge(x.c, x.a, survivor=x.c).apply(), "(?i)merge.*{c}"),
    (lambda x: x.ws.plan_merge(x.a, x.c).apply(), "tag Cy"),
]


def test_an_unmerge_of_what_has_changed_since_is_refused_and_says_what(ws, subtests):
    for happens, words in CHANGES_OF_MERGED:
        new = Three(ws, *(added(ws, name) for name in ("Ann", "Bo", "Cy")))
        ws.plan_merge(new.a, new.b).apply()
        plan = ws.plan_unmerge(new.b)
        happens(new)
        with subtests.test(words), refused(ws, PlanOutdated, f"contact {new.a}", words.format(**new._asdict())):
            plan.apply()


def test_an_unmerge_of_what_was_unmerged_or_deleted_since_is_refused(ws):
    ws.plan_merge(ANN, BO).apply()
    plan = ws.plan_unmerge(BO)
    ws.plan_unmerge(BO).apply()
    with refused(ws, PlanOutdated, rf"contact {BO} into {ANN}"):
        plan.apply()
    ws.plan_merge(ANN, BO).apply()
    again = ws.plan_unmerge(BO)
    ws.contacts[ANN].delete()
    for late in (plan, again):
        with refused(ws, PlanOutdated, "deleted"):
            late.apply()


def say_something(ws: Workspace) -> None:
    """Messages, comments and conversations, which nobody chooses from."""
    ws.record_messages([message("+442079460951", text="More"), message("+442079460952", text="More")])
    for contact_id in (ANN, BO):
        ws.contacts[contact_id].comment("Prefers coffee")
        ws.contacts[contact_id].close_conversation("solved")
    ws.contacts[CY].update(last_name="Lee")


def test_messages_comments_and_conversations_make_no_plan_stale(ws):
    merge = ws.plan_merge(ANN, BO)
    say_something(ws)
    assert merge.apply().kind == "merge"
    unmerge = ws.plan_unmerge(BO)
    ws.contacts[ANN].comment("Prefers water")
    ws.record_messages([message("+442079460952", text="Even more")])
    assert unmerge.apply().kind == "unmerge"
    assert ws.contacts[BO].messages()["text"].tolist() == ["Hello", "More", "Even more"]
    assert ws.check() == []


def test_a_plan_is_carried_out_once(ws):
    merge = ws.plan_merge(ANN, BO)
    merge.apply()
    with refused(ws, PlanOutdated, "merged into contact 1"):
        merge.apply()
    unmerge = ws.plan_unmerge(BO)
    unmerge.apply()
    with refused(ws, PlanOutdated, "taken apart"):
        unmerge.apply()


def test_two_who_have_one_identity_but_for_its_case_are_not_merged(ws):
    ws.record_messages([message("Guest-7", "Web"), message("guest-7", "Web")])
    one, other = ws.contacts.search("guest-7").ids().tolist()
    with refused(ws, CannotMerge, "Web", "[Gg]uest-7"):
        ws.plan_merge(one, other)
    done = ws.plan_merges([(one, other), (ANN, BO)]).apply(progress=False)
    assert (done.merged, done.skipped["survivor"].tolist()) == (1, [one])
    assert "Web" in done.skipped["why"][0]
    ws.plan_merge(CY, one).apply()
    with refused(ws, CannotMerge, "Web"):
        ws.plan_merge(CY, other)


def test_two_who_have_one_phone_in_two_spellings_on_a_channel_are_not_merged(ws):
    ws.record_messages([message("02079460123")])
    ws.update(phone_region="GB")
    ws.record_messages([message("+44 20 7946 0123")])
    one, other = ws.contacts.search("79460123").ids().tolist()
    with refused(ws, CannotMerge, "Shop", "79460123|7946 0123"):
        ws.plan_merge(one, other)


def test_an_agent_neither_plans_nor_merges(ws):
    ws.plan_merge(CY, DEE).apply()
    done = ws.history[int(ws.history(1)["id"][0])]
    plans = ws.plan_merge(ANN, BO), ws.plan_unmerge(DEE), ws.plan_merges([(ANN, BO)])
    _as(ws, 1).users.update(MANAGER, role="agent")
    calls: list[Callable[[], object]] = [
        *(plan.apply for plan in plans),
        lambda: ws.plan_merge(ANN, BO),
        lambda: ws.plan_merges([(ANN, BO)]),
        lambda: ws.plan_unmerge(DEE),
        done.undo,
    ]
    for call in calls:
        with refused(ws, NotAllowed, "manager", "agent"):
            call()


BAD: list[tuple[dict[str, object], type[ContactsError], str]] = [
    ({"nickname": ANN}, InvalidValue, "nickname"),
    ({"created_at": ANN}, InvalidValue, "created_at"),
    ({"tags": ANN}, InvalidValue, "tags"),
    ({"phone_e164": "+442079460951"}, InvalidValue, "phone_e164"),
    ({"country": "Atlantis"}, InvalidValue, "Atlantis"),
    ({"language": "Klingon"}, InvalidValue, "Klingon"),
    ({"email": "no address"}, InvalidValue, "no address"),
    ({"phone": "none"}, InvalidValue, "none"),
    ({"picture": "file:///etc/passwd"}, InvalidValue, "picture"),
    ({"first_name": "a" * 256}, InvalidValue, "255|256"),
    ({"first_name": "a\x00b"}, InvalidValue, "NUL"),
    ({"first_name": CY}, InvalidValue, rf"first.name.*\b{CY}\b"),
    ({"plan": "bronze"}, InvalidValue, "bronze"),
    ({"visits": "many"}, InvalidValue, "many"),
    ({"assignee": "nobody@acme.example"}, NotFound, "nobody@acme"),
    ({"team": "Nobody"}, NotFound, "Nobody"),
]


def test_a_value_that_can_not_be_kept_is_refused(shared, subtests):
    plan = shared.plan_merge(ANN, BO)
    for keep, kind, words in BAD:
        with subtests.test(str(keep)), refused(shared, kind, words):
            shared.plan_merge(ANN, BO, keep=keep)
        with subtests.test(str(keep)), refused(shared, kind, words):
            plan.choose(keep=keep)


def test_the_value_of_a_third_contact_is_not_kept(shared):
    with refused(shared, InvalidValue, "(?i)first.name", "Cy|3"):
        shared.plan_merge(ANN, BO, keep={"first_name": shared.contacts[CY]})


# A choice can become impossible between the plan and its being carried out.
GONE: list[tuple[dict[str, object], Callable[[Workspace], object], str]] = [
    ({"team": "Other"}, lambda ws: ws.teams.remove("Other"), "(?i)team"),
    ({"assignee": THIRD}, lambda ws: _as(ws, 1).users.remove(THIRD), "(?i)assignee|user"),
    ({"plan": "silver"}, lambda ws: ws.fields.update("plan", allowed=["gold"]), "(?i)plan"),
    ({"size": 7}, lambda ws: ws.fields.remove("size"), "(?i)field|size"),
]


def test_a_choice_that_is_gone_since_is_refused(ws, subtests):
    ws.teams.add("Other")
    _as(ws, 1).users.add(THIRD)
    ws.fields.add("Size", "number")
    for keep, happens, words in GONE:
        a, b = added(ws, "Ann"), added(ws, "Bo")
        plan = ws.plan_merge(a, b, keep=keep)
        happens(ws)
        with subtests.test(str(keep)), refused(ws, PlanOutdated, words):
            plan.apply()
    assert ws.check() == []


def test_what_was_not_merged_is_not_unmerged(ws):
    added = ws.history[int(ws.history()["id"].iloc[-1])]
    for given in (ANN, ws.contacts[ANN], added):
        with refused(ws, CannotMerge):
            ws.plan_unmerge(given)
    merge = ws.plan_merge(ANN, BO).apply()
    ws.plan_unmerge(merge).apply()
    for given in (ANN, BO, merge):
        with refused(ws, CannotMerge):
            ws.plan_unmerge(given)


def test_of_two_merges_one_has_to_be_named(ws):
    ws.plan_merge(ANN, BO).apply()
    ws.plan_merge(ANN, CY).apply()
    with refused(ws, CannotMerge, rf"\b{BO}\b", rf"\b{CY}\b"):
        ws.plan_unmerge(ANN)
    with refused(ws, ContactNotFound):
        ws.plan_unmerge(99)


def test_an_undo_of_what_was_merged_or_unmerged_since_is_refused(ws):
    merge = ws.plan_merge(ANN, BO).apply()
    unmerge = merge.undo()
    with refused(ws, CannotUndo, "already"):
        ws.history[merge.id].undo()
    ws.plan_merge(CY, BO).apply()
    with refused(ws, CannotUndo):
        unmerge.undo()


PAIRS: list[Any] = [
    pd.DataFrame({"one": [ANN]}),
    pd.DataFrame({"one": ["Ann"], "other": ["Bo"]}),
    pd.DataFrame({"one": [ANN], "other": [None]}),
    pd.DataFrame({"one": [ANN], "other": [1.5]}),
    [(ANN,)],
    [(ANN, BO, CY)],
    [(ANN, "Bo")],
    [ANN, BO],
    "12",
    7,
]


def test_pairs_that_are_none_are_refused(shared, subtests):
    for pairs in PAIRS:
        with subtests.test(str(pairs)), refused(shared, InvalidValue, "pair|contact"):
            shared.plan_merges(pairs)


def test_of_many_pairs_those_that_can_not_be_merged_are_skipped_with_the_reason(ws):
    ws.contacts[DEE].delete()
    plans = ws.plan_merges([(ANN, ANN), (ANN, DEE), (ANN, BO), (BO, ANN), (BO, CY), (CY, ANN)])
    frame = plans.to_frame()
    assert frame["what"].tolist() == ["skip", "skip", "merge", "skip", "merge", "skip"]
    assert frame["why"][frame["what"] == "skip"].str.len().min() > 0
    done = plans.apply(progress=False)
    assert (done.merged, len(done.skipped)) == (2, 4)
    assert ws.contacts.ids().tolist() == [ANN]


def test_pairs_that_can_not_be_merged_any_more_are_skipped_and_the_others_merged(ws):
    ws.add_contact(first_name="Eve")
    plans = ws.plan_merges([(ANN, BO), (CY, DEE), (CY, 5)])
    ws.contacts[BO].delete()
    ws.plan_merge(5, DEE, survivor=5).apply()
    done = plans.apply(progress=False)
    assert (done.merged, len(done.operations)) == (1, 1)
    assert done.skipped[["survivor", "other"]].to_numpy().tolist() == [[ANN, BO], [CY, DEE]]
    assert "contact 2" in done.skipped["why"][0]
    assert "contact 5" in done.skipped["why"][1]
    assert ws.contacts.ids().tolist() == [ANN, CY]
    assert ws.check() == []
