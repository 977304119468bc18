"""A contact store with search, tables and an app for Jupyter and Voilà.

>>> import contacts_nb as cn, tempfile
>>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
>>> ann = ws.add_contact(first_name="Ann", email="ann@example.org")
>>> ws.contacts.search("ann").count()
1
"""

from __future__ import annotations

from typing import Any

from contacts_nb.model.errors import ContactsError
from contacts_nb.model.filter_expressions import F
from contacts_nb.model.filters import EVERYONE, Filter
from contacts_nb.queries import contact_query
from contacts_nb.queries.contact_query import ContactQuery
from contacts_nb.workspace import Workspace, create, listing, open, restore  # noqa: A004 - read as cn.open

__version__ = "0.1.0"
__all__ = ["EVERYONE", "ContactQuery", "ContactsError", "F", "Filter", "Workspace", "create", "open", "restore"]


def _table_of(query: ContactQuery) -> Any:
    # Imported when a notebook shows a query: a program without widgets shouldn't pay for them.
    from contacts_nb.widgets import ContactTable  # noqa: PLC0415

    return ContactTable(query)


def _html_of(frame: Any) -> str:
    from contacts_nb.widgets.listing_table import listing_html  # noqa: PLC0415 - as above

    return listing_html(frame)


contact_query.notebook_view = _table_of
listing.table_html = _html_of
