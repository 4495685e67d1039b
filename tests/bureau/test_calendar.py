"""Working days of the holiday plans that the State Council announced."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from qingyuan.bureau.calendar import after_working_days, is_known, is_working_day
from qingyuan.clock import BEIJING


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param(date(2025, 10, 1), False, id="national-day"),
        pytest.param(date(2025, 10, 11), True, id="saturday-worked"),
        pytest.param(date(2025, 9, 28), True, id="sunday-worked"),
        pytest.param(date(2025, 1, 28), False, id="eve-of-spring-festival"),
        pytest.param(date(2025, 11, 21), True, id="friday"),
        pytest.param(date(2025, 11, 22), False, id="saturday"),
    ],
)
def test_days_of_2025(day: date, works: bool) -> None:
    assert is_known(day)
    assert is_working_day(day) is works


def test_year_without_a_plan_counts_weekends_only() -> None:
    day = date(2090, 10, 2)  # a Monday in what will be a holiday
    assert not is_known(day)
    assert is_working_day(day)
    assert not is_working_day(date(2090, 10, 7))


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        pytest.param(datetime(2025, 11, 21, 1, tzinfo=UTC), 1, "2025-11-24T17:30:00+08:00", id="over-a-weekend"),
        pytest.param(datetime(2025, 9, 30, 1, tzinfo=UTC), 1, "2025-10-09T17:30:00+08:00", id="over-a-holiday"),
        pytest.param(datetime(2025, 10, 9, 1, tzinfo=UTC), 2, "2025-10-11T17:30:00+08:00", id="to-a-worked-saturday"),
        pytest.param(
            datetime(2025, 11, 23, 16, 30, tzinfo=UTC), 1, "2025-11-25T17:30:00+08:00", id="monday-in-beijing-already"
        ),
        pytest.param(datetime(2025, 11, 21, 1, tzinfo=UTC), 0, "2025-11-21T17:30:00+08:00", id="same-day"),
    ],
)
def test_close_of_the_nth_working_day(start: datetime, days: int, expected: str) -> None:
    found = after_working_days(start, days)
    assert found.isoformat() == expected
    assert found.tzinfo == BEIJING
