"""A contact that isn't stored yet: its values checked and normalised, whoever they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contacts_nb.model.emails import checked_email
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.names import profile_name
from contacts_nb.model.phones import checked_phone, e164
from contacts_nb.model.places import country_code, language_code
from contacts_nb.model.text import cleaned, name_key

NAME_LENGTH = 255
TAG_LENGTH = 255


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """Values of a contact to be added; every one has passed its field's rule."""

    first_name: str | None
    last_name: str | None
    phone: str | None
    phone_e164: str | None
    email: str | None
    country: str | None
    language: str | None
    tags: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name that the contact will go by."""
        return profile_name(self.first_name, self.last_name, (), self.phone, self.email)


def drafted(
    *,
    first_name: str | None = None,
    last_name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    country: str | None = None,
    language: str | None = None,
    tags: Iterable[str] = (),
    region: str | None = None,
) -> ContactDraft:
    """A draft from values as people type them; `region` is the one that phones without `+` belong to.

    Raises `InvalidValue` for the first value that breaks its field's rule, and where name, phone and e-mail
    are all missing.

    >>> drafted(first_name=" Ann ", phone="020 7946 0958", country="UK", region="GB").phone_e164
    '+442079460958'
    """
    typed_phone = checked_phone(phone)
    draft = ContactDraft(
        first_name=cleaned("first name", first_name, NAME_LENGTH),
        last_name=cleaned("last name", last_name, NAME_LENGTH),
        phone=typed_phone,
        phone_e164=e164(typed_phone, region) if typed_phone else None,
        email=checked_email(email),
        country=country_code(country),
        language=language_code(language),
        tags=checked_tags(tags),
    )
    if not (draft.first_name or draft.last_name or draft.phone or draft.email):
        raise InvalidValue("contact", "", "has no name, phone or e-mail; give at least one of them")
    return draft


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
