"""The whole app: inboxes, search, filter, the table, what can be done with it, and one drawer at the right."""

from __future__ import annotations

from typing import Any

import ipywidgets

from contacts_nb.model.filters import EVERYONE
from contacts_nb.model.inboxes import InboxKind
from contacts_nb.widgets.actions import Actions
from contacts_nb.widgets.contact_table import ContactTable
from contacts_nb.widgets.doing import Doing
from contacts_nb.widgets.download import Download
from contacts_nb.widgets.drawer import Drawer
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.inbox_list import key_of
from contacts_nb.widgets.inbox_selector import InboxSelector
from contacts_nb.widgets.keeping_up import keep_up
from contacts_nb.widgets.menu import Menu
from contacts_nb.widgets.notices import Notices
from contacts_nb.widgets.presence import Presence
from contacts_nb.widgets.row_bar import RowActions, RowBar
from contacts_nb.widgets.selection_bar import SelectionBar
from contacts_nb.widgets.sign_out import sign_out_link
from contacts_nb.widgets.state import PanelKind, ViewState
from contacts_nb.widgets.state_form import StateForm
from contacts_nb.widgets.status_line import status
from contacts_nb.widgets.style import style_widget
from contacts_nb.widgets.toolbar import Toolbar
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.inboxes import Inbox


class ContactsApp(ipywidgets.VBox):
    """The contacts of a workspace on one page, in JupyterLab and in Voilà.

    `state` is what is looked at and selected, `doing` what goes on and what was done last. With `allow_paths`
    files to import may also be named by their path on the machine of the notebook, which visitors mustn't read.
    `sign_out` is the address of a page that signs the user out, if there is one.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets import ContactsApp
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db", name="Acme")
    >>> app = ContactsApp(ws)
    >>> app.state.search = "ann"
    >>> app.state.results.count
    0
    """

    def __init__(self, workspace: Workspace, *, allow_paths: bool = False, sign_out: str | None = None) -> None:
        self._workspace = workspace
        self._sign_out = sign_out
        self.state = ViewState(workspace.contacts, sort="last_interaction", descending=True)
        self.doing = Doing(self.state)
        self.menu, self.download = Menu(), Download()
        self.actions = Actions(workspace, self.state, self.doing, self.download)
        self.row_actions = RowActions(workspace, self.state, self.menu)
        self.table = ContactTable(workspace.contacts, self.state, on_menu=self.row_actions.open_menu)
        self.inboxes = InboxSelector(workspace, on_choice=self.state.guarded(self._look_into))
        self.toolbar = Toolbar(workspace, self.state, self.actions, self.menu, self._show_inboxes)
        self.selection = SelectionBar(workspace, self.state)
        self.rows = RowBar(self.state, self.row_actions)
        self.notices = Notices(self.state, self.doing)
        self.drawer = Drawer(
            workspace,
            self.state,
            self.doing,
            self.actions,
            on_columns=self.state.guarded(self._choose_columns),
            allow_paths=allow_paths,
        )
        self._header = StateForm(self.state, self._header_pressed, "cnb-header")
        self._status = html_widget(markup(""), "cnb-status")
        self._side = ipywidgets.VBox([self.inboxes])
        self._side.add_class("cnb-side")
        self._body = ipywidgets.HBox([self._side, self.table])
        self._body.add_class("cnb-body")
        foot = ipywidgets.VBox([self.rows, self._status])
        foot.add_class("cnb-foot")
        super().__init__(
            [
                style_widget(),
                Presence(),
                self._header,
                self.toolbar,
                self.selection,
                self._body,
                self.notices,
                foot,
            ]
        )
        self.add_class("cnb-app")
        self._version = -1
        self.state.observe(lambda _change: self._redraw(), "results")
        self.state.observe(lambda _change: self._place(), "panel")
        self.state.observe(self.state.guarded(self._follow_inbox), "inbox")
        self._redraw()
        keep_up(self.state)

    def _header_pressed(self, gesture: Gesture) -> None:
        if gesture.action == "add":
            self.state.show(PanelKind.ADD)

    def _show_inboxes(self, is_shown: bool) -> None:  # noqa: FBT001 - the toolbar's callback
        # Where neither is said, they are there if there is room.
        (self.add_class if is_shown else self.remove_class)("cnb-with-side")
        (self.remove_class if is_shown else self.add_class)("cnb-without-side")

    def _look_into(self, inbox: Inbox) -> None:
        key = key_of(inbox)
        if key == self.state.inbox:
            return
        self.toolbar.search.value = ""
        if inbox.kind is InboxKind.CUSTOM:
            self.state.look_into(key, EVERYONE, inbox.filter)
        else:
            self.state.look_into(key, inbox.filter, EVERYONE)

    def _follow_inbox(self, change: dict[str, Any]) -> None:
        self.inboxes.inbox = change["new"]

    def _choose_columns(self, columns: list[dict[str, str | int]]) -> None:
        self.table.columns = columns

    def _redraw(self) -> None:
        if self.state.version != self._version:
            self._version = self.state.version
            self._fields = {field.slug: field for field in self._workspace.fields}
            self._draw_header()
        said = status(self.state, self._fields)
        show(self._status, markup('<p role="status" aria-live="polite" dir="auto">{said}</p>', said=said))

    def _draw_header(self) -> None:
        user = self._workspace.user
        self._header.show(
            markup(
                '<div class="cnb-bar"><h1><bdi>{name}</bdi></h1><p class="cnb-user">{user}</p>{sign_out}{add}'
                "</div>",
                name=self._workspace.name,
                user=markup(
                    '<bdi title="{email}">{name}</bdi> · {role}', email=user.email, name=user.name, role=user.role
                )
                if user
                else "",
                sign_out=sign_out_link(self._sign_out),
                add=markup(
                    '<button type="button" class="cnb-button cnb-button-primary" data-part="add" data-do="add">'
                    "Add contact</button>"
                )
                if self._workspace.may("add")
                else "",
            )
        )

    def _place(self) -> None:
        shown = [self._side, self.table]
        self._body.children = shown if self.state.panel is None else [*shown, self.drawer]
