"""What is done with contacts, one or many, and how it is taken back; the same on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from contacts_nb.model.errors import (
    CannotUndo,
    ContactNotFound,
    InvalidValue,
    NotConfirmed,
    NotFound,
    StaleContact,
    UndoConflict,
)
from contacts_nb.store.schema import messages
from contacts_nb.workspace import Contact, Workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    """A workspace with three contacts, a team and a field of each kind that these tests need."""
    workspace.teams.add("Sales")
    workspace.channels.add("Shop", "sms")
    workspace.fields.add("Plan", "list", allowed=["gold", "silver"])
    workspace.fields.add("Visits", "number")
    for name in ("Ann", "Bo", "Cy"):
        workspace.add_contact(first_name=name, tags=["all"])
    return workspace


def seen(ws: Workspace) -> list[dict[str, object]]:
    """Everything that people can see of each contact."""
    found = []
    for contact_id in ws.contacts.ids():
        contact = ws.contacts[contact_id]
        shown = {name: value for name, value in vars(contact).items() if name not in ("read", "_access")}
        shown["comments"] = contact.comments().to_dict("records")
        shown["conversations"] = contact.conversations().fillna("").to_dict("records")
        shown["messages"] = contact.messages().to_dict("records")
        found.append(shown)
    return found


def message(number: int, **others: object) -> dict[str, object]:
    return {
        "channel": "Shop",
        "identifier": "+44 20 7946 0958",
        "direction": "incoming",
        "text": f"Hello {number}",
        "sent_at": f"2026-03-02T12:00:0{number}Z",
        "profile_name": "Dee",
    } | others


CALLS = {
    "tag": lambda ws: ws.contacts.tag("vip", "new"),
    "untag": lambda ws: ws.contacts.untag("all"),
    "update": lambda ws: ws.contacts.update(country="GB", first_name="Zoë", fields={"plan": "gold", "visits": 2}),
    "assign": lambda ws: ws.contacts.assign(team="Sales"),
    "open": lambda ws: ws.contacts.open_conversation(),
    "comment": lambda ws: ws.contacts.comment("Call back"),
    "record": lambda ws: ws.record_messages([message(1), message(2)]),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_operation_its_undo_and_its_redo(ws, name):
    before = seen(ws)
    done = CALLS[name](ws)
    after = seen(ws)
    assert after != before
    assert ws.check() == []

    undone = done.undo()
    assert seen(ws) == before
    assert ws.check() == []

    redone = undone.undo()
    assert seen(ws) == after
    assert ws.check() == []

    redone.undo()
    assert seen(ws) == before
    assert ws.check() == []
    with pytest.raises(CannotUndo, match="undone already"):
        ws.history[done.id].undo()


def test_closing_conversations_is_undone_with_category_and_summary(ws):
    ws.contacts.open_conversation()
    before = seen(ws)
    done = ws.contacts.close_conversation("solved", "All is well")
    assert [contact.conversation_open for contact in (ws.contacts[1], ws.contacts[2])] == [False, False]
    assert ws.contacts[1].conversations()["summary"].tolist() == ["All is well"]
    done.undo()
    assert seen(ws) == before


def test_an_addition_is_undone_and_redone_with_all_it_was(ws):
    before = seen(ws)
    dee = ws.add_contact(first_name="Dee", email="Dee@example.org", tags=["all", "new"], fields={"visits": 0.5})
    after = seen(ws)
    number = int(ws.history(1)["id"][0])
    undone = ws.history[number].undo()
    assert seen(ws) == before
    with pytest.raises(ContactNotFound):
        ws.contacts[dee.id]
    undone.undo()
    assert seen(ws) == after
    assert ws.contacts.search("dee@example").count() == 1
    assert ws.check() == []


def test_an_undo_overwrites_no_later_change_unasked(ws):
    first = ws.contacts.update(country="GB")
    ws.contacts[2].update(country="FR")
    before = seen(ws)
    with pytest.raises(UndoConflict) as conflict:
        first.undo()
    assert [(one.contact_id, one.name, one.current) for one in conflict.value.conflicts] == [(2, "country", "FR")]
    assert seen(ws) == before

    first.undo(overwrite=())
    assert [ws.contacts[number].country for number in (1, 2, 3)] == [None, "FR", None]


def test_an_undo_overwrites_what_it_is_told_to(ws):
    first = ws.contacts.update(country="GB")
    ws.contacts[2].update(country="FR")
    first.undo(overwrite="all")
    assert [ws.contacts[number].country for number in (1, 2, 3)] == [None, None, None]


def test_an_addition_with_later_messages_is_not_undone(ws):
    first = ws.record_messages([message(1)])
    ws.record_messages([message(2)])
    with pytest.raises(UndoConflict) as conflict:
        first.undo(overwrite="all")
    assert not any(one.overwritable for one in conflict.value.conflicts)
    assert ws.contacts.count() == 4
    assert ws.check() == []


def test_a_change_that_changes_nothing_leaves_no_history(ws):
    count = len(ws.history())
    done = ws.contacts.tag("all")
    assert (done.id, done.contacts, len(ws.history())) == (None, 0, count)
    with pytest.raises(CannotUndo, match="nothing to undo"):
        done.undo()


def test_a_stale_copy_changes_nothing_and_says_both_values(ws):
    mine, theirs = ws.contacts[1], ws.contacts[1]
    theirs.update(country="FR", fields={"visits": 1})
    with pytest.raises(StaleContact) as stale:
        mine.update(country="DE")
    assert (stale.value.copied, stale.value.current, stale.value.wanted) == (None, "FR", "DE")
    with pytest.raises(StaleContact, match="visits"):
        mine.update(fields={"visits": 2})
    assert ws.contacts[1].country == "FR"
    mine.update(last_name="Smith")  # what nobody else has touched
    assert ws.contacts[1].name == "Ann Smith"


def test_deleting_takes_history_along_and_leaves_a_receipt(ws):
    ws.record_messages([message(1)])
    ws.contacts[4].update(first_name="Dorothea")
    with pytest.raises(NotConfirmed, match="confirm=4"):
        ws.contacts.delete()
    with pytest.raises(NotConfirmed):
        ws.contacts.delete(confirm=3)
    done = ws.contacts[4].delete()
    assert ws.contacts.ids().tolist() == [1, 2, 3]
    updated = next(number for number, what in ws.history()[["id", "operation"]].to_numpy() if what == "update")
    assert ws.history[updated].changes().empty
    with pytest.raises(CannotUndo):
        done.undo()
    assert ws.contacts.delete(confirm=3).contacts == 3
    assert ws.check() == []


def test_a_contact_tells_its_history(ws):
    contact = ws.contacts[1]
    contact.update(country="GB")
    contact.tag("vip")
    rows = ws.contacts[1].history()[["what", "cell", "old", "new"]].fillna("").to_numpy().tolist()
    assert rows == [["tag", "tag vip", "", "1"], ["update", "country", "", "GB"], ["add", "contact", "", "1"]]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda one: one.update(country="Atlantis"), "country 'Atlantis'"),
        (lambda one: one.update(first_name=7), "first name 7"),
        (lambda one: one.update(first_name="a\x00b"), "NUL"),
        (lambda one: one.update(last_name="\ud800"), "surrogate"),
        (lambda one: one.update(first_name="a" * 256), "256 characters"),
        (lambda one: one.update(nickname="Annie"), "field 'nickname'"),
        (lambda one: one.update(fields={"plan": "bronze"}), "plan 'bronze'"),
        (lambda one: one.update(fields={"visits": "many"}), "visits 'many'"),
        (lambda one: one.update(fields={"nope": 1}), "field 'nope'"),
        (lambda one: one.assign("nobody@acme.example"), "user 'nobody@acme.example'"),
        (lambda one: one.assign(team="Nobody"), "team 'Nobody'"),
        (lambda one: one.assign(), "missing"),
        (lambda one: one.tag(), "missing"),
        (lambda one: one.tag(" "), "empty"),
        (lambda one: one.tag("a" * 256), "256 characters"),
        (lambda one: one.untag("nope"), "tag 'nope'"),
        (lambda one: one.comment(""), "empty"),
        (lambda one: one.comment("a\x00"), "NUL"),
    ],
)
def test_bad_input_is_refused_with_its_field_value_and_rule_and_changes_nothing(ws, call, said):
    before, history = seen(ws), len(ws.history())
    for chosen in (ws.contacts, ws.contacts[1]):
        with pytest.raises((InvalidValue, NotFound)) as refused:
            call(chosen)
        assert said in str(refused.value)
        assert refused.value.rule
    assert (seen(ws), len(ws.history())) == (before, history)


def test_a_contact_that_was_deleted_can_not_be_changed(ws):
    copy: Contact = ws.contacts[1]
    copy.delete()
    with pytest.raises(ContactNotFound):
        copy.update(country="GB")
    with pytest.raises(ContactNotFound):
        copy.delete()


def sent(number: int, status: str) -> dict[str, object]:
    return message(number, direction="outgoing", status=status)


def statuses(ws: Workspace) -> list[object]:
    with ws._database.read() as connection:
        return list(connection.execute(select(messages.c.status).order_by(messages.c.sent_at)).scalars())


def test_statuses_of_messages_are_undone_and_redone(ws):
    ws.record_messages([sent(1, "sent"), sent(2, "sent")])
    done = ws.record_messages([sent(1, "read"), sent(2, "failed")])
    undone = done.undo()
    assert statuses(ws) == ["sent", "sent"]
    undone.undo()
    assert statuses(ws) == ["read", "failed"]
    assert ws.check() == []


def test_a_later_status_is_not_overwritten_unasked(ws):
    ws.record_messages([sent(1, "sent"), sent(2, "sent")])
    done = ws.record_messages([sent(1, "delivered"), sent(2, "delivered")])
    ws.record_messages([sent(1, "read")])
    with pytest.raises(UndoConflict, match="status of a message"):
        done.undo()
    assert statuses(ws) == ["read", "delivered"]
    done.undo(overwrite="all")
    assert statuses(ws) == ["sent", "sent"]


def test_the_status_of_a_withdrawn_message_is_undone_too(ws):
    ws.record_messages([message(0)])
    first = ws.record_messages([sent(1, "sent")])
    second = ws.record_messages([sent(1, "read")])
    undone = first.undo()
    second.undo()
    undone.undo()
    assert statuses(ws) == [None, "sent"]


def test_messages_recorded_again_do_not_come_back_beside_themselves(ws):
    ws.record_messages([message(0)])
    first = ws.record_messages([message(1), message(2)])
    undone = first.undo()
    again = ws.record_messages([message(2)])
    with pytest.raises(UndoConflict, match="recorded again"):
        undone.undo(overwrite="all")
    again.undo()
    undone.undo()
    assert ws.contacts[4].messages()["text"].tolist() == ["Hello 0", "Hello 1", "Hello 2"]


def test_messages_of_the_time_of_a_withdrawn_one_leave_it_its_place(ws):
    ws.record_messages([message(0)])
    undone = ws.record_messages([message(1)]).undo()
    ws.record_messages([message(1, text="At the same time")])
    undone.undo()
    assert ws.contacts[4].messages()["text"].tolist() == ["Hello 0", "Hello 1", "At the same time"]
    assert ws.check() == []


def test_a_membership_in_a_removed_team_does_not_come_back(ws):
    owner = ws.users.add("ana@acme.example", role="owner")
    ws = Workspace(Access(ws._database, owner.id))
    ws.teams.update("Sales", members=[owner.email])
    ws.teams.update("Sales", members=[])
    left = ws.history[int(ws.history(1)["id"].iloc[0])]
    ws.teams.remove("Sales")
    with pytest.raises(UndoConflict, match="team removed since"):
        left.undo(overwrite="all")
    assert ws.check() == []


def test_a_contact_is_added_with_an_assignee_and_a_team(ws):
    owner = ws.users.add("ana@acme.example", role="owner")
    ws = Workspace(Access(ws._database, owner.id))
    before = seen(ws)
    dee = ws.add_contact(first_name="Dee", assignee=owner.email, team="sales")
    assert (dee.assignee, dee.team) == (owner.email, "Sales")
    undone = ws.history[int(ws.history(1)["id"].iloc[0])].undo()
    assert seen(ws) == before
    undone.undo()
    assert ws.contacts[dee.id] == dee
    with pytest.raises(NotFound, match="user"):
        ws.add_contact(first_name="Eve", assignee="nobody@acme.example")
    with pytest.raises(NotFound, match="team"):
        ws.add_contact(first_name="Eve", team="Nobody")
    assert ws.contacts.count() == 4


def test_a_contact_has_a_timeline(ws):
    owner = ws.users.add("ana@acme.example", role="owner")
    ws = Workspace(Access(ws._database, owner.id))
    ann = ws.contacts[1]
    ann.tag("vip")
    ann.assign(owner.email, team="Sales")
    ann.update(first_name="Anna", fields={"plan": "gold"})
    ann = ws.contacts[1]
    ann.open_conversation()
    ann.comment("Prefers tea")
    ann.close_conversation("solved")
    ann.untag("vip")
    ws.contacts[1].assign(None, team=None)
    events = ws.contacts[1].events()
    assert str(events["at"].dtype) == "datetime64[ms, UTC]"
    assert events["at"].is_monotonic_increasing
    assert sorted(events[["event", "detail"]].fillna("").itertuples(index=False, name=None)) == sorted(
        [
            ("created", ""),
            ("tag added", "vip"),
            ("assigned", owner.email),
            ("team assigned", "Sales"),
            ("changed", "first name: Ann → Anna"),
            ("changed", "plan: empty → gold"),
            ("conversation opened", ""),
            ("commented", "Prefers tea"),
            ("conversation closed", "solved"),
            ("tag removed", "vip"),
            ("unassigned", owner.email),
            ("team unassigned", "Sales"),
        ]
    )
    assert set(events["user"].dropna()) == {owner.email}


def with_owner(ws: Workspace) -> Workspace:
    """The same workspace, opened by its owner Ana."""
    return Workspace(Access(ws._database, ws.users.add("ana@acme.example", role="owner").id))


def last(ws: Workspace) -> Operation:
    return ws.history[int(ws.history(1)["id"].iloc[0])]


def test_a_choice_that_is_in_use_is_not_undone(ws):
    ws.fields.update("plan", allowed=["gold", "silver", "new"])
    added = last(ws)
    ws.contacts[1].update(fields={"plan": "new"})
    with pytest.raises(UndoConflict, match="values of plan"):
        added.undo(overwrite="all")
    with pytest.raises(CannotUndo, match="nothing left"):
        added.undo(overwrite=())
    assert ws.fields["plan"].allowed == ("gold", "silver", "new")
    assert ws.check() == []


def test_a_respelled_choice_that_is_in_use_is_not_undone(ws):
    ws.contacts[1].update(fields={"plan": "gold"})
    ws.fields.update("plan", allowed=["Gold", "silver"])
    respelled = last(ws)
    ws.contacts[2].update(fields={"plan": "Gold"})
    with pytest.raises(UndoConflict):
        respelled.undo(overwrite="all")
    with pytest.raises(CannotUndo, match="nothing left"):
        respelled.undo(overwrite=())
    assert ws.check() == []


def test_a_value_that_is_not_offered_any_more_does_not_come_back(ws):
    undone = ws.contacts[1].update(fields={"plan": "silver"}).undo()
    ws.fields.update("plan", allowed=["gold"])
    with pytest.raises(UndoConflict, match="not offered any more"):
        undone.undo(overwrite="all")
    assert ws.check() == []


def test_a_team_that_has_members_by_now_stays(ws):
    ws = with_owner(ws)
    ws.teams.add("Support")
    added = last(ws)
    ws.users.update("ana@acme.example", teams=["Support"])
    with pytest.raises(CannotUndo, match="nothing left"):
        added.undo()
    assert ws.teams["Support"].members == ("ana@acme.example",)


def test_a_user_who_is_in_a_team_by_now_stays(ws):
    ws = with_owner(ws)
    ws.users.add("bo@acme.example")
    added = last(ws)
    ws.teams.update("Sales", members=["bo@acme.example"])
    with pytest.raises(CannotUndo, match="nothing left"):
        added.undo()
    assert "bo@acme.example" in ws.users


def test_an_undo_leaves_an_owner_who_may_change_the_settings(ws):
    ws = with_owner(ws)
    bo = ws.users.add("bo@acme.example")
    ws.users.update("bo@acme.example", role="owner")
    promoted = last(ws)
    ws.users.update("ana@acme.example", restrictions=["restrict_workspace_settings"])
    with pytest.raises(CannotUndo, match="No owner could"):
        Workspace(Access(ws._database, bo.id)).history[promoted.id or 0].undo()


def test_settings_are_read_anew(ws):
    ws.update(name="Other", phone_region="GB").undo()
    assert (ws.name, ws.phone_region) == ("Acme", None)
