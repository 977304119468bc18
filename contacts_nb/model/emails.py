"""E-mail addresses: spelling kept, matched case-folded."""

from __future__ import annotations

import re

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import cleaned

EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets

_RESERVED = {name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES} - {"local", "test"}
_PLAIN = re.compile(
    r"[a-z0-9_+'-]+(?:\.[a-z0-9_+'-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    rf"(?!(?:{'|'.join(map(re.escape, sorted(_RESERVED)))})$)[a-z]{{2,}}",
    re.ASCII | re.IGNORECASE,
)
_SHORT = 64  # so that no part of an address can be too long


def checked_email(value: str | None) -> str | None:
    """`value` as spelled, trimmed, or None if empty; raises `InvalidValue` unless it is an address.

    >>> checked_email(" Ann@Example.org ")
    'Ann@Example.org'
    """
    if value is None:
        return None
    plain = value.strip()
    # The validator finds no fault with these, but takes far longer to say so.
    if len(plain) <= _SHORT and _PLAIN.fullmatch(plain):
        return plain
    text = cleaned("email", value, EMAIL_LENGTH)
    if text is None:
        return None
    _validate(text)
    return text


def _validate(text: str) -> None:
    # Names that don't reach round the world are real inside companies; the validator lets only .test pass.
    checked = re.sub(r"\.local$", ".test", text, flags=re.IGNORECASE)
    try:
        validate_email(checked, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        reason = str(error).rstrip(".")
        raise InvalidValue("email", text, f"is not an e-mail address: {reason[:1].lower()}{reason[1:]}") from error


def email_key(address: str) -> str:
    """What two spellings of one address have in common.

    >>> email_key("Ann@Example.ORG")
    'ann@example.org'
    """
    return address.casefold()
