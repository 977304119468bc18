"""Phones: kept as typed, compared as E.164.

The region is always the caller's word (a file's, a workspace's); none is ever guessed, because a national
number read in the wrong region is a wrong number that looks right.
"""

from __future__ import annotations

import re

import phonenumbers

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import cleaned

_PHONE_SHAPE = re.compile(r"^[\w\s+()\-./,;:#*\u2010-\u2015\u2212]+$")
_REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
PHONE_LENGTH = 64


def checked_phone(value: str | None) -> str | None:
    """`value` as typed, trimmed, or None if empty; raises `InvalidValue` unless it could be a phone.

    Anything with 3 to 17 digits may be one (short codes, extensions, numbers of private exchanges).

    >>> checked_phone(" 020 7946 0958 ")
    '020 7946 0958'
    """
    text = cleaned("phone", value, PHONE_LENGTH)
    if text is None:
        return None
    digits = sum(character.isdecimal() for character in text)
    if not 3 <= digits <= 17 or not _PHONE_SHAPE.match(text):
        raise InvalidValue("phone", text, "is not a phone number; give 3 to 17 digits, such as +44 20 7946 0958")
    return text


def e164(typed: str, region: str | None) -> str | None:
    """The E.164 form of a phone as `typed`, or None if it can't be known.

    A number without `+` needs a `region` (ISO 3166-1 alpha-2). Numbers of a possible length are taken even
    where the numbering plan of today doesn't list their range.

    >>> e164("020 7946 0958", "GB"), e164("020 7946 0958", None), e164("+1 (202) 555-0143", None)
    ('+442079460958', None, '+12025550143')
    """
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    # Numbers that reach someone only from nearby (no area code, short codes) have no international form.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def checked_region(region: str | None) -> str | None:
    """`region` in capitals, or None; raises `InvalidValue` for one that has no numbering plan.

    >>> checked_region("gb")
    'GB'
    """
    if region is None or not region.strip():
        return None
    code = region.strip().upper()
    if code not in _REGIONS:
        raise InvalidValue("region", region, "is not a phone region; give a two-letter code such as GB or DE")
    return code
