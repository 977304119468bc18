"""The messages of a contact as a thread, what is found in it, and its timeline with comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from contacts_nb.widgets import ContactDetails
from contacts_nb.widgets.details_marks import excerpt, marked
from contacts_nb.workspace import Contact, Workspace
from contacts_nb.workspace.access import Access
from tests.widgets.gesturing import gesture

ANA = "ana@acme.example"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Ground:
    """A workspace opened by Ana, with a contact who wrote 70 messages, and what its details have told."""

    workspace: Workspace
    contact: Contact
    details: ContactDetails
    told: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        return str(self.details._activity.content)

    def do(self, action: str, name: str = "", value: object = "", **values: str) -> None:
        gesture(self.details._activity, action, name, value, **values)

    def texts(self) -> list[str]:
        """The messages that are shown, from the top."""
        found = re.findall(r'<li class="cnb-(?:in|out)".*?<p dir="auto">(.*?)</p>', self.shown, re.DOTALL)
        return [unescape(re.sub("<.*?>", "", one)) for one in found]

    def events(self) -> list[str]:
        """What the timeline shows, from the top, without times."""
        items = re.findall(r"<li(?: class=\"cnb-comment\")?><p>(.*?)</p>", self.shown, re.DOTALL)
        return [unescape(re.sub("<.*?>", "", one)) for one in items]


def message(number: int, **others: object) -> dict[str, object]:
    return {
        "channel": "Shop",
        "identifier": "+442079460958",
        "direction": "incoming",
        "text": f"message {number}",
        "sent_at": NOON + timedelta(hours=number),
        "profile_name": "Ann",
    } | others


@pytest.fixture
def ground(workspace: Workspace) -> Ground:
    workspace.users.add(ANA, role="owner", name="Ana")
    ana = Workspace(Access(workspace._database, 1))
    ana.channels.add("Shop", "sms")
    reply = {"direction": "outgoing", "sender": ANA, "status": "failed", "text": "The Café bill"}
    ana.record_messages([*(message(number) for number in range(69)), message(69, **reply)])
    (contact_id,) = ana.contacts.ids()
    told: list[str] = []
    contact = ana.contacts[contact_id]
    details = ContactDetails(ana, contact, on_change=lambda sentence, _: told.append(sentence))
    return Ground(ana, contact, details, told)


def test_the_newest_messages_are_shown_newest_at_the_bottom(ground):
    assert ground.texts() == [*(f"message {number}" for number in range(40, 69)), "The Café bill"]
    assert "Messages (70)" in ground.shown
    assert re.findall(r'class="cnb-day" data-part="(.*?)"', ground.shown) == ["4 Mar 2026", "5 Mar 2026"]


def test_what_became_of_a_message_and_who_sent_it_is_said(ground):
    last = ground.shown[ground.shown.index("The Café bill") :]
    assert "Sent, " in ground.shown
    assert re.search(r"Shop</bdi> · <bdi>09:00</bdi> · <bdi>Ana</bdi> · <span.*?cnb-failed.*?>Failed", last)


def test_older_messages_come_when_asked_for_until_there_are_none(ground):
    assert 'data-near-top="older"' in ground.shown
    ground.do("older")
    assert ground.texts()[0] == "message 10"
    ground.do("older")
    ground.do("older")
    assert ground.texts() == [*(f"message {number}" for number in range(69)), "The Café bill"]
    assert 'data-near-top="older"' not in ground.shown
    assert "Load older" not in ground.shown
    assert len(set(re.findall(r'data-part="([^"]+)"', ground.shown))) == len(
        re.findall(r'data-part="([^"]+)"', ground.shown)
    )


def test_refreshing_keeps_older_messages_and_shows_new_ones(ground):
    ground.do("older")
    ground.workspace.record_messages([message(100), message(101)])
    ground.details.refresh()
    assert ground.texts()[0] == "message 10"
    assert ground.texts()[-2:] == ["message 100", "message 101"]
    assert "Messages (72)" in ground.shown


def test_search_shows_what_is_found_with_its_words_marked(ground):
    ground.do("typed", "search", "CAFE bill")
    assert ground.texts() == ["The Café bill"]
    assert "1 of 70 messages" in ground.shown
    assert re.findall("<mark>(.*?)</mark>", ground.shown) == ["Café", "bill"]
    ground.do("typed", "search", "message 6")
    assert ground.texts()[0] == "message 68"
    assert f"{len(ground.texts())} of 70 messages" in ground.shown


def test_search_stays_when_refreshed_and_goes_when_emptied(ground):
    ground.do("older")
    ground.do("typed", "search", "message 100")
    assert "0 of 70 messages" in ground.shown
    ground.workspace.record_messages([message(100)])
    ground.details.refresh()
    assert ground.texts() == ["message 100"]
    ground.do("typed", "search", "")
    assert len(ground.texts()) == 61


def test_a_search_that_cannot_be_is_told_beside_the_box(ground):
    ground.do("typed", "search", "a" * 501)
    assert 'aria-invalid="true"' in ground.shown
    assert "501 characters" in ground.shown


def test_the_timeline_is_read_when_it_is_looked_at(ground):
    assert "cnb-timeline" not in ground.shown
    ground.do("tab", "timeline")
    assert ground.events() == ["Created", "Conversation opened incoming message"]
    assert re.search(r'id="[^"]*-messages"[^>]*data-part="messages" hidden', ground.shown)


def test_the_timeline_tells_everything_newest_first(ground):
    ground.do("tab", "timeline")
    contact, contacts = ground.contact, ground.workspace.contacts
    other = ground.workspace.add_contact(first_name="Annie")
    contact.update(country="GB")
    contacts[contact.id].update(country="FR", first_name="Ann")
    contacts[contact.id].tag("vip")
    contacts[contact.id].untag("vip")
    contacts[contact.id].assign(ANA)
    contacts[contact.id].close_conversation("Sale", "Sent the offer")
    contacts[contact.id].comment("Called.\nWill call again.")
    merge = ground.workspace.plan_merge(contact.id, other.id, survivor=contact.id).apply()
    merge.undo()
    ground.details.refresh()
    events = ground.events()
    assert events[0].startswith("Unmerged from Annie (contact ")
    assert events[1].startswith("Merged with Annie (contact ")
    assert events[2:7] == [
        "Comment Called.\nWill call again.",
        "Conversation closed Sale: Sent the offer",
        "Assigned to Ana",
        "Tag removed vip",
        "Tag added vip",
    ]
    assert {"Changed country: United Kingdom → France", "Changed country: empty → United Kingdom"} <= set(events)


def test_the_timeline_shows_more_when_asked_for(ground):
    for number in range(60):
        ground.contact.comment(f"comment {number}")
    ground.do("tab", "timeline")
    assert (len(ground.events()), "Show more" in ground.shown) == (50, True)
    assert ground.events()[0] == "Comment comment 59"
    ground.do("more")
    assert (len(ground.events()), "Show more" in ground.shown) == (62, False)


def test_a_comment_is_added_and_stands_on_the_timeline(ground):
    ground.do("tab", "timeline")
    turn = re.findall(r'data-turn="(\d+)"', ground.shown)
    ground.do("comment", comment="Prefers tea")
    assert ground.events()[0] == "Comment Prefers tea"
    assert ground.told == ["Comment added to Ann"]
    assert re.findall(r'data-turn="(\d+)"', ground.shown) != turn


@pytest.mark.parametrize(("typed", "said"), [(" ", "Write something first."), ("a" * 10_001, "10,001 characters")])
def test_a_comment_that_cannot_be_is_told_beside_the_box_and_kept(ground, typed, said):
    ground.do("tab", "timeline")
    turn = re.findall(r'data-turn="(\d+)"', ground.shown)
    ground.do("comment", comment=typed)
    assert said in ground.shown
    assert ground.told == []
    assert re.findall(r'data-turn="(\d+)"', ground.shown) == turn


def test_a_contact_deleted_meanwhile_is_said_to_be_deleted(ground):
    ground.contact.delete()
    ground.do("comment", comment="Hello")
    assert "This contact was deleted." in ground.details.children[-1].value


def test_messages_can_be_gone_to_from_elsewhere(ground):
    ground.do("tab", "timeline")
    ground.details.show_messages()
    assert re.search(r'<ol class="cnb-thread"[^>]* data-focus', ground.shown)
    assert re.search(r'aria-selected="true"[^>]*data-name="messages"', ground.shown)
    ground.details.refresh()
    assert "data-focus" not in ground.shown


def test_a_contact_without_messages_has_nothing_to_search(workspace):
    shown = ContactDetails(workspace, workspace.add_contact(first_name="Bo"))._activity.content
    assert "No messages yet" in shown
    assert "Messages (0)" in shown
    assert 'type="search"' not in shown


def test_words_are_marked_where_they_stand():
    assert marked("ﬁne Straße", ["fi", "strasse"]) == "<mark>ﬁ</mark>ne <mark>Straße</mark>"
    assert marked("<b>aba</b>", ["ab", "ba"]) == "&lt;b&gt;<mark>aba</mark>&lt;/b&gt;"
    assert marked("", ["a"]) == ""
    assert marked("nothing", ["x"]) == "nothing"


def test_an_excerpt_holds_the_first_word_that_was_found():
    long = "a" * 5_000 + " Café " + "b" * 5_000
    assert "Café" in excerpt(long, ["cafe"])
    assert len(excerpt(long, ["cafe"])) < 700
    assert excerpt(long, ["zzz"]).startswith("aaa")
