"""Plans of merges and unmerges: what they show of both contacts, what can be chosen, and that this is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pandas as pd
import pytest
from sqlalchemy import event

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.merging import MergeRow, Side
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.merge_plan import MergePlan
from contacts_nb.workspace.merges_plan import GivenPairs
from tests.conftest import Workspaces

OWNER, ANA, BEN = "owner@acme.example", "ana@acme.example", "ben@acme.example"
STANDARD = ["first_name", "last_name", "phone", "email", "country", "language", "picture", "assignee", "team"]
CUSTOM = ["note_b", "plan", "seats", "paid", "birthday", "lunch"]


@pytest.fixture(scope="module")
def ws(new_workspace: Workspaces) -> Iterator[Workspace]:
    """A workspace with users, teams, channels and fields of every type, as its owner sees it."""
    with new_workspace() as made:
        made.update(phone_region="GB")
        made.users.add(OWNER, role="owner", name="Olga")
        owner = Workspace(Access(made._database, 1))
        owner.users.add(ANA, role="manager", name="Ana")
        owner.users.add(BEN, role="manager", name="Ben")
        owner.teams.add("Sales")
        owner.teams.add("Care")
        owner.channels.add("Web", "custom")
        owner.fields.add("Note <b>")
        owner.fields.add("Plan", "list", allowed=["gold", "silver"])
        for name, kind in (("Seats", "number"), ("Paid", "checkbox"), ("Birthday", "date"), ("Lunch", "time")):
            owner.fields.add(name, kind, slug=name.lower())
        assert [field.slug for field in owner.fields] == CUSTOM
        yield owner
        assert owner.check() == []


_numbers = count(1)


def two(ws: Workspace) -> tuple[int, int]:
    """An older contact, which has no values but a few, and a younger one, which has all."""
    number = next(_numbers)
    one = ws.add_contact(
        first_name="Ann", email="ann@example.org", country="GB", tags=["Old", "both"], team="Sales",
        fields={"plan": "gold", "note_b": "same"},
    )  # fmt: skip
    other = ws.add_contact(
        first_name="Annie", last_name="Lee", phone="020 7946 0958", email="annie@example.org", country="GB",
        language="fr", picture="https://example.org/annie.png", tags=["both", "new"], assignee=BEN, team="Care",
        fields={"plan": "silver", "note_b": "same", "seats": 2.5, "paid": True, "birthday": "1990-05-17",
                "lunch": "12:30:15"},
    )  # fmt: skip
    identities = pd.DataFrame(
        {"id": [one.id, other.id], "web": [f"ann-{number}", f"annie-{number} ::: a{number}"]}
    )
    ws.plan_import(identities, match_on="id", columns={"web": "channel:Web"}, progress=False).apply(progress=False)
    return one.id, other.id


def row_of(plan: MergePlan, name: str) -> MergeRow:
    (row,) = (one for one in plan.rows if one.field == name)
    return row


@contextmanager
def statements(ws: Workspace) -> Iterator[list[str]]:
    """Those that are executed meanwhile."""
    found: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    engines = [value for value in vars(ws._database).values() if hasattr(value, "dialect")]
    assert engines
    for engine in engines:
        event.listen(engine, "before_cursor_execute", keep)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", keep)


def test_a_plan_has_a_row_of_every_field_with_both_values_the_result_and_why(ws):
    one, other = two(ws)
    plan = ws.plan_merge(other, one)
    assert (plan.survivor.id, plan.other.id) == (one, other)  # the older one first
    assert [tuple(row) for row in plan.rows][:-1] == [
        ("first_name", "First name", "Ann", "Annie", "Ann", "the survivor's", Side.SURVIVOR),
        ("last_name", "Last name", None, "Lee", "Lee", "only the other has one", Side.OTHER),
        ("phone", "Phone", None, "020 7946 0958", "020 7946 0958", "only the other has one", Side.OTHER),
        (
            "email",
            "Email",
            "ann@example.org",
            "annie@example.org",
            "ann@example.org",
            "the survivor's",
            Side.SURVIVOR,
        ),
        ("country", "Country", *["United Kingdom"] * 3, "the same", Side.SAME),
        ("language", "Language", None, "French", "French", "only the other has one", Side.OTHER),
        ("picture", "Picture", None, *["https://example.org/annie.png"] * 2, "only the other has one", Side.OTHER),
        ("assignee", "Assignee", None, BEN, BEN, "only the other has one", Side.OTHER),
        ("team", "Team", "Sales", "Care", "Sales", "the survivor's", Side.SURVIVOR),
        ("note_b", "Note <b>", *["same"] * 3, "the same", Side.SAME),
        ("plan", "Plan", "gold", "silver", "gold", "the survivor's", Side.SURVIVOR),
        ("seats", "Seats", None, "2.5", "2.5", "only the other has one", Side.OTHER),
        ("paid", "Paid", None, "yes", "yes", "only the other has one", Side.OTHER),
        ("birthday", "Birthday", None, *["1990-05-17"] * 2, "only the other has one", Side.OTHER),
        ("lunch", "Lunch", None, *["12:30:15"] * 2, "only the other has one", Side.OTHER),
        ("tags", "Tags", "both, Old", "both, new", "both, new, Old", "of both", Side.BOTH),
    ]
    channels = plan.rows[-1]
    assert (channels.field, channels.label, channels.why, channels.side) == (
        "channels",
        "Channels",
        "of both",
        "both",
    )
    assert channels.survivor
    assert channels.other
    assert channels.result == f"{channels.survivor}, {channels.other}"
    assert channels.other.startswith("Web annie-")
    assert [row.field for row in plan.rows if not row.differs] == ["country", "note_b"]


def test_rows_without_values_have_no_reason(ws):
    ids = [ws.add_contact(first_name="Ann").id for _ in range(2)]
    plan = ws.plan_merge(*ids)
    assert [row.field for row in plan.rows if row.why] == ["first_name"]
    assert {row.side for row in plan.rows} == {Side.SAME}
    assert not any(row.differs for row in plan.rows)
    assert (row_of(plan, "tags").result, row_of(plan, "channels").result) == (None, None)


def test_what_a_plan_shows_is_what_the_contact_has_then(ws):
    one, other = two(ws)
    plan = ws.plan_merge(one, other, keep={"email": other, "plan": "silver", "assignee": ANA, "country": None})
    shown = {row.field: row.result for row in plan.rows}
    done = plan.apply()
    assert (done.kind, done.contacts) == ("merge", 2)
    merged = ws.contacts[other]
    assert merged.id == one
    for name in ("first_name", "last_name", "phone", "email", "picture", "assignee", "team"):
        assert getattr(merged, name) == shown[name]
    assert (merged.country, merged.language, merged.phone_e164) == (None, "fr", "+442079460958")
    assert (merged.fields["plan"], merged.fields["seats"], merged.fields["paid"]) == ("silver", 2.5, True)
    assert sorted(merged.tags) == ["Old", "both", "new"]
    assert shown["channels"] == ", ".join(f"{one.channel} {one.identifier}" for one in merged.channels)


# Given: a field and what is to be kept; the result as the plan says it, and as the contact has it.
KEPT: list[tuple[str, object, str | None, object]] = [
    ("first_name", " Anna ", "Anna", "Anna"),
    ("last_name", None, None, None),
    ("phone", "(020) 7946 0000", "(020) 7946 0000", "(020) 7946 0000"),
    ("phone", "+1 202 555 0143", "+1 202 555 0143", "+1 202 555 0143"),
    ("phone", None, None, None),
    ("email", "Anna@Example.org", "Anna@Example.org", "Anna@Example.org"),
    ("country", "Italy", "Italy", "IT"),
    ("country", "fr", "France", "FR"),
    ("language", "German", "German", "de"),
    ("picture", None, None, None),
    ("assignee", "ANA@acme.example", ANA, ANA),
    ("assignee", None, None, None),
    ("team", "care", "Care", "Care"),
    ("team", None, None, None),
    ("plan", "SILVER", "silver", "silver"),
    ("plan", None, None, None),
    ("seats", "7", "7", 7),
    ("seats", 2.5, "2.5", 2.5),
    ("paid", False, "no", False),
    ("lunch", "09:05:30", "09:05:30", "09:05:30"),
    ("note_b", "an <i>other</i>", "an <i>other</i>", "an <i>other</i>"),
]


def test_a_value_that_is_given_is_checked_and_kept(ws, subtests):
    one, other = two(ws)
    plan = ws.plan_merge(one, other)
    for name, given, said, _ in KEPT:
        with subtests.test(f"{name} {given}"):
            row = row_of(plan.choose(keep={name: given}), name)
            assert (row.result, row.why, row.side) == (said, "given", Side.GIVEN)
    # The last of each name is what is kept when all are chosen, one after the other.
    for name, given, _, _ in KEPT:
        plan = plan.choose(keep={name: given})
    plan.apply()
    merged = ws.contacts[one]
    for name, (_, _, _, value) in {row[0]: row for row in KEPT}.items():
        found = getattr(merged, name) if name in STANDARD else merged.fields.get(name)
        assert str(found) == str(value) if name == "lunch" else found == value, name
    assert merged.phone_e164 is None


@pytest.mark.parametrize(("given", "international"), [("020 7946 0123", "+442079460123"), ("112", None)])
def test_a_phone_is_read_in_the_region_of_the_workspace(ws, given, international):
    one, other = two(ws)
    ws.plan_merge(one, other, keep={"phone": given}).apply()
    assert (ws.contacts[one].phone, ws.contacts[one].phone_e164) == (given, international)
    ws.plan_unmerge(other).apply()
    assert (ws.contacts[one].phone, ws.contacts[one].phone_e164) == (None, None)
    assert ws.contacts[other].phone_e164 == "+442079460958"


def test_a_side_is_chosen_by_id_or_contact(ws):
    one, other = two(ws)
    for mine, theirs in ((one, other), (ws.contacts[one], ws.contacts[other])):
        plan = ws.plan_merge(mine, theirs, keep={"email": theirs, "plan": theirs, "last_name": mine, "team": mine})
        chosen = {name: row_of(plan, name)[4:] for name in ("email", "plan", "last_name", "team", "country")}
        assert chosen == {
            "email": ("annie@example.org", "chosen", Side.OTHER),
            "plan": ("silver", "chosen", Side.OTHER),
            "last_name": (None, "chosen", Side.SURVIVOR),
            "team": ("Sales", "chosen", Side.SURVIVOR),
            "country": ("United Kingdom", "the same", Side.SAME),
        }
    plan.apply()
    merged = ws.contacts[one]
    assert (merged.email, merged.fields["plan"], merged.last_name) == ("annie@example.org", "silver", None)


def test_choosing_reads_nothing_and_keeps_earlier_choices(ws):
    one, other = two(ws)
    plan = ws.plan_merge(one, other, keep={"email": other})
    with statements(ws) as executed:
        chosen = plan.choose(keep={"first_name": "Anna", "plan": one})
        swapped = chosen.choose(survivor=other)
        again = swapped.choose(survivor=other).choose(survivor=one, keep={"email": "x@example.org"})
        rows = [row for each in (plan, chosen, swapped, again) for row in each.rows]
        frames = [each.to_frame() for each in (plan, swapped)]
        assert all(map(repr, (plan, swapped)))
        assert swapped._repr_mimebundle_()
    assert executed == []
    assert rows
    assert [len(frame) for frame in frames] == [len(STANDARD) + len(CUSTOM) + 2] * 2
    assert (plan.survivor.id, row_of(plan, "first_name").result) == (one, "Ann")
    assert (swapped.survivor.id, swapped.other.id) == (other, one)
    said = {
        name: (row_of(swapped, name).result, row_of(swapped, name).side)
        for name in ("email", "first_name", "plan")
    }
    assert said == {
        "email": ("annie@example.org", Side.SURVIVOR),
        "first_name": ("Anna", Side.GIVEN),
        "plan": ("gold", Side.OTHER),
    }
    # What wasn't chosen follows the survivor.
    assert row_of(swapped, "team")[2:] == ("Care", "Sales", "Care", "the survivor's", Side.SURVIVOR)
    assert row_of(swapped, "channels").survivor == row_of(plan, "channels").other
    assert [row_of(again, name).result for name in ("email", "first_name", "team")] == [
        "x@example.org", "Anna", "Sales",
    ]  # fmt: skip
    for wrong in (999_999, True, "Ann"):
        with pytest.raises(InvalidValue):
            plan.choose(survivor=wrong)
    swapped.apply()
    assert (ws.contacts[one].id, ws.contacts[one].first_name, ws.contacts[one].team) == (other, "Anna", "Care")


def test_reading_a_plan_changes_nothing_and_a_swap_is_undone_as_well(ws):
    one, other = two(ws)
    before = ws.contacts[one], ws.contacts[other]
    version = ws.contacts.version()
    plan = ws.plan_merge(one, other, survivor=other, keep={"phone": None})
    assert ws.contacts.version() == version
    plan.apply().undo()
    assert (ws.contacts[one], ws.contacts[other]) == before


def test_a_plan_as_a_table(ws):
    one, other = two(ws)
    frame = ws.plan_merge(one, other).to_frame()
    assert list(frame) == ["field", "survivor", "other", "result", "why"]
    assert {*map(str, frame.dtypes)} == {"str"}
    assert frame["field"].tolist() == [*STANDARD, *CUSTOM, "tags", "channels"]
    assert frame.set_index("field").loc["plan"].tolist() == ["gold", "silver", "gold", "the survivor's"]
    assert frame.set_index("field").loc["seats"].isna().tolist() == [True, False, False, False]


def test_a_plan_is_shown_in_notebooks_with_signs_as_they_are(ws):
    one, other = two(ws)
    plan = ws.plan_merge(one, other, keep={"first_name": "<script>alert(1)</script>", "note_b": "a & b"})
    bundle = plan._repr_mimebundle_()
    assert bundle["text/plain"] == repr(plan) == f"<merge of contact {other}, 'Annie Lee', into {one}, 'Ann'>"
    assert "&lt;script&gt;" in bundle["text/html"]
    assert "<script>" not in bundle["text/html"]
    assert "a &amp; b" in bundle["text/html"]
    plan.apply()
    unmerge = ws.plan_unmerge(other)
    bundle = unmerge._repr_mimebundle_()
    assert bundle["text/plain"] == repr(unmerge)
    assert repr(unmerge) == f"<unmerge of contact {other}, 'Annie Lee', from {one}, 'Ann'>"
    assert "&lt;script&gt;" in bundle["text/html"]
    assert "<script>" not in bundle["text/html"]


# Many at once


def some(ws: Workspace, how_many: int) -> list[int]:
    return [ws.add_contact(first_name=f"N{number}").id for number in range(how_many)]


def test_pairs_are_planned_and_merged_as_they_follow_each_other(ws):
    a, b, c, d, e, f = some(ws, 6)
    pairs = pd.DataFrame({"x": [b, d, c, a, e, f], "y": [a, c, b, d, e, 999_999], "score": 0.9})
    plan = ws.plan_merges(pairs)
    frame = plan.to_frame()
    assert list(frame) == ["survivor", "other", "what", "why"]
    assert [str(kind) for kind in frame.dtypes] == ["int64", "int64", "str", "str"]
    # The older survives; later pairs are of those who are there by then.
    assert frame[["survivor", "other", "what"]].to_numpy().tolist() == [
        [a, b, "merge"], [c, d, "merge"], [a, c, "merge"], [a, d, "skip"], [e, e, "skip"], [f, 999_999, "skip"],
    ]  # fmt: skip
    assert frame["why"].tolist()[:4] == ["", "", "", f"Both are contact {a} already."]
    assert "999999" in frame["why"][5].replace(",", "")
    assert repr(plan) == "<3 pairs to merge, 3 to skip>"
    assert "999999" in plan._repr_mimebundle_()["text/html"]
    seen: list[tuple[int, int | None]] = []
    done = plan.apply(progress=lambda number, total: seen.append((number, total)))
    assert (done.merged, len(done.operations), repr(done)) == (3, 3, "<3 merged, 3 skipped>")
    assert {*(one.kind for one in done.operations)} == {"merge"}
    assert done.skipped["what"].tolist() == ["skip"] * 3
    assert seen
    for number in (a, b, c, d):
        assert ws.contacts[number].id == a
    assert ws.contacts[a].merges()[["survivor", "absorbed"]].to_numpy().tolist() == [[a, c], [c, d], [a, b]]
    done.operations[1].undo()  # d leaves c, which stays in a
    assert [ws.contacts[number].id for number in (b, c, d)] == [a, a, d]


def test_pairs_may_be_contacts_or_ids_and_of_merged_contacts(ws):
    a, b, c, d = some(ws, 4)
    done = ws.plan_merges((ws.contacts[one], other) for one, other in ((b, a), (d, c))).apply(progress=False)
    assert done.merged == 2
    # Both have been merged away; the contacts that are there for them are merged.
    plan = ws.plan_merges([(d, b)])
    assert plan.to_frame()[["survivor", "other"]].to_numpy().tolist() == [[a, c]]
    assert plan.apply(progress=False).merged == 1
    assert ws.contacts[d].id == a


def test_no_pairs_are_a_plan_of_nothing(ws):
    nothing: list[GivenPairs] = [[], pd.DataFrame({"a": [], "b": []}, dtype="int64")]
    for pairs in nothing:
        plan = ws.plan_merges(pairs)
        assert (repr(plan), len(plan.to_frame())) == ("<0 pairs to merge, 0 to skip>", 0)
        done = plan.apply(progress=False)
        assert (done.merged, done.operations, len(done.skipped)) == (0, (), 0)


def test_many_merges_have_the_values_of_single_ones(ws):
    one, other = two(ws)
    third, fourth = two(ws)
    ws.plan_merges([(one, other)]).apply(progress=False)
    ws.plan_merge(third, fourth).apply()
    many, single = ws.contacts[one], ws.contacts[third]
    for name in (
        "name",
        "first_name",
        "phone",
        "phone_e164",
        "email",
        "language",
        "assignee",
        "team",
        "tags",
        "fields",
    ):
        assert getattr(many, name) == getattr(single, name), name
    assert len(many.channels) == len(single.channels) == 3


# Unmerging


def test_an_unmerge_is_planned_by_id_contact_or_operation(ws):
    one, other = two(ws)
    absorbed = ws.contacts[other]
    done = ws.plan_merge(one, other).apply()
    plans = [
        ws.plan_unmerge(named)
        for named in (one, other, absorbed, ws.contacts[one], done, ws.history[done.id or 0])
    ]
    for plan in plans:
        assert (plan.merge.id, plan.merge.survivor_id, plan.merge.absorbed_id) == (done.id, one, other)
        assert (plan.merge.user, plan.merge.at) == (OWNER, done.at)
        assert (plan.survivor.id, plan.other.id) == (one, other)
    unmerged = plans[0].apply()
    assert (unmerged.kind, unmerged.contacts) == ("unmerge", 2)
    assert ws.contacts[other] == absorbed


def test_an_unmerge_shows_both_as_they_will_be(ws):
    one, other = two(ws)
    ws.record_messages([message(ws, other, "Hello")])
    ws.contacts[other].comment("Mine")
    before = ws.contacts[one], ws.contacts[other]
    ws.plan_merge(one, other, keep={"email": other, "first_name": "Anna"}).apply()
    plan = ws.plan_unmerge(other)
    for profile, was in zip((plan.survivor, plan.other), before, strict=True):
        assert (profile.name, sorted(profile.tags)) == (was.name, sorted(was.tags))
        assert {*profile.channels} == {f"{one.channel} {one.identifier}" for one in was.channels}
        assert (profile.values["Email"], profile.values["Team"]) == (was.email, was.team)
        assert profile.values["Seats"] == (None if was.fields.get("seats") is None else "2.5")
        assert [*profile.values][:2] == ["First name", "Last name"]
    assert [(profile.messages, profile.comments) for profile in (plan.survivor, plan.other)] == [(0, 0), (1, 1)]
    rows = {row.field: row for row in plan.rows}
    assert rows["first_name"][2:] == ("Anna", "Ann", "Annie", "given back")
    assert rows["language"][2:] == ("French", None, "French", "given back")
    assert rows["country"][2:] == ("United Kingdom", "United Kingdom", "United Kingdom", "")
    assert rows["tags"][2:] == ("both, new, Old", "both, Old", "both, new", "given back")
    assert not rows["country"].differs
    assert rows["tags"].differs
    assert plan.since == ()
    frame = plan.to_frame()
    assert list(frame) == ["field", "now", "survivor", "other", "why"]
    assert {*map(str, frame.dtypes)} == {"str"}
    assert len(frame) == len(plan.rows)
    since = plan.since_frame()
    assert (list(since), len(since)) == (["at", "what", "user", "detail", "goes_to"], 0)
    assert str(since["at"].dtype) == "datetime64[ms, UTC]"
    plan.apply()
    assert (ws.contacts[one], ws.contacts[other]) == before


def message(ws: Workspace, contact_id: int, text: str, minute: int = 0, place: int = 0) -> dict[str, object]:
    """One by the first identity of a contact, or by that in another `place`."""
    identity = ws.contacts[contact_id].channels[place].identifier
    return {
        "channel": "Web",
        "identifier": identity,
        "direction": "incoming",
        "text": text,
        "sent_at": f"2026-03-02T12:{minute:02}:00Z",
    }


def test_an_unmerge_tells_what_happened_since_and_where_it_goes(ws):
    one, other = two(ws)
    mine, theirs = message(ws, one, "From Ann", 1), [message(ws, other, f"From Annie {n}", n) for n in (2, 3)]
    ws.plan_merge(one, other).apply()
    assert ws.plan_unmerge(other).since == ()
    merged = ws.contacts[one]
    merged.update(first_name="Anna", language="de")
    ws.contacts[one].tag("fresh")
    ws.contacts[one].untag("new")
    ws.contacts[one].comment("Later")
    ws.record_messages([mine, *theirs])
    ws.contacts[one].close_conversation("solved")
    ws.contacts[one].assign(None)
    undone = ws.contacts[one].comment("Undone")
    undone.undo()
    plan = ws.plan_unmerge(other)
    assert plan.survivor.name == "Anna"
    said = {(row.what, row.detail): row.goes_to for row in plan.since}
    stays, goes = f"stays on Anna ({one})", f"Annie Lee ({other})"
    assert said == {
        ("changed", "first name: Ann → Anna"): stays,
        ("changed", "language: French → German"): stays,
        ("tag added", "fresh"): stays,
        ("tag removed", "new"): stays,
        ("commented", None): stays,
        ("conversation opened", None): stays,
        ("conversation closed", None): stays,
        ("unassigned", BEN): stays,
        ("1 message", f"through the channels of Anna ({one})"): stays,
        ("2 messages", f"through the channels of Annie Lee ({other})"): goes,
    }
    assert {row.user for row in plan.since} == {OWNER}
    frame = plan.since_frame()
    assert frame["at"].is_monotonic_increasing
    assert len(frame) == len(plan.since)
    rows = {row.field: row for row in plan.rows}
    assert rows["language"][2:] == ("German", "German", "French", "changed since; the change stays")
    assert rows["last_name"][2:] == ("Lee", None, "Lee", "given back")
    plan.apply()
    ann, annie = ws.contacts[one], ws.contacts[other]
    assert (ann.first_name, ann.language, sorted(ann.tags)) == ("Anna", "de", ["Old", "both", "fresh"])
    assert (annie.first_name, annie.language, sorted(annie.tags)) == ("Annie", "fr", ["both", "new"])
    assert (ann.assignee, annie.assignee) == (None, BEN)
    assert ann.messages()["text"].tolist() == ["From Ann"]
    assert annie.messages()["text"].tolist() == ["From Annie 2", "From Annie 3"]
    assert (len(ann.comments()), len(annie.comments())) == (1, 0)
    assert (len(ann.conversations()), len(annie.conversations())) == (1, 0)


def test_merges_that_came_later_are_told_with_whom_they_go(ws):
    a, b, c = some(ws, 3)
    ws.plan_merge(a, b).apply()
    ws.plan_merge(a, c).apply()
    plan = ws.plan_unmerge(b)
    assert [(row.what, row.detail, row.goes_to) for row in plan.since] == [
        ("merged", f"merged from {c}", f"stays on N0 ({a})")
    ]
    plan.apply()
    assert [ws.contacts[number].id for number in (a, b, c)] == [a, b, a]


def test_of_a_group_inside_a_group_all_goes_with_the_one_that_leaves(ws):
    a, b, c = some(ws, 3)
    ws.plan_merge(b, c).apply()
    ws.contacts[b].tag("inner")
    ws.plan_merge(a, b).apply()
    plan = ws.plan_unmerge(b)  # its own merge, not that of c into it
    assert (plan.merge.survivor_id, plan.merge.absorbed_id) == (a, b)
    deeper = ws.plan_unmerge(c)
    assert (deeper.survivor.id, deeper.other.id, deeper.merge.survivor_id) == (a, c, b)
    plan.apply()
    assert [ws.contacts[number].id for number in (a, b, c)] == [a, b, b]
    assert (ws.contacts[a].tags, ws.contacts[c].tags) == ((), ("inner",))
