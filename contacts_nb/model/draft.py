"""A contact that isn't stored yet: its values checked and normalised, whoever they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from contacts_nb.model.emails import checked_email
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import Field, checked_url, checked_value
from contacts_nb.model.names import profile_name
from contacts_nb.model.people import Team, User, text_given
from contacts_nb.model.phones import checked_phone, e164
from contacts_nb.model.places import country_code, language_code
from contacts_nb.model.text import cleaned, name_key

NAME_LENGTH = 255
LONGEST = 1_000_000  # of what is looked at at all; each field's own rule is stricter
TAG_LENGTH = 255


class DraftIdentity(NamedTuple):
    """Who a contact is on a channel: `key` is what two spellings of `identifier` have in common there."""

    channel_id: int
    identifier: str
    key: str


class ContactDraft(NamedTuple):
    """Values of a contact to be added; every one has passed its field's rule."""

    first_name: str | None
    last_name: str | None
    phone: str | None
    phone_e164: str | None
    email: str | None
    country: str | None
    language: str | None
    tags: tuple[str, ...]
    picture: str | None = None
    fields: tuple[tuple[Field, str], ...] = ()
    assignee: User | None = None
    team: Team | None = None
    identities: tuple[DraftIdentity, ...] = ()

    @property
    def name(self) -> str:
        """The name that the contact will go by."""
        first, last = self.first_name, self.last_name
        if first or last:
            return f"{first} {last}" if first and last else first or last or ""
        identifiers = [identity.identifier for identity in self.identities]
        return profile_name(None, None, (), self.phone, self.email, identifiers)


def drafted(
    *,
    first_name: str | None = None,
    last_name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    country: str | None = None,
    language: str | None = None,
    picture: str | None = None,
    region: str | None = None,
    tags: Iterable[str] = (),
    fields: Mapping[Field, object] | None = None,
    assignee: User | None = None,
    team: Team | None = None,
) -> ContactDraft:
    """A draft from values as people type them; `region` is the one that phones without `+` belong to.

    Raises `InvalidValue` for the first value that breaks its field's rule, and where name, phone and e-mail
    are all missing.

    >>> drafted(first_name=" Ann ", phone="020 7946 0958", country="UK", region="GB").phone_e164
    '+442079460958'
    """
    given = {
        "first_name": first_name,
        "last_name": last_name,
        "phone": phone,
        "email": email,
        "country": country,
        "language": language,
        "picture": picture,
    }
    values: dict[str, Any] = {}
    for name, value in given.items():
        values |= checked_standard(name, value, region)
    draft = ContactDraft(
        **values,
        tags=checked_tags(tags),
        fields=tuple(
            (field, text)
            for field, value in sorted((fields or {}).items(), key=lambda item: item[0].id)
            if (text := checked_value(field, value)) is not None
        ),
        assignee=assignee,
        team=team,
    )
    if not (draft.first_name or draft.last_name or draft.phone or draft.email):
        raise InvalidValue("contact", "", "has no name, phone or e-mail; give at least one of them")
    return draft


def checked_standard(name: str, value: object, region: str | None) -> dict[str, str | None]:
    """By column, what a contact keeps of `value` in its standard field `name`; a phone is kept in two forms.

    Raises `InvalidValue` for a value that breaks the field's rule, and for a field that doesn't exist.

    >>> checked_standard("phone", "020 7946 0958", "GB")
    {'phone': '020 7946 0958', 'phone_e164': '+442079460958'}
    """
    check = _STANDARD.get(name)
    if check is None:
        raise InvalidValue("field", name, f"is not one that can be set; use one of {', '.join(_STANDARD)}")
    # Most values are texts, and each check trims its own.
    text = value if type(value) is str else text_given(name.replace("_", " "), value, LONGEST)
    if name == "phone":
        phone = checked_phone(text)
        return {"phone": phone, "phone_e164": e164(phone, region) if phone else None}
    return {name: check(text)}


_STANDARD: dict[str, Callable[[str | None], str | None]] = {
    "first_name": lambda text: cleaned("first name", text, NAME_LENGTH),
    "last_name": lambda text: cleaned("last name", text, NAME_LENGTH),
    "phone": checked_phone,
    "email": checked_email,
    "country": country_code,
    "language": language_code,
    "picture": lambda text: checked_url("picture", text),
}
STANDARD = tuple(_STANDARD)
"""The standard fields whose values people give."""


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tag names, trimmed, each once (the first spelling of those that fold to the same).

    >>> checked_tags(["VIP", " vip ", "", "new"])
    ('VIP', 'new')
    """
    if isinstance(tags, str):
        raise InvalidValue("tags", tags, "is a text; give a list of tag names")
    by_key: dict[str, str] = {}
    for tag in tags:
        name = cleaned("tag", tag, TAG_LENGTH)
        if name:
            by_key.setdefault(name_key(name), name)
    return tuple(by_key.values())
