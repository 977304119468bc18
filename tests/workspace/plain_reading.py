"""What people can see of a workspace, and the same of its plain model."""

from __future__ import annotations

from typing import Any

from contacts_nb.workspace import Workspace
from tests.workspace.plain_model import ME, STANDARD, PlainWorkspace

# Phones as typed, and their E.164 form where no region is known.
PHONES = {None: None, "+44 20 7946 0958": "+442079460958", "020 7946 0958": None}


def with_e164(values: dict[str, Any]) -> dict[str, Any]:
    return values | ({"phone_e164": PHONES[values["phone"]]} if "phone" in values else {})


def read(ws: Workspace) -> dict[str, Any]:
    """All that people can see."""
    contacts = {}
    for contact_id in ws.contacts.ids().tolist():
        contact = ws.contacts[contact_id]
        seen = {name: value for name, value in vars(contact).items() if name not in ("id", "read", "_access")}
        seen["channels"] = [
            (
                one.channel,
                one.source.value,
                one.identifier,
                one.profile_name,
                one.last_message_at,
                one.last_incoming_at,
            )
            for one in contact.channels
        ]
        seen["messages"] = [
            (one.channel, one.source.value, one.incoming, one.text, one.sent_at) for one in contact.last_messages()
        ]
        for name, frame in (("comments", contact.comments()), ("conversations", contact.conversations())):
            seen[name] = frame.astype("object").where(frame.notna(), None).to_numpy().tolist()
        contacts[contact_id] = seen
    return {
        "contacts": contacts,
        "tags": [(tag.name, tag.colour, tag.description, tag.contacts) for tag in ws.tags],
        "fields": [(field.slug, field.name, field.type.value, field.allowed) for field in ws.fields],
        "teams": [(team.name, team.members) for team in ws.teams],
        "users": [(user.email, user.name, user.role.value, user.teams) for user in ws.users],
        "channels": [(channel.name, channel.source.value) for channel in ws.channels],
    }


def shown(model: PlainWorkspace) -> dict[str, Any]:
    """The same as the model has it."""

    get = model.get

    def named(kind: str, numbers: Any, column: str = "name") -> list[str]:
        return sorted((get(kind, one, column) for one in numbers), key=str.lower)

    ids = model.rows("contact")
    return {
        "contacts": {contact: shown_contact(model, contact) for contact in ids},
        "tags": [
            (
                name, get("tag", tag, "colour"), get("tag", tag, "description"),
                sum(tag in model.held(contact, "tag") for contact in ids),
            )
            for name in named("tag", model.rows("tag"))
            for tag in [model.named("tag", name)]
        ],
        "fields": [
            (*(get("field", n, column) for column in ("slug", "name", "type")), get("field", n, "allowed") or ())
            for n in model.rows("field")
        ],
        "teams": [
            (
                name,
                tuple(named("user", (get("member", m, "user") for m in model.rows("member", team=team)), "email")),
            )
            for name in named("team", model.rows("team"))
            for team in [model.named("team", name)]
        ],
        "users": [
            (
                email, get("user", user, "name"), get("user", user, "role"),
                tuple(named("team", (get("member", m, "team") for m in model.rows("member", user=user)))),
            )
            for email in named("user", model.rows("user"), "email")
            for user in [model.named("user", email, "email")]
        ],
        "channels": [
            (name, get("channel", channel, "source"))
            for name in named("channel", model.rows("channel"))
            for channel in [model.named("channel", name)]
        ],
    }  # fmt: skip


def shown_contact(model: PlainWorkspace, contact: int) -> dict[str, Any]:
    seen = {column: model.get("contact", contact, column) for column in (*STANDARD, "created_at")}
    channels, messages = [], []
    for one in model.rows("identity", contact=contact):
        channel = model.get("identity", one, "channel")
        account = (model.get("channel", channel, "name"), model.get("channel", channel, "source"))
        said = (model.get("identity", one, "identifier"), model.get("identity", one, "profile_name"))
        last = (max(model.times(one), default=None), max(model.times(one, incoming=True), default=None))
        channels.append((*account, *said, *last))
        messages += [
            (*account, *(model.get("message", n, column) for column in ("incoming", "text", "at")))
            for n in sorted(model.rows("message", identity=one), key=model.order)
        ]
    conversations = []
    for one in model.rows("conversation", contact=contact):
        by = model.get("conversation", one, "opened_by")
        opened_by = by if isinstance(by, str) else model.get("user", by, "email")
        rest = [model.get("conversation", one, column) for column in ("closed_by", "category", "summary")]
        times = [model.get("conversation", one, column) for column in ("opened_at", "closed_at")]
        conversations.append([*times, opened_by, *rest])
    conversations.sort(key=lambda one: one[0])
    full_name = " ".join(filter(None, (seen["first_name"], seen["last_name"])))
    profile_names, identifiers = [one[3] for one in channels], [one[2] for one in channels]
    candidates = (full_name, *profile_names, seen["phone"], seen["email"], *identifiers)
    fields = model.held(contact, "value")
    return seen | {
        "name": next(filter(None, candidates), ""),
        "assignee": model.get("user", model.get("contact", contact, "assignee"), "email"),
        "team": model.get("team", model.get("contact", contact, "team"), "name"),
        "conversation_open": any(one[1] is None for one in conversations),
        "conversation_opened": max((one[0] for one in conversations), default=None),
        "last_interaction": max((one[4] for one in channels if one[4]), default=None),
        "last_incoming": max((one[5] for one in channels if one[5]), default=None),
        "last_interacted_channel": next((one[0] for one in channels if one[4]), None),
        "tags": tuple(sorted((model.get("tag", n, "name") for n in model.held(contact, "tag")), key=str.lower)),
        "fields": {model.get("field", n, "slug"): fields[n] for n in sorted(fields)},
        "channels": channels,
        "messages": messages,
        "comments": [
            [model.get("comment", n, "at"), ME, model.get("comment", n, "text")]
            for n in model.rows("comment", contact=contact)
        ],
        "conversations": conversations,
    }
