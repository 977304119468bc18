"""Frames of chosen columns and of odd values: every cell as it is stored, in its type, on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert
from sqlalchemy.engine import Engine

import contacts_nb as cn
from contacts_nb import F
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import FieldType
from contacts_nb.queries.frame_columns import STANDARD
from contacts_nb.store.schema import (
    channels,
    contact_channels,
    contact_states,
    contact_tags,
    contacts,
    field_values,
    tags,
)
from contacts_nb.workspace import Workspace
from tests.filter_strategies import WRITABLE

AT = datetime(2026, 3, 2, 12, 0, 0, 123_000, UTC)
OWNER = "ana@example.org"
CUSTOM = {
    "note": "str",
    "plan": "str",
    "ticked": "boolean",
    "mail": "str",
    "seats": "float64",
    "site": "str",
    "birthday": "datetime64[s]",
    "call_at": "str",
}
CUSTOM_TYPES = dict(
    zip(CUSTOM, ("text", "list", "checkbox", "email", "number", "url", "date", "time"), strict=True)
)
ODD = ["", " ", "NULL", "+5732", "007", "1e5", "👩‍👩‍👧", "a\nb", '"', "'"]
NAMES = st.none() | st.sampled_from(ODD) | st.text(WRITABLE, max_size=255)
TEXTS = NAMES | st.just("Ω𝄞" * 20_000)
MOMENTS = st.none() | st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001 - made UTC below
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)
NUMBERS = st.integers(-(2**53), 2**53).map(float) | st.floats(allow_nan=False, allow_infinity=False)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "profile_name": TEXTS.map(lambda text: text or ""),
            "first_name": NAMES,
            "last_name": st.none(),
            "created_at": MOMENTS.map(lambda moment: moment or AT),
            "last_interaction": MOMENTS,
            "conversation_open": st.booleans(),
            "tags": st.lists(st.sampled_from([1, 2, 3]), unique=True),
            "channels": st.lists(st.tuples(st.integers(1, 3), MOMENTS)),
            "note": TEXTS,
            "seats": st.none() | NUMBERS,
            "ticked": st.none() | st.booleans(),
            "birthday": st.none() | st.dates(),
        }
    ),
    max_size=8,
)
SOURCES = {1: "sms", 2: "line", 3: "sms"}


def furnish(workspace: Workspace) -> None:
    """A field of each type, three tags and three channels."""
    for slug, kind in CUSTOM_TYPES.items():
        workspace.fields.add(slug, kind, slug=slug, allowed=["Gold", "Silver"] if kind == "list" else ())
    with workspace._database.write() as connection:
        connection.execute(
            insert(tags), [{"id": n, "name": f"t{4 - n}", "name_key": f"t{4 - n}"} for n in (1, 2, 3)]
        )
        connection.execute(
            insert(channels),
            [
                {"id": n, "name": f"c{n}", "name_key": f"c{n}", "source": s, "created_at": AT}
                for n, s in SOURCES.items()
            ],
        )


def store(workspace: Workspace, people: list[dict[str, Any]]) -> None:
    """Contacts 1, 2, … with what `people` say, as no form would let them through."""
    ids = {field.slug: field.id for field in workspace.fields}
    with workspace._database.write() as connection:
        for number, person in enumerate(people, 1):
            names = ("profile_name", "first_name", "last_name", "created_at")
            plain = {name: person[name] for name in names}
            connection.execute(insert(contacts).values(id=number, sort_name="", **plain))
            connection.execute(
                insert(contact_states).values(
                    contact_id=number,
                    conversation_open=int(person["conversation_open"]),
                    last_interaction=person["last_interaction"],
                    last_channel_id=person["channels"][0][0] if person["channels"] else None,
                )
            )
            for tag in person["tags"]:
                connection.execute(insert(contact_tags).values(contact_id=number, tag_id=tag))
            for place, (channel, last) in enumerate(person["channels"]):
                connection.execute(
                    insert(contact_channels).values(
                        contact_id=number,
                        channel_id=channel,
                        identifier="x",
                        identifier_key=f"{number} {place}",
                        last_message_at=last,
                    )
                )
            for slug in ("note", "seats", "ticked", "birthday"):
                if (value := person[slug]) is not None:
                    number_ = float(value) if slug in ("seats", "ticked") else None
                    connection.execute(
                        insert(field_values).values(
                            contact_id=number, field_id=ids[slug], value=str(value), number=number_
                        )
                    )


def expected(person: dict[str, Any]) -> dict[str, Any]:
    """What the frame has for a person, in plain Python; None is missing."""
    latest_first = sorted(
        person["channels"], key=lambda one: (one[1] is None, -(one[1] - AT).total_seconds() if one[1] else 0)
    )
    return {
        "name": person["profile_name"],
        "first_name": person["first_name"],
        "last_name": None,
        "created_at": person["created_at"],
        "last_interaction": person["last_interaction"],
        "last_interacted_channel": f"c{person['channels'][0][0]}" if person["channels"] else None,
        "conversation_open": person["conversation_open"],
        "tags": sorted(f"t{4 - tag}" for tag in person["tags"]),
        "channels": list(dict.fromkeys(SOURCES[channel] for channel, _ in latest_first)),
        "note": person["note"],
        "seats": person["seats"],
        "ticked": person["ticked"],
        "birthday": person["birthday"],
    }


def plain(value: object) -> object:
    """A cell as plain Python has it."""
    if isinstance(value, list):
        return value
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime() if value.tzinfo else value.date()
    return value


@settings(deadline=None, max_examples=25)
@given(PEOPLE, st.booleans())
def test_every_cell_is_what_was_stored(new_workspace, people, descending):
    with new_workspace() as workspace:
        furnish(workspace)
        store(workspace, people)
        query = workspace.contacts.sort_by("id", descending=descending)
        frame = query.to_frame()
        wanted = [expected(person) for person in people]
        if descending:
            wanted.reverse()
        for name in wanted[0] if wanted else ():
            assert [plain(value) for value in frame[name].tolist()] == [row[name] for row in wanted], name
        assert {slug: str(frame[slug].dtype) for slug in CUSTOM} == CUSTOM
        pd.testing.assert_frame_equal(query.page(0, 100), frame)
        pd.testing.assert_frame_equal(query.page(1, 2), frame.iloc[1:3].reset_index(drop=True))


def test_columns_are_those_of_every_contact_and_then_custom_fields(workspace):
    furnish(workspace)
    assert list(workspace.contacts.to_frame()) == [*STANDARD, *CUSTOM]
    workspace.add_contact(first_name="Ann")
    before = workspace.contacts.to_frame()
    workspace.fields.remove("plan")
    assert list(workspace.contacts.to_frame()) == [name for name in before if name != "plan"]


def test_chosen_columns_come_in_the_order_asked_for(workspace):
    furnish(workspace)
    for name in ("Ann", "Bo"):
        workspace.add_contact(first_name=name, tags=["t1"], fields={"seats": 3, "plan": "Gold"})
    whole = workspace.contacts.to_frame()
    for chosen in (
        ["seats", "name"],
        ["id"],
        ["tags"],
        ["plan"],
        ["assignee", "id", "channels"],
        list(whole)[::-1],
    ):
        pd.testing.assert_frame_equal(workspace.contacts.to_frame(chosen), whole[chosen])
    pd.testing.assert_frame_equal(workspace.contacts.to_frame(iter(["id", "name"])), whole[["id", "name"]])


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["nmae"], "did you mean name"),
        (["zzzz"], "those are id, name, first_name"),
        (["id", "name", "id"], "is given twice"),
        ([], "at least one"),
        ("name", "is not a list of columns"),
        (7, "is not a list of columns"),
        ([7], "is not a column"),
        (["x" * 5000], "is not a column"),
    ],
)
def test_columns_that_cant_be_are_refused(workspace, columns, said):
    with pytest.raises(InvalidValue, match=said):
        workspace.contacts.to_frame(columns)


def test_assignee_team_and_times_are_those_of_the_contact(workspace):
    workspace.users.add(OWNER, role="owner")
    with cn.open(_address(workspace), user=OWNER) as opened:
        opened.teams.add("Support")
        ann = opened.add_contact(first_name="Ann", assignee=OWNER, team="Support")
        opened.add_contact(first_name="Bo")
        ann.open_conversation()
        chosen = ["assignee", "team", "conversation_open", "conversation_opened"]
        first, second = opened.contacts.to_frame(chosen).to_dict("records")
        record = opened.contacts[ann.id]
    assert record.conversation_opened is not None
    assert list(first.values()) == [OWNER, "Support", True, pd.Timestamp(record.conversation_opened)]
    assert [plain(value) for value in second.values()] == [None, None, False, None]


def test_a_frame_is_what_the_table_shows_whatever_was_filtered_searched_and_sorted(workspace):
    furnish(workspace)
    names = ("Ann", "Élodie", "王小明", "ann", "Bo 100%", "O'Neill")
    for number, name in enumerate(names * 3):
        workspace.add_contact(
            first_name=name,
            email=f"{number}@example.org" if number % 3 else None,
            country="GB" if number % 2 else None,
            tags=["t2", "t1"][: number % 3],
            fields={"plan": "Gold" if number % 4 else "Silver", "seats": number},
        )
    everyone = workspace.contacts
    queries = [
        everyone.search("ann"),
        everyone.search("o'n").sort_by("email", descending=True),
        everyone.where(F.tags.has_any("t1") & ~(F.country == "GB")).sort_by("name"),
        everyone.where(F["plan"] == "Gold").search("100%").sort_by("seats", descending=True),
        everyone.where((F.first_name.contains("%")) | (F.first_name == "王小明")).sort_by("country"),
        everyone.where(F.created_at.after(date(2020, 1, 1))).sort_by("last_interaction", descending=True),
        everyone.where(F.tags.has_none("t1", "t2")).sort_by("assignee"),
    ]
    for query in queries:
        rows, frame = query.rows(0, 1000), query.to_frame()
        assert rows
        assert frame["id"].tolist() == [row.id for row in rows]
        for name in ("name", "phone", "email", "country", "language", "last_interaction", "created_at"):
            assert [plain(value) for value in frame[name]] == [getattr(row, name) for row in rows]
        assert frame["tags"].tolist() == [list(row.tags) for row in rows]
        records = [workspace.contacts[row.id].fields for row in rows]
        assert [plain(value) for value in frame["plan"]] == [fields.get("plan") for fields in records]
        assert [plain(value) for value in frame["seats"]] == [fields.get("seats") for fields in records]


def test_lists_are_each_contacts_own(workspace):
    for name in ("Ann", "Bo"):
        workspace.add_contact(first_name=name)
    frame = workspace.contacts.to_frame()
    frame["tags"].iloc[0].append("changed")
    frame["channels"].iloc[0].append("changed")
    assert (frame["tags"].iloc[1], frame["channels"].iloc[1]) == ([], [])
    assert workspace.contacts.to_frame()["tags"].tolist() == [[], []]


def test_every_cell_can_be_set(workspace):
    furnish(workspace)
    values = {"note": "a", "plan": "Gold", "ticked": True, "mail": "a@example.org", "seats": 1}
    more = {"site": "https://example.org", "birthday": "2000-02-29", "call_at": "09:30"}
    for name in ("Ann", "Bo"):
        workspace.add_contact(first_name=name, fields=values | more)
    frame = workspace.contacts.to_frame()
    for name in frame:
        frame.loc[0, name] = frame.loc[1, name] if name not in {"tags", "channels"} else None
    assert frame.loc[0, "id"] == frame.loc[1, "id"]
    assert frame.loc[0, "created_at"] == frame.loc[1, "created_at"]


def test_more_contacts_than_are_named_one_by_one_have_what_is_theirs(workspace):
    furnish(workspace)
    moment = AT - timedelta(days=1)
    template: dict[str, Any] = {
        "last_name": None,
        "created_at": AT,
        "last_interaction": moment,
        "conversation_open": False,
    }
    people = [
        template
        | {"profile_name": f"{number % 7}", "first_name": None, "tags": [1 + number % 3], "channels": []}
        | {"note": f"n{number}", "seats": float(number), "ticked": None, "birthday": None}
        for number in range(1, 2_501)
    ]
    store(workspace, people)
    query = workspace.contacts.where(F.tags.has_any("t3", "t2")).sort_by("id", descending=True)
    frame = query.to_frame(["id", "tags", "note", "seats", "channels"])
    ids = [number for number in range(2_500, 0, -1) if number % 3 != 2]
    assert len(ids) > 1_000
    assert frame["id"].tolist() == ids
    assert frame["tags"].tolist() == [[f"t{3 - number % 3}"] for number in ids]
    assert frame["note"].tolist() == [f"n{number}" for number in ids]
    assert frame["seats"].tolist() == ids
    page = query.page(10, 1_500)[["id", "note", "tags"]]
    pd.testing.assert_frame_equal(page, frame.iloc[10:1_510][["id", "note", "tags"]].reset_index(drop=True))


def test_only_what_is_asked_for_is_read(workspace):
    workspace.add_contact(first_name="Ann", tags=["vip"])
    said: list[str] = []

    def listener(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", listener)
    try:
        workspace.contacts.to_frame(["name"])
    finally:
        event.remove(Engine, "before_cursor_execute", listener)
    assert not any(
        table in statement for statement in said for table in ("contact_tags", "contact_channels", "field_values")
    )


def test_every_type_of_field_has_its_column(workspace):
    assert set(CUSTOM_TYPES.values()) == set(FieldType)


def _address(workspace: Workspace) -> Any:
    from contacts_nb.store.address import address_of

    path = workspace._database.path
    return path if path is not None else address_of(workspace._database.address)
