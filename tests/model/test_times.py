from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts_nb.model.times import day, moment, span

LONDON, TOKYO = ZoneInfo("Europe/London"), ZoneInfo("Asia/Tokyo")
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def test_a_moment_is_told_in_the_zone_of_the_workspace():
    at, now = datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert (moment(at, now, LONDON), moment(at, now, TOKYO)) == ("Yesterday 23:30", "Today 08:30")
    assert (day(at, LONDON), day(at, TOKYO)) == ("1 Mar 2026", "2 Mar 2026")


def test_summer_time_is_kept():
    at, now = datetime(2026, 7, 1, 12, 0, tzinfo=UTC), datetime(2026, 7, 1, 15, 0, tzinfo=UTC)
    assert moment(at, now, LONDON) == "Today 13:00"


def test_no_moment_is_no_text():
    assert moment(None, datetime.now(UTC), LONDON) == ""


def test_a_moment_of_another_year_is_told_by_its_day():
    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert moment(datetime(2025, 12, 24, 18, 0, tzinfo=UTC), now, LONDON) == "24 Dec 2025"
    assert moment(datetime(2027, 1, 1, 9, 0, tzinfo=UTC), now, LONDON) == "1 Jan 2027"


@given(MOMENTS, MOMENTS, st.sampled_from([LONDON, TOKYO, ZoneInfo("America/Los_Angeles")]))
def test_today_and_yesterday_are_those_of_the_zone(at, now, zone):
    days_ago = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
    text = moment(at, now, zone)
    assert text.startswith("Today ") == (days_ago == 0)
    assert text.startswith("Yesterday ") == (days_ago == 1)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(days=3), "3 days"),
        (timedelta(days=365 * 4), "4 years"),
    ],
)
def test_a_span_is_told_in_its_largest_unit(length, text):
    assert span(length) == text


@given(st.timedeltas(max_value=timedelta(0)))
def test_a_span_that_has_not_begun_is_none(length):
    assert span(length) == "0 seconds"
