import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select, func, insert, select

from contacts_nb.model.contact import Source
from contacts_nb.model.draft import drafted
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import FieldType
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.channels import add_channel, remove_channel, update_channel
from contacts_nb.operations.fields import add_field, remove_field, update_field
from contacts_nb.operations.recording import Recording, recorded
from contacts_nb.operations.settings_rows import KEEP
from contacts_nb.operations.tag import give, tag_ids
from contacts_nb.operations.tags import add_tag, remove_tag, update_tag
from contacts_nb.operations.values import set_value
from contacts_nb.operations.workspace_settings import update_workspace
from contacts_nb.queries.settings import all_channels, all_fields, all_tags, field_with, tag_with
from contacts_nb.store.cells import CHANNEL, FIELD, FIELDS, TAG, TAGS, WORKSPACE, Kind
from contacts_nb.store.schema import (
    changes,
    channels,
    contact_channels,
    contact_tags,
    contacts,
    field_values,
    fields,
    messages,
    operations,
    search_documents,
    tags,
)
from contacts_nb.store.schema import workspace as workspace_table
from contacts_nb.workspace import Workspace

NOW = datetime(2026, 3, 2, 12, 0, 0, 123_000, UTC)

# What no name may be, whatever it names.
BAD_NAMES = [
    ("", "is empty"),
    ("  ", "is empty"),
    (None, "is empty"),
    (7, "not a text"),
    ("a\x00", "NUL"),
    ("\ud800", "surrogate"),
    ("x" * 256, "256 characters"),
]


@contextmanager
def recording(workspace: Workspace) -> Iterator[Recording]:
    with workspace._database.write() as connection, recorded(connection, "add_tag", None, NOW) as ours:
        yield ours


def history(workspace: Workspace) -> list[tuple[Any, ...]]:
    """What the latest operation recorded."""
    statement = (
        select(changes.c.contact_id, changes.c.cell, changes.c.subject, changes.c.old, changes.c.new)
        .where(changes.c.operation_id == select(func.max(operations.c.id)).scalar_subquery())
        .order_by(changes.c.cell, changes.c.contact_id, changes.c.subject)
    )
    with workspace._database.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def everything(workspace: Workspace) -> list[Any]:
    with workspace._database.read() as connection:
        return [
            connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in (channels, tags, fields, workspace_table, field_values, contact_tags, operations, changes)
        ]


@contextmanager
def refused(workspace: Workspace, field: str, value: object, rule: str) -> Iterator[None]:
    """The block raises an error about `field`, and changes nothing."""
    before = everything(workspace)
    with pytest.raises(InvalidValue, match=rule) as caught:
        yield
    assert (caught.value.field, caught.value.value) == (field, value)
    assert everything(workspace) == before


def added_people(workspace: Workspace, *names: str) -> list[int]:
    with recording(workspace) as ours:
        return added_contacts(ours, [drafted(first_name=name) for name in names])


def only(contact_id: int) -> Select[int]:
    return select(contacts.c.id).where(contacts.c.id == contact_id)


def code(kind: Kind, name: str) -> int:
    return next(cell.code for cell in kind.cells if cell.name == name)


@pytest.fixture
def shop(workspace):
    with recording(workspace) as ours:
        return add_channel(ours, " Shop ", "WhatsApp")


@pytest.fixture
def vip(workspace):
    with recording(workspace) as ours:
        return add_tag(ours, " VIP ", "#fa0", "Buys often")


@pytest.fixture
def plan(workspace):
    with recording(workspace) as ours:
        return add_field(ours, " Plan ", "List", allowed=["Gold", "Silver", "Cafe"])


def test_a_channel_is_added(workspace, shop):
    assert (shop.name, shop.source, shop.created_at) == ("Shop", Source.WHATSAPP, NOW)
    assert history(workspace) == [(0, CHANNEL.anchor, shop.id, None, "1")]


@pytest.mark.parametrize(("name", "rule"), [*BAD_NAMES, ("SHÓP", "is taken")])
def test_bad_names_of_channels_are_refused(workspace, shop, name, rule):
    with refused(workspace, "channel", name, rule), recording(workspace) as ours:
        add_channel(ours, name, "sms")
    with recording(workspace) as ours:
        other = add_channel(ours, "Other", "sms")
    with refused(workspace, "channel", name, rule), recording(workspace) as ours:
        update_channel(ours, other, name)


