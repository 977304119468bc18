"""Column types that hold what Python has and a database lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from contacts_nb.model.errors import InvalidValue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 in UTC; raises `InvalidValue` for a time without a zone.

    >>> to_milliseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000
    """
    if moment.tzinfo is None:
        raise InvalidValue("time", moment.isoformat(), "has no time zone; give one, such as tzinfo=UTC")
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """The moment in UTC, exact to the millisecond.

    >>> from_milliseconds(1500).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return _EPOCH + timedelta(milliseconds=milliseconds)


class UtcMilliseconds(TypeDecorator[datetime]):
    """A moment as integer milliseconds since 1970 UTC: smaller to index and faster to insert than text."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else to_milliseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_milliseconds(value)
