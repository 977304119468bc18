"""The other steps of an import: the file, the review of the plan, and the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import ipywidgets
import pandas as pd
from markupsafe import Markup

from contacts_nb.exchange.planned import Action
from contacts_nb.widgets.debounce import Debounced
from contacts_nb.widgets.html import html_widget, joined, markup, show
from contacts_nb.widgets.import_download import rejected_link
from contacts_nb.widgets.import_words import cut, sentences, table, was_done, without_place
from contacts_nb.workspace.importing import GivenSource, ImportPlan, ImportResult

_SHOWN = 50  # rows of each kind
_ENTER_PAUSE = 0.2  # seconds
_LONG = 300  # characters of a cell
# What websockets let through: those of Jupyter as it comes, and those of the served app.
_LIMIT_IN_JUPYTER, _LIMIT_SERVED = "10 MB", "100 MB"
_KINDS = ".csv,.tsv,.txt,.xlsx,.vcf"
_TILES = {
    Action.CREATE.label: ("to create", "No new contacts in this file."),
    Action.UPDATE.label: ("to update", "No contact that is here already would change."),
    Action.SKIP.label: ("to skip", "No row is skipped."),
    Action.REJECT.label: ("rejected", "Every row can be read."),
}


class PathField(ipywidgets.HBox):
    """Naming a file on the machine of the notebook; `on_given` gets its path.

    Where visitors mustn't read such files it mustn't be there at all: what is only hidden can be used by hand.
    """

    def __init__(self, on_given: Callable[[GivenSource], None]) -> None:
        self._on_given = on_given
        self.path = ipywidgets.Text(
            description="Path on the server", placeholder="/data/people.csv", continuous_update=False
        )
        self.open_path = ipywidgets.Button(description="Open file", tooltip="Open the file at this path")
        super().__init__([self.path, self.open_path])
        self.add_class("cnb-import-path")
        self.open_path.on_click(lambda _button: self._path_given())
        # The browser tells of Enter just before it sends what was typed.
        self._entered = Debounced(self._path_given, _ENTER_PAUSE)
        self.path.on_msg(self._key_told)

    def _key_told(self, _text: object, content: dict[str, str], _buffers: object) -> None:
        if content.get("event") == "submit":  # Enter
            self._entered()

    def _path_given(self) -> None:
        path = self.path.value.strip()
        if path:
            self._on_given(path)


class FileStep(ipywidgets.VBox):
    """Choosing a file: by upload, or where that is allowed by its path; `on_given` gets it."""

    def __init__(self, on_given: Callable[[GivenSource], None], *, allow_paths: bool) -> None:
        self._on_given = on_given
        self.upload = ipywidgets.FileUpload(
            accept=_KINDS, description="Choose a file", icon="", button_style="primary", tooltip="Choose a file"
        )
        self.upload.add_class("cnb-import-upload")
        larger = "give the path of a larger one" if allow_paths else "import larger ones on the command line"
        most = _LIMIT_IN_JUPYTER if allow_paths else _LIMIT_SERVED
        about = markup(
            "<h3>Which contacts do you want to import?</h3>"
            "<p>A table with one contact a row (CSV, TSV or Excel .xlsx), or vCards (.vcf). "
            "Nothing is changed before you have reviewed it.</p>"
        )
        limit = markup("<p>Up to {limit}; {larger}.</p>", limit=most, larger=larger)
        drop = ipywidgets.VBox([html_widget(about), self.upload, html_widget(limit, "cnb-import-limit")])
        drop.add_class("cnb-import-drop")
        super().__init__([drop, PathField(on_given)] if allow_paths else [drop])
        self.add_class("cnb-import-step")
        self.upload.observe(self._uploaded, "value")

    def _uploaded(self, change: dict[str, Sequence[dict[str, object]]]) -> None:
        for file in change["new"]:
            # Not kept in the widget too; and the same file can be chosen again.
            self.upload.value = ()
            self._on_given((str(file["name"]), bytes(file["content"])))  # type: ignore[call-overload]


@dataclass(frozen=True)
class Reviewed:
    """A plan with what is seen of it: tables by action, and the link to what it rejects."""

    plan: ImportPlan
    tables: dict[str, Markup]
    link: Markup


def reviewed(plan: ImportPlan) -> Reviewed:
    """What is to be seen of `plan`; of a long one this takes a while, since its rows are on disk."""
    tables = {action: _rows_table(plan, action) for action, number in plan.counts.items() if number}
    return Reviewed(plan, tables, rejected_link(plan.rejected, plan.name))


class ReviewStep(ipywidgets.VBox):
    """What a plan would do: a tile with a number for each action, and the rows of the one that is chosen."""

    def __init__(self) -> None:
        self.tiles = {action: ipywidgets.Button() for action in _TILES}
        self._reviewed: Reviewed | None = None
        self._title = html_widget(markup(""), "cnb-import-title")
        self._rows = html_widget(markup(""), "cnb-import-table-frame")
        self._more = html_widget(markup(""), "cnb-import-more")
        for action, tile in self.tiles.items():
            tile.add_class("cnb-import-tile")
            tile.on_click(lambda _button, action=action: self.choose(action))
        tiles = ipywidgets.HBox(list(self.tiles.values()))
        tiles.add_class("cnb-import-tiles")
        super().__init__([self._title, tiles, self._rows, self._more])
        self.add_class("cnb-import-step")

    def show(self, what: Reviewed) -> None:
        """Show a plan."""
        self._reviewed = what
        counts = what.plan.counts
        title = markup(
            '<h3 dir="auto">{name}</h3><p>Nothing has been changed yet. This is what would happen.</p>',
            name=what.plan.name,
        )
        show(self._title, title)
        for action, tile in self.tiles.items():
            tile.description = f"{counts[action]:,}\n{_TILES[action][0]}"
            tile.tooltip = f"Show the rows {_TILES[action][0]}"
        notes = sentences([*what.plan.notes, without_place(what.plan.left_out)])
        show(self._more, notes)
        self.choose(next((action for action, number in counts.items() if number), Action.CREATE.label))

    def choose(self, action: str) -> None:
        """Show the rows of one action."""
        if self._reviewed is None:
            return
        for other, tile in self.tiles.items():
            if other == action:
                tile.add_class("cnb-chosen")
            else:
                tile.remove_class("cnb-chosen")
        words, none = _TILES[action]
        number = self._reviewed.plan.counts[action]
        if not number:
            show(self._rows, markup('<p class="cnb-import-none" role="status">{none}</p>', none=none))
            return
        first = f"First {_SHOWN} of {number:,} rows" if number > _SHOWN else "Rows"
        head = markup('<h4 role="status">{first} {words}</h4>', first=first, words=words)
        link = self._reviewed.link if action == Action.REJECT.label else markup("")
        show(self._rows, joined([head, link, self._reviewed.tables[action]]))


class DoneStep(ipywidgets.VBox):
    """What an import has done."""

    def __init__(self) -> None:
        self._text = html_widget(markup(""), "cnb-import-title")
        super().__init__([self._text])
        self.add_class("cnb-import-step")

    def show(self, result: ImportResult, link: Markup, *, undone: bool = False) -> None:
        """Show a result, or that it was undone."""
        if undone:
            title, text, link = "Undone", "All that this import created and updated was taken back.", markup("")
        else:
            title, text = "Imported", was_done(result)
        body = markup(
            '<div class="cnb-import-result"><h3>{title}</h3><p role="status"><bdi>{name}</bdi>: {text}</p>{link}'
            "</div>",
            title=title,
            name=result.name,
            text=text,
            link=link,
        )
        show(self._text, body)


def _rows_table(plan: ImportPlan, action: str) -> Markup:
    frame = plan.to_frame(action, limit=_SHOWN).drop(columns=["action"])
    if action == Action.REJECT.label:
        # Most of them couldn't be read: what they say is in the file.
        originals = (row.original for row in islice(plan.rejected, _SHOWN))
        in_file = [" · ".join(cell for cell in one if cell.strip()) for one in originals]
        frame = frame[["line", "reason"]].assign(**{"in the file": in_file})
    elif action == Action.UPDATE.label:
        frame = frame[["line", "contact", "first_name", "last_name", "changes"]]
    kept = [name for name in frame if any(map(_cell, frame[name]))]
    head = [str(name).replace("_", " ").capitalize().replace("e164", "E.164") for name in kept]
    rows = ([_cell(value) for value in row] for row in frame[kept].itertuples(index=False))
    return table(f"Rows {_TILES[action][0]}", head, rows, _SHOWN)


def _cell(value: object) -> str:
    return "" if pd.isna(value) else cut(str(value), _LONG)  # type: ignore[call-overload]
