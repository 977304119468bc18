"""Choosing which columns the table shows, and in which order; each change acts at once and is remembered."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets
from markupsafe import Markup

from contacts_nb.model.columns import NAME, Column, checked_columns, kept_columns
from contacts_nb.widgets.column_settings import ColumnSettings
from contacts_nb.widgets.gestures import Gesture, GestureForm
from contacts_nb.widgets.html import joined, markup
from contacts_nb.widgets.style import style_widget
from contacts_nb.workspace import Workspace

OnChange = Callable[[list[dict[str, str | int]]], None]
_UP, _DOWN = "up", "down"
_ARROWS = {_UP: "M4 10l4-4 4 4", _DOWN: "M4 6l4 4 4-4"}


class ColumnChooser(ipywidgets.VBox):
    """The columns of the table of `workspace`: those that are ticked are shown, in the order of the list.

    What the user chooses is kept in `ws.preferences["columns"]`, and `on_change` is called with it: a list of
    `{"key": …, "width": …}`, as `ContactTable.columns` takes it.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb.widgets.column_chooser import ColumnChooser
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> chooser = ColumnChooser(ws, on_change=lambda columns: print(len(columns), "columns"))
    >>> chooser.show_column("team")
    14 columns
    >>> ws.preferences["columns"][-1]
    {'key': 'team', 'width': 120}
    """

    def __init__(self, workspace: Workspace, *, on_change: OnChange | None = None) -> None:
        self._settings = ColumnSettings.of(workspace)
        self._on_change = on_change
        self._order: list[str] = []
        self._said = ""
        self._problem = ""
        self._form = GestureForm(self._do, self._tell, "cnb-columns")
        super().__init__([style_widget(), self._form])
        self._read()
        self._draw()

    def show_column(self, key: str, *, shown: bool = True) -> None:
        """Show a column, or hide it; raises `InvalidValue` for one that isn't there."""
        self._read()
        self._check(key)
        keys = {column.key for column in self._chosen}
        self._keep((keys | {key}) if shown else (keys - {key}))

    def move(self, key: str, *, up: bool) -> None:
        """Move a column by one place; Name is always the first. Raises `InvalidValue` as above."""
        self._read()
        self._check(key)
        place = self._order.index(key)
        beside = place + (-1 if up else 1)
        if place and 0 < beside < len(self._order):
            self._order.insert(beside, self._order.pop(place))
            self._keep({column.key for column in self._chosen})

    def _check(self, key: str) -> None:
        checked_columns(tuple(self._all.values()), [key])

    def reset(self) -> None:
        """Show what whoever chose nothing sees."""
        self._settings.keep(None)
        self._order = []
        self._read()
        self._pass_on()

    def _read(self) -> None:
        """What there is and what was chosen may have changed since, as widths do in the table."""
        self._all = {column.key: column for column in self._settings.all()}
        self._chosen = self._settings.chosen()
        chosen = [column.key for column in self._chosen]
        # Rows stay where they are when they are ticked or not; what is new comes at the end.
        known = [key for key in self._order if key in self._all]
        if [key for key in known if key in chosen] != chosen:
            known = chosen
        self._order = [*known, *(key for key in self._all if key not in known)]

    def _keep(self, keys: set[str]) -> None:
        widths = {column.key: column for column in self._chosen}
        columns = [widths.get(key, self._all[key]) for key in self._order if key in keys | {NAME}]
        self._settings.keep(columns)
        self._chosen = tuple(columns)
        self._pass_on()

    def _pass_on(self) -> None:
        self._draw()
        if self._on_change is not None:
            self._on_change(kept_columns(self._chosen))

    def _do(self, gesture: Gesture) -> None:
        self._said = self._problem = ""
        self._draw()  # what isn't kept after all is then drawn as it was
        if gesture.action == "show":
            self.show_column(gesture.name, shown=bool(gesture.value))
        elif gesture.action in (_UP, _DOWN):
            self.move(gesture.name, up=gesture.action == _UP)
            label, place = self._all[gesture.name].label, self._order.index(gesture.name) + 1
            self._said = f"{label} is number {place} of {len(self._order)}"
        elif gesture.action == "reset":
            self.reset()
            self._said = "The columns are as they were at first"
        self._draw()

    def _tell(self, problem: str) -> None:
        self._problem = problem
        self._draw()

    def _draw(self) -> None:
        shown = {column.key for column in self._chosen}
        self._form.show(
            markup(
                '<div class="cnb-columns-head"><p id="{id}-count">{shown} of {all} columns are shown</p>'
                '<button type="button" class="cnb-button" data-do="reset" aria-disabled="{is_default}">Reset'
                '</button></div><p class="cnb-form-problem" role="alert">{problem}</p>'
                '<ul data-moves aria-label="Columns, in order" aria-describedby="{id}-keys">{rows}</ul>'
                '<p class="cnb-columns-keys" id="{id}-keys"><kbd>Alt</kbd> + <kbd>↑</kbd> <kbd>↓</kbd> moves a'
                ' column</p><p role="status" class="cnb-spoken">{said}</p>',
                id=self._form.model_id,
                shown=len(shown),
                all=len(self._order),
                is_default=_word(self._is_default()),
                problem=self._problem,
                rows=joined(
                    self._row(self._all[key], place, key in shown) for place, key in enumerate(self._order)
                ),
                said=self._said,
            )
        )

    def _is_default(self) -> bool:
        return self._chosen == self._settings.default()

    def _row(self, column: Column, place: int, is_shown: bool) -> Markup:  # noqa: FBT001 - what it is
        tick = markup(
            '<label title="{label}"><input type="checkbox" name="{key}" data-tick="show" data-stop'
            ' tabindex="{tab}"{shown}><bdi>{label}</bdi></label>',
            label=column.label,
            key=column.key,
            tab=0 if place == 1 else -1,
            shown=markup(" checked") if is_shown else "",
        )
        if column.key == NAME:
            return markup(
                '<li data-part="{key}" class="cnb-columns-fixed"><label><input type="checkbox" checked disabled>'
                "<bdi>{label}</bdi></label><small>Always first</small></li>",
                key=column.key,
                label=column.label,
            )
        ends = {_UP: place == 1, _DOWN: place == len(self._order) - 1}
        return markup(
            '<li data-part="{key}" data-row="{key}">{tick}{buttons}</li>',
            key=column.key,
            tick=tick,
            buttons=joined(
                markup(
                    '<button type="button" class="cnb-icon-button" data-do="{do}" data-name="{key}" data-also'
                    ' tabindex="{tab}" aria-disabled="{is_end}" title="Move {do}" aria-label="Move {label} {do}">'
                    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="{path}"/></svg></button>',
                    do=do,
                    key=column.key,
                    tab=0 if place == 1 else -1,
                    is_end=_word(is_end),
                    label=column.label,
                    path=_ARROWS[do],
                )
                for do, is_end in ends.items()
            ),
        )


def _word(is_true: bool) -> str:  # noqa: FBT001 - it is all that there is
    return "true" if is_true else "false"
