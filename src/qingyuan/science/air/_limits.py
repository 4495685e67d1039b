"""Limits of GB 3095 laid out beside days or periods."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from qingyuan.rules import AirLimit, NoRuleError, RuleBook
from qingyuan.science.rounding import Integers, Mask, divide_half_even, scaled

NO_LIMIT = -1
EPOCH = date(1970, 1, 1)


class Limits:
    """Limits by date, or those of one named edition of the index for all dates.

    Under a named edition the limits are those in force on its first day: the 2012 limits with HJ633-2012, the
    transition limits of 2026 with HJ633-2026.
    """

    def __init__(self, book: RuleBook, standard: str, grade: int) -> None:
        self._book, self._grade = book, grade
        self._fixed = None if standard == "auto" else book.aqi_edition(standard).origin.period.since
        self._rows: dict[tuple[str, str, date], AirLimit | None] = {}

    def row(self, item: str, averaging: str, day: date) -> AirLimit | None:
        """The limit row for a date; None where there is none."""
        key = (item, averaging, self._fixed or day)
        if key not in self._rows:
            try:
                self._rows[key] = self._book.air_limits(key[2]).get((item, averaging))
            except NoRuleError:
                self._rows[key] = None
        return self._rows[key]

    def values(self, item: str, averaging: str, days: pl.Series) -> Integers:
        """Scaled limits beside a column of dates, NO_LIMIT where there is none."""
        turns = self._turns
        first, last = days.min(), days.max()
        if isinstance(first, date) and isinstance(last, date) and not days.null_count():
            begun = bisect_right(turns, first)
            if begun == bisect_right(turns, last):
                return np.full(len(days), self.value(item, averaging, turns[begun - 1]) if begun else NO_LIMIT)
        numbers = days.to_physical().fill_null(np.iinfo(np.int32).min).cast(pl.Int64).to_numpy()
        table = np.array([NO_LIMIT, *(self.value(item, averaging, day) for day in turns)], dtype=np.int64)
        found: Integers = table[np.searchsorted([(day - EPOCH).days for day in turns], numbers, side="right")]
        return found

    @cached_property
    def _turns(self) -> list[date]:
        """Days on which a limit starts or the day after one ends; any day where one edition holds for all."""
        if self._fixed is not None:
            return [date.min]
        found: set[date] = set()
        for entries in self._book.air_limit_rows.entries.values():
            for period, _ in entries:
                found.add(period.since)
                if period.until is not None:
                    found.add(period.until + timedelta(days=1))
        return sorted(found)

    def value(self, item: str, averaging: str, day: date) -> int:
        """One scaled limit, NO_LIMIT where there is none."""
        row = self.row(item, averaging, day)
        if row is None:
            return NO_LIMIT
        return scaled(row.grade1 if self._grade == 1 else row.grade2)

    def standard(self, day: date) -> str | None:
        """The standard the limits come from, None where there is none."""
        row = self.row("PM2_5", "day", day)
        return None if row is None else row.origin.standard


def exceedance_multiple(values: Integers, limits: Integers, above: Mask, decimals: int) -> pl.Series:
    """(C - S) / S where `above`, half to even; null elsewhere.

    References
    ----------
    HJ 663-2013 (exceedance multiple; decimals from memory, hence a setting).
    """
    power = 10**decimals
    safe = np.where(limits > 0, limits, 1)
    multiple = divide_half_even((np.where(above, values, safe) - safe) * power, safe) / power
    return pl.Series(np.where(above, multiple, np.nan)).fill_nan(None)
