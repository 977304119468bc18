"""Rejected records as a link that saves them, made of nothing but text: it works wherever the panel is shown."""

from __future__ import annotations

from base64 import b64encode
from pathlib import PurePath

from markupsafe import Markup

from contacts_nb.widgets.html import markup
from contacts_nb.workspace.importing import RejectedRows

_LARGEST = 5_000_000  # characters; a page that holds more becomes slow


def rejected_link(rejected: RejectedRows, name: str) -> Markup:
    """A link to download the rejected records of the file `name`, or where else to get them if they are many."""
    if not len(rejected):
        return markup("")
    if _is_large(rejected):
        return markup(
            "<p>These are too many rows for a download. On the command line, <code>contacts-nb import</code> "
            "writes them to a file.</p>"
        )
    is_table = rejected.suffix == ".csv"
    # Spreadsheets take a CSV file without the mark for something else than UTF-8.
    content = rejected.text().encode("utf-8-sig" if is_table else "utf-8", errors="replace")
    return markup(
        '<p><a class="cnb-import-download" download="{file}" href="data:{kind};charset=utf-8;base64,{content}">'
        "Download rejected rows</a> to correct them and import them again.</p>",
        file=f"{PurePath(name).stem}.rejected{rejected.suffix}",
        kind="text/csv" if is_table else "text/vcard",
        content=b64encode(content).decode("ascii"),
    )


def _is_large(rejected: RejectedRows) -> bool:
    size = 0
    for row in rejected:
        size += len(row.reason) + sum(map(len, row.original))
        if size > _LARGEST:
            return True
    return False
