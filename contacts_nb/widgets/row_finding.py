"""Where a contact stands in a table of any length, if that isn't far from where it stood, or at the top."""

from __future__ import annotations

import numpy as np

from contacts_nb.queries.contact_query import ContactQuery

_AROUND = 200  # rows before and behind


def row_of(query: ContactQuery, contact: int, before: int) -> int | None:
    """The row of `contact`, which stood in row `before`; None if it isn't near there and not at the top either.

    Whoever was just changed or has just written is often at the top, and all rows of a million aren't looked at.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> added = [ws.add_contact(first_name=name) for name in ("Ann", "Bo", "Cy")]
    >>> row_of(ws.contacts.sort_by("id", descending=True), 1, 0)
    2
    """
    for first in dict.fromkeys((max(0, before - _AROUND), 0)):
        found = np.flatnonzero(query.ids(first, 2 * _AROUND + 1) == contact)
        if len(found):
            return first + int(found[0])
    return None
