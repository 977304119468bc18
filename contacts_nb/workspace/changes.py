"""What can be done with contacts, one or any set of them: each call is one transaction and one operation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, Select, select

from contacts_nb.exchange.progress import Progress, counting
from contacts_nb.model.contact_ids import ContactIds
from contacts_nb.model.draft import checked_standard
from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.fields import checked_value
from contacts_nb.model.people import text_given, text_required
from contacts_nb.model.phones import checked_region
from contacts_nb.model.tags import checked_tag_name
from contacts_nb.operations.changing import set_columns
from contacts_nb.operations.comment import comment
from contacts_nb.operations.conversations import close_conversations, open_conversations
from contacts_nb.operations.derived import refresh_texts
from contacts_nb.operations.recording import Recording
from contacts_nb.operations.tag import existing_tag_ids, give, tag_ids, take_off
from contacts_nb.operations.values import set_value
from contacts_nb.queries.held import ids_found
from contacts_nb.queries.settings import field_with, team_with, user_with
from contacts_nb.store.cells import CELL_NAMED, CONTACT, FIELD
from contacts_nb.store.constructs import given_ids
from contacts_nb.store.schema import workspace
from contacts_nb.workspace.access import Access
from contacts_nb.workspace.history import Operation

COMMENT_LENGTH = 10_000
_AT_ONCE = 20_000  # contacts; what takes a second or two


class _Unchanged:
    """What stands for "leave it as it is", where None means "nobody"."""

    def __repr__(self) -> str:
        return "unchanged"


UNCHANGED: Final = _Unchanged()


class Changeable(ABC):
    """Contacts that can be changed together."""

    _access: Access

    @abstractmethod
    def _chosen(self, connection: Connection) -> Select[int]:
        """SQL for the ids of the contacts."""

    @abstractmethod
    def _check_copy(self, recording: Recording, wanted: Mapping[str, object]) -> None:
        """Raise `StaleContact` if what is to be changed isn't as it was read."""

    def _parts(self, recording: Recording, doing: str, progress: Progress) -> Iterator[Select[int]]:
        """The contacts as they are now, a stretch of ids at a time; `recording` looks at each by itself."""
        ids = ContactIds(ids_found(recording.connection, self._chosen(recording.connection)))
        stopped = "It was stopped; nothing was changed."
        with counting(progress, f"{doing} contacts", "contacts", len(ids), stopped) as told:
            done = 0
            for part in ids.parts(_AT_ONCE):
                first, last = part.array[[0, -1]].tolist()
                with recording.stretch(first, last):
                    yield given_ids(part.text())
                done += len(part)
                told(done)

    def tag(self, *names: str, progress: Progress = True) -> Operation:
        """Give these contacts tags; those that don't exist yet are made. Raises `InvalidValue`.

        `progress` is False for no bar, or is called with the number of contacts done and their total; what it
        raises stops the work, and nothing is changed.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> ws.contacts.search("ann").tag("spring", "vip").contacts
        1
        """
        checked = _tag_names(names)
        with self._access.operation("tag") as recording:
            ids_of_tags = tag_ids(recording, checked).values()
            for some in self._parts(recording, "Tagging", progress):
                give(recording, some, ids_of_tags)
        return Operation(self._access, recording.record)

    def untag(self, *names: str, progress: Progress = True) -> Operation:
        """Take tags off these contacts. Raises `NotFound` for a tag that doesn't exist.

        `progress` is as for `tag`.
        """
        checked = _tag_names(names)
        with self._access.operation("untag") as recording:
            ids_of_tags = existing_tag_ids(recording, checked)
            for some in self._parts(recording, "Untagging", progress):
                take_off(recording, some, ids_of_tags)
        return Operation(self._access, recording.record)

    def update(
        self,
        *,
        region: str | None = None,
        fields: Mapping[str, object] | None = None,
        progress: Progress = True,
        **values: object,
    ) -> Operation:
        """Give these contacts new values: standard fields by name, custom ones by slug in `fields`; None empties.

        Standard fields are `first_name`, `last_name`, `phone`, `email`, `country`, `language` and `picture`. A
        phone without `+` is read in `region`, or else in the workspace's. `progress` is as for `tag`. Raises
        `InvalidValue` and `NotFound`, and on one contact `StaleContact`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> _ = ws.contacts.update(country="United Kingdom")
        >>> ws.contacts[ann.id].country
        'GB'
        """
        columns: dict[str, str | None] = {}
        given_region = checked_region(region)
        with self._access.operation("update") as recording:
            known_region = recording.connection.execute(select(workspace.c.phone_region)).scalar_one()
            for name, value in values.items():
                columns |= checked_standard(name, value, given_region or known_region)
            found = [(field_with(recording.connection, slug), value) for slug, value in (fields or {}).items()]
            texts = [(field, checked_value(field, value)) for field, value in found]
            self._check_copy(recording, {**columns, **{f"field {field.slug}": text for field, text in texts}})
            cells = {CELL_NAMED[name]: text for name, text in columns.items()}
            for some in self._parts(recording, "Updating", progress):
                named = set_columns(recording, some, cells)
                for field, text in texts:
                    set_value(recording, some, field, text)
                if named or texts:
                    refresh_texts(
                        recording.connection, recording.changed(*(cell.code for cell in CONTACT.cells), FIELD)
                    )
        return Operation(self._access, recording.record)

    def assign(
        self,
        user: str | _Unchanged | None = UNCHANGED,
        *,
        team: str | _Unchanged | None = UNCHANGED,
        progress: Progress = True,
    ) -> Operation:
        """Assign these contacts to a `user` (e-mail address), a `team` (name) or both; None takes one away.

        `progress` is as for `tag`. Raises `NotFound`, and on one contact `StaleContact`.
        """
        if user is UNCHANGED and team is UNCHANGED:
            raise InvalidValue("user", None, "is missing; give a user, a team or both (None takes one away)")
        with self._access.operation("assign") as recording:
            connection = recording.connection
            columns: dict[str, str | None] = {}
            wanted: dict[str, object] = {}
            if not isinstance(user, _Unchanged):
                one = None if user is None else user_with(connection, user)
                columns["assignee"] = None if one is None else str(one.id)
                wanted["assignee"] = None if one is None else one.email
            if not isinstance(team, _Unchanged):
                group = None if team is None else team_with(connection, team)
                columns["team"] = None if group is None else str(group.id)
                wanted["team"] = None if group is None else group.name
            self._check_copy(recording, wanted)
            cells = {CELL_NAMED[name]: text for name, text in columns.items()}
            for some in self._parts(recording, "Assigning", progress):
                set_columns(recording, some, cells)
        return Operation(self._access, recording.record)

    def open_conversation(self) -> Operation:
        """Open a conversation with each of these contacts that has none open."""
        with self._access.operation("open_conversation") as recording:
            open_conversations(recording, self._chosen(recording.connection))
        return Operation(self._access, recording.record)

    def close_conversation(self, category: str | None = None, summary: str | None = None) -> Operation:
        """Close the open conversation of each of these contacts that has one."""
        category = text_given("category", category, 255)
        summary = text_given("summary", summary, COMMENT_LENGTH)
        with self._access.operation("close_conversation") as recording:
            close_conversations(recording, self._chosen(recording.connection), category, summary)
        return Operation(self._access, recording.record)

    def comment(self, text: str) -> Operation:
        """Put an internal note on each of these contacts. Raises `InvalidValue`.

        >>> import contacts_nb as cn, tempfile
        >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
        >>> ann = ws.add_contact(first_name="Ann")
        >>> _ = ann.comment("Prefers to be called in the morning.")
        >>> list(ann.comments()["text"])
        ['Prefers to be called in the morning.']
        """
        checked = text_required("comment", text, COMMENT_LENGTH)
        with self._access.operation("comment") as recording:
            comment(recording, self._chosen(recording.connection), checked)
        return Operation(self._access, recording.record)


def _tag_names(names: tuple[str, ...]) -> list[str]:
    if not names:
        raise InvalidValue("tag", None, "is missing; give at least one name")
    return [checked_tag_name(name) for name in names]
