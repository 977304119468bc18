"""What may be chosen for an import, as labels and values of dropdowns."""

from __future__ import annotations

from collections.abc import Collection

from phonenumbers import SUPPORTED_REGIONS

from contacts_nb.exchange.import_options import Purpose
from contacts_nb.exchange.rows import CHANNEL
from contacts_nb.model.fields import FieldType
from contacts_nb.model.places import countries, country_name
from contacts_nb.workspace.importing import SourcePreview

LEAVE_OUT = ""
NEW_FIELD = "new:"
"""What stands before the type of a field that is to be made of a column."""

Choices = list[tuple[str, str]]

_TYPES = {
    FieldType.TEXT: "text",
    FieldType.LIST: "list of choices",
    FieldType.CHECKBOX: "yes or no",
    FieldType.EMAIL: "e-mail",
    FieldType.NUMBER: "number",
    FieldType.URL: "web address",
    FieldType.DATE: "date",
    FieldType.TIME: "time of day",
}
_ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "windows-1252": "Western European (Windows-1252)",
    "windows-1250": "Central European (Windows-1250)",
    "windows-1251": "Cyrillic (Windows-1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "windows-1253": "Greek (Windows-1253)",
    "windows-1254": "Turkish (Windows-1254)",
    "windows-1255": "Hebrew (Windows-1255)",
    "windows-1256": "Arabic (Windows-1256)",
    "windows-1257": "Baltic (Windows-1257)",
    "shift_jis": "Japanese (Shift JIS)",
    "euc-jp": "Japanese (EUC)",
    "gb18030": "Chinese, simplified (GB18030)",
    "big5": "Chinese, traditional (Big5)",
    "euc-kr": "Korean (EUC)",
    "mac-roman": "Western European (old Mac)",
    "cp850": "Western European (DOS)",
    "utf-16": "Unicode (UTF-16)",
}
_FILLS = {"phone_e164": "phone", "middle_name": "first_name"}
# Of these a contact may have many, none is overwritten; and ids are never changed.
_NEVER_OVERWRITTEN = frozenset({"", "id", "tags"})


def field_choices(preview: SourcePreview, column: str) -> Choices:
    """What the column may go to."""
    known = [("Leave out", LEAVE_OUT), *((label, value) for value, label in preview.fields)]
    found = preview.columns.get(column)
    if found and all(found != value for _, value in known):
        known.append((found.replace("_", " ").capitalize(), found))
    return [*known, *((f"New field: {label}", f"{NEW_FIELD}{kind}") for kind, label in _TYPES.items())]


def can_be_kept(target: str) -> bool:
    """Whether an update could overwrite what a contact has for `target`.

    >>> can_be_kept("phone"), can_be_kept("tags"), can_be_kept("new:date")
    (True, False, False)
    """
    return target not in _NEVER_OVERWRITTEN and not target.startswith((NEW_FIELD, CHANNEL))


def kept_field(target: str) -> str:
    """The field whose value stays if that of `target` is to stay."""
    return _FILLS.get(target, target)


def encoding_choices(found: str) -> Choices:
    """The encoding a file was read as, then others; an unusual one goes by its own name.

    >>> encoding_choices("windows-1253")[0]
    ('Greek (Windows-1253)', 'windows-1253')
    """
    first = (_ENCODINGS.get(found, found), found)
    return [first, *((label, value) for value, label in _ENCODINGS.items() if value != found)]


def region_choices(of_workspace: str | None) -> Choices:
    """Regions by the names of their countries; the first, "", is what holds without a choice.

    >>> region_choices("GB")[0], region_choices(None)[0]
    (('United Kingdom (this workspace)', ''), ('None: leave them as written', ''))
    """
    first = f"{country_name(of_workspace)} (this workspace)" if of_workspace else "None: leave them as written"
    others = [(name, code) for code, name in countries().items() if code in SUPPORTED_REGIONS]
    return [(first, ""), *((name, code) for name, code in others if code != of_workspace)]


def match_choices(targets: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
    """What rows and contacts can be compared by if the columns go to `targets`; the best comes first.

    >>> [label for label, _ in match_choices(["email"])], match_choices(["country"])[0][1]
    (['Email', 'Nothing'], ())
    """
    fields = {_FILLS.get(target, target) for target in targets}
    found: list[tuple[str, tuple[str, ...]]] = []
    if {"phone", "email"} <= fields:
        found.append(("Phone, then email", ("phone", "email")))
    found += [(label, (key,)) for key, label in (("phone", "Phone"), ("email", "Email")) if key in fields]
    # An id may be that of another program: never without being chosen.
    last = [("Contact id", ("id",))] if "id" in fields else []
    last += [
        (f"Identity on {target.removeprefix(CHANNEL)}", (target,))
        for target in dict.fromkeys(targets)
        if target.startswith(CHANNEL)
    ]
    nothing: tuple[str, tuple[str, ...]] = ("Nothing", ())
    return [*found, *last, nothing] if found else [nothing, *last]


def purpose_choices(match_on: Collection[str]) -> Choices:
    """What an import may be for; the first is what people mostly want.

    >>> purpose_choices(())
    [('Add all despite duplicates', 'add_all')]
    """
    if not match_on:
        return [(Purpose.ADD_ALL.label, Purpose.ADD_ALL.value)]
    order = (Purpose.ADD_AND_UPDATE, Purpose.ADD_ONLY, Purpose.UPDATE_ONLY, Purpose.ADD_ALL)
    return [(purpose.label, purpose.value) for purpose in order]


def may_update(purpose: str) -> bool:
    """Whether an import for `purpose` changes contacts that are there."""
    return purpose in {Purpose.ADD_AND_UPDATE.value, Purpose.UPDATE_ONLY.value}
