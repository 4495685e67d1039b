"""Limits of GB 3095 laid out beside days or periods."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import AirLimit, NoRuleError, RuleBook
from qingyuan.science.rounding import Integers, Mask, divide_half_even, scaled

NO_LIMIT = -1


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
        known = days.unique().drop_nulls()
        table = {day: self.value(item, averaging, day) for day in known}
        joined = (
            days.replace_strict(list(table), list(table.values()), default=NO_LIMIT, return_dtype=pl.Int64)
            if table
            else pl.Series([NO_LIMIT] * len(days), dtype=pl.Int64)
        )
        return joined.fill_null(NO_LIMIT).to_numpy()

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
