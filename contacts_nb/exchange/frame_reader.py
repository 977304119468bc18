"""Tables from pandas DataFrames, a part of the rows at a time, with every value as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from contacts_nb.exchange.cell_texts import NoText, cell_text
from contacts_nb.exchange.csv_writer import tags_cell
from contacts_nb.exchange.sources import Record, TableSource, checked_header
from contacts_nb.model.errors import UnreadableFile, shown

_NAME = "DataFrame"
_AT_ONCE = 10_000


@dataclass(slots=True)
class FrameSource(TableSource):
    """The table in a DataFrame, as it was when the source was made."""

    frame: pd.DataFrame

    def records(self) -> Iterator[Record]:
        """All rows that aren't blank, by position + 1."""
        for start in range(0, len(self.frame), _AT_ONCE):
            part = self.frame.iloc[start : start + _AT_ONCE]
            columns = [part.iloc[:, index].astype(object).tolist() for index in range(len(self.header))]
            try:
                texts = [[_text(value) for value in column] for column in columns]
            except NoText:
                records = [
                    self._record(line, row) for line, row in enumerate(zip(*columns, strict=True), start + 1)
                ]
            else:
                records = [Record(line, row) for line, row in enumerate(zip(*texts, strict=True), start + 1)]
            yield from (record for record in records if record.problem or "".join(record.cells).strip())

    def _record(self, line: int, row: Sequence[object]) -> Record:
        cells, problem = [], None
        for name, value in zip(self.header, row, strict=True):
            try:
                cells.append(_text(value))
            except NoText as reason:
                cells.append(_shown(value))
                problem = (
                    problem or f"The value {_shown(value)} in column {shown(name)} {reason} and import it again."
                )
        return Record(line, cells, problem)


def frame_source(frame: pd.DataFrame) -> FrameSource:
    """The table in `frame`; raises `UnreadableFile` if it has no columns or no rows.

    Lists of texts are taken for tags. The index is left out, unless it has a name.

    >>> source = frame_source(pd.DataFrame({"name": ["Ann"], "tags": [["vip", "new"]]}))
    >>> source.header, [record.cells for record in source.records()]
    (('name', 'tags'), [('Ann', 'vip, new')])
    """
    # Whoever names an index has put a column there.
    named = [level for level, name in enumerate(frame.index.names) if name is not None]
    table = frame.reset_index(level=named, allow_duplicates=True) if named else frame.copy(deep=False)
    header = checked_header(_NAME, [_title(column) for column in table.columns])
    if not header:
        raise UnreadableFile("The DataFrame has no columns. Give one with a row for each contact.")
    if not len(table):
        raise UnreadableFile("The DataFrame has columns but no rows. Give one with a row for each contact.")
    return FrameSource(name=_NAME, header=header, notes=[], encoding=None, size=None, frame=table)


def _title(column: object) -> str:
    return " ".join(str(part) for part in column) if isinstance(column, tuple) else str(column)


def _shown(value: object) -> str:
    try:
        return shown(value)
    except ValueError:  # more digits than Python writes
        return f"of {type(value).__name__}"


def _text(value: object) -> str:
    if type(value) is str:
        return value
    if isinstance(value, (list, tuple, np.ndarray)):
        texts = list(value)
        if all(isinstance(text, str) for text in texts):
            return tags_cell(texts)
    return cell_text(value)
