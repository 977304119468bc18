"""Who the people of a demo are: names, phones, addresses, country and language, a chunk of people at a time.

Phones follow from the contact's id and accounts are counted by name, so that all are unique without any
being looked up. Addresses are on domains that RFC 2606 reserves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from contacts_nb.app.demo_locales import LOCALES

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Value = TypeVar("Value")

DOMAINS = ("example.org", "example.com", "example.net", "mail.example", "post.example")

_LOCALE_SHARES = np.cumsum([locale.share for locale in LOCALES])
_GIVEN_COUNTS = np.array([len(locale.names.given) for locale in LOCALES])
_FAMILY_COUNTS = np.array([len(locale.names.family) for locale in LOCALES])
_SPACED_NAMES = np.array([locale.language not in {"zh", "ja", "ko", "th"} for locale in LOCALES])


@dataclass(frozen=True, slots=True)
class Person:
    """What a person's identities are made of; `number` is the contact's id."""

    number: int
    given: str
    family: str
    e164: str
    account: str
    address: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Profiles:
    """The people of a chunk, and what is known of each: a value per person, None where it isn't known."""

    people: list[Person]
    locales: Integers
    first_names: list[str | None]
    last_names: list[str | None]
    phones: list[str | None]
    e164s: list[str | None]
    emails: list[str | None]
    countries: list[str | None]
    languages: list[str | None]


def drawn_profiles(draw: np.random.Generator, first: int, size: int, accounts: dict[str, int]) -> Profiles:
    """The people from number `first` on; `accounts` counts the accounts given so far by name and is added to."""
    locales = np.searchsorted(_LOCALE_SHARES, draw.random(size) * _LOCALE_SHARES[-1], side="right")
    national = _national_numbers(locales, first)
    people = _drawn_people(draw, first, locales, national, accounts)
    has_name, has_family = draw.random(size) >= 0.04, draw.random(size) >= 0.05
    has_phone, has_email = draw.random(size) >= 0.15, draw.random(size) >= 0.25
    has_country, has_language = draw.random(size) >= 0.08, draw.random(size) >= 0.10
    in_capitals = draw.random(size) < 0.05
    return Profiles(
        people=people,
        locales=locales,
        first_names=_known([person.given for person in people], has_name),
        last_names=_known([person.family for person in people], has_name & has_family),
        phones=_known(_typed_phones(draw, locales, national, has_country), has_phone),
        e164s=_known([person.e164 for person in people], has_phone),
        emails=_known(
            [
                person.address.title() if capitals else person.address
                for person, capitals in zip(people, in_capitals.tolist(), strict=True)
            ],
            has_email,
        ),
        countries=_known([LOCALES[locale].country for locale in locales.tolist()], has_country),
        languages=_known([LOCALES[locale].language for locale in locales.tolist()], has_language),
    )


def _drawn_people(
    draw: np.random.Generator,
    first_number: int,
    locales: Integers,
    national: Sequence[str],
    accounts: dict[str, int],
) -> list[Person]:
    given_counts, family_counts = _GIVEN_COUNTS[locales], _FAMILY_COUNTS[locales]
    lengths = np.where(_SPACED_NAMES[locales], draw.random(len(locales)), 1.0)
    rows = zip(
        locales.tolist(),
        _below(draw, given_counts),
        _below(draw, given_counts),
        _below(draw, family_counts),
        _below(draw, family_counts),
        lengths.tolist(),
        draw.random(len(locales)).tolist(),
        (draw.random(len(locales)) ** 2 * len(DOMAINS)).astype(np.int64).tolist(),
        national,
        strict=True,
    )
    people = []
    for number, (place, first, second, last, third, length, style, domain, phone) in enumerate(rows, first_number):
        locale = LOCALES[place]
        names = locale.names
        given, family = names.given[first], names.family[last]
        if length < 0.03:
            given = f"{given} {names.given[second]}"
        elif length < 0.04:
            family = f"{family}-{names.family[third]}"
        elif length < 0.045:
            given = " ".join((given, *names.given[second : second + 3]))
            family = " ".join((family, *names.family[third : third + 3]))
        account = _account(names.given_ascii[first], names.family_ascii[last], style, accounts)
        address = f"{account}@{DOMAINS[domain]}"
        people.append(Person(number, given, family, f"+{locale.calling_code}{phone}", account, address))
    return people


def _account(given: str, family: str, style: float, accounts: dict[str, int]) -> str:
    """`ann.smith`, `annsmith` or `a.smith`, with a number from the second one on."""
    name = f"{given}.{family}" if style < 0.6 else f"{given}{family}" if style < 0.8 else f"{given[0]}.{family}"
    taken = accounts.get(name, 0) + 1
    accounts[name] = taken
    return name if taken == 1 else f"{name}{taken}"


def _national_numbers(locales: Integers, first: int) -> list[str]:
    numbers = np.empty(len(locales), dtype=object)
    for place, locale in enumerate(LOCALES):
        there = np.flatnonzero(locales == place)
        numbers[there] = locale.national_numbers(there + first)
    national: list[str] = numbers.tolist()
    return national


def _typed_phones(
    draw: np.random.Generator, locales: Integers, national: Sequence[str], has_country: Flags
) -> list[str]:
    """Phones as people write them; those whose country isn't known with its calling code."""
    layout_counts = np.array([len(locale.layouts) for locale in LOCALES])[locales]
    chosen = np.array(_below(draw, np.where(has_country, layout_counts, 2)))
    chosen = np.where(has_country, chosen, layout_counts - 1 - chosen)
    return [
        LOCALES[place].layouts[layout] % tuple(number)
        for place, layout, number in zip(locales.tolist(), chosen.tolist(), national, strict=True)
    ]


def _below(draw: np.random.Generator, limits: Integers) -> list[int]:
    below: list[int] = (draw.random(len(limits)) * limits).astype(np.int64).tolist()
    return below


def _known(values: Sequence[Value], known: Flags) -> list[Value | None]:
    return [value if is_known else None for value, is_known in zip(values, known.tolist(), strict=True)]
