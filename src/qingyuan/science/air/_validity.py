"""The validity figures that day values are held to, laid out beside the days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook
from qingyuan.science.rounding import Integers, scaled

HOURS = 24
DAY_ITEMS = ("SO2", "NO2", "CO", "O3", "O3_8h", "PM10", "PM2_5")
NEVER = HOURS + 1


@dataclass(frozen=True)
class DayRules:
    """Least valid hours, least windows and ozone limit (scaled) by day; the shape of a window; decimals kept.

    On a day without any rule the counts cannot be reached.
    """

    hours: Integers
    windows: Integers
    ozone_limit: Integers
    least_window_hours: int
    first_window_end: int
    window_hours: int
    decimals: dict[str, int]


def day_rules(days: pl.Series, book: RuleBook) -> DayRules:
    """Figures for a column of dates; the shape of a window and the decimals are those of the newest day."""
    known: list[date] = [day for day in days.unique().sort() if day is not None]
    newest = max([book.validity_rows.turning_days[-1], book.decimal_rows.turning_days[-1], *known[-1:]])
    table: dict[date | None, tuple[int, int, int]] = {day: _of_day(day, book) for day in known}
    table[None] = (NEVER, NEVER, np.iinfo(np.int64).max)
    rows = np.array([table[day] for day in days], dtype=np.int64).reshape(-1, 3)
    return DayRules(
        rows[:, 0],
        rows[:, 1],
        rows[:, 2],
        int(book.validity("air.8h.hours", newest)),
        int(book.validity("air.o3_8h.first_window_end", newest)),
        int(book.validity("air.o3_8h.window_hours", newest)),
        {item: book.decimals("air_day", item, newest) for item in DAY_ITEMS},
    )


def _of_day(day: date, book: RuleBook) -> tuple[int, int, int]:
    try:
        limit = book.air_limits(day)["O3_8h", "day"]
        second = int(book.validity("air.o3_8h.exception_grade", day)) == 2
        return (
            int(book.validity("air.day.hours", day)),
            int(book.validity("air.o3_8h.windows", day)),
            scaled(limit.grade2 if second else limit.grade1),
        )
    except NoRuleError:
        return NEVER, NEVER, np.iinfo(np.int64).max
