"""What every import keeps to, whatever the workspace and the file: done once, and taken back exactly."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts_nb.workspace import Workspace

NAMES = ["Ann", "Anna", "Bo", ""]
PHONES = ["112", "+442079460958", "020 7946 0958", "+44 20 7946 0959", "none", ""]
EMAILS = ["ann@example.org", "ANN@example.org", "bo@example.org", "no address", ""]
COUNTRIES = ["GB", "Germany", "Atlantis", ""]
TAGS = ["vip", "VIP, new", ""]
PLANS = ["gold", "Silver", "lead", ""]
IDENTITIES = ["user 1", "user 2", "user 1 ::: user 3", ""]
IDS = ["1", "2", "9", "x", ""]

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": st.sampled_from(NAMES),
            "phone": st.sampled_from(PHONES),
            "email": st.sampled_from(EMAILS),
            "country": st.sampled_from(COUNTRIES),
            "tags": st.sampled_from(TAGS),
            "plan": st.sampled_from(PLANS),
            "channel:Chat": st.sampled_from(IDENTITIES),
            "id": st.sampled_from(IDS),
        }
    ),
    max_size=6,
)
OPTIONS = st.fixed_dictionaries(
    {
        "match_on": st.sampled_from(["phone", "email", "id", "channel:Chat", ("phone", "email"), ("id", "phone")]),
        "purpose": st.sampled_from(["add_only", "update_only", "add_and_update", "add_all"]),
        "do_not_overwrite": st.sampled_from([(), True, ("country", "phone")]),
        "tags": st.sampled_from([(), ("imported",)]),
    }
)


def content(ws: Workspace) -> dict[str, Any]:
    """All that an import can change."""
    people = {}
    for number in ws.contacts.ids().tolist():
        one = ws.contacts[number]
        people[number] = (
            one.first_name, one.phone, one.phone_e164, one.email, one.country, set(one.tags), one.fields,
            {(channel.channel, channel.identifier) for channel in one.channels},
        )  # fmt: skip
    return {"people": people, "tags": {tag.name for tag in ws.tags}, "fields": [field.slug for field in ws.fields]}


def actions(ws: Workspace, table: pd.DataFrame, options: dict[str, Any]) -> list[tuple[int, str]]:
    frame = ws.plan_import(table, progress=False, **options).to_frame()
    return list(zip(frame["line"], frame["action"], strict=True))


@settings(max_examples=10)
@given(before=ROWS, rows=ROWS.filter(bool), options=OPTIONS)
def test_an_import_is_done_once_and_can_be_taken_back(new_workspace, before, rows, options):
    columns = ["first_name", "phone", "email", "country", "tags", "plan", "channel:Chat", "id"]
    with new_workspace() as ws:
        ws.update(phone_region="GB")
        ws.channels.add("Chat", "webchat")
        ws.fields.add("Plan", "list", allowed=["Gold", "Silver"])
        if before:
            ws.plan_import(pd.DataFrame(before, columns=columns, dtype="str"), progress=False).apply(
                progress=False
            )
        was = content(ws)
        # An id that nobody has yet might be given to a contact that this very import makes.
        strangers = {text: "999999" for text in IDS if text.isdigit() and int(text) not in was["people"]}
        table = pd.DataFrame(
            [row | {"id": strangers.get(row["id"], row["id"])} for row in rows], columns=columns, dtype="str"
        )
        plan = ws.plan_import(table, progress=False, **options)
        assert content(ws) == was
        planned = plan.to_frame()
        done = plan.apply(progress=False)
        assert ws.check() == []
        after = content(ws)
        assert len(after["people"]) == len(was["people"]) + plan.counts["create"]
        changed = {number for number, one in was["people"].items() if after["people"][number] != one}
        assert changed == {int(number) for number in planned.loc[planned["action"] == "update", "contact"]}

        # Nothing is left to do, and what was rejected stays so.
        rejected = {
            line for line, action in zip(planned["line"], planned["action"], strict=True) if action == "reject"
        }
        again = actions(ws, table, options)
        assert {line for line, action in again if action in ("create", "update")} == set()
        assert rejected <= {line for line, action in again if action == "reject"}

        if done.operation.id is not None:
            done.undo()
        assert content(ws) == was
        assert ws.check() == []
