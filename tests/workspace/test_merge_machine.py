"""Random merges and unmerges in any order, with all that goes on meanwhile: the plain model holds the same.

An undo is refused where the model says so. Of a few undos nothing is said, such as bringing back a merge between
others that were taken apart since; those aren't tried.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.model.errors import (
    CannotMerge,
    CannotUndo,
    ContactNotFound,
    ContactsError,
    InvalidValue,
    PlanOutdated,
)
from tests.conftest import Workspaces
from tests.workspace.merge_model import MergingOperation, MergingWorkspace, undoing
from tests.workspace.plain_model import ME, STANDARD, Draft
from tests.workspace.plain_reading import read

BO = "bo@acme.example"
# Two of them are one number; without a region the last has no E.164.
PHONES = {
    "+44 20 7946 0911": "+442079460911",
    "+442079460911": "+442079460911",
    "+44 20 7946 0922": "+442079460922",
    "020 7946 0933": None,
}
# Channel, identifier, and what two spellings of it have in common; "Annie" is kept apart from "annie".
IDENTITIES = [
    ("Shop", "+44 20 7946 0944", "+442079460944"), ("Shop", "+442079460944", "+442079460944"),
    ("Shop", "+44 20 7946 0911", "+442079460911"), ("Web", "annie", "annie"), ("Web", "Annie", "Annie"),
    ("Web", "zed", "zed"), ("Web", "user1", "user1"), ("Web", "user2", "user2"), ("Web", "user3", "user3"),
]  # fmt: skip
WORDS = [
    "ann",
    "zoë",
    "smith",
    "lee",
    "alpha",
    "beta",
    "silver",
    "vip",
    "new",
    "annie",
    "user1",
    "shop",
    "example.org",
]
NUMBERS = ["2079460911", "2079460922", "2079460933", "2079460944"]
# Before all that is done here, of which conversations opened by hand bear the time, and after it.
TIMES = [datetime(year, 3, 2, 12, tzinfo=UTC) for year in (2020, 2021, 2098, 2099)]
VALUES: dict[str, list[Any]] = {
    "first_name": ["Ann", "Zoë", None],
    "last_name": ["Smith", "Lee", None],
    "phone": [*PHONES, None],
    "email": ["ann@example.org", "ANN@Example.org", "bo@example.org", None],
    "country": ["GB", "FR", None],
    "language": ["en", "fr", None],
    "picture": ["https://example.org/ann.png", None],
    "assignee": [ME, BO, None],
    "team": ["Sales", "Care", None],
    "note": ["alpha", "beta", None],
    "plan": ["gold", "silver", "bronze", None],
    "member": [True, False, None],
}
OWN = 0  # a merge has the number of its operation
CUSTOM = ("note", "plan", "member")

n_th = st.integers(0, 11)
names = st.sampled_from(["vip", "new", "VIP", "Sales"])
profiles = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})
single_values = st.sampled_from([{name: value} for name, values in VALUES.items() for value in values])
keeps = st.dictionaries(
    st.sampled_from(list(VALUES)), st.sampled_from(["survivor", "other", None, 0, 1]), max_size=len(VALUES)
)
drafts = st.tuples(
    n_th, st.booleans(), st.sampled_from(["Hi", "Ho"]), st.sampled_from(TIMES), st.booleans(), st.booleans()
)


class Steps(RuleBasedStateMachine):
    """A workspace, its model, and what was done so far."""

    def __init__(self, new_workspace: Workspaces) -> None:
        super().__init__()
        self.stack = ExitStack()
        made = self.stack.enter_context(new_workspace())
        made.users.add(ME, role="owner", name="Ana")
        self.ws = self.stack.enter_context(cn.open(made.address, user=ME))
        self.model = MergingWorkspace()
        self.operations: list[MergingOperation] = []
        self.newest = self._newest()
        self.agrees = True

    def teardown(self) -> None:
        with self.stack:
            assert not self.agrees or self.ws.check() == []

    def _newest(self) -> int:
        return int(self.ws.history(1)["id"].max())

    def one(self, n: int) -> int:
        """One of the contacts that are there."""
        living = self.model.living()
        return living[n % len(living)]

    def named(self, n: int, contact: int) -> int:
        """An id by which a contact can be looked up: its own, or that of one which was merged into it."""
        group = self.model.group(contact)
        return group[n % len(group)]

    def do(
        self, call: Callable[[], object], change: Callable[[Any], object], kind: str = "", merge: int | None = None
    ) -> None:
        """Do the same on both sides; only what changes something leaves history."""
        before = self._copy()
        call()
        newest = self._newest()
        change(self.ws.history[newest].at)
        assert (newest != self.newest) == (self.model.cells != before.cells)
        if newest != self.newest:
            self.keep(MergingOperation(newest, kind, before.cells, dict(self.model.cells), None), before, merge)
        self.compare()

    def keep(self, made: MergingOperation, before: MergingWorkspace, merge: int | None) -> None:
        if merge is not None:
            made.merge = made.id if merge == OWN else merge
            made.effect = "merge" if made.merge in self.model.rows("merge") else "unmerge"
        made.belongs_to(before, self.model)
        self.operations.append(made)
        self.newest = made.id

    def _copy(self) -> MergingWorkspace:
        before = MergingWorkspace()
        before.cells, before.owners = dict(self.model.cells), self.model.owners
        return before

    def refused(self, call: Callable[[], object], error: type[ContactsError]) -> None:
        with pytest.raises(error):
            call()
        assert self._newest() == self.newest
        self.compare()

    def compare(self) -> None:
        self.agrees = False
        model = self.model
        assert read(self.ws) == model.seen()
        assert self.ws.contacts.count() == len(model.living())
        for merge in model.rows("merge"):
            absorbed = model.get("merge", merge, "absorbed")
            found = self.ws.contacts[absorbed]
            assert found.id == model.root(absorbed)
            merges = found.merges()[["merge", "survivor", "absorbed"]]
            assert merges.to_numpy().tolist() == model.merges_into(found.id)
        for number in NUMBERS:
            assert self.found(number) == model.finds(number), number
        # It takes longer than all the rest; what is wrong then is wrong at the end too.
        if len(self.operations) % 8 == 7:
            self.compare_finding()
            assert self.ws.check() == []
        self.agrees = True

    def found(self, word: str) -> list[int]:
        return sorted(self.ws.contacts.search(word).ids().tolist())

    def compare_finding(self) -> None:
        """Search looks at the whole of a contact, filters look at its own values and at all identities."""
        model = self.model.merged()
        for word in WORDS:
            assert self.found(word) == self.model.finds(word), word
        for contact in model.rows("contact"):
            assert len(self.ws.contacts[contact].merges()) == len(self.model.merges_into(contact))
        web, bo, vip = (model.named(*what) for what in (("channel", "Web"), ("user", BO, "email"), ("tag", "vip")))
        contacts_with = {
            kind: {model.get(kind, number, "contact") for number in model.rows(kind, **columns)}
            for kind, columns in (("identity", {"channel": web}), ("conversation", {"closed_at": None}))
        }
        filters = [
            (F.country == "FR", model.rows("contact", country="FR")),
            (F.email.is_empty(), model.rows("contact", email=None)),
            (F.channels.has_any("Web"), contacts_with["identity"]),
            (F.conversation.is_open(), contacts_with["conversation"]),
        ]
        if bo is not None:
            filters.append((F.assignee == BO, model.rows("contact", assignee=bo)))
        if vip is not None:
            tagged = [contact for contact in model.rows("contact") if vip in model.held(contact, "tag")]
            filters.append((F.tags.has_any("vip"), tagged))
        for wanted, expected in filters:
            assert sorted(self.ws.contacts.where(wanted).ids().tolist()) == sorted(expected), wanted

    @initialize(
        people=st.lists(profiles, min_size=6, max_size=6),
        tags=st.lists(st.booleans(), min_size=6, max_size=6),
        pairs=st.lists(st.tuples(n_th, n_th, keeps), max_size=3),
    )
    def set_up(
        self, people: list[dict[str, Any]], tags: list[bool], pairs: list[tuple[int, int, dict[str, Any]]]
    ) -> None:
        ws, model = self.ws, self.model
        ws.users.add(BO, name="Bo", role="manager")
        for email, name, role in ((BO, "Bo", "manager"), (ME, "Ana", "owner")):
            model.add("user", email=email, name=name, role=role)
        for team in ("Sales", "Care"):
            ws.teams.add(team)
            model.add("team", name=team)
        for channel, source in (("Shop", "sms"), ("Web", "custom")):
            ws.channels.add(channel, source)
            model.add("channel", name=channel, source=source)
        ws.tags.add("vip")
        model.add("tag", name="vip")
        for name, kind, allowed in (
            ("Note", "text", ()),
            ("Plan", "list", VALUES["plan"][:-1]),
            ("Member", "checkbox", ()),
        ):
            ws.fields.add(name, kind, allowed=allowed)
            model.add("field", name=name, type=kind, slug=name.lower(), allowed=tuple(allowed) or None)
        # Each has one or two identities.
        identities = ["annie", "a1", "a2", "a3 ::: b3", "a4 ::: b4", "a5"]
        rows = [
            {name: str(value) for name, value in one.items() if value is not None and value != "020 7946 0933"}
            | {"first_name": one.get("first_name") or "Ann", "channel:Web": web, "tags": "vip" if is_vip else ""}
            for one, web, is_vip in zip(people, identities, tags, strict=True)
        ]
        table = pd.DataFrame(rows, dtype="str").fillna("")
        at = ws.plan_import(table, purpose="add_all", progress=False).apply(progress=False).operation.at
        assert at is not None
        for contact, row in zip(sorted(ws.contacts.ids().tolist()), rows, strict=True):
            given = {name: row[name] for name in VALUES if name in row}
            columns, fields = self.values(given | ({"member": row["member"] == "True"} if "member" in row else {}))
            columns |= {name: self.number_of(name, row[name]) for name in ("assignee", "team") if name in row}
            model.add_contact(contact, at, filter(None, [row["tags"]]), fields, **columns)
            for identifier in row["channel:Web"].split(" ::: "):
                self.add_identity_of(contact, "Web", identifier, identifier)
        self.newest = self._newest()
        self.compare()
        for n, m, keep in pairs:
            self.merge(n, m, 0, keep, is_stepwise=False)

    def values(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Of the drawn values, those of a contact's columns and those of its custom fields, as they can be now."""
        columns = {name: value for name, value in values.items() if name in STANDARD}
        columns |= {"phone_e164": PHONES.get(columns["phone"])} if "phone" in columns else {}
        fields = {slug: values[slug] for slug in CUSTOM if slug in values and self.can_be(slug, values[slug])}
        return columns, fields

    def can_be(self, name: str, value: Any) -> bool:
        if name in ("assignee", "team"):
            return value is None or self.number_of(name, value) is not None
        if name not in CUSTOM:
            return True
        field = self.model.named("field", name, "slug")
        return field is not None and (value is None or self.model.can_be(("value", field), value))

    def number_of(self, name: str, value: str | None) -> int | None:
        """The number of the user or team of that name."""
        if name == "assignee":
            return self.model.named("user", value, "email")
        return self.model.named("team", value)

    def add_identity_of(self, contact: int, channel: str, identifier: str, key: str) -> None:
        number = self.model.named("channel", channel)
        self.model.add("identity", contact=contact, channel=number, identifier=identifier, key=key)

    # Merging and unmerging.

    def key(self, name: str) -> Any:
        return ("value", self.model.named("field", name, "slug")) if name in CUSTOM else name

    def kept(self, keep: dict[str, Any], survivor: int, other: int) -> tuple[dict[str, Any], dict[Any, Any]]:
        """Drawn choices as a plan takes them, and the values that they mean in the model."""
        given: dict[str, Any] = {}
        meant: dict[Any, Any] = {}
        for name, choice in keep.items():
            if name in CUSTOM and self.model.named("field", name, "slug") is None:
                continue
            if choice in ("survivor", "other"):
                given[name] = survivor if choice == "survivor" else other
                meant[self.key(name)] = self.model.own(given[name], self.key(name))
                continue
            value = None if choice is None else VALUES[name][choice]
            if not self.can_be(name, value):
                continue
            given[name] = meant[self.key(name)] = value
            if value is not None and name == "phone":
                meant[name] = value, PHONES[value]
            if value is not None and name in ("assignee", "team"):
                meant[name] = self.number_of(name, value)
        return given, meant

    def are_alike(self, one: int, other: int) -> bool:
        """Whether two contacts have one identity in two spellings."""
        spelled: list[set[Any]] = []
        for contact in (one, other):
            identities = [n for c in self.model.group(contact) for n in self.model.rows("identity", contact=c)]
            get = self.model.get
            spelled.append(
                {(get("identity", n, "channel"), get("identity", n, "key").lower()) for n in identities}
            )
        return not spelled[0].isdisjoint(spelled[1])

    def do_merge(
        self, one: int, other: int, plan: Callable[[], Any], chosen: dict[Any, Any], survivor: int
    ) -> None:
        def apply() -> None:
            planned = plan()
            texts = {row.field: row.result for row in planned.rows}
            planned.apply()
            merged = self.ws.contacts[one]
            for name in ("first_name", "last_name", "email", "assignee"):
                assert texts[name] == getattr(merged, name)
            assert (texts["tags"] or "") == ", ".join(merged.tags)

        lost = other if survivor == one else one
        self.do(apply, lambda _: self.model.merge(self._newest(), survivor, lost, chosen), "merge", OWN)

    @rule(n=n_th, m=n_th, survivor=st.sampled_from([None, 0, 1]), keep=keeps, is_stepwise=st.booleans())
    def merge(self, n: int, m: int, survivor: int | None, keep: dict[str, Any], is_stepwise: bool) -> None:
        one, other = self.one(n), self.one(m)
        if one == other or self.are_alike(one, other):
            self.refused(lambda: self.ws.plan_merge(one, other), CannotMerge)
            return
        born = sorted((one, other), key=lambda c: (self.model.get("contact", c, "created_at"), c))
        stays = born[0] if survivor is None else (one, other)[survivor]
        given, chosen = self.kept(keep, stays, other if stays == one else one)
        asked: dict[str, Any] = {} if survivor is None else {"survivor": stays}

        def plan() -> Any:
            if is_stepwise:
                return self.ws.plan_merge(one, other).choose(**asked).choose(keep=given)
            return self.ws.plan_merge(one, self.ws.contacts[other], **asked, keep=given)

        self.do_merge(one, other, plan, chosen, stays)

    @precondition(lambda self: len(self.model.living()) > 1)
    @rule(n=n_th, m=st.integers(1, 11))
    def merge_simply(self, n: int, m: int) -> None:
        living = self.model.living()
        self.merge(n, (n + 1 + m % (len(living) - 1)) % len(living), None, {}, is_stepwise=False)

    @precondition(lambda self: self.model.rows("merge"))
    @rule(n=n_th, by=st.sampled_from(["absorbed", "operation", "survivor"]))
    def unmerge(self, n: int, by: str) -> None:
        merges = self.model.rows("merge")
        merge = merges[n % len(merges)]
        survivor, absorbed = (self.model.get("merge", merge, column) for column in ("contact", "absorbed"))
        named: Any = {"absorbed": absorbed, "operation": self.ws.history[merge], "survivor": survivor}[by]
        if by == "survivor":
            # One that was merged away means its own merge; else there has to be just one that may be meant.
            own = self.model.merge_of(survivor)
            if own is None and len(self.model.rows("merge", contact=survivor)) > 1:
                self.refused(lambda: self.ws.plan_unmerge(named), CannotMerge)
                return
            merge = own or merge
        before = len(self.operations)
        self.do(lambda: self.apply_unmerge(named), lambda _: self.model.unmerge(merge), "unmerge", merge)
        # It is the undo of the merge.
        (merging,) = (one for one in self.operations if one.id == merge)
        for made in self.operations[before:]:
            made.undoes = merging
            merging.mark_undone(made)

    def apply_unmerge(self, named: Any) -> None:
        """Unmerge, and see that both are what the plan said they would be."""
        plan = self.ws.plan_unmerge(named)
        assert not plan.since_frame().empty or not len(plan.since)
        plan.apply()
        for profile in (plan.survivor, plan.other):
            contact = self.ws.contacts[profile.id]
            assert profile.name == contact.name
            assert sorted(profile.tags) == sorted(contact.tags)
            assert len(profile.channels) == len(contact.channels)
            assert profile.messages == contact.message_count()
            assert profile.comments == len(contact.comments())

    @precondition(lambda self: self.model.rows("merge"))
    @rule(n=n_th, m=n_th)
    def refuse_to_merge(self, n: int, m: int) -> None:
        """One that was merged away can't be merged, nor can one that isn't there."""
        merges = self.model.rows("merge")
        absorbed = self.model.get("merge", merges[n % len(merges)], "absorbed")
        self.refused(lambda: self.ws.plan_merge(absorbed, self.one(m)), CannotMerge)
        self.refused(lambda: self.ws.plan_merge(self.one(m), 999_999), ContactNotFound)

    @precondition(lambda self: len(self.model.living()) > 1)
    @rule(n=n_th, m=st.integers(1, 11), which=st.booleans(), tag=names, comment=st.booleans())
    def merge_after_a_change(self, n: int, m: int, which: bool, tag: str, comment: bool) -> None:
        """A plan is outdated by a change of either contact, but not by what is said of it."""
        living = self.model.living()
        one, other = living[n % len(living)], living[(n + 1 + m % (len(living) - 1)) % len(living)]
        if self.are_alike(one, other):
            return
        plan = self.ws.plan_merge(one, other, survivor=one)
        changed = self.ws.contacts[one if which else other]
        if comment:
            self.do(lambda: changed.comment("Note"), lambda at: self.model.comment([changed.id], at, "Note"))
            self.do_merge(one, other, lambda: plan, {}, one)
        elif tag.lower() not in map(str.lower, changed.tags):
            self.do(lambda: changed.tag(tag), lambda _: self.model.tag([changed.id], [tag]))
            self.refused(plan.apply, PlanOutdated)

    # Contacts, looked up by any id of theirs.

    def look_up(self, n: int, m: int) -> tuple[Any, list[int]]:
        contact = self.one(n)
        return self.ws.contacts[self.named(m, contact)], [contact]

    @precondition(lambda self: len(self.model.rows("contact")) < 8)
    @rule(values=profiles, tags=st.lists(names, max_size=1))
    def add_contact(self, values: dict[str, Any], tags: list[str]) -> None:
        columns, fields = self.values({"first_name": "Zoë"} | values)
        columns["first_name"] = columns["first_name"] or "Ann"
        made: list[int] = []
        given = {name: value for name, value in columns.items() if value and name != "phone_e164"}
        self.do(
            lambda: made.append(self.ws.add_contact(**given, tags=tags, fields=fields).id),
            lambda at: self.model.add_contact(made[0], at, tags, fields, **columns),
        )

    @rule(n=n_th, m=n_th, values=profiles | single_values)
    def update(self, n: int, m: int, values: dict[str, Any]) -> None:
        contact, ids = self.look_up(n, m)
        columns, fields = self.values(values)
        given = {name: value for name, value in columns.items() if name != "phone_e164"}
        self.do(lambda: contact.update(**given, fields=fields), lambda _: self.model.update(ids, columns, fields))

    @rule(n=n_th, m=n_th, tags=st.lists(names, min_size=1, max_size=2), everyone=st.booleans())
    def tag(self, n: int, m: int, tags: list[str], everyone: bool) -> None:
        contacts, ids = (self.ws.contacts, self.model.living()) if everyone else self.look_up(n, m)
        self.do(lambda: contacts.tag(*tags), lambda _: self.model.tag(ids, tags))

    @rule(n=n_th, m=n_th, which=n_th)
    def untag(self, n: int, m: int, which: int) -> None:
        if tags := self.model.rows("tag"):
            name = self.model.get("tag", tags[which % len(tags)], "name")
            contact, ids = self.look_up(n, m)
            self.do(lambda: contact.untag(name), lambda _: self.model.untag(ids, [name]))

    @rule(n=n_th, m=n_th, user=st.sampled_from([ME, BO, None]), team=st.sampled_from(["Sales", "Care", None]))
    def assign(self, n: int, m: int, user: str | None, team: str | None) -> None:
        contact, ids = self.look_up(n, m)
        values = {
            name: value
            for name, value in (("assignee", user), ("team", team))
            if value is None or self.can_be(name, value)
        }
        given = {{"assignee": "user"}.get(name, name): value for name, value in values.items()}
        if given:
            columns = {name: self.number_of(name, value) for name, value in values.items()}
            self.do(lambda: contact.assign(**given), lambda _: self.model.update(ids, columns, {}))

    @rule(
        n=n_th, m=n_th, what=st.sampled_from(["open", "close", "comment"]), text=st.sampled_from(["Note", "Call"])
    )
    def talk(self, n: int, m: int, what: str, text: str) -> None:
        contact, ids = self.look_up(n, m)
        if what == "open":
            self.do(contact.open_conversation, lambda at: self.model.open_conversations(ids, at))
        elif what == "comment":
            self.do(lambda: contact.comment(text), lambda at: self.model.comment(ids, at, text))
        else:
            said = {"category": text, "summary": None}
            self.do(
                lambda: contact.close_conversation(text),
                lambda at: self.model.close_conversations(ids, at, **said),
            )

    @rule(given=st.lists(drafts, min_size=1, max_size=3), new=st.booleans())
    def record_messages(self, given: list[Any], new: bool) -> None:
        get = self.model.get
        known = [
            (
                get("channel", get("identity", n, "channel"), "name"),
                *(get("identity", n, c) for c in ("identifier", "key")),
            )
            for n in self.model.rows("identity")
        ]
        some = [*known, *IDENTITIES] if new and len(self.model.rows("contact")) < 8 else known
        log = []
        for which, incoming, text, sent_at, is_named, is_sent in given:
            channel, identifier, key = some[-1 - which % len(some)]
            sender = BO if is_sent and not incoming and self.can_be("assignee", BO) else None
            name = f"Friend {key}" if is_named else None
            log.append(Draft(channel, identifier, key, incoming, text, sent_at, name, sender))
        records = [
            {name: value for name, value in draft._asdict().items() if name not in ("key", "incoming")}
            | {"direction": "incoming" if draft.incoming else "outgoing"}
            for draft in log
        ]
        before = set(self.model.rows("contact"))
        self.do(
            lambda: self.ws.record_messages(records),
            lambda at: self.model.record(log, sorted(set(self.ws.contacts.ids().tolist()) - before), at),
        )

    @rule(n=n_th, name=st.sampled_from(["late1", "late2"]))
    def add_identity(self, n: int, name: str) -> None:
        """One that is made on a merged contact is that contact's own."""
        contact = self.one(n)
        if not self.model.rows("identity", key=name):
            rows = pd.DataFrame({"id": [str(contact)], "channel:Web": [name]}, dtype="str")
            plan = self.ws.plan_import(rows, match_on="id", purpose="update_only", progress=False)
            self.do(lambda: plan.apply(progress=False), lambda _: self.add_identity_of(contact, "Web", name, name))

    @precondition(lambda self: len(self.model.living()) > 3)
    @rule(n=n_th, m=n_th)
    def delete(self, n: int, m: int) -> None:
        contact, ids = self.look_up(n, m)
        gone = set(self.model.group(ids[0]))
        rows = {("contact", one) for one in gone}
        was = list(self.operations)
        self.do(contact.delete, lambda _: self.model.delete(ids), "delete")
        for one in was:  # its history is gone too
            one.changes = {
                cell: both for cell, both in one.changes.items() if rows.isdisjoint(self.model.chain(cell[:2]))
            }
            one.is_forgotten = one.is_forgotten or bool(one.contacts & gone)
        self.refused(lambda: self.ws.plan_merge(min(gone), self.one(0)), ContactNotFound)

    @rule(kind=st.sampled_from(["tag", "field", "user", "team", "choice"]), n=n_th, often=n_th)
    def remove(self, kind: str, n: int, often: int) -> None:
        """Now and then what merges may have to give back goes."""
        model = self.model
        if kind == "choice":
            self.remove_choice(n)
            return
        rows = [one for one in model.rows(kind) if model.get(kind, one, "email") != ME]
        if rows and not often:
            row = rows[n % len(rows)]
            name = model.get(kind, row, {"user": "email", "field": "slug"}.get(kind, "name"))
            listing: Any = getattr(self.ws, f"{kind}s")
            self.do(lambda: listing.remove(name), lambda _: model.remove(kind, row), "remove")

    def remove_choice(self, n: int) -> None:
        model = self.model
        field = model.named("field", "plan", "slug")
        allowed = list(model.get("field", field, "allowed") or ())
        if field is None or len(allowed) < 2:
            return
        allowed.pop(n % len(allowed))
        before = dict(model.cells)
        can = model.respell(field, allowed)
        model.cells = before

        def call() -> object:
            return self.ws.fields.update("plan", allowed=allowed)

        if can:
            self.do(call, lambda _: model.respell(field, allowed), "remove")
        else:
            self.refused(call, InvalidValue)

    # History.

    def take_back(self, undone: MergingOperation) -> None:
        way = undoing(self.model, undone, self.operations)
        if way is None:
            return
        operation = self.ws.history[undone.id]
        if way.refused:
            self.refused(operation.undo, CannotUndo)
            return
        before = self._copy()
        try:
            operation.undo()
        except CannotUndo:
            assert way.doubtful
            self.refused(operation.undo, CannotUndo)
            return
        self.model.cells = way.cells
        made = MergingOperation(self._newest(), "undo", before.cells, dict(way.cells), undone)
        self.keep(made, before, undone.merge if undone.effect else None)
        undone.mark_undone(made)
        self.compare()

    @precondition(lambda self: self.operations)
    @rule(n=st.integers(0, 3) | st.integers(0, 30))
    def undo(self, n: int) -> None:
        self.take_back(self.operations[-1 - n % len(self.operations)])

    @precondition(lambda self: any(one.effect for one in self.operations))
    @rule(n=n_th)
    def undo_merging(self, n: int) -> None:
        merging = [one for one in self.operations if one.effect]
        self.take_back(merging[-1 - n % len(merging)])


def test_whatever_is_merged_and_unmerged_is_that_of_the_plain_model(new_workspace: Workspaces) -> None:
    class OnOne(Steps):
        def __init__(self) -> None:
            super().__init__(new_workspace)

    few = settings(deadline=None, max_examples=3, stateful_step_count=20, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(OnOne, settings=few)