@pytest.mark.parametrize("source", ["pigeon", None, 7, "\x00"])
def test_an_unknown_source_is_refused(workspace, source):
    with refused(workspace, "source", source, "none of the choices|not a text|NUL"), recording(workspace) as ours:
        add_channel(ours, "Shop", source)


def test_a_channel_is_renamed_in_its_own_spelling_too(workspace, shop):
    with recording(workspace) as ours:
        assert update_channel(ours, shop, "SHOP").name == "SHOP"
    assert history(workspace) == [(0, code(CHANNEL, "name"), shop.id, "Shop", "SHOP")]


def test_what_was_written_on_a_removed_channel_stays(workspace, shop):
    (ann,) = added_people(workspace, "Ann")
    identity = {"id": 1, "contact_id": ann, "channel_id": shop.id, "identifier": "112", "identifier_key": "112"}
    message = {"contact_channel_id": 1, "sent_at": NOW, "number": 0, "incoming": 1, "text": "Hello"}
    with workspace._database.write() as connection:
        connection.execute(insert(contact_channels).values(identity))
        connection.execute(insert(messages).values(message))
    with recording(workspace) as ours:
        remove_channel(ours, shop)
    assert history(workspace) == [(0, CHANNEL.anchor, shop.id, "1", None)]
    with workspace._database.read() as connection:
        assert all_channels(connection) == []
        assert connection.execute(select(channels.c.removed_at)).scalar_one() == NOW
        assert connection.execute(select(messages.c.text)).scalar_one() == "Hello"
        assert connection.execute(select(contact_channels.c.channel_id)).scalar_one() == shop.id
    with recording(workspace) as ours:
        assert add_channel(ours, "Shop", "sms").id > shop.id


def test_a_tag_is_added(workspace, vip):
    assert (vip.name, vip.colour, vip.description, vip.contacts) == ("VIP", "#ffaa00", "Buys often", 0)
    assert history(workspace) == [(0, TAGS.anchor, vip.id, None, "1")]


@pytest.mark.parametrize(("name", "rule"), [*BAD_NAMES, (" vip", "is taken"), ("Víp", "is taken")])
def test_bad_names_of_tags_are_refused(workspace, vip, name, rule):
    value = name.strip() if rule == "is taken" else name
    with refused(workspace, "tag", value, rule), recording(workspace) as ours:
        add_tag(ours, name)
    with recording(workspace) as ours:
        other = add_tag(ours, "other")
    with refused(workspace, "tag", value, rule), recording(workspace) as ours:
        update_tag(ours, other, name=name)


@pytest.mark.parametrize(
    ("given", "field", "value", "rule"),
    [
        ({"colour": "reddish"}, "colour", "reddish", "is not a colour"),
        ({"colour": 7}, "colour", 7, "not a text"),
        ({"description": "a\x00"}, "description", "a\x00", "NUL"),
        ({"description": "\udfff"}, "description", "\udfff", "surrogate"),
        ({"description": "x" * 1_001}, "description", "x" * 1_001, "1,001 characters"),
        ({"description": ["x"]}, "description", ["x"], "not a text"),
    ],
)
def test_bad_looks_of_tags_are_refused(workspace, vip, given, field, value, rule):
    with refused(workspace, field, value, rule), recording(workspace) as ours:
        add_tag(ours, "new", **given)
    with refused(workspace, field, value, rule), recording(workspace) as ours:
        update_tag(ours, vip, **given)


def test_only_what_is_given_of_a_tag_changes(workspace, vip):
    with recording(workspace) as ours:
        changed = update_tag(ours, vip, name="Very important", colour=None)
    assert (changed.name, changed.colour, changed.description) == ("Very important", None, "Buys often")
    assert history(workspace) == [
        (0, code(TAGS, "name"), vip.id, "VIP", "Very important"),
        (0, code(TAGS, "name_key"), vip.id, "vip", "very important"),
        (0, code(TAGS, "colour"), vip.id, "#ffaa00", None),
    ]


def test_a_tag_that_stays_as_it_is_leaves_no_operation(workspace, vip):
    before = everything(workspace)
    with recording(workspace) as ours:
        update_tag(ours, vip, name="VIP", colour="#FFAA00")
    assert everything(workspace) == before
    assert repr(KEEP) == "KEEP"


