from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, text

from contacts_nb.model.errors import InvalidValue
from contacts_nb.store.types import UtcMilliseconds, from_milliseconds, to_milliseconds

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1800, 1, 1), datetime(2500, 1, 1), timezones=ZONES)  # noqa: DTZ001 - bounds


@given(MOMENTS)
def test_a_moment_of_any_zone_comes_back_in_utc_cut_to_the_millisecond(moment):
    back = from_milliseconds(to_milliseconds(moment))
    assert back.tzinfo is UTC
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


@given(st.integers(-(10**13), 10**13))
def test_milliseconds_come_back_as_they_are(milliseconds):
    assert to_milliseconds(from_milliseconds(milliseconds)) == milliseconds


@given(MOMENTS, MOMENTS)
def test_the_order_of_moments_is_the_order_of_their_numbers(one, other):
    if one <= other:
        assert to_milliseconds(one) <= to_milliseconds(other)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(InvalidValue, match="no time zone"):
        to_milliseconds(datetime(2026, 3, 2))  # noqa: DTZ001 - the point


def test_a_column_holds_numbers_and_gives_moments():
    times = Table("times", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcMilliseconds))
    engine = create_engine("sqlite://")
    moment = datetime(2026, 3, 2, 12, 0, 0, 123_000, UTC)
    with engine.begin() as connection:
        times.create(connection)
        connection.execute(insert(times), [{"at": moment}, {"at": None}])
        stored = connection.execute(text("SELECT at FROM times")).scalars().all()
        read = connection.execute(select(times.c.at)).scalars().all()
        found = connection.execute(select(times.c.id).where(times.c.at == moment)).scalars().all()
    engine.dispose()
    assert (stored, read, found) == ([1_772_452_800_123, None], [moment, None], [1])
