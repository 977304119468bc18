"""Giving tags to many contacts at once, or taking them off."""

from __future__ import annotations

from collections.abc import Callable

from contacts_nb.widgets.answered_panel import AnsweredPanel
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import markup
from contacts_nb.widgets.import_words import counted
from contacts_nb.widgets.panel_form import PanelForm, problem_of
from contacts_nb.widgets.tag_choosing import BOX, TagChoosing
from contacts_nb.workspace import Workspace

_NOTHING = "Choose at least one tag."


class TagsPanel(AnsweredPanel):
    """Tags to be chosen for `count` contacts, also new ones; with `removing`, of those that there are.

    `on_confirm` is called with their names, after which the panel is gone from the page, as it is after
    `on_cancel`. What `on_confirm` raises is told, and the panel stays.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets.tags_panel import TagsPanel
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> panel = TagsPanel(ws, 3, on_confirm=print, on_cancel=lambda: None)
    >>> panel.choose("spring"), panel.confirm()
    ('spring',)
    (True, True)
    """

    form_type = PanelForm

    def __init__(
        self,
        workspace: Workspace,
        count: int,
        *,
        removing: bool = False,
        on_confirm: Callable[[tuple[str, ...]], None],
        on_cancel: Callable[[], None],
    ) -> None:
        self._count = count
        self._removing = removing
        self._on_confirm = on_confirm
        names = workspace.tags.names()
        self._choosing = TagChoosing(names, creating=not removing, offering=True)
        super().__init__("cnb-tags-panel", on_cancel)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the tags that are chosen by now."""
        return self._choosing.chosen

    def follow(self, count: int) -> None:
        """Say that it is about `count` contacts now."""
        self._count = count
        self._draw()

    def choose(self, name: str) -> bool:
        """Choose the tag of that name; tells whether it could be."""
        self._form.do(Gesture("choose", value=name))
        return any(name == one for one in self.chosen)

    def confirm(self) -> bool:
        """Do it, if a tag is chosen; tells whether it was done."""
        self._form.do(Gesture("submit"))
        return self.is_over

    def _do(self, gesture: Gesture) -> None:
        if gesture.action == "submit":
            if self._take_typed(gesture.text("tag").strip()):
                self._confirm()
        elif gesture.action == "choose" and not str(gesture.value).strip():
            self._confirm()
        else:
            self._choosing.do(gesture, self._form)

    def _take_typed(self, typed: str) -> bool:
        """Choose what still stands in the box; a new tag is shown before it is made."""
        if not typed:
            return True
        is_known = self._choosing.is_known(typed)
        if not self._choosing.choose(typed):
            return False
        if not is_known and not self._removing:
            self._problem = f"“{typed}” is a new tag. Press again to make it and assign it."
        return is_known

    def _confirm(self) -> None:
        if not self.chosen:
            self._problem = _NOTHING
            self._form.focus_on(BOX)
            return
        self._on_confirm(self.chosen)
        self._end()

    def _draw(self) -> None:
        verb, preposition = ("Remove", "from") if self._removing else ("Assign", "to")
        chosen = len(self.chosen)
        tags = "tags" if chosen == 0 else "1 tag" if chosen == 1 else f"{chosen} tags"
        self._form.show(
            markup(
                '<div class="cnb-panel-box" role="group" aria-label="{title}" data-escape><h4>{title}</h4>{tags}'
                '{problem}<p class="cnb-panel-note" id="{id}-hint" data-part="hint">{hint}</p>'
                '<div class="cnb-form-foot" data-part="foot">'
                '<button type="button" class="cnb-button" data-do="cancel">Cancel</button>'
                '<button type="submit" class="cnb-button cnb-button-primary" aria-disabled="{none}"'
                ' aria-describedby="{id}-hint">{label}</button></div></div>',
                title=f"{verb} tags {preposition} {counted(self._count, 'contact')}",
                tags=self._choosing.html(
                    self._form.model_id,
                    "Tag" if self._removing else "Tag (type to find, or to make a new one)",
                    focused=True,
                ),
                problem=problem_of(self._problem, f"{self._form.model_id}-problem"),
                id=self._form.model_id,
                hint="" if chosen or self._problem == _NOTHING else _NOTHING,
                none="false" if chosen else "true",
                label=f"{verb} {tags}",
            )
        )
