"""Whoever reads contacts sees the survivor with all that is the group's, and never one that was merged away.

What only reads shares one workspace a database. What changes something has a merged pair of its own in another, so
that its texts, which are nobody else's, can be looked for in every table.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pandas as pd
import pytest

from contacts_nb import F
from contacts_nb.model.errors import ContactNotFound, NotConfirmed, StaleContact, UndoConflict
from contacts_nb.model.filters import Filter
from contacts_nb.workspace import Contact, Workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation
from contacts_nb.workspace.importing import ImportPlan
from tests.conftest import Workspaces
from tests.workspace.stored import stored

OWNER, ANA, BEN = "owner@acme.example", "ana@acme.example", "ben@acme.example"
# Of the workspace that is only read; Bo was merged into Ann, and Dee into Bo before.
ANN, BO, CY, DEE = 1, 2, 3, 4


def set_up(ws: Workspace) -> Workspace:
    """As its owner: users, teams, channels and fields, but no contacts."""
    ws.users.add(OWNER, role="owner", name="Olga")
    owner = Workspace(Access(ws._database, 1))
    owner.users.add(ANA, role="manager", name="Ana")
    owner.users.add(BEN, role="manager", name="Ben")
    owner.teams.add("Sales")
    owner.teams.add("Care")
    owner.channels.add("Shop", "sms")
    owner.channels.add("Web", "custom")
    owner.fields.add("Note")
    owner.fields.add("Plan", "list", allowed=["gold", "silver"])
    owner.fields.add("Seats", "number")
    owner.fields.add("Paid", "checkbox")
    owner.fields.add("Birthday", "date")
    owner.fields.add("Lunch", "time")
    return owner


def message(identifier: str, text: str, minute: int, **others: object) -> dict[str, object]:
    return {
        "channel": "Web",
        "identifier": identifier,
        "direction": "incoming",
        "text": text,
        "sent_at": f"2026-03-02T12:{minute:02}:00Z",
    } | others


@pytest.fixture(scope="module")
def merged(new_workspace: Workspaces) -> Iterator[Workspace]:
    """Ann, of whom Bo and Dee are parts, and Cy; nobody may change them."""
    with new_workspace() as made:
        ws = set_up(made)
        ws.add_contact(
            first_name="Ann", last_name="Lee", phone="+44 20 7946 0901", email="ann@example.org", country="GB",
            tags=["friend", "old"], fields={"note": "tall", "plan": "gold", "seats": 1}, assignee=ANA,
        )  # fmt: skip
        ws.add_contact(
            first_name="Roberto", last_name="Quux", phone="+44 20 7946 0902", email="R.Quux@Example.org",
            country="FR", language="fr", tags=["friend", "vip"], assignee=BEN, team="Care",
            fields={"note": "left-handed", "plan": "silver", "seats": 7, "paid": True, "birthday": "1990-05-17",
                    "lunch": "12:30"},
        )  # fmt: skip
        ws.add_contact(first_name="Cy", email="cy@example.org", country="DE", tags=["friend"], team="Sales")
        ws.add_contact(first_name="Dee", last_name="Zog", email="dee@example.net", tags=["deep"])
        identities = pd.DataFrame({"id": [ANN, BO], "shop": ["+442079460911", "+442079460922"],
                                   "web": ["", "roberto-77 ::: bobby"]})  # fmt: skip
        columns = {"shop": "channel:Shop", "web": "channel:Web"}
        ws.plan_import(identities, match_on="id", columns=columns, progress=False).apply(progress=False)
        ws.record_messages(
            [
                message("+442079460911", "From Ann", 1, channel="Shop", profile_name="Annie on SMS"),
                message("roberto-77", "From Bo", 2, profile_name="Bobinho"),
                message("+442079460922", "To Bo", 3, channel="Shop", direction="outgoing", sender=ANA),
            ]
        )
        ws.contacts[ANN].comment("About Ann")
        ws.contacts[BO].comment("About Bo")
        ws.contacts[ANN].close_conversation("solved", "Ann is happy")
        ws.plan_merge(BO, DEE).apply()
        ws.plan_merge(ANN, BO).apply()
        yield ws
        assert ws.check() == []


# Reading


SEARCHES = [
    *("roberto", "QUUX", "quux roberto", "ann quux", "dee", "zog lee", "r.quux@example.org", "dee@example"),
    *("020 7946 0902", "+44 20 7946 0902", "00442079460902", "79460902", "(020) 7946-0902", "7946 0922"),
    *(
        "left-handed",
        "left",
        "tall",
        "silver",
        "gold",
        "roberto-77",
        "bobby",
        "bobinho",
        "web shop",
        "vip",
        "deep",
    ),
]


def test_the_survivor_is_found_by_all_that_any_of_the_group_is_known_by(merged, subtests):
    for typed in SEARCHES:
        with subtests.test(typed):
            found = merged.contacts.search(typed)
            assert ([row.id for row in found.rows(0, 10)], found.count()) == ([ANN], 1)
    for typed in ("nobody", "roberto cy", "7946 0999", "dee friend cy"):
        assert merged.contacts.search(typed).ids().tolist() == [], typed
    assert merged.contacts.search("friend").ids().tolist() == [ANN, CY]


# Each with whether it means Ann and whether it means Cy.
FILTERS: list[tuple[Filter, bool, bool]] = [
    (F.first_name == "ann", True, False),
    (F.first_name == "Roberto", False, False),
    (F.last_name.contains("u"), False, False),
    (F.phone.contains("0901"), True, False),
    (F.phone.contains("0902"), False, False),
    (F.phone.is_empty(), False, True),
    (F.email.starts_with("r.quux"), False, False),
    (F.country == "FR", False, False),
    (F.country.is_any_of("GB", "DE"), True, True),
    (F.language == "fr", True, False),
    (F.tags.has_any("vip"), True, False),
    (F.tags.has_all("vip", "deep", "old"), True, False),
    (F.tags.has_none("deep"), False, True),
    (F.tags.is_empty(), False, False),
    (F.assignee == ANA, True, False),
    (F.assignee == BEN, False, False),
    (F.assignee.is_unassigned(), False, True),
    (F.team == "Care", True, False),
    (F.team == "Sales", False, True),
    (F.conversation.is_open(), True, False),
    (F.conversation_opened.is_empty(), False, True),
    (F.conversation_opened.on("2026-03-02"), True, False),
    (F.channels.has_all("Shop", "Web"), True, False),
    (F.channels.has_none("Web"), False, True),
    (F.sources.has_any("custom"), True, False),
    (F.last_channel == "Shop", True, False),
    (F.last_channel == "Web", False, False),
    (F.last_interaction.on("2026-03-02"), True, False),
    (F.last_incoming.is_empty(), False, True),
    (F.created_at.is_not_empty(), True, True),
    (F["note"] == "tall", True, False),
    (F["note"].contains("left"), False, False),
    (F["plan"] == "silver", False, False),
    (F["plan"].is_any_of("gold", "silver"), True, False),
    (F["seats"] > 5, False, False),
    (F["seats"].between(0, 1), True, False),
    (F["paid"].is_true(), True, False),
    (F["birthday"].before("2000-01-01"), True, False),
    (F["lunch"] == "12:30", True, False),
    ((F.tags.has_any("vip") & ~(F.country == "FR")) | (F.team == "Sales"), True, True),
]


def test_filters_and_their_complements_see_the_survivor_alone(merged, subtests):
    for tree, ann, cy in FILTERS:
        with subtests.test(str(tree)):
            means = [number for number, meant in ((ANN, ann), (CY, cy)) if meant]
            for filter_, expected in ((tree, means), (~tree, [one for one in (ANN, CY) if one not in means])):
                assert merged.contacts.where(filter_).ids().tolist() == expected
            both = merged.contacts.where(tree).search("friend")
            assert ([row.id for row in both.rows(0, 9)], both.count()) == (means, len(means))


SORTS = ("id", "name", "phone", "email", "country", "language", "last_interaction", "last_incoming",
         "last_interacted_channel", "created_at", "conversation_status", "assignee", "team", "note", "plan",
         "seats", "paid", "birthday", "lunch")  # fmt: skip


def test_every_sort_and_window_has_each_contact_that_is_there_once(merged, subtests):
    for number, sort in enumerate(SORTS):
        with subtests.test(sort):
            query = merged.contacts.sort_by(sort, descending=number % 2 == 1)
            ids = query.ids().tolist()
            assert sorted(ids) == [ANN, CY]
            assert [[row.id for row in query.rows(start, 1)] for start in range(3)] == [ids[:1], ids[1:], []]
    pages = [merged.contacts.page(start, 5)["id"].tolist() for start in (0, 1, 2, 10**6)]
    assert pages == [[ANN, CY], [CY], [], []]
    assert merged.contacts.sort_by("seats").ids().tolist() == [ANN, CY]
    assert merged.contacts.sort_by("name", descending=True).ids().tolist() == [CY, ANN]


def test_a_frame_has_the_survivor_with_all_that_is_its(merged):
    everything = merged.contacts.to_frame()
    assert everything["id"].tolist() == [ANN, CY]
    ann = everything.iloc[0]
    assert ann[["first_name", "phone", "email", "country", "language", "team", "note"]].tolist() == [
        "Ann", "+44 20 7946 0901", "ann@example.org", "GB", "fr", "Care", "tall",
    ]  # fmt: skip
    assert sorted(ann["tags"]) == ["deep", "friend", "old", "vip"]
    assert sorted(ann["channels"]) == ["custom", "sms"]
    assert ann["last_interacted_channel"] == "Shop"
    assert ann["last_interaction"] == pd.Timestamp("2026-03-02T12:03:00Z")
    assert ann["last_incoming"] == pd.Timestamp("2026-03-02T12:02:00Z")
    assert bool(ann["conversation_open"])
    assert ann["conversation_opened"] == pd.Timestamp("2026-03-02T12:02:00Z")
    for columns in (list(everything)[::-1], ["tags"], ["channels"], ["seats", "id"]):
        pd.testing.assert_frame_equal(merged.contacts.to_frame(columns), everything[columns])
    for page in (merged.contacts.page(0, 10), merged.contacts.sort_by("name").to_frame()):
        pd.testing.assert_frame_equal(page, everything)


def test_rows_and_the_sql_count_as_ids_do(merged):
    (ann, cy) = merged.contacts.rows(0, 10)
    assert (ann.id, cy.id, ann.name) == (ANN, CY, "Ann Lee")
    assert sorted(ann.tags) == ["deep", "friend", "old", "vip"]
    query = merged.contacts.where(F.tags.has_any("friend", "deep"))
    sql = query.sql()
    assert "survivor_id" in sql.text
    assert query.count() == len(query.ids()) == 2
    assert query.explain()
    assert repr(merged.contacts) == "<2 contacts>"


def test_the_id_of_one_that_was_merged_away_is_the_survivor(merged):
    for number in (ANN, BO, DEE):
        contact = merged.contacts[number]
        assert (contact.id, contact.name, contact.language) == (ANN, "Ann Lee", "fr")
        assert contact == merged.contacts.get(number) == merged.contacts[ANN]
    assert merged.contacts.where(F.first_name == "cy")[DEE].id == ANN
    assert [(one.channel, one.identifier) for one in merged.contacts[BO].channels] == [
        ("Shop", "+442079460922"), ("Web", "roberto-77"), ("Shop", "+442079460911"), ("Web", "bobby"),
    ]  # fmt: skip
    assert merged.contacts[ANN].conversation_open
    merges = merged.contacts[DEE].merges()
    assert merges[["survivor", "absorbed", "name", "user"]].to_numpy().tolist() == [
        [ANN, BO, "Roberto Quux", OWNER],
        [BO, DEE, "Dee Zog", OWNER],
    ]
    assert merges["merge"].is_monotonic_decreasing
    assert merged.contacts[CY].merges().empty


def test_messages_comments_conversations_events_and_history_are_those_of_all(merged):
    for number in (ANN, BO, DEE):
        contact = merged.contacts[number]
        assert contact.messages()["text"].tolist() == ["From Ann", "From Bo", "To Bo"]
        assert contact.messages(2)["channel"].tolist() == ["Web", "Shop"]
        assert [one.text for one in contact.last_messages(1)] == ["To Bo"]
        assert contact.message_count() == 3
        assert sorted(contact.comments()["text"]) == ["About Ann", "About Bo"]
        assert contact.conversations()["category"].fillna("").tolist() == ["solved", ""]
        events = contact.events()
        assert events["event"].tolist().count("created") == 3
        assert events["event"].tolist().count("conversation opened") == 2
        assert sorted(events[events["event"] == "commented"]["detail"]) == ["About Ann", "About Bo"]
        assert events["at"].is_monotonic_increasing
        history = contact.history()
        assert {*history["contact_id"]} == {ANN, BO, DEE}
        said = history[["contact_id", "cell", "old", "new"]].fillna("").to_numpy().tolist()
        assert [BO, "merged into", "", str(ANN)] in said
        assert [DEE, "merged into", str(BO), str(ANN)] in said
        assert [ANN, "team", "", "Care"] in said
        assert len(contact.history(3)) == 3


def test_tags_count_contacts_that_are_there(merged):
    assert {tag.name: tag.contacts for tag in merged.tags} == {"friend": 2, "old": 1, "vip": 1, "deep": 1}
    assert merged.tags["vip"].contacts == 1
    frame = merged.tags.to_frame().set_index("name")["contacts"]
    assert (int(frame["friend"]), int(frame["deep"])) == (2, 1)


def test_exports_have_each_contact_that_is_there_once(merged, tmp_path):
    for query, ids in ((merged.contacts, [ANN, CY]), (merged.contacts.search("quux").sort_by("name"), [ANN])):
        assert query.to_csv(tmp_path / "all.csv", progress=False) == len(ids)
        rows = table(tmp_path / "all.csv")
        assert [int(row["id"]) for row in rows] == ids
        assert query.to_xlsx(tmp_path / "all.xlsx", progress=False) == len(ids)
        sheet = pd.read_excel(tmp_path / "all.xlsx", dtype="str", keep_default_na=False)
        assert [int(one) for one in sheet["id"]] == ids
        assert query.to_vcard(tmp_path / "all.vcf", progress=False) == len(ids)
        cards = (tmp_path / "all.vcf").read_text(encoding="utf-8")
        assert cards.count("BEGIN:VCARD") == len(ids)
        for line in (rows[0], sheet.iloc[0]):
            assert line["tags"] == "deep, friend, old, vip"
            assert sorted(line["channel:Web"].split(" ::: ")) == ["bobby", "roberto-77"]
            assert line["channel:Shop"].count("+4420794609") == 2
            assert (line["email"], line["language"], line["team"]) == ("ann@example.org", "fr", "Care")
        assert "Quux" not in cards
        assert "left-handed" not in cards
        assert "roberto-77" in cards


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# Changing

_numbers = count(1)


@pytest.fixture(scope="module")
def busy(new_workspace: Workspaces) -> Iterator[Workspace]:
    """A workspace in which much is done, and that is sound at the end."""
    with new_workspace() as made:
        ws = set_up(made)
        yield ws
        assert ws.check() == []


# What the texts of a pair begin with, but for that of its tag, which belongs to the workspace.
PERSONAL = ("Uma", "uma", "Vic", "vic", "Wu", "tall", "left", "hello", "comment")


@dataclass
class Pair:
    """Two contacts with texts that nobody else has, of which `other` is merged into `one`."""

    ws: Workspace
    number: int
    one: Contact
    other: Contact
    merge: Operation

    def text(self, what: str) -> str:
        return f"{what}{self.number}of{self.number}"

    @property
    def now(self) -> Contact:
        return self.ws.contacts[self.one.id]

    def unmerge(self) -> Contact:
        self.ws.plan_unmerge(self.other.id).apply()
        return self.ws.contacts[self.other.id]


@pytest.fixture
def pair(busy: Workspace) -> Pair:
    return new_pair(busy)


def new_pair(ws: Workspace) -> Pair:
    number = next(_numbers)

    def own(what: str) -> str:
        return f"{what}{number}of{number}"

    one = ws.add_contact(
        first_name=own("Uma"), email=f"{own('uma')}@example.org", country="GB", fields={"note": own("tall")}
    ).id
    other = ws.add_contact(
        first_name=own("Vic"), last_name=own("Wu"), email=f"{own('vic')}@example.org",
        phone=f"+44 20 7946 {number:04}", language="fr", tags=[own("tag")], assignee=BEN, team="Care",
        fields={"note": own("left"), "seats": number, "plan": "silver"},
    ).id  # fmt: skip
    identities = pd.DataFrame({"id": [one, other], "web": [own("uma"), own("vic")]})
    ws.plan_import(identities, match_on="id", columns={"web": "channel:Web"}, progress=False).apply(progress=False)
    ws.record_messages([message(own("vic"), own("hello"), 1)])
    ws.contacts[other].comment(own("comment"))
    copies = ws.contacts[one], ws.contacts[other]
    return Pair(ws, number, *copies, ws.plan_merge(one, other, keep={"country": None}).apply())


def said(ws: Workspace) -> str:
    """Whatever stands in any table."""
    return repr({name: rows for name, rows in stored(ws).items() if name != "operations"})


def test_what_is_done_with_an_old_copy_is_done_with_the_survivor(pair):
    copy = pair.other
    copy.tag(pair.text("new"))
    copy.comment(pair.text("later"))
    copy.close_conversation("done")
    assert pair.text("new") in pair.now.tags
    assert pair.now.comments()["text"].tolist() == [pair.text("comment"), pair.text("later")]
    assert not pair.now.conversation_open
    assert copy.messages()["text"].tolist() == [pair.text("hello")]
    assert (copy.message_count(), len(copy.last_messages()), len(copy.conversations())) == (1, 1, 1)
    assert copy.merges()["absorbed"].tolist() == [copy.id]
    copy.untag(pair.text("tag"))
    assert pair.text("tag") not in pair.now.tags
    # Comments and the new tag stay where they were made; the tag that was taken off is still its own.
    other = pair.unmerge()
    assert other.tags == (pair.text("tag"),)
    assert other.comments()["text"].tolist() == [pair.text("comment")]
    assert pair.now.tags == (pair.text("new"),)
    assert pair.now.comments()["text"].tolist() == [pair.text("later")]


def test_an_old_copy_is_stale_where_the_survivor_has_another_value(pair):
    for values in ({"first_name": "Zoë"}, {"email": "z@example.org"}, {"fields": {"note": "short"}}):
        with pytest.raises(StaleContact):
            pair.other.update(**values)
    pair.other.update(language="en", fields={"seats": 99})  # which the survivor has from it
    assert (pair.now.language, pair.now.fields["seats"], pair.now.id) == ("en", 99, pair.one.id)
    pair.other.assign(None)
    assert (pair.now.assignee, pair.now.team) == (None, "Care")
    other = pair.unmerge()
    assert (other.language, other.fields["seats"], other.assignee) == ("fr", pair.number, BEN)
    assert (pair.now.language, pair.now.fields["seats"], pair.now.assignee) == ("en", 99, None)


def test_an_old_copy_deletes_the_whole_of_the_contact(pair):
    pair.other.delete()
    for gone in (pair.one.id, pair.other.id):
        with pytest.raises(ContactNotFound):
            pair.ws.contacts[gone]
        assert pair.ws.contacts.get(gone) is None
    for copy in (pair.one, pair.other):
        with pytest.raises(ContactNotFound):
            copy.delete()
        with pytest.raises(ContactNotFound):
            copy.update(language="en")
        assert copy.tag(pair.text("tag")).id is None
    left = said(pair.ws)
    assert [what for what in PERSONAL if pair.text(what) in left] == []


def test_messages_of_either_identity_are_those_of_the_survivor(pair):
    ws, before = pair.ws, pair.ws.contacts.count()
    done = ws.record_messages([message(pair.text("vic"), "More", 5), message(pair.text("uma"), "Mine", 6)])
    assert ws.contacts.count() == before
    assert pair.now.messages()["text"].tolist() == [pair.text("hello"), "More", "Mine"]
    assert len(pair.now.conversations()) == 1  # the one that was open
    assert pair.now.last_incoming == pair.now.last_interaction == pd.Timestamp("2026-03-02T12:06:00Z")
    again = ws.record_messages([message(pair.text("vic"), "More", 5)])
    assert again.id is None
    done.undo()
    assert pair.now.messages()["text"].tolist() == [pair.text("hello")]
    ws.history[int(ws.history(1)["id"][0])].undo()
    other = pair.unmerge()
    assert other.messages()["text"].tolist() == [pair.text("hello"), "More"]
    assert pair.now.messages()["text"].tolist() == ["Mine"]
    assert (other.conversation_open, pair.now.conversation_open) == (True, False)


def test_one_conversation_at_a_time_is_opened_and_all_are_closed(pair):
    ws = pair.ws
    assert pair.now.conversation_open
    assert pair.now.open_conversation().id is None
    closed = ws.contacts.search(pair.text("uma")).close_conversation("sold", "Well done")
    assert (closed.contacts, pair.now.conversation_open) == (1, False)
    # The first message after that opens one again, on the survivor, whichever identity it came by.
    ws.record_messages([message(pair.text("vic"), "Again", 7, sent_at="2099-03-02T12:00:00Z")])
    assert pair.now.conversation_open
    other = pair.unmerge()
    assert other.conversations()["category"].tolist() == ["sold"]
    assert (other.conversation_open, pair.now.conversation_open) == (False, True)
    pair.now.close_conversation()


def test_open_conversations_of_both_are_closed_at_once(busy):
    pair = new_pair(busy)
    pair.unmerge()
    pair.ws.contacts[pair.one.id].open_conversation()
    pair.ws.plan_merge(pair.one.id, pair.other.id).apply()
    assert pair.now.conversations()["closed_at"].isna().tolist() == [True, True]
    pair.now.close_conversation("both")
    assert pair.now.conversations()["category"].tolist() == ["both", "both"]
    newest(pair.ws).undo()
    assert pair.now.conversations()["closed_at"].isna().tolist() == [True, True]


def newest(ws: Workspace) -> Operation:
    return ws.history[int(ws.history(1)["id"][0])]


IMPORTS: dict[str, Callable[[Pair], tuple[str, dict[str, list[str]]]]] = {
    "phone": lambda pair: ("phone", {"phone": [f"020 7946 {pair.number:04}"]}),
    "email": lambda pair: ("email", {"email": [f"VIC{pair.number}of{pair.number}@EXAMPLE.org"]}),
    "id": lambda pair: ("id", {"id": [str(pair.other.id)]}),
    "identity": lambda pair: ("channel:Web", {"channel:Web": [pair.text("vic")]}),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_an_import_finds_the_survivor_by_what_is_of_the_other(pair, name):
    ws: Workspace = pair.ws
    key, found_by = IMPORTS[name](pair)
    people = pd.DataFrame(
        found_by | {"first_name": [pair.text("Uma")], "country": ["Italy"], "tags": [pair.text("imported")]},
        dtype="str",
    )

    def planned() -> ImportPlan:
        return ws.plan_import(
            people, match_on=key, region="GB", do_not_overwrite=["phone", "email"], progress=False
        )

    plan = planned()
    frame = plan.to_frame()
    assert frame[["action", "contact"]].to_numpy().tolist() == [["update", pair.one.id]]
    count = ws.contacts.count()
    done = plan.apply(progress=False)
    assert (pair.now.country, ws.contacts.count()) == ("IT", count)
    assert pair.text("imported") in pair.now.tags
    assert pair.now.email == f"{pair.text('uma')}@example.org"
    again = planned()
    assert again.counts == {"create": 0, "update": 0, "skip": 1, "reject": 0}
    version = ws.contacts.version()
    again.apply(progress=False)
    assert ws.history[version].contacts == 1 or ws.contacts.version() == version
    assert pair.now.country == "IT"
    done.operation.undo()
    assert pair.now.country is None
    assert pair.text("imported") not in pair.now.tags


def test_what_was_exported_is_imported_without_any_change(busy, tmp_path):
    new_pair(busy)
    busy.contacts.to_csv(tmp_path / "all.csv", progress=False)
    again = busy.plan_import(tmp_path / "all.csv", match_on="id", progress=False)
    assert again.counts == {"create": 0, "update": 0, "skip": busy.contacts.count(), "reject": 0}


def test_what_is_done_with_all_contacts_is_done_with_each_that_is_there(pair):
    ws = pair.ws
    ids = ws.contacts.ids().tolist()
    assert pair.other.id not in ids
    for done in (ws.contacts.tag(pair.text("all")), ws.contacts.update(language="de"), ws.contacts.comment("All")):
        assert done.contacts == len(ids)
        assert {*done.changes(10_000)["contact_id"]} - {0} == {*ids}
    assert ws.tags[pair.text("all")].contacts == len(ids)
    other = pair.unmerge()
    assert (other.language, pair.now.language) == ("fr", "de")
    assert pair.text("all") not in other.tags


def test_a_group_is_deleted_and_confirmed_as_one_contact(busy):
    pairs = [new_pair(busy) for _ in range(2)]
    tag = "doomed"
    for pair in pairs:
        pair.now.tag(tag)
    query = busy.contacts.where(F.tags.has_any(tag))
    for wrong in (None, 1, 4):
        with pytest.raises(NotConfirmed, match="confirm=2"):
            query.delete(confirm=wrong)
    done = query.delete(confirm=2)
    assert (done.contacts, busy.history[done.id or 0].contacts) == (2, 2)
    assert "messages: 2" in busy.history(1)["details"][0]
    left = said(busy)
    for pair in pairs:
        for gone in (pair.one.id, pair.other.id):
            assert busy.contacts.get(gone) is None
        assert [what for what in PERSONAL if pair.text(what) in left] == []
        assert f"7946 {pair.number:04}" not in left
        assert f"2079460{pair.number:04}"[-10:] not in left
    merges = stored(busy)["merges"]
    ids = {number for pair in pairs for number in (pair.one.id, pair.other.id)}
    assert not [row for row in merges if ids & {row[1], row[2]}]


def test_values_are_nowhere_left_with_the_one_that_stays_when_the_other_is_deleted(pair):
    undone = pair.ws.record_messages([message(pair.text("vic"), pair.text("withdrawn"), 9)])
    undone.undo()
    other = pair.unmerge()
    other.delete()
    left = said(pair.ws)
    for what in ("Vic", "vic", "Wu", "left", "hello", "comment", "withdrawn"):
        assert pair.text(what) not in left, what
    assert f"7946 {pair.number:04}" not in left
    assert f"+44207946{pair.number:04}" not in left
    assert pair.text("uma") in left
    # What it has had of them is told without them.
    assert {*pair.now.history()["cell"]} >= {"phone", "language", "country"}
    assert pair.now.phone is None
    assert (pair.now.country, pair.now.name) == ("GB", pair.text("Uma"))


def an_edit_that_was_undone(pair: Pair) -> None:
    pair.now.update(phone=None, language="sv", fields={"seats": 5}, last_name="Edited").undo()
    pair.unmerge()


def a_chain_from_outside_in(pair: Pair) -> None:
    outer = pair.ws.add_contact(first_name="Outer").id
    pair.ws.plan_merge(outer, pair.one.id, survivor=outer).apply()
    pair.ws.plan_unmerge(pair.one.id).apply()
    pair.unmerge()


def a_chain_from_its_midst(pair: Pair) -> None:
    outer = pair.ws.add_contact(first_name="Outer").id
    pair.ws.plan_merge(outer, pair.one.id, survivor=outer).apply()
    pair.unmerge()


def an_unmerge_that_was_undone(pair: Pair) -> None:
    pair.unmerge()
    newest(pair.ws).undo().undo()


@pytest.mark.parametrize(
    "way",
    [an_edit_that_was_undone, a_chain_from_outside_in, a_chain_from_its_midst, an_unmerge_that_was_undone],
)
def test_values_that_went_round_are_nowhere_left_either(pair, way):
    way(pair)
    pair.ws.contacts[pair.other.id].delete()
    left = said(pair.ws)
    others = ("Vic", "vic", "Wu", "left", "hello", "comment")
    assert [what for what in others if pair.text(what) in left] == []
    assert f"7946 {pair.number:04}" not in left
    assert f"+44207946{pair.number:04}" not in left


def test_values_of_a_group_inside_go_with_it(busy):
    inner = new_pair(busy)
    outer = busy.add_contact(first_name="Outer")
    busy.plan_merge(outer.id, inner.one.id, survivor=outer.id).apply()
    assert busy.contacts[outer.id].email == f"{inner.text('uma')}@example.org"
    busy.plan_unmerge(inner.one.id).apply()
    assert busy.contacts[outer.id].email is None
    busy.contacts[inner.one.id].delete()
    left = said(busy)
    assert [what for what in PERSONAL if inner.text(what) in left] == []
    assert busy.contacts[outer.id].name == "Outer"


def test_the_survivor_is_deleted_and_the_other_stays_after_an_unmerge(pair):
    pair.unmerge()
    pair.now.delete()
    left = said(pair.ws)
    for what in ("Uma", "uma", "tall"):
        assert pair.text(what) not in left, what
    other = pair.ws.contacts[pair.other.id]
    assert (other.phone, other.messages()["text"].tolist()) == (pair.other.phone, [pair.text("hello")])


# What is set up


def test_a_tag_that_is_removed_while_merged_comes_back_to_both(pair):
    ws, tag = pair.ws, pair.text("tag")
    ws.tags.remove(tag)
    removed = newest(ws)
    assert tag not in pair.now.tags
    assert ws.contacts.search(tag).count() == 0
    removed.undo()
    assert (pair.now.tags, ws.tags[tag].contacts) == ((tag,), 1)
    other = pair.unmerge()
    assert (other.tags, pair.now.tags) == ((tag,), ())


def test_a_tag_that_is_removed_while_merged_stays_away_after_an_unmerge(pair):
    pair.ws.tags.remove(pair.text("tag"))
    other = pair.unmerge()
    assert (other.tags, pair.now.tags) == ((), ())


def test_a_field_that_is_removed_while_merged_comes_back_to_both(busy):
    busy.fields.add("Shoe size", "number")
    pair = new_pair(busy)
    pair.unmerge()
    busy.contacts[pair.other.id].update(fields={"shoe_size": 43})
    busy.plan_merge(pair.one.id, pair.other.id).apply()
    assert pair.now.fields["shoe_size"] == 43
    busy.fields.remove("shoe_size")
    removed = newest(busy)
    assert "shoe_size" not in pair.now.fields
    removed.undo()
    assert pair.now.fields["shoe_size"] == 43
    other = pair.unmerge()
    assert other.fields["shoe_size"] == 43
    assert pair.now.fields.get("shoe_size") is None
    busy.plan_merge(pair.one.id, pair.other.id).apply()
    busy.fields.remove("shoe_size")
    other = pair.unmerge()
    assert "shoe_size" not in {*other.fields, *pair.now.fields}


def test_a_user_and_a_team_that_are_removed_while_merged_are_nobodys_any_more(busy):
    busy.users.add("eve@acme.example", role="manager", name="Eve")
    busy.teams.add("Night shift")
    pair = new_pair(busy)
    pair.unmerge()
    busy.contacts[pair.other.id].assign("eve@acme.example", team="Night shift")
    busy.plan_merge(pair.one.id, pair.other.id).apply()
    assert (pair.now.assignee, pair.now.team) == ("eve@acme.example", "Night shift")
    removed = []
    for listing, name in ((busy.users, "eve@acme.example"), (busy.teams, "Night shift")):
        listing.remove(name)
        removed.append(newest(busy))
    assert (pair.now.assignee, pair.now.team) == (None, None)
    removed[1].undo()
    assert (pair.now.assignee, pair.now.team) == (None, "Night shift")
    other = pair.unmerge()
    assert (other.assignee, other.team) == (None, "Night shift")
    assert (pair.now.assignee, pair.now.team) == (None, None)


@pytest.mark.parametrize("own", [None, "large"])
def test_an_allowed_value_that_is_spelled_anew_while_merged_is_so_on_both(busy, own):
    field = busy.fields.add("Size", "list", allowed=["small", "large"])
    pair = new_pair(busy)
    pair.unmerge()
    busy.contacts[pair.one.id].update(fields={"size": own})
    busy.contacts[pair.other.id].update(fields={"size": "small"})
    busy.plan_merge(pair.one.id, pair.other.id, keep={"size": pair.other.id}).apply()
    busy.fields.update("size", allowed=["Small", "Large"])
    assert pair.now.fields["size"] == "Small"
    other = pair.unmerge()
    assert other.fields["size"] == "Small"
    assert pair.now.fields.get("size") == (own and "Large")
    busy.fields.remove(field.slug)


# Undoing what was done before


def test_what_was_done_to_an_absorbed_contact_before_is_not_undone(busy):
    pair = new_pair(busy)
    ws = pair.ws
    pair.unmerge()
    other = ws.contacts[pair.other.id]
    before = [
        other.update(last_name="Changed"),
        ws.contacts[other.id].tag(pair.text("late")),
        ws.contacts[other.id].assign(ANA, team="Sales"),
        ws.contacts[other.id].update(fields={"seats": 5}),
    ]
    ws.plan_merge(pair.one.id, pair.other.id).apply()
    was = pair.now
    for done in before:
        with pytest.raises(UndoConflict) as refused:
            done.undo()
        assert {one.contact_id for one in refused.value.conflicts} == {pair.other.id}
        assert not any(one.overwritable for one in refused.value.conflicts)
        with pytest.raises(UndoConflict):
            done.undo(overwrite="all")
    assert pair.now == was
    pair.unmerge()
    for done in reversed(before):
        done.undo()
    assert ws.contacts[pair.other.id].last_name == pair.text("Wu")


def test_of_an_operation_on_many_the_absorbed_are_left_alone(busy):
    pair = new_pair(busy)
    pair.unmerge()
    third = busy.add_contact(first_name="Third", tags=[pair.text("tag")])
    done = busy.contacts.search(pair.text("tag")).update(country="NO")
    assert done.contacts == 2
    busy.plan_merge(pair.one.id, pair.other.id).apply()
    with pytest.raises(UndoConflict):
        done.undo()
    done.undo(overwrite=())
    assert (busy.contacts[third.id].country, pair.now.country) == (None, "GB")
    other = pair.unmerge()
    assert other.country == "NO"


def test_comments_conversations_and_messages_of_an_absorbed_contact_are_undone(pair):
    ws = pair.ws
    pair.unmerge()
    other = ws.contacts[pair.other.id]
    undoing = [
        other.comment(pair.text("second")),
        other.close_conversation("early"),
        ws.record_messages([message(pair.text("vic"), "Late", 8)]),
    ]
    ws.plan_merge(pair.one.id, pair.other.id).apply()
    for done in reversed(undoing):
        done.undo()
    assert pair.now.comments()["text"].tolist() == [pair.text("comment")]
    assert pair.now.conversation_open
    assert pair.now.messages()["text"].tolist() == [pair.text("hello")]


def test_the_addition_of_either_is_not_undone_while_they_are_one(busy):
    ids, additions = [], []
    for name in ("Gus", "Hal"):
        ids.append(busy.add_contact(first_name=name).id)
        additions.append(newest(busy))
    busy.plan_merge(*ids).apply()
    for done in additions:
        with pytest.raises(UndoConflict):
            done.undo()
        with pytest.raises(UndoConflict):
            done.undo(overwrite="all")
    assert busy.contacts[ids[1]].id == ids[0]
    busy.plan_unmerge(ids[1]).apply()
    for done in additions:
        done.undo()
    for gone in ids:
        assert busy.contacts.get(gone) is None


def test_the_ids_of_deleted_contacts_are_found_by_nothing(pair):
    pair.now.delete()
    ws = pair.ws
    ida = ws.add_contact(first_name="Ida").id
    for gone in (pair.one.id, pair.other.id):
        assert ws.contacts.get(gone) is None
        for call in (ws.contacts.__getitem__, ws.plan_unmerge, partial(ws.plan_merge, ida)):
            with pytest.raises(ContactNotFound, match=str(gone)):
                call(gone)
    assert pair.other.messages().empty
    assert (pair.other.message_count(), len(pair.other.comments()), len(pair.other.history())) == (0, 0, 0)
    assert pair.other.merges().empty
    assert pair.other.events().empty
