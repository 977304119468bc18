"""What is exported is imported as it was, and importing it again changes nothing; on both databases."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts_nb.model.places import countries, languages
from contacts_nb.workspace import Workspace
from contacts_nb.workspace import open as open_workspace
from tests.conftest import Workspaces

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)
AWKWARD = st.text("=+-@'\",;:\\|\t\r\n a_x0041", min_size=1, max_size=8)
NAME = st.none() | TEXT | AWKWARD
# What a vCard can say: it has no room for control characters.
CARD_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=8
) | st.text("=+-@'\",;:\\|^ a\n", min_size=1, max_size=8)
PHONES = [
    None,
    "020 7946 0958",
    "+442079460958",
    "+44 (0)20 7946 0959",
    "112",
    "-123",
    "(020) 1/2",
    "+49 30 12345",
]
EMAILS = [None, "Ann@Example.org", "o'neil@example.org", "=ann@example.org", "ann@example.org"]
FIELDS = {
    "note": TEXT | AWKWARD,
    "plan": st.sampled_from(["Gold", 'Sil"ver', "=1+1"]),
    "active": st.booleans(),
    "seats": st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9).map(lambda number: round(number, 3)),
    "mail": st.sampled_from(["a@example.org", "B@example.org"]),
    "site": st.sampled_from(["https://example.org/?a=1,2;3", "http://example.org"]),
    "born": st.dates(),
    "at": st.times().map(lambda time: time.replace(microsecond=0)),
}


def people(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Contacts as they may be; identities are numbered, because nobody has that of another."""
    fields = FIELDS | {"note": text}
    one = st.fixed_dictionaries(
        {
            "first_name": st.none() | text,
            "last_name": st.none() | text,
            "phone": st.sampled_from(PHONES),
            "email": st.sampled_from(EMAILS),
            "country": st.none() | st.sampled_from(list(countries())),
            "language": st.none() | st.sampled_from(list(languages())),
            "picture": st.none() | st.just("https://example.org/a.png"),
            "tags": st.lists(text, max_size=3),
            "assignee": st.none() | st.just("ana@acme.example"),
            "team": st.none() | st.just("Sales; North"),
            "fields": st.fixed_dictionaries({}, optional=fields),
            "identities": st.integers(0, 2),
        }
    )
    return st.lists(one.map(someone), min_size=1, max_size=5)


def someone(values: dict[str, Any]) -> dict[str, Any]:
    known = any((values[key] or "").strip() for key in ("first_name", "last_name", "phone", "email"))
    return values if known else values | {"first_name": "Ann"}


@contextmanager
def with_owner(new_workspace: Workspaces) -> Iterator[Workspace]:
    with new_workspace() as bare:
        bare.users.add("ana@acme.example", role="owner")
        with open_workspace(bare.address, user="ana@acme.example") as ws:
            yield ws


def set_up(ws: Workspace) -> None:
    ws.update(phone_region="GB")
    ws.channels.add("Shop: SMS", "sms")
    ws.channels.add("Chat", "webchat")
    ws.teams.add("Sales; North")
    for slug, kind in (
        ("note", "text"), ("plan", "list"), ("active", "checkbox"), ("seats", "number"), ("mail", "email"),
        ("site", "url"), ("born", "date"), ("at", "time"),
    ):  # fmt: skip
        ws.fields.add(slug, kind, allowed=["Gold", 'Sil"ver', "=1+1"] if kind == "list" else ())


def fill(ws: Workspace, drawn: list[dict[str, Any]]) -> None:
    for number, person in enumerate(drawn):
        values = dict(person)
        count = values.pop("identities")
        added = ws.add_contact(**values)
        if count:
            row = {"id": str(added.id), "channel:Chat": " ::: ".join(f"user {number}-{n}" for n in range(count))}
            if count == 2:
                row["channel:Shop: SMS"] = f"+4420794600{number:02}"
            ws.plan_import(pd.DataFrame([row]), match_on="id").apply()


def content(ws: Workspace) -> list[tuple[Any, ...]]:
    found = []
    for number in ws.contacts.ids().tolist():
        one = ws.contacts[number]
        found.append(
            (
                one.first_name, one.last_name, one.phone, one.phone_e164, one.email, one.country, one.language,
                one.picture, set(one.tags), one.assignee, one.team, one.fields,
                {(channel.channel, channel.identifier) for channel in one.channels},
            )
        )  # fmt: skip
    return found


@pytest.mark.parametrize("kind", ["csv", "xlsx", "vcf"])
@settings(deadline=None, max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_is_exported_is_imported_as_it_was(new_workspace, kind, data):
    drawn = data.draw(people(CARD_TEXT if kind == "vcf" else TEXT | AWKWARD))
    with (
        tempfile.TemporaryDirectory() as folder,
        with_owner(new_workspace) as one,
        with_owner(new_workspace) as two,
    ):
        set_up(one)
        set_up(two)
        fill(one, drawn)
        file = Path(folder, f"all.{kind}")
        exports: dict[str, Callable[..., int]] = {
            "csv": one.contacts.to_csv,
            "xlsx": one.contacts.to_xlsx,
            "vcf": one.contacts.to_vcard,
        }
        assert exports[kind](file, progress=False) == len(drawn)
        plan = two.plan_import(file, progress=False)
        assert plan.counts["create"] == len(drawn), plan.to_frame()[["action", "reason"]]
        done = plan.apply(progress=False)
        assert content(two) == content(one)
        again = two.plan_import(file, progress=False)
        assert again.counts["skip"] == len(drawn), again.to_frame()[["action", "reason"]]
        assert two.check() == []
        done.undo()
        assert content(two) == []
        assert two.check() == []
