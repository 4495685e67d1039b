"""Working days of the announced holiday plans, of years without one, and what an entered plan changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bureau.handling import open_for
from bureau.office import Office
from qingyuan import clock
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.calendar.kept import due_after_working_days, shipped_calendar, work_calendar
from qingyuan.bureau.base.errors import BureauError, NotAllowed
from qingyuan.bureau.cases.actions.deadlines import enter_holiday_plan
from qingyuan.bureau.cases.models import Case
from qingyuan.clock import BEIJING

PLAN = "2027-01-01～2027-01-03 放假 元旦\n2027-01-04 放假 元旦\n2027-01-09 上班 元旦调休\n"


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
    found = shipped_calendar().on(day)
    assert (found.works, found.is_provisional) == (works, False)


@pytest.mark.parametrize("day", ["2027-01-01", "2027-02-05", "2027-02-10", "2027-04-05", "2027-05-04", "2027-06-09",
                                 "2027-09-15", "2027-10-05"])  # fmt: skip
def test_statutory_days_of_a_year_without_a_plan_are_off(day: str) -> None:
    found = shipped_calendar().on(date.fromisoformat(day))
    assert (found.works, found.is_provisional) == (False, True)
    assert found.name


def test_beyond_the_table_the_weekends_are_left() -> None:
    day = date(2090, 10, 2)  # a Monday in what will be a holiday
    assert shipped_calendar().on(day).works
    assert not shipped_calendar().on(date(2090, 10, 7)).works
    assert shipped_calendar().on(day).is_provisional


@pytest.mark.django_db
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
    found = due_after_working_days(start, days)
    assert found.at.isoformat() == expected
    assert found.at.tzinfo == BEIJING
    assert not found.is_provisional


def test_an_entered_plan_moves_open_deadlines_and_says_so(office: Office) -> None:
    """A provisional deadline was never worked out again when the plan came.

    Now each that moves has a line on its case and in the audit trail; one that a person set stays.
    """
    clock.set_clock(clock.FixedClock(datetime(2026, 12, 30, 1, tzinfo=UTC)))
    provisional, by_hand = open_for(office, office.gas), open_for(office, office.waste)
    assert provisional.is_deadline_provisional
    Case.objects.filter(pk=by_hand.pk).update(deadline_at=provisional.deadline_at, deadline_rule={})
    before = provisional.deadline_at
    plan, moved = enter_holiday_plan(None, 2027, PLAN, "国办发明电 1 号")
    provisional.refresh_from_db()
    by_hand.refresh_from_db()
    assert [case.pk for case in moved] == [provisional.pk]
    assert provisional.deadline_at == before + timedelta(days=1)  # 4 January off; the 9th, a Saturday, is worked
    assert not provisional.is_deadline_provisional
    assert by_hand.deadline_at == before
    assert provisional.events.filter(verb="deadline_recomputed", note__contains="国办发明电 1 号").count() == 1
    assert AuditEntry.objects.filter(verb="case.deadline", object_id=str(provisional.pk)).count() == 1
    assert work_calendar().on(date(2027, 1, 9)).works
    assert plan.year == 2027


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "没有一天放假", id="empty"),
        pytest.param("2027-01-09 上班", "没有一天放假", id="only-worked-days"),
        pytest.param("2026-01-01 放假 元旦", "不在 2027 年", id="other-year"),
        pytest.param("2027-01-01 放假\n2027-01-01 上班", "前面已有一行", id="twice"),
        pytest.param("2027-01-32 放假", "第 1 行的日期", id="no-such-day"),
        pytest.param("2027-01-05～2027-01-01 放假", "应为 1 到 31 天", id="backwards"),
        pytest.param("元旦 2027-01-01", "应如", id="other-order"),
    ],
)
def test_a_plan_that_cannot_be_read_says_which_line(text: str, said: str) -> None:
    with pytest.raises(BureauError, match=said):
        enter_holiday_plan(None, 2027, text, "文")


@pytest.mark.parametrize("who", ["director", "chief", "officer", "south", "firm", "operator", "security", "audit"])
def test_only_the_system_administrator_enters_a_plan(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        enter_holiday_plan(office[who], 2027, PLAN, "文")
