"""Phones: kept as typed, compared as E.164.

The region is always the caller's word (a file's, a workspace's); none is ever guessed, because a national
number read in the wrong region is a wrong number that looks right.
"""

from __future__ import annotations

import re

import phonenumbers

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.phone_patterns import plain_e164
from contacts_nb.model.text import cleaned, folded

_PHONE_SHAPE = re.compile(r"^[\w\s+()\-./,;:#*\u2010-\u2015\u2212]+$")
_NOT_DIGITS = re.compile(r"\D+")
_NOT_DIGITS_IN_ASCII = bytes(set(range(128)) - set(b"0123456789"))
_BETWEEN_DIGITS = b" +()-./"
_REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
PHONE_LENGTH = 64
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
"""What an international number is written like; full matches count."""


def checked_phone(value: str | None) -> str | None:
    """`value` as typed, trimmed, or None if empty; raises `InvalidValue` unless it could be a phone.

    Anything with 3 to 17 digits may be one (short codes, extensions, numbers of private exchanges).

    >>> checked_phone(" 020 7946 0958 ")
    '020 7946 0958'
    """
    if value is not None and _is_plain(value):
        return value.strip()
    text = cleaned("phone", value, PHONE_LENGTH)
    if text is None:
        return None
    digits = sum(character.isdecimal() for character in text)
    if not 3 <= digits <= 17 or not _PHONE_SHAPE.match(text):
        raise InvalidValue("phone", text, "is not a phone number; give 3 to 17 digits, such as +44 20 7946 0958")
    return text


def _is_plain(value: str) -> bool:
    """Whether `value` is 3 to 17 digits with nothing unusual between them: a short cut, true only of phones."""
    digits = value.encode("ascii", "replace").translate(None, _BETWEEN_DIGITS)
    return 3 <= len(digits) <= 17 and digits.isdigit() and len(value) <= PHONE_LENGTH


def e164(typed: str, region: str | None) -> str | None:
    """The E.164 form of a phone as `typed`, or None if it can't be known.

    A number without `+` needs a `region` (ISO 3166-1 alpha-2). Numbers of a possible length are taken even
    where the numbering plan of today doesn't list their range.

    >>> e164("020 7946 0958", "GB"), e164("020 7946 0958", None), e164("+1 (202) 555-0143", None)
    ('+442079460958', None, '+12025550143')
    """
    return plain_e164(typed, region) or _parsed_e164(typed, region)


def _parsed_e164(typed: str, region: str | None) -> str | None:
    if region is None and "+" not in typed and "＋" not in typed:
        return None
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    # Numbers that reach someone only from nearby (no area code, short codes) have no international form.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_key(typed: str | None, international: str | None) -> str | None:
    """The digits of a phone, of its E.164 form if it has one: what filters compare.

    >>> phone_key("020 7946 0958", "+442079460958"), phone_key("Ext. 4711", None)
    ('442079460958', '4711')
    """
    phone = international or typed
    if phone is None:
        return None
    if phone.isascii():
        return phone.encode().translate(None, _NOT_DIGITS_IN_ASCII).decode()
    return _NOT_DIGITS.sub("", folded(phone))


def same_phone(typed: str, region: str | None) -> tuple[str, ...]:
    """The keys that a phone equal to what was `typed` may have.

    >>> same_phone("020 7946 0958", "GB"), same_phone("4711", None), same_phone("none", None)
    (('442079460958', '02079460958'), ('4711',), ())
    """
    return _once(phone_key(typed, e164(typed, region)), phone_key(typed, None))


def phone_starts(typed: str, region: str | None) -> tuple[str, ...]:
    """What the key of a phone that starts with what was `typed` may start with.

    A leading zero stands for the country of `region`, two for any country.

    >>> phone_starts("+44 20", None), phone_starts("0044 20", None), phone_starts("020", "GB")
    (('4420',), ('4420', '004420'), ('4420', '020'))
    """
    digits = phone_key(typed, None) or ""
    if digits.startswith("00"):
        return _once(digits[2:], digits)
    if digits.startswith("0") and region is not None:
        return _once(f"{phonenumbers.country_code_for_region(region)}{digits[1:]}", digits)
    return _once(digits)


def _once(*keys: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in keys if key))


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
