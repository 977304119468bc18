"""All messages of a set as one frame: every cell as it is stored, whoever's they are by now, on both databases."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from contacts_nb import F
from contacts_nb.model.errors import NotAllowed, NotFound
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access

AT = datetime(2026, 3, 2, 12, 0, 0, 123_000, UTC)
TYPES = {
    "contact_id": "int64",
    "sent_at": "datetime64[ms, UTC]",
    "channel": "str",
    "source": "str",
    "incoming": "bool",
    "text": "str",
    "sender": "str",
    "status": "str",
}
ANN, BO, CY = "+442079460958", "+442079460959", "cy@example.org"


def said(channel: str, identifier: str, minute: float, text: str, **others: str) -> dict[str, object]:
    """A message `minute` minutes after `AT`."""
    return {
        "channel": channel,
        "identifier": identifier,
        "direction": "incoming",
        "text": text,
        "sent_at": AT + timedelta(minutes=minute),
    } | others


@pytest.fixture
def talking(workspace: Workspace) -> Workspace:
    """Three contacts by what they wrote, and one who never did."""
    workspace.channels.add("Shop", "sms")
    workspace.channels.add("Support", "email")
    workspace.record_messages(
        [
            said("Shop", ANN, 0, "Hello 👋", profile_name="Ann"),
            said("Support", CY, 1, "Is it there?", profile_name="Cy"),
            said("Shop", ANN, 3, "It is here\nalready", direction="outgoing", status="read"),
            said("Shop", BO, 2, "Good morning", profile_name="Bo"),
            said("Shop", ANN, 3, ""),  # at the same moment as the answer
        ]
    )
    workspace.add_contact(first_name="Dee")
    return workspace


def id_of(workspace: Workspace, name: str) -> int:
    return int(workspace.contacts.search(name).ids()[0])


def types_of(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


def test_all_messages_come_oldest_first_each_with_whose_it_is(talking):
    ann, bo, cy = (id_of(talking, name) for name in ("ann", "bo", "cy"))
    frame = talking.contacts.sort_by("name", descending=True).messages()
    minutes = (frame.pop("sent_at") - pd.Timestamp(AT)) / pd.Timedelta(minutes=1)
    assert minutes.tolist() == [0, 1, 2, 3, 3]
    assert frame.astype(object).where(frame.notna(), None).to_numpy().tolist() == [
        [ann, "Shop", "sms", True, "Hello 👋", None, None],
        [cy, "Support", "email", True, "Is it there?", None, None],
        [bo, "Shop", "sms", True, "Good morning", None, None],
        [ann, "Shop", "sms", False, "It is here\nalready", None, "read"],
        [ann, "Shop", "sms", True, "", None, None],
    ]


def test_the_types_are_the_same_with_and_without_messages(workspace):
    empty = workspace.contacts.messages()
    workspace.channels.add("Shop", "sms")
    workspace.record_messages([said("Shop", ANN, 0, "Hello")])
    one = workspace.contacts.messages()
    assert types_of(empty) == types_of(one) == TYPES
    assert list(empty) == list(one) == list(TYPES)
    assert (len(empty), len(one)) == (0, 1)


def test_without_text_all_else_is_the_same(talking):
    pd.testing.assert_frame_equal(
        talking.contacts.messages(text=False), talking.contacts.messages().drop(columns="text")
    )


def test_each_contacts_own_are_its_thread(talking):
    everyone = talking.contacts.messages()
    for contact_id in talking.contacts.ids():
        own = everyone[everyone["contact_id"] == contact_id].drop(columns="contact_id").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, talking.contacts[contact_id].messages())


def test_only_those_of_the_selected_come(talking):
    ann, bo, dee = (id_of(talking, name) for name in ("ann", "bo", "dee"))
    everyone = talking.contacts
    everyone.with_ids([ann, dee]).tag("vip")
    for some, wanted in (
        (everyone.search("ann"), {ann}),
        (everyone.where(F.tags.has_any("vip")), {ann}),
        (everyone.where(~(F.first_name == "Ann") & F.channels.has_any("Shop")), {ann, bo}),
        (everyone.with_ids([dee]), set()),
        (everyone.with_ids([bo, dee]), {bo}),
        (everyone.search("nobody like this"), set()),
    ):
        frame = some.messages()
        assert set(frame["contact_id"]) == wanted
        assert types_of(frame) == TYPES


def test_who_answered_is_told_by_address(workspace):
    workspace.channels.add("Shop", "sms")
    owner = Workspace(Access(workspace._database, workspace.users.add("ana@acme.example", role="owner").id))
    owner.users.add("bo@acme.example")
    owner.record_messages(
        [
            said("Shop", ANN, minute, "Hello", direction="outgoing", sender=f"{name}@acme.example")
            for minute, name in enumerate(("bo", "ana", "bo"))
        ]
    )
    assert owner.contacts.messages()["sender"].tolist() == [
        "bo@acme.example",
        "ana@acme.example",
        "bo@acme.example",
    ]


def test_an_agent_gets_none(workspace):
    owner = Workspace(Access(workspace._database, workspace.users.add("ana@acme.example", role="owner").id))
    gus = owner.users.add("gus@acme.example")
    looking = Workspace(Access(workspace._database, gus.id)).contacts
    owner.users.update("gus@acme.example", role="agent")
    with pytest.raises(NotAllowed):
        looking.messages()


def test_messages_are_the_survivors_and_come_back_with_an_unmerge(talking):
    ann, bo, cy = (id_of(talking, name) for name in ("ann", "bo", "cy"))
    before = talking.contacts.messages()
    talking.plan_merge(ann, bo).apply()
    talking.plan_merge(cy, ann, survivor=cy).apply()
    for everyone in (talking.contacts, talking.contacts.search("cy"), talking.contacts.with_ids([cy])):
        merged = everyone.messages()
        assert merged["contact_id"].tolist() == [cy] * 5
        pd.testing.assert_frame_equal(merged.drop(columns="contact_id"), before.drop(columns="contact_id"))
    assert talking.contacts.with_ids([ann, bo]).messages().empty
    talking.plan_unmerge(bo).apply()
    talking.plan_unmerge(ann).apply()
    pd.testing.assert_frame_equal(talking.contacts.messages(), before)


def test_what_a_filter_names_and_isnt_there_is_told(workspace):
    with pytest.raises(NotFound):
        workspace.contacts.where(F.tags.has_any("gone")).messages()
    assert workspace.contacts.where(F.tags.has_any("gone"), missing_ok=True).messages().empty


def test_the_frame_can_be_written_to(talking):
    frame = talking.contacts.messages()
    for name in frame:
        frame.loc[0, name] = frame.loc[1, name]
    assert frame.iloc[0].equals(frame.iloc[1])
