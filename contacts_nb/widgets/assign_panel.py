"""Assigning many contacts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from markupsafe import Markup

from contacts_nb.widgets.answered_panel import AnsweredPanel
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.import_words import counted
from contacts_nb.widgets.panel_form import PanelForm, described, option, problem_of
from contacts_nb.workspace import Workspace

_KEEP, _NONE, _TO = "keep", "none", "to:"  # a team may have any name, so names have something before them


class AssignPanel(AnsweredPanel):
    """Whom `count` contacts are assigned to: a user, a team or both, or nobody.

    `on_confirm` is called with the keyword arguments of `contacts.assign`, after which the panel is gone from the
    page, as it is after `on_cancel`. What `on_confirm` raises is told, and the panel stays.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets.assign_panel import AssignPanel
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> sales = ws.teams.add("Sales")
    >>> AssignPanel(ws, 3, on_confirm=print, on_cancel=lambda: None).confirm(user=None, team="Sales")
    {'user': None, 'team': 'Sales'}
    True
    """

    form_type = PanelForm

    def __init__(
        self,
        workspace: Workspace,
        count: int,
        *,
        on_confirm: Callable[[dict[str, str | None]], None],
        on_cancel: Callable[[], None],
    ) -> None:
        self._count = count
        self._on_confirm = on_confirm
        names = [user.name for user in workspace.users]
        self._users = [
            (user.email, user.name if names.count(user.name) == 1 else f"{user.name} ({user.email})")
            for user in workspace.users
        ]
        self._teams = [(team.name, team.name) for team in workspace.teams]
        self._nothing_chosen = ""
        super().__init__("cnb-assign-panel", on_cancel)

    def confirm(self, **assigned: str | None) -> bool:
        """Assign the contacts as `user` and `team` say, those that are given; tells whether it was done."""
        values = {name: [_NONE if whom is None else _TO + whom] for name, whom in assigned.items()}
        self._form.do(Gesture("submit", values=values))
        return self.is_over

    def follow(self, count: int) -> None:
        """Say that it is about `count` contacts now."""
        self._count = count
        self._draw()

    def _do(self, gesture: Gesture) -> None:
        self._nothing_chosen = ""
        if gesture.action != "submit":
            return
        told = {name: gesture.text(name) or _KEEP for name in ("user", "team")}
        assigned = {
            name: None if value == _NONE else value.removeprefix(_TO)
            for name, value in told.items()
            if value != _KEEP
        }
        if assigned:
            self._on_confirm(assigned)
            self._end()
        else:
            self._nothing_chosen = "Nothing is chosen yet. Choose a user, a team or both."
            self._form.focus_on("select[name=user]")

    def _draw(self) -> None:
        form_id = self._form.model_id
        self._form.show(
            markup(
                '<div class="cnb-panel-box" role="group" aria-label="{title}" data-escape><h4>{title}</h4>'
                "{user}{team}{nothing}{problem}"
                '<div class="cnb-form-foot" data-part="foot">'
                '<button type="button" class="cnb-button" data-do="cancel">Cancel</button>'
                '<button type="submit" class="cnb-button cnb-button-primary">Assign</button></div></div>',
                title=f"Assign {counted(self._count, 'contact')}",
                user=_list("user", "User", "Nobody", self._users, self._attributes(first=True)),
                nothing=problem_of(self._nothing_chosen, f"{form_id}-nothing"),
                team=_list("team", "Team", "No team", self._teams, self._attributes(first=False)),
                problem=problem_of(self._problem, f"{form_id}-problem"),
            )
        )

    def _attributes(self, *, first: bool) -> Markup:
        attributes = described(self._nothing_chosen, f"{self._form.model_id}-nothing")
        return attributes + markup(" data-focus") if first else attributes


def _list(name: str, label: str, nobody: str, choices: Iterable[tuple[str, str]], attributes: Markup) -> Markup:
    return markup(
        '<label class="cnb-panel-field"><span>{label}</span>'
        '<select name="{name}"{attributes}>{options}</select></label>',
        label=label,
        name=name,
        attributes=attributes,
        options=joined(
            [
                option(_KEEP, "Leave as it is"),
                option(_NONE, nobody),
                *(option(_TO + value, shown) for value, shown in choices),
            ]
        ),
    )
