"""Moments and spans of time in words, short enough for a table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_timedelta

from contacts_nb.model.errors import InvalidValue


def moment(at: datetime | None, now: datetime, zone: ZoneInfo, *, inside: bool = False) -> str:
    """When something was, in `zone`, with the time of day where it was lately; "" for None.

    Other words stand before it if it is `inside` a sentence.

    >>> from datetime import UTC
    >>> now, zone = datetime(2026, 3, 2, 12, 0, tzinfo=UTC), ZoneInfo("UTC")
    >>> [moment(now - timedelta(days=days), now, zone) for days in (0, 1, 20, 90)]
    ['Today 12:00', 'Yesterday 12:00', '10 Feb 12:00', '2 Dec 2025']
    >>> moment(now, now, zone, inside=True)
    'today 12:00'
    """
    if at is None:
        return ""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days_ago = (today - local.date()).days
    if days_ago in (0, 1):
        named = ("today", "yesterday")[days_ago]
        return f"{named if inside else named.capitalize()} {local:%H:%M}"
    if local.year == today.year:
        return f"{local.day} {local:%b %H:%M}"
    return day(at, zone)


def day(at: datetime, zone: ZoneInfo) -> str:
    """The day of a moment in `zone`.

    >>> from datetime import UTC
    >>> day(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), ZoneInfo("Asia/Tokyo"))
    '3 Mar 2026'
    """
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def span(length: timedelta) -> str:
    """A length of time in its largest fitting unit.

    >>> span(timedelta(minutes=5)), span(timedelta(days=40))
    ('5 minutes', '1 month')
    """
    return format_timedelta(max(length, timedelta(0)), locale="en")


def checked_time_zone(name: Any) -> str:
    """`name` itself; raises `InvalidValue` unless it is a time zone of the IANA database.

    >>> checked_time_zone("Europe/London")
    'Europe/London'
    """
    try:
        return ZoneInfo(name).key
    except (TypeError, ValueError, OSError, ZoneInfoNotFoundError):
        raise InvalidValue("time zone", name, "is not known; give an IANA name such as Europe/London") from None
