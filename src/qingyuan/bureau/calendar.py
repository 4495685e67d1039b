"""Working days of the People's Republic of China.

The yearly holiday plan is known only for years already announced; beyond them weekends alone count as free, and
`is_known` says so, so that a page can say it too.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import chinese_calendar

from qingyuan.clock import BEIJING, beijing

END_OF_DAY = time(17, 30)


def is_known(day: date) -> bool:
    """Whether the holiday plan of that year is known."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_working_day(day: date) -> bool:
    """Whether offices work on that day."""
    return bool(chinese_calendar.is_workday(day)) if is_known(day) else day.weekday() < 5


def after_working_days(start: datetime, days: int) -> datetime:
    """The close of the n-th working day after `start` (the first day is not counted), in Beijing time."""
    day = beijing(start).date()
    while days > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            days -= 1
    return datetime.combine(day, END_OF_DAY, BEIJING)
