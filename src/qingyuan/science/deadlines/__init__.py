"""When a time limit ends: working days, calendar days, hours, with pauses, each skipped day named."""

from __future__ import annotations

from qingyuan.science.deadlines._due import (
    Due,
    Pause,
    Skipped,
    after_days,
    after_hours,
    after_working_days,
    working_days_between,
)
from qingyuan.science.deadlines._work_calendar import Day, WorkCalendar

__all__ = [
    "Day",
    "Due",
    "Pause",
    "Skipped",
    "WorkCalendar",
    "after_days",
    "after_hours",
    "after_working_days",
    "working_days_between",
]
