"""The second step of an import: what each column of the file goes to, and how the rows are to be taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from contacts_nb.widgets.html import html_widget, markup, show
from contacts_nb.widgets.import_choices import (
    LEAVE_OUT,
    NEW_FIELD,
    can_be_kept,
    encoding_choices,
    field_choices,
    kept_field,
    match_choices,
    may_update,
    purpose_choices,
    region_choices,
)
from contacts_nb.widgets.import_words import counted, cut, sentences, table
from contacts_nb.workspace.importing import SourcePreview

EXAMINED = 50
"""Rows of a file that its columns are judged by."""

_SHOWN_ROWS = 5
_EXAMPLES = 3
_SHOWN_COLUMNS = 40
_AT_ONCE = 40  # columns to map: each is five widgets, and files with hundreds have few that matter


class ColumnRow(ipywidgets.HBox):
    """One column of the file: its name, its first values, what it goes to, and whether values there stay."""

    def __init__(self, preview: SourcePreview, column: str, values: list[str]) -> None:
        self.column = column
        self.found = preview.columns.get(column) or LEAVE_OUT
        self.has_values = any(value.strip() for value in values)
        examples = [cut(value, 40) for value in dict.fromkeys(values) if value.strip()][:_EXAMPLES]
        told = markup(
            '<strong dir="auto">{column}</strong><span dir="auto">{examples}</span>',
            column=cut(column, 80),
            examples=", ".join(examples) or "no values in the first rows",
        )
        self.target = ipywidgets.Dropdown(
            options=field_choices(preview, column), value=self.found, description=f"Field for {cut(column, 80)}"
        )
        self.keep = ipywidgets.Checkbox(
            description="Keep existing values",
            tooltip=f"Where a contact has a value already, it isn't replaced by that of {cut(column, 80)}",
            indent=False,
        )
        super().__init__([html_widget(told, "cnb-import-column"), self.target, self.keep])
        self.add_class("cnb-import-row")


class ColumnsStep(ipywidgets.VBox):
    """The columns of a file and the options of its import; `on_encoding` is called when another one is chosen."""

    def __init__(self, workspace_region: str | None, on_encoding: Callable[[str], None]) -> None:
        self._on_encoding = on_encoding
        self._preview: SourcePreview | None = None
        self._given_encoding: str | None = None
        self._filling = False
        self._first_match: tuple[str, ...] = ()
        self.rows: list[ColumnRow] = []
        self._title = html_widget(markup(""), "cnb-import-title")
        self._first_rows = html_widget(markup(""), "cnb-import-table-frame")
        self.encoding = ipywidgets.Dropdown(description="Text encoding")
        self.region = ipywidgets.Dropdown(
            description="Country of phones without +", options=region_choices(workspace_region), value=""
        )
        self.match_on = ipywidgets.Dropdown(description="Find existing contacts by")
        self.purpose = ipywidgets.Dropdown(description="What to do")
        self.tags = ipywidgets.Text(
            description="Tags for all of them", placeholder="for example: spring fair, vip"
        )
        self.more = ipywidgets.Button()
        self._mapping = ipywidgets.VBox()
        self._mapping.add_class("cnb-import-mapping")
        self._columns = _section("Where each column goes", self._mapping, self.more)
        options = ipywidgets.Box([self.match_on, self.purpose, self.region, self.tags])
        options.add_class("cnb-import-options")
        self._reading = ipywidgets.Box([self.encoding])
        self._reading.add_class("cnb-import-options")
        self._reading.add_class("cnb-import-reading")
        super().__init__([
            self._title, self._reading, self._first_rows, self._columns, _section("How to import", options),
        ])  # fmt: skip
        self.add_class("cnb-import-step")
        self.encoding.observe(self._encoding_chosen, "value")
        self.match_on.observe(lambda _change: self._show_purposes(), "value")
        self.purpose.observe(lambda _change: self._show_keeping(), "value")
        self.more.on_click(lambda _button: self._show_rows(len(self._mapping.children) + _AT_ONCE))

    def show(self, preview: SourcePreview, encoding: str | None = None) -> None:
        """Show a file; all that was chosen stays if it is the same one, read again in a chosen `encoding`."""
        again = encoding is not None
        self._given_encoding = encoding
        # By position: in another encoding columns have other names.
        chosen = [(row.target.value, row.found, row.keep.value) for row in self.rows] if again else []
        self._preview = preview
        names = list(preview.columns)
        self.rows = [ColumnRow(preview, name, self._values(name)) for name in names]
        if len(chosen) == len(self.rows):
            for row, (target, found, keep) in zip(self.rows, chosen, strict=True):
                row.keep.value = keep
                if target != found and target in {value for _, value in row.target.options}:
                    row.target.value = target
        for row in self.rows:
            row.target.observe(lambda _change: self._show_matches(), "value")
        self._show_reading(preview)
        self._columns.layout.display = None if self.rows else "none"
        self._show_rows(min(_AT_ONCE, sum(map(_matters, self.rows)) or _AT_ONCE))
        self._show_matches(anew=not again)

    def arguments(self) -> dict[str, Any]:
        """What was chosen, as `plan_import` takes it."""
        match_on = list(self.match_on.value)
        return {
            "columns": {
                row.column: row.target.value or None
                for row in self.rows
                # What was recognised is left to be recognised again: then columns of one kind keep their order.
                if row.target.value != row.found and not row.target.value.startswith(NEW_FIELD)
            },
            "new_fields": {
                row.column: row.target.value.removeprefix(NEW_FIELD)
                for row in self.rows
                if row.target.value.startswith(NEW_FIELD)
            },
            "do_not_overwrite": sorted(
                {kept_field(row.target.value) for row in self.rows if self._can_keep(row) and row.keep.value}
            ),
            "match_on": match_on or None,
            "purpose": self.purpose.value,
            "region": self.region.value or None,
            "tags": [tag.strip() for tag in self.tags.value.split(",") if tag.strip()],
            "encoding": self._given_encoding,
        }

    def encoding_refused(self) -> None:
        """Put the choice of the encoding back to what the file was read as."""
        if self._preview is not None and self._preview.encoding:
            self._filling = True
            self.encoding.value = self._preview.encoding
            self._filling = False

    def _values(self, column: str) -> list[str]:
        if self._preview is None or column not in self._preview.header:
            return []
        index = self._preview.header.index(column)
        return [row[index] for row in self._preview.rows if index < len(row)]

    def _show_reading(self, preview: SourcePreview) -> None:
        what = (
            f"{counted(len(preview.columns), 'column')}. Look whether the first rows read well."
            if preview.header
            else "Cards have fields of their own, so there are no columns to choose."
        )
        title = markup('<h3 dir="auto">{name}</h3><p>{what}</p>', name=preview.name, what=what)
        show(self._title, title + sentences(preview.notes))
        self._reading.layout.display = None if preview.encoding else "none"
        if preview.encoding:
            self._filling = True
            self.encoding.options = encoding_choices(preview.encoding)
            self.encoding.value = preview.encoding
            self._filling = False
        head = [cut(name, 40) for name in preview.header[:_SHOWN_COLUMNS]]
        rows = ([cut(cell, 40) for cell in row[:_SHOWN_COLUMNS]] for row in preview.rows)
        show(self._first_rows, table("First rows of the file", head, rows, _SHOWN_ROWS) if head else markup(""))

    def _show_rows(self, number: int) -> None:
        ordered = sorted(self.rows, key=lambda row: not _matters(row))
        self._mapping.children = ordered[:number]
        left = len(ordered) - number
        self.more.description = f"Show {counted(min(left, _AT_ONCE), 'more column')}"
        self.more.layout.display = None if left > 0 else "none"

    def _show_matches(self, *, anew: bool = False) -> None:
        targets = [row.target.value for row in self.rows] if self.rows else ["phone", "email"]
        choices = match_choices(targets)
        # What was chosen stays as long as it can be.
        kept = self.match_on.value if not anew and self._match_is_chosen() else choices[0][1]
        offered = {value for _, value in choices}
        self._filling = True
        self._first_match = choices[0][1]
        self.match_on.options = choices
        self.match_on.value = kept if kept in offered else choices[0][1]
        self._filling = False
        self._show_purposes()

    def _match_is_chosen(self) -> bool:
        return self.match_on.value is not None and self.match_on.value != self._first_match

    def _show_purposes(self) -> None:
        if self._filling:
            return
        choices = purpose_choices(self.match_on.value)
        if choices != list(self.purpose.options):
            # Either there was only one before, or there is only one now: in neither case a choice to be kept.
            self.purpose.options = choices
            self.purpose.value = choices[0][1]
        self.purpose.disabled = len(choices) == 1
        self._show_keeping()

    def _can_keep(self, row: ColumnRow) -> bool:
        return may_update(self.purpose.value or "") and can_be_kept(row.target.value)

    def _show_keeping(self) -> None:
        for row in self.rows:
            row.keep.layout.display = None if self._can_keep(row) else "none"

    def _encoding_chosen(self, change: dict[str, str]) -> None:
        if not self._filling:
            self._on_encoding(change["new"])


def _matters(row: ColumnRow) -> bool:
    """Whether a column is worth a look: it has values in sight, or was recognised."""
    return row.has_values or bool(row.found)


def _section(title: str, *content: ipywidgets.Widget) -> ipywidgets.VBox:
    heading = html_widget(markup("<h4>{title}</h4>", title=title))
    section = ipywidgets.VBox([heading, *content])
    section.add_class("cnb-import-section")
    return section
