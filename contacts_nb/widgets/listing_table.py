"""A small table as HTML, for what is listed in a notebook: users, teams, tags and their like."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from contacts_nb.widgets.html import joined, markup


def listing_html(frame: pd.DataFrame) -> Markup:
    """The rows of `frame`, without its index; lists are written with commas, what is missing is left empty.

    >>> listing_html(pd.DataFrame({"tag": ["<b>"]}))
    Markup('<table><thead><tr><th>tag</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>')
    """
    head = joined(markup("<th>{name}</th>", name=name) for name in frame)
    rows = joined(
        markup("<tr>{cells}</tr>", cells=joined(markup("<td>{cell}</td>", cell=_shown(value)) for value in row))
        for row in frame.itertuples(index=False)
    )
    return markup("<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>", head=head, rows=rows)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, pd.Timestamp) else str(value)
