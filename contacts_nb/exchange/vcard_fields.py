"""From the properties of a card to the values of a contact: which of several phones, which part of a name.

Every rule is a preference; what can't be used is counted and never costs the rest of the card.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contacts_nb.exchange.csv_writer import identifiers_cell
from contacts_nb.exchange.full_names import name_parts
from contacts_nb.exchange.rows import CHANNEL, CUSTOM
from contacts_nb.exchange.vcard_lines import Property, pieces, plain
from contacts_nb.model.emails import checked_email
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.phones import checked_phone
from contacts_nb.model.places import country_code, language_code

WANTED = frozenset(
    {"VERSION", "N", "FN", "NICKNAME", "ORG", "TEL", "EMAIL", "ADR", "LANG", "CATEGORIES", "PHOTO", "X-ABLABEL",
     "X-LANGUAGE", "X-ASSIGNEE", "X-TEAM", "X-CONTACTS-NB-E164", "X-CONTACTS-NB-FIELD", "X-CONTACTS-NB-CHANNEL",
     "X-CONTACTS-NB-ID"}
)  # fmt: skip
# Properties about the card, not about the person.
_ABOUT_THE_CARD = frozenset(
    {"VERSION", "PRODID", "UID", "REV", "SOURCE", "MAILER", "SORT-STRING", "PROFILE", "NAME", "KIND", "CLASS",
     "CLIENTPIDMAP", "XML", "LABEL"}
)  # fmt: skip
# Texts that are a value as they are.
_TEXTS = {
    "X-CONTACTS-NB-ID": "id",
    "X-CONTACTS-NB-E164": "phone_e164",
    "X-ASSIGNEE": "assignee",
    "X-TEAM": "team",
}
_NO_VOICE = ("FAX", "PAGER", "MODEM", "BBS", "VIDEO", "TEXTPHONE")
_CELL = ("CELL", "MOBILE", "IPHONE")
_COUNTRY = 6  # the place of the country in ADR
_LINK = re.compile("https?:", re.IGNORECASE)
# The longest value that any field takes, so that no rule meets a text of megabytes.
_LONGEST = 1000


@dataclass(slots=True)
class CardFields:
    """The values of one card by field, with its tags and the properties that have no place in a contact."""

    values: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)


def card_fields(properties: Iterable[Property]) -> CardFields:
    """What a contact can take over from the `properties` of a card."""
    by_name: dict[str, list[Property]] = {}
    for one in properties:
        if one.text:
            by_name.setdefault(one.name, []).append(one)
    fields = CardFields()
    _take_names(fields, by_name)
    _take_phone(fields, by_name.get("TEL", []), by_name.get("X-ABLABEL", []))
    emails = sorted(by_name.get("EMAIL", []), key=lambda email: email.preference)
    _take(fields, "email", "EMAIL", [_without(email.text, "mailto:") for email in emails], checked_email)
    languages = [*by_name.get("LANG", []), *by_name.get("X-LANGUAGE", [])]
    languages.sort(key=lambda language: language.preference)
    _take(fields, "language", "LANG", [plain(language.text) for language in languages], language_code)
    _take_country(fields, by_name.get("ADR", []))
    _take_picture(fields, by_name.get("PHOTO", []))
    _take_own(fields, by_name)
    texts = (plain(text).strip() for one in by_name.get("CATEGORIES", []) for text in pieces(one.text, ","))
    # Android and Google put everyone into this group.
    fields.tags = tuple(text for text in texts if text and text.casefold() != "mycontacts")
    for name, found in by_name.items():
        if not (name in WANTED or name in _ABOUT_THE_CARD or name.startswith("X-")):
            fields.left_out[name] += len(found)
    if "LABEL" in by_name and "ADR" not in by_name:
        fields.left_out["LABEL"] += len(by_name["LABEL"])
    return fields


def _take_names(fields: CardFields, by_name: dict[str, list[Property]]) -> None:
    first = last = ""
    version = next((one.text for one in by_name.get("VERSION", [])), "")
    for one in by_name.get("N", []):
        # In 2.1 a comma is just a comma, later it stands between several names.
        parts = [
            _one_line(plain(part)) if version.startswith("2") else _joined(pieces(part, ","))
            for part in pieces(one.text, ";")
        ]
        parts += [""] * 3
        first, last = " ".join(part for part in parts[1:3] if part), parts[0]
        if first or last:
            break
    if not (first or last):
        full_name = _first_text(by_name, "FN")
        # Who has no name is called by the number or address in its place.
        first, last = ("", "") if full_name in _identifiers(by_name) else name_parts(full_name)
    instead = ""
    if not (first or last):
        instead = next((name for name in ("NICKNAME", "ORG") if _first_text(by_name, name)), "")
        first = _first_text(by_name, instead) if instead else ""
    for name in ("NICKNAME", "ORG"):
        unused = len(by_name.get(name, [])) - (name == instead)
        if unused > 0:
            fields.left_out[name] += unused
    fields.values |= {key: text for key, text in (("first_name", first), ("last_name", last)) if text}


def _take_phone(fields: CardFields, phones: Sequence[Property], labels: Sequence[Property]) -> None:
    words = {label.group: label.text.upper() for label in labels if label.group}
    ranked: list[tuple[int, int, str]] = []
    for phone in phones:
        kinds = [*phone.types, words.get(phone.group, "")]
        text = plain(phone.text).strip()
        if _says(kinds, _NO_VOICE):
            fields.left_out["TEL"] += 1
            continue
        if text[:4].casefold() == "tel:":
            text = text[4:].partition(";")[0]
        ranked.append((0 if _says(kinds, _CELL) else 1, phone.preference, text))
    ranked.sort(key=lambda phone: phone[:2])
    _take(fields, "phone", "TEL", [text for _, _, text in ranked], checked_phone)


def _take_picture(fields: CardFields, pictures: Sequence[Property]) -> None:
    links = [text for one in pictures if _LINK.match(text := plain(one.text).strip())]
    if links:
        fields.values["picture"] = links[0]
    unused = len(pictures) - bool(links)
    if unused:
        fields.left_out["PHOTO"] += unused


def _take_own(fields: CardFields, by_name: Mapping[str, Sequence[Property]]) -> None:
    """What only our own export writes."""
    for name, key in _TEXTS.items():
        for one in by_name.get(name, []):
            fields.values.setdefault(key, plain(one.text))
    for one in by_name.get("X-CONTACTS-NB-FIELD", []):
        fields.values.setdefault(CUSTOM + one.parameters.get("SLUG", ""), plain(one.text))
    identities: dict[str, list[str]] = {}
    for one in by_name.get("X-CONTACTS-NB-CHANNEL", []):
        identities.setdefault(CHANNEL + one.parameters.get("NAME", ""), []).append(plain(one.text))
    fields.values |= {channel: identifiers_cell(found) for channel, found in identities.items()}


def _take_country(fields: CardFields, addresses: Sequence[Property]) -> None:
    for address in sorted(addresses, key=lambda one: one.preference):
        parts = [_one_line(plain(part)) for part in pieces(address.text, ";")]
        country = parts[-1] if len(parts) > _COUNTRY else ""
        rest = parts[:-1] if len(parts) > _COUNTRY else parts
        taken = bool(country) and _accepted(country, country_code)
        if taken:
            fields.values.setdefault("country", country)
        # A street or town has no place in a contact, even where the country has.
        if any(rest) or (country and not taken):
            fields.left_out["ADR"] += 1


def _take(
    fields: CardFields, key: str, name: str, texts: Iterable[str], rule: Callable[[str | None], str | None]
) -> None:
    """The first of `texts` that `rule` accepts becomes the value; the others are counted, each once."""
    seen: set[str] = set()
    for text in texts:
        same = "".join(text.split()).casefold()
        if not same or same in seen:
            continue
        seen.add(same)
        if key not in fields.values and _accepted(text, rule):
            fields.values[key] = text.strip()
        else:
            fields.left_out[name] += 1


def _accepted(text: str, rule: Callable[[str | None], str | None]) -> bool:
    try:
        return len(text) <= _LONGEST and rule(text) is not None
    except InvalidValue:
        return False


def _says(kinds: Iterable[str], words: Sequence[str]) -> bool:
    return any(word in kind for kind in kinds for word in words)


def _without(text: str, scheme: str) -> str:
    """An address without the scheme of its URI and without what a URI may have after it."""
    text = plain(text).strip()
    return text[len(scheme) :].partition("?")[0] if text[: len(scheme)].casefold() == scheme else text


def _first_text(by_name: dict[str, list[Property]], name: str) -> str:
    """The first text of a property, with the parts of an organisation divided by commas."""
    for one in by_name.get(name, []):
        parts = pieces(one.text, ";") if name == "ORG" else [one.text]
        texts = [_one_line(plain(part)) for part in parts]
        if any(texts):
            return ", ".join(text for text in texts if text)
    return ""


def _identifiers(by_name: Mapping[str, Sequence[Property]]) -> set[str]:
    names = (("TEL", "tel:"), ("EMAIL", "mailto:"), ("X-CONTACTS-NB-CHANNEL", ":"))
    found = (_without(one.text, scheme) for name, scheme in names for one in by_name.get(name, []))
    return {_one_line(text) for text in found}


def _joined(names: Iterable[str]) -> str:
    """Several names of one person; white space inside them is theirs."""
    return " ".join(text for name in names if (text := plain(name).strip()))


def _one_line(text: str) -> str:
    return " ".join(text.split())
