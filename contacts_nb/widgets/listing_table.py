"""A small table as HTML, for what is listed in a notebook: users, teams, tags and their like."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from contacts_nb.widgets.html import joined, markup

_SIDES = {True: "right", False: "left"}


def listing_html(frame: pd.DataFrame) -> Markup:
    """The rows of `frame`, without its index; lists are written with commas, what is missing is left empty.

    >>> "&lt;b&gt;" in listing_html(pd.DataFrame({"tag": ["<b>"]}))
    True
    """
    # Notebooks align every table to the right, which is for numbers.
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    head = joined(
        markup('<th style="text-align: {side}">{name}</th>', side=_SIDES[number], name=name)
        for name, number in zip(frame, numeric, strict=True)
    )
    rows = joined(
        markup(
            "<tr>{cells}</tr>",
            cells=joined(
                markup('<td style="text-align: {side}">{cell}</td>', side=_SIDES[number], cell=_shown(value))
                for value, number in zip(row, numeric, strict=True)
            ),
        )
        for row in frame.itertuples(index=False)
    )
    return markup("<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>", head=head, rows=rows)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, pd.Timestamp) else str(value)
