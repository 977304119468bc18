"""From the header of a table to what its columns hold, in the words of people and of other programs.

Headers are compared by their letters and digits only, so `E-mail 1 - Value` is `email1value`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contacts_nb.exchange.rows import FIELDS
from contacts_nb.model.errors import InvalidValue, UnreadableFile, shown
from contacts_nb.model.text import folded

REJECTED_BECAUSE = "rejected because"
MAPPABLE = (*FIELDS, "name")

# Headers by field, the preferred ones first; `name` is a full name in one column.
_HEADERS = {
    "first_name": "first_name given_name forename christian_name vorname prenom nombre nome 名",
    "middle_name": "middle_name additional_name",
    "last_name": "last_name family_name surname second_name nachname familienname apellido apellidos 姓",
    "name": "name full_name display_name contact_name contact file_as 姓名 名前 氏名",
    "phone": "mobile mobile_phone mobile_number mobile_phone_number cell cell_phone cellphone_number mobil handy "
    "movil whatsapp whatsapp_number phone phone_number phone_no primary_phone tel telephone telephone_number "
    "telephone_no phone_e164 telefon telefono telefonnummer 电话 電話 手机 phone_1 phone_2 "
    "home_phone home_phone_2 business_phone business_phone_2 work_phone other_phone car_phone company_main_phone",
    "email": "email e-mail_address mail mail_address email_1 primary_email correo correo_electronico "
    "courriel 邮箱 email_2 email_2_address email_3 email_3_address home_email personal_email work_email "
    "business_email other_email",
    "country": "country country_code country/region country_name land pays pais 国家 home_country "
    "home_country/region business_country business_country/region work_country other_country "
    "other_country/region",
    "language": "language language_code lang preferred_language locale sprache langue idioma 语言",
    "tags": "tags tag labels label categories category groups group group_membership",
}  # fmt: skip
_OF_GOOGLE = re.compile(r"(email|phone|address)([0-9]+)(value|country|type|label)")
_GOOGLE_FIELDS = {"emailvalue": "email", "phonevalue": "phone", "addresscountry": "country"}
_NOT_LETTERS = re.compile(r"[\W_]+")
_LIKE_DATA = re.compile(r".*@.*\..*|\+?[0-9][0-9 ()./-]{5,}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a value for `field`; of several the one with the lowest `rank` is preferred.

    `kind_index` is the column that says what kind of phone this one is, if there is one.
    """

    index: int
    name: str
    field: str
    rank: int
    kind_index: int | None = None


@dataclass(frozen=True, slots=True)
class TableColumns:
    """What the columns of a table hold: those with a field, and by index the names of those without."""

    with_field: tuple[Column, ...]
    without_field: tuple[tuple[int, str], ...]
    tag_separator: str | None


def _key(header: str) -> str:
    return _NOT_LETTERS.sub("", folded(header))


_KNOWN = {
    _key(header): (field, rank)
    for field, headers in _HEADERS.items()
    for rank, header in enumerate(headers.split(), start=1)
}


def table_columns(name: str, header: Sequence[str], mapping: Mapping[str, str] | None = None) -> TableColumns:
    """What the columns of the file `name` hold; `mapping`, from column to field, goes before their names.

    Raises `InvalidValue` for a column or field that doesn't exist, and `UnreadableFile` if there is no column
    with a field.
    """
    keys = [_key(cell) for cell in header]
    mapped = _mapped(header, mapping or {})
    with_field: list[Column] = []
    without_field: list[tuple[int, str]] = []
    for index, (cell, key) in enumerate(zip(header, keys, strict=True)):
        found = (mapped[index], 0) if index in mapped else _field_and_rank(key)
        if found is not None:
            with_field.append(Column(index, cell.strip(), *found, _kind_index(key, keys)))
        elif key != _key(REJECTED_BECAUSE) and not _is_kind(key):
            without_field.append((index, cell.strip() or f"column {index + 1}"))
    if not with_field:
        raise UnreadableFile(_no_field_known(name, header))
    return TableColumns(tuple(with_field), tuple(without_field), _tag_separator(keys))


def _mapped(header: Sequence[str], mapping: Mapping[str, str]) -> dict[int, str]:
    by_index: dict[int, str] = {}
    for column, field in mapping.items():
        if field not in MAPPABLE:
            raise InvalidValue("field", field, f"does not exist; use one of {', '.join(MAPPABLE)}")
        exact = [index for index, cell in enumerate(header) if cell.strip() == column.strip()]
        indexes = exact or [index for index, cell in enumerate(header) if _key(cell) == _key(column) != ""]
        if not indexes:
            names = ", ".join(cell.strip() for cell in header if cell.strip())
            raise InvalidValue("column", column, f"is not in the file; its columns are {names}")
        by_index.update(dict.fromkeys(indexes, field))
    return by_index


def _field_and_rank(key: str) -> tuple[str, int] | None:
    if key in _KNOWN:
        return _KNOWN[key]
    google = _OF_GOOGLE.fullmatch(key)
    field = google and _GOOGLE_FIELDS.get(google[1] + google[3])
    return (field, min(int(google[2][:4]), 99)) if google and field else None


def _kind_index(key: str, keys: Sequence[str]) -> int | None:
    google = _OF_GOOGLE.fullmatch(key)
    if google is None or google[1] != "phone":
        return None
    kinds = (f"phone{google[2]}{word}" for word in ("label", "type"))
    return next((keys.index(kind) for kind in kinds if kind in keys), None)


def _is_kind(key: str) -> bool:
    return key.endswith(("label", "type")) and any(character.isdigit() for character in key)


def _tag_separator(keys: Sequence[str]) -> str | None:
    """What stands between tags in the files of Google and Outlook; None where it is for the cell to show."""
    if any(_OF_GOOGLE.fullmatch(key) for key in keys) or "groupmembership" in keys:
        return ":::"
    return ";" if "categories" in keys and "emailaddress" in keys else None


def _no_field_known(name: str, header: Sequence[str]) -> str:
    line = shown(",".join(header), limit=100)
    if any(_LIKE_DATA.fullmatch(cell.strip()[:200]) for cell in header):
        return (
            f"{name} seems to have no header line: its first line, {line}, looks like a contact. "
            "Add a line such as first_name,last_name,phone,email above it, or use --map."
        )
    return (
        f"{name} has no column with a known name: its first line is {line}. "
        "Use names such as first_name, last_name, phone and email, or say which is which with --map."
    )
