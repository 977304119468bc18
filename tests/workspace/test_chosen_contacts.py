"""Contacts that were chosen by their ids, and work on many: in stretches, with progress, until it is stopped."""

import pytest

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.model.errors import InvalidValue, NotConfirmed, PlanOutdated
from contacts_nb.queries.finder import Finder
from contacts_nb.workspace import changes
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.history import Operation


class Stop(Exception):
    """Somebody doesn't want to wait."""


@pytest.fixture
def ws(new_workspace):
    with new_workspace() as workspace:
        for number in range(1, 8):
            workspace.add_contact(first_name=f"No {number}", country="GB" if number % 2 else None)
        workspace.channels.add("Shop", "sms")
        workspace.fields.add("Plan", "text")
        yield workspace


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch):
    monkeypatch.setattr(changes, "_AT_ONCE", 2)


def test_chosen_contacts_are_searched_filtered_and_sorted_like_others(ws):
    chosen = ws.contacts.with_ids([6, 2, 3, 99])
    assert chosen.count() == 3
    assert chosen.sort_by("name", descending=True).ids().tolist() == [6, 3, 2]
    assert chosen.where(F.country == "GB").ids().tolist() == [3]
    assert chosen.search("no 6").ids().tolist() == [6]
    assert chosen.with_ids([3, 4]).ids().tolist() == [3]
    assert ws.contacts.with_ids([]).count() == 0
    assert repr(chosen) == "<3 contacts among 4 that were chosen>"


def test_a_merged_away_contact_is_none_of_the_chosen(ws):
    ws.plan_merge(1, 2).apply()
    assert ws.contacts.with_ids([1, 2, 3]).ids().tolist() == [1, 3]


def test_columns_in_memory_know_the_chosen_too(ws):
    finder = Finder(ws._database.read, fewest=1)
    finder.load()
    query = cn.queries.contact_query.ContactQuery(ws._database.read, finder=finder)
    chosen = query.with_ids([6, 2, 99]).sort_by("name", descending=True)
    assert finder.held is not None
    assert (chosen.count(), chosen.ids().tolist()) == (2, [6, 2])


@pytest.mark.parametrize("ids", [["a"], [1.5], 7])
def test_what_is_no_id_is_refused(ws, ids):
    with pytest.raises(InvalidValue, match="whole numbers"):
        ws.contacts.with_ids(ids)


def test_chosen_contacts_are_no_inbox(ws):
    with pytest.raises(InvalidValue, match="chosen"):
        ws.inboxes.save("Three", ws.contacts.with_ids([1, 2, 3]))


def do_all(contacts: Contacts, *, progress: bool) -> list[Operation]:
    """Everything that is done in stretches."""
    return [
        contacts.tag("spring", "vip", progress=progress),
        contacts.untag("vip", progress=progress),
        contacts.update(country="FR", first_name="Ann", fields={"plan": "gold"}, progress=progress),
        contacts.assign(team="Sales", progress=progress),
    ]


def test_work_in_stretches_is_one_operation_on_all(ws):
    ws.teams.add("Sales")
    before = ws.contacts.to_frame()
    ws.contacts[2].tag("spring")
    ws.contacts[4].update(country="FR")
    done = do_all(ws.contacts, progress=False)
    assert [one.contacts for one in done] == [7, 7, 7, 7]
    frame = ws.contacts.to_frame()
    assert frame["tags"].tolist() == [["spring"]] * 7
    assert set(frame["country"]) == {"FR"}
    assert set(frame["plan"]) == {"gold"}
    assert set(frame["team"]) == {"Sales"}
    assert ws.contacts.search("ann gold").count() == 7
    assert ws.check() == []
    for one in reversed(done):
        one.undo()
    ws.contacts[2].untag("spring")
    ws.contacts[4].update(country=None)
    assert ws.contacts.to_frame().equals(before)
    assert ws.check() == []


def test_progress_tells_how_many_of_how_many(ws):
    told = []
    ws.contacts.tag("spring", progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 7), (4, 7), (6, 7), (7, 7)]


@pytest.mark.parametrize("work", ["tag", "untag", "update", "assign", "delete"])
def test_work_that_is_stopped_has_changed_nothing(ws, work):
    ws.teams.add("Sales")
    ws.contacts.tag("vip")
    before, history = ws.contacts.to_frame(), len(ws.history())

    def stop(done, total):
        if done > 2:
            raise Stop

    doing = {
        "tag": lambda: ws.contacts.tag("spring", progress=stop),
        "untag": lambda: ws.contacts.untag("vip", progress=stop),
        "update": lambda: ws.contacts.update(country="FR", progress=stop),
        "assign": lambda: ws.contacts.assign(team="Sales", progress=stop),
        "delete": lambda: ws.contacts.delete(confirm=7, progress=stop),
    }
    with pytest.raises(Stop):
        doing[work]()
    assert ws.contacts.to_frame().equals(before)
    assert len(ws.history()) == history
    assert ws.check() == []


def test_a_tag_for_nobody_exists_all_the_same(ws):
    ws.contacts.where(F.country == "DE").tag("german")
    assert "german" in ws.tags


def test_a_plan_of_a_deletion_says_how_much_goes_and_does_exactly_that(ws):
    record = {"channel": "Shop", "identifier": "+442079460958", "direction": "incoming", "text": "Hello"}
    ws.record_messages([record | {"sent_at": f"2026-03-02T12:00:0{second}Z"} for second in range(3)])
    plan = ws.contacts.with_ids([7, 8, 99]).plan_delete()
    assert (plan.contacts, plan.messages) == (2, 3)
    assert repr(plan) == "<deletion of 2 contacts and 3 messages for ever>"
    done = plan.apply()
    assert (done.contacts, done.details) == (2, {"messages": 3})
    assert ws.contacts.ids().tolist() == [1, 2, 3, 4, 5, 6]


def test_a_plan_of_a_deletion_takes_nobody_who_came_later_and_stops_where_one_is_gone(ws):
    plan = ws.contacts.where(F.country == "GB").plan_delete()
    ws.contacts[2].update(country="GB")
    assert plan.apply().contacts == 4
    assert 2 in ws.contacts.ids()
    plan = ws.contacts.plan_delete()
    ws.contacts[2].delete()
    with pytest.raises(PlanOutdated, match="nothing was deleted"):
        plan.apply()
    assert ws.contacts.count() == 2


def test_deleting_all_in_stretches_asks_for_the_number_of_all(ws):
    with pytest.raises(NotConfirmed, match="7 contacts"):
        ws.contacts.delete(confirm=2)
    assert ws.contacts.delete(confirm=7).contacts == 7
    assert ws.contacts.count() == 0
    assert ws.check() == []
