"""Countries and languages: stored as ISO 3166-1 alpha-2 and ISO 639-1 codes, shown by name."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from functools import cache

from babel import Locale

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.text import folded

# What address books write besides the names of Unicode CLDR.
_OTHER_COUNTRY_NAMES = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "usa": "US", "u.s.a.": "US", "u.s.": "US", "america": "US",
    "united states of america": "US", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ",
    "turkey": "TR", "ivory coast": "CI", "south korea": "KR", "republic of korea": "KR", "uae": "AE",
    "russian federation": "RU", "viet nam": "VN", "macedonia": "MK",
}  # fmt: skip
_NAMING_LOCALES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "uk", "tr", "ar", "zh", "ja", "ko")


def country_code(value: str | None) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country given by code or by name in one of many languages, or None.

    >>> country_code("gb"), country_code("Deutschland"), country_code("UK"), country_code(" ")
    ('GB', 'DE', 'GB', None)
    """
    rule = "is not a country; use its name or a two-letter code such as GB"
    return _code("country", value, countries(), _country_names, rule)


def language_code(value: str | None) -> str | None:
    """The ISO 639-1 code of a language given by code, tag (`en-GB`) or name, or None.

    >>> language_code("en-GB"), language_code("Français")
    ('en', 'fr')
    """
    rule = "is not a language; use its name or a two-letter code such as en"
    text = (value or "").strip()
    tag, *subtags = text.replace("_", "-").split("-")
    if subtags and folded(text) not in _language_names():
        if not tag.strip():
            raise InvalidValue("language", text, rule)
        text = tag
    return _code("language", text, languages(), _language_names, rule)


def country_name(code: str | None) -> str:
    """The English name of the country `code`, or "" for None.

    >>> country_name("GB")
    'United Kingdom'
    """
    return "" if code is None else countries().get(code, code)


def language_name(code: str | None) -> str:
    """The English name of the language `code`, or "" for None.

    >>> language_name("fr")
    'French'
    """
    return "" if code is None else languages().get(code, code)


@cache
def countries() -> dict[str, str]:
    """Code to English name of every country, in the order of their names."""
    return _by_name({code: name for code, name in Locale("en").territories.items() if _is_country(code)})


@cache
def languages() -> dict[str, str]:
    """Code to English name of every language with a two-letter code, in the order of their names."""
    return _by_name({code: name for code, name in Locale("en").languages.items() if len(code) == 2})


def _is_country(code: str) -> bool:
    # CLDR also names the European Union, the United Nations, two pseudo-locales and the unknown region.
    return len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}


def _by_name(names: dict[str, str]) -> dict[str, str]:
    return dict(sorted(names.items(), key=lambda item: folded(item[1])))


@cache
def _country_names() -> dict[str, str]:
    names = {
        folded(name): code
        for locale in reversed(_NAMING_LOCALES)
        for code, name in Locale(locale).territories.items()
        if _is_country(code)
    }
    return names | _OTHER_COUNTRY_NAMES | {code.lower(): code for code in countries()}


@cache
def _language_names() -> dict[str, str]:
    names = {
        folded(name): code
        for locale in reversed(_NAMING_LOCALES)
        for code, name in Locale(locale).languages.items()
        if len(code) == 2
    }
    names |= {folded(name): code for code in languages() if (name := _own_name(code))}
    return names | {code: code for code in languages()}


def _own_name(code: str) -> str | None:
    return Locale(code).display_name if code in _NAMING_LOCALES else None


def _code(
    field: str, value: str | None, known: Container[str], names: Callable[[], Mapping[str, str]], rule: str
) -> str | None:
    text = (value or "").strip()
    if not text:
        return None
    # Without the names, which take 15 MB and half a second, as far as that goes.
    for code in (text.upper(), text.lower()):
        if code in known:
            return code
    found = names().get(folded(text))
    if found is None:
        raise InvalidValue(field, text, rule)
    return found