def test_a_removed_tag_is_taken_off_all_contacts(workspace, vip):
    ann, bo, cy = added_people(workspace, "Ann", "Bo", "Cy")
    with recording(workspace) as ours:
        give(ours, select(contacts.c.id).where(contacts.c.id.in_([ann, bo])), tag_ids(ours, ["vip"]).values())
    with recording(workspace) as ours:
        give(ours, only(cy), tag_ids(ours, ["other"]).values())
    with recording(workspace) as ours:
        remove_tag(ours, tag_with(ours.connection, "vip"))
    assert history(workspace) == [
        (ann, TAG, vip.id, "1", None),
        (bo, TAG, vip.id, "1", None),
        (0, TAGS.anchor, vip.id, "1", None),
    ]
    with workspace._database.read() as connection:
        assert [(other.name, other.contacts) for other in all_tags(connection)] == [("other", 1)]
        assert connection.execute(select(tags.c.removed_at).where(tags.c.id == vip.id)).scalar_one() == NOW


def test_a_field_is_added(workspace, plan):
    assert (plan.slug, plan.name, plan.type) == ("plan", "Plan", FieldType.LIST)
    assert (plan.allowed, plan.created_at) == (("Gold", "Silver", "Cafe"), NOW)
    assert history(workspace) == [(0, FIELDS.anchor, plan.id, None, "1")]


def test_slugs_made_from_names_are_unique(workspace, plan):
    long = "x" * 64
    with recording(workspace) as ours:
        made = [add_field(ours, name).slug for name in ("Plan", "PLAN", "备注", "备注", long, long)]
    assert made == ["plan_2", "plan_3", "field", "field_2", long, "x" * 62 + "_2"]


def test_the_slug_of_a_removed_field_may_be_used_again(workspace, plan):
    with recording(workspace) as ours:
        remove_field(ours, plan)
        assert add_field(ours, "Plan").slug == "plan"


@pytest.mark.parametrize(
    ("given", "field", "value", "rule"),
    [
        *(({"name": name}, "name", name, rule) for name, rule in BAD_NAMES),
        ({"kind": "colour"}, "type", "colour", "none of the choices"),
        ({"kind": None}, "type", None, "none of the choices"),
        ({"slug": "plan"}, "slug", "plan", "is taken"),
        ({"slug": "Plan"}, "slug", "Plan", "is not a slug"),
        ({"slug": "email"}, "slug", "email", "standard field"),
        ({"slug": ""}, "slug", "", "is empty"),
        ({"slug": 7}, "slug", 7, "not a text"),
        ({"slug": "x" * 65}, "slug", "x" * 65, "65 characters"),
        ({"allowed": ["a"]}, "allowed", ["a"], "list fields only"),
        ({"kind": "list"}, "allowed", (), "has no values"),
        ({"kind": "list", "allowed": "Gold"}, "allowed", "Gold", "not a list"),
        ({"kind": "list", "allowed": ["é", "E"]}, "allowed", "E", "is there already"),
        ({"kind": "list", "allowed": ["\x00"]}, "allowed", "\x00", "NUL"),
    ],
)
def test_bad_fields_are_refused(workspace, plan, given, field, value, rule):
    with refused(workspace, field, value, rule), recording(workspace) as ours:
        add_field(ours, **{"name": "New", **given})


@pytest.mark.parametrize(
    ("given", "field", "value", "rule"),
    [
        *(({"name": name}, "name", name, rule) for name, rule in BAD_NAMES),
        ({"allowed": []}, "allowed", [], "has no values"),
        ({"allowed": None}, "allowed", None, "not a list"),
        ({"allowed": ["Gold", "gold"]}, "allowed", "gold", "is there already"),
    ],
)
def test_bad_changes_of_fields_are_refused(workspace, plan, given, field, value, rule):
    with refused(workspace, field, value, rule), recording(workspace) as ours:
        update_field(ours, plan, **given)


def test_a_field_is_renamed_and_keeps_its_slug(workspace, plan):
    with recording(workspace) as ours:
        changed = update_field(ours, plan, name="Contract", allowed=["Silver", "Gold", "Bronze", "Cafe"])
    assert (changed.slug, changed.name) == ("plan", "Contract")
    assert changed.allowed == ("Silver", "Gold", "Bronze", "Cafe")
    assert history(workspace) == [
        (0, code(FIELDS, "name"), plan.id, "Plan", "Contract"),
        (0, code(FIELDS, "allowed"), plan.id, json.dumps(plan.allowed), json.dumps(changed.allowed)),
    ]


