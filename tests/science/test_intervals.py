"""Hours and days in Beijing civil time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.intervals import (
    BEIJING,
    Interval,
    beijing_date,
    civil_day,
    day_of,
    hour_of,
    minutes_of,
)

NOON = datetime(2026, 3, 1, 12, 34, 56, tzinfo=BEIJING)


def test_the_beijing_day_starts_at_16_utc() -> None:
    assert day_of(NOON) == Interval(datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 1, 16, tzinfo=UTC))
    assert beijing_date(datetime(2026, 2, 28, 16, tzinfo=UTC)) == date(2026, 3, 1)


def test_a_day_has_24_hours_that_join_up() -> None:
    hours = list(civil_day(date(2026, 3, 1)).hours())
    assert len(hours) == 24
    assert all(first.end == second.start for first, second in pairwise(hours))
    assert hours[12] == hour_of(NOON)


def test_half_open() -> None:
    hour = hour_of(NOON)
    assert hour.covers(hour.start)
    assert not hour.covers(hour.end)
    assert not hour.overlaps(hour_of(hour.end))
    assert hour_of(NOON.astimezone(UTC)) == hour


def test_ten_minutes() -> None:
    assert minutes_of(NOON, 10).start.astimezone(BEIJING).minute == 30
    with pytest.raises(BadArgumentError, match="divisor"):
        minutes_of(NOON, 7)


def test_naive_and_unordered_times_are_refused() -> None:
    with pytest.raises(BadArgumentError, match="aware"):
        hour_of(NOON.replace(tzinfo=None))
    with pytest.raises(BadArgumentError, match="after"):
        Interval(NOON, NOON)
