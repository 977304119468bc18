"""Any sequence of operations, taken back one by one, goes through the same states backwards."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb.workspace import Workspace
from contacts_nb.workspace.history import Operation
from tests.workspace.test_changes import message, seen

Step = Callable[[Workspace, int], object]
STEPS: dict[str, Step] = {
    "add": lambda ws, n: ws.add_contact(first_name=f"Ann{n}", tags=[f"t{n}"], fields={"visits": n}),
    "tag all": lambda ws, n: ws.contacts.tag(f"t{n}"),
    "untag": lambda ws, n: ws.contacts.untag(f"t{n}") if f"t{n}" in ws.tags else None,
    "rename some": lambda ws, n: ws.contacts.search("ann").update(
        last_name=f"Smith{n}", email=f"A{n}@Example.org"
    ),
    "empty": lambda ws, _: ws.contacts.update(last_name=None, fields={"visits": None}),
    "value": lambda ws, n: ws.contacts.search(f"t{n}").update(fields={"visits": n / 3}),
    "assign": lambda ws, n: ws.contacts.assign(team="Sales" if n else None),
    "open": lambda ws, _: ws.contacts.open_conversation(),
    "close": lambda ws, n: ws.contacts.close_conversation(f"kind {n}"),
    "comment": lambda ws, n: ws.contacts.search("ann").comment(f"Note {n}"),
    "record": lambda ws, n: ws.record_messages([message(n), message(n + 1, identifier=f"id {n}")]),
    "drop tag": lambda ws, n: ws.tags.remove(f"t{n}") if f"t{n}" in ws.tags else None,
    "recolour": lambda ws, n: ws.tags.update(f"t{n}", colour="red") if f"t{n}" in ws.tags else None,
    "drop field": lambda ws, _: ws.fields.remove("visits") if "visits" in ws.fields else None,
}


def state(ws: Workspace) -> object:
    tags = [(tag.name, tag.colour, tag.contacts) for tag in ws.tags]
    return seen(ws), tags, [field.slug for field in ws.fields], [team.name for team in ws.teams]


@settings(deadline=None, max_examples=7)
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 2)), min_size=1, max_size=8))
def test_undos_go_back_through_every_state(new_workspace, steps):
    with new_workspace() as ws:
        ws.teams.add("Sales")
        ws.channels.add("Shop", "custom")
        ws.fields.add("Visits", "number")
        ws.add_contact(first_name="Ann", phone="+44 20 7946 0958")
        before: list[tuple[Operation, object]] = []
        for name, number in steps:
            was, last = state(ws), int(ws.history(1)["id"][0])
            if "visits" not in ws.fields and name in ("add", "empty", "value"):
                continue
            STEPS[name](ws, number)
            newest = int(ws.history(1)["id"][0])
            if newest != last:
                before.append((ws.history[newest], was))
        assert ws.check() == []
        for operation, was in reversed(before):
            operation.undo()
            assert state(ws) == was, operation
        assert ws.check() == []
