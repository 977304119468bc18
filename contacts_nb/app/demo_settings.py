"""What is set up in a demo's workspace before its contacts come: people, teams, channels, tags and fields.

Everybody here is made up, and their addresses are on a domain that RFC 2606 reserves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from contacts_nb.app.demo_identities import CHANNELS
from contacts_nb.app.demo_messages import DAY, YEAR
from contacts_nb.model.emails import email_key
from contacts_nb.model.fields import FieldType, slug_of
from contacts_nb.model.people import Restriction, Role
from contacts_nb.model.tags import COLOURS
from contacts_nb.model.text import name_key
from contacts_nb.operations.fill import Row
from contacts_nb.store.types import to_milliseconds


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works in the demo; `share` is how much of the work is theirs."""

    name: str
    role: Role
    share: float
    restriction: Restriction | None = None

    @property
    def email(self) -> str:
        """First name at the demo's company."""
        return f"{self.name.split()[0].lower()}@acme.example"


COLLEAGUES = (
    Colleague("Ana Ample", Role.OWNER, 0.04),
    Colleague("Bo Beacon", Role.MANAGER, 0.06),
    Colleague("Cleo Candle", Role.MANAGER, 0.05, Restriction.DATA_EXPORT),
    Colleague("Dara Dapple", Role.MANAGER, 0.05, Restriction.CONTACT_DELETION),
    Colleague("Eli Ember", Role.MANAGER, 0.03, Restriction.WORKSPACE_SETTINGS),
    Colleague("Fay Fable", Role.MANAGER, 0.03),
    Colleague("Gus Garnet", Role.AGENT, 0.22),
    Colleague("Hana Harbour", Role.AGENT, 0.17),
    Colleague("Ivo Indigo", Role.AGENT, 0.13),
    Colleague("Jun Jasper", Role.AGENT, 0.10),
    Colleague("Kai Kestrel", Role.AGENT, 0.07),
    Colleague("Lou Lantern", Role.AGENT, 0.05),
)
"""Those who work in the demo; everybody's id is their place, from 1."""

OWNER = COLLEAGUES[0].email
"""The address to open a demo with users as."""

TEAMS = (
    ("New business", ("Ana", "Bo", "Fay", "Gus", "Jun")),
    ("Customer care", ("Ana", "Cleo", "Hana", "Ivo", "Kai", "Lou")),
    ("Orders and returns", ("Dara", "Gus", "Ivo", "Lou")),
    ("Wholesale desk", ("Eli", "Fay", "Jun")),
)
"""Name and members, by first name; everybody is in at least one."""

TAGS = (
    ("customer", 0.30, "green", "Has bought something at least once."),
    ("lead", 0.22, "blue", "Asked about us, but has not bought anything yet."),
    ("newsletter", 0.20, "teal", "Wants our letter on the first of each month."),
    ("vip", 0.05, "purple", "Answer these first."),
    ("wholesale", 0.06, "brown", "Buys for a shop. Prices are on the wholesale list."),
    ("complaint", 0.04, "red", "Has a complaint that is not settled yet."),
    ("spring sale", 0.10, "yellow", "Came with the spring sale."),
    ("🎁 gift list", 0.05, "pink", "Has a gift list with us."),
    ("returning", 0.09, "cyan", "Bought again within a year."),
    ("press", 0.01, "indigo", "Writes about us. Let the owner answer."),
    ("café regulars", 0.03, "orange", None),
    ("do not call", 0.05, "grey", "Prefers to be written to. Please don't phone."),
)
"""Name, the share of contacts that have it, colour and description."""

PLANS = ("Free", "Basic", "Plus", "Business")
FIELDS = (
    ("Company", FieldType.TEXT),
    ("Plan", FieldType.LIST),
    ("Newsletter", FieldType.CHECKBOX),
    ("Billing e-mail", FieldType.EMAIL),
    ("Visits", FieldType.NUMBER),
    ("Lifetime value", FieldType.NUMBER),
    ("Website", FieldType.URL),
    ("Birthday", FieldType.DATE),
    ("Preferred call time", FieldType.TIME),
)
"""Custom fields, by name; the one list holds `PLANS`."""


def settings_rows(now: datetime, *, users: bool = True) -> dict[str, list[Row]]:
    """The rows of all that is set up, by table, as of the day of `now`; without `users`, teams have no members."""
    made_at = midnight(now) - 4 * YEAR
    rows: dict[str, list[Row]] = {
        "teams": [(number, name, name_key(name), made_at) for number, (name, _) in enumerate(TEAMS, 1)],
        "channels": [
            (number, name, name_key(name), source.value, made_at)
            for number, (name, source, _) in enumerate(CHANNELS, 1)
        ],
        "tags": [
            (number, name, name_key(name), COLOURS[colour], description)
            for number, (name, _, colour, description) in enumerate(TAGS, 1)
        ],
        "fields": [
            (number, slug_of(name), name, kind.value, _allowed(kind), made_at)
            for number, (name, kind) in enumerate(FIELDS, 1)
        ],
    }
    if users:
        rows["users"] = _user_rows(made_at)
        rows["team_members"] = [
            (number, team, member)
            for number, (team, member) in enumerate(
                ((team, place) for team, of_team in enumerate(team_places(), 1) for place in of_team), 1
            )
        ]
    return rows


def team_places() -> list[list[int]]:
    """The ids of the members of each of `TEAMS`."""
    ids = {colleague.name.split()[0]: number for number, colleague in enumerate(COLLEAGUES, 1)}
    return [[ids[name] for name in members] for _, members in TEAMS]


def midnight(now: datetime) -> int:
    """The start of the day (UTC), in milliseconds."""
    moment = to_milliseconds(now)
    return moment - moment % DAY


def _user_rows(made_at: int) -> list[Row]:
    """The owner came with the workspace, everybody else some weeks after the one before."""
    return [
        (
            number,
            colleague.email,
            email_key(colleague.email),
            colleague.name,
            colleague.role.value,
            *(int(colleague.restriction is restriction) for restriction in Restriction),
            made_at + (number - 1) * 40 * DAY,
        )
        for number, colleague in enumerate(COLLEAGUES, 1)
    ]


def _allowed(kind: FieldType) -> str | None:
    return json.dumps(PLANS) if kind is FieldType.LIST else None
