import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from contacts_nb.store.schema import channels, contact_channels, contacts, messages
from contacts_nb.widgets import ContactDetails
from contacts_nb.widgets.html import html_widget, joined, markup, show
from contacts_nb.workspace import Contact, Workspace

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</style></textarea><svg/onload=alert(1)>",
    "{0.__class__} {name} %s &lt;b&gt;",
    "<!-- javascript:alert(1)",
]


class Elements(HTMLParser):
    """The elements and attributes of a document, and its text."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.values: set[str] = set()
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.values |= {value for name, value in attrs if name == "value" and value}

    def handle_data(self, data):
        self.text += data


def details(workspace: Workspace, contact: Contact) -> Elements:
    """All that the details of a contact show, with its timeline."""
    shown = ContactDetails(workspace, contact)
    shown._activity._handle_custom_msg({"action": "tab", "name": "timeline"}, [])
    return Elements(shown._profile.content + shown._activity.content)


@given(st.text())
def test_a_value_is_text_whatever_it_holds(text):
    made = markup("<b title='{text}'>{text}</b>", text=text)
    assert re.fullmatch(r"<b title='([^<>'\"]*)'>([^<>'\"]*)</b>", made)
    assert unescape(made) == f"<b title='{text}'>{text}</b>" or "\x00" in text or "&" in text or "\r" in text
    assert made.replace("&amp;", "&").count(";") >= text.count("<")


@given(st.lists(st.text()))
def test_pieces_that_are_joined_are_escaped_once(texts):
    pieces = [markup("<i>{text}</i>", text=text) for text in texts]
    assert joined(pieces) == "".join(pieces)
    assert markup("<p>{pieces}</p>", pieces=joined(pieces)) == "<p>" + "".join(pieces) + "</p>"


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_is_no_markup_is_escaped_where_it_is_shown(text):
    widget = html_widget(text)
    assert Elements(widget.value).tags == set()
    show(widget, text)
    assert unescape(widget.value) == unescape(text) or "&" in text
    assert "<" not in widget.value


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_details_of_a_contact_show_every_value_as_text(workspace, hostile):
    harmless = details(workspace, workspace.add_contact(first_name="Ann", phone="112", tags=["vip"]))
    contact = workspace.add_contact(first_name=hostile, last_name=f"last {hostile}", tags=[f"tag {hostile}"])
    with workspace._database.write() as connection:
        connection.execute(
            insert(channels).values(id=1, name=f"on {hostile}", name_key="on", source="sms", created_at=NOW)
        )
        connection.execute(
            insert(contact_channels).values(
                id=1,
                contact_id=contact.id,
                channel_id=1,
                identifier=f"id {hostile}",
                identifier_key=f"id {hostile}",
                profile_name=f"profile {hostile}",
                last_message_at=NOW,
            )
        )
        connection.execute(
            insert(messages).values(
                contact_channel_id=1, sent_at=NOW, number=0, incoming=1, text=f"said {hostile}"
            )
        )
        connection.execute(
            update(contacts)
            .where(contacts.c.id == contact.id)
            .values(phone=f"phone {hostile}", email=f"mail {hostile}")
        )
    # No database needs to hold such codes for them to be shown as text.
    coded = replace(workspace.contacts[contact.id], country=f"c {hostile}", language=f"l {hostile}")
    told = details(workspace, coded)
    assert told.tags <= harmless.tags | {"strong", "ol", "option"}
    assert not {name for name in told.attributes if name.startswith("on") or name in {"src", "href", "srcdoc"}}
    for place in ("", "last ", "phone ", "mail ", "c ", "l "):
        assert f"{place}{hostile}" in told.values
    for place in ("tag ", "on ", "id ", "profile ", "said "):
        assert f"{place}{hostile}" in told.text


def test_details_say_what_is_missing(workspace):
    told = details(workspace, workspace.add_contact(phone="112")).text
    assert all(
        sentence in told for sentence in ("No tags", "Not connected to any channel", "No messages yet", "—")
    )
