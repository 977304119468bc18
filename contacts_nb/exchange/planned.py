"""What an import is going to do with each record, kept on disk: a million of them fit in no notebook's memory."""

from __future__ import annotations

import marshal
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from contacts_nb.model.draft import ContactDraft, DraftIdentity
from contacts_nb.model.fields import Field
from contacts_nb.model.people import Team, User

Packed = tuple[Any, ...]


class Action(IntEnum):
    """What becomes of a record."""

    CREATE = 0
    UPDATE = 1
    SKIP = 2
    REJECT = 3

    @property
    def label(self) -> str:
        """The word for it in tables.

        >>> Action.CREATE.label
        'create'
        """
        return self.name.lower()


class ValueChange(NamedTuple):
    """What an update does to one target of a contact: `new` is what comes, of tags and identities too."""

    target: str
    old: str | None
    new: str


class PlannedRow(NamedTuple):
    """A record's `line`, what becomes of it, with which contact (0 for none), and why.

    `packed` is the contact it describes (see `Packer`), `original` the text of one that is rejected.
    """

    line: int
    action: int
    contact_id: int
    reason: str
    changes: tuple[ValueChange, ...]
    packed: Packed | None
    original: tuple[str, ...] = ()


class Packer:
    """Drafts as tuples of texts and numbers, which can be written down, and back.

    `made` are fields by the ids that stood for them before they were made.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        users: Sequence[User],
        teams: Sequence[Team],
        made: Mapping[int, Field] | None = None,
    ) -> None:
        self.fields = (*fields, *(made or {}).values())
        self._fields = {field.id: field for field in fields} | dict(made or {})
        self._users = {user.id: user for user in users}
        self._teams = {team.id: team for team in teams}

    def packed(self, draft: ContactDraft, given_id: str | None) -> Packed:
        """The tuple for a draft, and for the id that its record has."""
        return (
            draft.first_name,
            draft.last_name,
            draft.phone,
            draft.phone_e164,
            draft.email,
            draft.country,
            draft.language,
            draft.tags,
            draft.picture,
            tuple([(field.id, value) for field, value in draft.fields]) if draft.fields else (),
            draft.assignee and draft.assignee.id,
            draft.team and draft.team.id,
            tuple([tuple(identity) for identity in draft.identities]) if draft.identities else (),
            given_id,
        )

    def unpacked(self, packed: Packed) -> tuple[ContactDraft, str | None]:
        """The draft, and the id that its record has."""
        *values, own, assignee, team, identities, given_id = packed
        values += (
            # Fields that are made by now have come after those there were.
            tuple(sorted([(self._fields[number], value) for number, value in own], key=_field_id)) if own else (),
            self._users[assignee] if assignee else None,
            self._teams[team] if team else None,
            tuple([DraftIdentity(*one) for one in identities]) if identities else (),
        )
        return ContactDraft(*values), given_id


def _field_id(item: tuple[Field, str]) -> int:
    return item[0].id


class Spool:
    """Planned rows in a temporary file without a name, in the order they came; it goes with its last user."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="contacts-nb-")  # noqa: SIM115 - lives as long as the plan
        self._parts: list[tuple[int, int]] = []
        weakref.finalize(self, self._file.close)

    def append(self, rows: Sequence[PlannedRow]) -> None:
        """Write a part down."""
        plain = [
            (line, int(action), number, reason, tuple([tuple(change) for change in changes]), packed, original)
            for line, action, number, reason, changes, packed, original in rows
        ]
        data = marshal.dumps(plain)
        self._parts.append((self._file.seek(0, 2), len(data)))
        self._file.write(data)

    def parts(self) -> Iterator[list[PlannedRow]]:
        """The parts as they were written."""
        for position, length in self._parts:
            # Others may read on in between.
            self._file.seek(position)
            plain = marshal.loads(self._file.read(length))  # noqa: S302 - nobody else has the file
            yield [
                PlannedRow(
                    line, action, number, reason, tuple([ValueChange(*one) for one in changes]), packed, original
                )
                for line, action, number, reason, changes, packed, original in plain
            ]
