"""Which columns the table of a workspace can show, and which of them its user chose to see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from contacts_nb.model.columns import Column, chosen_columns, columns_with, default_columns, kept_columns
from contacts_nb.model.fields import Field
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.preferences import Preferences
from contacts_nb.workspace.settings import Fields

_PREFERENCE = "columns"


class ColumnSettings:
    """The columns there are, and those that the user chose; both are read anew each time.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> settings = ColumnSettings.of(ws)
    >>> settings.keep(settings.all()[:2])
    >>> ws.preferences["columns"]
    [{'key': 'name', 'width': 190}, {'key': 'channels', 'width': 150}]
    """

    def __init__(self, fields: Iterable[Field], preferences: Preferences | None) -> None:
        self._fields = fields
        self._preferences = preferences

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        """Those of a workspace."""
        return cls(workspace.fields, workspace.preferences)

    @classmethod
    def behind(cls, contacts: ContactQuery) -> Self:
        """Those of the workspace that `contacts` come from."""
        if not isinstance(contacts, Contacts):
            return cls((), None)
        access = contacts._access  # noqa: SLF001 - a query is all that a notebook gives to be shown
        return cls(Fields(access), Preferences(access))

    def all(self) -> tuple[Column, ...]:
        """All columns there are now."""
        return columns_with(self._fields)

    def default(self) -> tuple[Column, ...]:
        """Those that are shown to whoever chose none."""
        return default_columns(self.all())

    def chosen(self) -> tuple[Column, ...]:
        """Those that the user chose, in order."""
        kept = None if self._preferences is None else self._preferences[_PREFERENCE]
        return chosen_columns(self.all(), kept)

    def keep(self, columns: Iterable[Column] | None) -> None:
        """Keep a choice, or with None forget it."""
        if self._preferences is not None:
            self._preferences[_PREFERENCE] = None if columns is None else kept_columns(columns)
