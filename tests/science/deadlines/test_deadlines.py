"""When a time limit ends: examples of the general rule, and what holds of every limit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.clock import BEIJING
from qingyuan.science.deadlines import (
    Pause,
    WorkCalendar,
    after_days,
    after_hours,
    after_working_days,
    working_days_between,
)
from qingyuan.science.deadlines._due import LONGEST

CLOSE = time(17, 30)
NEW_YEAR = date(2027, 1, 1)
PLAN_2026 = {
    date(2026, 10, 1): (False, "国庆节"),
    date(2026, 10, 2): (False, "国庆节"),
    date(2026, 10, 10): (True, "国庆节调休上班"),
}
KNOWN = WorkCalendar({2026: PLAN_2026}, {NEW_YEAR: "元旦"})
EVERY = settings(deadline=None, derandomize=True, max_examples=150)
starts = st.integers(0, 180 * 24 * 60).map(lambda n: datetime(2026, 9, 1, tzinfo=BEIJING) + timedelta(minutes=n))
spans = st.tuples(starts, st.integers(0, 20)).map(lambda p: Pause(p[0], p[0] + timedelta(days=p[1], hours=3)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def test_new_year_of_an_unannounced_year_is_no_working_day() -> None:
    """A limit of one working day from the last day of 2026 ended on 1 January 2027, a Friday on which nobody works.

    Now the general rule speaks where no plan does, and the end says that it may move.
    """
    found = after_working_days(at("2026-12-31T09:00"), 1, KNOWN, CLOSE, BEIJING)
    assert found.at == at("2027-01-04T17:30")
    assert found.is_provisional
    assert [(s.day.isoformat(), s.name) for s in found.skipped] == [
        ("2027-01-01", "元旦"), ("2027-01-02", "星期六"), ("2027-01-03", "星期日"),
    ]  # fmt: skip


def test_an_announced_span_is_certain_and_a_worked_saturday_counts() -> None:
    found = after_working_days(at("2026-10-09T09:00"), 1, KNOWN, CLOSE, BEIJING)
    assert (found.at, found.is_provisional, found.skipped) == (at("2026-10-10T17:30"), False, ())


@pytest.mark.parametrize(
    ("start", "days", "end", "skipped"),
    [
        pytest.param("2026-11-30T09:00", 4, "2026-12-04T17:30", [], id="ends-on-friday"),
        pytest.param("2026-11-30T09:00", 5, "2026-12-07T17:30", ["星期六", "星期日"], id="rolls-off-saturday"),
        pytest.param("2026-12-30T09:00", 2, "2027-01-04T17:30", ["元旦", "星期六", "星期日"], id="rolls-off-new-year"),
        pytest.param("2026-12-02T09:00", 20, "2026-12-22T17:30", [], id="weekends-inside-count"),
    ],
)
def test_calendar_days_roll_off_a_day_of_rest(start: str, days: int, end: str, skipped: list[str]) -> None:
    found = after_days(at(start), days, KNOWN, CLOSE, BEIJING)
    assert found.at == at(end)
    assert [s.name for s in found.skipped] == skipped


def test_a_pause_over_a_weekend_is_left_out_once() -> None:
    """Others add the length of the pause and then skip its weekend again."""
    pause = [Pause(at("2026-12-03T09:00"), at("2026-12-08T09:00"))]  # Thursday to Tuesday
    found = after_working_days(at("2026-12-01T09:00"), 3, KNOWN, CLOSE, BEIJING, pause)
    assert found.at == at("2026-12-09T17:30")  # Wednesday 2, Tuesday 8, Wednesday 9
    assert [s.name for s in found.skipped] == ["中止"] * 5


def test_hours_stand_still_in_a_pause() -> None:
    two = (("2026-12-01T10:00", "2026-12-01T12:00"), ("2026-12-01T11:00", "2026-12-01T13:00"))
    pause = [Pause(at(since), at(until)) for since, until in two]
    assert after_hours(at("2026-12-01T09:00"), 4, pause).at == at("2026-12-01T16:00")
    assert after_hours(at("2026-12-01T09:00"), 1, pause).at == at("2026-12-01T10:00")
    assert after_hours(at("2026-12-01T10:30"), 1, pause).at == at("2026-12-01T14:00")


def test_a_limit_that_cannot_end_is_an_error() -> None:
    century = [Pause(at("2026-12-01T09:00"), at("2126-12-01T09:00"))]
    with pytest.raises(ValueError, match="pauses that end"):
        after_working_days(at("2026-12-01T09:00"), 1, KNOWN, CLOSE, BEIJING, century)
    with pytest.raises(ValueError, match="0 or more"):
        after_days(at("2026-12-01T09:00"), -1, KNOWN, CLOSE, BEIJING)


@EVERY
@given(starts, st.integers(0, 60), st.lists(spans, max_size=3))
def test_what_lies_between_is_what_was_added(start: datetime, count: int, pauses: list[Pause]) -> None:
    end = after_working_days(start, count, KNOWN, CLOSE, BEIJING, pauses).at
    assert working_days_between(start, end, KNOWN, BEIJING, pauses) == count


@EVERY
@given(starts, st.integers(0, 30), starts, st.integers(0, 15), st.integers(0, 15))
def test_two_pauses_that_meet_are_one(start: datetime, count: int, since: datetime, first: int, second: int) -> None:
    middle, end = since + timedelta(days=first), since + timedelta(days=first + second)
    parts, whole = [Pause(since, middle), Pause(middle, end)], [Pause(since, end)]
    for after in (after_working_days, after_days):
        assert after(start, count, KNOWN, CLOSE, BEIJING, parts) == after(start, count, KNOWN, CLOSE, BEIJING, whole)
    assert after_hours(start, count, parts) == after_hours(start, count, whole)


@EVERY
@given(starts, st.integers(1, 40), st.lists(spans, max_size=2))
def test_the_end_is_a_day_on_which_somebody_works(start: datetime, count: int, pauses: list[Pause]) -> None:
    for after in (after_working_days, after_days):
        end = after(start, count, KNOWN, CLOSE, BEIJING, pauses).at
        assert KNOWN.on(end.date()).works
        assert not any(pause.holds(end.date(), BEIJING) for pause in pauses)


@EVERY
@given(starts, st.integers(0, 40), st.integers(0, 10))
def test_a_longer_limit_ends_no_sooner(start: datetime, count: int, more: int) -> None:
    for after in (after_working_days, after_days):
        assert after(start, count + more, KNOWN, CLOSE, BEIJING).at >= after(start, count, KNOWN, CLOSE, BEIJING).at


def test_hours_are_certain_and_none_end_where_the_clock_stands() -> None:
    """No hours from the begin of a pause end with the pause: while it lasts, no moment counts."""
    start = at("2026-12-01T10:00")
    found = after_hours(start, 0, [Pause(start, at("2026-12-01T12:00"))])
    assert (found.at, found.is_provisional) == (at("2026-12-01T12:00"), False)
    assert after_hours(start, 2, [Pause(at("2026-12-01T12:00"), at("2026-12-01T15:00"))]).at == at("2026-12-01T12:00")


def test_a_limit_of_fifty_years_ends_and_one_a_day_longer_is_refused() -> None:
    start = at("2026-12-01T10:00")
    last = start + LONGEST
    assert after_days(start, 1, WorkCalendar({}, {}), CLOSE, BEIJING, [Pause(start, last)]).at.date() >= last.date()
    with pytest.raises(ValueError, match="does not end by"):
        after_days(start, 1, WorkCalendar({}, {}), CLOSE, BEIJING, [Pause(start, last + timedelta(days=1))])
