"""The drawer at the right: one thing at a time, and ways out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import ipywidgets

from contacts_nb.model.errors import NotFound
from contacts_nb.model.filters import EVERYONE
from contacts_nb.widgets.actions import Actions
from contacts_nb.widgets.add_contact import AddContact
from contacts_nb.widgets.assign_panel import AssignPanel
from contacts_nb.widgets.closing import close_all
from contacts_nb.widgets.column_chooser import ColumnChooser
from contacts_nb.widgets.contact_details import ContactDetails
from contacts_nb.widgets.copy_python import CopyPython
from contacts_nb.widgets.delete_panel import DeletePanel
from contacts_nb.widgets.doing import Doing
from contacts_nb.widgets.drawer_bar import DrawerBar
from contacts_nb.widgets.filter_drawer import FilterDrawer
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.half_filled import HalfFilled
from contacts_nb.widgets.import_panel import ImportPanel
from contacts_nb.widgets.merge_comparison import MergeComparison
from contacts_nb.widgets.merge_with import MergeWith
from contacts_nb.widgets.python_code import code_of_action, code_of_view
from contacts_nb.widgets.state import Panel, PanelKind, ViewState
from contacts_nb.widgets.tags_panel import TagsPanel
from contacts_nb.widgets.unmerge_panel import UnmergePanel
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.contact import Contact
from contacts_nb.workspace.delete_plan import DeletePlan
from contacts_nb.workspace.history import Operation
from contacts_nb.workspace.inboxes import Inbox

_WIDE = (PanelKind.MERGE, PanelKind.UNMERGE, PanelKind.IMPORT, PanelKind.PYTHON)
OnColumns = Callable[[list[dict[str, str | int]]], None]


class Drawer(ipywidgets.VBox):
    """Shows the panel of `state`; `on_columns` is called with columns that are chosen in it."""

    def __init__(
        self,
        workspace: Workspace,
        state: ViewState,
        doing: Doing,
        actions: Actions,
        *,
        on_columns: OnColumns,
        allow_paths: bool,
    ) -> None:
        self._workspace = workspace
        self._state = state
        self._doing = doing
        self._actions = actions
        self._on_columns = on_columns
        self._allow_paths = allow_paths
        self._bar = DrawerBar(state, self._do, lambda: workspace.may("delete"))
        self._name = ""
        self._content: ipywidgets.DOMWidget | None = None
        self._half_filled = HalfFilled()
        self._drafts: dict[int, str] = {}  # comments that were begun, by contact
        self._version = state.version
        super().__init__([self._bar])
        self.add_class("cnb-drawer")
        self._made: dict[PanelKind, Callable[[Panel], ipywidgets.DOMWidget]] = {
            PanelKind.DETAILS: self._details,
            PanelKind.MESSAGES: self._details,
            PanelKind.FILTER: self._filter,
            PanelKind.COLUMNS: self._columns,
            PanelKind.ADD: self._add,
            PanelKind.IMPORT: self._import,
            PanelKind.MERGE: self._merge,
            PanelKind.UNMERGE: self._unmerge,
            PanelKind.DELETE: self._delete,
            PanelKind.TAG: self._tag,
            PanelKind.UNTAG: self._tag,
            PanelKind.ASSIGN: self._assign,
            PanelKind.PYTHON: self._python,
        }
        state.observe(state.guarded(self._show), "panel")
        state.observe(lambda _change: self._follow(), "results")
        state.observe(lambda _change: self._draw_bar(state.panel), "position")
        state.observe(state.guarded(self._follow_view), ["filter", "within", "inbox"])
        state.observe(state.guarded(self._follow_selection), "ticked")

    @property
    def content(self) -> ipywidgets.DOMWidget | None:
        """What is shown below the bar."""
        return self._content

    def _show(self, change: Mapping[str, Panel | None]) -> None:
        before, panel, content = change["old"], change["new"], self.content
        if isinstance(content, ContactDetails) and before and panel == replace(before, kind=PanelKind.MESSAGES):
            content.show_messages()
            return
        if isinstance(content, ContactDetails):
            self._leave(content)
        gone = self._half_filled.drop() if panel is None else []
        if content is not None and not (before and panel and self._half_filled.keep(before.kind, content)):
            gone.append(content)
        self._place(None)
        for one in gone:
            close_all(one)
        if panel is None:
            return
        (self.add_class if panel.kind in _WIDE else self.remove_class)("cnb-drawer-wide")
        self._name = ""
        try:
            self._fill(panel)
        except NotFound:
            self._state.close()
            raise
        except Exception:
            self._draw_bar(panel)  # what is below it follows when it can be read
            raise

    def _fill(self, panel: Panel) -> None:
        made = self._half_filled.give_back(panel.kind) or self._made[panel.kind](panel)
        if panel.contact is not None and not isinstance(made, ContactDetails):
            self._name = self._workspace.contacts[panel.contact].name
        self._place(made)
        self._draw_bar(panel)
        self._bar.arrive()
        if isinstance(made, AddContact):
            made.begin()
        if panel.kind is PanelKind.MESSAGES and isinstance(made, ContactDetails):
            made.show_messages()

    def _leave(self, details: ContactDetails) -> None:
        self._drafts[details.contact_id] = details.draft
        if details.unsaved:
            fields = ", ".join(details.unsaved)
            self._state.problem = f"What was typed was not saved: {fields} of {details.name}."

    def _place(self, content: ipywidgets.DOMWidget | None) -> None:
        self._content = content
        self.children = [self._bar, *self._half_filled.beside(content)]

    def _follow(self) -> None:
        panel, content = self._state.panel, self.content
        if panel is None:
            return
        if content is None:  # nothing could be read when it was opened
            with self._state.telling_failures():
                self._fill(panel)
            return
        if self._state.version != self._version:
            self._version = self._state.version
            if isinstance(content, (ContactDetails, FilterDrawer)):
                with self._state.telling_failures():
                    content.refresh()
        self._draw_bar(panel)

    def _do(self, gesture: Gesture) -> None:
        state, panel = self._state, self._state.panel
        if gesture.action in ("close", "escape"):
            state.close()
        elif gesture.action == "add":
            state.show(PanelKind.ADD)
        elif panel is None or panel.contact is None:
            return
        elif gesture.action in ("previous", "next"):
            if state.position is not None:
                state.open_at(state.position + (1 if gesture.action == "next" else -1))
        elif gesture.action == "back":
            state.open(panel.contact, state.position)
        else:
            state.show(PanelKind(gesture.action), panel.contact)

    def _draw_bar(self, panel: Panel | None) -> None:
        if panel is None:
            return
        details = self.content if isinstance(self.content, ContactDetails) else None
        name = details.name if details else self._name
        self._bar.draw(panel, name, is_merged=bool(details and details.has_merges))

    def _details(self, panel: Panel) -> ipywidgets.DOMWidget:
        details = ContactDetails(self._workspace, panel.contact or 0, on_change=self._changed, styled=True)
        draft = self._drafts.pop(details.contact_id, "")
        if draft:
            details.draft = draft
        return details

    def _filter(self, _panel: Panel) -> ipywidgets.DOMWidget:
        state = self._state
        drawer = FilterDrawer(
            self._workspace,
            state.filter,
            within=state.within,
            on_change=state.guarded(lambda tree: setattr(state, "filter", tree)),
            inbox=self._saved_inbox(),
        )
        drawer.observe(state.guarded(lambda change: self._look_into(change["new"])), "inbox")
        return drawer

    def _saved_inbox(self) -> Inbox | None:
        return next(
            (inbox for inbox in self._workspace.inboxes if inbox.id and inbox.id == self._state.inbox), None
        )

    def _look_into(self, saved: Inbox | None) -> None:
        if saved is not None and saved.id and saved.id != self._state.inbox:
            self._state.look_into(saved.id, EVERYONE, saved.filter)

    def _follow_view(self, _change: object) -> None:
        """What is looked at may be changed elsewhere than in the filter that is open."""
        drawer, state = self.content, self._state
        if isinstance(drawer, FilterDrawer):
            drawer.within = state.within
            if drawer.filter != state.filter:
                drawer.filter = state.filter
            if (drawer.inbox.id if drawer.inbox else 0) != state.inbox:
                drawer.inbox = self._saved_inbox()

    def _follow_selection(self, _change: object) -> None:
        """What is asked of those that are selected is done to those that are selected in the end."""
        content, count = self.content, len(self._state.ticked)
        if not isinstance(content, (TagsPanel, AssignPanel)) or content.is_over:
            return
        if count:
            content.follow(count)
        else:
            self._state.close()

    def _columns(self, _panel: Panel) -> ipywidgets.DOMWidget:
        return ColumnChooser(self._workspace, on_change=self._on_columns)

    def _add(self, _panel: Panel) -> ipywidgets.DOMWidget:
        return AddContact(
            self._workspace,
            on_added=self._added,
            on_open=self._state.guarded(self._state.open),
            on_import=self._state.guarded(lambda: self._state.show(PanelKind.IMPORT)),
            on_cancel=self._state.close,
        )

    def _added(self, contact: Contact, operation: Operation | None) -> None:
        self._doing.tell(f"{contact.name} added", operation)
        self._state.refresh()
        self._state.open(contact.id)

    def _import(self, _panel: Panel) -> ipywidgets.DOMWidget:
        return ImportPanel(self._workspace, state=self._state, allow_paths=self._allow_paths)

    def _merge(self, panel: Panel) -> ipywidgets.DOMWidget:
        contact = panel.contact or 0
        if panel.other is not None:
            return MergeComparison(self._workspace, contact, panel.other, on_done=self._followed)
        return MergeWith(self._workspace, contact, self._state, on_done=self._followed)

    def _unmerge(self, panel: Panel) -> ipywidgets.DOMWidget:
        return UnmergePanel(self._workspace, panel.contact or 0, on_done=self._followed)

    def _followed(self, _operation: object) -> None:
        """What was done is told where it was done; the line of what was done before is out of date."""
        self._doing.forget()
        self._state.refresh()

    def _delete(self, panel: Panel) -> ipywidgets.DOMWidget:
        contacts = self._workspace.contacts
        ids = self._state.ticked if panel.contact is None else [panel.contact]

        def confirmed(plan: DeletePlan) -> None:
            self._actions.delete(plan)
            self._state.close()

        return DeletePanel(contacts.with_ids(ids), on_confirm=confirmed, on_cancel=self._state.close)

    def _tag(self, panel: Panel) -> ipywidgets.DOMWidget:
        removing = panel.kind is PanelKind.UNTAG
        return TagsPanel(
            self._workspace,
            len(self._state.ticked),
            removing=removing,
            on_confirm=self._actions.untag if removing else self._actions.tag,
            on_cancel=self._state.close,
        )

    def _assign(self, _panel: Panel) -> ipywidgets.DOMWidget:
        return AssignPanel(
            self._workspace,
            len(self._state.ticked),
            on_confirm=self._actions.assign,
            on_cancel=self._state.close,
        )

    def _python(self, _panel: Panel) -> ipywidgets.DOMWidget:
        close = self._state.close
        code = code_of_view(self._workspace, self._state.results.query)
        view = CopyPython(code, title="What is shown now", on_close=close)
        last = self._doing.outcome
        if last is None or last.query is None:
            return ipywidgets.VBox([view])
        code = code_of_action(self._workspace, last.query, f"contacts.{last.call}")
        return ipywidgets.VBox([view, CopyPython(code, title="What was done last", on_close=close)])

    def _changed(self, sentence: str, operation: Operation) -> None:
        self._doing.tell(sentence, operation)
        self._state.refresh()
