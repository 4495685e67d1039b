"""The working calendar that holds now: plans of the kept library, plans that were entered, days that are expected."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

import chinese_calendar

from qingyuan.bureau.base.models import HolidayPlan
from qingyuan.clock import BEIJING
from qingyuan.rules import rule_book
from qingyuan.science.deadlines import Due, WorkCalendar
from qingyuan.science.deadlines import after_working_days as walk

END_OF_DAY = time(17, 30)
Plan = dict[date, tuple[bool, str]]
CHINESE = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


@cache
def shipped_plans() -> dict[int, Plan]:
    """The plans of the years that the kept library knows."""
    found: dict[int, Plan] = {}
    for year in sorted({day.year for day in chinese_calendar.constants.holidays}):
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        found[year] = {day: _told(day) for day in days if day.year == year and _differs(day)}
    return found


def _differs(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day)) != (day.weekday() < 5) or _name(day) != ""


def _name(day: date) -> str:
    name = chinese_calendar.get_holiday_detail(day)[1]
    return CHINESE.get(name, name) if name else ""


def _told(day: date) -> tuple[bool, str]:
    works, name = bool(chinese_calendar.is_workday(day)), _name(day)
    return works, f"{name}调休上班" if works else name


def entered_plans() -> dict[int, HolidayPlan]:
    """The plan last entered, by year."""
    return {plan.year: plan for plan in HolidayPlan.objects.order_by("pk")}


def shipped_calendar() -> WorkCalendar:
    """The calendar of an installation into which no plan was entered."""
    return WorkCalendar(shipped_plans(), {day: row.name_zh for day, row in rule_book().holidays.items()})


def work_calendar() -> WorkCalendar:
    """The calendar with the plans that were entered; they go before the library's."""
    shipped = shipped_calendar()
    own = {
        year: {date.fromisoformat(day): (bool(works), str(name)) for day, (works, name) in plan.days.items()}
        for year, plan in entered_plans().items()
    }
    return WorkCalendar({**shipped.plans, **own}, shipped.expected)


def due_after_working_days(start: datetime, count: int) -> Due:
    """The close of the n-th working day after `start` in Beijing, with what was skipped and whether it may move."""
    return walk(start, count, work_calendar(), END_OF_DAY, BEIJING)
