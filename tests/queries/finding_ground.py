"""Workspaces to find things in: what is drawn for them, how it is put there, and how questions are asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy import Connection, bindparam, insert, select, update

from contacts_nb.model.channels import identifier_key
from contacts_nb.model.contact import Source
from contacts_nb.model.draft import drafted
from contacts_nb.model.fields import Field, FieldType
from contacts_nb.model.filter_criteria import FIELD_VALUE_TYPES, Arity, Operator, ValueType
from contacts_nb.model.filters import And, Criterion, Filter, Not, all_of, any_of, parts_of
from contacts_nb.operations.add_contacts import added_contacts
from contacts_nb.operations.channels import add_channel
from contacts_nb.operations.derived import refresh_states, refresh_texts, refresh_times
from contacts_nb.operations.fields import add_field
from contacts_nb.operations.recording import recorded
from contacts_nb.operations.tags import add_tag
from contacts_nb.operations.teams import add_team
from contacts_nb.operations.users import add_user
from contacts_nb.operations.workspace_settings import update_workspace
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.queries.rows import rows_between
from contacts_nb.queries.selection import ResolvedSelection
from contacts_nb.queries.settings import user_with
from contacts_nb.store.schema import contact_channels, contacts, conversations, messages
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.contacts import Contacts
from tests.conftest import Workspaces
from tests.filter_strategies import TRICKY, References, filters
from tests.queries.plain_finding import Identity, Person, Place, answer

# What there is to be found. Each name is also asked for in other spellings.
USERS = {"ana@acme.example": "Ana", "Bo@acme.example": "bo", "cy@acme.example": "ANA"}
TEAMS = {"Sales": ("ana@acme.example",), "Näh & Co": ("Bo@acme.example", "ana@acme.example"), "Nobody": ()}
CHANNELS = {"Shop": "whatsapp", "Übersee 100%": "email", "王店 Two": "telegram", "shop_two": "whatsapp"}
TAGS = ("VIP", "press 100%", "重要客户", "a王b", "24/7")
FIELDS = {
    field.slug: field
    for field in (
        Field(1, "note", "Note", FieldType.TEXT),
        Field(2, "plan", "Plan", FieldType.LIST, ("Silver", "it's gold", "100%")),
        Field(3, "newsletter", "Newsletter", FieldType.CHECKBOX),
        Field(4, "billing", "Billing", FieldType.EMAIL),
        Field(5, "seats", "Seats", FieldType.NUMBER),
        Field(6, "site", "Site", FieldType.URL),
        Field(7, "birthday", "Birthday", FieldType.DATE),
        Field(8, "lunch", "Lunch", FieldType.TIME),
    )
}
NAMES = (
    "Ann", "ann", "ANN MARIE", "Élodie", "Łukasz", "王小明", "김민수", "O'Brien", "100%", "a_b", "a\\b", 'x"y',
    "ﬁn", "ann王ann", "5", "Zoë (VIP)", "\u0301", "b  c", "[a]*", "İpek", "ß",
)  # fmt: skip
PHONES = (
    "+44 20 7946 0958", "020 7946 0958", "442079460958", "+1 (202) 555-0143", "Ext. 4711", "4711", "090-1234-5678",
    "(11) 91234-5678", "112", "٠٢٠ ٧٩٤٦ ٠٩٥٨", "+44 (0)20 7946 0958", "0044 20 7946 0958",
)  # fmt: skip
EMAILS = ("Ann@Example.org", "ann@example.org", "zoë@exämple.org", "zoe@example.org", "o'brien_100@example.org")
COUNTRIES, LANGUAGES = ("GB", "DE", "AX", "ZW", "CI"), ("en", "de", "zu", "ga")
NUMBERS = (0, 1, -3, 2.5, -0.1, 1e300, 5e-324, 2**53, 2**53 - 1)
TIMES = (time(0), time(9, 30), time(9, 30, 15), time(23, 59, 59))
SITES = ("https://example.org/Ann", "http://example.org/100%25_a?q='x'")
PIECES = (
    *NAMES,
    *EMAILS,
    *PHONES,
    *TAGS,
    *CHANNELS,
    *SITES,
    *TRICKY,
    "+44 20",
    "0044 20",
    "7946",
    "44",
    "2026-03",
)
REFERENCES = References(
    tags=(*TAGS, "vip", "PRESS  100%"),
    users=(*USERS, "BO@ACME.example"),
    teams=(*TEAMS, "nah & CO"),
    channels=(*CHANNELS, "UBERSEE 100%"),
    fields=tuple(FIELDS.values()),
    texts=PIECES,
)
# Days on which something is the matter: clocks change, at midnight too, and Apia left one out.
ZONES = {
    "Europe/London": (date(2025, 3, 30), date(2025, 10, 26)),
    "America/New_York": (date(2025, 3, 9), date(2025, 11, 2)),
    "Asia/Tokyo": (date(2025, 1, 1),),
    "Pacific/Apia": (date(2011, 12, 30), date(2012, 4, 1)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 18)),
    "Asia/Beirut": (date(2025, 3, 30), date(2025, 10, 26)),
    "America/Havana": (date(2025, 3, 9), date(2025, 11, 2)),
}
REGIONS = (None, "GB", "US", "JP", "BR", "WS", "LB")
HOUR, MILLISECOND = timedelta(hours=1), timedelta(milliseconds=1)
UNITS = {"minutes": timedelta(minutes=1), "hours": HOUR, "days": timedelta(days=1)}


# Drawing

NEAR = st.integers(-2, 2)
# As long before or after midnight, on so many days from the day of the workspace; or so long before now.
AT_MIDNIGHT = st.tuples(NEAR, st.sampled_from((0 * HOUR, -MILLISECOND, MILLISECOND, -HOUR, HOUR, 12 * HOUR)))
AGO = st.tuples(
    st.integers(0, 3), st.sampled_from(list(UNITS)), st.sampled_from((-MILLISECOND, 0 * HOUR, MILLISECOND))
)
TYPED_PIECES = st.tuples(st.sampled_from(PIECES), st.integers(0, 30), st.integers(1, 6)).map(
    lambda drawn: drawn[0][drawn[1] % len(drawn[0]) :][: drawn[2]]
)
SEARCHES = st.one_of(
    TYPED_PIECES,
    st.sampled_from(PIECES),
    st.sampled_from(PIECES).map(str.upper),
    st.tuples(TYPED_PIECES, TYPED_PIECES).map(" ".join),
)
TREES = filters(REFERENCES, max_leaves=6)


def maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


@st.composite
def places(draw: st.DrawFn) -> tuple[Place, date]:
    """What is set up, and the day around which everything happens."""
    name = draw(st.sampled_from(list(ZONES)))
    zone, day = ZoneInfo(name), draw(st.sampled_from(ZONES[name]))
    days, shift = draw(AT_MIDNIGHT)
    now = midnight(day + timedelta(days=days), zone) + shift
    me = draw(maybe(list(USERS)))
    return Place(now, zone, draw(st.sampled_from(REGIONS)), me, USERS, TEAMS, CHANNELS, FIELDS), day


@st.composite
def people(draw: st.DrawFn, place: Place, day: date) -> list[Person]:
    """Some contacts of the workspace."""

    def moment() -> datetime:
        if draw(st.booleans()):
            days, shift = draw(AT_MIDNIGHT)
            return midnight(day + timedelta(days=days), place.zone) + shift
        amount, unit, shift = draw(AGO)
        return place.now - amount * UNITS[unit] + shift

    def times() -> range:
        return range(draw(st.integers(0, 2)))

    values: dict[str, st.SearchStrategy[Any]] = {
        "note": st.sampled_from(NAMES), "plan": st.sampled_from(FIELDS["plan"].allowed),
        "newsletter": st.booleans(),
        "billing": st.sampled_from(EMAILS), "seats": st.sampled_from(NUMBERS), "site": st.sampled_from(SITES),
        "birthday": NEAR.map(lambda days: day + timedelta(days=days)), "lunch": st.sampled_from(TIMES),
    }  # fmt: skip
    found = []
    for number in range(1, draw(st.integers(3, 6)) + 1):
        identities = tuple(
            Identity(
                channel := draw(st.sampled_from(list(CHANNELS))),
                identifier_on(channel, 10 * number + place_in),
                draw(maybe(NAMES)),
                tuple((moment(), draw(st.booleans())) for _ in times()),
            )
            for place_in in times()
        )
        person = Person(
            number,
            moment(),
            first_name=draw(maybe(NAMES)),
            last_name=draw(maybe(NAMES)),
            phone=draw(maybe(PHONES)),
            email=draw(maybe(EMAILS)),
            country=draw(maybe(COUNTRIES)),
            language=draw(maybe(LANGUAGES)),
            assignee=draw(maybe(list(USERS))),
            team=draw(maybe(list(TEAMS))),
            tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=2, unique=True))),
            values=draw(st.fixed_dictionaries({}, optional=values)),
            identities=identities,
            conversations=tuple((moment(), moment() if last else None) for last in reversed(times())),
        )
        found.append(person if person.name else replace(person, first_name="Ann"))
    return found


def identifier_on(channel: str, number: int) -> str:
    nationally = "020" if number % 2 else "+44 20"
    spelled = {"whatsapp": f"{nationally} 7946 09{number}", "email": f"ann.{number}@Example.org"}
    return spelled.get(CHANNELS[channel], f"王ann_{number}")


def offered(kind: ValueType, operator: Operator, day: date) -> Sequence[Any]:
    """Values that are often the right ones."""
    if kind is ValueType.ELAPSED or operator in (Operator.WITHIN, Operator.MORE_THAN_AGO):
        return range(6)
    return {
        ValueType.TEXT: PIECES,
        ValueType.COUNTRY: COUNTRIES,
        ValueType.LANGUAGE: LANGUAGES,
        ValueType.NUMBER: NUMBERS,
        ValueType.DAY: [day + timedelta(days=days) for days in range(-3, 4)],
        ValueType.TIME: TIMES,
        ValueType.CHOICE: FIELDS["plan"].allowed,
        ValueType.TAGS: REFERENCES.tags,
        ValueType.USER: REFERENCES.users,
        ValueType.TEAM: REFERENCES.teams,
        ValueType.CHANNELS: REFERENCES.channels,
        ValueType.CHANNEL: REFERENCES.channels,
        ValueType.SOURCES: [*CHANNELS.values(), Source.SMS],
    }.get(kind, ())


def asking(name: str, kind: ValueType, operator: Operator, one: Any, other: Any, unit: str) -> Filter:
    """The criterion with these values, as far as it takes them."""
    values = () if operator.arity is Arity.NONE else (one,) if operator.arity is Arity.ONE else (one, other)
    if operator.arity is Arity.TWO:
        values = tuple(sorted(values))
    return Criterion(name, operator, (*values, unit) if kind is ValueType.ELAPSED and values else values)


def kind_of(criterion: Criterion) -> ValueType:
    slug = criterion.definition.slug
    return criterion.definition.type if slug is None else FIELD_VALUE_TYPES[FIELDS[slug].type]


@st.composite
def trees(draw: st.DrawFn, day: date) -> Filter:
    """Filters that often ask for what there is."""

    def near(tree: Filter) -> Filter:
        if not isinstance(tree, Criterion):
            parts = [near(part) for part in parts_of(tree)]
            return ~parts[0] if isinstance(tree, Not) else (all_of if isinstance(tree, And) else any_of)(parts)
        kind = kind_of(tree)
        choices = offered(kind, tree.operator, day)
        if not choices or not draw(st.integers(0, 3)):
            return tree
        one, other = draw(st.tuples(st.sampled_from(choices), st.sampled_from(choices)))
        return asking(tree.name, kind, tree.operator, one, other, draw(st.sampled_from(list(UNITS))))

    return near(draw(TREES))


# Asking


@contextmanager
def filled(new_workspace: Workspaces, place: Place, some: Sequence[Person]) -> Iterator[Workspace]:
    """A workspace with these contacts."""
    with new_workspace() as workspace:
        with workspace._database.write() as connection:
            fill(connection, place, some)
        yield workspace


def fill(connection: Connection, place: Place, some: Sequence[Person]) -> None:
    with recorded(connection, "add", None, place.now) as recording:
        update_workspace(recording, time_zone=place.zone.key, phone_region=place.region)
        users = {email: add_user(recording, email, name, "owner") for email, name in place.users.items()}
        teams = {name: add_team(recording, name, members) for name, members in place.members.items()}
        channels = {name: add_channel(recording, name, source) for name, source in place.sources.items()}
        fields = {
            slug: add_field(recording, one.name, one.type, slug, one.allowed) for slug, one in place.fields.items()
        }
        for tag in TAGS:
            add_tag(recording, tag)
        columns = ("last_name", "phone", "email", "country", "language")
        drafts = [
            drafted(
                first_name=person.first_name or "nameless",
                **{name: getattr(person, name) for name in columns},
                region=place.region,
                tags=person.tags,
                fields={fields[slug]: value for slug, value in person.values.items()},
                assignee=users[person.assignee] if person.assignee else None,
                team=teams[person.team] if person.team else None,
            )
            for person in some
        ]
        assert added_contacts(recording, drafts) == [person.id for person in some]
    rows: dict[Any, list[dict[str, Any]]] = {contact_channels: [], messages: [], conversations: []}
    for person in some:
        for one in person.identities:
            channel, number = channels[one.channel], len(rows[contact_channels]) + 1
            key = identifier_key(channel.source, one.identifier, place.region)
            known = {"identifier": one.identifier, "identifier_key": key, "profile_name": one.profile_name}
            rows[contact_channels].append(
                {"id": number, "contact_id": person.id, "channel_id": channel.id, **known}
            )
            rows[messages] += [
                {"contact_channel_id": number, "sent_at": at, "number": n, "incoming": int(came_in), "text": ""}
                for n, (at, came_in) in enumerate(one.messages)
            ]
        rows[conversations] += [
            {"contact_id": person.id, "opened_at": opened, "opened_by": "user", "closed_at": closed}
            for opened, closed in person.conversations
        ]
    for table, of_table in rows.items():
        if of_table:
            connection.execute(insert(table), of_table)
    if some:
        statement = update(contacts).where(contacts.c.id == bindparam("contact"))
        made = [{"contact": one.id, "name": one.first_name, "at": one.created_at} for one in some]
        connection.execute(statement.values(first_name=bindparam("name"), created_at=bindparam("at")), made)
    refresh_times(connection, select(contact_channels.c.id))
    refresh_states(connection, select(contacts.c.id))
    refresh_texts(connection, select(contacts.c.id))


class Asked:
    """A workspace as it answers at the moment of its place."""

    def __init__(self, connection: Connection, workspace: Workspace, place: Place) -> None:
        self.connection, self.place = connection, place
        self.me = None if place.me is None else user_with(connection, place.me).id
        self.contacts = Contacts(Access(workspace._database, user_with(connection, "ana@acme.example").id))

    def resolved(self, query: ContactQuery) -> ResolvedSelection:
        return query.selection.resolved(self.connection, self.me, self.place.now)

    def ids(self, query: ContactQuery) -> list[int]:
        """The ids in order; counting gives as many."""
        meant = self.resolved(query)
        ids = list(self.connection.execute(meant.ids()).scalars())
        assert self.connection.execute(meant.count()).scalar_one() == len(ids)
        return ids

    def meant(self, tree: Filter, *, missing_ok: bool = False) -> list[int]:
        return self.ids(self.contacts.where(tree, missing_ok=missing_ok))

    def window(self, query: ContactQuery, offset: int, limit: int) -> list[int]:
        return [row.id for row in rows_between(self.connection, self.resolved(query), offset, limit)]


@contextmanager
def asked_of(workspace: Workspace, place: Place) -> Iterator[Asked]:
    with workspace._database.read() as connection:
        yield Asked(connection, workspace, place)


def expected(tree: Filter, some: Sequence[Person], place: Place) -> list[int]:
    return [person.id for person in some if answer(tree, person, place)]
