"""What can be chosen in the filter drawer: criteria in groups, and the values of those that have names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from contacts_nb.model.contact import Source
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import Field
from contacts_nb.model.filter_criteria import CRITERIA, FIELD_PREFIX, Definition, ValueType, definition_of
from contacts_nb.model.filter_references import field_definition
from contacts_nb.model.people import User
from contacts_nb.model.places import countries, country_code, country_name, language_code, language_name, languages
from contacts_nb.model.text import folded, name_key
from contacts_nb.workspace import Workspace

MOST = 300  # offered at once; all countries are fewer
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Contact": ("first_name", "last_name", "phone", "email", "country", "language", "tags", "created_at"),
    "Assignment": ("assignee", "team"),
    "Conversation": ("conversation", "conversation_opened", "last_interaction", "last_incoming"),
    "Channels": ("channels", "sources", "last_channel"),
}
_PLACES: Mapping[ValueType, Callable[[str | None], str | None]] = {
    ValueType.COUNTRY: country_code,
    ValueType.LANGUAGE: language_code,
}


class Offer(NamedTuple):
    """Something that can be chosen: its value, how it is called, what else is known of it, and its group."""

    value: str
    label: str
    note: str = ""
    group: str = ""


class Offers:
    """What there is in a workspace to be asked for; read again when it is looked at after it changed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._version = -1
        self._read: dict[str, list[Offer]] = {}
        self._users: dict[str, User] | None = None
        self.fields: Mapping[str, Field] = {}
        self.renew()

    def renew(self) -> None:
        """Forget what was read if anything was done in the workspace since."""
        version = self._workspace.contacts.version()
        if version != self._version:
            self._version = version
            self._read = {}
            self._users = None
            self.fields = {field.slug: field for field in self._workspace.fields}

    def definition(self, name: str) -> Definition | None:
        """What the criterion `name` asks about; None for a custom field that isn't there."""
        definition = definition_of(name)
        if definition.slug is None:
            return definition
        return field_definition(definition.slug, self.fields) if definition.slug in self.fields else None

    def allowed(self, definition: Definition) -> tuple[str, ...]:
        """The values of a list field, in order."""
        field = self.fields.get(definition.slug or "")
        return () if field is None else field.allowed

    def criteria(self) -> list[Offer]:
        """What can be asked for, custom fields last; no standard one is left out."""
        grouped = [
            Offer(name, CRITERIA[name].label, "", group) for group, names in _GROUPS.items() for name in names
        ]
        others = [
            Offer(name, CRITERIA[name].label) for name in CRITERIA if name not in {one.value for one in grouped}
        ]
        custom = [
            Offer(FIELD_PREFIX + field.slug, field.name, field.type.value, "Custom fields")
            for field in self.fields.values()
        ]
        return [*grouped, *others, *custom]

    def values(self, definition: Definition) -> list[Offer]:
        """What can be chosen for a criterion."""
        kind = definition.type
        if kind is ValueType.CHOICE:
            return [Offer(value, value) for value in self.allowed(definition)]
        if kind not in self._read:
            self._read[kind] = list(self._offered(kind))
        return self._read[kind]

    def sharers(self) -> list[Offer]:
        """Whom an inbox can be shared with."""
        users = [offer._replace(group="Users") for offer in self._offered(ValueType.USER)]
        return [*users, *(offer._replace(group="Teams") for offer in self._offered(ValueType.TEAM))]

    def called(self, definition: Definition, value: str) -> str:
        """How a value is called on the screen."""
        kind = definition.type
        if kind is ValueType.COUNTRY:
            return country_name(value)
        if kind is ValueType.LANGUAGE:
            return language_name(value)
        if kind is ValueType.SOURCES:
            return Source(value).label
        if kind is ValueType.USER:
            return self._user_name(value)
        return value

    def is_there(self, definition: Definition, value: str) -> bool:
        """Whether `value` still names something."""
        kind, workspace = definition.type, self._workspace
        if kind is ValueType.CHOICE:
            return name_key(value) in {name_key(one) for one in self.allowed(definition)}
        listings: Mapping[ValueType, Container[object]] = {
            ValueType.TAGS: workspace.tags,
            ValueType.USER: workspace.users,
            ValueType.TEAM: workspace.teams,
            ValueType.CHANNELS: workspace.channels,
            ValueType.CHANNEL: workspace.channels,
        }
        return kind not in listings or value in listings[kind]

    def fitting(self, definition: Definition, typed: str, chosen: Collection[str]) -> list[Offer]:
        """What fits what was `typed`, and isn't `chosen` yet; countries by their names in other languages too."""
        found = matching(self.values(definition), typed, chosen)
        meant = self.meant(definition, typed)
        if meant is None or meant in chosen or any(offer.value == meant for offer in found):
            return found
        return [Offer(meant, self.called(definition, meant)), *found]

    def meant(self, definition: Definition, typed: str) -> str | None:
        """The value that `typed` is the whole name of, in any case; countries in other languages too."""
        key = name_key(typed)
        for offer in self.values(definition):
            if key in (name_key(offer.label), name_key(offer.value)):
                return offer.value
        if definition.type not in _PLACES:
            return None
        try:
            return _PLACES[definition.type](typed)
        except InvalidValue:
            return None

    def _offered(self, kind: ValueType) -> Iterator[Offer]:
        workspace = self._workspace
        if kind in (ValueType.COUNTRY, ValueType.LANGUAGE):
            names = countries() if kind is ValueType.COUNTRY else languages()
            yield from (Offer(code, name) for code, name in names.items())
        elif kind is ValueType.SOURCES:
            yield from (Offer(source.value, source.label) for source in Source)
        elif kind is ValueType.TAGS:
            yield from (Offer(tag.name, tag.name) for tag in workspace.tags)
        elif kind is ValueType.USER:
            yield from (Offer(user.email, user.name, user.email) for user in workspace.users)
        elif kind is ValueType.TEAM:
            yield from (Offer(team.name, team.name) for team in workspace.teams)
        else:
            yield from (Offer(one.name, one.name, one.source.label) for one in workspace.channels)

    def _user_name(self, email: str) -> str:
        if self._users is None:
            self._users = {name_key(user.email): user for user in self._workspace.users}
        user = self._users.get(name_key(email))
        return email if user is None else user.name


def matching(offers: Iterable[Offer], typed: str, chosen: Iterable[str] = ()) -> list[Offer]:
    """The offers that what was `typed` is found in, those that begin with it first; not what is `chosen`.

    >>> [offer.value for offer in matching([Offer("GB", "United Kingdom"), Offer("KI", "Kiribati")], "ki")]
    ['KI', 'GB']
    """
    looked_for = name_key(typed)
    out = {name_key(value) for value in chosen}
    left = [offer for offer in offers if name_key(offer.value) not in out]
    if not looked_for:
        return left
    found = [offer for offer in left if looked_for in folded(f"{offer.label}\n{offer.note}\n{offer.value}")]
    grouped = list(dict.fromkeys(offer.group for offer in found))
    return sorted(found, key=lambda one: (grouped.index(one.group), not folded(one.label).startswith(looked_for)))
