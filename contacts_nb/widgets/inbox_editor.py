"""Renaming and sharing an inbox of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from markupsafe import Markup

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.inboxes import INBOX_NAME_LENGTH, Sharing
from contacts_nb.operations.settings_rows import KEEP, Keep
from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.html import joined, markup
from contacts_nb.workspace import Workspace
from contacts_nb.workspace.inboxes import Inbox

_SHARING = {
    Sharing.PRIVATE: ("Only me", ""),
    Sharing.PUBLIC: ("Everybody", "All who work here can open it; only you can change it."),
    Sharing.SHARED: ("Some people and teams", ""),
}


class InboxEditor(GestureForm):
    """The name and the sharing of `inbox`; one of the three functions is called when the person is done."""

    def __init__(
        self,
        workspace: Workspace,
        inbox: Inbox,
        *,
        on_saved: Callable[[], None],
        on_remove: Callable[[], None],
        on_cancel: Callable[[], None],
    ) -> None:
        super().__init__(self._do, self._say, "cnb-inbox-editor")
        self._inboxes = workspace.inboxes
        self._inbox = inbox
        self._people = [(user.email, user.name) for user in workspace.users if user.email != inbox.creator]
        self._teams = [team.name for team in workspace.teams]
        self._on_saved, self._on_remove, self._on_cancel = on_saved, on_remove, on_cancel
        self._draw()

    def _do(self, gesture: Gesture) -> None:
        if gesture.action == "submit":
            self._draw()
            try:
                self._save(gesture)
            except InvalidValue as error:
                if error.field != "inbox":
                    raise
                self._draw(of_name=str(error))
                self.focus_on("input[name=name]")
            else:
                self._on_saved()
        elif gesture.action == "remove":
            self._on_remove()
        elif gesture.action in ("cancel", "escape"):
            self._on_cancel()

    def _save(self, gesture: Gesture) -> None:
        """Save what differs from what was shown: the rest may have been changed since."""
        inbox = self._inbox
        name: str | Keep = KEEP if gesture.text("name").strip() == inbox.name else gesture.text("name")
        share: str | list[str] | Keep = KEEP
        sharing = gesture.text("sharing")
        if sharing == Sharing.SHARED:
            chosen = gesture.values.get("with", [])
            if not chosen:
                raise InvalidValue("sharing", "", "has nobody chosen; choose people or teams, or “Only me”")
            if inbox.sharing is not Sharing.SHARED or set(chosen) != {*inbox.users, *inbox.teams}:
                share = chosen
        elif sharing and sharing != inbox.sharing:
            share = sharing
        if not (isinstance(name, Keep) and isinstance(share, Keep)):
            self._inboxes.update(inbox.id, new_name=name, share=share)

    def _say(self, problem: str) -> None:
        self._draw(problem)

    def _draw(self, problem: str = "", *, of_name: str = "") -> None:
        inbox = self._inbox
        self.show(
            markup(
                '<div class="cnb-form" role="group" aria-label="Edit inbox" data-escape><h4>Edit inbox</h4>'
                '<label class="cnb-form-field"><span>Name</span>'
                '<input name="name" type="text" value="{name}" maxlength="{length}" autocomplete="off" dir="auto"'
                ' data-focus aria-describedby="{id}-name"{wrong}></label>'
                '<p class="cnb-form-problem" role="alert" id="{id}-name">{of_name}</p>'
                '<fieldset class="cnb-form-field"><legend>Who sees it</legend>{choices}{people}</fieldset>'
                '<p class="cnb-form-problem" role="alert">{problem}</p>'
                '<div class="cnb-form-foot">'
                '<button type="button" class="cnb-button cnb-button-remove" data-do="remove">Delete…</button>'
                '<button type="button" class="cnb-button" data-do="cancel">Cancel</button>'
                '<button type="submit" class="cnb-button cnb-button-primary">Save</button></div></div>',
                id=self.model_id,
                of_name=of_name,
                wrong=markup(' aria-invalid="true"') if of_name else "",
                name=inbox.name,
                length=INBOX_NAME_LENGTH,
                choices=joined(self._sharing_choice(one) for one in Sharing if self._can_share(one)),
                people=self._people_choices(),
                problem=problem,
            )
        )

    def _can_share(self, sharing: Sharing) -> bool:
        return sharing is not Sharing.SHARED or bool(self._people or self._teams)

    def _sharing_choice(self, sharing: Sharing) -> Markup:
        label, hint = _SHARING[sharing]
        return markup(
            '<label class="cnb-form-choice"><input type="radio" name="sharing" value="{value}"{checked}>'
            "<span>{label}{hint}</span></label>",
            value=sharing.value,
            checked=_checked(self._inbox.sharing is sharing),
            label=label,
            hint=markup("<small>{hint}</small>", hint=hint) if hint else "",
        )

    def _people_choices(self) -> Markup:
        """Seen only where the inbox is to be shared with some; the stylesheet sees to that."""
        teams = self._ticks("Teams", ((name, name, "") for name in self._teams), self._inbox.teams)
        people = self._ticks("People", ((mail, name, mail) for mail, name in self._people), self._inbox.users)
        return markup('<div class="cnb-inbox-people">{teams}{people}</div>', teams=teams, people=people)

    @staticmethod
    def _ticks(title: str, choices: Iterable[tuple[str, str, str]], ticked: Iterable[str]) -> Markup:
        rows = joined(
            markup(
                '<label class="cnb-form-choice" title="{value}"><input type="checkbox" name="with" value="{value}"'
                "{checked}><span><bdi>{label}</bdi>{hint}</span></label>",
                value=value,
                checked=_checked(value in ticked),
                label=label,
                hint=markup("<small><bdi>{hint}</bdi></small>", hint=hint) if hint else "",
            )
            for value, label, hint in choices
        )
        if not rows:
            return rows
        return markup(
            '<div role="group" aria-label="{title}"><h5>{title}</h5>{rows}</div>', title=title, rows=rows
        )


def _checked(is_checked: bool) -> Markup:  # noqa: FBT001 - it is all that there is
    return markup(" checked") if is_checked else markup("")
