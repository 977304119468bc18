"""A few contacts that tell every question apart, on a day of 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.queries.finding_ground import CHANNELS, FIELDS, HOUR, MILLISECOND, SITES, TEAMS, USERS, midnight
from tests.queries.plain_finding import Identity, Person, Place

# A day of 25 hours, on which there is nothing that is not asked for.
DAY = date(2025, 10, 26)
LONDON = ZoneInfo("Europe/London")
NOON = datetime(2025, 10, 26, 12, tzinfo=UTC)
PLACE = Place(NOON, LONDON, "GB", "Bo@acme.example", USERS, TEAMS, CHANNELS, FIELDS)
EXAMPLES = [
    Person(1, midnight(DAY, LONDON), first_name="Ann"),
    Person(
        2,
        midnight(DAY, LONDON) - MILLISECOND,
        first_name="Élodie",
        last_name="O'Brien",
        phone="020 7946 0958",
        email="Ann@Example.org",
        country="GB",
        language="en",
        assignee="Bo@acme.example",
        team="Sales",
        tags=("VIP", "重要客户"),
        values={
            "note": "100%", "plan": "it's gold", "newsletter": True, "billing": "zoe@example.org", "seats": 2.5,
            "site": SITES[0], "birthday": DAY, "lunch": time(9, 30),
        },
        identities=(
            Identity("Shop", "+44 20 7946 0910", "Ann", ((NOON - HOUR, True), (NOON - 30 * HOUR, True))),
            Identity("王店 Two", "ann", None, ()),
        ),
        conversations=((NOON - 30 * HOUR, NOON - 20 * HOUR), (NOON - HOUR, None)),
    ),
    Person(
        3,
        midnight(DAY + timedelta(days=1), LONDON),
        last_name="王小明",
        phone="+1 (202) 555-0143",
        email="zoë@exämple.org",
        country="DE",
        language="zu",
        assignee="ana@acme.example",
        team="Näh & Co",
        tags=("VIP",),
        values={
            "note": "ANN MARIE", "plan": "Silver", "newsletter": False, "billing": "Ann@Example.org", "seats": -3,
            "site": SITES[1], "birthday": DAY - timedelta(days=2), "lunch": time(23, 59, 59),
        },
        identities=(Identity("Übersee 100%", "zoe@example.org", "Zoë", ((NOON - 49 * HOUR, True),)),),
        conversations=((NOON - 49 * HOUR, NOON),),
    ),
]  # fmt: skip
