"""Merged contacts are found alike in the database, in columns held in memory, and in plain Python.

Columns are held from before the first merge on and brought up to date, and are read anew at the end. A group is in
plain Python what its merges in force make of its members, the survivor's values before those of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts_nb import F
from contacts_nb.model.errors import ContactsError
from contacts_nb.model.fields import checked_value
from contacts_nb.model.filters import Filter
from contacts_nb.model.phones import e164, phone_key
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.queries.finder import Finder
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation
from tests.queries.finding_examples import EXAMPLES, PLACE
from tests.queries.finding_ground import (
    FIELDS,
    SEARCHES,
    Asked,
    asked_of,
    expected,
    filled,
    people,
    places,
    trees,
)
from tests.queries.plain_finding import Identity, Person, Place, is_found, ordered
from tests.queries.test_held import MORE, compare, with_columns_held
from tests.workspace.test_undo_sequences import STEPS, Step

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
ORDERS = ("id", "name", "phone", "email", "country", "last_interaction", "last_interacted_channel",
          "last_incoming", "created_at", "conversation_status", "assignee", "team", *FIELDS)  # fmt: skip
VALUES = ("first_name", "last_name", "phone", "email", "country", "language", "assignee", "team")


@dataclass
class Made:
    """A merge by the number of its operation."""

    id: int
    survivor: int
    other: int
    in_force: bool = True


@dataclass
class Groups:
    """Contacts as they were made, and the merges of them."""

    people: dict[int, Person]
    merges: list[Made] = field(default_factory=list)

    def in_force(self) -> list[Made]:
        return [merge for merge in self.merges if merge.in_force]

    def members(self, root: int) -> list[int]:
        own = [merge.other for merge in self.in_force() if merge.survivor == root]
        return sorted([root, *(member for other in own for member in self.members(other))])

    def there(self) -> list[Person]:
        """Everybody who is there, with all that is theirs."""
        now = dict(self.people)
        for merge in self.in_force():
            one, other = now[merge.survivor], now.pop(merge.other)
            now[merge.survivor] = replace(
                one,
                **{name: getattr(other, name) for name in VALUES if getattr(one, name) is None},
                values={**other.values, **one.values},
                tags=tuple(dict.fromkeys((*one.tags, *other.tags))),
            )
        for root, person in now.items():
            members = [self.people[member] for member in self.members(root)]
            now[root] = replace(
                person,
                identities=tuple(one for member in members for one in member.identities),
                conversations=tuple(one for member in members for one in member.conversations),
            )
        return [now[root] for root in sorted(now)]

    def found(self, typed: str, place: Place) -> list[int]:
        """Whoever is found: each word may stand in something of any of the group."""
        place = replace(place, sources={**place.sources, "": "telegram"}, gone=frozenset({("channel", "")}))
        return [one.id for one in self.there() if is_found(typed, self._known_by(one, place), place)]

    def _known_by(self, root: Person, place: Place) -> Person:
        """Somebody found by the same as a group: what its members say as tags, their phones as identities."""
        members = [self.people[member] for member in self.members(root.id)]
        texts = [text for one in members for text in (one.first_name, one.last_name, one.email)]
        texts += [
            checked_value(place.fields[slug], value) for one in members for slug, value in one.values.items()
        ]
        phones = [one.phone for one in members if one.phone]
        numbers = [number for phone in phones for number in (phone_key(phone, None), e164(phone, place.region))]
        identities = [Identity("", number, None, ()) for number in numbers if number]
        return replace(root, tags=(*root.tags, *filter(None, texts)), identities=(*root.identities, *identities))


def do(ws: Workspace, groups: Groups, step: str, one: int, other: int) -> None:
    """Do it on both sides, as far as there is anything to do it with."""
    there = sorted(groups.there(), key=lambda person: (person.created_at, person.id))
    in_force = groups.in_force()
    last = groups.merges[-1] if groups.merges else None
    if step == "merge" and len(there) > 1:
        pair = sorted({one % len(there), (one % len(there) + 1 + other % (len(there) - 1)) % len(there)})
        older, younger = (there[number].id for number in pair)
        done = ws.plan_merge(younger, older).apply()
        groups.merges.append(Made(int(done.id or 0), older, younger))
    elif step == "unmerge" and in_force:
        merge = in_force[one % len(in_force)]
        ws.plan_unmerge(merge.other).apply()
        merge.in_force = False
    elif step == "undo twice" and last is not None:
        done = newest(ws)
        if done.kind in ("merge", "unmerge", "undo"):
            done.undo().undo()
    elif step == "delete" and len(there) > 2:
        gone = groups.members(there[one % len(there)].id)
        ws.contacts[gone[-1]].delete()
        groups.people = {number: person for number, person in groups.people.items() if number not in gone}
        groups.merges = [merge for merge in groups.merges if not {merge.survivor, merge.other} & {*gone}]


DOING = st.tuples(
    st.sampled_from(["merge", "merge", "merge", "unmerge", "undo twice", "delete"]),
    st.integers(0, 9),
    st.integers(0, 9),
)


@contextmanager
def held_by(ws: Workspace) -> Iterator[Finder]:
    """What answers from memory, however few contacts there are."""
    finder = Finder(ws._database.read, fewest=0)
    finder.load()
    yield finder
    finder.close()


def in_memory(finder: Finder, here: Asked, query: ContactQuery) -> list[int]:
    found = finder.ids(here.connection, here.resolved(query))
    assert found is not None
    assert finder.count(here.connection, here.resolved(query)) == len(found)
    window = finder.ids(here.connection, here.resolved(query), 1, 2)
    assert window is not None
    assert window.tolist() == found[1:3].tolist()
    return [int(one) for one in found]


def check(
    here: Asked,
    finders: Sequence[Finder],
    groups: Groups,
    filters: Sequence[Filter],
    searches: Sequence[str],
    sorts: Sequence[tuple[str, bool]],
) -> None:
    there, place = groups.there(), here.place
    everyone = [person.id for person in there]
    wanted: list[tuple[ContactQuery, list[int]]] = []
    for tree in filters:
        means = expected(tree, there, place)
        wanted += [
            (here.contacts.where(tree), means),
            (here.contacts.where(~tree), [one for one in everyone if one not in means]),
        ]
    wanted += [(here.contacts.search(typed), groups.found(typed, place)) for typed in searches]
    wanted += [
        (here.contacts.sort_by(key, descending=descending), ordered(there, key, place, descending=descending))
        for key, descending in sorts
    ]
    for query, means in wanted:
        assert here.ids(query) == means, query.selection
        assert here.window(query, 1, 2) == means[1:3], query.selection
        assert here.window(query, len(means), 2) == [], query.selection
        for finder in finders:
            assert in_memory(finder, here, query) == means, query.selection


def said_of(person: Person) -> list[str]:
    """What a contact may be found by."""
    own = (person.first_name, person.last_name, person.phone, person.email, person.values.get("note"))
    return [*filter(None, map(str, filter(None, own))), *(one.identifier for one in person.identities)]


@settings(deadline=None, max_examples=3, suppress_health_check=SLOW, phases=PHASES)
@given(st.data())
def test_merged_contacts_are_found_alike_everywhere(new_workspace, data):
    place, day = data.draw(places())
    some = data.draw(people(place, day).filter(lambda drawn: len(drawn) > 3))
    steps = [("merge", 0, 0), *data.draw(st.lists(DOING, min_size=2, max_size=4))]
    filters = data.draw(st.lists(trees(day), min_size=6, max_size=6))
    said = st.sampled_from([text for person in some for text in said_of(person)])
    searches = data.draw(st.lists(st.one_of(said, said, SEARCHES), min_size=6, max_size=6))
    sorts = data.draw(st.lists(st.tuples(st.sampled_from(ORDERS), st.booleans()), min_size=6, max_size=6))
    groups = Groups({person.id: person for person in some})
    with filled(new_workspace, place, some) as made, held_by(made) as finder:
        ws = Workspace(Access(made._database, 1))
        with asked_of(ws, place) as here:
            check(here, [finder], groups, filters[:3], searches[:3], sorts[:2])
        for step in steps:
            do(ws, groups, *step)
            with asked_of(ws, place) as here:
                check(here, [finder], groups, filters[:3], searches[:3], sorts[:2])
        with held_by(ws) as anew, asked_of(ws, place) as here:
            check(here, [finder, anew], groups, filters, searches, sorts)
        assert ws.check() == []


def test_many_merges_at_once_are_read_anew(workspace, monkeypatch):
    monkeypatch.setattr("contacts_nb.queries.held_refresh._MOST", 3)
    ids = [workspace.add_contact(first_name="Ann", tags=[f"t{number}"]).id for number in range(10)]
    with with_columns_held(workspace) as held:
        workspace.plan_merges([(ids[0], other) for other in ids[1:]]).apply(progress=False)
        assert (held.contacts.count(), held.contacts.ids().tolist()) == (1, ids[:1])
        held._access.finder.load()
        assert held.contacts.where(F.tags.has_any("t9")).ids().tolist() == ids[:1]
        for other in ids[1:]:
            workspace.plan_unmerge(other).apply()
        held._access.finder.load()
        assert held.contacts.where(F.tags.has_any("t9")).ids().tolist() == [ids[9]]
        assert held.contacts.ids().tolist() == ids


def test_every_sort_follows_a_merge_and_its_undo(new_workspace):
    groups = Groups({person.id: person for person in EXAMPLES})
    sorts = [(key, number % 2 == 1) for number, key in enumerate(ORDERS)]
    with filled(new_workspace, PLACE, EXAMPLES) as made, held_by(made) as finder:
        ws = Workspace(Access(made._database, 1))
        with asked_of(ws, PLACE) as here:
            check(here, [finder], groups, [], [], sorts)
        merged = [Made(1, 2, 1), Made(2, 2, 3)]
        done = ws.plan_merges([(2, 1), (2, 3)]).apply(progress=False)
        for merges in (merged, merged[:1], []):
            groups.merges = merges
            with asked_of(ws, PLACE) as here:
                check(here, [finder], groups, [], [], sorts)
            if merges:
                done.operations[len(merges) - 1].undo()


def from_web(number: int, minute: int) -> dict[str, object]:
    """A message of the contact that has this number."""
    return {
        "channel": "Web",
        "identifier": f"guest-{number}",
        "direction": "incoming",
        "text": "Hello",
        "sent_at": f"2026-03-02T12:{minute:02}:00Z",
        "profile_name": f"Guest {number}",
    }


# What changes only rows of contacts that were merged away, of 3 in 2 in 1; and how that shows in 1.
HAPPENING: list[tuple[Step, Filter | str]] = [
    (lambda ws, _: ws.record_messages([from_web(3, 30)]), F.last_channel == "Web"),
    (lambda ws, _: ws.contacts[3].close_conversation(), ~F.conversation.is_open()),
    (lambda ws, _: ws.record_messages([from_web(3, 40) | {"profile_name": "Zoë"}]), "zoë"),
    (lambda ws, _: ws.fields.remove("note"), ~F.first_name.is_empty()),
    (lambda ws, _: ws.plan_unmerge(3).apply(), ~F.channels.has_any("Web")),
    (lambda ws, _: newest(ws).undo(), F.channels.has_any("Web") & F.sources.has_any("custom")),
    (lambda ws, _: ws.plan_unmerge(2).apply(), ~F.channels.has_any("Web")),
    (lambda ws, _: newest(ws).undo(), F.channels.has_any("Web")),
]
SEARCHED = ("second", "third", "guest-3", "guest", "web", "zoë", "left-handed", "7946 0903", "903", "third@")


def test_held_columns_follow_what_happens_to_those_who_were_merged_away(workspace):
    ws = workspace
    ws.channels.add("Web", "custom")
    ws.fields.add("Note")
    ws.fields.add("Seats", "number")
    for seats, name in enumerate(("First", "Second")):
        ws.add_contact(first_name=name, last_name="Lee", tags=[name, "all"], fields={"seats": seats})
    ws.record_messages([from_web(3, 0)])
    ws.contacts[3].update(first_name="Third", phone="+44 20 7946 0903", email="third@example.org",
                          fields={"note": "left-handed", "seats": 2})  # fmt: skip
    ws.contacts[3].tag("Third", "all")
    wanted: list[Filter | str] = [
        *SEARCHED, *(shown for _, shown in HAPPENING),
        F.tags.has_any("third"), F.last_channel == "Web", F.phone.is_empty(), F.last_incoming.is_empty(),
        F.sources.has_any("custom"), F.email.contains("third"), F.tags.has_any("all"), F.tags.is_empty(),
        F["seats"] > 0,
    ]  # fmt: skip

    def agree(*held: Workspace) -> None:
        for one in wanted:
            found = found_by(ws, one)
            assert [found_by(each, one) for each in held] == [found] * len(held), one
        for sort in (
            "name",
            "last_interaction",
            "last_interacted_channel",
            "conversation_status",
            "email",
            "seats",
        ):
            ids = ws.contacts.sort_by(sort).ids().tolist()
            assert [each.contacts.sort_by(sort).ids().tolist() for each in held] == [ids] * len(held), sort

    with with_columns_held(ws) as early:
        agree(early)
        for one, other in ((2, 3), (1, 2)):
            ws.plan_merge(one, other).apply()
            agree(early)
        assert [found_by(early, word) for word in SEARCHED[:5]] == [[1]] * 5
        # Who was merged away before columns were read has no place in them until it is unmerged.
        with with_columns_held(ws) as late:
            for happens, shown in HAPPENING:
                happens(ws, 0)
                agree(early, late)
                assert 1 in found_by(late, shown)


def found_by(ws: Workspace, wanted: Filter | str) -> list[int]:
    query = ws.contacts.search(wanted) if isinstance(wanted, str) else ws.contacts.where(wanted)
    return [int(one) for one in query.ids()]


def newest(ws: Workspace) -> Operation:
    return ws.history[int(ws.history(1)["id"][0])]


def some_of(ws: Workspace) -> list[int]:
    """Everybody, also those who were merged away."""
    return sorted(
        {number for n in ws.contacts.ids().tolist() for number in (n, *ws.contacts[n].merges()["absorbed"])}
    )


MERGING: dict[str, Step] = {
    "merge": lambda ws, n: ws.plan_merge(*ws.contacts.ids()[[n, -1]].tolist()).apply(),
    "merge newest": lambda ws, _: ws.plan_merge(*ws.contacts.ids()[-2:].tolist(), keep={"country": None}).apply(),
    "unmerge": lambda ws, n: ws.plan_unmerge(some_of(ws)[-1 - n]).apply(),
    "undo": lambda ws, n: ws.history[int(ws.history(n + 1)["id"].iloc[-1])].undo(overwrite="all"),
}


@settings(deadline=None, max_examples=3)
@given(st.lists(st.tuples(st.sampled_from([*MERGING, *MERGING, *(STEPS | MORE)]), st.integers(0, 2)), max_size=5))
def test_held_columns_follow_merges_among_all_other_operations(new_workspace, steps):
    with new_workspace() as ws:
        ws.teams.add("Sales")
        ws.channels.add("Shop", "custom")
        ws.fields.add("Visits", "number")
        for number in range(4):
            STEPS["add"](ws, number)
        STEPS["record"](ws, 1)
        with with_columns_held(ws) as held:
            compare(held, ws)
            for name, number in [("merge", 1), *steps]:
                # Something may not be there any more, or not be merged.
                with suppress(ContactsError, IndexError):
                    (STEPS | MORE | MERGING)[name](ws, number)
                compare(held, ws)
            assert held._access.finder.held is not None
        assert ws.check() == []
