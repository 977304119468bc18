"""What can be done with contacts from the screen; the workspace decides whether it may be."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.widgets.doing import Deed, Doing
from contacts_nb.widgets.download import Download
from contacts_nb.widgets.import_background import Told
from contacts_nb.widgets.import_words import counted
from contacts_nb.widgets.state import ViewState
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.delete_plan import DeletePlan
from contacts_nb.workspace.history import Operation


class FileKind(StrEnum):
    """The files that contacts are exported to, by their suffix."""

    CSV = "csv"
    XLSX = "xlsx"
    VCARD = "vcf"

    @property
    def label(self) -> str:
        """The name people know it by."""
        return "vCard" if self is FileKind.VCARD else self.value.upper()


_MEDIA_TYPES = {
    FileKind.CSV: "text/csv",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.VCARD: "text/vcard",
}
_METHODS = {FileKind.CSV: "to_csv", FileKind.XLSX: "to_xlsx", FileKind.VCARD: "to_vcard"}


_Work = Callable[[Contacts, Told], Operation]
_Said = Callable[[Operation], str]


class _Exported(NamedTuple):
    file: BinaryIO
    contacts: int


class Actions:
    """Does things to the selected contacts of `state`, beside the page."""

    def __init__(self, workspace: Workspace, state: ViewState, doing: Doing, download: Download) -> None:
        self._workspace = workspace
        self._state = state
        self._doing = doing
        self._download = download

    def tag(self, names: tuple[str, ...]) -> None:
        """Give the selected contacts tags."""
        self._change(
            f"Tagging {self._selected()} with {_listed(names)}",
            lambda contacts, told: contacts.tag(*names, progress=told),
            lambda operation: f"{_listed(names)} given to {counted(operation.contacts, 'contact')}",
            f"tag({_arguments(names)})",
        )

    def untag(self, names: tuple[str, ...]) -> None:
        """Take tags off the selected contacts."""
        self._change(
            f"Taking {_listed(names)} off {self._selected()}",
            lambda contacts, told: contacts.untag(*names, progress=told),
            lambda operation: f"{_listed(names)} taken off {counted(operation.contacts, 'contact')}",
            f"untag({_arguments(names)})",
        )

    def assign(self, people: Mapping[str, str | None]) -> None:
        """Assign the selected contacts to the user and the team that are given; None stands for nobody."""
        names = {user.email: user.name for user in self._workspace.users}
        to = " and ".join(names.get(one, one) if one else "nobody" for one in people.values())
        given = ", ".join(f"{key}={name!r}" for key, name in people.items())
        self._change(
            f"Assigning {self._selected()} to {to}",
            lambda contacts, told: contacts.assign(**people, progress=told),
            lambda operation: f"{counted(operation.contacts, 'contact')} assigned to {to}",
            f"assign({given})",
        )

    def delete(self, plan: DeletePlan) -> None:
        """Delete what was reviewed."""
        self._doing.do(
            Deed(
                f"Deleting {counted(plan.contacts, 'contact')}",
                lambda told: plan.apply(progress=told),
                lambda operation: f"{counted(operation.contacts, 'contact')} deleted for ever",
                can_undo=False,
                query=plan.query,
                call=f"delete(confirm={plan.contacts})" if plan.contacts > 1 else "delete()",
            )
        )

    def export(self, kind: FileKind) -> None:
        """Let the browser save a file of the selected contacts, or if nobody is selected of all that are shown."""
        selected = bool(len(self._state.ticked))
        query = self._state.as_chosen() if selected else self._state.results.query
        written = self._state.selected() if selected else query
        written = written.sort_by(self._state.sort, descending=self._state.descending)
        today = datetime.now(UTC).astimezone(ZoneInfo(self._workspace.time_zone)).date()
        name = f"contacts-{today}.{kind.value}"
        self._doing.do(
            Deed(
                f"Exporting {self._selected() if selected else counted(self._state.results.count, 'contact')}",
                lambda told: _export(written, kind, told),
                lambda exported: f"{counted(exported.contacts, 'contact')} exported to {name}",
                can_undo=False,
                query=query,
                call=f"{_METHODS[kind]}({name!r})",
                then=lambda exported: self._download.save(exported.file, name, _MEDIA_TYPES[kind]),
            )
        )

    def _change(self, label: str, work: _Work, said: _Said, call: str) -> None:
        contacts = self._workspace.contacts.with_ids(self._state.ticked)
        self._doing.do(
            Deed(
                label,
                lambda told: work(contacts, told),
                lambda operation: said(operation) if operation.id else "Nothing had to be changed",
                query=self._state.as_chosen(),
                call=call,
            )
        )
        self._state.close()

    def _selected(self) -> str:
        return counted(len(self._state.ticked), "contact")


def _export(query: ContactQuery, kind: FileKind, told: Told) -> _Exported:
    file = tempfile.TemporaryFile(prefix="contacts-nb-")  # noqa: SIM115 - closed when the browser has it
    try:
        with tempfile.TemporaryDirectory(prefix="contacts-nb-") as folder:
            path = Path(folder, f"contacts.{kind.value}")
            count = getattr(query, _METHODS[kind])(path, progress=told)
            with path.open("rb") as written:
                shutil.copyfileobj(written, file)
    except BaseException:
        file.close()
        raise
    return _Exported(file, count)


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _arguments(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))
