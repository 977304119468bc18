"""Choosing tags by typing: a box, those that fit what is typed, and those that were chosen as chips."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.tags import checked_tag_name
from contacts_nb.model.text import name_key
from contacts_nb.widgets.gestures import Gesture
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.panel_form import PanelForm, described, problem_of

_OFFERED = 8
BOX = "input[name=tag]"
"""Where a tag is typed, as a CSS selector."""


class TagChoosing:
    """What is chosen of the tags `names`, and of new ones if `creating`; lives in a `PanelForm`."""

    def __init__(self, names: Iterable[str], *, creating: bool, offering: bool) -> None:
        self._by_key = {name_key(name): name for name in names}
        self._creating = creating
        self._offering = offering  # also before anything is typed
        self._chosen: dict[str, str] = {}
        self.problem = ""
        self._said = ""
        self._typed = ""
        self._in_box = ""
        self._turn = 0

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names that were chosen, in that order."""
        return tuple(self._chosen.values())

    def is_known(self, name: str) -> bool:
        """Whether there is a tag of that name."""
        return name_key(name) in self._by_key

    def do(self, gesture: Gesture, form: PanelForm) -> bool:
        """Do what a gesture in the box or at a tag asks for; False if it is none of those."""
        self._said = ""
        if gesture.action == "typed" and gesture.name == "tag":
            self.look_for(str(gesture.value))
        elif gesture.action == "choose":
            # The browser has emptied the box already: what is typed by now stays.
            if not self._chose(str(gesture.value)):
                self._fill_box(str(gesture.value))
        elif gesture.action == "offer":
            self.choose(gesture.name)
            form.focus_on(BOX)
        elif gesture.action == "drop":
            self.drop(gesture.name)
            form.focus_on(BOX)
        elif gesture.action == "back" and self._chosen:
            self.drop(self.chosen[-1])
        else:
            return False
        return True

    def look_for(self, typed: str) -> None:
        """Offer what fits what was `typed`."""
        self._typed = typed
        self.problem = ""
        if typed.strip():
            count = len(self._fitting())
            self._said = f"{count:,} {'tag fits' if count == 1 else 'tags fit'}"

    def choose(self, name: str) -> bool:
        """Choose the tag of that name, or make it a new one; what is wrong with it is shown, and gives False."""
        chose = self._chose(name)
        self._fill_box("" if chose else name)
        return chose

    def _fill_box(self, text: str) -> None:
        self._in_box = text
        self._turn += 1

    def _chose(self, name: str) -> bool:
        self.look_for(name)
        try:
            checked = checked_tag_name(name)
        except InvalidValue as error:
            self.problem = str(error)
            return False
        found = self._by_key.get(name_key(checked))
        fitting = self._fitting()
        if found is None and not self._creating:
            if len(fitting) != 1:
                self.problem = f"No tag is called “{checked}”. Choose one of those that there are."
                return False
            found = fitting[0]
        chosen = found or checked
        self._chosen.setdefault(name_key(chosen), chosen)
        self._typed = ""
        self._said = f"“{chosen}” is chosen"
        return True

    def drop(self, name: str) -> None:
        """Choose the tag of that name no more."""
        if self._chosen.pop(name_key(name), None) is not None:
            self._said = f"“{name}” is not chosen any more"

    def _fitting(self) -> list[str]:
        key = name_key(self._typed)
        fitting = [(one, name) for one, name in self._by_key.items() if key in one and one not in self._chosen]
        return [name for one, name in sorted(fitting, key=lambda item: (not item[0].startswith(key), item[0]))]

    def html(self, form_id: str, label: str, *, focused: bool = False) -> Markup:
        """The box with what belongs to it."""
        problem_id = f"{form_id}-tag"
        return markup(
            '<div class="cnb-tags">{chosen}<label class="cnb-panel-field"><span>{label}</span>'
            '<input name="tag" type="text" dir="auto" autocomplete="off" data-typed data-clears'
            ' data-to-stops data-take="choose" data-back="back" value="{in_box}" data-turn="{turn}"'
            "{focused}{described}></label>{problem}{offers}"
            '<p role="status" class="cnb-spoken">{said}</p></div>',
            chosen=self._chips(),
            label=label,
            in_box=self._in_box,
            turn=self._turn,
            focused=markup(" data-focus") if focused else "",
            described=described(self.problem, problem_id),
            problem=problem_of(self.problem, problem_id),
            offers=self._offers(),
            said=self._said,
        )

    def _chips(self) -> Markup:
        if not self._chosen:
            return markup("")
        return markup(
            '<ul class="cnb-tags-chosen" aria-label="Chosen tags" data-part="chosen">{chips}</ul>',
            chips=joined(
                markup(
                    '<li data-part="{name}" class="cnb-chip"><bdi>{name}</bdi>{new}'
                    '<button type="button" data-do="drop" data-name="{name}" aria-label="Remove tag {name}"'
                    ' title="Remove tag {name}">×</button></li>',
                    name=name,
                    new=markup("") if self.is_known(name) else markup(" <small>new</small>"),
                )
                for name in self._chosen.values()
            ),
        )

    def _offers(self) -> Markup:
        typed = self._typed.strip()
        if not (typed or self._offering):
            return markup("")
        fitting = self._fitting()
        rows = [_offer(name, markup("<bdi>{name}</bdi>", name=name)) for name in fitting[:_OFFERED]]
        if typed and self._creating and name_key(typed) not in self._by_key | self._chosen:
            rows.append(_offer(typed, markup("Create tag “<bdi>{name}</bdi>”", name=typed)))
        note = f"{len(fitting) - _OFFERED:,} more; type to find them" if len(fitting) > _OFFERED else ""
        if not rows and not self._chosen and not self.problem:
            note = f"No tag fits “{typed}”" if typed else "There are no tags yet"
        return markup(
            '{list}<p class="cnb-panel-note">{note}</p>',
            list=markup('<ul class="cnb-tags-offers" aria-label="Tags">{rows}</ul>', rows=joined(rows))
            if rows
            else "",
            note=note,
        )


def _offer(name: str, label: Markup) -> Markup:
    return markup(
        '<li data-part="{name}" data-row="{name}"><button type="button" data-do="offer" data-name="{name}"'
        ' data-stop tabindex="-1" title="{name}">{label}</button></li>',
        name=name,
        label=label,
    )
