"""Who works in a workspace, and in which teams; and the checks of what any caller may hand over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from contacts_nb.model.emails import EMAIL_LENGTH, checked_email
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import cleaned, folded

PERSON_NAME_LENGTH = 255
TEAM_NAME_LENGTH = 255
WORD_LENGTH = 100  # of what names one of a few choices

Member = TypeVar("Member", bound=StrEnum)


class Role(StrEnum):
    """What a user may do, before restrictions; `rights.RIGHTS` says which operation needs which."""

    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"


class Restriction(StrEnum):
    """What a single user may not do, though the role would allow it."""

    DATA_EXPORT = "restrict_data_export"
    CONTACT_DELETION = "restrict_contact_deletion"
    WORKSPACE_SETTINGS = "restrict_workspace_settings"


@dataclass(frozen=True, slots=True)
class User:
    """A person who works here; `teams` are names, `created_at` is UTC."""

    id: int
    email: str
    name: str
    role: Role
    restrictions: frozenset[Restriction]
    teams: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """A named group of users; `members` are their e-mail addresses, `created_at` is UTC."""

    id: int
    name: str
    members: tuple[str, ...]
    created_at: datetime


def checked_role(value: object) -> Role:
    """The role that `value` names, in any case; raises `InvalidValue` if there is none.

    >>> str(checked_role("Manager"))
    'manager'
    """
    return member_named("role", value, Role)


def checked_restrictions(values: object) -> frozenset[Restriction]:
    """The restrictions that `values` name; raises `InvalidValue` for one that doesn't exist.

    >>> sorted(checked_restrictions(["restrict_data_export", "restrict_data_export"]))
    [<Restriction.DATA_EXPORT: 'restrict_data_export'>]
    """
    items = listed("restrictions", values, 100)
    return frozenset(member_named("restrictions", item, Restriction) for item in items)


def checked_user_email(value: object) -> str:
    """The address of a user as spelled, trimmed; raises `InvalidValue` unless it is one.

    >>> checked_user_email(" Bo@Example.org")
    'Bo@Example.org'
    """
    return email_required("email", value)


def checked_person_name(value: object, email: str) -> str:
    """The name of a user, trimmed; where there is none, what stands before the @ of `email`.

    >>> checked_person_name(" Bo Li ", "bo@example.org"), checked_person_name("", "bo@example.org")
    ('Bo Li', 'bo')
    """
    return text_given("name", value, PERSON_NAME_LENGTH) or email.rpartition("@")[0]


def checked_team_name(value: object) -> str:
    """The name of a team, trimmed; raises `InvalidValue` if empty, too long or no text.

    >>> checked_team_name(" Support ")
    'Support'
    """
    return text_required("team", value, TEAM_NAME_LENGTH)


def text_given(field: str, value: object, limit: int) -> str | None:
    """`value` as `cleaned` leaves it; raises `InvalidValue` for what is no text at all.

    >>> text_given("note", " call back ", 255), text_given("note", None, 255)
    ('call back', None)
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise refusal(field, value, f"is not a text but of type {type(value).__name__}; give a text")
    # Subclasses (markup, numpy's texts) become plain texts.
    return cleaned(field, str.__str__(value), limit)


def text_required(field: str, value: object, limit: int) -> str:
    """`value` as `text_given` leaves it; raises `InvalidValue` where nothing is left.

    >>> text_required("name", " Plan ", 255)
    'Plan'
    """
    text = text_given(field, value, limit)
    if text is None:
        raise InvalidValue(field, value, "is empty; give a text")
    return text


def email_required(field: str, value: object) -> str:
    """`value` as spelled, trimmed; raises `InvalidValue` about `field` unless it is an e-mail address.

    >>> email_required("work address", " Ann@Example.org ")
    'Ann@Example.org'
    """
    text = text_required(field, value, EMAIL_LENGTH)
    try:
        checked_email(text)
    except InvalidValue as error:
        raise InvalidValue(field, text, error.rule) from error
    return text


def listed(field: str, values: object, limit: int) -> tuple[object, ...]:
    """The items of `values`; raises `InvalidValue` for a single text, what has no items, and too many.

    >>> listed("teams", ["Sales", "Support"], 10)
    ('Sales', 'Support')
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise refusal(field, values, "is not a list; give a list of texts")
    items = tuple(islice(values, limit + 1))
    if len(items) > limit:
        raise refusal(field, items, f"has too many items; give at most {limit:,}")
    return items


def member_named(field: str, value: object, members: type[Member]) -> Member:
    """The one of `members` that `value` names, in any case, with spaces or hyphens for underscores or none.

    >>> str(member_named("restriction", "Restrict data export", Restriction))
    'restrict_data_export'
    """
    name = text_given(field, value, WORD_LENGTH)
    found = {_squeezed(member.value): member for member in members}.get(_squeezed(name or ""))
    if found is None:
        raise InvalidValue(field, value, f"is none of the choices; give one of {', '.join(members)}")
    return found


def refusal(field: str, value: object, rule: str) -> InvalidValue:
    """The error to raise about a `value` of any type, however large.

    >>> raise refusal("seats", 10**5000, "is too large")
    Traceback (most recent call last):
    contacts_nb.model.errors.InvalidValue: seats '(int)' is too large
    """
    try:
        return InvalidValue(field, value, rule)
    except ValueError:  # Python refuses to write out whole numbers of more than 4,300 digits
        return InvalidValue(field, f"({type(value).__name__})", rule)


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_-]", "", folded(name))
