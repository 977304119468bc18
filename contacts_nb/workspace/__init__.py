"""The face of a workspace: what a notebook author types. Rights are checked here, and nowhere else."""

from contacts_nb.workspace.backup import restore
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.contacts import Contacts
from contacts_nb.workspace.face import Workspace
from contacts_nb.workspace.opening import create, open  # noqa: A004 - read as cn.open

__all__ = ["Contact", "Contacts", "Workspace", "create", "open", "restore"]