def test_a_value_that_contacts_have_stays_allowed(workspace, plan):
    ann, bo = added_people(workspace, "Ann", "Bo")
    with recording(workspace) as ours:
        set_value(ours, only(ann), plan, "Gold")
    with (
        refused(workspace, "allowed", "Gold", "can't go, because 1 contact has it; give"),
        recording(workspace) as ours,
    ):
        update_field(ours, plan, name="Contract", allowed=["Silver"])
    with recording(workspace) as ours:
        set_value(ours, only(bo), plan, "Gold")
    with (
        refused(workspace, "allowed", "Gold", "can't go, because 2 contacts have it"),
        recording(workspace) as ours,
    ):
        update_field(ours, plan, allowed=["Silver"])
    with recording(workspace) as ours:
        assert update_field(ours, plan, allowed=["Gold"]).allowed == ("Gold",)


def test_contacts_follow_a_new_spelling_of_an_allowed_value(workspace, plan):
    ann, bo = added_people(workspace, "Ann", "Bo")
    with recording(workspace) as ours:
        set_value(ours, only(ann), plan, "Cafe")
        set_value(ours, only(bo), plan, "Gold")
    with recording(workspace) as ours:
        assert update_field(ours, plan, allowed=["Gold", "Café"]).allowed == ("Gold", "Café")
    assert history(workspace)[0] == (ann, FIELD, plan.id, "Cafe", "Café")
    assert len(history(workspace)) == 2
    with workspace._database.read() as connection:
        values = dict(connection.execute(select(field_values.c.contact_id, field_values.c.value)).all())
    assert values == {ann: "Café", bo: "Gold"}


def test_a_removed_field_takes_its_values_with_it(workspace, plan):
    ann, bo = added_people(workspace, "Ann", "Bo")
    with recording(workspace) as ours:
        seats = add_field(ours, "Seats", "number")
        set_value(ours, only(ann), plan, "Gold")
        set_value(ours, only(ann), seats, "12")
        set_value(ours, only(bo), plan, "Silver")
    with workspace._database.write() as connection:
        connection.execute(search_documents.update().values(text="gold silver"))
    with recording(workspace) as ours:
        remove_field(ours, field_with(ours.connection, "plan"))
    assert history(workspace) == [
        (ann, FIELD, plan.id, "Gold", None),
        (bo, FIELD, plan.id, "Silver", None),
        (0, FIELDS.anchor, plan.id, "1", None),
    ]
    with workspace._database.read() as connection:
        values = connection.execute(select(field_values.c.contact_id, field_values.c.value)).all()
        documents = connection.execute(select(search_documents.c.text)).scalars().all()
        assert values == [(ann, "12")]
        assert not any("gold" in text or "silver" in text for text in documents)
        assert [field.slug for field in all_fields(connection)] == ["seats"]
        assert connection.execute(select(fields.c.removed_at).where(fields.c.id == plan.id)).scalar_one() == NOW


def test_the_workspace_gets_other_settings(workspace):
    with recording(workspace) as ours:
        update_workspace(ours, name=" Acme Ltd ", time_zone="Europe/London", phone_region="gb")
    assert history(workspace) == [
        (0, code(WORKSPACE, "name"), 1, "Acme", "Acme Ltd"),
        (0, code(WORKSPACE, "time_zone"), 1, "UTC", "Europe/London"),
        (0, code(WORKSPACE, "phone_region"), 1, None, "GB"),
    ]
    with recording(workspace) as ours:
        update_workspace(ours, phone_region=None)
    assert history(workspace) == [(0, code(WORKSPACE, "phone_region"), 1, "GB", None)]
    with workspace._database.read() as connection:
        assert connection.execute(select(workspace_table)).one()[1:4] == ("Acme Ltd", "Europe/London", None)


@pytest.mark.parametrize(
    ("given", "field", "value", "rule"),
    [
        *(({"name": name}, "name", name, rule) for name, rule in BAD_NAMES),
        *(({"time_zone": zone}, "time zone", zone, "is not known") for zone in ("Mars", "../x", "Europe")),
        ({"time_zone": None}, "time zone", None, "is empty"),
        ({"time_zone": "\x00"}, "time zone", "\x00", "NUL"),
        ({"phone_region": "UK"}, "region", "UK", "not a phone region"),
        ({"phone_region": 44}, "region", 44, "not a text"),
    ],
)
def test_bad_settings_of_the_workspace_are_refused(workspace, given, field, value, rule):
    with refused(workspace, field, value, rule), recording(workspace) as ours:
        update_workspace(ours, **{"name": "New", **given})
