"""`ws.preferences`: how the user likes to see things, such as the columns of the table and their widths."""

from __future__ import annotations

from typing import Any

from contacts_nb.model.errors import InvalidValue
from contacts_nb.model.people import refusal
from contacts_nb.operations.preferences import set_preference
from contacts_nb.queries.preferences import preference
from contacts_nb.workspace.access import Access

_NAME_LENGTH = 64


class Preferences:
    """Values by name that only this user sees, and that widgets keep from one visit to the next.

    A value is what JSON can say: texts, numbers, True and False, None, and lists and dicts of those. They are no
    part of history. Without users they are everybody's.

    >>> import contacts_nb as cn, tempfile
    >>> ws = cn.create(tempfile.mkdtemp() + "/contacts.db")
    >>> ws.preferences["columns"] = ["name", "phone"]
    >>> ws.preferences["columns"]
    ['name', 'phone']
    >>> ws.preferences["widths"] is None
    True
    """

    def __init__(self, access: Access) -> None:
        self._access = access

    def __getitem__(self, name: str) -> Any:
        with self._access.read() as connection:
            return preference(connection, self._access.user_id, _checked_name(name))

    def __setitem__(self, name: str, value: object) -> None:
        checked = _checked_name(name)
        with self._access.database.write() as connection:
            self._access.check(connection, "read")
            try:
                set_preference(connection, self._access.user_id, checked, value)
            except (TypeError, ValueError) as error:
                raise refusal("preference", value, f"can't be kept ({error}); give what JSON can say") from error

    # Python would try the names 0, 1, 2 … of `__getitem__`.
    __iter__ = None


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= _NAME_LENGTH:
        raise InvalidValue(
            "preference", str(name), f"is not a name; give a text of at most {_NAME_LENGTH} letters"
        )
    return name
