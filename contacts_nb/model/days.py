"""Days of a time zone as stretches of time, in milliseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = date(1970, 1, 1)


def day_start(day: date, zone: ZoneInfo) -> int:
    """When `day` begins in `zone`: at its first midnight, or where clocks skip that, when they do.

    >>> day_start(date(1970, 1, 2), ZoneInfo("UTC")), day_start(date(1970, 1, 2), ZoneInfo("Asia/Tokyo"))
    (86400000, 54000000)
    """
    # In whole numbers, because the first and last days of the calendar reach beyond it in other zones.
    offset = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset() or timedelta(0)
    return ((day - _EPOCH) - offset) // _MILLISECOND


def day_end(day: date, zone: ZoneInfo) -> int:
    """When `day` is over in `zone`: the start of the next one.

    >>> london, day = ZoneInfo("Europe/London"), date(2026, 3, 29)
    >>> (day_end(day, london) - day_start(day, london)) // 3_600_000
    23
    """
    return day_start(day, zone) + _DAY // _MILLISECOND if day == date.max else day_start(day + _DAY, zone)


def today(now: int, zone: ZoneInfo) -> date:
    """The day in `zone` at the moment `now`.

    >>> today(0, ZoneInfo("Asia/Tokyo")).isoformat()
    '1970-01-01'
    """
    return (datetime(1970, 1, 1, tzinfo=UTC) + now * _MILLISECOND).astimezone(zone).date()
