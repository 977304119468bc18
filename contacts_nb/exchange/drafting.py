"""From the texts of a record to a contact to be, each value checked by the rule of its field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import phonenumbers

from contacts_nb.exchange.csv_writer import identifiers_of_cell
from contacts_nb.exchange.headers import Known
from contacts_nb.exchange.rows import CHANNEL, CUSTOM, NEW
from contacts_nb.model.channels import Channel, checked_identifier, identifier_key
from contacts_nb.model.draft import NAME_LENGTH, ContactDraft, DraftIdentity, checked_tags
from contacts_nb.model.emails import checked_email, email_key
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import Field, FieldType, checked_url, checked_value
from contacts_nb.model.people import Team, User
from contacts_nb.model.phones import E164, checked_phone, e164
from contacts_nb.model.places import country_code, language_code
from contacts_nb.model.text import cleaned, name_key

_MOST_CHOICES = 1_000
# What a spreadsheet makes of a phone that it takes for a number: digits are lost.
_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")


class Drafter:
    """Makes drafts for a workspace with these fields, channels, users and teams; `tags` go to every contact.

    `new_fields` are those to be made, by name; they have no id yet. A list among them takes what comes, which
    `choices` gathers. `left_out` counts values of fields and channels that the workspace doesn't have.
    """

    def __init__(
        self,
        known: Known,
        users: Iterable[User],
        teams: Iterable[Team],
        *,
        region: str | None = None,
        tags: Sequence[str] = (),
        new_fields: Mapping[str, Field] | None = None,
    ) -> None:
        self.region = region
        self.unread_phones = 0
        # Cards name fields and channels of the workspace they come from.
        self.left_out: Counter[str] = Counter()
        self.choices: dict[str, dict[str, str]] = {}
        self._tags = checked_tags(tags)
        self._fields = {f"{CUSTOM}{field.slug}": field for field in known.fields}
        self._fields |= {f"{NEW}{name}": field for name, field in (new_fields or {}).items()}
        self._channels = {f"{CHANNEL}{channel.name}": channel for channel in known.channels}
        self._users = {email_key(user.email): user for user in users}
        self._teams = {name_key(team.name): team for team in teams}
        # Most fields have few values, over and over.
        self._value = lru_cache(maxsize=20_000)(self._checked_value)

    def draft(self, values: Mapping[str, str], tags: tuple[str, ...]) -> ContactDraft:
        """The contact that a record describes; raises `InvalidValue` for the first value that breaks a rule."""
        get = values.get
        phone, international = self._phone(get("phone"), get("phone_e164"))
        own: list[tuple[Field, str]] = []
        identities: list[DraftIdentity] = []
        for target, text in values.items():
            if ":" not in target:
                continue  # a standard field
            if target in self._fields:
                own.append((self._fields[target], self._value(target, text)))
            elif target in self._channels:
                identities += self._identities(self._channels[target], text)
            else:
                self.left_out[target.removeprefix(CUSTOM)] += 1
        first_name, last_name, email = get("first_name"), get("last_name"), get("email")
        if first_name:
            first_name = cleaned("first name", first_name, NAME_LENGTH)
        if last_name:
            last_name = cleaned("last name", last_name, NAME_LENGTH)
        if email:
            email = checked_email(email)
        if not (first_name or last_name or phone or email or identities):
            raise InvalidValue("contact", "", "has no name, phone or e-mail; give at least one of them")
        country, language, picture = get("country"), get("language"), get("picture")
        assignee, team = get("assignee"), get("team")
        return ContactDraft(
            first_name,
            last_name,
            phone,
            international,
            email,
            _country(country) if country else None,
            _language(language) if language else None,
            _all_tags(tags, self._tags),
            checked_url("picture", picture) if picture else None,
            tuple(sorted(own, key=_field_id)) if len(own) > 1 else tuple(own),
            self._user(assignee) if assignee else None,
            self._team(team) if team else None,
            tuple(identities),
        )

    def _phone(self, typed: str | None, known: str | None) -> tuple[str | None, str | None]:
        text = typed or known
        if text is None:
            return None, None
        if _SCIENTIFIC.fullmatch(text):
            raise InvalidValue(
                "phone", text, "was taken for a number by a spreadsheet, which lost digits; export it as text"
            )
        phone = checked_phone(text)
        if phone is None:
            return None, None
        international = e164(phone, self.region)
        if known and known != international and E164.fullmatch(known) and _same_number(phone, known):
            international = known  # the file knows the region of each number
        if international is None:
            self.unread_phones += 1
        return phone, international

    def _checked_value(self, target: str, text: str) -> str:
        field = self._fields[target]
        if target.startswith(NEW) and field.type is FieldType.LIST:
            return self._choice(field, text)
        return checked_value(field, text) or ""

    def _choice(self, field: Field, text: str) -> str:
        """A value of a list that is only to be made: the first spelling of it counts."""
        value = cleaned(field.name, text, NAME_LENGTH) or ""
        choices = self.choices.setdefault(field.name, {})
        key = name_key(value)
        if key not in choices and len(choices) == _MOST_CHOICES:
            rule = f"would be value {_MOST_CHOICES + 1:,} of a list; import that column as a text field"
            raise InvalidValue(field.name, value, rule)
        return choices.setdefault(key, value)

    def _identities(self, channel: Channel, text: str) -> list[DraftIdentity]:
        found = [checked_identifier(channel.source, part) for part in identifiers_of_cell(text)]
        by_key = {identifier_key(channel.source, one, self.region): one for one in reversed(found)}
        return [DraftIdentity(channel.id, one, key) for key, one in reversed(by_key.items())]

    def _user(self, email: str) -> User:
        user = self._users.get(email_key(email))
        if user is None:
            rule = "is not a user of this workspace; add them first, or leave it empty"
            raise InvalidValue("assignee", email, rule)
        return user

    def _team(self, name: str) -> Team:
        team = self._teams.get(name_key(name))
        if team is None:
            raise InvalidValue("team", name, "doesn't exist; add it first, or leave it empty")
        return team


def _field_id(item: tuple[Field, str]) -> int:
    return item[0].id


def _same_number(typed: str, international: str) -> bool:
    """Whether `typed`, read in some region of the country of `international`, is that number."""
    number = phonenumbers.parse(international)
    code = number.country_code or 0
    regions = [phonenumbers.region_code_for_number(number), *phonenumbers.region_codes_for_country_code(code)]
    return any(e164(typed, region) == international for region in dict.fromkeys(regions) if region)


@lru_cache(maxsize=10_000)
def _country(text: str) -> str | None:
    return country_code(text)


@lru_cache(maxsize=10_000)
def _language(text: str) -> str | None:
    return language_code(text)


@lru_cache(maxsize=10_000)
def _all_tags(tags: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return checked_tags((*tags, *more))
