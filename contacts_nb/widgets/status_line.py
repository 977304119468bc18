"""What is shown, in one sentence: how many of all contacts, and which."""

from __future__ import annotations

from collections.abc import Mapping

from contacts_nb.model.fields import Field
from contacts_nb.model.filter_sentence import sentence
from contacts_nb.model.filters import EVERYONE
from contacts_nb.widgets.import_words import counted
from contacts_nb.widgets.state import ViewState


def status(state: ViewState, fields: Mapping[str, Field]) -> str:
    """The sentence; custom `fields`, by slug, are called by their names.

    >>> import contacts_nb as cn, tempfile
    >>> from contacts_nb import F
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> added = [ws.add_contact(first_name=name, country="GB") for name in ("Ann", "Bo")]
    >>> state = ViewState(ws.contacts)
    >>> status(state, {})
    '2 contacts'
    >>> state.filter, state.search = F.country == "GB", "ann"
    >>> status(state, {})
    '1 of 2 contacts: Country is United Kingdom, and “ann” is found'
    """
    results = state.results
    tree = state.within & state.filter
    said = [] if tree == EVERYONE else [sentence(tree, fields)]
    if state.search.strip():
        said.append(f"“{state.search.strip()}” is found")
    if not said:
        return counted(results.total, "contact")
    which = ", and ".join(said)
    return f"{results.count:,} of {counted(results.total, 'contact')}: {which}"
