"""The validity figures that day values are held to, laid out beside the days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

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
    last = days.max()
    newest = max([book.validity_rows.turning_days[-1], book.decimal_rows.turning_days[-1]])
    if isinstance(last, date):
        newest = max(newest, last)
    turns = _turning_days(book)
    table = np.array([(NEVER, NEVER, np.iinfo(np.int64).max), *(_of_day(day, book) for day in turns)], dtype=np.int64)
    numbers = days.to_physical().fill_null(_before(turns)).cast(pl.Int64).to_numpy()
    rows = table[np.searchsorted([_number(day) for day in turns], numbers, side="right")]
    return DayRules(
        rows[:, 0],
        rows[:, 1],
        rows[:, 2],
        int(book.validity("air.8h.hours", newest)),
        int(book.validity("air.o3_8h.first_window_end", newest)),
        int(book.validity("air.o3_8h.window_hours", newest)),
        {item: book.decimals("air_day", item, newest) for item in DAY_ITEMS},
    )


def _turning_days(book: RuleBook) -> list[date]:
    """Days on which an air limit or a validity count starts, or the day after one ends."""
    found: set[date] = set()
    for entries in (*book.air_limit_rows.entries.values(), *book.validity_rows.entries.values()):
        for period, _ in entries:
            found.add(period.since)
            if period.until is not None:
                found.add(period.until + timedelta(days=1))
    return sorted(found)


def _number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _before(turns: list[date]) -> int:
    return _number(turns[0]) - 1


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
