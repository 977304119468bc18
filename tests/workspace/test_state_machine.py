"""Random operations and undos, on a workspace and on its plain model: after each step both show the same.

An undo is refused where the model says so, and else leads to just the cells that were there before. What isn't
shown but matters later, such as the status of a message, shows in which operations change anything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import contacts_nb as cn
from contacts_nb.model.errors import CannotUndo, ContactsError, InvalidValue
from tests.conftest import Workspaces
from tests.workspace.plain_model import ME, Draft, PlainWorkspace
from tests.workspace.plain_reading import PHONES, read, shown, with_e164
from tests.workspace.plain_undo import Operation, way_back

BO, CY = "bo@acme.example", "cy@acme.example"
# On each channel, how identifiers are spelled and what two spellings have in common.
IDENTIFIERS = {
    "sms": [("+44 20 7946 0958", "+442079460958"), ("+442079460958", "+442079460958"), ("12345", "12345")],
    "custom": [("annie", "annie"), ("Annie", "Annie")],
    "email": [("Dee@Example.org", "dee@example.org"), ("dee@example.org", "dee@example.org")],
}
# Before all that is done here, of which conversations opened by hand bear the time, and after it.
TIMES = [datetime(year, 3, 2, 12, tzinfo=UTC) for year in (2020, 2021, 2098, 2099)]
VALUES: dict[str, list[Any]] = {"text": ["Gold", "red"], "number": [0, 2.5], "list": ["gold", "silver"]}

names = st.sampled_from(["vip", "new", "VIP", "Sales"])
some_names = st.lists(names, min_size=1, max_size=2)
columns = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(["Ann", "Zoë", None]),
        "last_name": st.sampled_from(["Smith", None]),
        "phone": st.sampled_from(list(PHONES)),
        "email": st.sampled_from(["Ann@Example.org", None]),
        "country": st.sampled_from(["GB", "FR", None]),
        "picture": st.sampled_from(["https://example.org/ann.png", None]),
    },
)
number = st.integers(0, 9)
words = st.sampled_from([None, "ann", "vip", "gold", "shop", "dee", "smith"])
drafts = st.tuples(
    number, number, st.booleans(), st.sampled_from(["Hi", "Ho"]), st.sampled_from(TIMES),
    st.sampled_from([None, "Dee", "Eve"]), st.sampled_from([None, BO]), st.sampled_from([None, "sent", "read"]),
)  # fmt: skip


class Steps(RuleBasedStateMachine):
    """A workspace, its model, and what was done so far."""

    def __init__(self, new_workspace: Workspaces) -> None:
        super().__init__()
        self.stack = ExitStack()
        made = self.stack.enter_context(new_workspace())
        made.users.add(ME, role="owner", name="Ana")
        self.ws = self.stack.enter_context(cn.open(made.address, user=ME))
        self.model = PlainWorkspace()
        self.model.add("user", email=ME, name="Ana", role="owner")
        self.operations: list[Operation] = []
        self.newest = self._newest()
        self.agrees = True
        self.seen = self.before = read(self.ws)

    def teardown(self) -> None:
        with self.stack:
            assert not self.agrees or self.ws.check() == []

    def _newest(self) -> int:
        return int(self.ws.history(1)["id"].max())

    def pick(self, kind: str, n: int) -> tuple[int, str] | None:
        """One of the rows of that kind and its name, or None if there are none."""
        rows = [row for row in self.model.rows(kind) if self.model.get(kind, row, "email") != ME]
        column = {"user": "email", "field": "slug"}.get(kind, "name")
        return (row := rows[n % len(rows)], self.model.get(kind, row, column)) if rows else None

    def chosen(self, word: str | None, n: int) -> tuple[Any, list[int]]:
        """Contacts to change and their ids: one of them for an even number, else those with `word`."""
        ids = self.model.rows("contact")
        if n % 2 == 0 and ids:
            one = ids[n // 2 % len(ids)]
            return self.ws.contacts[one], [one]
        return self.ws.contacts.search(word or ""), self.model.matching(word)

    def do(self, call: Callable[[], object], change: Callable[[Any], object], kind: str = "") -> None:
        """Do the same on both sides; only what changes something leaves history."""
        before = dict(self.model.cells)
        call()
        newest = self._newest()
        change(self.ws.history[newest].at)
        self.keep(newest, kind, before, None)

    def keep(self, newest: int, kind: str, before: dict[Any, Any], undoes: Operation | None) -> None:
        assert (newest != self.newest) == (self.model.cells != before)
        if newest != self.newest:
            after = dict(self.model.cells)
            self.operations.append(Operation(newest, kind, before, after, undoes))
        self.before = self.seen if newest != self.newest else self.before
        self.newest = newest
        self.compare()

    def refused(self, call: Callable[[], object], error: type[ContactsError]) -> None:
        with pytest.raises(error):
            call()
        assert self._newest() == self.newest
        self.compare()

    def compare(self) -> None:
        self.agrees = False
        seen = read(self.ws)
        assert seen == shown(self.model)
        # It takes longer than all the rest; what is wrong then is wrong at the end too.
        assert len(self.operations) % 6 or self.ws.check() == []
        history = self.ws.history(len(self.operations)).iloc[::-1]
        marks = history[["id", "undoes", "undone_by"]].astype("object").where(history.notna(), None)
        assert marks.to_numpy().tolist() == [
            [one.id, one.undoes and one.undoes.id, one.undone_by and one.undone_by.id] for one in self.operations
        ]
        self.agrees = True
        self.seen = seen

    @initialize()
    def set_up(self) -> None:
        for kind, name in (("sms", "Shop"), ("custom", "Web")):
            self.add_channel(name, kind)
        self.add_field("Plan", "list")
        self.add_contact({"first_name": "Ann"}, ["vip"], number)

    # Contacts.

    @rule(values=columns, tags=some_names, n=number)
    def add_contact(self, values: dict[str, Any], tags: list[str], n: Any) -> None:
        values = {name: value for name, value in values.items() if value}
        if not values.keys() & {"first_name", "last_name", "phone", "email"}:
            return
        fields = self.field_values(n) if isinstance(n, int) else {}
        made: list[int] = []
        self.do(
            lambda: made.append(self.ws.add_contact(**values, tags=tags, fields=fields).id),
            lambda at: self.model.add_contact(made[0], at, tags, fields, **with_e164(values)),
        )

    def field_values(self, n: int) -> dict[str, Any]:
        found = self.pick("field", n // 2)
        if found is None:
            return {}
        kind, allowed = (self.model.get("field", found[0], column) for column in ("type", "allowed"))
        choices = [*(allowed or VALUES[kind])]
        return {found[1]: choices[n % len(choices)]}

    @rule(word=words, n=number, tags=some_names)
    def tag(self, word: str | None, n: int, tags: list[str]) -> None:
        contacts, ids = self.chosen(word, n)
        self.do(lambda: contacts.tag(*tags), lambda _: self.model.tag(ids, tags))

    @rule(word=words, n=number, which=number)
    def untag(self, word: str | None, n: int, which: int) -> None:
        if tag := self.pick("tag", which):
            contacts, ids = self.chosen(word, n)
            self.do(lambda: contacts.untag(tag[1]), lambda _: self.model.untag(ids, [tag[1]]))

    @rule(word=words, n=number, values=columns, value=st.none() | number, empty=st.booleans())
    def update(self, word: str | None, n: int, values: dict[str, Any], value: int | None, empty: bool) -> None:
        contacts, ids = self.chosen(word, n)
        fields = {} if value is None else self.field_values(value)
        fields = dict.fromkeys(fields) if empty else fields
        self.do(
            lambda: contacts.update(**values, fields=fields),
            lambda _: self.model.update(ids, with_e164(values), fields),
        )

    @rule(word=words, n=number, user=st.none() | number, team=st.none() | number)
    def assign(self, word: str | None, n: int, user: int | None, team: int | None) -> None:
        contacts, ids = self.chosen(word, n)
        one = None if user is None else self.pick("user", user)
        group = None if team is None else self.pick("team", team)
        self.do(
            lambda: contacts.assign(one and one[1], team=group and group[1]),
            lambda _: self.model.update(ids, {"assignee": one and one[0], "team": group and group[0]}, {}),
        )

    @rule(word=words, n=number)
    def open_conversation(self, word: str | None, n: int) -> None:
        contacts, ids = self.chosen(word, n)
        self.do(contacts.open_conversation, lambda at: self.model.open_conversations(ids, at))

    @rule(word=words, n=number, category=st.sampled_from([None, "solved"]))
    def close_conversation(self, word: str | None, n: int, category: str | None) -> None:
        contacts, ids = self.chosen(word, n)
        self.do(
            lambda: contacts.close_conversation(category, "All is well"),
            lambda at: self.model.close_conversations(ids, at, category=category, summary="All is well"),
        )

    @rule(word=words, n=number)
    def comment(self, word: str | None, n: int) -> None:
        contacts, ids = self.chosen(word, n)
        self.do(lambda: contacts.comment("Note"), lambda at: self.model.comment(ids, at, "Note"))

    @rule(given=st.lists(drafts, min_size=1, max_size=3))
    def record_messages(self, given: list[Any]) -> None:
        log = []
        for which, spelling, incoming, text, sent_at, profile_name, sender, status in given:
            if channel := self.pick("channel", which):
                spellings = IDENTIFIERS[self.model.get("channel", channel[0], "source")]
                said = () if incoming else (self.model.named("user", sender, "email") and sender, status)
                identifier, key = spellings[spelling % len(spellings)]
                log.append(Draft(channel[1], identifier, key, incoming, text, sent_at, profile_name, *said))
        records = [
            {name: value for name, value in draft._asdict().items() if name not in ("key", "incoming")}
            | {"direction": "incoming" if draft.incoming else "outgoing"}
            for draft in log
        ]
        known = set(self.model.rows("contact"))
        self.do(
            lambda: self.ws.record_messages(records),
            lambda at: self.model.record(log, sorted(set(self.ws.contacts.ids().tolist()) - known), at),
        )

    @precondition(lambda self: len(self.model.rows("contact")) > 2)
    @rule(word=words, n=number)
    def delete(self, word: str | None, n: int) -> None:
        contacts, ids = self.chosen(word, n)
        if not ids:
            return
        confirm = {"confirm": len(ids)} if len(ids) > 1 else {}
        self.do(lambda: contacts.delete(**confirm), lambda _: self.model.delete(ids), "delete")
        gone = {("contact", contact) for contact in ids}
        for one in self.operations:  # its history is gone too
            one.changes = {
                cell: both for cell, both in one.changes.items() if gone.isdisjoint(self.model.chain(cell[:2]))
            }

    # What is set up for all contacts.

    def set_up_named(self, kind: str, name: str, call: Callable[[], object], change: Callable[[], object]) -> None:
        """Add something, or rename it; refused where another has the name."""
        if self.model.named(kind, name, "email" if kind == "user" else "name") is not None:
            self.refused(call, InvalidValue)
        else:
            self.do(call, lambda _: change())

    @rule(name=names, colour=st.sampled_from([None, "#d64545"]))
    def add_tag(self, name: str, colour: str | None) -> None:
        self.set_up_named(
            "tag",
            name,
            lambda: self.ws.tags.add(name, colour),
            lambda: self.model.add("tag", name=name, colour=colour),
        )

    @rule(name=names)
    def add_team(self, name: str) -> None:
        self.set_up_named("team", name, lambda: self.ws.teams.add(name), lambda: self.model.add("team", name=name))

    @rule(name=st.sampled_from(["Shop", "Web", "vip"]), source=st.sampled_from(sorted(IDENTIFIERS)))
    def add_channel(self, name: str, source: str) -> None:
        self.set_up_named(
            "channel",
            name,
            lambda: self.ws.channels.add(name, source),
            lambda: self.model.add("channel", name=name, source=source),
        )

    @rule(email=st.sampled_from([BO, CY]), team=st.none() | number)
    def add_user(self, email: str, team: int | None) -> None:
        found = None if team is None else self.pick("team", team)

        def change() -> None:
            user = self.model.add("user", email=email, name="Somebody", role="manager")
            self.model.set_members("user", user, [found[0]] if found else [])

        teams = [found[1]] if found else []
        self.set_up_named("user", email, lambda: self.ws.users.add(email, name="Somebody", teams=teams), change)

    @rule(name=st.sampled_from(["Plan", "Note"]), kind=st.sampled_from(sorted(VALUES)))
    def add_field(self, name: str, kind: str) -> None:
        slugs = (name.lower() + ending for ending in ("", *(f"_{n}" for n in range(2, 99))))
        slug = next(slug for slug in slugs if self.model.named("field", slug, "slug") is None)
        allowed = ["gold", "silver"] if kind == "list" else []
        made: dict[str, Any] = {"name": name, "type": kind, "slug": slug, "allowed": tuple(allowed) or None}
        self.do(lambda: self.ws.fields.add(name, kind, allowed=allowed), lambda _: self.model.add("field", **made))

    @rule(kind=st.sampled_from(["tag", "team", "channel"]), n=number, name=names)
    def rename(self, kind: str, n: int, name: str) -> None:
        if found := self.pick(kind, n):
            row, old = found
            call = {
                "tag": lambda: self.ws.tags.update(old, new_name=name),
                "team": lambda: self.ws.teams.update(old, new_name=name),
                "channel": lambda: self.ws.channels.update(old, name),
            }[kind]
            if self.model.named(kind, name) not in (None, row):
                self.refused(call, InvalidValue)
            else:
                self.do(call, lambda _: self.model.put(kind, row, "name", name))

    @rule(n=number, colour=st.sampled_from([None, "#d64545"]))
    def describe_tag(self, n: int, colour: str | None) -> None:
        if found := self.pick("tag", n):

            def change(_: datetime) -> None:
                for column, value in (("colour", colour), ("description", "Buys often")):
                    self.model.put("tag", found[0], column, value)

            self.do(lambda: self.ws.tags.update(found[1], colour=colour, description="Buys often"), change)

    @rule(n=number, email=st.sampled_from([BO, CY]), role=st.sampled_from(["manager", "agent"]))
    def update_user(self, n: int, email: str, role: str) -> None:
        if found := self.pick("user", n):
            row, old = found

            def call() -> object:
                return self.ws.users.update(old, new_email=email, role=role)

            if self.model.named("user", email, "email") not in (None, row):
                self.refused(call, InvalidValue)
            else:
                changed = {("user", row, "email"): email, ("user", row, "role"): role}
                self.do(call, lambda _: self.model.cells.update(changed))

    @rule(n=number, users=st.sets(number, max_size=2))
    def set_members(self, n: int, users: set[int]) -> None:
        if team := self.pick("team", n):
            found = dict(one for user in users if (one := self.pick("user", user)))
            self.do(
                lambda: self.ws.teams.update(team[1], members=list(found.values())),
                lambda _: self.model.set_members("team", team[0], found),
            )

    @rule(n=number, teams=st.sets(number, max_size=2))
    def set_teams(self, n: int, teams: set[int]) -> None:
        if user := self.pick("user", n):
            found = dict(one for team in teams if (one := self.pick("team", team)))
            self.do(
                lambda: self.ws.users.update(user[1], teams=list(found.values())),
                lambda _: self.model.set_members("user", user[0], found),
            )

    @rule(n=number, allowed=st.sampled_from([["gold", "silver"], ["silver", "Gold"], ["gold", "bronze"]]))
    def change_allowed(self, n: int, allowed: list[str]) -> None:
        found = self.pick("field", n)
        if found and self.model.get("field", found[0], "type") == "list":
            before = dict(self.model.cells)
            if not self.model.respell(found[0], allowed):
                self.refused(lambda: self.ws.fields.update(found[1], allowed=allowed), InvalidValue)
                return
            self.model.cells = before
            self.do(
                lambda: self.ws.fields.update(found[1], allowed=allowed),
                lambda _: self.model.respell(found[0], allowed),
            )

    @rule(kind=st.sampled_from(["tag", "field", "user", "team", "channel"]), n=number)
    def remove(self, kind: str, n: int) -> None:
        if found := self.pick(kind, n):
            listing: Any = getattr(self.ws, f"{kind}s")
            self.do(lambda: listing.remove(found[1]), lambda _: self.model.remove(kind, found[0]))

    # History.

    def take_back(self, undone: Operation, *, overwrite: bool) -> None:
        before = dict(self.model.cells)
        way = way_back(self.model, undone, self.operations, overwrite=overwrite)
        operation = self.ws.history[undone.id]
        if way.refused:
            self.refused(lambda: operation.undo(overwrite="all" if overwrite else None), CannotUndo)
            return
        try:
            operation.undo(overwrite="all" if overwrite else None)
        except CannotUndo:
            assert way.doubtful
            self.refused(operation.undo, CannotUndo)
            return
        self.model.cells = way.cells
        newest = self._newest()
        self.newest_undo(newest, before, undone)

    def newest_undo(self, newest: int, before: dict[Any, Any], undone: Operation) -> None:
        made = Operation(newest, "undo", before, dict(self.model.cells), undone)
        undone.mark_undone(made)
        self.operations.append(made)
        self.before = self.seen if newest != self.newest else self.before
        self.newest = newest
        self.compare()

    @precondition(lambda self: self.operations)
    @rule(n=st.integers(0, 30), overwrite=st.booleans())
    def undo(self, n: int, overwrite: bool) -> None:
        self.take_back(self.operations[-1 - n % len(self.operations)], overwrite=overwrite)

    @precondition(lambda self: self.operations)
    @rule(n=st.integers(0, 8))
    def undo_recent(self, n: int) -> None:
        self.take_back(self.operations[-1 - n % len(self.operations)], overwrite=False)

    # What is undone is done again by the others: here the two would take turns for ever.
    @precondition(lambda self: self.operations and self.operations[-1].kind not in ("delete", "undo"))
    @rule()
    def undo_latest(self) -> None:
        undone, before = self.operations[-1], self.before
        self.take_back(undone, overwrite=False)
        assert self.operations[-1].undoes is undone
        assert self.seen == before


@pytest.mark.timeout(900)  # on a busy machine
def test_any_operations_and_undos_are_those_of_the_plain_model(new_workspace: Workspaces) -> None:
    class OnOne(Steps):
        def __init__(self) -> None:
            super().__init__(new_workspace)

    few = settings(deadline=None, max_examples=6, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(OnOne, settings=few)
