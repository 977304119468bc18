"""From the header of a table to what its columns hold, in the words of people and of other programs.

Headers are compared by their letters and digits only, so `E-mail 1 - Value` is `email1value`. A column holds one
*target*: a standard field by its name, a custom one as `field:SLUG`, an identity as `channel:NAME`, or a custom
field that is to be made as `new:NAME`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contacts_nb.exchange.rows import CHANNEL, CUSTOM, FIELDS, NEW, SEVERAL
from contacts_nb.model.channels import Channel
from contacts_nb.model.errors import InvalidValue, UnreadableFile, shown
from contacts_nb.model.fields import Field
from contacts_nb.model.text import folded, name_key

REJECTED_BECAUSE = "rejected because"
MAPPABLE = (*FIELDS, "name")
_LABELS = {
    "phone_e164": "Phone (international)",
    "assignee": "Assignee (e-mail)",
    "id": "Contact id",
    "name": "Full name",
}

# Headers by field, the preferred ones first; `name` is a full name in one column.
_HEADERS = {
    "first_name": "first_name given_name forename christian_name vorname prenom nombre nome 名",
    "middle_name": "middle_name additional_name",
    "last_name": "last_name family_name surname second_name nachname familienname apellido apellidos 姓",
    "name": "name full_name display_name contact_name contact file_as 姓名 名前 氏名",
    "phone": "mobile mobile_phone mobile_number mobile_phone_number cell cell_phone cellphone_number mobil handy "
    "movil whatsapp whatsapp_number phone phone_number phone_no primary_phone tel telephone telephone_number "
    "telephone_no telefon telefono telefonnummer 电话 電話 手机 phone_1 phone_2 "
    "home_phone home_phone_2 business_phone business_phone_2 work_phone other_phone car_phone company_main_phone",
    "email": "email e-mail_address mail mail_address email_1 primary_email correo correo_electronico "
    "courriel 邮箱 email_2 email_2_address email_3 email_3_address home_email personal_email work_email "
    "business_email other_email",
    "country": "country country_code country/region country_name land pays pais 国家 home_country "
    "home_country/region business_country business_country/region work_country other_country "
    "other_country/region",
    "language": "language language_code lang preferred_language locale sprache langue idioma 语言",
    "phone_e164": "phone_e164",
    "picture": "picture picture_url photo photo_url avatar",
    "assignee": "assignee",
    "team": "team",
    "id": "id contact_id",
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


@dataclass(frozen=True, slots=True)
class Known:
    """What a workspace has columns for: its custom fields and channels."""

    fields: Sequence[Field] = ()
    channels: Sequence[Channel] = ()

    def targets(self) -> list[tuple[str, str]]:
        """What a column may be mapped to, and how people call it.

        >>> Known().targets()[:2]
        [('first_name', 'First name'), ('last_name', 'Last name')]
        """
        standard = [(name, _LABELS.get(name) or name.replace("_", " ").capitalize()) for name in MAPPABLE]
        own = [(field.slug, field.name) for field in self.fields]
        return [*standard, *own, *((f"{CHANNEL}{one.name}", f"Channel {one.name}") for one in self.channels)]

    def target(self, named: str) -> str:
        """The target that a person means; raises `InvalidValue` if there is none of that name."""
        if named in MAPPABLE:
            return named
        if any(field.slug == named.removeprefix(CUSTOM) for field in self.fields):
            return f"{CUSTOM}{named.removeprefix(CUSTOM)}"
        if named.startswith(CHANNEL):
            return f"{CHANNEL}{self.channel(named.removeprefix(CHANNEL)).name}"
        names = ", ".join(name for name, _ in self.targets())
        raise InvalidValue("field", named, f"does not exist; use one of {names}")

    def channel(self, name: str) -> Channel:
        """The channel of that name; raises `InvalidValue`."""
        key = name_key(name)
        for channel in self.channels:
            if name_key(channel.name) == key:
                return channel
        rule = "doesn't exist; ws.channels lists those that do, and ws.channels.add makes one"
        raise InvalidValue("channel", name, rule)

    def recognised(self, header: str) -> str | None:
        """The custom field or channel whose name a header is."""
        key = name_key(header)
        for field in self.fields:
            if key in (field.slug, name_key(field.name)):
                return f"{CUSTOM}{field.slug}"
        if key.startswith(CHANNEL):
            for channel in self.channels:
                if key == f"{CHANNEL}{name_key(channel.name)}":
                    return f"{CHANNEL}{channel.name}"
        return None


def table_columns(
    name: str,
    header: Sequence[str],
    mapping: Mapping[str, str | None] | None = None,
    new_fields: Iterable[str] = (),
    known: Known | None = None,
) -> TableColumns:
    """What the columns of the file `name` hold.

    `mapping`, from column to field or None, goes before their names; `new_fields` are columns that get fields of
    their own. Raises `InvalidValue` for a column or field that doesn't exist, and `UnreadableFile` if there is no
    column with a field.
    """
    known = known or Known()
    keys = [_key(cell) for cell in header]
    mapped: dict[int, str | None] = {}
    for column, field in (mapping or {}).items():
        target = None if field is None else known.target(field)
        mapped.update(dict.fromkeys(_indexes(header, column), target))
    for column in new_fields:
        mapped.update(dict.fromkeys(_indexes(header, column)[:1], f"{NEW}{column.strip()}"))
    with_field: list[Column] = []
    without_field: list[tuple[int, str]] = []
    for index, (cell, key) in enumerate(zip(header, keys, strict=True)):
        own = None if index in mapped else known.recognised(cell)
        found = (mapped[index], 0) if index in mapped else (own, 0) if own else _field_and_rank(key)
        if found is not None and found[0] is not None:
            with_field.append(Column(index, cell.strip(), found[0], found[1], _kind_index(key, keys)))
        elif key != _key(REJECTED_BECAUSE) and not _is_kind(key) and index not in mapped:
            without_field.append((index, cell.strip() or f"column {index + 1}"))
    if not with_field:
        raise UnreadableFile(_no_field_known(name, header))
    return TableColumns(tuple(with_field), tuple(without_field), _tag_separator(keys))


def _indexes(header: Sequence[str], column: str) -> list[int]:
    """Where the columns called so are; raises `InvalidValue` if nowhere."""
    exact = [index for index, cell in enumerate(header) if cell.strip() == column.strip()]
    indexes = exact or [index for index, cell in enumerate(header) if _key(cell) == _key(column) != ""]
    if not indexes:
        names = ", ".join(cell.strip() for cell in header if cell.strip())
        raise InvalidValue("column", column, f"is not in the file; its columns are {names}")
    return indexes


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
        return SEVERAL
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
